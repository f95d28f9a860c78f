import type { Clock } from './clock.js';

/**
 * Waits for `work`, but no longer than `ms` milliseconds: then its signal is aborted, and what counts is what `late`
 * returns or throws, whatever the work makes of that. Without `late` it resolves to undefined.
 */
export function within<T, L = undefined>(
  clock: Clock,
  ms: number,
  work: Promise<T> | ((signal: AbortSignal) => Promise<T>),
  late?: () => L,
): Promise<T | L> {
  const limit = new AbortController();
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(() => {
      try {
        resolve(late?.() as L);
        limit.abort();
      } catch (error) {
        reject(error);
        limit.abort(error);
      }
    }, ms);
    (typeof work === 'function' ? work(limit.signal) : work)
      .then(resolve, reject)
      .finally(() => timer.cancel());
  });
}
