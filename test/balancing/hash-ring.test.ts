import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HashRing, hashOf, pointsOf } from '../../src/balancing/hash-ring.js';

const KEYS = Array.from({ length: 500 }, (_, i) => hashOf(`key-${i}`));
const hostsWithPoints = fc
  .uniqueArray(fc.ipV4(), { minLength: 2, maxLength: 12 })
  .map((hosts) => hosts.map((host) => ({ host, points: pointsOf(host, 12200, 128) })));

type Owner = { host: string; points: Uint32Array };

function ownersOf(owners: readonly Owner[]): string[] {
  const ring = new HashRing(owners.map(({ points }) => points));
  return KEYS.map((hash) => owners[ring.ownerAt(ring.find(hash))].host);
}

describe('HashRing', () => {
  test('an owner that leaves gives away its own keys and no other', () => {
    fc.assert(
      fc.property(hostsWithPoints, fc.nat(), (owners, chance) => {
        const gone = owners[chance % owners.length];
        const before = ownersOf(owners);
        const after = ownersOf(owners.filter((one) => one !== gone));
        before.forEach((host, i) => {
          if (host === gone.host) expect(after[i]).not.toBe(host);
          else expect(after[i]).toBe(host);
        });
      }),
      { numRuns: 30 },
    );
  });

  test('the order of the list changes nothing', () => {
    fc.assert(
      fc.property(hostsWithPoints, (owners) => {
        expect(ownersOf([...owners].reverse())).toEqual(ownersOf(owners));
      }),
      { numRuns: 20 },
    );
  });

  test('a key belongs to the first point at its hash or behind it, around the end', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (points, hash) => {
          const ring = new HashRing(points.map((point) => Uint32Array.of(point)));
          const ceiling = Math.min(...points.filter((point) => point >= hash));
          const wanted = ceiling === Number.POSITIVE_INFINITY ? Math.min(...points) : ceiling;
          expect(points[ring.ownerAt(ring.find(hash))]).toBe(wanted);
          expect(ring.ownerAt(ring.find(hash) + ring.size)).toBe(ring.ownerAt(ring.find(hash)));
        },
      ),
    );
  });

  test('fewer points of an endpoint are the first of its points', () => {
    expect([...pointsOf('10.0.0.1', 12200, 6)]).toEqual([...pointsOf('10.0.0.1', 12200, 128).subarray(0, 6)]);
  });
});
