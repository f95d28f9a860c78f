import assert from 'node:assert';
import { isWorthALine } from '../../core/backoff.js';
import { type Clock, systemClock } from '../../core/clock.js';
import { MeshError } from '../../core/errors.js';
import { type Random, systemRandom } from '../../core/random.js';
import { hostOption, publishedHost, thisMachine } from '../../discovery/published-host.js';
import { zookeeperConnect } from '../../discovery/zookeeper/adapter.js';
import type { ZkConnect } from '../../discovery/zookeeper/connection.js';
import { ZkSession } from '../../discovery/zookeeper/session.js';
import { Base } from '../base.js';
import { InterfaceWatch } from './interface-watch.js';
import { KeptNodes } from './kept-nodes.js';
import type {
  AddressListener,
  CompatRegistry,
  RegisterConfig,
  RegistryLogger,
  SubscribeConfig,
} from './registry.js';
import { registryTarget } from './zookeeper-target.js';

/** After which an outage is told of, at the start and later. */
const LOUD_MS = 10_000;

export interface ZookeeperRegistryOptions {
  logger: RegistryLogger;
  /** `host:port,host:port/root`. Without a root everything is in `/sofa-rpc`, with one in that alone. */
  address: string;
  /** A user of the digest scheme, `{ scheme: 'digest', auth: 'user:password' }`. The nodes are for everybody even so. */
  authInfo?: { scheme?: string; auth?: string | Buffer };
  /** Whether a provider is gone from the registry when its process is. Default: true. */
  ephemeralNode?: boolean;
  /** Taken, and not used: each process has a session of its own. */
  cluster?: unknown;
  [more: string]: unknown;
}

/** What the registry works with, replaced in tests. */
export interface ZookeeperRegistryEnv {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly connect?: ZkConnect;
  /** This machine's address, for the consumer's entry. */
  readonly host?: () => Promise<string>;
}

interface Parts {
  /** The registry's name, for messages. */
  readonly registry: string;
  readonly session: ZkSession;
  readonly nodes: KeptNodes;
  readonly root: string;
  /** By interface. */
  readonly watches: Map<string, InterfaceWatch>;
  readonly host: () => Promise<string>;
  /** How long a first connection may take. */
  readonly patienceMs: number;
}

/**
 * A registry in ZooKeeper. It connects at once, and again whenever the connection is lost; what was registered is then
 * registered again, and listeners keep the list that they have until there is another one.
 *
 * Events: `connected` and `disconnected`; `close`; `error`, once for each outage that lasts 10 s, then more rarely, and
 * where the registry refuses something or a listener throws. `ready()` rejects with the first of these where there has been
 * no connection yet; it resolves again as soon as there is one.
 */
export class ZookeeperRegistry extends Base implements CompatRegistry {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #isEphemeral: boolean;
  readonly #parts: Parts;

  /** @throws AssertionError where an option is missing; MeshError INVALID_ARGUMENT for one that cannot be used. */
  constructor(options: ZookeeperRegistryOptions);
  /** @internal For tests. */
  constructor(options: ZookeeperRegistryOptions, env: ZookeeperRegistryEnv);
  constructor(options: ZookeeperRegistryOptions, env: ZookeeperRegistryEnv = {}) {
    super(options);
    this.#clock = env.clock ?? systemClock;
    this.#random = env.random ?? systemRandom;
    this.#isEphemeral = options?.ephemeralNode ?? true;
    this.#parts = this.#open(this.options, env);
    void this.#connect();
  }

  get logger(): RegistryLogger {
    return this.options.logger;
  }

  /** The class that talks to the registry: this one. */
  get DataClient(): typeof ZookeeperRegistry {
    return ZookeeperRegistry;
  }

  get isClusterClientLeader(): boolean {
    return true;
  }

  /**
   * Resolves when the provider is registered, which is after an outage where there is one, or when it was taken back
   * meanwhile.
   * @throws AssertionError for a bad config; MeshError where the registry refuses.
   */
  async register(config: RegisterConfig): Promise<void> {
    check(config, 'register');
    const { nodes } = this.#parts;
    const kind = this.#isEphemeral ? 'ephemeral' : 'persistent';
    await nodes.keep(this.#providerPath(config), `provider ${config.url} of ${config.interfaceName}`, kind);
  }

  /**
   * Resolves when the provider is not there any more, whoever registered it.
   * @throws AssertionError for a bad config; MeshError where the registry refuses.
   */
  async unRegister(config: RegisterConfig): Promise<void> {
    check(config, 'unRegister');
    await this.#parts.nodes.remove(this.#providerPath(config));
  }

  /**
   * Tells the listener the providers that match by interface, version and group: at first, in a later turn of the event
   * loop, and after every change. @throws AssertionError for a bad config or listener.
   */
  subscribe(config: SubscribeConfig, listener: AddressListener): void {
    assert(
      typeof listener === 'function',
      '[ClusterClient:ZookeeperRegistry] subscribe(reg, listener) listener should be a function',
    );
    assert(
      config?.interfaceName,
      '[ZookeeperRegistry] subscribe(config, listener) config.interfaceName is required',
    );
    const { interfaceName } = config;
    const { registry, root, session, watches } = this.#parts;
    let watch = watches.get(interfaceName);
    if (watch === undefined) {
      watch = new InterfaceWatch(interfaceName, `${root}${interfaceName}/providers`, {
        session,
        registry,
        clock: this.#clock,
        random: this.#random,
        logger: this.logger,
        onError: (error) => this.#emit('error', error),
      });
      watches.set(interfaceName, watch);
      void this.#keepConsumer(config);
    }
    watch.add(config, listener);
  }

  /** @throws AssertionError for a bad config. */
  unSubscribe(config: SubscribeConfig, listener?: AddressListener): void {
    assert(
      config?.interfaceName,
      '[ZookeeperRegistry] unSubscribe(config, listener) config.interfaceName is required',
    );
    this.#parts.watches.get(config.interfaceName)?.remove(config, listener);
  }

  /** Ends the session, and with it all that is registered for its lifetime. */
  protected override async _close(): Promise<void> {
    const { session, watches } = this.#parts;
    for (const watch of watches.values()) watch.close();
    await session.close();
    this.emit('close');
  }

  #open(options: ZookeeperRegistryOptions, env: ZookeeperRegistryEnv): Parts {
    assert(options.logger, '[ZookeeperRegistry] options.logger is required');
    assert(options.address, '[ZookeeperRegistry] options.address is required');
    const { zookeeper: target, root } = registryTarget(options);
    const clock = this.#clock;
    const session = new ZkSession(target, {
      clock,
      random: this.#random,
      connect: env.connect ?? zookeeperConnect(),
      onConnected: () => this.#onConnected(),
      onLost: () => this.#onLost(),
    });
    const nodes = new KeptNodes({
      session,
      clock,
      registry: target.name,
      patienceMs: target.connectTimeoutMs,
      warn: (message) => {
        // Outages are told of by #connect.
        if (session.isConnected) this.#emit('error', new MeshError('CONNECT_FAILED', message));
        else this.logger.warn('[ZookeeperRegistry] %s', message);
      },
    });
    const question = { bound: '0.0.0.0', towards: target.servers[0]?.host };
    const host = async () =>
      publishedHost({ ...question, wanted: hostOption(undefined, process.env) }, thisMachine(clock));
    const patienceMs = target.connectTimeoutMs;
    return {
      registry: target.name,
      session,
      nodes,
      root,
      watches: new Map(),
      host: env.host ?? host,
      patienceMs,
    };
  }

  /** Waits for the connection, and says so where that takes long. */
  async #connect(): Promise<void> {
    const { session, patienceMs } = this.#parts;
    const clock = this.#clock;
    const since = clock.now();
    const nobody = new AbortController().signal;
    for (let failures = 0; ; ) {
      try {
        return await session.run(async () => undefined, nobody);
      } catch (error) {
        if (session.closed) {
          if (this._readyCallbacks.length > 0) this.ready(error as Error);
          return;
        }
        // The package is missing: that does not change by waiting.
        const isFinal = MeshError.is(error) && error.code === 'INVALID_ARGUMENT';
        // The next try would end too late for a loud word.
        const isLate = clock.now() - since + patienceMs > LOUD_MS;
        if (isFinal || (isLate && isWorthALine(++failures))) this.#fail(error as Error);
        if (isFinal) return;
      }
    }
  }

  #fail(error: Error): void {
    if (!this.isReady) {
      this._readyError = null;
      // Where nobody waits it would emit the error, too.
      this.ready(() => undefined);
      this.ready(error);
    }
    this.#emit('error', error);
  }

  #onConnected(): void {
    this.#emit('connected');
    this._readyError = null;
    this.ready(true);
  }

  #onLost(): void {
    this.#emit('disconnected');
    if (!this.#parts.session.closed) void this.#connect();
  }

  /** A listener that throws must not do so to the session, or to who keeps a node. */
  #emit(event: string, ...args: unknown[]): void {
    try {
      this.emit(event, ...args);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }

  /** The consumer's own entry, from its first subscription on. Nobody depends on it. */
  async #keepConsumer(config: SubscribeConfig): Promise<void> {
    const { host, nodes, root } = this.#parts;
    const { interfaceName, protocol, uniqueId, timeout, appName } = config;
    const directory = `${root}${interfaceName}/consumers`;
    try {
      // The time is where it has always been, though the name before it is another one.
      const url = `${protocol || 'bolt'}://${await host()}?uniqueId=${uniqueId || ''}&version=1.0&pid=${process.pid}&timeout=${timeout}&appName=${appName || ''}&serialization=${this.#clock.wallTime()}&startTime=`;
      await nodes.keep(
        `${directory}/${encodeURIComponent(url)}`,
        `consumer of ${interfaceName}`,
        'ephemeral',
      );
    } catch (error) {
      this.logger.warn(
        '[ZookeeperRegistry] create consumerPath: %s failed, caused by %s',
        directory,
        (error as Error).message,
      );
    }
  }

  #providerPath({ interfaceName, url }: RegisterConfig): string {
    return `${this.#parts.root}${interfaceName}/providers/${encodeURIComponent(url)}`;
  }
}

function check(config: RegisterConfig | undefined, method: string): asserts config is RegisterConfig {
  const name = `[ZookeeperRegistry] ${method}(config) config`;
  assert(config?.interfaceName, `${name}.interfaceName is required`);
  assert(config.url, `${name}.url is required`);
}
