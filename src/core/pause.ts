import type { Clock } from './clock.js';

/**
 * Waits `ms` milliseconds: true when they have passed, false as soon as the signal is aborted.
 * @param isIdle the process need not stay alive for it.
 */
export function pause(
  clock: Clock,
  ms: number,
  signal: AbortSignal | undefined,
  { isIdle = false } = {},
): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (passed: boolean) => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
      resolve(passed);
    };
    const onAbort = () => end(false);
    const timer = clock.schedule(() => end(true), ms);
    if (isIdle) timer.unref();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
