/** Steady calls to one service, and what became of them. */
import type { CallPath } from 'sofa-mesh-sdk';

/** Makes one call; resolves to the way it took. Rejects where it failed, or was answered wrongly. */
export type Send = (number: number) => Promise<CallPath>;

export interface Calls {
  /** May be executed twice. */
  readonly read: Send;
  /** May not. */
  readonly write: Send;
}

/** What became of calls: in a second, or in all. */
export interface Figures {
  readonly ways: Readonly<Record<CallPath, number>>;
  readonly failed: number;
  /** Milliseconds, of those that ended. */
  readonly p50: number;
  readonly p99: number;
}

const READS_A_SECOND = 400;
const WRITES_A_SECOND = 20;
const TICK_MS = 10;

export class Traffic {
  reads = 0;
  writes = 0;
  /** The first few, in words. */
  readonly failures: string[] = [];
  private readonly inAll = new Tally();
  private recent = new Tally();
  private readonly reading = new Set<Promise<void>>();
  private readonly writing = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private ticked = performance.now();
  private dueReads = 0;
  private dueWrites = 0;
  private mayWrite = true;

  constructor(private readonly calls: Calls) {
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Of the calls that ended since it was asked last. */
  take(): Figures {
    const { figures } = this.recent;
    this.recent = new Tally();
    return figures;
  }

  get figures(): Figures {
    return this.inAll.figures;
  }

  /** No write begins any more; resolves when none is on its way. */
  async holdWrites(): Promise<void> {
    this.mayWrite = false;
    await Promise.all(this.writing);
  }

  goOnWriting(): void {
    this.mayWrite = true;
  }

  /** No call begins any more; resolves when all have ended. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([...this.reading, ...this.writing]);
  }

  private tick(): void {
    const now = performance.now();
    // A process that stood still does not make up for it.
    const seconds = Math.min(now - this.ticked, 100) / 1_000;
    this.ticked = now;
    this.dueReads += seconds * READS_A_SECOND;
    this.dueWrites += this.mayWrite ? seconds * WRITES_A_SECOND : 0;
    for (; this.dueReads >= 1; this.dueReads--) this.begin(this.reading, this.calls.read(this.reads++));
    for (; this.dueWrites >= 1; this.dueWrites--) this.begin(this.writing, this.calls.write(this.writes++));
  }

  private begin(running: Set<Promise<void>>, call: Promise<CallPath>): void {
    const from = performance.now();
    const ended = call.then(
      (path) => this.count(path, performance.now() - from),
      (error: unknown) => this.countFailed(error),
    );
    running.add(ended);
    void ended.then(() => running.delete(ended));
  }

  private count(path: CallPath, ms: number): void {
    this.recent.add(path, ms);
    this.inAll.add(path, ms);
  }

  private countFailed(error: unknown): void {
    this.recent.failed++;
    this.inAll.failed++;
    if (this.failures.length < 5) this.failures.push(String(error));
  }
}

class Tally {
  readonly ways = { mesh: 0, direct: 0, fallback: 0 };
  failed = 0;
  private readonly times: number[] = [];

  add(path: CallPath, ms: number): void {
    this.ways[path]++;
    this.times.push(ms);
  }

  get figures(): Figures {
    const { ways, failed } = this;
    const times = this.times.toSorted((a, b) => a - b);
    const percentile = (p: number) => times[Math.floor((times.length - 1) * p)] ?? 0;
    return { ways, failed, p50: percentile(0.5), p99: percentile(0.99) };
  }
}
