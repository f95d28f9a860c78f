/// <reference path="./node-zookeeper-client.d.ts" />
import type { Client, Stat, ZkException } from 'node-zookeeper-client';
import { Deferred } from '../../core/deferred.js';
import { MeshError } from '../../core/errors.js';
import type {
  ZkConnect,
  ZkConnection,
  ZkConnectOptions,
  ZkListing,
  ZkSessionKey,
  ZkStat,
} from './connection.js';

type Library = typeof import('node-zookeeper-client').default;

/**
 * Connections by way of node-zookeeper-client, which is loaded when the first one is asked for.
 *
 * A client of that library is used for one connection alone, because what it does after losing one is not good enough:
 * it waits for ever for a server that accepts and says nothing, it queues requests without limit while there is none, and
 * as it tells the server the last change it has seen, a server whose data were wiped refuses it for ever. A session is
 * taken up again by a new client instead, with the key of the old one.
 */
export function zookeeperConnect(load = () => import('node-zookeeper-client')): ZkConnect {
  return async (options) => {
    const { default: library } = await load().catch((cause) => {
      throw new MeshError(
        'INVALID_ARGUMENT',
        'a zookeeper:// registry needs the package node-zookeeper-client, which could not be loaded: npm install node-zookeeper-client',
        { cause },
      );
    });
    options.signal.throwIfAborted();
    return open(library, options);
  };
}

function open(library: Library, options: ZkConnectOptions): Promise<ZkConnection | 'expired'> {
  const { server, key, digest, signal } = options;
  const client = library.createClient(`${server.host}:${server.port}`, {
    sessionTimeout: options.sessionTimeoutMs,
    retries: 0,
    ...(key && { sessionId: key.id, sessionPassword: key.password }),
  });
  if (digest !== undefined) client.addAuthInfo('digest', Buffer.from(digest));

  return new Promise((resolve, reject) => {
    const { gone, lost, drop } = oneConnectionOnly(client, server);
    const abandon = () => drop(signal.reason);
    signal.addEventListener('abort', abandon, { once: true });
    const settled = () => signal.removeEventListener('abort', abandon);
    lost.then((reason) => {
      settled();
      reject(reason);
    });
    client.once('connected', () => {
      settled();
      resolve(new LibraryConnection(library, client, { lost, drop }, options));
    });
    client.once('expired', () => {
      resolve('expired');
      drop(new Error('the session has expired'));
    });
    client.once('authenticationFailed', () => drop(new Error('the server refused the authentication')));
    client.once('disconnected', () => gone(new Error('the connection was closed')));
    client.connect();
    // From here on the library calls it to connect once more.
    client.connectionManager.connect = () => gone(new Error('the connection was closed'));
  });
}

interface Loss {
  readonly lost: Promise<Error>;
  readonly drop: (reason: Error) => void;
}

/** Reaches into the library, whose public face neither says why a connection failed nor lets one be given up. */
function oneConnectionOnly(
  client: Client,
  server: { host: string; port: number },
): Loss & { gone: Loss['drop'] } {
  const manager = client.connectionManager;
  // The library's own reading of addresses knows no IPv6.
  manager.servers = [{ host: server.host, port: server.port }];

  let cause: Error | undefined;
  const { promise: lost, resolve } = new Deferred<Error>();
  const gone = (reason: Error): void => resolve(cause ?? reason);
  const drop = (reason: Error): void => {
    cause ??= reason;
    gone(reason);
    // The socket is made a tick after connect(). Destroyed with an error, it also cancels the library's timer.
    process.nextTick(() => manager.socket?.destroy(reason));
  };

  const { onSocketError, onSocketData } = manager;
  manager.onSocketError = (error) => {
    cause ??= error;
    onSocketError.call(manager, error);
  };
  manager.onSocketData = (chunk) => {
    try {
      onSocketData.call(manager, chunk);
    } catch (error) {
      // It throws at error codes and events that are newer than itself; nobody else could catch that.
      drop(error as Error);
    }
  };
  return { gone, lost, drop };
}

class LibraryConnection implements ZkConnection {
  readonly key: ZkSessionKey;
  readonly lost: Promise<Error>;
  readonly drop: (reason: Error) => void;
  /** One for each path: the library calls a function that it was given twice for a path only once. */
  private readonly watchers = new Map<string, () => void>();

  constructor(
    private readonly library: Library,
    private readonly client: Client,
    loss: Loss,
    private readonly options: ZkConnectOptions,
  ) {
    this.lost = loss.lost;
    this.drop = loss.drop;
    this.key = { id: client.getSessionId(), password: client.getSessionPassword() };
  }

  children(path: string): Promise<ZkListing | undefined> {
    return new Promise((resolve, reject) => {
      this.client.getChildren(path, this.watcher(path), (error, names, stat) => {
        if (!error) resolve({ names, revision: revisionOf(stat), created: stat.czxid.toString('hex') });
        else if (this.isNoNode(error)) resolve(undefined);
        else this.refuse(error, reject);
      });
    });
  }

  exists(path: string, watch: boolean): Promise<ZkStat | undefined> {
    return new Promise((resolve, reject) => {
      const done = (error: ZkException | null | undefined, stat: Stat | null): void => {
        if (error) this.refuse(error, reject);
        else
          resolve(
            stat ? { owner: stat.ephemeralOwner.toString('hex'), revision: revisionOf(stat) } : undefined,
          );
      };
      if (watch) this.client.exists(path, this.watcher(path), done);
      else this.client.exists(path, done);
    });
  }

  create(
    path: string,
    data: Buffer,
    kind: 'ephemeral' | 'persistent',
  ): Promise<'created' | 'exists' | 'no-parent'> {
    const { ACL, CreateMode, Exception } = this.library;
    const { digest, nodesForAll = false } = this.options;
    // As Java does: with a user, only that user may read and write what we create.
    const acl = digest === undefined || nodesForAll ? ACL.OPEN_ACL_UNSAFE : ACL.CREATOR_ALL_ACL;
    const mode = kind === 'ephemeral' ? CreateMode.EPHEMERAL : CreateMode.PERSISTENT;
    return new Promise((resolve, reject) => {
      this.client.create(path, data, acl, mode, (error) => {
        if (!error) resolve('created');
        else if (error.getCode() === Exception.NODE_EXISTS) resolve('exists');
        else if (this.isNoNode(error)) resolve('no-parent');
        else this.refuse(error, reject);
      });
    });
  }

  remove(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.client.remove(path, (error) => {
        if (!error || this.isNoNode(error)) resolve();
        else this.refuse(error, reject);
      });
    });
  }

  async end(): Promise<void> {
    this.client.close();
    await this.lost;
  }

  private isNoNode(error: ZkException): boolean {
    return error.getCode() === this.library.Exception.NO_NODE;
  }

  /** What the server says of the request. That the connection is lost is no answer to it: `lost` tells of that. */
  private refuse(error: ZkException, reject: (error: Error) => void): void {
    const { CONNECTION_LOSS, SESSION_EXPIRED } = this.library.Exception;
    if (error.getCode() !== CONNECTION_LOSS && error.getCode() !== SESSION_EXPIRED) reject(error);
  }

  private watcher(path: string): () => void {
    let watcher = this.watchers.get(path);
    if (watcher === undefined) {
      watcher = () => this.options.onChange(path);
      this.watchers.set(path, watcher);
    }
    return watcher;
  }
}

function revisionOf(stat: Stat): string {
  return `${stat.czxid.toString('hex')}:${stat.pzxid.toString('hex')}`;
}
