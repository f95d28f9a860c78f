import assert from 'node:assert';
import type { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { inspect } from 'node:util';
import { type Clock, systemClock } from '../core/clock.js';

export interface BaseOptions {
  /** The method that makes the object ready: called in the next tick, it returns a promise. */
  initMethod?: string;
  localStorage?: AsyncLocalStorage<unknown>;
  /** Time for {@link Base.readyOrTimeout}. Default: the machine's. */
  clock?: Clock;
  // biome-ignore lint/suspicious/noExplicitAny: each class has options of its own, and users add theirs
  [key: string]: any;
}

/** Told once, when the object is ready (no error) or has failed to become so. */
export type ReadyCallback = (error?: Error | null) => void;

/**
 * What every class of the old interface is: an EventEmitter that becomes ready or fails to, and can be closed. An `error`
 * that nobody listens to is written to the console instead of being thrown.
 */
export class Base extends EventEmitter {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  options: any;
  protected _ready = false;
  protected _readyError: Error | null = null;
  protected _readyCallbacks: ReadyCallback[] = [];
  protected _closed = false;
  #closing: Promise<void> | undefined;

  constructor(options?: BaseOptions) {
    super();
    this.options = options ?? {};
    this.on('error', (error) => reportUnheard(this, error));
    const { initMethod } = this.options as BaseOptions;
    if (initMethod) {
      assert(
        typeof methodOf(this, initMethod) === 'function',
        `[sdk-base] this.${initMethod} should be a function.`,
      );
      process.nextTick(() => init(this, initMethod));
    }
  }

  get isReady(): boolean {
    return this._ready;
  }

  get localStorage(): AsyncLocalStorage<unknown> | undefined {
    return this.options.localStorage;
  }

  /** Resolves once the object is ready, rejects where it failed. */
  ready(): Promise<void>;
  /**
   * With a callback: calls it in the tick after the object became ready or failed. With true or an error: makes it so; an
   * error that nobody waits for is emitted.
   */
  ready(flagOrCallback: boolean | Error | ReadyCallback): void;
  ready(...given: [] | [boolean | Error | ReadyCallback]): Promise<void> | undefined {
    if (given.length === 0) return this.#whenReady();
    const [flag] = given;
    if (typeof flag === 'function') {
      this._readyCallbacks.push(flag);
    } else if (flag instanceof Error) {
      this._ready = false;
      this._readyError = flag;
      if (this._readyCallbacks.length === 0) this.emit('error', flag);
    } else {
      this._ready = flag;
    }
    if (this._ready || this._readyError) {
      for (const callback of this._readyCallbacks.splice(0))
        process.nextTick(() => callback(this._readyError));
    }
    return undefined;
  }

  /**
   * As {@link Base.ready}, for at most `milliseconds`; Infinity is no limit.
   * @throws Error of the name TimeoutError when they have passed; TypeError where they are no number or negative.
   */
  async readyOrTimeout(milliseconds: number): Promise<void> {
    if (this._ready) return;
    if (this._readyError) throw this._readyError;
    if (typeof milliseconds !== 'number' || milliseconds < 0)
      throw new TypeError('Expected `milliseconds` to be a positive number');
    if (milliseconds === Number.POSITIVE_INFINITY) return this.#whenReady();
    const clock: Clock = this.options.clock ?? systemClock;
    await new Promise<void>((resolve, reject) => {
      const onReady: ReadyCallback = (error) => {
        timer.cancel();
        settle(resolve, reject, error);
      };
      const timer = clock.schedule(() => {
        const at = this._readyCallbacks.indexOf(onReady);
        if (at >= 0) this._readyCallbacks.splice(at, 1);
        const error = new Error(`Promise timed out after ${milliseconds} milliseconds`);
        error.name = 'TimeoutError';
        reject(error);
      }, milliseconds);
      this._readyCallbacks.push(onReady);
    });
  }

  /** The first argument of the next such event, of this object or of another emitter; `error` rejects. */
  // biome-ignore lint/suspicious/noExplicitAny: an event's argument
  await(event: string): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: an event's argument
  await(emitter: EventEmitter, event: string): Promise<any>;
  await(...given: [string] | [EventEmitter, string]): Promise<unknown> {
    const [emitter, event] = given.length === 1 ? [this, given[0]] : given;
    return new Promise((resolve, reject) => {
      emitter.once(event, event === 'error' ? reject : resolve);
    });
  }

  /** Which of the events came first, and its arguments; `error`, where it is among them, rejects. */
  // biome-ignore lint/suspicious/noExplicitAny: an event's arguments
  awaitFirst(events: string[]): Promise<{ event: string; args: any[] }> {
    return new Promise((resolve, reject) => {
      const listeners = events.map((event) => {
        const listener = (...args: unknown[]): void => {
          for (const [other, its] of listeners) this.removeListener(other, its);
          if (event === 'error') reject(args[0]);
          else resolve({ event, args });
        };
        this.on(event, listener);
        return [event, listener] as const;
      });
    });
  }

  /** What {@link Base.close} does, where there is anything to do. */
  protected _close?(): Promise<void>;

  /** Calls `_close()` once. Where that fails, the error is emitted. */
  close(): Promise<void> {
    if (this._closed) return Promise.resolve();
    if (this.#closing) return this.#closing;
    if (!this._close) {
      this._closed = true;
      return Promise.resolve();
    }
    const closing = this._close();
    this.#closing = closing;
    assert(isPromise(closing), '[sdk-base] this._close should return either a promise or a generator');
    return closing.then(
      () => {
        this._closed = true;
      },
      (error) => {
        this._closed = true;
        this.emit('error', error);
      },
    );
  }

  #whenReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this._ready) resolve();
      else if (this._readyError) reject(this._readyError);
      else this._readyCallbacks.push((error) => settle(resolve, reject, error));
    });
  }
}

// Functions, not methods: `init` and the like are names that subclasses use.

function init(base: Base, method: string): void {
  const started = methodOf(base, method)?.call(base);
  assert(isPromise(started), `[sdk-base] this.${method} should return either a promise or a generator`);
  started.then(() => base.ready(true)).catch((error: Error) => base.ready(error));
}

function methodOf(base: Base, name: string): (() => unknown) | undefined {
  return (base as unknown as Record<string, (() => unknown) | undefined>)[name];
}

function reportUnheard(base: Base, error: unknown): void {
  if (base.listenerCount('error') > 1) return;
  const at = new Date(systemClock.wallTime());
  console.error(
    `[${at}][pid: ${process.pid}][${base.constructor.name}] an error event that nobody listens to: ${inspect(error)}`,
  );
}

function settle(resolve: () => void, reject: (error: Error) => void, error?: Error | null): void {
  if (error) reject(error);
  else resolve();
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
