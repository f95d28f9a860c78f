import { crc32 } from 'node:zlib';
import { MeshError } from '../core/errors.js';
import { notUnderstood } from '../framing/first-bytes.js';
import { DEFAULT_MAX_FRAME_BYTES } from '../framing/framing.js';
import {
  CMD_GO_AWAY,
  CMD_RESPONSE,
  Frame,
  MAX_SHORT,
  PROTO_V1,
  PROTO_V2,
  TYPE_ONEWAY,
  TYPE_RESPONSE,
} from './frame.js';

/** Pieces of a frame up to this size are copied together. */
const HEAD_BYTES = 1024;
const EMPTY = Buffer.alloc(0);

/**
 * Cuts a byte stream into frames. Frames that lie whole in a chunk are parsed where they are, with no copy; of a partial
 * one just the bytes that came are held, whatever length was announced. Lengths are refused as soon as the fixed part is
 * there.
 */
export class FrameDecoder {
  private readonly maxFrameBytes: number;
  /** Filled anew for each frame: what the last one said stays readable between them. */
  protected readonly frame = new Frame();
  /** The beginning of a frame whose end has not come, fixed part included; what follows it; and the bytes of both. */
  private head: Buffer = EMPTY;
  private headBytes = 0;
  private parts: Buffer[] = [];
  private heldBytes = 0;
  private fault: unknown;

  constructor(options: { maxFrameBytes?: number } = {}) {
    this.maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
  }

  /** Bytes of a frame whose end has not come yet. */
  get pendingBytes(): number {
    return this.heldBytes;
  }

  /**
   * Calls `onFrame` for each frame that ends in `chunk`. The frame is valid until `onFrame` returns; the bytes it points
   * at stay as they are, as long as the caller does not reuse the chunk.
   *
   * @throws MeshError PROTOCOL_VIOLATION where the bytes are no Bolt frame. The decoder then stays faulted: there is
   * no way back into step. What `onFrame` throws goes through, and has the same effect.
   */
  push(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    if (this.fault !== undefined) throw this.fault;
    try {
      let pos = this.heldBytes > 0 ? this.complete(chunk, onFrame) : 0;
      const end = chunk.length;
      while (pos < end) {
        const length = frameLength(chunk, pos, end, this.maxFrameBytes);
        if (length === 0 || length > end - pos) {
          this.hold(chunk, pos, end);
          return;
        }
        this.emit(chunk, pos, pos + length, onFrame);
        pos += length;
      }
    } catch (error) {
      this.fault = error;
      this.letGo();
      throw error;
    }
  }

  /** Finishes the held frame from the beginning of `chunk` and returns how many of its bytes that took. */
  private complete(chunk: Buffer, onFrame: (frame: Frame) => void): number {
    let pos = 0;
    let length = frameLength(this.head, 0, this.headBytes, this.maxFrameBytes);
    // The fixed part is not whole yet: it takes few bytes, and only with it is the length known.
    while (length === 0 && pos < chunk.length) {
      const step = Math.min(chunk.length - pos, fixedLength(this.head, 0, this.headBytes) - this.headBytes);
      this.hold(chunk, pos, pos + step);
      pos += step;
      length = frameLength(this.head, 0, this.headBytes, this.maxFrameBytes);
    }
    if (length === 0) return pos;
    const wanted = Math.min(length - this.heldBytes, chunk.length - pos);
    if (wanted > 0) this.hold(chunk, pos, pos + wanted);
    pos += wanted;
    if (this.heldBytes < length) return pos;
    const frame = this.takeHeld();
    this.emit(frame, 0, length, onFrame);
    return pos;
  }

  /**
   * Keeps `chunk[start..end)` of a frame whose end has not come: a large piece as it is, so that a large frame is copied
   * once, when it is whole; small ones together, so that a frame in a thousand pieces does not hold a thousand objects.
   */
  private hold(chunk: Buffer, start: number, end: number): void {
    const size = end - start;
    this.heldBytes += size;
    if (this.parts.length === 0 && this.headBytes + size <= HEAD_BYTES) {
      if (this.head.length === 0) this.head = Buffer.allocUnsafeSlow(HEAD_BYTES);
      chunk.copy(this.head, this.headBytes, start, end);
      this.headBytes += size;
      return;
    }
    const piece = chunk.subarray(start, end);
    const last = this.parts.at(-1);
    if (this.headBytes === 0) {
      // The first piece of the frame: its beginning is looked at again.
      this.head = piece;
      this.headBytes = size;
    } else if (last !== undefined && last.length + size <= HEAD_BYTES) {
      this.parts[this.parts.length - 1] = Buffer.concat([last, piece]);
    } else this.parts.push(size < HEAD_BYTES ? Buffer.from(piece) : piece);
  }

  private takeHeld(): Buffer {
    const first = this.head.subarray(0, this.headBytes);
    const frame = this.parts.length === 0 ? first : Buffer.concat([first, ...this.parts], this.heldBytes);
    this.letGo();
    return frame;
  }

  private letGo(): void {
    // Not reused: whoever remembers offsets into a frame's buffer may look there again later.
    this.head = EMPTY;
    this.headBytes = 0;
    this.heldBytes = 0;
    if (this.parts.length > 0) this.parts = [];
  }

  private emit(buf: Buffer, start: number, end: number, onFrame: (frame: Frame) => void): void {
    const frame = this.frame;
    parseFrame(frame, buf, start, end);
    if (frame.hasCrc) checkCrc(buf, start, end);
    onFrame(frame);
  }
}

/** Bytes of the fixed part of the frame at `pos`, or how many are needed to know. Refuses what cannot be Bolt. */
function fixedLength(buf: Buffer, pos: number, end: number): number {
  const proto = buf[pos];
  if (proto === PROTO_V1) {
    if (end - pos < 2) return 2;
    return fixedLengthOfType(buf[pos + 1], 20);
  }
  if (proto !== PROTO_V2) throw notBolt(buf, pos, end);
  if (end - pos < 3) return 3;
  return fixedLengthOfType(buf[pos + 2], 22);
}

function fixedLengthOfType(type: number, responseLength: number): number {
  if (type === TYPE_RESPONSE) return responseLength;
  if (type > TYPE_ONEWAY) {
    throw new MeshError(
      'PROTOCOL_VIOLATION',
      `Bolt frame: unknown type ${type} (known: 0 response, 1 request, 2 oneway); the stream is out of step or not Bolt`,
    );
  }
  return responseLength + 2;
}

/** Bytes of the whole frame at `pos`; 0 where the fixed part has not come yet. */
function frameLength(buf: Buffer, pos: number, end: number, limit: number): number {
  const fixed = fixedLength(buf, pos, end);
  if (end - pos < fixed) return 0;
  // The last eight bytes of the fixed part, in every version and type.
  const at = pos + fixed - 8;
  const classLength = (buf[at] << 8) | buf[at + 1];
  const headerLength = (buf[at + 2] << 8) | buf[at + 3];
  const contentLength = ((buf[at + 4] << 24) | (buf[at + 5] << 16) | (buf[at + 6] << 8) | buf[at + 7]) >>> 0;
  if (classLength > MAX_SHORT || headerLength > MAX_SHORT) throw shortOverflow(classLength, headerLength);
  let length = fixed + classLength + headerLength + contentLength;
  // Only version 2 frames are 24 or 22 bytes and may have `ver1` and a switch.
  if (buf[pos] === PROTO_V2 && buf[pos + 1] === 2 && (buf[pos + 11] & 1) !== 0) length += 4;
  if (length > limit) throw tooLarge(length, limit);
  const cmdCode =
    buf[pos] === PROTO_V1 ? (buf[pos + 2] << 8) | buf[pos + 3] : (buf[pos + 3] << 8) | buf[pos + 4];
  if (cmdCode > CMD_RESPONSE && cmdCode !== CMD_GO_AWAY) throw unknownCommand(cmdCode);
  return length;
}

/** Fills `frame` from a whole frame whose lengths were checked. */
function parseFrame(frame: Frame, buf: Buffer, start: number, end: number): void {
  const proto = buf[start];
  if (frame.buf !== buf) {
    frame.buf = buf;
    frame.view = new DataView(buf.buffer, buf.byteOffset, buf.length);
  }
  frame.start = start;
  frame.end = end;
  frame.proto = proto;
  let pos = start + 1;
  if (proto === PROTO_V2) frame.ver1 = buf[pos++];
  else frame.ver1 = 0;
  const type = buf[pos];
  frame.type = type;
  frame.cmdCode = (buf[pos + 1] << 8) | buf[pos + 2];
  frame.ver2 = buf[pos + 3];
  frame.requestId = ((buf[pos + 4] << 24) | (buf[pos + 5] << 16) | (buf[pos + 6] << 8) | buf[pos + 7]) >>> 0;
  frame.codec = buf[pos + 8];
  pos += 9;
  if (proto === PROTO_V2) frame.switch = buf[pos++];
  else frame.switch = 0;
  if (type === TYPE_RESPONSE) {
    frame.status = (buf[pos] << 8) | buf[pos + 1];
    frame.timeout = 0;
    pos += 2;
  } else {
    frame.timeout = (buf[pos] << 24) | (buf[pos + 1] << 16) | (buf[pos + 2] << 8) | buf[pos + 3];
    frame.status = 0;
    pos += 4;
  }
  const classStart = pos + 8;
  frame.classStart = classStart;
  frame.headerStart = classStart + ((buf[pos] << 8) | buf[pos + 1]);
  frame.contentStart = frame.headerStart + ((buf[pos + 2] << 8) | buf[pos + 3]);
  frame.contentEnd = frame.hasCrc ? end - 4 : end;
}

function checkCrc(buf: Buffer, start: number, end: number): void {
  const said = buf.readUInt32BE(end - 4);
  const actual = crc32(buf.subarray(start, end - 4));
  if (said === actual) return;
  throw new MeshError(
    'PROTOCOL_VIOLATION',
    `Bolt frame: CRC32 is ${hex(said)}, the bytes give ${hex(actual)}; the frame was damaged on its way`,
  );
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}

function notBolt(buf: Buffer, pos: number, end: number): MeshError {
  return notUnderstood(`Bolt frame: unknown protocol ${buf[pos]} (known: 1, 2)`, buf.subarray(pos, end));
}

function unknownCommand(cmdCode: number): MeshError {
  return new MeshError(
    'PROTOCOL_VIOLATION',
    `Bolt frame: unknown command code ${cmdCode} (known: 0 heartbeat, 1 request, 2 response, 100 go-away); the stream is out of step or not Bolt`,
  );
}

function shortOverflow(classLength: number, headerLength: number): MeshError {
  return new MeshError(
    'PROTOCOL_VIOLATION',
    `Bolt frame: class length ${classLength} and header length ${headerLength}, the limit of each is ${MAX_SHORT} (a signed short)`,
  );
}

function tooLarge(length: number, limit: number): MeshError {
  return new MeshError(
    'PROTOCOL_VIOLATION',
    `Bolt frame: ${length} bytes announced, the limit is ${limit}; send less in one call or raise maxFrameBytes`,
  );
}
