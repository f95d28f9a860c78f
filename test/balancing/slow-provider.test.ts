import { expect, test } from 'vitest';
import { type Attempt, type Provider, simulate } from '../../bench/balancing/simulation.js';
import { p2cEwma } from '../../src/balancing/p2c-ewma.js';

const SLOW_FROM = 15_000;
const SLOW_UNTIL = 45_000;
const PROVIDERS = 10;

/** Attempts of a client that calls ten providers, of which one takes ten times as long for a while. */
function run(seed: number, requestsPerSecond: number): Attempt[] {
  const slowness = (now: number) => (now >= SLOW_FROM && now < SLOW_UNTIL ? 10 : 1);
  const providers: Provider[] = Array.from({ length: PROVIDERS }, (_, i) => (i === 0 ? { slowness } : {}));
  const attempts: Attempt[] = [];
  simulate(
    {
      seed,
      providers,
      durationMs: SLOW_UNTIL + 45_000,
      requestsPerSecond,
      serviceMs: 20,
      workers: 8,
      timeoutMs: 3_000,
      balancer: p2cEwma,
      outliers: {},
    },
    (attempt) => attempts.push(attempt),
  );
  return attempts;
}

/** The part of the attempts begun in that time that went to the slow one. */
function share(attempts: readonly Attempt[], from: number, to: number): number {
  const begun = attempts.filter(({ startedAt }) => startedAt >= from && startedAt < to);
  return begun.filter(({ provider }) => provider === 0).length / begun.length;
}

test.each([
  [1, 300],
  [2, 300],
  [3, 800],
  [4, 500],
])(
  'a provider that slows ten times gets less than 2 % within 5 s, and its share back within 30 s (seed %d, %d calls a second)',
  (seed, requestsPerSecond) => {
    const attempts = run(seed, requestsPerSecond);
    const parts = (from: number, to: number) => {
      const count = (to - from) / 5_000;
      return Array.from({ length: count }, (_, i) =>
        share(attempts, from + i * 5_000, from + (i + 1) * 5_000),
      );
    };
    expect(share(attempts, 0, SLOW_FROM)).toBeGreaterThan(0.07);
    expect(Math.max(...parts(SLOW_FROM + 5_000, SLOW_UNTIL))).toBeLessThan(0.02);
    expect(Math.max(...parts(SLOW_UNTIL, SLOW_UNTIL + 30_000))).toBeGreaterThan(0.08);
    // Among providers that are equal, chance makes one the faster for a while: 5 to 13 % each.
    expect(share(attempts, SLOW_UNTIL + 20_000, SLOW_UNTIL + 45_000)).toBeGreaterThan(0.07);
    expect(attempts.filter(({ succeeded }) => !succeeded)).toEqual([]);
  },
);
