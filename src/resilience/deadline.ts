import type { Call } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import { type ErrorContext, MeshError } from '../core/errors.js';
import type { TimerWheel, WheelEntry } from '../core/timer-wheel.js';

/** How a wait is bounded, and what its failure says. */
export interface Bound {
  readonly wheel: TimerWheel;
  /** Completes "the deadline passed while ..". */
  readonly waitingFor: string;
  readonly context?: ErrorContext;
  /** Where what is inside ends at the same moment: it says more of the call, so it goes first, by a turn of this clock. */
  readonly insideFirst?: Clock;
}

/** Settles as `work` does, but no later than the call's deadline or cancellation. */
class Guard<T, R> implements WheelEntry {
  readonly deadline: number;
  wheelPrevious: WheelEntry | undefined = undefined;
  wheelNext: WheelEntry | undefined = undefined;
  readonly promise: Promise<R>;
  private readonly signal: AbortSignal | undefined;
  private resolve!: (value: R) => void;
  private reject!: (error: unknown) => void;
  private over = false;

  constructor(
    work: Promise<T>,
    call: Call,
    private readonly bound: Bound,
    private readonly select: (value: T) => R,
  ) {
    this.deadline = call.deadline;
    this.signal = call.signal;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    if (this.deadline !== Number.POSITIVE_INFINITY) bound.wheel.add(this);
    this.signal?.addEventListener('abort', this.onAbort, { once: true });
    work.then(
      (value) => {
        this.end(true);
        try {
          this.resolve(this.select(value));
        } catch (error) {
          this.reject(error);
        }
      },
      (error) => {
        this.end(true);
        this.reject(error);
      },
    );
    if (this.signal?.aborted) this.onAbort();
  }

  onDeadline(): void {
    this.end(false);
    const { waitingFor, context } = this.bound;
    this.giveUp(new MeshError('DEADLINE_EXCEEDED', `the deadline passed while ${waitingFor}`, context));
  }

  private readonly onAbort = (): void => {
    this.end(true);
    const { waitingFor, context } = this.bound;
    const cause = this.signal?.reason;
    this.giveUp(
      new MeshError('CANCELLED', `the caller cancelled while ${waitingFor}`, { ...context, cause }),
    );
  };

  private giveUp(error: MeshError): void {
    const { insideFirst } = this.bound;
    if (insideFirst === undefined) this.reject(error);
    else insideFirst.schedule(() => this.reject(error), 0);
  }

  private end(inWheel: boolean): void {
    if (this.over) return;
    this.over = true;
    if (inWheel && this.deadline !== Number.POSITIVE_INFINITY) this.bound.wheel.remove(this);
    this.signal?.removeEventListener('abort', this.onAbort);
  }
}

/**
 * Waits for `work`, but no longer than the call allows, and resolves to what `select` takes of its value.
 * @throws MeshError DEADLINE_EXCEEDED or CANCELLED.
 */
export function withinDeadline<T, R>(
  work: Promise<T>,
  call: Call,
  bound: Bound,
  select: (value: T) => R,
): Promise<R> {
  return new Guard(work, call, bound, select).promise;
}
