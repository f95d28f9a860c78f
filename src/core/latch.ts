import { Deferred } from './deferred.js';

/** Lets others wait for what comes again and again: the last call, the last connection. */
export class Latch {
  private waiting: Deferred | undefined;

  /** Resolves at once where `isOpen`, else when {@link open} is called next. */
  wait(isOpen: boolean): Promise<void> {
    if (isOpen) return Promise.resolve();
    this.waiting ??= new Deferred();
    return this.waiting.promise;
  }

  open(): void {
    this.waiting?.resolve();
    this.waiting = undefined;
  }
}
