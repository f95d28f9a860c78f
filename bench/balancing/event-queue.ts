interface Event {
  readonly at: number;
  readonly run: () => void;
}

/** What will happen, by time: a binary heap, and a queue for what is always the same time away. */
export class EventQueue {
  now = 0;
  private readonly heap: Event[] = [];
  private readonly delayed: Event[] = [];
  private head = 0;

  /** @param delayMs how far away the events of that queue are. */
  constructor(private readonly delayMs: number) {}

  at(at: number, run: () => void): void {
    const { heap } = this;
    const event = { at, run };
    let place = heap.push(event) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (heap[above].at <= at) break;
      heap[place] = heap[above];
      place = above;
    }
    heap[place] = event;
  }

  /** In `delayMs`. */
  afterDelay(run: () => void): void {
    this.delayed.push({ at: this.now + this.delayMs, run });
  }

  /** Runs everything up to `end`. */
  runUntil(end: number): void {
    for (let event = this.next(end); event !== undefined; event = this.next(end)) {
      this.now = event.at;
      event.run();
    }
    this.now = end;
  }

  private next(end: number): Event | undefined {
    const soon = this.heap[0]?.at ?? Number.POSITIVE_INFINITY;
    const delayed = this.delayed[this.head]?.at ?? Number.POSITIVE_INFINITY;
    if (Math.min(soon, delayed) > end) return undefined;
    if (soon <= delayed) return this.take();
    const event = this.delayed[this.head++];
    if (this.head === 10_000) this.delayed.splice(0, this.head);
    this.head %= 10_000;
    return event;
  }

  private take(): Event {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = place * 2 + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1].at < heap[below].at) below++;
      if (heap[below].at >= last.at) break;
      heap[place] = heap[below];
      place = below;
    }
    heap[place] = last;
    return first;
  }
}
