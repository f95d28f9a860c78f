import type { Random } from '../core/random.js';

const FIRST_MS = 200;
const MAX_MS = 10_000;

/** Milliseconds until attempt `failures + 1`: doubling from 200 ms to 10 s, of which half is chance, so that clients do not return in step. */
export function backoffMs(failures: number, random: Random): number {
  const full = Math.min(FIRST_MS * 2 ** Math.min(failures, 10), MAX_MS);
  return full / 2 + (full / 2) * random();
}
