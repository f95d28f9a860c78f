import type { Clock, Timer } from '../core/clock.js';

/** Waits for `work`, but no longer than `ms` milliseconds. Resolves to whether it has ended; rejects as it does. */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: Timer | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = clock.schedule(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer?.cancel();
  }
}
