import type { Clock, Timer } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import { publish } from '../core/events.js';
import type { Random } from '../core/random.js';
import { registryBackoffMs } from '../discovery/backoff.js';
import { reasonOf } from '../discovery/reason.js';
import type { FailureLines } from './failure-lines.js';

export interface RegistrationEnv {
  readonly clock: Clock;
  readonly random: Random;
  readonly lines: FailureLines;
  /** The sidecar, for messages. */
  readonly name: string;
  /** What the sidecar was told, or what came of it, is another one now. */
  readonly onChange: () => void;
  /** It answered that it does not know the application. */
  readonly onForgotten: () => void;
}

/** One service, and how the sidecar is told of it. */
export interface Registered<T> {
  readonly service: string;
  readonly operation: 'publish' | 'watch';
  /** Asks the sidecar for it, and resolves to what it answered. */
  readonly tell: () => Promise<T>;
  readonly takeBack: () => Promise<void>;
}

const NOTHING = 0;
/** It may have been told, but did not say so: nothing that was asked for is left behind because an answer was lost. */
const UNSURE = -1;

const TELL = {
  publish: ['announce', 'whoever calls through it does not find this server'],
  watch: ['subscribe', 'its calls do not go through it'],
};
const TAKE_BACK = ['take back', 'it keeps what it knows of it'];

/**
 * Something that the sidecar is told for as long as it is wanted: again after a failure, with backoff, and again when it
 * was restarted. One request at a time, so that the last word is what was wanted last.
 */
export class Registration<T> {
  /** What the sidecar answered; undefined until it did. */
  answer: T | undefined;
  /** Of the last try, where it failed. */
  error: unknown;
  /** Whether any sidecar has taken it. */
  wasEverTold = false;
  private versions = 0;
  /** Version of what is wanted. */
  private wanted = NOTHING;
  /** Version of what the sidecar was told. */
  private told = NOTHING;
  private failures = 0;
  private isOpen = false;
  private isAsking = false;
  /** Another one for each sidecar: what an earlier one answers late does not count. */
  private session = {};
  private retry: Timer | undefined;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly env: RegistrationEnv,
    private readonly registered: Registered<T>,
  ) {}

  /** Whether the sidecar that is there now knows what is wanted. */
  get isTold(): boolean {
    return this.wanted !== NOTHING && this.told === this.wanted;
  }

  /** Neither wanted nor, as far as is known, told. */
  get isOver(): boolean {
    return this.wanted === NOTHING && this.told === NOTHING && !this.isAsking;
  }

  /** Why the last try failed, in words. */
  get failure(): string | undefined {
    return this.error === undefined ? undefined : reasonOf(this.error);
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

  /** The sidecar seems to have forgotten it. */
  again(): void {
    if (!this.isTold) return;
    this.told = UNSURE;
    this.settle();
  }

  /** There is a sidecar which knows nothing. Resolves as {@link known}. */
  open(): Promise<void> {
    this.forget();
    this.isOpen = true;
    this.settle();
    return this.known();
  }

  /** The sidecar is gone, with all that it knew. */
  reset(): void {
    this.forget();
    this.isOpen = false;
    this.failures = 0;
    this.answer = undefined;
    this.error = undefined;
    this.wakeAll();
  }

  /** Resolves when the sidecar has taken what is wanted, or a try failed, or the sidecar is gone. */
  known(): Promise<void> {
    if (this.isOpen && !this.isAsking) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
    });
  }

  private forget(): void {
    this.session = {};
    this.told = NOTHING;
    this.isAsking = false;
    this.retry?.cancel();
  }

  private wakeAll(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }

  private settle(): void {
    // Whoever asks looks again at what is wanted before it stops.
    if (!this.isOpen || this.isAsking) return;
    this.retry?.cancel();
    if (this.told !== this.wanted) void this.ask(this.session);
  }

  /** Never rejects. */
  private async ask(session: object): Promise<void> {
    const { tell, takeBack } = this.registered;
    this.isAsking = true;
    while (this.told !== this.wanted) {
      const target = this.wanted;
      try {
        const answer = target === NOTHING ? await takeBack() : await tell();
        if (session !== this.session) return;
        this.succeed(target, answer as T);
      } catch (error) {
        if (session !== this.session) return;
        this.fail(target, error);
        if (this.told !== this.wanted) this.askLater(target);
        break;
      }
    }
    this.isAsking = false;
    this.wakeAll();
    this.env.onChange();
  }

  private succeed(target: number, answer: T): void {
    this.told = target;
    this.answer = answer;
    this.error = undefined;
    if (target !== NOTHING) this.wasEverTold = true;
    if (this.failures === 0) return;
    this.failures = 0;
    const { service, operation } = this.registered;
    publish('registry.recovered', { registry: this.env.name, service, operation });
  }

  private fail(target: number, error: unknown): void {
    this.error = error;
    this.told = this.toldAfter(target, error);
    if (isRefusal(error) && reasonOf(error).includes('/configs/application')) this.env.onForgotten();
  }

  /** What the sidecar may have been told, after a request that failed. */
  private toldAfter(target: number, error: unknown): number {
    const isRefused = isRefusal(error);
    // It refuses to take back what it does not know.
    if (target === NOTHING) return isRefused ? NOTHING : UNSURE;
    const isLeftUndone = isRefused || (MeshError.is(error) && !error.sent);
    return isLeftUndone && this.told === NOTHING ? NOTHING : UNSURE;
  }

  private askLater(target: number): void {
    const { env, registered } = this;
    const { service, operation } = registered;
    const failures = ++this.failures;
    const retryInMs = registryBackoffMs(failures, env.random);
    this.retry = env.clock.schedule(() => this.settle(), retryInMs).unref();
    // A first announcement that fails is its caller's to repeat, and to tell of.
    if (operation === 'publish' && !this.wasEverTold) return;
    const reason = reasonOf(this.error);
    publish('registry.failed', { registry: env.name, service, operation, reason, failures, retryInMs });
    const [what, consequence] = target === NOTHING ? TAKE_BACK : TELL[operation];
    const again = `It is tried again in ${retryInMs} ms (failure ${failures})`;
    const line = `cannot ${what} ${service} at ${env.name}: ${reason}; ${consequence}. ${again}`;
    env.lines.add(failures, reason, line);
  }
}

function isRefusal(error: unknown): error is MeshError {
  return MeshError.is(error) && error.code === 'REMOTE_FAILURE';
}
