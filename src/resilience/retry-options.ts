import { MeshError } from '../core/errors.js';
import { checkOption } from './check-option.js';

/** How failed calls are tried again. Only what is safe to repeat is. */
export interface RetryOptions {
  /**
   * Attempts that reach a provider, the first included. Default 3. One that ends before anything was written (the
   * circuit is open, the connection just went away) does not count: the call goes on to an endpoint not tried before,
   * at once, up to 8 times.
   */
  attempts?: number;
  /** Retries may be this part of the calls, in the long run, and at most 10 more. More than 0, up to 100; default 20. */
  budgetPercent?: number;
  /** The wait before a retry: a random part of `firstMs` (default 10), which doubles with each retry up to `maxMs` (default 250). */
  backoff?: { firstMs?: number; maxMs?: number };
  /** Milliseconds of each attempt, at most what is left of the call. Default: all that is left of the call. */
  attemptTimeoutMs?: number;
}

/** Java's names, or false, or options. */
export type RetryChoice = 'failover' | 'failfast' | false | RetryOptions;

/** RetryOptions with nothing left open. */
export interface RetrySettings {
  readonly attempts: number;
  readonly budgetPercent: number;
  readonly firstMs: number;
  readonly maxMs: number;
  /** Infinity where an attempt has all the time of the call. */
  readonly attemptTimeoutMs: number;
}

/**
 * What a choice means: `failover` the defaults, `failfast` one attempt (a provider whose circuit is open is passed over
 * all the same), false no retrying at all.
 * @throws MeshError INVALID_ARGUMENT for another name.
 */
export function retryOptionsOf(choice: RetryChoice): RetryOptions | undefined {
  if (choice === false) return undefined;
  if (choice === 'failover') return {};
  if (choice === 'failfast') return { attempts: 1 };
  if (typeof choice === 'object' && choice !== null) return choice;
  throw new MeshError(
    'INVALID_ARGUMENT',
    `retry is ${JSON.stringify(choice)}, it must be 'failover', 'failfast', false, or options such as { attempts: 2 }`,
  );
}

/** @throws MeshError INVALID_ARGUMENT for options out of range. */
export function retrySettings(options: RetryOptions): RetrySettings {
  const { attempts = 3, budgetPercent = 20, attemptTimeoutMs = Number.POSITIVE_INFINITY } = options;
  const { firstMs = 10, maxMs = Math.max(250, firstMs) } = options.backoff ?? {};
  checkOption(
    'retry.attempts',
    attempts,
    Number.isSafeInteger(attempts) && attempts >= 1,
    'a positive integer',
  );
  checkOption(
    'retry.budgetPercent',
    budgetPercent,
    budgetPercent > 0 && budgetPercent <= 100,
    'more than 0 and at most 100',
  );
  checkOption(
    'retry.backoff.firstMs',
    firstMs,
    firstMs >= 0 && Number.isFinite(firstMs),
    'a number of milliseconds, 0 or more',
  );
  checkOption(
    'retry.backoff.maxMs',
    maxMs,
    maxMs >= firstMs && Number.isFinite(maxMs),
    `a number of milliseconds, at least firstMs (${firstMs})`,
  );
  checkOption(
    'retry.attemptTimeoutMs',
    attemptTimeoutMs,
    attemptTimeoutMs > 0,
    'a positive number of milliseconds',
  );
  return { attempts, budgetPercent, firstMs, maxMs, attemptTimeoutMs };
}
