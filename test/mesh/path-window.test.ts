import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PathWindow } from '../../src/mesh/path-window.js';

/** The least latency that at least 99 % of all keep to. */
function exactP99(latencies: readonly number[]): number {
  return [...latencies].sort((a, b) => a - b)[Math.ceil((latencies.length * 99) / 100) - 1];
}

test('the p99 is that of the calls, within a 32nd of it or of a millisecond', () => {
  const latency = fc.oneof(
    fc.nat(2_000_000).map((ns) => ns / 1_000_000),
    fc.nat(10_000).map((us) => us / 10),
    fc.nat(200_000_000).map((us) => us / 1_000),
    fc.constantFrom(1, 2, 4, 100, 128),
  );
  const latencies = fc.oneof(
    fc.array(latency, { minLength: 1, maxLength: 10 }),
    fc.array(latency, { minLength: 90, maxLength: 210, size: 'max' }),
  );
  fc.assert(
    fc.property(latencies, (latencies) => {
      const window = new PathWindow(1_000, 0);
      for (const ms of latencies) window.record(false, ms, 0);
      const exact = exactP99(latencies);
      expect(Math.abs(window.figures(0).p99Ms - exact)).toBeLessThanOrEqual(Math.max(exact, 1) / 32);
    }),
  );
});

test('the slowest one of a hundred calls does not count, the second slowest does', () => {
  const window = new PathWindow(1_000, 0);
  for (let call = 0; call < 99; call++) window.record(false, 1, 0);
  window.record(false, 1_000, 0);
  expect(window.figures(0).p99Ms).toBeCloseTo(1, 0);
  window.record(false, 1_000, 0);
  expect(window.figures(0).p99Ms).toBeGreaterThan(900);
});

test('it forgets what is older than the window, a tenth of it at a time, and keeps nine tenths for sure', () => {
  const call = fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.nat(150), fc.nat(3_000)),
    isError: fc.boolean(),
    ms: fc.constantFrom(1, 10, 100),
  });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 100 }), fc.nat(1_500), (calls, lookAfter) => {
      const window = new PathWindow(1_000, 50);
      let now = 50;
      const made: { at: number; isError: boolean; ms: number }[] = [];
      for (const { waitMs, isError, ms } of calls) {
        now += waitMs;
        window.record(isError, ms, now);
        made.push({ at: now, isError, ms });
      }
      now += lookAfter;
      // The slices begin at 50, 150, 250, ..
      const oldest = Math.floor((now - 50) / 100) * 100 + 50 - 900;
      const kept = made.filter(({ at }) => at >= oldest);
      const errors = kept.filter(({ isError }) => isError).length;
      const figures = window.figures(now);
      expect(figures).toMatchObject({ calls: kept.length, errors });
      expect(figures.errorRatio).toBe(kept.length === 0 ? 0 : errors / kept.length);
      const exact = kept.length === 0 ? 0 : exactP99(kept.map(({ ms }) => ms));
      expect(Math.abs(figures.p99Ms - exact)).toBeLessThanOrEqual(exact / 32);
    }),
  );
});

test('a latency beyond all measure, below zero or unknown is counted all the same', () => {
  const window = new PathWindow(1_000, 0);
  window.record(false, -5, 0);
  expect(window.figures(0).p99Ms).toBe(1 / 32);
  window.record(false, Number.NaN, 0);
  window.record(false, Number.POSITIVE_INFINITY, 0);
  window.record(true, 1e12, 0);
  const { calls, errors, p99Ms } = window.figures(0);
  expect([calls, errors]).toEqual([4, 1]);
  expect(p99Ms).toBeGreaterThan(250_000);
});
