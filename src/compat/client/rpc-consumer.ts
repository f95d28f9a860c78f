import assert from 'node:assert';
import type { ServiceContract } from '../../contract/define-service.js';
import type { Client } from '../../contract/types.js';
import { MeshError } from '../../core/errors.js';
import type { ServiceMigration } from '../../mesh/service-migration.js';
import { Base } from '../base.js';
import { bolt } from '../bolt/protocol.js';
import type { Logger } from '../logger.js';
import type { AddressListener, CompatRegistry, SubscribeConfig } from '../registry/registry.js';
import { type Address, parseAddress } from './address.js';
import { AddressGroup, type AddressGroupOptions } from './address-group.js';
import { connectsWhenDirect, goesThroughSidecar, throughSidecar } from './connects-when-direct.js';
import { ConsumerCore } from './consumer-core.js';
import { coreOf } from './core-of.js';
import { compose, contextOf, type Middleware, type RpcContext } from './middleware.js';
import type { Answer } from './old-calls.js';
import { type RpcError, rpcError } from './old-errors.js';
import { hasOwnConnections } from './own-connections.js';
import { addressListener, askWhenReady } from './registry-addresses.js';
import type { RpcConnection } from './rpc-connection.js';
import type { RpcConsumerOptions, RpcInvokeOptions } from './rpc-consumer-options.js';
import { RpcRequest } from './rpc-request.js';

const defaults = {
  group: 'SOFA',
  version: '1.0',
  responseTimeout: 3_000,
  loadbalancerClass: 'roundRobin' as const,
};

/**
 * Calls one service. Its calls go through the core, to a sidecar or directly; where a subclass or a mock overrides
 * `getConnection`, its address group's or the `createAndGet` of the connection manager, or a connection class is named, they go by the
 * connections they are given.
 */
export class RpcConsumer extends Base {
  declare options: RpcConsumerOptions & Pick<Required<RpcConsumerOptions>, 'group' | 'responseTimeout'>;
  protected _isReady = false;
  protected _middlewares: Middleware[];
  protected _addressGroup: AddressGroup | undefined;
  protected _addressListener: AddressListener | undefined;
  private handler: ((context: RpcContext) => Promise<void>) | undefined;
  /** Undefined where the connection manager is not ours. */
  private readonly core: ConsumerCore | undefined;

  /** @throws AssertionError where something required is missing. */
  constructor(options: RpcConsumerOptions = {} as RpcConsumerOptions) {
    assert(options.interfaceName, '[RpcConsumer] options.interfaceName is required');
    assert(options.logger, '[RpcConsumer] options.logger is required');
    assert(
      options.allowMock || options.serverHost || options.registry,
      '[RpcConsumer] options.registry or options.serverHost at least set one',
    );
    assert(options.connectionManager, '[RpcConsumer] options.connectionManager is required');
    super({ initMethod: '_init' });
    this.options = { ...defaults, ...options };
    this._middlewares = options.middlewares ? options.middlewares.slice() : [];
    this.core = this.consumerCoreOf(options);
    this.ready((error) => {
      this._isReady = !error;
    });
  }

  /** `interface:version[:uniqueId]`. */
  get id(): string {
    const { interfaceName, version, uniqueId } = this;
    const id = version ? `${interfaceName}:${version}` : interfaceName;
    return uniqueId ? `${id}:${uniqueId}` : id;
  }

  get interfaceName(): string {
    return this.options.interfaceName;
  }

  get version(): string | null | undefined {
    return this.options.version;
  }

  get uniqueId(): string | undefined {
    return this.options.uniqueId;
  }

  get group(): string {
    return this.options.group;
  }

  get logger(): Logger {
    return this.options.logger;
  }

  get registry(): CompatRegistry | null | undefined {
    return this.options.registry;
  }

  get targetAppName(): string | undefined {
    return this.options.targetAppName;
  }

  /** What the registry is asked for. */
  get registryConfig(): SubscribeConfig {
    return {
      protocol: 'bolt',
      interfaceName: this.interfaceName,
      version: this.version,
      group: this.group,
      appName: this.targetAppName,
      timeout: this.options.responseTimeout,
      ...(this.uniqueId ? { uniqueId: this.uniqueId } : undefined),
    };
  }

  protected async _init(): Promise<void> {
    const group = this.createAddressGroup(`${this.id}@${this.group}`);
    this._addressGroup = group;
    group.onChosen = (addresses) => this.core?.setAddresses(addresses);
    const usable = this.whenUsable(group);
    const { serverHost } = this.options;
    if (serverHost) {
      const addresses = serverHost.split(',').map((url) => this.parseUrl(url));
      setImmediate(() => this.setAddresses(addresses));
    } else if (this.registry) await this.subscribe(this.registry, usable);
    else setImmediate(() => this.setAddresses([]));
    await usable;
  }

  /** Through a sidecar as soon as that is there, else when the first addresses were connected to. */
  private whenUsable(group: AddressGroup): Promise<unknown> {
    const migration = this.migration;
    return migration === undefined ? group.ready() : Promise.race([group.ready(), throughSidecar(migration)]);
  }

  private get migration(): ServiceMigration | undefined {
    return this.usesConnections ? undefined : this.core?.migration;
  }

  private async subscribe(registry: CompatRegistry, usable: Promise<unknown>): Promise<void> {
    const { logger, uniqueId } = this;
    const listener = addressListener({
      logger,
      uniqueId,
      parseUrl: (url) => this.parseUrl(url),
      onAddresses: (addresses) => this.setAddresses(addresses),
    });
    this._addressListener = listener;
    try {
      await askWhenReady(registry, () => registry.subscribe(this.registryConfig, listener), usable);
    } catch (error) {
      if (this.migration !== undefined && (await goesThroughSidecar(this.migration))) return;
      // Later, even where it told addresses all the same: who waits is told first that it is down.
      usable.then(() =>
        setImmediate(() => {
          this._isReady = true;
          this.ready(true);
        }),
      );
      throw error;
    }
  }

  private setAddresses(addresses: Address[]): void {
    if (this._addressGroup && !this._closed) this._addressGroup.addressList = addresses;
  }

  /** The addresses of the service, and which of them is next. To override. */
  createAddressGroup(key: string, options?: Partial<AddressGroupOptions>): AddressGroup {
    const { connectionManager } = this.options;
    const { migration } = this;
    const source =
      migration === undefined ? connectionManager : connectsWhenDirect(connectionManager, migration);
    return new AddressGroup({ key, ...this.options, connectionManager: source, ...options });
  }

  /** To override. */
  createRequest(method: string, args: unknown[], options: RpcInvokeOptions): RpcRequest {
    return new RpcRequest({
      targetAppName: this.targetAppName,
      serverSignature: this.id,
      group: this.group,
      methodName: method,
      args: args as unknown[],
      requestProps: options.requestProps,
      codecType: options.codecType,
      timeout: options.responseTimeout || this.options.responseTimeout,
      ctx: options.ctx,
    });
  }

  /** What middlewares are given. To override. */
  createContext(req: RpcRequest): RpcContext {
    return contextOf(this.id, req);
  }

  /** The connection for a call; null where there is none. To override or to mock: then calls go by what it returns. */
  async getConnection(req: RpcRequest): Promise<RpcConnection | null> {
    return (this._addressGroup as AddressGroup).getConnection(req);
  }

  private get usesConnections(): boolean {
    return (
      this.core === undefined ||
      this.getConnection !== getConnection ||
      hasOwnConnections(this.options, this._addressGroup)
    );
  }

  /** Adds middlewares, inside those that are there. */
  use(middleware: Middleware | Middleware[]): void {
    this._middlewares = this._middlewares.concat(middleware);
    this.handler = undefined;
  }

  /** Calls a method and resolves to its value. @throws Error as docs/compat.md lists them. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the provider answers
  async invoke(method: string, args: unknown[], options: RpcInvokeOptions = {}): Promise<any> {
    if (!this._isReady) await this.whenReady(options.responseTimeout || this.options.responseTimeout);
    const req = this.createRequest(method, args, options);
    this.emit('request', req);
    const context = this.createContext(req);
    try {
      if (this._middlewares.length === 0) await this._invoke(context);
      else await this.composed()(context);
      if (context.res.error) throw context.res.error;
      return context.res.appResponse;
    } catch (error) {
      if (this.options.errorAsNull !== true) throw error;
      return null;
    } finally {
      this.emit('response', context);
    }
  }

  private async whenReady(timeoutMs: number): Promise<void> {
    try {
      await this.readyOrTimeout(timeoutMs);
    } catch (error) {
      throw new Error(`[RpcConsumer] Consumer ready error: ${(error as Error).message}`, { cause: error });
    }
  }

  private composed(): (context: RpcContext) => Promise<void> {
    this.handler ??= compose([...this._middlewares, (context: RpcContext) => this._invoke(context)]);
    return this.handler;
  }

  /** The call itself, inside all middlewares. */
  protected async _invoke(context: RpcContext): Promise<void> {
    const { req } = context;
    let answer: Answer;
    try {
      answer = this.usesConnections ? await this.invokeByConnection(req) : await this.invokeByCore(req);
    } catch (error) {
      this._wrapError(error as RpcError, req);
      throw error;
    }
    context.res = answer;
    if (answer.error) this._wrapError(answer.error, req);
  }

  private async invokeByCore(req: RpcRequest): Promise<Answer> {
    req.meta.connectionGroup = (this._addressGroup as AddressGroup).key;
    const answer = await (this.core as ConsumerCore).call(req);
    if (MeshError.is(answer)) throw this.noProvider(req, answer);
    return answer;
  }

  private async invokeByConnection(req: RpcRequest): Promise<Answer> {
    const connection = await this.getConnection(req);
    if (!connection) throw this.noProvider(req);
    const { proto, classMap } = this.options;
    return connection.invoke(req, { proto, classMap });
  }

  private noProvider(req: RpcRequest, cause?: unknown): RpcError {
    req.meta.resultCode = '04';
    const message = `No provider of ${this.id}@${this.group}:${req.methodName}() found!`;
    return rpcError('RpcNoProviderError', message, undefined, cause);
  }

  protected _wrapError(error: RpcError, { meta }: RpcRequest): void {
    if (meta.resultCode === '00') meta.resultCode = error.resultCode || '01';
    error.resultCode = meta.resultCode;
    meta.error = error;
  }

  /** Reads one address. To override. @throws AssertionError where it is no text. */
  parseUrl(url: string): Address {
    return parseAddress(url);
  }

  /**
   * The methods of the option `contract` as typed functions, in the new value mapping. They go the same ways as
   * {@link RpcConsumer.invoke}, past this consumer's middlewares and events.
   * @throws MeshError INVALID_ARGUMENT where no contract was given, or it is another service's.
   */
  get typed(): Client<ServiceContract> {
    if (this.core !== undefined) return this.core.typed();
    throw new MeshError(
      'INVALID_ARGUMENT',
      `${this.id}: typed calls need a connection manager that extends RpcConnectionMgr`,
    );
  }

  private consumerCoreOf({
    connectionManager,
    mode,
    serverHost,
    contract,
  }: RpcConsumerOptions): ConsumerCore | undefined {
    const core = coreOf(connectionManager);
    if (core === undefined) return undefined;
    const inherited = connectionManager.options.connectionOpts?.protocol ?? bolt;
    const own = (this.options.connectionOpts ?? {}) as Record<string, unknown>;
    const { protocol = inherited, proto, classMap } = own;
    return new ConsumerCore({
      core,
      serviceId: this.id,
      directOnly: (mode ?? (serverHost ? 'direct' : undefined)) === 'direct',
      wire: { protocol, proto, classMap },
      contract,
      group: () => this._addressGroup as AddressGroup,
    });
  }

  override close(): Promise<void> {
    if (this._closed) return Promise.resolve();
    this._closed = true;
    void this._addressGroup?.close();
    this.core?.close();
    if (this._addressListener) this.registry?.unSubscribe(this.registryConfig, this._addressListener);
    this.removeAllListeners('request');
    this.removeAllListeners('response');
    this.emit('close');
    return Promise.resolve();
  }
}

/** As it was made: one that is overridden or mocked, on an object or on the class, is another. */
const { getConnection } = RpcConsumer.prototype;
