import type { Call, Interceptor } from '../core/call.js';
import { MeshError } from '../core/errors.js';
import type { TimerWheel, WheelEntry } from '../core/timer-wheel.js';

/** Settles as `work` does, but no later than the call's deadline or cancellation. */
class Guard<T> implements WheelEntry {
  readonly deadline: number;
  wheelPrevious: WheelEntry | undefined;
  wheelNext: WheelEntry | undefined;
  readonly promise: Promise<T>;
  private readonly signal: AbortSignal | undefined;
  private resolve!: (value: T) => void;
  private reject!: (error: unknown) => void;
  private over = false;

  constructor(
    work: Promise<T>,
    call: Call,
    private readonly wheel: TimerWheel,
    private readonly waitingFor: string,
  ) {
    this.deadline = call.deadline;
    this.signal = call.signal;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    if (this.deadline !== Number.POSITIVE_INFINITY) wheel.add(this);
    this.signal?.addEventListener('abort', this.onAbort, { once: true });
    work.then(
      (value) => {
        this.end(true);
        this.resolve(value);
      },
      (error) => {
        this.end(true);
        this.reject(error);
      },
    );
  }

  onDeadline(): void {
    this.end(false);
    this.reject(new MeshError('DEADLINE_EXCEEDED', `the deadline passed while ${this.waitingFor}`));
  }

  private readonly onAbort = (): void => {
    this.end(true);
    this.reject(new MeshError('CANCELLED', `the caller cancelled while ${this.waitingFor}`, { cause: this.signal?.reason }));
  };

  private end(inWheel: boolean): void {
    if (this.over) return;
    this.over = true;
    if (inWheel && this.deadline !== Number.POSITIVE_INFINITY) this.wheel.remove(this);
    this.signal?.removeEventListener('abort', this.onAbort);
  }
}

/**
 * Waits for `work`, but no longer than the call allows.
 * @throws MeshError DEADLINE_EXCEEDED or CANCELLED, with `waitingFor` in the message.
 */
export function withinDeadline<T>(work: Promise<T>, call: Call, wheel: TimerWheel, waitingFor: string): Promise<T> {
  return new Guard(work, call, wheel, waitingFor).promise;
}

/** The outermost interceptor of a chain that has others: whatever they wait for, the call ends by its deadline. */
export function deadlineGuard(wheel: TimerWheel): Interceptor {
  return (next) => (call) => withinDeadline(next(call), call, wheel, 'the call was on its way');
}
