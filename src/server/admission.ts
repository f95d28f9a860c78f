/** A call that waits for a place. */
export interface Waiting {
  /** False once nobody waits for its result: its deadline has passed, or its caller is gone. */
  isWanted(now: number): boolean;
  run(): void;
  /** It leaves the queue without having run. */
  drop(): void;
  next: Waiting | undefined;
}

/** Under full load the queue is searched for calls that nobody wants any more at most this often. */
const SWEEP_MS = 10;

/**
 * Who may run: up to `maxRunning` calls at once, then up to `maxQueued` wait in the order they came. Nobody is run who is no
 * longer wanted. Below the limit it costs two comparisons a call.
 */
export class Admission {
  private running = 0;
  private queued = 0;
  private first: Waiting | undefined;
  private last: Waiting | undefined;
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly maxRunning: number,
    private readonly maxQueued: number,
    private readonly now: () => number,
  ) {}

  /** Calls that have a place. */
  get runningCount(): number {
    return this.running;
  }

  /** Calls that wait for one. */
  get queuedCount(): number {
    return this.queued;
  }

  /** Whether one more call may {@link enter} or {@link wait}. */
  hasRoom(): boolean {
    return this.running < this.maxRunning || this.queued < this.maxQueued || this.sweep();
  }

  /** Takes a place, if one is free. Whoever got one must {@link leave}. */
  enter(): boolean {
    if (this.running >= this.maxRunning) return false;
    this.running++;
    return true;
  }

  /** Queues a call that found no place. Only where there is room. */
  wait(call: Waiting): void {
    if (this.last === undefined) this.first = call;
    else this.last.next = call;
    this.last = call;
    this.queued++;
  }

  /** Gives a place back: the next call that is still wanted gets it. */
  leave(): void {
    this.running--;
    if (this.first !== undefined) this.admitNext();
  }

  private admitNext(): void {
    const now = this.now();
    while (this.first !== undefined && this.running < this.maxRunning) {
      const call = this.first;
      this.first = call.next;
      if (this.first === undefined) this.last = undefined;
      call.next = undefined;
      this.queued--;
      if (!call.isWanted(now)) {
        call.drop();
        continue;
      }
      this.running++;
      call.run();
    }
  }

  /** Drops what nobody wants any more. Whether there is room now. */
  private sweep(): boolean {
    const now = this.now();
    if (this.queued === 0 || now - this.sweptAt < SWEEP_MS) return false;
    this.sweptAt = now;
    const all = this.first;
    this.first = this.last = undefined;
    this.queued = 0;
    for (let call = all; call !== undefined; ) {
      const next: Waiting | undefined = call.next;
      call.next = undefined;
      if (call.isWanted(now)) this.wait(call);
      else call.drop();
      call = next;
    }
    return this.queued < this.maxQueued;
  }
}
