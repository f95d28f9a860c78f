import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retry } from '../../src/resilience/retry.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { callOf, failure, reply } from './calls.js';

/** A handler that fails as many attempts of each call as it is told, and counts them. */
function setUp(budgetPercent: number) {
  const clock = new FakeClock();
  const counts = { calls: 0, attempts: 0 };
  const failures = new Map<object, number>();
  const retrying = retry(
    { budgetPercent, attempts: 4 },
    { clock, random: () => 0 },
  )((call) => {
    counts.attempts++;
    const left = failures.get(call.metadata) ?? 0;
    failures.set(call.metadata, left - 1);
    return left > 0 ? Promise.reject(failure('OVERLOADED', { sent: true })) : Promise.resolve(reply);
  });
  const call = (failing: number) => {
    counts.calls++;
    const metadata = {};
    failures.set(metadata, failing);
    return watched(retrying(callOf({ metadata })));
  };
  return { clock, counts, call };
}

describe('the retry budget', () => {
  test('whatever happens, retries are its percentage of the calls and 10 at most', async () => {
    const burst = fc.array(fc.nat(4), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 100 }),
        fc.array(burst, { maxLength: 12 }),
        async (percent, bursts) => {
          const { clock, counts, call } = setUp(percent);
          for (const failing of bursts) {
            for (const attempts of failing) call(attempts);
            await clock.advance(0);
            const retries = counts.attempts - counts.calls;
            expect(retries).toBeLessThanOrEqual(10 + (counts.calls * percent) / 100);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a fresh client may retry 10 times; then every fifth call has paid for one', async () => {
    const { clock, counts, call } = setUp(20);
    const outcomes = Array.from({ length: 200 }, () => call(1));
    await clock.advance(0);
    expect(counts.attempts - counts.calls).toBe(10 + 200 * 0.2);
    const refused = outcomes.filter(({ state }) => state === 'rejected');
    expect(refused.length).toBe(150);
    expect(refused[0].error).toMatchObject({
      code: 'OVERLOADED',
      message: 'OVERLOADED it is (after 1 attempt; the retry budget is used up: too many calls fail)',
      sent: true,
      retry: 'safe',
    });
  });

  test('a client that had no failures has saved up for 100, and no more', async () => {
    const { clock, counts, call } = setUp(20);
    for (let i = 0; i < 1_000; i++) call(0);
    await clock.advance(0);
    counts.calls = counts.attempts = 0;
    for (let i = 0; i < 200; i++) call(1);
    await clock.advance(0);
    expect(counts.attempts - counts.calls).toBe(100);
  });
});
