import type { Clock, Timer } from './clock.js';

const DONE = Promise.resolve();

/**
 * A clock that all that is done in one go reads once: a burst of replies, and the calls that these set off. A read of the
 * machine's clock costs a twentieth of a microsecond, and a call would make four. Its time may be that of the burst's
 * beginning: for measuring and comparing, not for deadlines.
 */
export class TurnClock implements Clock {
  private time = 0;
  private isFresh = false;

  constructor(private readonly clock: Clock) {}

  now(): number {
    if (!this.isFresh) {
      this.time = this.clock.now();
      this.isFresh = true;
      // Runs after the reactions that wait already.
      void DONE.then(this.expire);
    }
    return this.time;
  }

  private readonly expire = (): void => {
    this.isFresh = false;
  };

  wallTime(): number {
    return this.clock.wallTime();
  }

  schedule(run: () => void, ms: number): Timer {
    return this.clock.schedule(run, ms);
  }
}
