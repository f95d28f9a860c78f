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

/** Short enough for all to be as before within 10 s of the registry: asking one that is down costs it nothing. */
const REGISTRY: Backoff = { firstMs: 200, maxMs: 5_000 };

/** Whole milliseconds until a registry is asked again after `failures` failed tries: doubling from 200 ms to 5 s. */
export function registryBackoffMs(failures: number, random: Random): number {
  return Math.round(backoffMs(REGISTRY, failures, random));
}

/** Whether a failure is a line in the log: the first, the second, the 4th, the 8th .., ever more rarely. Each is an event. */
export function isWorthALine(failures: number): boolean {
  return Number.isInteger(Math.log2(failures));
}
