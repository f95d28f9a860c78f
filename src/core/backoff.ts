import type { Random } from './random.js';

/** How long to wait between tries: doubling from `firstMs` to `maxMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Milliseconds until the next try after `failures` failed ones, 1 for the first. Half of it is chance, so that those who
 * failed together do not return in step.
 */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number, random: Random): number {
  const full = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), maxMs);
  return full / 2 + (full / 2) * random();
}
