import { type Backoff, backoffMs } from '../../core/backoff.js';
import type { Clock } from '../../core/clock.js';
import { MeshError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import type { ZkConnect, ZkConnection, ZkSessionKey } from './connection.js';
import { LiveConnection } from './live-connection.js';
import type { ZkServer, ZkTarget } from './url.js';
import { Wake } from './wake.js';

/**
 * Between two rounds of tries. The longest is short enough to be back well within 10 s of the registry, and one
 * connection in 2 s from each process is no storm.
 */
const ROUNDS: Backoff = { firstMs: 200, maxMs: 3_000 };
/** Between the servers of a round, at most: the clients of a lost one do not all come in the same moment. */
const WITHIN_ROUND_MS = 100;
/** A connection that lived for less does not begin the backoff anew. */
const STEADY_MS = 5_000;
/** A server among several is given up sooner, so that a dead one costs less than the whole connect timeout. */
const MIN_ATTEMPT_MS = 1_000;
/** With the longest pause before it, still back within 10 s. */
const MAX_ATTEMPT_MS = 6_000;
/** How long after a loss the connection may be missing before somebody who waits for it is told. */
const OUTAGE_MS = 10_000;
/** How often what is in the registry is looked at although nothing was heard of it, give or take a fifth. */
const LOOK_MS = 5_000;
/** The least that a request is given: a registry far away is slow, not dead. */
const MIN_REQUEST_MS = 3_000;
const END_MS = 1_000;
/** How often an operation is begun again when it loses its connection: one that kills it must not do so for ever. */
const MAX_TRIES = 3;

export interface ZkSessionEnv {
  readonly clock: Clock;
  readonly random: Random;
  readonly connect: ZkConnect;
  /** Each time that there is a connection. Must not throw. */
  readonly onConnected?: () => void;
  /** Each time that it is lost, at last by `close()`. Must not throw. */
  readonly onLost?: () => void;
}

interface Waiter {
  resolve(connection: LiveConnection): void;
  reject(error: MeshError): void;
}

interface Listener {
  readonly paths: readonly string[];
  readonly run: () => void;
}

/**
 * Keeps one session with the registry from the first operation until it is closed: over lost connections, on whichever
 * server answers, and a new one where the old one has expired. While there is no connection it holds nothing but a timer.
 */
export class ZkSession {
  private connection: LiveConnection | undefined;
  /** The session to take up again. */
  private key: ZkSessionKey | undefined;
  /** The sessions that this was, by their ids. */
  private readonly ids = new Set<string>();
  private running: Promise<void> | undefined;
  private lostAt = Number.NEGATIVE_INFINITY;
  /** Why there is no connection. */
  private cause: Error | undefined;
  /** Tries in a row that were given up: a registry may be slow, not dead, so that each has more time than the one before. */
  private silences = 0;
  /** The server that comes next; every process begins with another one. */
  private turn: number;
  private readonly waiters = new Set<Waiter>();
  private readonly listeners = new Set<Listener>();
  private readonly closing = new AbortController();
  private readonly pause: Wake;

  constructor(
    private readonly target: ZkTarget,
    private readonly env: ZkSessionEnv,
  ) {
    this.turn = Math.floor(env.random() * target.servers.length);
    this.pause = new Wake(env.clock);
  }

  get closed(): boolean {
    return this.closing.signal.aborted;
  }

  get isConnected(): boolean {
    return this.connection !== undefined;
  }

  /** Whether a node's owner is this session, or was: one that was lost, and may not have ended yet. */
  owns(owner: string): boolean {
    return this.ids.has(owner);
  }

  /**
   * Runs an operation, which may be several requests, on the connection; again from its start on the next connection where
   * this one is lost.
   * @param signal ends the wait for a connection; an operation that has begun is not cut short.
   * @throws MeshError CONNECT_FAILED where the registry does not answer or refuses, INVALID_ARGUMENT where the package
   * that talks to it is missing, SHUTTING_DOWN once closed, CANCELLED by the signal.
   */
  async run<T>(operation: (requests: LiveConnection) => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let tries = 1; ; tries++) {
      const connection = await this.connected(signal);
      try {
        return await operation(connection);
      } catch (cause) {
        if (this.closed) throw this.shuttingDown();
        if (connection.loss === undefined) throw this.failed(`refused: ${messageOf(cause)}`, cause);
        if (tries === MAX_TRIES) throw this.failed(`does not answer: ${messageOf(cause)}`, cause);
      }
    }
  }

  /**
   * How long to wait before looking again at what is in the registry. The next look and its request end well within the
   * session's time, so that the session outlives a connection that is dead without a sign of it.
   */
  nextLookMs(): number {
    return Math.min(LOOK_MS, this.target.sessionTimeoutMs / 3) * (0.8 + 0.4 * this.env.random());
  }

  /**
   * Calls `run` when a watch on one of the paths has fired, on each new connection, which knows of no watches, and when
   * the session is closed.
   */
  listen(paths: readonly string[], run: () => void): () => void {
    const listener = { paths, run };
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Ends the session, and its nodes with it. What still waits fails with SHUTTING_DOWN. */
  async close(): Promise<void> {
    if (!this.closed) {
      this.closing.abort(this.shuttingDown());
      for (const waiter of this.waiters) waiter.reject(this.shuttingDown());
      for (const listener of this.listeners) listener.run();
      this.pause.wake();
      await this.connection?.end(END_MS);
    }
    await this.running;
  }

  private async connected(signal: AbortSignal): Promise<LiveConnection> {
    if (this.closed) throw this.shuttingDown();
    if (this.connection !== undefined) return this.connection;
    if (signal.aborted) throw this.cancelled();
    this.running ??= this.keepConnected();
    const { clock } = this.env;
    const patience = Math.max(this.target.connectTimeoutMs, this.lostAt + OUTAGE_MS - clock.now());
    let undo: (() => void) | undefined;
    const connection = new Promise<LiveConnection>((resolve, reject) => {
      const waiter = { resolve, reject };
      const abort = () => reject(this.cancelled());
      const timer = clock.schedule(() => {
        const lostForMs = Math.round(clock.now() - this.lostAt);
        const since = Number.isFinite(lostForMs)
          ? `the connection was lost ${lostForMs} ms ago`
          : `there was no connection within ${patience} ms`;
        const why = this.cause === undefined ? '' : `: ${messageOf(this.cause)}`;
        reject(this.failed(`does not answer, ${since}${why}`, this.cause));
      }, patience);
      this.waiters.add(waiter);
      signal.addEventListener('abort', abort, { once: true });
      undo = () => {
        timer.cancel();
        this.waiters.delete(waiter);
        signal.removeEventListener('abort', abort);
      };
    });
    return connection.finally(undo);
  }

  private async keepConnected(): Promise<void> {
    const { clock } = this.env;
    const { servers } = this.target;
    for (let failures = 0; !this.closed; ) {
      const server = servers[this.turn++ % servers.length] as ZkServer;
      try {
        const connection = await this.attempt(server);
        if (connection === 'expired') {
          this.key = undefined;
          // The next attempt is like the first: this one was answered.
          failures--;
        } else {
          const since = clock.now();
          await this.use(connection);
          if (clock.now() - since >= STEADY_MS) failures = -1;
        }
      } catch (error) {
        this.cause = error as Error;
        if (MeshError.is(error) && error.code === 'INVALID_ARGUMENT') {
          // It will not change by trying; whoever comes next makes the next attempt.
          this.running = undefined;
          for (const waiter of this.waiters) waiter.reject(error);
          return;
        }
      }
      failures++;
      if (!this.closed) await this.pause.sleep(this.restMs(failures));
    }
  }

  private restMs(failures: number): number {
    const { random } = this.env;
    const { length } = this.target.servers;
    if (failures % length !== 0) return WITHIN_ROUND_MS * random();
    return backoffMs(ROUNDS, 1 + failures / length, random);
  }

  private async attempt(server: ZkServer): Promise<ZkConnection | 'expired'> {
    const { connectTimeoutMs, servers, sessionTimeoutMs, digest, nodesForAll } = this.target;
    const share = Math.max(MIN_ATTEMPT_MS, Math.round(connectTimeoutMs / servers.length));
    const limitMs = Math.min(
      share * 2 ** Math.min(this.silences, 10),
      Math.max(MAX_ATTEMPT_MS, connectTimeoutMs),
    );
    const limit = new AbortController();
    const abandon = () => limit.abort(this.closing.signal.reason);
    this.closing.signal.addEventListener('abort', abandon, { once: true });
    const giveUp = () => {
      this.silences++;
      limit.abort(new Error(`${server.host}:${server.port} says nothing for ${limitMs} ms`));
    };
    const timer = this.env.clock.schedule(giveUp, limitMs).unref();
    try {
      return await this.env.connect({
        server,
        sessionTimeoutMs,
        digest,
        nodesForAll,
        key: this.key,
        signal: limit.signal,
        onChange: (path) => this.changed(path),
      });
    } finally {
      timer.cancel();
      this.closing.signal.removeEventListener('abort', abandon);
    }
  }

  /** Resolves when it is lost. */
  private async use(connection: ZkConnection): Promise<void> {
    const { clock } = this.env;
    const limitMs = Math.max(MIN_REQUEST_MS, Math.round(this.target.sessionTimeoutMs / 3));
    const live = new LiveConnection(connection, clock, limitMs);
    this.key = connection.key;
    this.ids.add(live.owner);
    if (this.closed) return live.end(END_MS);
    this.connection = live;
    this.silences = 0;
    for (const waiter of this.waiters) waiter.resolve(live);
    for (const listener of this.listeners) listener.run();
    this.env.onConnected?.();
    this.cause = await live.lost;
    this.connection = undefined;
    this.lostAt = clock.now();
    this.env.onLost?.();
  }

  private changed(path: string): void {
    for (const listener of this.listeners) if (listener.paths.includes(path)) listener.run();
  }

  private failed(what: string, cause: unknown): MeshError {
    return new MeshError(
      'CONNECT_FAILED',
      `registry ${this.target.name} ${what}; see that ZooKeeper runs there and lets this client in`,
      { cause },
    );
  }

  private shuttingDown(): MeshError {
    return new MeshError(
      'SHUTTING_DOWN',
      `registry ${this.target.name} is closed; make a new client or server`,
    );
  }

  private cancelled(): MeshError {
    return new MeshError('CANCELLED', `nobody waits for registry ${this.target.name} any more`);
  }
}

/** Node joins the failures of a name's several addresses into one error that has no message. */
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return messageOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}
