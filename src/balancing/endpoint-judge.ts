import { publish } from '../core/events.js';
import type { Outcome } from '../core/outcome.js';
import type { CandidateState, Judge } from './candidate-state.js';

/** What all endpoints of a service share. */
export interface Jury {
  readonly service: string;
  readonly rules: EjectionRules;
  /** Whether one more may be ejected. */
  mayEject(): boolean;
  ejected(): void;
  returned(): void;
  /** An attempt at any endpoint has ended. */
  attemptEnded(now: number): void;
}

export interface EjectionRules {
  readonly consecutiveFailures: number;
  readonly intervalMs: number;
  readonly baseEjectionMs: number;
  readonly maxEjectionMs: number;
}

/** Whether one endpoint is ejected, and until when. */
export class EndpointJudge implements Judge {
  /** Attempts of this interval. */
  answered = 0;
  failed = 0;
  private failuresInARow = 0;
  /** When it may be probed. */
  private until = 0;
  /** Probes on their way. */
  private probes = 0;
  /** How long its last ejection was; 0 before the first. */
  private lastMs = 0;
  private returnedAt = 0;

  constructor(
    private readonly candidate: CandidateState,
    private readonly jury: Jury,
  ) {}

  get isEjected(): boolean {
    return this.candidate.isEjected;
  }

  admitsProbe(now: number): boolean {
    return now >= this.until && this.probes === 0;
  }

  probeStarted(): void {
    this.probes++;
  }

  record(outcome: Outcome, now: number, wasProbe: boolean): void {
    if (wasProbe) this.probes--;
    if (outcome === 'unknown') return;
    this.jury.attemptEnded(now);
    if (this.isEjected) {
      if (wasProbe) this.judgeProbe(outcome, now);
    } else if (outcome === 'answered') {
      this.answered++;
      this.failuresInARow = 0;
    } else {
      this.failed++;
      this.failuresInARow++;
      if (this.failuresInARow >= this.jury.rules.consecutiveFailures)
        this.eject(`${this.failuresInARow} failures in a row`, now);
    }
  }

  /** Ejects it, if one more may be. */
  eject(reason: string, now: number): void {
    if (!this.jury.mayEject()) return;
    this.candidate.isEjected = true;
    this.jury.ejected();
    const { baseEjectionMs, intervalMs } = this.jury.rules;
    // Every interval without an ejection takes back one doubling.
    const healthy = Math.floor((now - this.returnedAt) / intervalMs);
    this.leaveAlone(Math.max(baseEjectionMs, (this.lastMs * 2) / 2 ** healthy), reason, now);
  }

  reset(): void {
    this.until = Number.NEGATIVE_INFINITY;
  }

  private judgeProbe(outcome: Outcome, now: number): void {
    if (outcome === 'answered') {
      this.candidate.isEjected = false;
      this.failuresInARow = 0;
      this.returnedAt = now;
      this.jury.returned();
      const { service } = this.jury;
      publish('endpoint.returned', { service, endpoint: this.candidate.endpoint.address });
    } else if (now >= this.until) {
      // Not before: where all are ejected they get calls all the same, and fail one after the other.
      this.leaveAlone(this.lastMs * 2, 'its probe failed', now);
    }
  }

  private leaveAlone(ms: number, reason: string, now: number): void {
    const forMs = Math.min(this.jury.rules.maxEjectionMs, ms);
    this.lastMs = forMs;
    this.until = now + forMs;
    const { service } = this.jury;
    publish('endpoint.ejected', { service, endpoint: this.candidate.endpoint.address, reason, forMs });
  }
}
