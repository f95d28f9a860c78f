import type { Clock, Timer } from '../core/clock.js';
import { Deferred } from '../core/deferred.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { publish } from '../core/events.js';
import type { Random } from '../core/random.js';
import { reasonOf } from '../core/reason.js';
import { MergedList } from './merged-list.js';
import type { Snapshot } from './snapshot.js';
import { SourceWatch } from './source-watch.js';
import type { WatchSource } from './watch-loop.js';

export interface EndpointWatchOptions {
  readonly service: string;
  /** At least one. Of an address that several tell, the first one's attributes count. */
  readonly sources: readonly WatchSource[];
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds for which an empty list after one that was not is not believed; 0 believes it at once. */
  readonly emptyGraceMs: number;
  /** The lists of an earlier process, for a start without the registry. */
  readonly snapshot?: Snapshot;
  readonly warn: (message: string) => void;
  /**
   * Called with a new array whenever an address came, went or has other attributes. An endpoint that stayed as it was is
   * the same object as before.
   */
  readonly onEndpoints: (endpoints: readonly Endpoint[]) => void;
}

/** How long a call waits for a registry that has failed before, when nothing is known. */
const PATIENCE_MS = 1_000;

/** Each call gets an error of its own: what it was called for is added to it. */
type MakeError = () => MeshError;

/**
 * The endpoints of one service, as all its registries together tell them. What was known is kept while a registry
 * cannot tell. Registries are asked from the first `ready()` on.
 */
export class EndpointWatch {
  private readonly sources: readonly SourceWatch[];
  private readonly merged = new MergedList();
  private opened = false;
  private closed = false;
  /** What all calls of the moment wait for. */
  private waiting: Deferred<MakeError | undefined> | undefined;
  private patience: Timer | undefined;

  constructor(private readonly options: EndpointWatchOptions) {
    this.sources = options.sources.map(
      (source) =>
        new SourceWatch({
          ...options,
          source,
          onChange: (isFirst) => this.onChange(isFirst),
        }),
    );
  }

  /**
   * Resolves when endpoints are known. To none at all only where some registry says so, and no other may still tell more.
   *
   * While nothing is known, it rejects when every registry has failed. After that, calls start no tries of their own: one
   * that comes when a try runs, or is due within a second, waits for it, up to a second; another one is told the last
   * failure at once.
   * @throws MeshError NO_ENDPOINT with the reason of each registry; SHUTTING_DOWN once closed.
   */
  async ready(): Promise<void> {
    if (this.closed) throw this.closedError();
    if (!this.opened) {
      this.opened = true;
      void this.open();
    }
    if (this.isKnown()) return;
    if (this.waiting === undefined && this.haveAllFailed()) this.waitForNextTry();
    this.waiting ??= new Deferred();
    const failure = await this.waiting.promise;
    if (failure !== undefined) throw failure();
  }

  /** Ends all watches; `onEndpoints` is not called any more. */
  close(): void {
    this.closed = true;
    for (const source of this.sources) source.close();
    this.settle(() => this.closedError());
  }

  /** @throws MeshError where no try runs and none is near. */
  private waitForNextTry(): void {
    const { clock } = this.options;
    const near = clock.now() + PATIENCE_MS;
    if (this.sources.every(({ retryAt }) => retryAt !== undefined && retryAt > near)) throw this.unknown()();
    this.patience = clock.schedule(() => this.settle(this.unknown()), PATIENCE_MS).unref();
  }

  private async open(): Promise<void> {
    const remembered = (await this.options.snapshot?.load()) ?? [];
    if (this.closed) return;
    for (const [i, source] of this.sources.entries()) source.start(remembered[i]);
  }

  private isKnown(): boolean {
    const { sources } = this;
    if (sources.some(({ endpoints = [] }) => endpoints.length > 0)) return true;
    const hasTold = sources.some(({ endpoints }) => endpoints !== undefined);
    return hasTold && sources.every(({ endpoints, failure }) => (endpoints ?? failure) !== undefined);
  }

  private haveAllFailed(): boolean {
    return this.sources.every(({ failure }) => failure !== undefined);
  }

  private onChange(isFirst: boolean): void {
    const hasChanged = this.merge();
    if (hasChanged || isFirst) this.options.snapshot?.save(this.sources.map(({ last }) => last));
    if (this.isKnown()) this.settle();
    else if (this.sources.every(({ retryAt }) => retryAt !== undefined)) this.settle(this.unknown());
  }

  /** True where something is different now. */
  private merge(): boolean {
    const { service, warn, onEndpoints } = this.options;
    const change = this.merged.merge(this.sources.map(({ endpoints = [] }) => endpoints));
    if (change === undefined) return false;
    const { endpoints, added, removed } = change;
    try {
      onEndpoints(endpoints);
    } catch (error) {
      // A balancer of the user's may be behind it. The watch goes on.
      warn(`the endpoints of ${service} could not be put to use: ${reasonOf(error)}`);
    }
    publish('endpoints.changed', { service, endpoints: endpoints.length, added, removed });
    return true;
  }

  private settle(failure?: MakeError): void {
    this.patience?.cancel();
    this.waiting?.resolve(failure);
    this.waiting = undefined;
  }

  private unknown(): MakeError {
    const { service, sources } = this.options;
    const failures = this.sources.map(({ failure }) => failure);
    const reasons = failures.map((failure, i) => `${sources[i].name}: ${failure?.reason}`).join('; ');
    const context = { service, cause: failures[0]?.cause };
    return () => new MeshError('NO_ENDPOINT', `no endpoint of ${service} is known: ${reasons}`, context);
  }

  private closedError(): MeshError {
    const { service } = this.options;
    const message = `the client was closed before an endpoint of ${service} was known`;
    return new MeshError('SHUTTING_DOWN', message, { service });
  }
}
