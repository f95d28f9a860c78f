import { format } from 'node:util';
import { isWorthALine, registryBackoffMs } from '../../core/backoff.js';
import type { Clock } from '../../core/clock.js';
import type { Random } from '../../core/random.js';
import { FailureReporter } from '../../discovery/failure-reporter.js';
import type { ZkListing } from '../../discovery/zookeeper/connection.js';
import { listingOf, NO_DIRECTORY } from '../../discovery/zookeeper/directory.js';
import type { LiveConnection } from '../../discovery/zookeeper/live-connection.js';
import { makeParents } from '../../discovery/zookeeper/publication.js';
import type { ZkSession } from '../../discovery/zookeeper/session.js';
import { Wake } from '../../discovery/zookeeper/wake.js';
import { isWanted, type ProviderUrl, readProviderUrl } from './provider-url.js';
import type { AddressListener, RegistryLogger, SubscribeConfig } from './registry.js';

/**
 * For how long an emptied directory is not believed: where all data are being removed, it is a sign of that, and the
 * directory goes next.
 */
const SETTLE_MS = 300;

export interface InterfaceWatchEnv {
  /** The registry's name, for messages. */
  readonly registry: string;
  readonly session: ZkSession;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: RegistryLogger;
  /** The registry refuses to tell, or a listener has thrown. */
  readonly onError: (error: Error) => void;
}

type Providers = readonly ProviderUrl[];

interface Subscriber {
  /** Equal for subscriptions that are the same but for the listener. */
  readonly key: string;
  readonly config: SubscribeConfig;
  readonly listener: AddressListener;
  /** The list of which it was told its part. */
  told: Providers | undefined;
}

/**
 * The providers of one interface, read for as long as anybody wants to know them. Each subscriber is told those that it
 * wants, whatever the others want.
 *
 * What was told stays true while the registry does not answer, and when it has lost its data: an empty list counts only
 * where it is the same directory that listed providers before.
 */
export class InterfaceWatch {
  private readonly subscribers = new Set<Subscriber>();
  private running: AbortController | undefined;
  private listing: ZkListing | undefined;
  /** What is believed, by the names of the nodes; of a node that was skipped, why. */
  private known: ReadonlyMap<string, ProviderUrl | string> = new Map();
  private providers: Providers | undefined;
  /** The directory that it was read from; undefined where that was long ago. */
  private readFrom: string | undefined;
  private emptySince: number | undefined;
  private hasLostData = false;
  private failures = 0;
  private readonly reporter: FailureReporter;

  constructor(
    private readonly interfaceName: string,
    private readonly directory: string,
    private readonly env: InterfaceWatchEnv,
  ) {
    const subject = { registry: env.registry, service: interfaceName, operation: 'watch' } as const;
    // A line is the error event's to lead to.
    this.reporter = new FailureReporter(subject, () => undefined);
  }

  add(config: SubscribeConfig, listener: AddressListener): void {
    const subscriber: Subscriber = { key: keyOf(config), config, listener, told: undefined };
    this.subscribers.add(subscriber);
    if (this.running === undefined) {
      this.running = new AbortController();
      void this.run(this.running.signal);
    } else if (this.providers !== undefined) {
      setImmediate(() => this.tellUntold([subscriber]));
    }
  }

  /** Without a listener: all subscribers of that config. */
  remove(config: SubscribeConfig, listener?: AddressListener): void {
    const key = keyOf(config);
    for (const subscriber of this.subscribers)
      if (subscriber.key === key && (listener === undefined || subscriber.listener === listener))
        this.subscribers.delete(subscriber);
    if (this.subscribers.size === 0) this.stop();
  }

  close(): void {
    this.subscribers.clear();
    this.stop();
  }

  private stop(): void {
    this.running?.abort();
    this.running = undefined;
  }

  private async run(signal: AbortSignal): Promise<void> {
    const { clock, session } = this.env;
    const loop = new Wake(clock);
    const unlisten = session.listen([this.directory], loop.wake);
    signal.addEventListener('abort', loop.wake, { once: true });
    // What was known before may be hours old: it stands in for a registry that does not answer, and no more.
    this.readFrom = undefined;
    this.emptySince = undefined;
    this.hasLostData = false;
    for (let heard = true; !signal.aborted && !session.closed; ) {
      let restMs: number;
      try {
        await session.run((requests) => this.look(requests, heard), signal);
        this.recover();
        restMs = this.unsettledMs() ?? session.nextLookMs();
        heard = false;
      } catch (error) {
        if (signal.aborted || session.closed) break;
        restMs = this.fail(error as Error);
      }
      if (await loop.sleep(restMs)) heard = true;
    }
    unlisten();
  }

  private async look(requests: LiveConnection, heard: boolean): Promise<void> {
    let { listing } = this;
    const { revision } = heard
      ? NO_DIRECTORY
      : ((await requests.exists(this.directory, false)) ?? NO_DIRECTORY);
    if (heard || listing === undefined || listing.revision !== revision)
      listing = await listingOf(requests, this.directory);
    if (listing === NO_DIRECTORY && this.readFrom === undefined) {
      await makeParents(requests, `${this.directory}/`);
      listing = await listingOf(requests, this.directory);
    }
    this.take(listing);
  }

  private take(listing: ZkListing): void {
    this.listing = listing;
    if (listing.names.length === 0 && this.known.size > 0 && this.readFrom !== undefined) {
      this.emptySince ??= this.env.clock.now();
      if (listing.created !== this.readFrom) this.keepAll();
      if (this.hasLostData || this.unsettledMs() !== undefined) return;
    }
    this.emptySince = undefined;
    this.hasLostData = false;
    this.readFrom = listing.created;
    const { names } = listing;
    const isSame = names.length === this.known.size && names.every((name) => this.known.has(name));
    if (!isSame || this.providers === undefined) this.read(names);
    this.tellUntold();
  }

  /** Milliseconds until an emptied directory is believed; undefined where there is none to doubt. */
  private unsettledMs(): number | undefined {
    if (this.emptySince === undefined || this.hasLostData) return undefined;
    const leftMs = this.emptySince + SETTLE_MS - this.env.clock.now();
    return leftMs > 0 ? leftMs : undefined;
  }

  private keepAll(): void {
    if (this.hasLostData) return;
    this.hasLostData = true;
    this.env.logger.warn(
      '[ZookeeperRegistry] %s has lost what was in %s: the last %d providers are kept until it lists others',
      this.env.registry,
      this.directory,
      this.known.size,
    );
  }

  private read(names: readonly string[]): void {
    const known = new Map<string, ProviderUrl | string>();
    const providers: ProviderUrl[] = [];
    for (const name of names) {
      const provider = this.known.get(name) ?? readProviderUrl(name);
      if (typeof provider !== 'string') providers.push(provider);
      else if (!this.known.has(name))
        this.env.logger.warn(
          '[ZookeeperRegistry] skipped a node of %s, %s: %s',
          this.directory,
          provider,
          name,
        );
      known.set(name, provider);
    }
    this.known = known;
    this.providers = providers;
  }

  /** Milliseconds until it is asked again. That the registry is down is told of by whoever keeps the session. */
  private fail(error: Error): number {
    const { onError, random, registry, session } = this.env;
    const failures = ++this.failures;
    const retryInMs = registryBackoffMs(failures, random);
    const what = `${registry} cannot tell the providers of ${this.interfaceName}`;
    this.reporter.failed(
      { reason: error.message, failures, retryInMs },
      what,
      'those that are known stay in use',
    );
    if (session.isConnected && isWorthALine(failures)) onError(error);
    this.tellUntold();
    return retryInMs;
  }

  private recover(): void {
    this.reporter.recovered();
    this.failures = 0;
  }

  /** Tells those of them, by default of all, who do not know it yet. */
  private tellUntold(subscribers: Iterable<Subscriber> = this.subscribers): void {
    const { providers } = this;
    if (providers === undefined) return;
    const lists = new Map<string, readonly string[]>();
    for (const subscriber of [...subscribers]) {
      const { key, config, listener } = subscriber;
      if (subscriber.told === providers || !this.subscribers.has(subscriber)) continue;
      subscriber.told = providers;
      let list = lists.get(key);
      if (list === undefined) {
        list = this.listFor(config, providers, subscribers === this.subscribers);
        lists.set(key, list);
      }
      try {
        listener([...list]);
      } catch (error) {
        this.env.onError(error as Error);
      }
    }
  }

  private listFor(config: SubscribeConfig, providers: Providers, isNews: boolean): readonly string[] {
    const all = providers.map(({ url }) => url);
    const list = providers.filter((provider) => isWanted(provider, config)).map(({ url }) => url);
    if (isNews) {
      const { interfaceName, version, group } = config;
      this.env.logger.info(
        '[ZookeeperRegistry] receive interface:%s:%s@%s address list (%d):\n%s\nvalid providers (%d):\n%s',
        ...[interfaceName, version || '', group || ''],
        ...[all.length, lines(all), list.length, lines(list)],
      );
    }
    return list;
  }
}

function lines(urls: readonly string[]): string {
  return urls.map((url) => `  - ${url}`).join('\n');
}

function keyOf(config: SubscribeConfig): string {
  try {
    return JSON.stringify(config);
  } catch {
    // It refers to itself, or holds a bigint.
    return format('%s:%s@%s', config.interfaceName, config.version, config.group);
  }
}
