import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { publish } from '../core/events.js';
import type { Framing, FramingSession, Message } from '../framing/framing.js';
import type { Exchange } from './exchange.js';
import { FrameChannel } from './frame-channel.js';
import type { OutputPool } from './output-pool.js';
import { PendingCalls } from './pending-calls.js';

/** How a silent connection is found out. Java's own idle probing takes about 45 s to notice a dead peer, this 18 s. */
export interface HeartbeatOptions {
  /** Milliseconds without a read until the first probe. Default 15,000. */
  readonly idleMs: number;
  /** Milliseconds an answer may take; then the next probe goes out. Default 1,000. */
  readonly answerMs: number;
  /** Missed answers in a row that close the connection. Default 3. */
  readonly misses: number;
}

/** How much sooner a connection that calls wait on is found out. */
export interface BusyHeartbeat extends HeartbeatOptions {
  /** Milliseconds without a read, while calls wait, until the first probe; one missed answer closes the connection then. */
  readonly busyIdleMs?: number;
}

/** A timer may come a little before its time; it must not cost another round. */
const EARLY_MS = 20;

export const DEFAULT_HEARTBEAT: HeartbeatOptions = { idleMs: 15_000, answerMs: 1_000, misses: 3 };

export interface ClientConnectionOptions {
  readonly stream: Duplex;
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  readonly pool: OutputPool;
  readonly maxFrameBytes: number;
  readonly heartbeat: BusyHeartbeat;
  /** What the other side speaks. */
  readonly framing: Framing;
  /** Whether the first request may say what this client understands: not where others share the way to the provider. */
  readonly introducesItself: boolean;
  /** No new calls from now on: the other side sent go-away, or the connection is gone. Called once. */
  readonly onUnusable: (connection: ClientConnection, reason: string) => void;
  /** Called once, after every waiting call was failed. */
  readonly onClosed: (connection: ClientConnection, reason: MeshError) => void;
  readonly onLateResponse: (requestId: number) => void;
}

/** The client's end of one multiplexed connection. */
export class ClientConnection {
  readonly endpoint: Endpoint;
  readonly framing: Framing;
  private readonly session: FramingSession;
  private readonly options: ClientConnectionOptions;
  private readonly channel: FrameChannel;
  private readonly pending = new PendingCalls();
  /** Requests up to this id were handed to the socket. */
  private flushedId = 0;
  private newestId = 0;
  private usable = true;
  private misses = 0;
  private probedAt = Number.NEGATIVE_INFINITY;
  /** How many chunks had been read when the other side was suspected to be dead: one more proves that it is not. */
  private suspectedReads = -1;
  /** The other side sent go-away. */
  toldToGo = false;
  /** Whoever asked whether the other side is alive. */
  private asking: { resolve: () => void; reject: (reason: MeshError) => void }[] = [];

  constructor(options: ClientConnectionOptions) {
    this.options = options;
    this.endpoint = options.endpoint;
    this.framing = options.framing;
    this.session = options.framing.open('client', { maxFrameBytes: options.maxFrameBytes });
    this.channel = new FrameChannel({
      stream: options.stream,
      remote: options.endpoint.address,
      clock: options.clock,
      pool: options.pool,
      session: this.session,
      pauseWhileBlocked: false,
      onMessage: (message) => this.onMessage(message),
      onClosed: (reason) => this.onClosed(reason),
    });
    this.channel.onFlushed = () => {
      this.flushedId = this.newestId;
    };
    publish('connection.opened', { side: 'client', remote: this.channel.remote });
  }

  /** False once go-away came or the connection is gone. */
  get isUsable(): boolean {
    return this.usable;
  }

  /** True where the next request is to say what this client understands: the first of a connection that is its own. */
  get isFresh(): boolean {
    return this.newestId === 0 && this.options.introducesItself;
  }

  /** False from when the other side was suspected to be dead until something is read from it. */
  get isResponsive(): boolean {
    return this.channel.reads !== this.suspectedReads;
  }

  /** Calls that wait for their response. */
  get pendingCount(): number {
    return this.pending.size;
  }

  /**
   * Writes the request; its response, or the connection's end, comes to the exchange later.
   * @throws MeshError whatever `exchange.encode` throws, with nothing written; ENCODE_FAILED for a frame over the limit.
   */
  send(exchange: Exchange): void {
    const out = this.channel.output();
    const start = out.pos;
    if (exchange.oneway) exchange.requestId = this.pending.nextId();
    else this.pending.add(exchange);
    try {
      exchange.encode(out, exchange.requestId);
      if (out.pos - start > this.options.maxFrameBytes) throw this.tooLarge(out.pos - start);
    } catch (error) {
      out.pos = start;
      this.pending.take(exchange.requestId);
      throw error;
    }
    this.newestId = exchange.requestId;
  }

  private tooLarge(bytes: number): MeshError {
    const limit = this.options.maxFrameBytes;
    return new MeshError(
      'ENCODE_FAILED',
      `the request has ${bytes} bytes, the limit is ${limit}: send less in one call, or raise maxFrameBytes on both sides`,
    );
  }

  /** The call is given up: its response, should it come, is dropped and counted. Returns whether it may have been sent. */
  forget(exchange: Exchange): boolean {
    this.pending.take(exchange.requestId);
    this.closeIfDrained();
    return this.wasFlushed(exchange);
  }

  /**
   * As {@link forget}, for a call that ended at its deadline. Where nothing at all was read since it started, the other side
   * may be gone: it is asked at once, and until it answers this connection is not {@link isResponsive}.
   */
  expire(exchange: Exchange, startedAt: number): boolean {
    const sent = this.forget(exchange);
    if (sent && this.isResponsive && this.channel.lastReadAt <= startedAt) this.suspect();
    return sent;
  }

  /** Asks the other side whether it is alive; not {@link isResponsive} until it answers. */
  suspect(): void {
    if (this.channel.closed) return;
    this.suspectedReads = this.channel.reads;
    this.sendHeartbeat();
  }

  /**
   * Sends a heartbeat and resolves when anything is read after it. The caller bounds the wait.
   * @throws MeshError the reason for which the connection closed, where it did before that.
   */
  alive(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.channel.closed) {
        reject(this.lost('it is closed'));
        return;
      }
      this.asking.push({ resolve, reject });
      this.sendHeartbeat();
    });
  }

  private lost(why: string): MeshError {
    const { address: endpoint } = this.endpoint;
    return new MeshError('CONNECTION_LOST', `connection to ${endpoint}: ${why}`, { endpoint });
  }

  private wasFlushed(exchange: Exchange): boolean {
    // Ids wrap at 2^31: "not later" is a distance, not an order.
    return ((this.flushedId - exchange.requestId) & 0x7fff_ffff) < 0x4000_0000;
  }

  /** To be called about once a second: probes a silent connection and closes a dead one. */
  checkLiveness(now: number): void {
    const { heartbeat } = this.options;
    const isBusy = heartbeat.busyIdleMs !== undefined && this.pending.size > 0;
    const idleMs = isBusy ? (heartbeat.busyIdleMs as number) : heartbeat.idleMs;
    const misses = isBusy ? 1 : heartbeat.misses;
    const { answerMs } = heartbeat;
    if (now - this.channel.lastReadAt < idleMs) {
      this.misses = 0;
      this.probedAt = Number.NEGATIVE_INFINITY;
      if (!this.isResponsive) this.sendHeartbeat();
      return;
    }
    if (this.probedAt === Number.NEGATIVE_INFINITY) {
      this.probe(now);
      return;
    }
    if (now - this.probedAt < answerMs - EARLY_MS) return;
    if (this.channel.lastReadAt >= this.probedAt) {
      // It was answered, and has been silent again since: this program was busy with other things.
      this.misses = 0;
      this.probe(now);
      return;
    }
    this.misses++;
    if (this.misses < misses) {
      this.probe(now);
      return;
    }
    // Whoever opens the next connection asks whether this one was responsive.
    this.suspectedReads = this.channel.reads;
    const silent = Math.round(now - this.channel.lastReadAt);
    this.channel.close(
      new MeshError(
        'CONNECTION_LOST',
        `connection to ${this.endpoint.address} is dead: nothing was read for ${silent} ms and ${this.misses === 1 ? 'a heartbeat was' : `${this.misses} heartbeats were`} not answered`,
        { endpoint: this.endpoint.address },
      ),
    );
  }

  private probe(now: number): void {
    this.probedAt = now;
    this.sendHeartbeat();
  }

  private sendHeartbeat(): void {
    this.session.writeHeartbeat(this.channel.output(), this.pending.nextId());
  }

  /** No new calls; closes when the last waiting call is answered. */
  drain(reason = 'it was drained'): void {
    this.becomeUnusable(reason);
    this.closeIfDrained();
  }

  /** Closes now; waiting calls fail with `reason`. */
  close(reason: MeshError): void {
    this.channel.close(reason);
  }

  private closeIfDrained(): void {
    if (this.usable || this.pending.size > 0 || this.channel.closed) return;
    this.channel.finish(new MeshError('SHUTTING_DOWN', `connection to ${this.endpoint.address} was drained`));
  }

  private becomeUnusable(reason: string): void {
    if (!this.usable) return;
    this.usable = false;
    this.options.onUnusable(this, reason);
  }

  private onMessage(message: Message): void {
    if (this.asking.length > 0) for (const { resolve } of this.asking.splice(0)) resolve();
    if (message.kind === 'response') {
      const { requestId } = message;
      const exchange = this.pending.take(requestId);
      if (exchange === undefined) this.onLate(requestId);
      else exchange.complete(message);
      if (!this.usable) this.closeIfDrained();
      return;
    }
    this.onControl(message);
  }

  private onLate(requestId: number): void {
    this.options.onLateResponse(requestId);
    publish('response.late', { remote: this.channel.remote, requestId });
  }

  private onControl(message: Message): void {
    const { kind } = message;
    if (kind === 'heartbeat') this.session.writeHeartbeatAck(this.channel.output(), message);
    else if (kind === 'go-away') {
      publish('connection.draining', { remote: this.channel.remote });
      this.toldToGo = true;
      this.drain('the other side sent go-away');
    } else if (kind !== 'heartbeat-ack') {
      const what = `a ${kind === 'unknown' ? 'message of no known kind' : kind} (id ${message.requestId})`;
      throw new MeshError(
        'PROTOCOL_VIOLATION',
        `${this.endpoint.address} sent ${what} to a client: is it a server?`,
      );
    }
  }

  private onClosed(reason: MeshError): void {
    this.becomeUnusable(reason.message);
    for (const { reject } of this.asking.splice(0)) reject(reason);
    publish('connection.closed', { side: 'client', remote: this.channel.remote, reason: reason.message });
    for (const exchange of this.pending.takeAll()) exchange.fail(reason, this.wasFlushed(exchange));
    this.options.onClosed(this, reason);
  }
}
