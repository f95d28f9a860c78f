import { registryBackoffMs } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { pause } from '../core/pause.js';
import type { Random } from '../core/random.js';
import { reasonOf, shortly } from '../core/reason.js';
import { everMoreRarely, FailureReporter } from './failure-reporter.js';
import type { Resolver } from './resolver.js';

/** One registry that tells endpoints. */
export interface WatchSource {
  /** For messages: its URL without passwords. */
  readonly name: string;
  readonly resolver: Resolver;
}

export interface WatchLoopOptions {
  readonly service: string;
  readonly source: WatchSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly warn: (message: string) => void;
  readonly onList: (list: readonly Endpoint[]) => void;
  readonly onFailure: () => void;
}

/** Why a registry could not tell. */
export interface WatchFailure {
  readonly reason: string;
  readonly cause: unknown;
}

/**
 * Watches a service in one registry, for ever: a watch that fails is begun again, with backoff, and told of each time.
 * An iterable that ends after a list has said its last word (static addresses); one that ends without a list has failed.
 * Nothing that a resolver does wrong gets past it.
 */
export class WatchLoop {
  /** Of the last try; undefined before one has failed, and again once a list came. */
  failure: WatchFailure | undefined;
  /** When it will be asked again, on the clock; undefined while it is being asked. */
  retryAt: number | undefined;
  private failures = 0;
  private delayMs = 0;
  /** When the current try told its first list. */
  private toldAt: number | undefined;
  private readonly stop = new AbortController();
  private attempt = new AbortController();

  private readonly reporter: FailureReporter;

  constructor(private readonly options: WatchLoopOptions) {
    const { service, source, warn } = options;
    const subject = { registry: source.name, service, operation: 'watch' } as const;
    this.reporter = new FailureReporter(subject, everMoreRarely(warn));
  }

  /** Never rejects. */
  async run(): Promise<void> {
    const { clock } = this.options;
    while (!this.isClosed) {
      try {
        await this.watchOnce();
        return;
      } catch (error) {
        if (this.isClosed) return;
        this.fail(error);
        await pause(clock, this.delayMs, this.stop.signal, { isIdle: true });
        this.retryAt = undefined;
      }
    }
  }

  close(): void {
    this.stop.abort();
    this.attempt.abort();
  }

  private get isClosed(): boolean {
    return this.stop.signal.aborted;
  }

  private async watchOnce(): Promise<void> {
    const { service, source } = this.options;
    this.toldAt = undefined;
    this.attempt = new AbortController();
    let lists: AsyncIterator<readonly Endpoint[]> | undefined;
    try {
      lists = iteratorOf(source.resolver.watch(service, this.attempt.signal));
      for (let next = await lists.next(); !next.done; next = await lists.next()) {
        if (this.isClosed) return;
        this.take(endpointsOf(next.value));
      }
      if (this.toldAt === undefined) throw malformed('it ended without a list of endpoints');
    } finally {
      // Not awaited: an iterator that does not end must not hold up the next try.
      this.attempt.abort();
      if (lists !== undefined) void end(lists);
    }
  }

  private take(list: readonly Endpoint[]): void {
    const { clock, onList } = this.options;
    this.toldAt ??= clock.now();
    this.failure = undefined;
    this.reporter.recovered();
    onList(list);
  }

  private fail(cause: unknown): void {
    const { service, source, clock, random, onFailure } = this.options;
    const now = clock.now();
    // One that told a list and failed again before the last delay was over is not well yet: it is asked ever more rarely.
    if (this.toldAt !== undefined && now - this.toldAt >= this.delayMs) this.failures = 0;
    this.failures++;
    this.delayMs = registryBackoffMs(this.failures, random);
    this.retryAt = now + this.delayMs;
    const reason = reasonOf(cause);
    this.failure = { reason, cause };
    this.reporter.failed(
      { reason, failures: this.failures, retryInMs: this.delayMs },
      `the registry ${source.name} cannot tell the endpoints of ${service}`,
      'what is known of it stays in use',
    );
    onFailure();
  }
}

function iteratorOf(lists: AsyncIterable<readonly Endpoint[]>): AsyncIterator<readonly Endpoint[]> {
  if (!(lists instanceof Promise)) return lists[Symbol.asyncIterator]();
  lists.catch(() => undefined);
  throw malformed('its watch returned a promise instead of an iterable; write it as async *watch(..)');
}

async function end(lists: AsyncIterator<unknown>): Promise<void> {
  try {
    await lists.return?.();
  } catch {
    // It was told to stop; how it takes that is its own affair.
  }
}

/** A copy: the resolver may go on working with its own array. */
function endpointsOf(list: unknown): readonly Endpoint[] {
  if (!Array.isArray(list)) throw malformed(`it told ${shortly(list)} instead of a list`);
  const at = list.findIndex((element) => !isEndpoint(element));
  if (at >= 0) {
    throw malformed(
      `its list holds ${shortly(list[at])}, which is no endpoint; make them with endpointOf(host, port, attributes)`,
    );
  }
  return [...list];
}

function isEndpoint(value: unknown): value is Endpoint {
  if (typeof value !== 'object' || value === null) return false;
  const { host, port, address, attributes } = value as Partial<Endpoint>;
  return (
    typeof host === 'string' &&
    typeof port === 'number' &&
    typeof address === 'string' &&
    typeof attributes === 'object' &&
    attributes !== null
  );
}

function malformed(message: string): MeshError {
  return new MeshError('NO_ENDPOINT', message);
}
