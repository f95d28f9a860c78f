import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import { Latch } from '../core/latch.js';
import { pause } from '../core/pause.js';
import { LivenessRound, ROUND_MS } from '../transport/liveness.js';
import { OutputPool } from '../transport/output-pool.js';
import { DEFAULT_IDLE_MS, ServerConnection } from '../transport/server-connection.js';
import type { Dispatcher } from './dispatcher.js';

/** After go-away, time for requests that were already on their way, and for clients to leave by themselves. */
const DRAIN_MS = 200;
/**
 * Between the last reply and the end of a connection: a Java client hands replies to other threads, and fails the calls
 * whose replies these have not reached yet when it sees the connection end (seen with bolt 1.6.10).
 */
const LAST_REPLY_MS = 100;

/** How long connections to a port that others go on to serve may take to fall silent, and then, each, to have no call. */
const LEAVE_MS = 1_000;
/** Between two looks at them. */
const LOOK_MS = 10;

/** Other processes go on to serve the port: its clients have heard of nothing. */
export interface SharedPort {
  /** Whether who is connected from there, `host:port`, is a sidecar: it understands go-away and never says so. */
  readonly isSidecar: (remote: string) => boolean;
}

export interface ServerConnectionsEnv {
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly maxFrameBytes: number;
  /** Milliseconds of silence after which a connection is closed. Default 90,000. */
  readonly idleMs?: number;
  readonly warn: (text: string) => void;
  /** Told of each connection that was closed, and why. */
  readonly onClosed?: (connection: ServerConnection, reason: MeshError) => void;
}

/** The connections of one server, from the first to the end of the last. */
export class ServerConnections {
  private readonly open = new Set<ServerConnection>();
  private readonly pool = new OutputPool();
  private readonly liveness: LivenessRound;
  private draining = false;
  private readonly whenEmpty = new Latch();

  constructor(private readonly env: ServerConnectionsEnv) {
    const { clock, idleMs = DEFAULT_IDLE_MS } = env;
    this.liveness = new LivenessRound(clock, this.open, Math.min(idleMs, ROUND_MS));
  }

  get count(): number {
    return this.open.size;
  }

  /** Serves what comes on the stream. */
  accept(stream: Duplex, remote: string): ServerConnection {
    const { clock, dispatcher, maxFrameBytes, idleMs = DEFAULT_IDLE_MS } = this.env;
    const connection = new ServerConnection({
      stream,
      remote,
      clock,
      pool: this.pool,
      maxFrameBytes,
      idleMs,
      sinks: dispatcher.sinks,
      onClosed: (closed, reason) => this.onClosed(closed, reason),
    });
    this.open.add(connection);
    if (this.draining) connection.sendGoAway();
    this.liveness.start();
    return connection;
  }

  private onClosed(connection: ServerConnection, reason: MeshError): void {
    this.open.delete(connection);
    this.env.onClosed?.(connection, reason);
    if (reason.code === 'PROTOCOL_VIOLATION')
      this.env.warn(`connection from ${connection.remote} closed: ${reason.message}`);
    if (this.open.size === 0) this.whenEmpty.open();
  }

  /**
   * Asks the clients that understand it to go away; for a moment, calls that were on their way are still served, then new
   * ones are told that the server `name` stopped. Every connection closes when the calls that were taken have ended, at
   * the latest after `timeoutMs`: what still runs then is aborted.
   * @param shared where others go on to serve the port: before any call is refused, each connection is closed at a moment
   * without calls, as clients that do not understand go-away stay until then.
   */
  async drain(name: string, timeoutMs: number, shared?: SharedPort): Promise<void> {
    const { clock, dispatcher } = this.env;
    this.draining = true;
    for (const connection of this.open) connection.sendGoAway(shared?.isSidecar(connection.remote));
    const limit = pause(clock, timeoutMs, undefined, { isIdle: true });
    const drained = Promise.race([this.empty(), pause(clock, Math.min(DRAIN_MS, timeoutMs), undefined)]);
    const left = shared === undefined ? drained : drained.then(() => this.leave(limit));
    const idle = left.then(() => {
      dispatcher.refuseNew(name);
      return dispatcher.idle();
    });
    await Promise.race([idle.then(() => this.lastRepliesRead()), limit]);
    if (dispatcher.openCount > 0) this.abort(timeoutMs);
    for (const connection of [...this.open]) connection.finish();
  }

  /** Closes what has fallen silent, later what has no call. Resolves when all are closed, or it has taken long enough. */
  private async leave(limit: Promise<unknown>): Promise<void> {
    const { clock } = this.env;
    const since = clock.now();
    let isOver = false;
    void limit.then(() => {
      isOver = true;
    });
    while (!isOver && this.open.size > 0 && clock.now() - since < 2 * LEAVE_MS) {
      const now = clock.now();
      const silentMs = now - since < LEAVE_MS ? LAST_REPLY_MS : 0;
      for (const connection of [...this.open])
        if (connection.running === 0 && now - connection.lastReadAt >= silentMs) connection.finish();
      await pause(clock, LOOK_MS, undefined);
    }
  }

  private abort(timeoutMs: number): void {
    const message = `the server stopped and did not wait longer than ${timeoutMs} ms`;
    const reason = new MeshError('SHUTTING_DOWN', message);
    for (const connection of this.open) connection.abort(reason);
  }

  private async lastRepliesRead(): Promise<void> {
    if ([...this.open].every((connection) => connection.understandsGoAway)) return;
    await Promise.race([this.empty(), pause(this.env.clock, LAST_REPLY_MS, undefined)]);
  }

  private empty(): Promise<void> {
    return this.whenEmpty.wait(this.open.size === 0);
  }
}
