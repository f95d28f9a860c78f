import { isAscii } from 'node:buffer';
import { decodeFault } from './faults.js';

/*
 * Hessian's strings are CESU-8: every UTF-16 unit by itself is 1 to 3 bytes, so a surrogate pair takes 6 (vectors,
 * string/emoji-2) and a lone surrogate survives. Node's own UTF-8 differs exactly for surrogates: it may be used only
 * where there are none.
 */

/** Node's own string methods of a Buffer, which `write` and `toString` wrap: not in its types, but what they are for. */
interface NativeStrings {
  utf8Write(text: string, at: number): number;
  latin1Slice(from: number, to: number): string;
  ucs2Slice(from: number, to: number): string;
}
type NativeBuffer = Buffer & NativeStrings;

/** Up to this many units a loop beats the call into Node's native code (measured, Node 20). */
const SHORT = 24;
/** Up to this many bytes a loop over words beats the call that asks for ASCII. */
const LONG = 256;
/** The fixed bits of a character of three bytes. */
const THREE_BYTES = 0xe0808000 | 0;
const SURROGATE = /[\ud800-\udfff]/;

/** Writes units `from` to `to` of `text` at `at`; the caller reserved 3 bytes for each. Returns the position after them. */
export function putCesu8(buf: Buffer, at: number, text: string, from: number, to: number): number {
  if (to - from > SHORT) {
    const part = from === 0 && to === text.length ? text : text.slice(from, to);
    const bytes = (buf as NativeBuffer).utf8Write(part, at);
    if (bytes === to - from || !SURROGATE.test(part)) return at + bytes;
  }
  let pos = at;
  let i = from;
  for (const last = to - 3; i < last; i += 4) {
    const a = text.charCodeAt(i);
    const b = text.charCodeAt(i + 1);
    const c = text.charCodeAt(i + 2);
    const d = text.charCodeAt(i + 3);
    if ((a | b | c | d) >= 0x80) break;
    buf[pos] = a;
    buf[pos + 1] = b;
    buf[pos + 2] = c;
    buf[pos + 3] = d;
    pos += 4;
  }
  for (; i < to; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) buf[pos++] = unit;
    else if (unit < 0x800) {
      buf[pos++] = 0xc0 | (unit >> 6);
      buf[pos++] = 0x80 | (unit & 0x3f);
    } else {
      buf[pos++] = 0xe0 | (unit >> 12);
      buf[pos++] = 0x80 | ((unit >> 6) & 0x3f);
      buf[pos++] = 0x80 | (unit & 0x3f);
    }
  }
  return pos;
}

/** How many units of `text` from `from` go into the next chunk: Java never ends a chunk between two surrogates. */
export function chunkEnd(text: string, from: number): number {
  const end = from + 0x8000;
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}

/** Reads CESU-8 by the number of UTF-16 units it holds. `pos` is the position after the last string read. */
export class Cesu8Reader {
  pos = 0;
  /** Units of a string that is not ASCII, and a byte view of the same memory. Grows up to one chunk. */
  private units = new Uint16Array(256);
  private unitBytes = Buffer.from(this.units.buffer) as Buffer as NativeBuffer;

  /** Reads `count` units from `at`. Fails where they would pass `end`. `memory` is what `buf` is a part of. */
  read(buf: Buffer, memory: DataView, at: number, count: number, end: number): string {
    const ascii = at + count;
    if (ascii > end)
      throw decodeFault(`a string of ${count} characters does not fit in the ${end - at} bytes left`);
    if (
      count <= LONG ? !isAsciiWords(memory, buf.byteOffset + at, count) : !isAscii(buf.subarray(at, ascii))
    ) {
      return this.readUnits(buf, memory, at, count, end);
    }
    this.pos = ascii;
    return asciiText(buf, at, count);
  }

  private readUnits(buf: Buffer, memory: DataView, at: number, count: number, end: number): string {
    if (this.units.length < count) {
      this.units = new Uint16Array(Math.max(count, this.units.length * 2));
      this.unitBytes = Buffer.from(this.units.buffer) as Buffer as NativeBuffer;
    }
    const units = this.units;
    const origin = buf.byteOffset;
    const wordEnd = end - 4;
    let pos = at;
    for (let i = 0; i < count; i++) {
      if (pos <= wordEnd) {
        // Three bytes and the one after them at once: most text that is not ASCII is made of these.
        const word = memory.getInt32(origin + pos);
        if ((word & 0xf0c0c000) === THREE_BYTES) {
          units[i] = ((word >>> 12) & 0xf000) | ((word >>> 10) & 0x0fc0) | ((word >>> 8) & 0x3f);
          pos += 3;
          continue;
        }
      }
      const lead = buf[pos++];
      if (lead < 0x80) units[i] = lead;
      else if (lead >= 0xe0 && lead < 0xf0) {
        const second = buf[pos++];
        const third = buf[pos++];
        if ((second & 0xc0) !== 0x80 || (third & 0xc0) !== 0x80) throw badUtf8(pos - 3);
        units[i] = ((lead & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
      } else if (lead >= 0xc0 && lead < 0xe0) {
        const second = buf[pos++];
        if ((second & 0xc0) !== 0x80) throw badUtf8(pos - 2);
        units[i] = ((lead & 0x1f) << 6) | (second & 0x3f);
      } else if (pos > end) throw decodeFault('the bytes end inside a string');
      else throw badUtf8(pos - 1);
    }
    if (pos > end) throw decodeFault('the bytes end inside a string');
    this.pos = pos;
    return this.unitBytes.ucs2Slice(0, count * 2);
  }
}

/** Whether `count` bytes from `at` are ASCII. */
export function isAsciiWords(memory: DataView, at: number, count: number): boolean {
  let bits = 0;
  let i = at;
  for (const end = at + count - 3; i < end; i += 4) bits |= memory.getInt32(i, true);
  for (const end = at + count; i < end; i++) bits |= memory.getInt8(i) << 24;
  return (bits & 0x80808080) === 0;
}

function badUtf8(at: number): Error {
  // Java refuses 4-byte sequences too ("bad utf-8 encoding").
  return decodeFault(`bad UTF-8 at byte ${at}: Hessian strings are CESU-8, with 3 bytes for each surrogate`);
}

const chars = String.fromCharCode;

/**
 * Makes a string of `n` bytes from `p`, which are ASCII. One call with all characters takes half of what Node's native
 * code does for a few of them.
 */
// biome-ignore format: a case a line
export function asciiText(b: Buffer, p: number, n: number): string {
  switch (n) {
    case 0: return '';
    case 1: return chars(b[p]);
    case 2: return chars(b[p], b[p + 1]);
    case 3: return chars(b[p], b[p + 1], b[p + 2]);
    case 4: return chars(b[p], b[p + 1], b[p + 2], b[p + 3]);
    case 5: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4]);
    case 6: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5]);
    case 7: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6]);
    case 8: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7]);
    case 9: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8]);
    case 10: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9]);
    case 11: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10]);
    case 12: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11]);
    case 13: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12]);
    case 14: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13]);
    case 15: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14]);
    case 16: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15]);
    case 17: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16]);
    case 18: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17]);
    case 19: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18]);
    case 20: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19]);
    case 21: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19], b[p + 20]);
    case 22: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19], b[p + 20], b[p + 21]);
    case 23: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19], b[p + 20], b[p + 21], b[p + 22]);
    case 24: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19], b[p + 20], b[p + 21], b[p + 22], b[p + 23]);
    case 25: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19], b[p + 20], b[p + 21], b[p + 22], b[p + 23], b[p + 24]);
    case 26: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19], b[p + 20], b[p + 21], b[p + 22], b[p + 23], b[p + 24], b[p + 25]);
    case 27: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19], b[p + 20], b[p + 21], b[p + 22], b[p + 23], b[p + 24], b[p + 25], b[p + 26]);
    case 28: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19], b[p + 20], b[p + 21], b[p + 22], b[p + 23], b[p + 24], b[p + 25], b[p + 26], b[p + 27]);
    case 29: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19], b[p + 20], b[p + 21], b[p + 22], b[p + 23], b[p + 24], b[p + 25], b[p + 26], b[p + 27], b[p + 28]);
    case 30: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19], b[p + 20], b[p + 21], b[p + 22], b[p + 23], b[p + 24], b[p + 25], b[p + 26], b[p + 27], b[p + 28], b[p + 29]);
    case 31: return chars(b[p], b[p + 1], b[p + 2], b[p + 3], b[p + 4], b[p + 5], b[p + 6], b[p + 7], b[p + 8], b[p + 9], b[p + 10], b[p + 11], b[p + 12], b[p + 13], b[p + 14], b[p + 15], b[p + 16], b[p + 17], b[p + 18], b[p + 19], b[p + 20], b[p + 21], b[p + 22], b[p + 23], b[p + 24], b[p + 25], b[p + 26], b[p + 27], b[p + 28], b[p + 29], b[p + 30]);
    default: return (b as NativeBuffer).latin1Slice(p, p + n);
  }
}
