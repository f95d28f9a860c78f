import assert from 'node:assert';
import type { ServiceContract } from '../../contract/define-service.js';
import type { Client } from '../../contract/types.js';
import { Base } from '../base.js';
import { bolt, optionsOf } from '../bolt/protocol.js';
import type { Logger } from '../logger.js';
import type { CompatRegistry } from '../registry/registry.js';
import type { ConnectionCore, MeshControl, MeshOptions } from './connection-core.js';
import { coreOf } from './core-of.js';
import type { LoadBalancerClass, LoadBalancerName } from './load-balancer/create-load-balancer.js';
import type { Middleware } from './middleware.js';
import { RpcConnection } from './rpc-connection.js';
import { type RpcConnectionClass, RpcConnectionMgr } from './rpc-connection-mgr.js';
import { RpcConsumer } from './rpc-consumer.js';
import type { RpcConsumerOptions, RpcInvokeOptions } from './rpc-consumer-options.js';

// biome-ignore lint/suspicious/noExplicitAny: a class of the user's may ask for more than ours
export type RpcConsumerClass = new (options: any) => RpcConsumer;

// biome-ignore lint/suspicious/noExplicitAny: as above
export type RpcConnectionMgrClass = new (options: any) => RpcConnectionMgr;

export interface RpcClientOptions extends MeshOptions {
  /** Required. */
  logger: Logger;
  /** Where providers are found. */
  registry?: CompatRegistry | null;
  /** Default: the bolt of `sofa-mesh-sdk/compat/bolt`. sofa-bolt-node is recognised and its options are taken over. */
  protocol?: unknown;
  /** Default `SOFA`. */
  group?: string;
  /** Default `1.0`. */
  version?: string;
  /** Milliseconds of a call. Default 3,000. */
  responseTimeout?: number;
  consumerClass?: RpcConsumerClass;
  /** A class of your own is used for every connection; calls then go directly. */
  connectionClass?: RpcConnectionClass;
  connectionManagerClass?: RpcConnectionMgrClass;
  /** `protocol`, `noDelay` (true), `connectTimeout` (3,000 ms), `proto`, `classMap`, and what a connection class knows more. */
  // biome-ignore lint/suspicious/noExplicitAny: a connection class of the user's has options of its own
  connectionOpts?: Record<string, any>;
  loadbalancerClass?: LoadBalancerName | LoadBalancerClass;
  allowMock?: boolean;
  errorAsNull?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: subclasses have options of their own
  [key: string]: any;
}

/** What `createConsumer` takes beside the options of the client, which it inherits. */
export interface CreateConsumerOptions
  extends Partial<Omit<RpcConsumerOptions, 'interfaceName' | 'contract'>> {
  /** Required where there is no contract. */
  interfaceName?: string;
  /** False: a consumer of its own. Default true: one for each service, group and address. */
  cache?: boolean;
  contract?: ServiceContract;
}

/** A consumer that was given a contract. */
export type TypedConsumer<S extends ServiceContract> = RpcConsumer & {
  /** The methods of the contract as functions, in the new value mapping. */
  readonly typed: Client<S>;
};

export interface InvokeOptions extends CreateConsumerOptions {
  methodName: string;
  // biome-ignore lint/suspicious/noExplicitAny: arguments of any kind
  args: any[];
  options?: RpcInvokeOptions;
}

const defaults = {
  group: 'SOFA',
  version: '1.0',
  responseTimeout: 3_000,
  consumerClass: RpcConsumer,
  connectionClass: RpcConnection,
  connectionManagerClass: RpcConnectionMgr,
};

/** Makes consumers, one for each service, and owns their connections. */
export class RpcClient extends Base {
  declare options: RpcClientOptions &
    Required<
      Pick<
        RpcClientOptions,
        | 'group'
        | 'version'
        | 'responseTimeout'
        | 'consumerClass'
        | 'connectionClass'
        | 'connectionManagerClass'
        | 'connectionOpts'
      >
    >;
  readonly connectionManager: RpcConnectionMgr;
  readonly _consumerCache = new Map<string, RpcConsumer>();
  protected _middlewares: Middleware[] = [];

  /** @throws AssertionError without logger; MeshError INVALID_ARGUMENT for a protocol, a mode or a policy that is none. */
  constructor(options: RpcClientOptions = {} as RpcClientOptions) {
    assert(options.logger, '[RpcClient] options.logger is required');
    const connectionOpts = {
      protocol: bolt,
      noDelay: true,
      connectTimeout: 3_000,
      ...options.connectionOpts,
      ...(options.protocol ? { protocol: options.protocol } : undefined),
    };
    optionsOf(connectionOpts.protocol);
    super({ ...defaults, ...options, connectionOpts });
    this.connectionManager = new this.options.connectionManagerClass(this.options);
    this.connectionManager.on('error', (error) => this.emit('error', error));
    this.ready(true);
  }

  /** New: which share of each service's calls goes through the sidecar, what became of them, and what happens to that. */
  get mesh(): MeshControl {
    return (coreOf(this.connectionManager) as ConnectionCore).control;
  }

  /** The consumers that are shared, by {@link formatKey}. */
  get consumerMap(): Map<string, RpcConsumer> {
    return this._consumerCache;
  }

  get consumerClass(): RpcConsumerClass {
    return this.options.consumerClass;
  }

  set consumerClass(consumerClass: RpcConsumerClass) {
    this.options.consumerClass = consumerClass;
  }

  /** Adds middlewares for all consumers, inside those that are there. */
  use(middleware: Middleware | Middleware[]): void {
    this._middlewares = this._middlewares.concat(middleware);
    for (const consumer of this.consumerMap.values()) consumer.use(middleware);
  }

  /** A call by a consumer that is made, or found, for it. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the provider answers
  async invoke(call: InvokeOptions): Promise<any> {
    const consumer = this.createConsumer(call);
    await consumer.ready();
    return consumer.invoke(call.methodName, call.args, call.options);
  }

  /**
   * The consumer of a service; the same for the same service, group and address. With a contract, its `typed` methods can
   * be called, too.
   * @throws AssertionError where something required is missing.
   */
  createConsumer<S extends ServiceContract>(
    options: CreateConsumerOptions & { contract: S },
    consumerClass?: RpcConsumerClass,
  ): TypedConsumer<S>;
  createConsumer(options: CreateConsumerOptions, consumerClass?: RpcConsumerClass): RpcConsumer;
  createConsumer(given: CreateConsumerOptions, consumerClass = this.consumerClass): RpcConsumer {
    const own = { ...partsOf(given.contract), ...given };
    assert(
      typeof own.interfaceName === 'string',
      '[RpcClient] createConsumer(options) options.interfaceName is required and should be a string.',
    );
    const { connectionManager, _middlewares: middlewares } = this;
    const options = { middlewares, connectionManager, cache: true, ...this.options, ...own };
    // Who asks without a contract may have been first, and that consumer has none.
    const key = this.formatKey(options as RpcConsumerOptions) + (own.contract === undefined ? '' : '@typed');
    const known = options.cache ? this._consumerCache.get(key) : undefined;
    if (known !== undefined) return known;
    const consumer = new consumerClass(options);
    if (options.cache) this._consumerCache.set(key, consumer);
    consumer.on('error', (error) => this.emit('error', error));
    consumer.on('request', (req) => this.emit('request', req));
    consumer.on('response', (context) => this.emit('response', context));
    consumer.once('close', () => {
      if (options.cache) this._consumerCache.delete(key);
    });
    return consumer;
  }

  /** What tells one consumer from another. */
  formatKey({
    interfaceName,
    version,
    uniqueId,
    group,
    serverHost,
    targetAppName,
  }: RpcConsumerOptions): string {
    let key = uniqueId
      ? `${interfaceName}:${version}:${uniqueId}@${group}`
      : `${interfaceName}:${version}@${group}`;
    if (serverHost) key += `@${serverHost}`;
    if (targetAppName) key += `@${targetAppName}`;
    return key;
  }

  /** Closes all consumers, then the connections when their calls have ended. */
  override close(): Promise<void> {
    for (const consumer of this._consumerCache.values()) void consumer.close();
    this._consumerCache.clear();
    return this.connectionManager.close();
  }
}

/** Only what a contract says: the client's own defaults stay for the rest. */
function partsOf(contract: ServiceContract | undefined): Partial<RpcConsumerOptions> {
  if (contract === undefined) return {};
  const { interfaceName, version, uniqueId, group } = contract;
  return {
    interfaceName,
    version,
    ...(uniqueId === undefined ? undefined : { uniqueId }),
    ...(group === undefined ? undefined : { group }),
  };
}
