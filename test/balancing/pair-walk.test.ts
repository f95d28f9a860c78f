import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PairWalk } from '../../src/balancing/pair-walk.js';
import { seededRandom } from '../../src/testing/seeded-random.js';

function pairs(walk: PairWalk, count: number): [first: number, second: number][] {
  return Array.from({ length: count }, () => {
    walk.next();
    return [walk.first, walk.second];
  });
}

/** How often each index is first, and how often second. */
function draws(weights: readonly number[], count: number, seed: number): [number[], number[]] {
  const walk = new PairWalk(weights.length, Float64Array.from(weights), seededRandom(seed));
  const counts: [number[], number[]] = [weights.map(() => 0), weights.map(() => 0)];
  for (const [first, second] of pairs(walk, count)) {
    counts[0][first]++;
    counts[1][second]++;
  }
  return counts;
}

test('in each pass every index is first once and second once, never with itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.integer(), (count, seed) => {
      const walk = new PairWalk(count, undefined, seededRandom(seed));
      for (let pass = 0; pass < 3; pass++) {
        const drawn = pairs(walk, count);
        const all = Array.from({ length: count }, (_, i) => i);
        expect(drawn.map(([first]) => first).sort((a, b) => a - b)).toEqual(all);
        expect(drawn.map(([, second]) => second).sort((a, b) => a - b)).toEqual(all);
        expect(drawn.filter(([first, second]) => first === second)).toEqual([]);
      }
    }),
  );
});

test('over many passes every index meets every other', () => {
  const walk = new PairWalk(6, undefined, seededRandom(3));
  const met = new Set(pairs(walk, 600).map(([first, second]) => `${first} ${second}`));
  expect(met.size).toBe(30);
});

test('by weight, in each pass every index has its part of the draws, rounded', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
      fc.integer(),
      (weights, seed) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (const counts of draws(weights, weights.length, seed)) {
          counts.forEach((count, i) => {
            // It begins somewhere in one step and ends somewhere in another.
            expect(Math.abs(count - (weights.length * weights[i]) / total)).toBeLessThan(2);
          });
        }
      },
    ),
  );
});

test('by weight, over many passes every index has its part of the draws', () => {
  const weights = [1, 2, 3, 14, 100];
  for (const counts of draws(weights, 50_000, 5)) {
    counts.forEach((count, i) => {
      expect(Math.abs(count / 50_000 - weights[i] / 120)).toBeLessThan(0.01);
    });
  }
});

test('a list of one is a pair of the same', () => {
  expect(pairs(new PairWalk(1, undefined, seededRandom(1)), 3)).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

test('a jump begins elsewhere', () => {
  const walk = new PairWalk(1_000, undefined, seededRandom(1));
  walk.next();
  const { first } = walk;
  walk.jump();
  walk.next();
  expect(Math.abs(walk.first - first)).toBeGreaterThan(1);
});
