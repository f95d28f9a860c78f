import { decodeFault } from './faults.js';

/*
 * Hessian's strings are CESU-8: every UTF-16 unit by itself is 1 to 3 bytes, so a surrogate pair takes 6 (vectors,
 * string/emoji-2) and a lone surrogate survives. Node's own UTF-8 differs exactly for surrogates: it may be used only
 * where there are none.
 */

/** Node's own string methods of a Buffer, which `write` and `toString` wrap: not in its types, but what they are for. */
interface NativeStrings {
  utf8Write(text: string, at: number): number;
  utf8Slice(from: number, to: number): string;
  latin1Slice(from: number, to: number): string;
  ucs2Slice(from: number, to: number): string;
}
type NativeBuffer = Buffer & NativeStrings;

/** Up to this many units a loop beats the call into Node's native code (measured, Node 20). */
const SHORT = 40;
const SURROGATE = /[\ud800-\udfff]/;

/** Writes units `from` to `to` of `text` at `at`; the caller reserved 3 bytes for each. Returns the position after them. */
export function putCesu8(buf: Buffer, at: number, text: string, from: number, to: number): number {
  if (to - from > SHORT) {
    const part = from === 0 && to === text.length ? text : text.slice(from, to);
    const bytes = (buf as NativeBuffer).utf8Write(part, at);
    if (bytes === to - from || !SURROGATE.test(part)) return at + bytes;
  }
  let pos = at;
  for (let i = from; i < to; i++) {
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

  /** Reads `count` units from `at`. Fails where they would pass `end`. */
  read(buf: Buffer, at: number, count: number, end: number): string {
    const ascii = at + count;
    if (ascii > end) throw decodeFault(`a string of ${count} characters does not fit in the ${end - at} bytes left`);
    if (count <= SHORT) {
      let i = at;
      while (i < ascii && buf[i] < 0x80) i++;
      if (i === ascii) {
        this.pos = ascii;
        return count === 0 ? '' : (buf as NativeBuffer).latin1Slice(at, ascii);
      }
    } else {
      // Pure ASCII gives as many characters as bytes and no replacement character; anything else is read below.
      // The search is free for ASCII: such a string holds one byte a character, which cannot match.
      const text = (buf as NativeBuffer).utf8Slice(at, ascii);
      if (text.length === count && !text.includes('\ufffd')) {
        this.pos = ascii;
        return text;
      }
    }
    return this.readUnits(buf, at, count, end);
  }

  private readUnits(buf: Buffer, at: number, count: number, end: number): string {
    if (this.units.length < count) {
      this.units = new Uint16Array(Math.max(count, this.units.length * 2));
      this.unitBytes = Buffer.from(this.units.buffer) as Buffer as NativeBuffer;
    }
    const units = this.units;
    let pos = at;
    for (let i = 0; i < count; i++) {
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

function badUtf8(at: number): Error {
  // Java refuses 4-byte sequences too ("bad utf-8 encoding").
  return decodeFault(`bad UTF-8 at byte ${at}: Hessian strings are CESU-8, with 3 bytes for each surrogate`);
}
