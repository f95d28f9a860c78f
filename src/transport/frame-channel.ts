import type { Duplex } from 'node:stream';
import type { ByteWriter } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import type { FramingSession, Message } from '../framing/framing.js';
import type { OutputPool } from './output-pool.js';

/** A burst is handed to the socket in the middle of a tick once it is this large. */
const BURST_BYTES = 128 * 1024;
/** With this much unsent output a server stops reading more requests. */
const BLOCKED_BYTES = 256 * 1024;
/** How long a finished stream may take to deliver its last bytes. */
const LINGER_MS = 3_000;

export interface FrameChannelOptions {
  readonly stream: Duplex;
  /** Who is on the other side, for messages. */
  readonly remote: string;
  readonly clock: Clock;
  readonly pool: OutputPool;
  /** What cuts the stream into messages. */
  readonly session: FramingSession;
  /**
   * Stop reading while output is blocked. Servers only: if both sides did, two full pipes would wait for each other.
   */
  readonly pauseWhileBlocked: boolean;
  readonly onMessage: (message: Message) => void;
  /** Once, whatever ended it. */
  readonly onClosed: (reason: MeshError) => void;
}

/**
 * Frames over one stream: cuts what is read, coalesces what is written. All frames of a tick leave in one write; while
 * that write waits for the network, the next frames gather behind it.
 */
export class FrameChannel {
  readonly remote: string;
  /** When bytes last came, in the clock's milliseconds. */
  lastReadAt: number;
  /** Chunks that were read. */
  reads = 0;
  closed = false;
  /** Called after frames were handed to the socket. */
  onFlushed: (() => void) | undefined;

  private readonly stream: Duplex;
  private readonly session: FramingSession;
  private readonly options: FrameChannelOptions;
  private gathering: ByteWriter | undefined;
  private inFlight: ByteWriter | undefined;
  private paused = false;
  private partialSince = Number.POSITIVE_INFINITY;
  private cause: unknown;

  constructor(options: FrameChannelOptions) {
    const { stream, clock } = options;
    this.options = options;
    this.stream = stream;
    this.remote = options.remote;
    this.lastReadAt = clock.now();
    this.session = options.session;
    stream.on('data', this.onData);
    stream.on('error', this.onError);
    stream.on('end', this.onEnd);
    stream.on('close', this.onClose);
  }

  /** When the frame began whose end has not come yet; Infinity where there is none, or where it is this side that waits. */
  get partialFrameSince(): number {
    return this.paused ? Number.POSITIVE_INFINITY : this.partialSince;
  }

  /** Where to append frames. They leave by themselves when this tick's work is done. */
  output(): ByteWriter {
    const gathering = this.gathering;
    if (gathering === undefined) return this.startGathering();
    if (gathering.pos > BURST_BYTES) {
      this.flush();
      return this.gathering ?? this.startGathering();
    }
    return gathering;
  }

  /** True while so much output waits for the network that no more should be made. A server stops reading then, too. */
  isBlocked(): boolean {
    if (this.inFlight === undefined || this.gathering === undefined || this.gathering.pos <= BLOCKED_BYTES)
      return false;
    if (this.options.pauseWhileBlocked && !this.paused) this.pause();
    return true;
  }

  private startGathering(): ByteWriter {
    const writer = this.options.pool.take();
    this.gathering = writer;
    // The tick queue is served when the microtasks are done: every call that this tick settles or starts is in by then.
    if (this.inFlight === undefined) process.nextTick(this.flush);
    return writer;
  }

  private readonly flush = (): void => {
    const writer = this.gathering;
    if (writer === undefined) return;
    if (this.inFlight !== undefined) {
      if (this.options.pauseWhileBlocked && writer.pos > BLOCKED_BYTES) this.pause();
      return;
    }
    this.gathering = undefined;
    // A stream that has failed takes nothing any more; its close event comes later.
    if (writer.pos === 0 || this.closed || this.stream.destroyed) {
      this.options.pool.give(writer);
      return;
    }
    this.stream.write(writer.written(), this.onWritten);
    if (this.stream.writableLength === 0) this.options.pool.give(writer);
    else this.inFlight = writer;
    this.onFlushed?.();
  };

  private readonly onWritten = (): void => {
    const written = this.inFlight;
    if (written === undefined || this.stream.writableLength > 0) return;
    this.inFlight = undefined;
    this.options.pool.give(written);
    this.flush();
    if (this.paused && this.inFlight === undefined) this.resume();
  };

  private pause(): void {
    this.paused = true;
    this.stream.pause();
  }

  private resume(): void {
    this.paused = false;
    if (this.closed) return;
    if (this.session.pendingBytes > 0) this.partialSince = this.options.clock.now();
    this.stream.resume();
  }

  private readonly onData = (chunk: Buffer): void => {
    if (this.closed) return;
    const now = this.options.clock.now();
    this.lastReadAt = now;
    this.reads++;
    const before = this.session.pendingBytes;
    try {
      this.session.push(chunk, this.options.onMessage);
    } catch (error) {
      this.close(
        MeshError.is(error) ? error : new MeshError('PROTOCOL_VIOLATION', String(error), { cause: error }),
      );
      return;
    }
    const after = this.session.pendingBytes;
    if (after === 0) this.partialSince = Number.POSITIVE_INFINITY;
    // Where not all that came was added to what was held, a frame has ended and the one that is held began in this chunk.
    else if (before === 0 || after !== before + chunk.length) this.partialSince = now;
  };

  private readonly onError = (error: unknown): void => {
    this.cause = error;
  };

  private readonly onEnd = (): void => {
    this.close(this.lost('the other side closed it'));
  };

  private readonly onClose = (): void => {
    const why = this.cause instanceof Error ? this.cause.message : 'the other side closed it';
    this.close(this.lost(why));
  };

  private lost(why: string): MeshError {
    return new MeshError('CONNECTION_LOST', `connection to ${this.remote} was lost: ${why}`, {
      endpoint: this.remote,
      cause: this.cause,
    });
  }

  /** Closes at once. Output that has not left is lost. */
  close(reason: MeshError): void {
    if (this.closed) return;
    this.closed = true;
    this.stream.destroy();
    this.options.onClosed(reason);
  }

  /** Closes when what was written has left. */
  finish(reason: MeshError): void {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    const last = this.gathering;
    this.gathering = undefined;
    if (last !== undefined && last.pos > 0) this.stream.write(last.written());
    // Not destroyed when the bytes have left: where the peer still sends, that resets the connection, and what the peer has
    // not read yet is lost. The stream is over when the peer ends it, too; what it sends until then is not looked at.
    this.stream.end();
    this.stream.resume();
    // A peer that never reads, or never ends, would keep the stream for ever.
    this.options.clock.schedule(() => this.stream.destroy(), LINGER_MS).unref();
    this.options.onClosed(reason);
  }
}
