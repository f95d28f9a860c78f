/** The part of node-zookeeper-client 1.1.3 that is used here; the package has no types of its own. */
declare module 'node-zookeeper-client' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export interface ZkException extends Error {
    getCode(): number;
  }
  /** Numbers of 64 bits are buffers of 8 bytes. */
  export interface Stat {
    czxid: Buffer;
    pzxid: Buffer;
    ephemeralOwner: Buffer;
  }
  export type Done<A extends unknown[]> = (error: ZkException | null | undefined, ...result: A) => void;

  /** Not public: see adapter.ts for what is done with it, and why. */
  export interface ConnectionManager {
    servers: { host: string; port: number }[];
    socket?: Socket;
    connect(): void;
    onSocketData(chunk: Buffer): void;
    onSocketError(error: Error): void;
  }

  export interface Client extends EventEmitter {
    readonly connectionManager: ConnectionManager;
    connect(): void;
    close(): void;
    addAuthInfo(scheme: string, auth: Buffer): void;
    getSessionId(): Buffer;
    getSessionPassword(): Buffer;
    getChildren(path: string, watcher: () => void, callback: Done<[names: string[], stat: Stat]>): void;
    exists(path: string, callback: Done<[stat: Stat | null]>): void;
    exists(path: string, watcher: () => void, callback: Done<[stat: Stat | null]>): void;
    create(
      path: string,
      data: Buffer,
      acl: readonly object[],
      mode: number,
      callback: Done<[path: string]>,
    ): void;
    remove(path: string, callback: Done<[]>): void;
  }

  export interface Options {
    sessionTimeout: number;
    retries: number;
    sessionId?: Buffer;
    sessionPassword?: Buffer;
  }

  const zookeeper: {
    createClient(connectionString: string, options: Options): Client;
    ACL: { OPEN_ACL_UNSAFE: readonly object[]; CREATOR_ALL_ACL: readonly object[] };
    CreateMode: { PERSISTENT: number; EPHEMERAL: number };
    Exception: { NO_NODE: number; NODE_EXISTS: number; CONNECTION_LOSS: number; SESSION_EXPIRED: number };
  };
  export default zookeeper;
}
