import type { ZkServer } from './url.js';

/** What is needed to take a session up again on another connection. */
export interface ZkSessionKey {
  readonly id: Buffer;
  readonly password: Buffer;
}

export interface ZkStat {
  /** The session whose end removes the node, as hex digits; zeros for a node that stays. */
  readonly owner: string;
  /** Another text after every change of the node's list of children, or when the node was made anew. */
  readonly revision: string;
}

/** A node's list of children. */
export interface ZkListing {
  readonly names: readonly string[];
  readonly revision: string;
  /** Another text where the node was made anew since. */
  readonly created: string;
}

/** What can be asked of a ZooKeeper server. A request rejects with what the server said against it. */
export interface ZkRequests {
  /** The children's names, undefined where there is no such node. Leaves a watch on the node where there is one. */
  children(path: string): Promise<ZkListing | undefined>;
  /** The node's stat, undefined where there is none. With `watch`, its creation or removal is told of. */
  exists(path: string, watch: boolean): Promise<ZkStat | undefined>;
  create(
    path: string,
    data: Buffer,
    kind: 'ephemeral' | 'persistent',
  ): Promise<'created' | 'exists' | 'no-parent'>;
  /** Removes a node, if it is there. */
  remove(path: string): Promise<void>;
}

/**
 * One connection of one session: all that the registry needs of a ZooKeeper client. It may be dead without a sign of it.
 * A request that is not answered while it lasts never ends: who uses it sets the limits.
 */
export interface ZkConnection extends ZkRequests {
  readonly key: ZkSessionKey;
  /** Resolves when the connection can no longer be used, with the reason. The session may live on. */
  readonly lost: Promise<Error>;
  /** Ends the session, with its nodes. */
  end(): Promise<void>;
  /** Gives the connection up without a word to the server. The session lives on until it times out. */
  drop(reason: Error): void;
}

export interface ZkConnectOptions {
  readonly server: ZkServer;
  readonly sessionTimeoutMs: number;
  /** A session to take up again; a new one is begun without it. */
  readonly key: ZkSessionKey | undefined;
  /** `user:password` of the digest scheme; nodes are then created for this user alone, unless they are for all. */
  readonly digest: string | undefined;
  /** Nodes are created for everybody, although a user is named. */
  readonly nodesForAll?: boolean;
  /** Gives the attempt up. Not looked at any more once connected. */
  readonly signal: AbortSignal;
  /** A watch that was left on `path` has fired; it is gone now. */
  readonly onChange: (path: string) => void;
}

/**
 * Connects to one server. Resolves to `expired` where the server no longer knows the session; rejects with the reason
 * when there is no connection to be had.
 */
export type ZkConnect = (options: ZkConnectOptions) => Promise<ZkConnection | 'expired'>;
