import { describe, expect, test } from 'vitest';
import { smoothWeightedRoundRobin } from '../../src/balancing/smooth-weighted-round-robin.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { callAfter, candidate, picks, weighing } from './candidates.js';

const START = Date.UTC(2026, 0, 1);

function turn(candidates: ReturnType<typeof weighing>, count: number): string {
  const { host } = picks(smoothWeightedRoundRobin, candidates, { random: () => 0 });
  return Array.from({ length: count }, () => host() ?? '-').join('');
}

describe('smoothWeightedRoundRobin', () => {
  test("by weight, and well mixed: nginx's own example", () => {
    expect(turn(weighing(5, 1, 1), 14)).toBe('aabacaaaabacaa');
  });

  test('in turn where all weigh the same, none of weight 0', () => {
    expect(turn(weighing(7, 7, 0, 7), 6)).toBe('abdabd');
  });

  test('exactly by weight in every turn, wherever it begins', () => {
    const { count } = picks(smoothWeightedRoundRobin, weighing(30, 10, 10));
    count(13);
    for (let i = 0; i < 5; i++) {
      const { a } = count(50);
      expect(Math.abs(a - 30)).toBeLessThanOrEqual(1);
    }
  });

  test('clients do not all begin with the heaviest', () => {
    const begun = [0.1, 0.9].map((chance) => {
      const chances = [chance, 1 - chance];
      return picks(smoothWeightedRoundRobin, weighing(11, 10), { random: () => chances.pop() ?? 0 }).host();
    });
    expect(new Set(begun).size).toBe(2);
  });

  test('the others share the turns of one that is not ready; it has no arrears when it is back', () => {
    const [a, b, c] = weighing(2, 1, 1);
    const link = a.link.current;
    a.link.current = undefined;
    const { count } = picks(smoothWeightedRoundRobin, [a, b, c], { random: () => 0 });
    expect(count(100)).toEqual({ b: 50, c: 50 });
    a.link.current = link;
    expect(count(100)).toEqual({ a: 50, b: 25, c: 25 });
  });

  test('a warm-up that ends changes the turn', async () => {
    const warming = { startTime: String(START), warmupTime: '5000', warmupWeight: '20' };
    const clock = new FakeClock(START);
    const { count } = picks(
      smoothWeightedRoundRobin,
      [...weighing(80), candidate('new', { weight: '80', ...warming })],
      { clock },
    );
    expect(count(100)).toEqual({ a: 80, new: 20 });
    await clock.advance(5_001);
    expect(count(100)).toEqual({ a: 50, new: 50 });
  });

  test('one that was tried before only where no other is left', () => {
    const [a, b] = weighing(5, 1);
    const { host } = picks(smoothWeightedRoundRobin, [a, b]);
    expect([host(callAfter(a)), host(callAfter(a))]).toEqual(['b', 'b']);
    b.link.current = undefined;
    expect(host(callAfter(a))).toBe('a');
    a.link.current = undefined;
    expect(host()).toBeUndefined();
  });
});
