import assert from 'node:assert';
import { type Clock, systemClock } from '../../core/clock.js';
import { pause } from '../../core/pause.js';
import { type Random, systemRandom } from '../../core/random.js';
import { Base } from '../base.js';
import type { Logger } from '../logger.js';
import { type Address, printAddresses } from './address.js';
import { type ConnectionPoolConfig, DynamicConfig, type FaultToleranceConfig } from './dynamic-config.js';
import {
  createLoadBalancer,
  type LoadBalancerClass,
  type LoadBalancerName,
} from './load-balancer/create-load-balancer.js';
import {
  type BalancedGroup,
  type BalancedRequest,
  DEFAULT_WEIGHT,
  type LoadBalancer,
} from './load-balancer/load-balancer.js';
import { RequestWindow } from './request-window.js';

/** What an address group needs of the manager of connections. */
export interface ConnectionSource {
  /** The connection that there is, if any. */
  doGetConn(address: Address): unknown;
  /** The same, if it is connected. */
  get(address: Address): unknown;
  /** Connects where that is needed; nothing where it cannot. */
  createAndGet(address: Address, options?: object, connectionClass?: unknown): Promise<unknown>;
}

export interface AddressGroupOptions {
  /** `interface:version@group` of the service. */
  key: string;
  logger: Logger;
  connectionManager: ConnectionSource;
  /** Passed to the connection manager with each address, and so is `connectionClass`. */
  connectionOpts?: object;
  connectionClass?: unknown;
  /** Default `roundRobin`. */
  loadbalancerClass?: LoadBalancerName | LoadBalancerClass;
  /** How often it is tried to connect to addresses that could not be reached, in milliseconds. Default 30,000. */
  retryFaultInterval?: number;
  /** Ready when the first addresses were connected to, or at once. Default true. */
  waitConnect?: boolean;
  /** Default `DynamicConfig.instance.faultTolerance`. */
  faultTolerance?: FaultToleranceConfig;
  /** Default `DynamicConfig.instance.connectionPoolConfig`. */
  connectionPoolConfig?: ConnectionPoolConfig;
  clock?: Clock;
  random?: Random;
}

/** The request that a connection is got for. */
export interface GroupRequest extends BalancedRequest {
  readonly meta: { connectionGroup?: string | null };
}

const defaults = { loadbalancerClass: 'roundRobin', retryFaultInterval: 30_000, waitConnect: true };

/**
 * The addresses of one service of one consumer: which of them are in use, which of those are usable, and which one the
 * next request goes to. Ready when it has connected to its first list.
 */
export class AddressGroup extends Base implements BalancedGroup {
  declare options: AddressGroupOptions &
    Required<Pick<AddressGroupOptions, 'loadbalancerClass' | 'retryFaultInterval' | 'waitConnect'>>;
  /** Whether an address is usable. The consumer knows more of it than whether it is connected, and sets this. @internal */
  health: (address: Address) => boolean = (address) => this.connectionManager.get(address) != null;
  /** Told the addresses in use whenever they are chosen. @internal */
  onChosen: (addresses: readonly Address[]) => void = () => undefined;
  readonly random: Random;
  protected readonly _loadbalancer: LoadBalancer;
  readonly #clock: Clock;
  readonly #requests = new RequestWindow(DynamicConfig.instance.metric.numBuckets);
  readonly #stop = new AbortController();
  #isInitialized = false;
  #all: Address[] | null = null;
  #chosen: Address[] | null = null;
  #hosts: ReadonlySet<string> = new Set();
  /** Those that could not be reached, by host. The ones not in use are remembered, lest they be chosen again and again. */
  #faulty = new Map<string, Address>();
  #connectionPoolSize: number;

  /** @throws AssertionError without key or logger, or with a load balancer that is none. */
  constructor(options: AddressGroupOptions) {
    assert(options?.key, '[AddressGroup] options.key is required');
    assert(options.logger, '[AddressGroup] options.logger is required');
    super({ ...defaults, ...options });
    this.#clock = options.clock ?? systemClock;
    this.random = options.random ?? systemRandom;
    this.#connectionPoolSize = this.connectionPoolConfig.initConnectionSize;
    this._loadbalancer = createLoadBalancer(this.loadbalancerClass, this);
    this.ready((error) => {
      if (error) return;
      void this.#lookAround();
      void this.#retryFaulty();
    });
  }

  get key(): string {
    return this.options.key;
  }

  get logger(): Logger {
    return this.options.logger;
  }

  get connectionManager(): ConnectionSource {
    return this.options.connectionManager;
  }

  get loadbalancerClass(): LoadBalancerName | LoadBalancerClass {
    return this.options.loadbalancerClass;
  }

  get faultToleranceConfig(): FaultToleranceConfig {
    return this.options.faultTolerance || DynamicConfig.instance.faultTolerance;
  }

  get connectionPoolConfig(): ConnectionPoolConfig {
    return this.options.connectionPoolConfig || DynamicConfig.instance.connectionPoolConfig;
  }

  /** How many addresses are in use where there are so many that some are chosen. Another number chooses anew. */
  get connectionPoolSize(): number {
    return this.#connectionPoolSize;
  }

  set connectionPoolSize(size: number) {
    const before = this.#connectionPoolSize;
    if (size === before) return;
    this.#connectionPoolSize = size;
    this.logger.info(`[AddressGroup] connection pool size ${before} -> ${size}, group ${this.key}`);
    this.refresh();
  }

  get totalSize(): number {
    return this.#all ? this.#all.length : 0;
  }

  get choosedSize(): number {
    return this.#chosen ? this.#chosen.length : 0;
  }

  /** All addresses that are known; null before the first list. */
  get allAddressList(): Address[] | null {
    return this.#all;
  }

  set allAddressList(addresses: Address[] | null) {
    this.#all = addresses;
  }

  /** The addresses in use; null before the first list. What is set are all that are known. */
  get addressList(): Address[] | null {
    return this.#chosen;
  }

  set addressList(addresses: Address[]) {
    const chosen = this._loadbalancer.reset(this.#isClosed ? [] : addresses) as Address[];
    this.#chosen = chosen;
    const faulty = new Map<string, Address>();
    for (const address of this.#all ?? chosen) {
      if (this.#faulty.has(address.host)) faulty.set(address.host, address);
    }
    this.#faulty = faulty;
    this.#hosts = new Set(chosen.map(({ host }) => host));
    this.onChosen(chosen);
    if (!this.options.waitConnect) this.#initialized();
    this.#connect(chosen).then(
      () => this.#initialized(),
      (error) => {
        if (this.#isInitialized) this.emit('error', error);
        else this.ready(error);
      },
    );
  }

  /** 1: connected, or about to be; -1: could not be reached; 0: nothing is known yet. */
  checkHealthy(address: Address): number {
    if (this.#faulty.has(address.host)) return -1;
    return this.connectionManager.doGetConn(address) ? 1 : 0;
  }

  /** Chooses the addresses in use anew where there are others. */
  refresh(): void {
    if (this.totalSize <= this.choosedSize) return;
    const all = this.#all as Address[];
    const others = all.filter(({ host }) => !this.#hosts.has(host));
    // All have had their turn: it is the first one's again.
    if (others.every(({ host }) => this.#faulty.has(host)))
      for (const { host } of others) this.#faulty.delete(host);
    this.addressList = all;
  }

  /** 100 for an address that is usable, else 0. */
  getWeight(address: Address): number {
    if (this.health(address)) return DEFAULT_WEIGHT;
    this.#faulty.set(address.host, address);
    return 0;
  }

  /** The address that the request is to go to; null where there is none. */
  select(req: BalancedRequest): Address | null {
    this.#requests.count();
    return this._loadbalancer.select(req);
  }

  /** The connection that the request is to go by; null where there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: what it is, the connection manager decides
  async getConnection(req: GroupRequest): Promise<any> {
    req.meta.connectionGroup = this.key;
    const address = this.select(req);
    if (!address) return null;
    const { connectionOpts, connectionClass } = this.options;
    return this.connectionManager.createAndGet(address, connectionOpts, connectionClass);
  }

  protected override async _close(): Promise<void> {
    this.#stop.abort();
    this.#faulty.clear();
    this.#hosts = new Set();
    this.#all = [];
    this.#chosen = [];
    await this._loadbalancer.close?.();
  }

  get #isClosed(): boolean {
    return this.#stop.signal.aborted;
  }

  #initialized(): void {
    this.#isInitialized = true;
    this.ready(true);
  }

  async #connect(addresses: readonly Address[]): Promise<void> {
    const { connectionOpts, connectionClass } = this.options;
    await Promise.all(
      addresses.map(async (address) => {
        const connection = await this.connectionManager.createAndGet(
          address,
          connectionOpts,
          connectionClass,
        );
        if (connection) this.#faulty.delete(address.host);
        else if (this.#hosts.has(address.host)) this.#faulty.set(address.host, address);
      }),
    );
  }

  /** Bucket by bucket: as many addresses as the requests of the window need, and others for those that are not usable. */
  async #lookAround(): Promise<void> {
    const { bucketSizeInMs } = DynamicConfig.instance.metric;
    while (await this.#pause(bucketSizeInMs)) {
      try {
        this._loadbalancer.adjustConnectionPoolSize(this.#requests.total);
        this.#findFaulty();
      } catch (error) {
        this.emit('error', error);
      }
      this.#requests.turn();
    }
  }

  /** Not every load balancer asks for weights. */
  #findFaulty(): void {
    const { regulationEffective, maxIsolatedPercentage } = this.faultToleranceConfig;
    if (!regulationEffective) return;
    let faulty = 0;
    for (const address of this.#chosen ?? []) {
      if (this.getWeight(address) === 0) faulty++;
    }
    if (faulty > Math.ceil(maxIsolatedPercentage * this.choosedSize)) this.refresh();
  }

  async #retryFaulty(): Promise<void> {
    while (await this.#pause(this.options.retryFaultInterval)) {
      const addresses = this.#faultyInUse();
      if (addresses.length === 0) continue;
      try {
        this.logger.debug(`[AddressGroup] connects again, group ${this.key}:${printAddresses(addresses)}`);
        await this.#connect(addresses);
        if (this.#faultyInUse().length > 0) this.refresh();
      } catch (error) {
        this.emit('error', error);
      }
    }
  }

  #faultyInUse(): Address[] {
    return [...this.#faulty.values()].filter(({ host }) => this.#hosts.has(host));
  }

  #pause(ms: number): Promise<boolean> {
    return pause(this.#clock, ms, this.#stop.signal, { isIdle: true });
  }
}
