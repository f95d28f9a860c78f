import type { Clock } from '../core/clock.js';

export const ROUND_MS = 1_000;

/** A connection that can tell by the clock whether it is still alive, and closes itself if not. */
export interface Watched {
  checkLiveness(now: number): void;
}

/** Looks at every connection of a client or server once a second, or as often as it is told. No timer runs while there is none. */
export class LivenessRound {
  private running = false;
  private due = 0;
  private wasLate = false;

  constructor(
    private readonly clock: Clock,
    private readonly connections: ReadonlySet<Watched>,
    private readonly roundMs = ROUND_MS,
  ) {}

  /** To be called when a connection was added. */
  start(): void {
    if (this.running) return;
    this.running = true;
    this.due = this.clock.now() + this.roundMs;
    this.clock.schedule(this.round, this.roundMs).unref();
  }

  private readonly round = (): void => {
    const now = this.clock.now();
    // Timers run before input is read: where this program stood still for long, what has come meanwhile is read first.
    this.wasLate = !this.wasLate && now - this.due > this.roundMs;
    if (!this.wasLate) for (const connection of [...this.connections]) connection.checkLiveness(now);
    this.running = false;
    if (this.connections.size > 0) this.start();
  };
}
