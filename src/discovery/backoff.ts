import { type Backoff, backoffMs } from '../core/backoff.js';
import type { Random } from '../core/random.js';

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
