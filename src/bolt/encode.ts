import { crc32 } from 'node:zlib';
import type { ByteWriter } from '../core/bytes.js';
import { MeshError } from '../core/errors.js';
import { MAX_SHORT, PROTO_V1, PROTO_V2, SWITCH_CRC, TYPE_RESPONSE, VER1_CRC } from './frame.js';
import { type HeaderPair, writeHeader } from './headers.js';

/** What the fixed part says, lengths excepted. `timeout` is a request's, `status` a response's. */
export interface FrameFields {
  proto: number;
  /** Version 2 only: 1, or 2 for a peer that may send a CRC. */
  ver1?: number;
  type: number;
  cmdCode: number;
  ver2?: number;
  requestId: number;
  codec: number;
  /** Version 2 only. Bit 0 with `ver1` 2 appends a CRC32. */
  switch?: number;
  timeout?: number;
  status?: number;
}

/**
 * Appends the fixed part of a request (or oneway, heartbeat, go-away) with lengths of zero, and returns where the frame
 * starts. The caller appends class name, header and content to `out` and calls {@link endFrame}. `ver1` and
 * `switchByte` count in version 2 only.
 */
export function beginRequest(
  out: ByteWriter,
  proto: number,
  type: number,
  cmdCode: number,
  requestId: number,
  codec: number,
  timeoutMs: number,
  ver1: number = 1,
  switchByte: number = 0,
  ver2: number = 1,
): number {
  const start = out.reserve(24);
  const buf = out.buf;
  let pos = writeCommon(buf, start, proto, type, cmdCode, requestId, codec, ver1, switchByte, ver2);
  buf[pos++] = timeoutMs >>> 24;
  buf[pos++] = timeoutMs >>> 16;
  buf[pos++] = timeoutMs >>> 8;
  buf[pos++] = timeoutMs;
  out.pos = writeZeroLengths(buf, pos);
  return start;
}

/** The same for a response. */
export function beginResponse(
  out: ByteWriter,
  proto: number,
  cmdCode: number,
  requestId: number,
  codec: number,
  status: number,
  ver1: number = 1,
  switchByte: number = 0,
  ver2: number = 1,
): number {
  const start = out.reserve(22);
  const buf = out.buf;
  let pos = writeCommon(buf, start, proto, TYPE_RESPONSE, cmdCode, requestId, codec, ver1, switchByte, ver2);
  buf[pos++] = status >>> 8;
  buf[pos++] = status;
  out.pos = writeZeroLengths(buf, pos);
  return start;
}

/** Everything before the timeout or the status. */
function writeCommon(
  buf: Buffer,
  pos: number,
  proto: number,
  type: number,
  cmdCode: number,
  requestId: number,
  codec: number,
  ver1: number,
  switchByte: number,
  ver2: number,
): number {
  buf[pos++] = proto;
  if (proto === PROTO_V2) buf[pos++] = ver1;
  buf[pos++] = type;
  buf[pos++] = cmdCode >>> 8;
  buf[pos++] = cmdCode;
  buf[pos++] = ver2;
  buf[pos++] = requestId >>> 24;
  buf[pos++] = requestId >>> 16;
  buf[pos++] = requestId >>> 8;
  buf[pos++] = requestId;
  buf[pos++] = codec;
  if (proto === PROTO_V2) buf[pos++] = switchByte;
  return pos;
}

function writeZeroLengths(buf: Buffer, pos: number): number {
  for (let i = 0; i < 8; i++) buf[pos++] = 0;
  return pos;
}

/**
 * Fills in the lengths of the frame that begins at `start` and ends at `out.pos`, and appends the CRC where the frame
 * says so. What is neither class name nor header is content.
 *
 * @throws MeshError ENCODE_FAILED where the header is over 32,767 bytes. `out` then still holds the frame: set
 * `out.pos = start`.
 */
export function endFrame(out: ByteWriter, start: number, classLength: number, headerLength: number): void {
  if (headerLength > MAX_SHORT || classLength > MAX_SHORT) {
    const what = headerLength > MAX_SHORT ? `header is ${headerLength}` : `class name is ${classLength}`;
    throw new MeshError(
      'ENCODE_FAILED',
      `the Bolt ${what} bytes, the limit is ${MAX_SHORT}: send less metadata`,
    );
  }
  const buf = out.buf;
  const type = buf[start] === PROTO_V1 ? buf[start + 1] : buf[start + 2];
  const lengths = start + (buf[start] === PROTO_V1 ? 12 : 14) + (type === TYPE_RESPONSE ? 0 : 2);
  const contentLength = out.pos - lengths - 8 - classLength - headerLength;
  buf[lengths] = classLength >>> 8;
  buf[lengths + 1] = classLength;
  buf[lengths + 2] = headerLength >>> 8;
  buf[lengths + 3] = headerLength;
  buf[lengths + 4] = contentLength >>> 24;
  buf[lengths + 5] = contentLength >>> 16;
  buf[lengths + 6] = contentLength >>> 8;
  buf[lengths + 7] = contentLength;
  if (buf[start] === PROTO_V2 && buf[start + 1] === VER1_CRC && (buf[start + 11] & SWITCH_CRC) !== 0) {
    const crc = crc32(buf.subarray(start, out.pos));
    const at = out.reserve(4);
    out.buf.writeUInt32BE(crc, at);
    out.pos = at + 4;
  }
}

/** Appends a whole frame: for heartbeats, acknowledgements and other frames off the hot path. */
export function encodeFrame(
  out: ByteWriter,
  fields: FrameFields,
  className: string = '',
  header: Iterable<HeaderPair> = [],
  content: Uint8Array = EMPTY,
): void {
  const { proto, ver1, type, cmdCode, ver2, requestId, codec, timeout, status } = fields;
  const start =
    type === TYPE_RESPONSE
      ? beginResponse(out, proto, cmdCode, requestId, codec, status ?? 0, ver1, fields.switch, ver2)
      : beginRequest(out, proto, type, cmdCode, requestId, codec, timeout ?? 0, ver1, fields.switch, ver2);
  try {
    const classBytes = Buffer.from(className, 'utf8');
    out.writeBytes(classBytes);
    const headerStart = out.pos;
    for (const [key, value] of header) writeHeader(out, key, value);
    const headerLength = out.pos - headerStart;
    out.writeBytes(content);
    endFrame(out, start, classBytes.length, headerLength);
  } catch (error) {
    out.pos = start;
    throw error;
  }
}

const EMPTY = new Uint8Array(0);
