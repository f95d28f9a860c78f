import { ScalarWriter } from '../../hessian/scalar-writer.js';
import { isShortText, type LongLike, longOfNumber, longOfText, smallLong } from './longs.js';

/** Hessian 4.0: the size of the parts of a byte array. */
const FINAL_CHUNK = 4093;
/** What JavaScript says of a bigint and a number. */
const MIXED = 'Cannot mix BigInt and other types, use explicit conversions';

/**
 * Writes what nothing refers to, as the predecessor does: whatever users hand over is checked or converted, and a number
 * with a fraction is a double of eight bytes where Java has a shorter form.
 */
export class ValueScalars extends ScalarWriter {
  int(value: unknown): void {
    if (typeof value !== 'number' || (value | 0) !== value) throw wrongType('writeInt', 'int32', value);
    this.writeInt(value);
  }

  string(value: unknown): void {
    if (typeof value !== 'string') throw wrongType('writeString', 'string', value);
    this.writeString(value);
  }

  bytes(value: unknown): void {
    if (!Buffer.isBuffer(value)) throw wrongType('writeBytes', 'buffer', value);
    if (this.sofa || value.length <= FINAL_CHUNK) {
      this.writeBytes(value);
      return;
    }
    let from = 0;
    for (; value.length - from > FINAL_CHUNK; from += FINAL_CHUNK) {
      this.writeByte(0x41);
      this.writeByte(FINAL_CHUNK >> 8);
      this.writeByte(FINAL_CHUNK & 0xff);
      this.out.writeBytes(value.subarray(from, from + FINAL_CHUNK));
    }
    this.writeBytes(value.subarray(from));
  }

  date(value: unknown): void {
    const ms = value instanceof Date ? value.getTime() : value;
    if (typeof ms !== 'number') throw wrongType('writeDate', 'number', ms);
    if (this.sofa) {
      this.writeByte(0x64);
      this.putLong(ms);
      return;
    }
    const minutes = ms / 60_000;
    if (ms % 60_000 === 0 && minutes >= -0x8000_0000 && minutes <= 0x7fff_ffff) {
      const at = this.out.reserve(5);
      this.out.buf[at] = 0x4b;
      this.out.view.setInt32(at + 1, minutes);
      this.out.pos = at + 5;
      return;
    }
    this.writeByte(0x4a);
    this.putLong(ms);
  }

  double(value: unknown): void {
    const { out, sofa } = this;
    const at = out.reserve(9);
    if (typeof value !== 'number') {
      // What is no number is converted, and fails as a conversion does, but never made short.
      if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
      if (typeof value === 'bigint' && !sofa) throw new TypeError(MIXED);
      out.buf[at] = 0x44;
      out.view.setFloat64(at + 1, +(value as number));
      out.pos = at + 9;
      return;
    }
    const integer = value | 0;
    if (integer === value && integer >= -0x8000 && integer <= 0x7fff) {
      this.writeDouble(value);
      return;
    }
    if (sofa) {
      // A float where it is an integer, not where it has a fraction.
      if (integer === value && Math.fround(value) === value) {
        out.buf[at] = 0x6b;
        out.view.setFloat32(at + 1, value);
        out.pos = at + 5;
        return;
      }
    } else {
      const mills = Math.trunc(value * 1000);
      if (mills === (mills | 0) && mills * 0.001 === value) {
        out.buf[at] = 0x5f;
        out.view.setInt32(at + 1, mills);
        out.pos = at + 5;
        return;
      }
    }
    out.buf[at] = 0x44;
    out.view.setFloat64(at + 1, value);
    out.pos = at + 9;
  }

  long(value: unknown): void {
    if (typeof value === 'number') this.longNumber(value);
    else if (typeof value === 'string') {
      if (isShortText(value)) this.longNumber(Number(value));
      else this.longBits(longOfText(value));
    } else {
      const small = smallLong(value);
      if (small !== undefined) this.longNumber(small);
      else {
        this.writeByte(0x4c);
        this.putLong(value);
      }
    }
  }

  private longNumber(value: number): void {
    if ((value | 0) === value || Number.isSafeInteger(value)) {
      this.writeLongNumber(value);
      return;
    }
    const { out } = this;
    const at = out.reserve(9);
    const { buf } = out;
    // A fraction is cut off by the bytes, after the form was chosen.
    if (value >= -0x08 && value <= 0x0f) {
      buf[at] = value + 0xe0;
      out.pos = at + 1;
    } else if (value >= -0x800 && value <= 0x7ff) {
      buf[at] = (value >> 8) + 0xf8;
      buf[at + 1] = value & 0xff;
      out.pos = at + 2;
    } else if (value >= -0x40000 && value <= 0x3ffff) {
      buf[at] = (value >> 16) + 0x3c;
      out.view.setInt16(at + 1, value & 0xffff);
      out.pos = at + 3;
    } else if (value >= -0x8000_0000 && value <= 0x7fff_ffff) {
      buf[at] = this.sofa ? 0x77 : 0x59;
      out.view.setInt32(at + 1, value);
      out.pos = at + 5;
    } else {
      buf[at] = 0x4c;
      out.pos = at + 1;
      this.putLong(value);
    }
  }

  private longBits(value: bigint): void {
    this.writeByte(0x4c);
    this.put64(value);
  }

  private put64(value: bigint): void {
    const at = this.out.reserve(8);
    this.out.view.setBigInt64(at, value);
    this.out.pos = at + 8;
  }

  /** Eight bytes of whatever may be a long. */
  private putLong(value: unknown): void {
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) {
        const at = this.out.reserve(8);
        this.out.view.setInt32(at, Math.floor(value / 0x1_0000_0000));
        this.out.view.setInt32(at + 4, value | 0);
        this.out.pos = at + 8;
      } else this.put64(longOfNumber(value));
      return;
    }
    if (isShortText(value as string)) {
      this.put64(longOfNumber(Number(value)));
      return;
    }
    const { high, low } = value as LongLike;
    if (typeof high === 'number' && typeof low === 'number') {
      const at = this.out.reserve(8);
      this.out.buf.writeInt32BE(high, at);
      this.out.buf.writeInt32BE(low, at + 4);
      this.out.pos = at + 8;
    } else this.put64(longOfText(value as string));
  }
}

/** In the predecessor's words, which users search their logs for. JSON says no to a bigint in words of its own. */
export function wrongType(method: string, expected: string, value: unknown, more = ''): TypeError {
  return new TypeError(
    `hessian ${method} expect input type is \`${expected}\`, but got \`${typeof value}\` : ${JSON.stringify(value)} ${more}`,
  );
}
