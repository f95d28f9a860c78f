import { checkOption } from './check-option.js';

/** When calls of one method to one endpoint are stopped, and for how long. */
export interface CircuitBreakerOptions {
  /** The time that is looked back on. Default 10,000 ms. */
  windowMs?: number;
  /** Calls that must have ended in it before anything is decided. Default 20. */
  minimumCalls?: number;
  /** The part of them that has to fail. More than 0, up to 100; default 50. */
  failurePercent?: number;
  /** How long calls are refused, at first. Default 5,000 ms. */
  openMs?: number;
  /** Doubled whenever the call that tries again fails, up to this. Default 60,000 ms. */
  maxOpenMs?: number;
}

/** CircuitBreakerOptions with nothing left open. */
export type CircuitSettings = Readonly<Required<CircuitBreakerOptions>>;

/** @throws MeshError INVALID_ARGUMENT for options out of range. */
export function circuitSettings(options: CircuitBreakerOptions): CircuitSettings {
  const { windowMs = 10_000, minimumCalls = 20, failurePercent = 50, openMs = 5_000 } = options;
  const { maxOpenMs = Math.max(60_000, openMs) } = options;
  checkMs('windowMs', windowMs, windowMs > 0, 'a positive number of milliseconds');
  checkMs('openMs', openMs, openMs > 0, 'a positive number of milliseconds');
  checkMs(
    'maxOpenMs',
    maxOpenMs,
    maxOpenMs >= openMs,
    `a number of milliseconds, at least openMs (${openMs})`,
  );
  checkOption(
    'circuitBreaker.minimumCalls',
    minimumCalls,
    Number.isSafeInteger(minimumCalls) && minimumCalls >= 1,
    'a positive integer',
  );
  checkOption(
    'circuitBreaker.failurePercent',
    failurePercent,
    failurePercent > 0 && failurePercent <= 100,
    'more than 0 and at most 100',
  );
  return { windowMs, minimumCalls, failurePercent, openMs, maxOpenMs };
}

function checkMs(name: string, value: number, isInRange: boolean, wanted: string): void {
  checkOption(`circuitBreaker.${name}`, value, isInRange && Number.isFinite(value), wanted);
}
