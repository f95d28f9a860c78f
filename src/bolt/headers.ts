/**
 * The header of a Bolt frame: repeated (i32 length + UTF-8) pairs. A length of -1 is null; other negative lengths and
 * lengths past the end are refused (a reader that steps back by a negative length never ends).
 */

import type { ByteWriter } from '../core/bytes.js';
import { MeshError } from '../core/errors.js';
import type { Interner } from '../core/interner.js';

/**
 * On the first request of a connection: its client understands go-away. Command 100 is ours and MOSN's alone: a Java
 * client that receives it closes the connection and fails its calls (seen with bolt 1.6.10).
 */
export const HEADER_GO_AWAY = 'sofa_mesh_go_away';

export type HeaderPair = readonly [key: string | null, value: string | null];

/** Offset after the string at `pos`, which must end by `end`. */
function skipString(buf: Buffer, pos: number, end: number): number {
  if (end - pos < 4) throw truncated(end - pos);
  const length = (buf[pos] << 24) | (buf[pos + 1] << 16) | (buf[pos + 2] << 8) | buf[pos + 3];
  pos += 4;
  if (length >= 0) {
    if (length > end - pos) throw tooLong(length, end - pos);
    return pos + length;
  }
  if (length !== -1) throw negative(length);
  return pos;
}

/**
 * Where the value of the header `key` (its UTF-8 bytes) begins, its length field included: -1 where the header is
 * absent. The last of several counts, as in Java, which puts them into a map. Nothing is decoded.
 */
export function findHeader(buf: Buffer, start: number, end: number, key: Buffer): number {
  const keyLength = key.length;
  const last = key[keyLength - 1];
  let found = -1;
  let pos = start;
  while (pos < end) {
    const keyEnd = skipString(buf, pos, end);
    const next = skipString(buf, keyEnd, end);
    if (keyEnd - pos - 4 === keyLength && buf[keyEnd - 1] === last && sameBytes(buf, pos + 4, key))
      found = keyEnd;
    pos = next;
  }
  return found;
}

/** The string that {@link findHeader} found; null and absent are both undefined. `texts` knows those that repeat. */
export function headerText(buf: Buffer, at: number, texts: Interner): string | undefined {
  if (at < 0 || buf[at] === 0xff) return undefined;
  const length = (buf[at] << 24) | (buf[at + 1] << 16) | (buf[at + 2] << 8) | buf[at + 3];
  return texts.text(buf, at + 4, length);
}

function sameBytes(buf: Buffer, at: number, key: Buffer): boolean {
  for (let i = 0; i < key.length; i++) if (buf[at + i] !== key[i]) return false;
  return true;
}

/** The value of the header `key`; null and absent are both undefined. For a key that is not known beforehand. */
export function headerOf(buf: Buffer, start: number, end: number, key: string): string | undefined {
  if (NOT_ASCII.test(key)) {
    const at = findHeader(buf, start, end, Buffer.from(key));
    return at < 0 ? undefined : (stringAt(buf, at, skipString(buf, at, end)) ?? undefined);
  }
  let found: string | null = null;
  let pos = start;
  while (pos < end) {
    const keyEnd = skipString(buf, pos, end);
    const next = skipString(buf, keyEnd, end);
    if (keyEnd - pos - 4 === key.length && sameText(buf, pos + 4, key)) found = stringAt(buf, keyEnd, next);
    pos = next;
  }
  return found ?? undefined;
}

const NOT_ASCII = /[^\0-\x7f]/;

function sameText(buf: Buffer, at: number, key: string): boolean {
  for (let i = 0; i < key.length; i++) if (buf[at + i] !== key.charCodeAt(i)) return false;
  return true;
}

/** Every pair of the header, in the order of the wire, duplicates kept. */
export function readHeaders(buf: Buffer, start: number, end: number): HeaderPair[] {
  const pairs: HeaderPair[] = [];
  let pos = start;
  while (pos < end) {
    const keyEnd = skipString(buf, pos, end);
    const next = skipString(buf, keyEnd, end);
    pairs.push([stringAt(buf, pos, keyEnd), stringAt(buf, keyEnd, next)]);
    pos = next;
  }
  return pairs;
}

/** The string whose length field is at `start` and whose bytes end at `end`; both were checked by skipString. */
function stringAt(buf: Buffer, start: number, end: number): string | null {
  if (end - start === 4 && buf[start] === 0xff) return null;
  return buf.toString('utf8', start + 4, end);
}

/** Appends one pair. */
export function writeHeader(out: ByteWriter, key: string | null, value: string | null): void {
  writeHeaderString(out, key);
  writeHeaderString(out, value);
}

/** Short strings are written by a loop: below this it beats the call into the native encoder. */
const LOOP_LIMIT = 48;

/** Appends half a pair: the i32 length and the UTF-8 bytes, or -1 for null. */
export function writeHeaderString(out: ByteWriter, text: string | null): void {
  if (text === null) {
    const at = out.reserve(4);
    out.buf.fill(0xff, at, at + 4);
    out.pos = at + 4;
    return;
  }
  const chars = text.length;
  const at = out.reserve(4 + chars * 3);
  const buf = out.buf;
  const start = at + 4;
  let bytes = 0;
  if (chars <= LOOP_LIMIT) {
    for (; bytes < chars; bytes++) {
      const unit = text.charCodeAt(bytes);
      if (unit > 0x7f) break;
      buf[start + bytes] = unit;
    }
  }
  if (bytes < chars) bytes = buf.write(text, start, 'utf8');
  buf[at] = bytes >>> 24;
  buf[at + 1] = bytes >>> 16;
  buf[at + 2] = bytes >>> 8;
  buf[at + 3] = bytes;
  out.pos = start + bytes;
}

function truncated(left: number): MeshError {
  return new MeshError(
    'PROTOCOL_VIOLATION',
    `Bolt header: a string length needs 4 bytes, only ${left} are left; the peer writes broken headers`,
  );
}

function tooLong(length: number, left: number): MeshError {
  return new MeshError(
    'PROTOCOL_VIOLATION',
    `Bolt header: a string of ${length} bytes does not fit into the ${left} that are left; the peer writes broken headers`,
  );
}

function negative(length: number): MeshError {
  return new MeshError(
    'PROTOCOL_VIOLATION',
    `Bolt header: a string has length ${length}; only -1 (null) may be negative; the peer writes broken headers`,
  );
}
