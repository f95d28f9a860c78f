import { describe, expect, test } from 'vitest';
import { CandidateState } from '../../src/balancing/candidate-state.js';
import { consistentHash } from '../../src/balancing/consistent-hash.js';
import { endpointOf } from '../../src/core/endpoint.js';
import { java } from '../../src/values/java.js';
import { alike, callAfter, callOf, candidate, chiSquare, picks, weighing } from './candidates.js';

const withKey = (key: unknown) => callOf({ args: [key] });
const CONNECTED = candidate('any').link;

/** The 40 keys that Java was given, in its order. */
const KEYS = [
  ...Array.from({ length: 36 }, (_, i) => (i % 2 === 0 ? BigInt(i * 7919) : `user-${i}`)),
  ...['', true, '用户', 'a\u{1f600}'],
];

/** Five endpoints as Java had them: 10.0.0.1:12200 to 10.0.0.5:12204. */
function javaPicks(weighted: boolean): string {
  const candidates = [100, 100, 50, 10, 200].map(
    (weight, i) =>
      new CandidateState(endpointOf(`10.0.0.${i + 1}`, 12200 + i, { weight: String(weight) }), CONNECTED),
  );
  const { host } = picks(consistentHash({ weighted }), candidates);
  return KEYS.map((key) => host(withKey(key))?.slice(-1)).join('');
}

describe('consistentHash', () => {
  test('chooses what ConsistentHashLoadBalancer of SOFARPC 5.13.2 chooses', () => {
    expect(javaPicks(false)).toBe('3454415211142254331244442151251324231525');
  });

  test('weighted, it chooses what WeightConsistentHashLoadBalancer of SOFARPC 5.13.2 chooses', () => {
    expect(javaPicks(true)).toBe('5331455511522125125515525532521555522511');
  });

  test('calls with the same first argument go to the same endpoint', () => {
    const { count } = picks(consistentHash(), alike(20));
    for (const key of [42n, 'ann', java.long(42n), 1.5, false, new Date(0)])
      expect(Object.values(count(20, withKey(key)))).toEqual([20]);
  });

  test('a long of an untyped call is the same key as one of a contract', () => {
    const { host } = picks(consistentHash(), alike(20));
    for (let i = 0n; i < 20n; i++) expect(host(withKey(java.long(i)))).toBe(host(withKey(i)));
  });

  test('a call without a key goes anywhere', () => {
    const { count } = picks(consistentHash(), alike(4));
    for (const call of [callOf(), withKey(null)]) expect(Object.keys(count(200, call))).toHaveLength(4);
    const { count: byKey } = picks(consistentHash({ key: () => undefined }), alike(4));
    expect(Object.keys(byKey(200))).toHaveLength(4);
  });

  test('an object is no key: the error says what to do', () => {
    const { host } = picks(consistentHash(), alike(4));
    expect(() => host(withKey({ id: 1 }))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        service: 'com.acme.S:1.0',
        message: expect.stringContaining('consistentHash({ key'),
      }),
    );
  });

  test('a key from elsewhere', () => {
    const { host } = picks(consistentHash({ key: ({ metadata }) => metadata.tenant }), alike(50));
    const of = (tenant: string) => host(callOf({ args: [{ any: 1 }], metadata: { tenant } }));
    expect(of('one')).toBe(of('one'));
    expect(new Set(Array.from({ length: 50 }, (_, i) => of(`tenant-${i}`))).size).toBeGreaterThan(10);
  });

  test('a key function that throws fails the call with what it said', () => {
    const key = () => {
      throw new Error('no tenant');
    };
    const { host } = picks(consistentHash({ key }), alike(2));
    expect(() => host()).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('no tenant') }),
    );
  });

  test('keys of one that is not ready spread over the others, and come back to it', () => {
    const candidates = alike(10);
    const { host } = picks(consistentHash(), candidates);
    const keys = Array.from({ length: 1_000 }, (_, i) => withKey(`key-${i}`));
    const before = keys.map((key) => host(key));
    const link = candidates[0].link.current;
    candidates[0].link.current = undefined;
    const during = keys.map((key) => host(key));
    const moved = before.flatMap((name, i) => (name === 'host-0' ? [during[i]] : []));
    expect(new Set(moved).size).toBeGreaterThan(5);
    expect(before.filter((name, i) => name !== 'host-0' && during[i] !== name)).toEqual([]);
    candidates[0].link.current = link;
    expect(keys.map((key) => host(key))).toEqual(before);
  });

  test('the only one that is ready is found among many', () => {
    const candidates = alike(300);
    for (const one of candidates.slice(1)) one.link.current = undefined;
    expect(picks(consistentHash(), candidates).count(5, withKey('ann'))).toEqual({ 'host-0': 5 });
  });

  test('another attempt goes elsewhere, and to the same place each time', () => {
    const candidates = alike(10);
    const { host } = picks(consistentHash(), candidates);
    const first = candidates.find(({ endpoint }) => endpoint.host === host(withKey('ann')));
    const again = { ...withKey('ann'), tried: callAfter(first!).tried };
    expect(host(again)).not.toBe(first?.endpoint.host);
    expect(host(again)).toBe(host(again));
  });

  test('weight counts where it should: by weight with `weighted`, else only 0', () => {
    const keys = Array.from({ length: 4_000 }, (_, i) => withKey(`key-${i}`));
    const share = (weighted: boolean, ...weights: number[]) => {
      const { host } = picks(consistentHash({ weighted }), weighing(...weights));
      const counts: Record<string, number> = {};
      for (const key of keys) counts[host(key)!] = (counts[host(key)!] ?? 0) + 1;
      return counts;
    };
    expect(share(false, 100, 0)).toEqual({ a: 4_000 });
    expect(chiSquare(share(true, 100, 300), { a: 100, b: 300 })).toBeLessThan(40);
    expect(share(false, 100, 300).a).toBeGreaterThan(1_500);
    expect(Object.keys(share(true, 0, 0))).toHaveLength(2);
  });

  test('weighted, one that warms up gets its keys when it is warm', async () => {
    const cold = candidate('cold', { startTime: '0', warmupTime: '5000', warmupWeight: '0' });
    const { host, clock } = picks(consistentHash({ weighted: true }), [...weighing(100), cold]);
    const hosts = () => new Set(Array.from({ length: 50 }, (_, i) => host(withKey(i))));
    expect([...hosts()]).toEqual(['a']);
    await clock.advance(5_001);
    expect([...hosts()].sort()).toEqual(['a', 'cold']);
  });

  test('a huge weight makes no huge ring', () => {
    const { host } = picks(consistentHash({ weighted: true }), weighing(2_000_000_000, 1));
    expect(host(withKey('ann'))).toBe('a');
  });

  test('an empty list gives nothing', () => {
    expect(picks(consistentHash(), []).host(withKey('ann'))).toBeUndefined();
  });
});
