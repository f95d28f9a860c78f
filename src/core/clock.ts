/** A timer that was set; both methods may be called at any time, more than once. */
export interface Timer {
  cancel(): void;
  /** The process need not stay alive for it. */
  unref(): this;
}

/**
 * The only source of time and timers, injected everywhere, so that the whole call path can run in simulated time.
 */
export interface Clock {
  /** Monotonic milliseconds, with fractions, since an arbitrary start. */
  now(): number;
  /** Milliseconds since 1970, for what is written to the wire or shown to people. */
  wallTime(): number;
  /** Calls `run` once, after at least `ms` milliseconds. */
  schedule(run: () => void, ms: number): Timer;
}

class SystemTimer implements Timer {
  constructor(private readonly handle: NodeJS.Timeout) {}

  cancel(): void {
    clearTimeout(this.handle);
  }

  unref(): this {
    this.handle.unref();
    return this;
  }
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  schedule: (run, ms) => new SystemTimer(setTimeout(run, ms)),
};
