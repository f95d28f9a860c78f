import type { Clock, Timer } from '../core/clock.js';

class FakeTimer implements Timer {
  constructor(
    readonly run: () => void,
    readonly due: number,
    private readonly timers: Set<FakeTimer>,
  ) {}

  cancel(): void {
    this.timers.delete(this);
  }

  unref(): this {
    return this;
  }
}

/** Time that stands still until it is told to pass. Given to a client and a server, it makes their timeouts exact and instant. */
export class FakeClock implements Clock {
  private time = 0;
  private readonly timers = new Set<FakeTimer>();

  /** @param startedAt what `wallTime()` is at the start, in milliseconds since 1970. */
  constructor(private readonly startedAt = 0) {}

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return this.startedAt + this.time;
  }

  schedule(run: () => void, ms: number): Timer {
    const timer = new FakeTimer(run, this.time + Math.max(0, ms), this.timers);
    this.timers.add(timer);
    return timer;
  }

  /** Timers that have been set and are not due yet. */
  get pendingTimers(): number {
    return this.timers.size;
  }

  /** Lets `ms` milliseconds pass: every timer runs at its own time, and what it sets off is done before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settled();
    for (let next = this.nextUntil(end); next !== undefined; next = this.nextUntil(end)) {
      this.time = next.due;
      next.cancel();
      next.run();
      await settled();
    }
    this.time = end;
  }

  private nextUntil(end: number): FakeTimer | undefined {
    let first: FakeTimer | undefined;
    for (const timer of this.timers) {
      if (timer.due <= end && (first === undefined || timer.due < first.due)) first = timer;
    }
    return first;
  }
}

/** Waits until promises and in-memory streams have nothing left to do: a few turns of the event loop. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
