import { expect, test } from 'vitest';
import {
  type RetryChoice,
  type RetryOptions,
  retryOptionsOf,
  retrySettings,
} from '../../src/resilience/retry-options.js';

test('failover has the defaults, failfast one attempt, false no retrying', () => {
  expect(retryOptionsOf('failover')).toEqual({});
  expect(retryOptionsOf('failfast')).toEqual({ attempts: 1 });
  expect(retryOptionsOf(false)).toBeUndefined();
  const own = { attempts: 2 };
  expect(retryOptionsOf(own)).toBe(own);
});

test.each(['failsafe', true, null, 3])('%j is no choice', (choice) => {
  expect(() => retryOptionsOf(choice as RetryChoice)).toThrow(
    expect.objectContaining({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining("'failover', 'failfast'"),
    }),
  );
});

test('the defaults', () => {
  expect(retrySettings({})).toEqual({
    attempts: 3,
    budgetPercent: 20,
    firstMs: 10,
    maxMs: 250,
    attemptTimeoutMs: Number.POSITIVE_INFINITY,
  });
  expect(retrySettings({ backoff: { firstMs: 400 } })).toMatchObject({ firstMs: 400, maxMs: 400 });
});

test.each<[RetryOptions, string]>([
  [{ attempts: 0 }, 'retry.attempts is 0, it must be a positive integer'],
  [{ attempts: 1.5 }, 'retry.attempts is 1.5'],
  [{ attempts: Number.NaN }, 'retry.attempts is NaN'],
  [{ budgetPercent: 0 }, 'retry.budgetPercent is 0, it must be more than 0 and at most 100'],
  [{ budgetPercent: 101 }, 'retry.budgetPercent is 101'],
  [{ backoff: { firstMs: -1 } }, 'retry.backoff.firstMs is -1'],
  [{ backoff: { firstMs: Number.NaN } }, 'retry.backoff.firstMs is NaN'],
  [
    { backoff: { maxMs: 9 } },
    'retry.backoff.maxMs is 9, it must be a number of milliseconds, at least firstMs (10)',
  ],
  [{ backoff: { maxMs: Number.POSITIVE_INFINITY } }, 'retry.backoff.maxMs is Infinity'],
  [{ attemptTimeoutMs: 0 }, 'retry.attemptTimeoutMs is 0, it must be a positive number of milliseconds'],
])('%j is refused', (options, message) => {
  expect(() => retrySettings(options)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
  );
});
