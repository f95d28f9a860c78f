import type { Clock } from '../core/clock.js';

/** While less than this passes between two looks at the clock, the next look comes later and later. */
const QUICK_MS = 1;
const MOST_SKIPPED = 16;

/**
 * The time while a chunk of requests is worked off. A look at the clock costs a tenth of a microsecond, so it is not taken
 * for every request: while handlers are quick, for up to one in 16, and for every one as soon as they are slow.
 */
export class RoughClock {
  private time = Number.NEGATIVE_INFINITY;
  private step = 1;
  private skip = 0;

  constructor(private readonly clock: Clock) {}

  /** The time, or a little earlier. `readAt`: when the chunk of the request came. */
  now(readAt: number): number {
    if (readAt > this.time) {
      this.time = readAt;
      this.step = 1;
      this.skip = 0;
    } else if (this.skip > 0) {
      this.skip--;
    } else {
      const now = this.clock.now();
      this.step = now - this.time < QUICK_MS ? Math.min(this.step * 2, MOST_SKIPPED) : 1;
      this.skip = this.step - 1;
      this.time = now;
    }
    return this.time;
  }
}
