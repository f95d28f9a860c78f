import type { ByteWriter } from '../core/bytes.js';
import { encodeFault } from './faults.js';
import type { Grammar } from './grammar.js';
import { chunkEnd, putCesu8 } from './strings.js';

export const CHUNK = 0x8000;
/** Hessian 4.0.4 cuts byte arrays at its own 8 KiB buffer less the 3 bytes of the chunk head (vectors, binary/bytes-32767). */
export const FINAL_BYTES_CHUNK = 0x1ffd;

/** Writes the values that nothing refers to. */
export class ScalarWriter {
  /** True for the grammar `sofa`. */
  readonly sofa: boolean;

  constructor(
    readonly grammar: Grammar,
    /** Where the bytes go. May be exchanged at any time: nothing in the writer depends on earlier bytes. */
    public out: ByteWriter,
  ) {
    this.sofa = grammar === 'sofa';
  }

  writeNull(): void {
    this.writeByte(0x4e);
  }

  writeBoolean(value: boolean): void {
    this.writeByte(value ? 0x54 : 0x46);
  }

  protected writeByte(byte: number): void {
    const out = this.out;
    const at = out.reserve(1);
    out.buf[at] = byte;
    out.pos = at + 1;
  }

  /** `value` must be an integer of 32 bits. */
  writeInt(value: number): void {
    const out = this.out;
    const at = out.reserve(5);
    out.pos = putInt(out, at, value);
  }

  /** Fails outside 64 bits. */
  writeLong(value: bigint): void {
    const out = this.out;
    const at = out.reserve(9);
    const { view } = out;
    // Writes the lower 64 bits; read back they tell whether there were more.
    view.setBigInt64(at + 1, value);
    const low = view.getInt32(at + 5);
    if (view.getInt32(at + 1) === low >> 31) {
      if (BigInt(low) !== value) throw tooLong(value);
      out.pos = this.putShortLong(out, at, low);
      return;
    }
    if (view.getBigInt64(at + 1) !== value) throw tooLong(value);
    out.buf[at] = 0x4c;
    out.pos = at + 9;
  }

  /** `value` must be a safe integer. */
  writeLongNumber(value: number): void {
    const out = this.out;
    const at = out.reserve(9);
    const low = value | 0;
    if (low === value) out.pos = this.putShortLong(out, at, low);
    else {
      out.buf[at] = 0x4c;
      out.pos = putSafeInteger(out.view, at + 1, value);
    }
  }

  private putShortLong(out: ByteWriter, at: number, value: number): number {
    const buf = out.buf;
    if (value >= -0x08 && value <= 0x0f) {
      buf[at] = 0xe0 + value;
      return at + 1;
    }
    if (value >= -0x800 && value <= 0x7ff) {
      buf[at] = 0xf8 + (value >> 8);
      buf[at + 1] = value;
      return at + 2;
    }
    if (value >= -0x40000 && value <= 0x3ffff) {
      buf[at] = 0x3c + (value >> 16);
      buf[at + 1] = value >> 8;
      buf[at + 2] = value;
      return at + 3;
    }
    buf[at] = this.sofa ? 0x77 : 0x59;
    out.view.setInt32(at + 1, value);
    return at + 5;
  }

  /** The sign of -0 is lost, as in Java (vectors, double/-0.0). */
  writeDouble(value: number): void {
    const out = this.out;
    const at = out.reserve(9);
    const { buf, view } = out;
    const zero = this.sofa ? 0x67 : 0x5b;
    const integer = value | 0;
    if (integer === value && integer >= -0x8000 && integer <= 0x7fff) {
      if (integer === 0 || integer === 1) {
        buf[at] = zero + integer;
        out.pos = at + 1;
      } else if (integer >= -0x80 && integer <= 0x7f) {
        buf[at] = zero + 2;
        buf[at + 1] = integer;
        out.pos = at + 2;
      } else {
        buf[at] = zero + 3;
        view.setInt16(at + 1, integer);
        out.pos = at + 3;
      }
      return;
    }
    if (this.sofa) {
      if (Math.fround(value) === value) {
        buf[at] = 0x6b;
        view.setFloat32(at + 1, value);
        out.pos = at + 5;
        return;
      }
    } else {
      // Thousandths: Java casts to int, which drops the fraction, and multiplies back.
      const mills = Math.trunc(value * 1000);
      if (mills >= -0x8000_0000 && mills <= 0x7fff_ffff && 0.001 * mills === value) {
        buf[at] = 0x5f;
        view.setInt32(at + 1, mills);
        out.pos = at + 5;
        return;
      }
    }
    buf[at] = 0x44;
    view.setFloat64(at + 1, value);
    // Java has one NaN; JavaScript does not say which of many bit patterns it writes.
    if (Number.isNaN(value)) view.setBigInt64(at + 1, JAVA_NAN);
    out.pos = at + 9;
  }

  /** Milliseconds since 1970 in UTC: a safe integer, or a bigint of 64 bits. */
  writeDate(ms: number | bigint): void {
    const out = this.out;
    const at = out.reserve(9);
    if (this.sofa) out.buf[at] = 0x64;
    else {
      const minutes = Number(ms) / 60_000;
      if (minutes === (minutes | 0)) {
        out.buf[at] = 0x4b;
        out.view.setInt32(at + 1, minutes);
        out.pos = at + 5;
        return;
      }
      out.buf[at] = 0x4a;
    }
    if (typeof ms === 'number') out.pos = putSafeInteger(out.view, at + 1, ms);
    else {
      out.view.setBigInt64(at + 1, ms);
      if (out.view.getBigInt64(at + 1) !== ms) throw tooLong(ms);
      out.pos = at + 9;
    }
  }

  writeString(value: string): void {
    const length = value.length;
    const out = this.out;
    if (length < 0x20) {
      const at = out.reserve(1 + length * 3);
      out.buf[at] = length;
      out.pos = putCesu8(out.buf, at + 1, value, 0, length);
      return;
    }
    let from = 0;
    while (length - from > CHUNK) {
      const end = chunkEnd(value, from);
      this.putChunk(this.sofa ? 0x73 : 0x52, value, from, end);
      from = end;
    }
    const rest = length - from;
    if (!this.sofa && rest <= 0x3ff) {
      const at = out.reserve(2 + rest * 3);
      const buf = out.buf;
      if (rest < 0x20) {
        buf[at] = rest;
        out.pos = putCesu8(buf, at + 1, value, from, length);
      } else {
        buf[at] = 0x30 + (rest >> 8);
        buf[at + 1] = rest;
        out.pos = putCesu8(buf, at + 2, value, from, length);
      }
    } else if (rest < 0x20) {
      const at = out.reserve(1 + rest * 3);
      out.buf[at] = rest;
      out.pos = putCesu8(out.buf, at + 1, value, from, length);
    } else this.putChunk(0x53, value, from, length);
  }

  protected putChunk(tag: number, value: string, from: number, to: number): void {
    const out = this.out;
    const at = out.reserve(3 + (to - from) * 3);
    const buf = out.buf;
    buf[at] = tag;
    buf[at + 1] = (to - from) >> 8;
    buf[at + 2] = to - from;
    out.pos = putCesu8(buf, at + 3, value, from, to);
  }

  writeBytes(value: Uint8Array): void {
    const length = value.length;
    const out = this.out;
    const chunk = this.sofa ? CHUNK : FINAL_BYTES_CHUNK;
    const chunkTag = this.sofa ? 0x62 : 0x41;
    out.reserve(length + 3 * Math.ceil(length / chunk) + 3);
    const buf = out.buf;
    let at = out.pos;
    let from = 0;
    while (length - from > chunk) {
      buf[at] = chunkTag;
      buf[at + 1] = chunk >> 8;
      buf[at + 2] = chunk & 0xff;
      buf.set(value.subarray(from, from + chunk), at + 3);
      from += chunk;
      at += 3 + chunk;
    }
    const rest = length - from;
    if (rest < 0x10) buf[at++] = 0x20 + rest;
    else if (!this.sofa && rest <= 0x3ff) {
      buf[at++] = 0x34 + (rest >> 8);
      buf[at++] = rest;
    } else {
      buf[at++] = 0x42;
      buf[at++] = rest >> 8;
      buf[at++] = rest;
    }
    buf.set(from === 0 ? value : value.subarray(from), at);
    out.pos = at + rest;
  }
}

/** The bits of Java's Double.NaN (vectors, double/NaN). */
const JAVA_NAN = 0x7ff8000000000000n;

function tooLong(value: bigint): Error {
  return encodeFault(`${value} does not fit in a Java long`);
}

/** Writes 64 bits. Returns the position after them. */
function putSafeInteger(view: DataView, at: number, value: number): number {
  view.setInt32(at, Math.floor(value / 0x1_0000_0000));
  view.setInt32(at + 4, value | 0);
  return at + 8;
}

/** Writes a 32-bit integer at `at`, for which 5 bytes are reserved. Returns the position after it. */
export function putInt(out: ByteWriter, at: number, value: number): number {
  const buf = out.buf;
  if (value >= -0x10 && value <= 0x2f) {
    buf[at] = 0x90 + value;
    return at + 1;
  }
  if (value >= -0x800 && value <= 0x7ff) {
    buf[at] = 0xc8 + (value >> 8);
    buf[at + 1] = value;
    return at + 2;
  }
  if (value >= -0x40000 && value <= 0x3ffff) {
    buf[at] = 0xd4 + (value >> 16);
    buf[at + 1] = value >> 8;
    buf[at + 2] = value;
    return at + 3;
  }
  buf[at] = 0x49;
  out.view.setInt32(at + 1, value);
  return at + 5;
}
