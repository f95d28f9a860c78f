import type { Clock } from '../core/clock.js';

const ROUND_MS = 1_000;

/** A connection that can tell by the clock whether it is still alive, and closes itself if not. */
export interface Watched {
  checkLiveness(now: number): void;
}

/** Looks at every connection of a client or server once a second, or as often as it is told. No timer runs while there is none. */
export class LivenessRound {
  private running = false;

  constructor(
    private readonly clock: Clock,
    private readonly connections: ReadonlySet<Watched>,
    private readonly roundMs = ROUND_MS,
  ) {}

  /** To be called when a connection was added. */
  start(): void {
    if (this.running) return;
    this.running = true;
    this.clock.schedule(this.round, this.roundMs).unref();
  }

  private readonly round = (): void => {
    const now = this.clock.now();
    for (const connection of [...this.connections]) connection.checkLiveness(now);
    this.running = false;
    if (this.connections.size > 0) this.start();
  };
}
