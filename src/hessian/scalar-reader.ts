import { decodeFault } from './faults.js';
import { type Grammar, Kind, kindName, kindTable } from './grammar.js';
import { asciiText, Cesu8Reader, isAsciiWords } from './strings.js';

export const NO_BYTES = Buffer.alloc(0);
export const NO_MEMORY = new DataView(new ArrayBuffer(0));

/**
 * Reads the values that nothing refers to. Each method that takes a tag reads what follows the tag, which has been read
 * with {@link readTag}. Strings and byte arrays are copied: nothing refers to `buf` afterwards.
 */
export class ScalarReader {
  /** True for the grammar `sofa`. */
  readonly sofa: boolean;
  /** {@link Kind} by tag byte. */
  readonly kinds: Uint8Array;
  buf: Buffer = NO_BYTES;
  /** The memory that `buf` is a part of. */
  protected memory: DataView = NO_MEMORY;
  /** Where `buf` begins in it. */
  protected origin = 0;
  pos = 0;
  end = 0;
  private readonly text = new Cesu8Reader();

  constructor(readonly grammar: Grammar) {
    this.sofa = grammar === 'sofa';
    this.kinds = kindTable(grammar);
  }

  get atEnd(): boolean {
    return this.pos >= this.end;
  }

  /** The kind of the next value, without moving. */
  peekKind(): Kind {
    if (this.pos >= this.end) throw this.truncated();
    return this.kinds[this.buf[this.pos]] as Kind;
  }

  /** Reads the next tag byte. */
  readTag(): number {
    if (this.pos >= this.end) throw this.truncated();
    return this.buf[this.pos++];
  }

  /** If the next value is null, reads it. */
  readNull(): boolean {
    if (this.pos < this.end && this.buf[this.pos] === 0x4e) {
      this.pos++;
      return true;
    }
    return false;
  }

  truncated(): Error {
    return decodeFault('the bytes end inside a value');
  }

  /** For a value that is not what was expected; `tag` is its tag byte. */
  unexpected(expected: string, tag: number): Error {
    const kind = this.kinds[tag] as Kind;
    const hex = `0x${tag.toString(16).padStart(2, '0')}`;
    return decodeFault(
      `expected ${expected}, got ${kind === Kind.bad ? `the unknown tag ${hex}` : kindName(kind)}`,
    );
  }

  /** Checks and moves past `pos`, which a reader below computed. */
  protected advance(pos: number): void {
    if (pos > this.end) throw this.truncated();
    this.pos = pos;
  }

  /** Reads an int after its tag. */
  readInt(tag: number): number {
    if (tag >= 0x80 && tag <= 0xbf) return tag - 0x90;
    const buf = this.buf;
    const pos = this.pos;
    if (tag >= 0xc0 && tag <= 0xcf) {
      this.advance(pos + 1);
      return ((tag - 0xc8) << 8) | buf[pos];
    }
    if (tag >= 0xd0 && tag <= 0xd7) {
      this.advance(pos + 2);
      return ((tag - 0xd4) << 16) | (buf[pos] << 8) | buf[pos + 1];
    }
    if (tag !== 0x49) throw this.unexpected('int', tag);
    return this.readWord();
  }

  /** Reads an int with its tag: a length, an index. */
  readCount(): number {
    return this.readInt(this.readTag());
  }

  protected readWord(): number {
    const pos = this.pos;
    this.advance(pos + 4);
    return this.memory.getInt32(this.origin + pos);
  }

  /** Reads a long that fits in an int, after its tag. */
  private readShortLong(tag: number): number {
    if (tag >= 0xd8 && tag <= 0xef) return tag - 0xe0;
    const buf = this.buf;
    const pos = this.pos;
    if (tag >= 0xf0) {
      this.advance(pos + 1);
      return ((tag - 0xf8) << 8) | buf[pos];
    }
    if (tag >= 0x38 && tag <= 0x3f) {
      this.advance(pos + 2);
      return ((tag - 0x3c) << 16) | (buf[pos] << 8) | buf[pos + 1];
    }
    if (tag !== (this.sofa ? 0x77 : 0x59)) throw this.unexpected('long', tag);
    return this.readWord();
  }

  /** Reads a long after its tag. */
  readLong(tag: number): bigint {
    return tag === 0x4c ? this.readLongWord() : BigInt(this.readShortLong(tag));
  }

  private readLongWord(): bigint {
    const pos = this.pos;
    this.advance(pos + 8);
    return this.memory.getBigInt64(this.origin + pos);
  }

  /** Reads a long after its tag, as a number where that is exact: otherwise the result is not a safe integer. */
  readLongNumber(tag: number): number {
    if (tag !== 0x4c) return this.readShortLong(tag);
    const pos = this.pos;
    this.advance(pos + 8);
    const at = this.origin + pos;
    return this.memory.getInt32(at) * 0x1_0000_0000 + this.memory.getUint32(at + 4);
  }

  /** Reads a double after its tag. */
  readDouble(tag: number): number {
    const pos = this.pos;
    if (tag === 0x44) {
      this.advance(pos + 8);
      return this.memory.getFloat64(this.origin + pos);
    }
    switch (tag - (this.sofa ? 0x67 : 0x5b)) {
      case 0:
        return 0;
      case 1:
        return 1;
      case 2:
        this.advance(pos + 1);
        return this.memory.getInt8(this.origin + pos);
      case 3:
        this.advance(pos + 2);
        return this.memory.getInt16(this.origin + pos);
      case 4:
        this.advance(pos + 4);
        // Hessian 4 writes thousandths as an int, 3.5 a float.
        if (!this.sofa) return 0.001 * this.memory.getInt32(this.origin + pos);
        return this.memory.getFloat32(this.origin + pos);
      default:
        throw this.unexpected('double', tag);
    }
  }

  /** Reads a date after its tag, in milliseconds since 1970: a bigint where it is no safe integer. */
  readDate(tag: number): number | bigint {
    if (tag === (this.sofa ? 0x64 : 0x4a)) {
      const ms = this.readLongNumber(0x4c);
      if (Number.isSafeInteger(ms)) return ms;
      this.pos -= 8;
      return this.readLongWord();
    }
    if (tag === 0x4b && !this.sofa) return this.readWord() * 60_000;
    throw this.unexpected('date', tag);
  }

  /** Reads a string after its tag. */
  readString(tag: number): string {
    if (tag < 0x20) {
      const at = this.pos;
      const next = at + tag;
      if (next > this.end || !isAsciiWords(this.memory, this.origin + at, tag)) return this.readUnits(tag);
      this.pos = next;
      return asciiText(this.buf, at, tag);
    }
    if (tag === 0x53) return this.readUnits(this.readShort());
    const chunk = this.sofa ? 0x73 : 0x52;
    if (tag !== chunk) {
      if (!this.sofa && tag >= 0x30 && tag <= 0x33)
        return this.readUnits(((tag - 0x30) << 8) | this.readTag());
      throw this.unexpected('string', tag);
    }
    let value = this.readUnits(this.readShort());
    let next = this.readTag();
    while (next === chunk) {
      value += this.readUnits(this.readShort());
      next = this.readTag();
    }
    if (this.kinds[next] !== Kind.string) throw this.unexpected('the next part of a string', next);
    return value + this.readString(next);
  }

  /** Steps over a string after its tag. */
  skipString(tag: number): void {
    if (tag < 0x20) {
      const { buf, pos } = this;
      const end = pos + tag;
      let at = pos;
      while (at < end && buf[at] < 0x80) at++;
      // Shorter in bytes than in characters it cannot be, and every character was one byte.
      if (at === end && end <= this.end) {
        this.pos = end;
        return;
      }
    }
    this.readString(tag);
  }

  protected readShort(): number {
    const buf = this.buf;
    const pos = this.pos;
    this.advance(pos + 2);
    return (buf[pos] << 8) | buf[pos + 1];
  }

  protected readUnits(count: number): string {
    const value = this.text.read(this.buf, this.memory, this.pos, count, this.end);
    this.pos = this.text.pos;
    return value;
  }

  /** Reads a byte array after its tag, as a copy. */
  readBytes(tag: number): Buffer {
    const chunk = this.sofa ? 0x62 : 0x41;
    if (tag !== chunk) return this.readBytesPart(tag);
    const parts: Buffer[] = [];
    let next = tag;
    while (next === chunk) {
      parts.push(this.part(this.readShort()));
      next = this.readTag();
    }
    parts.push(this.lastBytesPart(next));
    return Buffer.concat(parts);
  }

  private readBytesPart(tag: number): Buffer {
    const part = this.lastBytesPart(tag);
    const copy = Buffer.allocUnsafe(part.length);
    copy.set(part);
    return copy;
  }

  private lastBytesPart(tag: number): Buffer {
    if (tag >= 0x20 && tag <= 0x2f) return this.part(tag - 0x20);
    if (tag === 0x42) return this.part(this.readShort());
    if (!this.sofa && tag >= 0x34 && tag <= 0x37) return this.part(((tag - 0x34) << 8) | this.readTag());
    throw this.unexpected('byte[]', tag);
  }

  private part(length: number): Buffer {
    const pos = this.pos;
    this.advance(pos + length);
    return this.buf.subarray(pos, pos + length);
  }
}
