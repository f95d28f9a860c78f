import { isWorthALine } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { publish } from '../core/events.js';

/** What a registry fails at. */
export interface FailureSubject {
  /** The registry, for messages. */
  readonly registry: string;
  readonly service: string;
  readonly operation: 'publish' | 'watch';
}

export interface Failure {
  readonly reason: string;
  /** Tries in a row that failed, this one included. */
  readonly failures: number;
  readonly retryInMs: number;
}

/** Decides which failures get a line in the log. */
export type FailureLog = (failure: Failure, line: string) => void;

/** The first failure in a row is a line, the second, the 4th, the 8th .., ever more rarely. */
export function everMoreRarely(warn: (line: string) => void): FailureLog {
  return ({ failures }, line) => {
    if (isWorthALine(failures)) warn(line);
  };
}

const SAME_REASON_MS = 1_000;

/** Of those that fail together for one reason, one is a line; each of them, ever more rarely. */
export function oncePerReason(clock: Clock, warn: (line: string) => void): FailureLog {
  let lastReason: string | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  return ({ failures, reason }, line) => {
    const now = clock.now();
    if (!isWorthALine(failures)) return;
    if (reason === lastReason && now - lastAt < SAME_REASON_MS) return;
    lastReason = reason;
    lastAt = now;
    warn(line);
  };
}

/** Tells of what a registry fails at: each failure is an event, and as its log decides a line; so is the recovery an event. */
export class FailureReporter {
  private isFailing = false;

  constructor(
    private readonly subject: FailureSubject,
    private readonly log: FailureLog,
  ) {}

  /** @param what could not be done; undefined where another failure's line says it. @param consequence what that means. */
  failed(failure: Failure, what: string | undefined, consequence: string): void {
    const { reason, failures, retryInMs } = failure;
    this.isFailing = true;
    publish('registry.failed', { ...this.subject, reason, failures, retryInMs });
    if (what === undefined) return;
    const again = `It is tried again in ${retryInMs} ms (failure ${failures})`;
    this.log(failure, `${what}: ${reason}; ${consequence}. ${again}`);
  }

  /** It works. Does nothing where it had not failed. */
  recovered(): void {
    if (!this.isFailing) return;
    this.isFailing = false;
    publish('registry.recovered', { ...this.subject });
  }
}
