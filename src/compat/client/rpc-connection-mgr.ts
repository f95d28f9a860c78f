import assert from 'node:assert';
import { Base } from '../base.js';
import type { Logger } from '../logger.js';
import type { Address } from './address.js';
import { ConnectionCore, type MeshOptions } from './connection-core.js';
import { coreOf, withCore } from './core-of.js';
import { RpcConnection } from './rpc-connection.js';

// biome-ignore lint/suspicious/noExplicitAny: a class of the user's may ask for more than ours
export type RpcConnectionClass = new (options: any) => RpcConnection;

export interface RpcConnectionMgrOptions extends MeshOptions {
  /** Required. */
  logger: Logger;
  /** Default RpcConnection. */
  connectionClass?: RpcConnectionClass;
  /** Options of the connections. */
  // biome-ignore lint/suspicious/noExplicitAny: a connection class of the user's has options of its own
  connectionOpts?: Record<string, any>;
  /** With more connections than this, each further one is warned of. Default 6,000. */
  warnConnectionCount?: number;
  // biome-ignore lint/suspicious/noExplicitAny: subclasses have options of their own
  [key: string]: any;
}

const defaults = { connectionClass: RpcConnection as RpcConnectionClass, warnConnectionCount: 6_000 };

/** The connections of a client, one an address, and the core that its calls go through. */
export class RpcConnectionMgr extends Base {
  declare options: RpcConnectionMgrOptions &
    Required<Pick<RpcConnectionMgrOptions, 'connectionClass' | 'warnConnectionCount'>>;
  protected readonly _connections = new Map<string, RpcConnection>();

  /** @throws AssertionError without logger; MeshError INVALID_ARGUMENT for a mode or a policy that is none. */
  constructor(options: RpcConnectionMgrOptions = {} as RpcConnectionMgrOptions) {
    assert(options.logger, '[ConnectionManager] options.logger is required');
    super({ ...defaults, ...options });
    const { connectTimeout, noDelay } = options.connectionOpts ?? {};
    withCore(this, new ConnectionCore({ ...options, connectTimeout, noDelay }));
    this.ready(true);
  }

  get logger(): Logger {
    return this.options.logger;
  }

  /** By `host:port`. */
  get connections(): Map<string, RpcConnection> {
    return this._connections;
  }

  get connectionClass(): RpcConnectionClass {
    return this.options.connectionClass;
  }

  /** The connection to an address, if it is connected. */
  get(address: Address): RpcConnection | null {
    const connection = this.doGetConn(address);
    return connection?.isConnected ? connection : null;
  }

  doGetConn(address: Address): RpcConnection | undefined {
    return this._connections.get(address.host);
  }

  doSetConn(address: Address, connection: RpcConnection): Map<string, RpcConnection> {
    return this._connections.set(address.host, connection);
  }

  doDeleteConn(address: Address): void {
    this._connections.delete(address.host);
  }

  /** Told why an address could not be connected to. */
  logConnectErrorMessage(message: string): void {
    this.logger.info(message);
  }

  /** The connection to an address, made where there is none; null where it cannot be made. */
  async createAndGet(
    address: Address,
    options?: object,
    connectionClass?: RpcConnectionClass,
  ): Promise<RpcConnection | null> {
    const connection = this.doGetConn(address) ?? this.create(address, options, connectionClass);
    if (connection.isConnected) return connection;
    try {
      await connection.ready();
    } catch (error) {
      const why = (error as Error).message;
      this.logConnectErrorMessage(
        `[ConnectionManager] create connection: ${address.href} failed, caused by ${why}`,
      );
      this.doDeleteConn(address);
      return null;
    }
    const { warnConnectionCount } = this.options;
    const count = this._connections.size;
    if (count > warnConnectionCount)
      this.logger.warn(
        '[ConnectionManager] current connection count is %s, great than warn count %s',
        count,
        warnConnectionCount,
      );
    return connection;
  }

  private create(
    address: Address,
    options: object | undefined,
    connectionClass: RpcConnectionClass = this.connectionClass,
  ): RpcConnection {
    const { logger } = this;
    const connection = new connectionClass(withCore({ address, logger, ...options }, coreOf(this)));
    this.doSetConn(address, connection);
    connection.once('close', () => this.doDeleteConn(address));
    connection.once('error', (error) => this.emit('error', error));
    return connection;
  }

  /** Closes every connection when its calls have ended. */
  closeAllConnections(): Promise<unknown> {
    return Promise.all([...this._connections.values()].map((connection) => connection.close()));
  }

  override async close(): Promise<void> {
    await this.closeAllConnections();
    await coreOf(this)?.close();
  }
}
