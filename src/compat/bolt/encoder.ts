import { Transform, type TransformCallback, type TransformOptions } from 'node:stream';
import { ByteWriter } from '../../core/bytes.js';
import { systemClock } from '../../core/clock.js';
import { MeshError } from '../../core/errors.js';
import type { ClassMap } from '../values/class-map.js';
import { writeHeartbeat, writeHeartbeatAck, writeRequest, writeResponse } from './frames.js';
import type { FrameOptions, Packet, RequestData, ResponseData } from './options.js';
import { hessianVersion } from './state.js';

/** How an encoder writes; its accessors change it. */
export interface EncodeOptions {
  protocolType: 'bolt' | 'bolt2';
  codecType: string;
  boltVersion: number;
  crcEnable: boolean;
  proto?: unknown;
  classMap?: ClassMap;
}

/** The options of a frame, and what writing it took. Those of the frame are inherited, from the encoder or the request. */
export interface WriteMeta extends EncodeOptions {
  /** Milliseconds since 1970. */
  start: number;
  /** The frame. */
  data: Buffer | null;
  size: number;
  /** Milliseconds. */
  encodeRT: number;
}

/** A packet that was written, or could not be. */
export interface WrittenPacket {
  readonly packetId: number;
  readonly packetType: 'request' | 'response' | 'heartbeat' | 'heartbeatAck';
  readonly req?: unknown;
  readonly res?: unknown;
  readonly hb?: unknown;
  readonly meta: WriteMeta;
}

/** Told when the frame has been written, or why not. */
export type WriteCallback = (error: Error | null | undefined, packet: WrittenPacket) => void;

export interface ProtocolEncoderOptions extends TransformOptions {
  readonly codecType?: string;
  /** An address: its `serialization` is the codecType where none is given. */
  readonly address?: { readonly query?: { readonly serialization?: string | string[] } };
  readonly sentReqs?: unknown;
  readonly classCache?: unknown;
  readonly proto?: unknown;
  readonly classMap?: ClassMap;
}

/** What an answer needs to know of its request. */
export type ReceivedRequest = Pick<Packet, 'packetId' | 'options' | 'data' | 'meta'>;

interface Waiting {
  readonly packet: WrittenPacket;
  readonly write: (out: ByteWriter) => void;
  readonly callback: WriteCallback;
}

const NO_CALLBACK: WriteCallback = () => {};

/** Writes frames of Bolt into a stream, which is piped to a socket. */
export class ProtocolEncoder extends Transform {
  readonly encodeOptions: EncodeOptions;
  readonly sentReqs: unknown;
  private readonly out = new ByteWriter();
  private limited = false;
  private waiting: Waiting[] = [];

  constructor(readonly options: ProtocolEncoderOptions = {}) {
    super(options);
    const { codecType, address, proto, classMap } = options;
    this.encodeOptions = {
      protocolType: 'bolt',
      codecType: codecType || (address?.query?.serialization as string | undefined) || 'hessian2',
      boltVersion: 1,
      crcEnable: false,
      proto,
      classMap,
    };
    this.sentReqs = options.sentReqs;
    this.once('close', () => {
      this.waiting = [];
    });
    this.on('drain', () => this.writeWaiting());
  }

  get protocolType(): 'bolt' | 'bolt2' {
    return this.encodeOptions.protocolType;
  }

  set protocolType(value: 'bolt' | 'bolt2') {
    this.encodeOptions.protocolType = value;
  }

  get codecType(): string {
    return this.encodeOptions.codecType;
  }

  set codecType(value: string) {
    this.encodeOptions.codecType = value;
  }

  get boltVersion(): number {
    return this.encodeOptions.boltVersion;
  }

  set boltVersion(value: number) {
    this.encodeOptions.boltVersion = value;
  }

  get crcEnable(): boolean {
    return this.encodeOptions.crcEnable;
  }

  set crcEnable(value: boolean) {
    this.encodeOptions.crcEnable = value;
  }

  /** Writes a request. One that waits for the socket longer than its timeout is dropped, and its callback not called. */
  writeRequest(id: number, req: RequestData, callback?: WriteCallback): void {
    const meta = metaOf(this.encodeOptions);
    this.put({ packetId: id, packetType: 'request', req, meta }, callback, (out) => {
      refuseCommand(req);
      if (req.codecType) meta.codecType = req.codecType;
      writeRequest(out, id, req, frameOptions(meta));
    });
  }

  /** Answers a request as the decoder gave it, with its options. */
  writeResponse(req: ReceivedRequest, res: ResponseData, callback?: WriteCallback): void {
    const meta = metaOf(req.options as EncodeOptions);
    this.put({ packetId: req.packetId, packetType: 'response', req, res, meta }, callback, (out) => {
      checkTime(req);
      refuseCommand(res);
      Object.assign(res, { appRequest: req.data });
      writeResponse(out, req.packetId, req.data, res, frameOptions(meta));
    });
  }

  writeHeartbeat(
    id: number,
    hb: { readonly timeout?: number } | null | undefined,
    callback?: WriteCallback,
  ): void {
    const meta = metaOf(this.encodeOptions);
    this.put({ packetId: id, packetType: 'heartbeat', hb, meta }, callback, (out) =>
      writeHeartbeat(out, id, hb?.timeout, frameOptions(meta)),
    );
  }

  /** Answers a heartbeat as the decoder gave it. */
  writeHeartbeatAck(hb: Pick<Packet, 'packetId' | 'options'>, callback?: WriteCallback): void {
    const meta = metaOf(hb.options as EncodeOptions);
    this.put({ packetId: hb.packetId, packetType: 'heartbeatAck', hb, meta }, callback, (out) =>
      writeHeartbeatAck(out, hb.packetId, frameOptions(meta)),
    );
  }

  private put(
    packet: WrittenPacket,
    callback: WriteCallback = NO_CALLBACK,
    write: (out: ByteWriter) => void,
  ): void {
    if (this.limited) this.waiting.push({ packet, write, callback });
    else this.writeNow({ packet, write, callback });
  }

  private writeNow({ packet, write, callback }: Waiting): void {
    const { meta } = packet;
    const { out } = this;
    const start = systemClock.wallTime();
    out.pos = 0;
    try {
      write(out);
    } catch (error) {
      callback(error as Error, packet);
      return;
    }
    const frame = Buffer.from(out.written());
    meta.data = frame;
    meta.size = frame.length;
    meta.encodeRT = systemClock.wallTime() - start;
    this.limited = !this.write(frame, (error) => callback(error, packet));
  }

  private writeWaiting(): void {
    this.limited = false;
    while (!this.limited) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      if (!isLate(next.packet)) this.writeNow(next);
    }
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    callback(null, chunk);
  }
}

function isLate({ packetType, req, meta }: WrittenPacket): boolean {
  return packetType === 'request' && systemClock.wallTime() - meta.start >= (req as RequestData).timeout;
}

function metaOf(options: EncodeOptions): WriteMeta {
  const own = (value: unknown) => ({ value, writable: true, configurable: true });
  return Object.create(options, {
    start: own(systemClock.wallTime()),
    data: own(null),
    size: own(0),
    encodeRT: own(0),
  });
}

function frameOptions(meta: WriteMeta): FrameOptions {
  const { protocolType, boltVersion, crcEnable, codecType, proto, classMap } = meta;
  return {
    protocolType,
    boltVersion,
    crcEnable,
    codecType: codecType as FrameOptions['codecType'],
    proto,
    classMap,
    hessianVersion: hessianVersion(),
  };
}

/** A command of a class of its own writes itself with the predecessor's parts, which are not here. */
function refuseCommand(data: object): void {
  if (!('className' in data) || !data.className) return;
  throw new MeshError(
    'INVALID_ARGUMENT',
    `a command of class ${data.className} cannot be written: there are requests and responses`,
  );
}

/** A response that comes after the request's timeout is not written: nobody waits for it. */
function checkTime({ data, options, meta }: ReceivedRequest): void {
  const ms = systemClock.wallTime() - (meta?.start ?? Number.NaN);
  const { timeout } = options;
  if (!timeout || !(ms > timeout)) return;
  const called = `${data.serverSignature}#${data.methodName}`;
  const error = new Error(`service:${called} spends ${ms}(ms), and exceed the ${timeout}(ms) limit.`);
  throw Object.assign(error, { name: 'ResponseTimeoutError', resultCode: '03' });
}
