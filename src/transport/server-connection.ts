import type { Duplex } from 'node:stream';
import { encodeFrame } from '../bolt/encode.js';
import {
  CMD_GO_AWAY,
  CMD_HEARTBEAT,
  CMD_REQUEST,
  CODEC_HESSIAN2,
  type Frame,
  PROTO_V1,
  TYPE_REQUEST,
  TYPE_RESPONSE,
} from '../bolt/frame.js';
import { findHeader, HEADER_GO_AWAY } from '../bolt/headers.js';
import type { ByteWriter } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import { publish } from '../core/events.js';
import { FrameChannel } from './frame-channel.js';
import type { OutputPool } from './output-pool.js';

const GO_AWAY_BYTES = Buffer.from(HEADER_GO_AWAY);
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
  /** Appends the answer to a heartbeat. */
  readonly answerHeartbeat: (out: ByteWriter, heartbeat: Frame) => void;
  /** A request or oneway frame, valid until this returns. Never throws. */
  readonly onRequest: (connection: ServerConnection, frame: Frame) => void;
  readonly onClosed: (connection: ServerConnection, reason: MeshError) => void;
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
  /** Set once it is closed. */
  closedBecause: MeshError | undefined;
  private readonly channel: FrameChannel;
  /** Answers that wait until the peer has read some of those before. */
  private readonly held: (() => void)[] = [];
  private releasing = false;
  private readonly options: ServerConnectionOptions;
  /** Undefined until the first request has come. */
  private knowsGoAway: boolean | undefined;
  /** What the client speaks; go-away must match it. */
  private proto = PROTO_V1;
  private ver1 = 0;

  constructor(options: ServerConnectionOptions) {
    this.options = options;
    this.remote = options.remote;
    this.channel = new FrameChannel({
      ...options,
      pauseWhileBlocked: true,
      onFrame: (frame) => this.onFrame(frame),
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

  /** Whether the client has said that it understands go-away; a Java client does not. */
  get understandsGoAway(): boolean {
    return this.knowsGoAway === true;
  }

  /** Asks the client to send no new calls here, if it understands that. */
  sendGoAway(): void {
    if (this.channel.closed || !this.understandsGoAway) return;
    const fields = { proto: this.proto, ver1: this.ver1, type: TYPE_REQUEST, cmdCode: CMD_GO_AWAY };
    encodeFrame(this.channel.output(), { ...fields, requestId: 0, codec: CODEC_HESSIAN2, timeout: -1 });
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

  private onFrame(frame: Frame): void {
    this.proto = frame.proto;
    this.ver1 = frame.ver1;
    if (frame.cmdCode === CMD_REQUEST && frame.type !== TYPE_RESPONSE) {
      this.knowsGoAway ??= findHeader(frame.buf, frame.headerStart, frame.contentStart, GO_AWAY_BYTES) >= 0;
      this.options.onRequest(this, frame);
    } else if (frame.cmdCode === CMD_HEARTBEAT && frame.type === TYPE_REQUEST) {
      this.options.answerHeartbeat(this.channel.output(), frame);
    } else if (frame.cmdCode !== CMD_HEARTBEAT && frame.cmdCode !== CMD_GO_AWAY) {
      throw new MeshError(
        'PROTOCOL_VIOLATION',
        `${this.remote} sent a response (command ${frame.cmdCode}, type ${frame.type}) to a server that asked nothing`,
      );
    }
  }
}
