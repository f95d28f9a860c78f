import type { Clock, Timer } from './clock.js';

/** A try that failed. */
export interface FailedTry {
  readonly error: unknown;
  /** Tries in a row that failed, this one included. */
  readonly failures: number;
  /** Undefined where it is not tried again by itself. */
  readonly retryInMs: number | undefined;
  /** Whether it was to be taken back, not made. */
  readonly isRevert: boolean;
}

export interface ReconcilerOptions<T> {
  readonly clock: Clock;
  /** Makes it what is wanted, whatever it is now; called again whenever that is in doubt. */
  readonly apply: () => Promise<T>;
  /** Takes it back, as far as it is there. */
  readonly revert: () => Promise<unknown>;
  /** Whether a try that failed may have left something, or, of a revert, has. Default: it may. */
  readonly leaves?: (error: unknown, isRevert: boolean) => boolean;
  /** Milliseconds until the next try; undefined: it waits for `again()`. */
  readonly retryMs: (failures: number, isRevert: boolean) => number | undefined;
  /** Milliseconds until what was made is looked at again, by `apply`, although nothing was heard of it. Default: never. */
  readonly lookMs?: () => number;
  /** A try failed, whether or not there is another one. */
  readonly onTryFailed?: (error: unknown) => void;
  /** A try failed, and what is wanted is still to be done. */
  readonly onFailed?: (failed: FailedTry) => void;
  /** A try succeeded after others had failed. */
  readonly onRecovered?: (failures: number) => void;
  /** It has stopped trying for now, either way. */
  readonly onSettled?: () => void;
}

const NOTHING = 0;
/** It may be there, or another version of it: nothing that was asked for is left behind because an answer was lost. */
const UNSURE = -1;

/**
 * Keeps something elsewhere as it is wanted here: made until it is made, with pauses between the tries, again after a loss,
 * and taken back when it is not wanted any more. One try at a time, so that the last word is what was wanted last.
 */
export class Reconciler<T = void> {
  /** What the last apply resolved to; undefined until one did. */
  result: T | undefined;
  /** Of the last try, where it failed. */
  error: unknown;
  wasEverMade = false;
  private versions = 0;
  /** Version of what is wanted. */
  private wanted = NOTHING;
  /** Version of what is there. */
  private actual = NOTHING;
  private failures = 0;
  private isOpen = false;
  private isBusy = false;
  /** Something was heard during a try: it is not the last one. */
  private isDue = false;
  /** Another one after each `forget()`: what an earlier try comes to does not count. */
  private epoch = {};
  private timer: Timer | undefined;
  private waiting: (() => void)[] = [];

  constructor(private readonly options: ReconcilerOptions<T>) {}

  get isWanted(): boolean {
    return this.wanted !== NOTHING;
  }

  /** Whether what is there is, as far as is known, what is wanted. */
  get isMade(): boolean {
    return this.isWanted && this.actual === this.wanted;
  }

  /** Whether a try is under way. */
  get isTrying(): boolean {
    return this.isBusy;
  }

  /** Neither wanted nor, as far as is known, there. */
  get isOver(): boolean {
    return !this.isWanted && this.actual === NOTHING && !this.isBusy;
  }

  /** It is wanted, or something else of it is. */
  want(): void {
    this.wanted = ++this.versions;
    this.settle();
  }

  unwant(): void {
    this.wanted = NOTHING;
    this.settle();
  }

  /** What is there may be so no longer, or a try may succeed now. */
  again(): void {
    this.isDue = true;
    if (this.actual === this.wanted && this.isWanted) this.actual = UNSURE;
    this.settle();
  }

  /** There is somebody to ask, who knows of nothing yet. Resolves as {@link known}. */
  open(): Promise<void> {
    this.forget();
    this.isOpen = true;
    this.settle();
    return this.known();
  }

  /** There is nobody to ask any more: what was there is gone. */
  close(): void {
    this.forget();
    this.isOpen = false;
    this.failures = 0;
    this.result = undefined;
    this.error = undefined;
    this.wakeAll();
  }

  /** It is not wanted any more, and not taken back either: somebody else sees to it. */
  release(): void {
    this.wanted = NOTHING;
    this.forget();
    this.wakeAll();
  }

  /** Resolves when no try is under way, or there is nobody to ask any more. */
  known(): Promise<void> {
    if (this.isOpen && !this.isBusy) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  private forget(): void {
    this.epoch = {};
    this.actual = NOTHING;
    this.isBusy = false;
    this.timer?.cancel();
  }

  private wakeAll(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }

  private settle(): void {
    // Whoever tries looks again at what is wanted before it stops.
    if (!this.isOpen || this.isBusy) return;
    this.timer?.cancel();
    if (this.actual !== this.wanted) void this.run(this.epoch);
  }

  /** Never rejects. */
  private async run(epoch: object): Promise<void> {
    this.isBusy = true;
    while (this.actual !== this.wanted) {
      const target = this.wanted;
      this.isDue = false;
      this.timer?.cancel();
      try {
        const result = target === NOTHING ? await this.options.revert() : await this.options.apply();
        if (epoch !== this.epoch) return;
        this.succeed(target, result as T);
      } catch (error) {
        if (epoch !== this.epoch) return;
        this.fail(target === NOTHING, error);
        if (!this.isDue && target === this.wanted) break;
      }
    }
    this.isBusy = false;
    this.wakeAll();
    this.options.onSettled?.();
  }

  private succeed(target: number, result: T): void {
    const { failures } = this;
    this.actual = this.isDue && target !== NOTHING ? UNSURE : target;
    this.result = result;
    this.error = undefined;
    this.failures = 0;
    if (target !== NOTHING) this.wasEverMade = true;
    if (failures > 0) this.options.onRecovered?.(failures);
    const { lookMs } = this.options;
    if (lookMs !== undefined && this.isMade) this.later(lookMs());
  }

  private fail(isRevert: boolean, error: unknown): void {
    const { leaves = () => true, retryMs, onTryFailed, onFailed } = this.options;
    this.error = error;
    const isGone = !leaves(error, isRevert) && (isRevert || this.actual === NOTHING);
    this.actual = isGone ? NOTHING : UNSURE;
    onTryFailed?.(error);
    if (this.actual === this.wanted) return;
    const failures = ++this.failures;
    const retryInMs = retryMs(failures, isRevert);
    if (retryInMs !== undefined) this.later(retryInMs);
    onFailed?.({ error, failures, retryInMs, isRevert });
  }

  private later(ms: number): void {
    this.timer?.cancel();
    this.timer = this.options.clock.schedule(() => this.again(), ms).unref();
  }
}
