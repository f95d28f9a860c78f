// Bolt frames read and altered byte by byte, apart from the library's own decoder: these tests judge it.
import { connect } from 'node:net';
import { crc32 } from 'node:zlib';

export interface WireFrame {
  readonly bytes: Buffer;
  readonly proto: number;
  /** Version 2 only. */
  readonly ver1: number | undefined;
  readonly type: number;
  readonly cmd: number;
  readonly id: number;
  readonly codec: number;
  /** Version 2 only. */
  readonly switch: number | undefined;
  /** Of a response. */
  readonly status: number | undefined;
  readonly className: string;
  readonly headers: Record<string, string>;
  readonly content: Buffer;
  /** Whether the CRC at the end is right; undefined where there is none. */
  readonly crc: boolean | undefined;
}

export const STATUS_AT = { 1: 10, 2: 12 } as const;
export const CODEC_AT = { 1: 9, 2: 10 } as const;

/** The whole frames in these bytes. */
export function framesOf(chunks: readonly Buffer[]): WireFrame[] {
  const all = Buffer.concat(chunks);
  const frames: WireFrame[] = [];
  for (let at = 0; at < all.length; ) {
    const frame = frameAt(all.subarray(at));
    if (frame === undefined) break;
    frames.push(frame);
    at += frame.bytes.length;
  }
  return frames;
}

function frameAt(buf: Buffer): WireFrame | undefined {
  if (buf.length < 3) return undefined;
  const proto = buf[0] as 1 | 2;
  const fixed = STATUS_AT[proto] + (buf[proto] === 0 ? 10 : 12);
  return buf.length < fixed ? undefined : frameOf(buf, proto);
}

function frameOf(buf: Buffer, proto: 1 | 2): WireFrame | undefined {
  const v2 = proto - 1;
  const type = buf[1 + v2];
  const codec = buf[CODEC_AT[proto]];
  const switchByte = v2 === 1 ? buf[11] : undefined;
  const lengths = STATUS_AT[proto] + (type === 0 ? 2 : 4);
  const [classLength, headerLength, contentLength] = [
    buf.readUInt16BE(lengths),
    buf.readUInt16BE(lengths + 2),
    buf.readUInt32BE(lengths + 4),
  ];
  const headerAt = lengths + 8 + classLength;
  const contentAt = headerAt + headerLength;
  const end = contentAt + contentLength;
  const hasCrc = v2 === 1 && buf[1] === 2 && (switchByte! & 1) === 1;
  const size = end + (hasCrc ? 4 : 0);
  if (buf.length < size) return undefined;
  return {
    bytes: Buffer.from(buf.subarray(0, size)),
    proto,
    ver1: v2 === 1 ? buf[1] : undefined,
    type,
    cmd: buf.readUInt16BE(2 + v2),
    id: buf.readUInt32BE(5 + v2),
    codec,
    switch: switchByte,
    status: type === 0 ? buf.readUInt16BE(STATUS_AT[proto]) : undefined,
    className: buf.toString('utf8', lengths + 8, headerAt),
    headers: headersOf(buf.subarray(headerAt, contentAt)),
    content: buf.subarray(contentAt, end),
    crc: hasCrc ? buf.readUInt32BE(end) === crc32(buf.subarray(0, end)) : undefined,
  };
}

function headersOf(buf: Buffer): Record<string, string> {
  const texts: string[] = [];
  for (let at = 0; at < buf.length; ) {
    const length = buf.readInt32BE(at);
    at += 4;
    texts.push(buf.toString('utf8', at, at + Math.max(length, 0)));
    at += Math.max(length, 0);
  }
  return Object.fromEntries(texts.flatMap((text, i) => (i % 2 === 0 ? [[text, texts[i + 1]]] : [])));
}

/** A version 1 request like `frame`, with another header or content. */
export function rebuilt(
  frame: WireFrame,
  change: { headers?: [string, string | null][]; content?: Buffer },
): Buffer {
  const name = Buffer.from(frame.className);
  const pairs = change.headers ?? Object.entries(frame.headers);
  const header = Buffer.concat(
    pairs.flat().flatMap((text) => {
      const bytes = Buffer.from(text ?? '');
      const length = Buffer.alloc(4);
      length.writeInt32BE(text === null ? -1 : bytes.length);
      return [length, bytes];
    }),
  );
  const content = change.content ?? frame.content;
  const fixed = Buffer.from(frame.bytes.subarray(0, 22));
  fixed.writeUInt16BE(name.length, 14);
  fixed.writeUInt16BE(header.length, 16);
  fixed.writeUInt32BE(content.length, 18);
  return Buffer.concat([fixed, name, header, content]);
}

export function altered(bytes: Buffer, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  values.forEach((value, i) => {
    copy[at + i] = value;
  });
  return copy;
}

/** What a server does with bytes on a bare socket: its first frames, or that it closes the connection. */
export function reaction(address: string, bytes: Buffer, frames = 1): Promise<WireFrame[] | 'closed'> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    const chunks: Buffer[] = [];
    const end = (result: WireFrame[] | 'closed') => {
      socket.destroy();
      resolve(result);
    };
    socket.on('error', () => {});
    socket.on('close', () => end('closed'));
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const got = framesOf(chunks);
      if (got.length >= frames) end(got);
    });
    socket.write(bytes);
  });
}
