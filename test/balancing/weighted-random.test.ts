import { describe, expect, test } from 'vitest';
import { weightedRandom } from '../../src/balancing/weighted-random.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { alike, callAfter, candidate, chiSquare, picks, weighing } from './candidates.js';

const START = Date.UTC(2026, 0, 1);

describe('weightedRandom', () => {
  test('each candidate as often as its weight says', () => {
    const counts = picks(weightedRandom, weighing(100, 300, 50, 50)).count(10_000);
    expect(chiSquare(counts, { a: 100, b: 300, c: 50, d: 50 })).toBeLessThan(15);
  });

  test('evenly where all weigh the same', () => {
    const counts = picks(weightedRandom, alike(20)).count(20_000);
    const even = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`host-${i}`, 1]));
    expect(chiSquare(counts, even)).toBeLessThan(45);
  });

  test('a provider that warms up gets its warm-up share, then its full one', async () => {
    // As Java shares them: 895 to 105 of 1,000 calls, then 515 to 485.
    const warming = { startTime: String(START), warmupTime: '30000', warmupWeight: '12' };
    const candidates = [...weighing(100), candidate('new', { weight: '100', ...warming })];
    const clock = new FakeClock(START + 10_000);
    const { count } = picks(weightedRandom, candidates, { clock });
    expect(chiSquare(count(5_000), { a: 100, new: 12 })).toBeLessThan(8);
    await clock.advance(19_000);
    expect(chiSquare(count(5_000), { a: 100, new: 12 })).toBeLessThan(8);
    await clock.advance(2_000);
    expect(chiSquare(count(5_000), { a: 1, new: 1 })).toBeLessThan(8);
  });

  test('nothing to one of weight 0, even where no other is ready', () => {
    const [a, b] = weighing(0, 1);
    const { count } = picks(weightedRandom, [a, b]);
    expect(count(100)).toEqual({ b: 100 });
    b.link.current = undefined;
    expect(count(100)).toEqual({ none: 100 });
    expect(Object.keys(picks(weightedRandom, weighing(0, 0)).count(100))).toEqual(
      expect.arrayContaining(['a', 'b']),
    );
  });

  test('the only one that is ready is found among many', () => {
    const candidates = alike(500);
    for (const one of candidates.slice(1)) one.link.current = undefined;
    expect(picks(weightedRandom, candidates).count(50)).toEqual({ 'host-0': 50 });
  });

  test('one that was tried before only where no other is left', () => {
    const [a, b] = weighing(1_000_000, 1);
    const { count } = picks(weightedRandom, [a, b]);
    expect(count(50, callAfter(a))).toEqual({ b: 50 });
    b.link.current = undefined;
    expect(count(50, callAfter(a))).toEqual({ a: 50 });
    expect(picks(weightedRandom, []).count(1)).toEqual({ none: 1 });
  });
});
