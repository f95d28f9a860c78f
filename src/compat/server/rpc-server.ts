import assert from 'node:assert';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { stringify } from 'node:querystring';
import { type Clock, systemClock } from '../../core/clock.js';
import { systemRandom } from '../../core/random.js';
import { within } from '../../core/within.js';
import { announceModeOf } from '../../server/announce-mode.js';
import { checkOptions } from '../../server/options.js';
import { Base } from '../base.js';
import { optionsOf } from '../bolt/protocol.js';
import { RpcClient } from '../client/rpc-client.js';
import type { Logger } from '../logger.js';
import { HOST, Host } from './host.js';
import { localIp } from './local-ip.js';
import { Publishing } from './publishing.js';
import type { RpcConnection, RpcConnectionOptions } from './rpc-connection.js';
import type { RpcResponse } from './rpc-response.js';
import { defaults, limitsOf, type RpcServerOptions } from './rpc-server-options.js';
import type { RpcService, RpcServiceOptions } from './rpc-service.js';
import type { ServerContext, ServerRegistry, ServerRequest } from './types.js';

const TEST_CLIENT = Symbol.for('RpcServer#testClient');
/** How long `close()` waits for a registry. */
const UNPUBLISH_MS = 3_000;
/** The name that a sidecar is told where there is none. */
const DEFAULT_APP = 'sofa-rpc-node';

/**
 * Serves objects with async methods over Bolt, to Java and Node.js clients alike, and tells registries or the sidecar where.
 *
 * Events: `listening`; `connection` (connection); `request` ({ req, ctx }) before a method runs; `response`
 * ({ ctx, req, res }) once it was answered, or was not; `error` (error, ctx); `close`.
 */
export class RpcServer extends Base {
  declare options: RpcServerOptions &
    Required<
      Pick<
        RpcServerOptions,
        | 'port'
        | 'group'
        | 'version'
        | 'protocol'
        | 'serviceClass'
        | 'responseClass'
        | 'connectionClass'
        | 'idleTime'
        | 'killTimeout'
        | 'maxIdleTime'
        | 'responseTimeout'
        | 'codecType'
        | 'classCacheClass'
      >
    >;
  // biome-ignore lint/suspicious/noExplicitAny: the user's class map
  classMap: any;
  proto: unknown;
  /** The host and the port that registries are told. */
  publishAddress: string;
  publishPort: number;
  serviceClass: NonNullable<RpcServerOptions['serviceClass']>;
  responseClass: NonNullable<RpcServerOptions['responseClass']>;
  connectionClass: NonNullable<RpcServerOptions['connectionClass']>;
  protected _started = false;
  protected _localIp: string;
  protected _servers: Server[] = [];
  protected _services = new Map<string, RpcService>();
  protected _connections = new Map<string, RpcConnection>();
  readonly #clock: Clock;
  readonly #host: Host;
  readonly #publishing: Publishing;
  #listening: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /**
   * @throws AssertionError without a logger; MeshError INVALID_ARGUMENT for a protocol that is not Bolt, and for options of
   * the core that are out of range or against each other.
   */
  constructor(options: RpcServerOptions) {
    assert(options?.logger, '[RpcServer] options.logger is required');
    super({ ...defaults, ...options });
    const { clock = systemClock, random = systemRandom } = this.options;
    checkOptions({ ...limitsOf(this.options), app: '' });
    announceModeOf(this.options, process.env);
    this._localIp = localIp();
    this.classMap = options.classMap;
    this.proto = options.proto;
    this.publishAddress = this.options.publishAddress || this._localIp;
    this.publishPort = this.options.port;
    this.serviceClass = this.options.serviceClass;
    this.responseClass = this.options.responseClass;
    this.connectionClass = this.options.connectionClass;
    optionsOf(this.protocol);
    this.#clock = clock;
    const warn = (text: string) => this.logger.warn('[RpcServer] %s', text);
    const { maxIdleTime: idleMs, codecType: serialization, mode, announce, sidecar, appName } = this.options;
    this.#host = new Host(
      { ...limitsOf(this.options), clock, idleMs },
      { settings: this, onError: (error) => this.emit('error', error), interceptors: options.interceptors },
    );
    this.#publishing = new Publishing({
      options: { app: appName || DEFAULT_APP, mode, announce, sidecar },
      serialization,
      clock,
      random,
      warn,
      url: () => this.url,
      bound: () => ({ host: this.publishAddress, port: Number(this.publishPort) }),
    });
  }

  /** A client for tests of this server: see `request()`. It is made when it is first asked for, and closes with the server. */
  get testClient(): RpcClient {
    const held = this as { [TEST_CLIENT]?: RpcClient };
    held[TEST_CLIENT] ??= new RpcClient({
      logger: this.logger,
      connectionOpts: {
        proto: this.proto,
        classMap: this.classMap,
        protocol: this.protocol,
        codecType: this.options.codecType,
      },
    });
    return held[TEST_CLIENT];
  }

  /** The services by their ids. */
  get services(): Map<string, RpcService> {
    return this._services;
  }

  // biome-ignore lint/suspicious/noExplicitAny: ours, or sofa-bolt-node
  get protocol(): any {
    return this.options.protocol;
  }

  /** The ports that `start()` listens on; a subclass may name several. */
  get listenPorts(): number[] {
    return [this.publishPort];
  }

  get logger(): Logger {
    return this.options.logger;
  }

  get registry(): ServerRegistry | undefined {
    return this.options.registry;
  }

  /** The server's address as a registry is told it, with {@link params} as its query. */
  get url(): string {
    const scheme = this.protocol.name || 'bolt';
    return `${scheme}://${this.publishAddress}:${this.publishPort}?${stringify(this.params)}`;
  }

  /** What a registry is told of the server. */
  get params(): Record<string, string | number | undefined> {
    const { appName, responseTimeout, codecType } = this.options;
    return {
      startTime: this.#clock.wallTime(),
      pid: process.pid,
      uniqueId: '',
      dynamic: 'true',
      appName,
      timeout: responseTimeout,
      serialization: codecType,
      weight: 100,
      accepts: 100000,
      language: 'nodejs',
      rpcVer: '50400',
      protocol: this.protocol.name,
    };
  }

  /** Tells how many connections there are. */
  getConnections(callback?: (error: null, count: number) => void): void {
    callback?.(null, this._connections.size);
  }

  /**
   * Adds a service, named by its interface or described by its options; one of the same id is replaced. It is announced by the
   * next `publish()`.
   * @param delegate the methods, by name: async functions
   */
  // biome-ignore lint/suspicious/noExplicitAny: the user's object
  addService(info: string | RpcServiceOptions, delegate?: any): void {
    const { registry, logger } = this;
    const { group, version, clock } = this.options;
    const described = typeof info === 'string' ? { interfaceName: info } : info;
    const service = new this.serviceClass({
      registry,
      logger,
      group,
      version,
      delegate,
      ...(clock && { clock }),
      ...described,
    });
    service.on('error', (error) => this.emit('error', error));
    if (this._services.has(service.id))
      this.logger.warn('[RpcServer] service: %s already added, will override it', service.id);
    this._services.set(service.id, service);
  }

  /** Listens. Resolves when all ports do; rejects, and emits `error`, where one cannot be used. */
  async start(): Promise<void> {
    if (!this._started) {
      this._started = true;
      this._servers.push(...this.listenPorts.map((port) => this._startServer(port)));
      this.#listening = Promise.all(this._servers.map(whenListening)).then(
        () => {
          this.emit('listening');
          this.ready(true);
        },
        (error) => this.ready(error),
      );
    }
    return this.ready();
  }

  /** Makes what listens on one port. */
  protected _startServer(port: number): Server {
    const server = createServer({ noDelay: true }, (socket) => this._handleSocket(socket));
    server.on('error', (error) => this.emit('error', error));
    server.listen({ port, host: this.options.host }, () => {
      const { port: bound } = server.address() as AddressInfo;
      if (port === 0 && this.publishPort === 0) this.publishPort = bound;
      this.logger.info('[RpcServer] server start on %s', bound);
    });
    return server;
  }

  /** A client has connected. */
  protected _handleSocket(socket: Socket): void {
    const { logger, protocol, proto, classMap } = this;
    const { maxIdleTime, disableDecodeCache, parseRequestPropsWithHeader, classCacheClass, clock } =
      this.options;
    const connection = new this.connectionClass({
      socket,
      protocol,
      logger,
      proto,
      classMap,
      maxIdleTime,
      disableDecodeCache,
      parseRequestPropsWithHeader,
      ...(classCacheClass && { classCache: new classCacheClass() }),
      ...(clock && { clock }),
      [HOST]: this.#host,
    } as RpcConnectionOptions);
    const key = connection.remoteAddress;
    this._connections.set(key, connection);
    connection.on('request', (req: ServerRequest) => {
      const handling = this._handleRequest(req, connection);
      if (this.#host.handled(handling)) return;
      Promise.resolve(handling).catch((error) => this.emit('error', error));
    });
    connection.once('close', () => this._connections.delete(key));
    this.emit('connection', connection);
  }

  /** What a request's method is called on. By default nothing. */
  createContext(_req: ServerRequest, _res: RpcResponse): ServerContext | null {
    return null;
  }

  /** Finds the service, makes the response and the context. */
  protected _handleRequest(req: ServerRequest, connection: RpcConnection): Promise<void> {
    try {
      const { data } = req;
      const id = data.serverSignature;
      data.interfaceName ||= id.split(':', 1)[0];
      const res = new this.responseClass(req, connection);
      const ctx = this.createContext(req, res);
      const { localStorage } = this;
      if (!localStorage || !ctx) return this._invokeService(id, req, res, ctx);
      return localStorage.run(ctx, () => this._invokeService(id, req, res, ctx));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  protected async _invokeService(
    id: string,
    req: ServerRequest,
    res: RpcResponse,
    ctx: ServerContext | null,
  ): Promise<void> {
    const service = this._services.get(id);
    this.emit('request', { req, ctx });
    try {
      if (!service) throw new Error(`not found service: ${id}`);
      await service.invoke(ctx, req, res);
    } catch (error) {
      this.emit('error', error, ctx);
      res.meta.resultCode = '02';
      await res.send({ isError: true, errorMsg: (error as Error).message, appResponse: null });
    } finally {
      this.emit('response', { ctx, req, res });
    }
  }

  /**
   * Announces the services in the registry, or at the sidecar where there is one. Resolves when they can be found; rejects
   * with why one cannot. It is tried again until it can, or `unPublish()` is called.
   */
  publish(): Promise<unknown[]> {
    return this.#publishing.publish([...this._services.values()]);
  }

  /** Takes the announcements back. Resolves when that is confirmed, or does not seem to be. */
  unPublish(): Promise<unknown[]> {
    return this.#publishing.unPublish([...this._services.values()]);
  }

  /**
   * Takes the announcements back, stops listening and closes the connections. Calls that still run are not waited for:
   * `unPublish()` some time before; but for `responseTimeout` at most where other workers of node:cluster go on to serve the
   * port, as clients do not leave it then. Resolves when all of that is done, each time it is called.
   */
  override close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    const leaving = within(this.#clock, UNPUBLISH_MS, this.unPublish(), () => {
      this.logger.warn('[RpcServer] the registry has not confirmed the withdrawal in %s ms', UNPUBLISH_MS);
    });
    const [left] = await Promise.allSettled([leaving]);
    // A listener that is closed before it listens never says so.
    await this.#listening;
    for (const server of this._servers) server.close();
    const name = `${this.publishAddress}:${this.publishPort}`;
    // Those who call a port that other processes serve, too, have not been told to leave: they do so now.
    const { shared } = this.#publishing;
    await this.#host.serving.connections.drain(name, shared ? this.options.responseTimeout : 0, shared);
    await Promise.all([...this._connections.values()].map((connection) => connection.close()));
    this._closed = true;
    this.emit('close');
    await (this as { [TEST_CLIENT]?: RpcClient })[TEST_CLIENT]?.close();
    if (left.status === 'rejected') throw left.reason;
  }

  /** To be called by the application where it goes down by itself: clients should not find it any more. */
  _handleUncaughtError(): void {
    this.logger.warn(
      '[RpcServer] server is down, cause by uncaughtException in this process %s',
      process.pid,
    );
    this.unPublish().catch((error) => this.emit('error', error));
  }
}

function whenListening(server: Server): Promise<unknown> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve).once('error', reject);
  });
}
