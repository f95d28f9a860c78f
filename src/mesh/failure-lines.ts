import type { Clock } from '../core/clock.js';
import { isWorthALine } from '../discovery/backoff.js';

const SAME_REASON_MS = 1_000;

/** What of many failures gets a line in the log: of those that fail together for one reason, one; of each, ever fewer. */
export class FailureLines {
  private lastReason: string | undefined;
  private lastAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly warn: (text: string) => void,
  ) {}

  /** @param failures how often in a row this one has failed. */
  add(failures: number, reason: string, line: string): void {
    const now = this.clock.now();
    if (!isWorthALine(failures)) return;
    if (reason === this.lastReason && now - this.lastAt < SAME_REASON_MS) return;
    this.lastReason = reason;
    this.lastAt = now;
    this.warn(line);
  }
}
