import type { Duplex } from 'node:stream';
import type { ByteWriter } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import { publish } from '../core/events.js';
import type { Framing, FramingSession, Message } from '../framing/framing.js';
import { DetectingSession } from './detecting-session.js';
import { FrameChannel } from './frame-channel.js';
import type { OutputPool } from './output-pool.js';

/** As Java's server. */
export const DEFAULT_IDLE_MS = 90_000;
/** A frame that takes longer than this to arrive is an attack or a dead peer. */
const PARTIAL_FRAME_MS = 10_000;

export interface ServerConnectionOptions {
  readonly stream: Duplex;
  readonly remote: string;
  readonly clock: Clock;
  readonly pool: OutputPool;
  readonly maxFrameBytes: number;
  /** Milliseconds without anything to read, after which it is closed. */
  readonly idleMs: number;
  /** What clients may speak here; at least one. */
  readonly sinks: readonly RequestSink[];
  readonly onClosed: (connection: ServerConnection, reason: MeshError) => void;
}

/** A framing that a server takes, and where its requests go. */
export interface RequestSink {
  readonly framing: Framing;
  /** A request or oneway, valid until this returns. Throws only for one that cannot be of this framing: the connection is closed then. */
  onRequest(connection: ServerConnection, request: Message): void;
}

/** Something to tell when the connection is lost: a call whose handler watches its signal. */
export interface Abortable {
  abort(reason: MeshError): void;
}

/** The server's end of one connection: answers heartbeats, hands requests on, watches for silence. */
export class ServerConnection {
  readonly remote: string;
  /** Told when the connection is lost. */
  readonly abortables = new Set<Abortable>();
  /** Calls of it that were taken and have not ended. Counted by who runs them. */
  running = 0;
  /** Set once it is closed. */
  closedBecause: MeshError | undefined;
  private readonly channel: FrameChannel;
  /** Answers that wait until the peer has read some of those before. */
  private readonly held: (() => void)[] = [];
  private releasing = false;
  private readonly options: ServerConnectionOptions;
  private readonly session: FramingSession;
  /** Undefined until the first bytes have told which one the client speaks. */
  private sink: RequestSink | undefined;

  constructor(options: ServerConnectionOptions) {
    this.options = options;
    this.remote = options.remote;
    this.session = this.open();
    const { stream, remote, clock, pool } = options;
    this.channel = new FrameChannel({
      stream,
      remote,
      clock,
      pool,
      session: this.session,
      pauseWhileBlocked: true,
      onMessage: (message) => this.onMessage(message),
      onClosed: (reason) => {
        this.closedBecause = reason;
        this.abort(reason);
        for (const answer of this.held.splice(0)) answer();
        publish('connection.closed', { side: 'server', remote: this.remote, reason: reason.message });
        options.onClosed(this, reason);
      },
    });
    this.channel.onFlushed = () => this.release();
    publish('connection.opened', { side: 'server', remote: this.remote });
  }

  private open(): FramingSession {
    const { sinks, maxFrameBytes } = this.options;
    const limits = { maxFrameBytes };
    if (sinks.length > 1) {
      return new DetectingSession(
        sinks.map(({ framing }) => framing),
        limits,
        (framing) => {
          this.sink = sinks.find((sink) => sink.framing === framing);
        },
      );
    }
    this.sink = sinks[0];
    return this.sink.framing.open('server', limits);
  }

  /** True while the peer does not read what is written: an answer is held back then, not encoded. */
  get isBlocked(): boolean {
    return this.held.length > 0 || this.channel.isBlocked();
  }

  /** Calls `answer` when there is room for it, or when the connection has closed. */
  hold(answer: () => void): void {
    this.held.push(answer);
  }

  private release(): void {
    // What an answer writes may flush in its turn.
    if (this.releasing) return;
    this.releasing = true;
    while (this.held.length > 0 && !this.channel.isBlocked()) this.held.shift()?.();
    this.releasing = false;
  }

  /** Tells every running call that watches its signal. */
  abort(reason: MeshError): void {
    for (const abortable of [...this.abortables]) abortable.abort(reason);
  }

  /** When bytes last came, in the clock's milliseconds. */
  get lastReadAt(): number {
    return this.channel.lastReadAt;
  }

  /** Where a response is appended; it leaves when this tick's work is done. */
  output(): ByteWriter {
    return this.channel.output();
  }

  /** Whether the client leaves when it is asked to; a Java client does not. */
  get understandsGoAway(): boolean {
    return this.session.understandsGoAway;
  }

  /**
   * Asks the client to send no new calls here, if it understands that.
   * @param isKnown whether it is known to, though it has not said so: a proxy passes on what its clients say.
   */
  sendGoAway(isKnown = false): void {
    if (this.channel.closed || !(isKnown || this.understandsGoAway)) return;
    this.session.writeGoAway(this.channel.output());
  }

  /** To be called about once a second: closes a connection that is silent, or that has been sending one frame for too long. */
  checkLiveness(now: number): void {
    if (now - this.channel.partialFrameSince >= PARTIAL_FRAME_MS) {
      this.close(
        `a frame from ${this.remote} was not complete after ${PARTIAL_FRAME_MS} ms`,
        'PROTOCOL_VIOLATION',
      );
    } else if (now - this.channel.lastReadAt >= this.options.idleMs) {
      this.close(
        `nothing came from ${this.remote} for ${this.options.idleMs} ms, not even a heartbeat`,
        'CONNECTION_LOST',
      );
    }
  }

  private close(message: string, code: 'PROTOCOL_VIOLATION' | 'CONNECTION_LOST'): void {
    this.channel.close(new MeshError(code, message, { endpoint: this.remote }));
  }

  /** Closes when the responses that were written have left. */
  finish(): void {
    this.channel.finish(new MeshError('SHUTTING_DOWN', 'the server was stopped', { endpoint: this.remote }));
  }

  private onMessage(message: Message): void {
    const { kind } = message;
    if (kind === 'request' || kind === 'oneway') this.sink?.onRequest(this, message);
    else if (kind === 'heartbeat') this.session.writeHeartbeatAck(this.channel.output(), message);
    else if (kind !== 'heartbeat-ack' && kind !== 'go-away') {
      const what = `a ${kind === 'unknown' ? 'message of no known kind' : kind} (id ${message.requestId})`;
      throw new MeshError('PROTOCOL_VIOLATION', `${this.remote} sent ${what} to a server that asked nothing`);
    }
  }
}
