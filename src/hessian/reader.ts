import type { BytePattern } from '../core/byte-pattern.js';
import { decodeFault } from './faults.js';
import { type Grammar, Kind, kindName, kindTable, MAX_DEPTH } from './grammar.js';
import { asciiText, Cesu8Reader, isAsciiWords } from './strings.js';
import { checkFieldCount, WireClass, WireClassCache } from './wire-class.js';

/** How many times over the bytes of a stream may be read again; see {@link HessianReader.refAt}. */
const MAX_REPLAYED = 4;

/** With more references than this the arrays are made anew for the next stream. */
const FEW_REFS = 64;
const EMPTY = Buffer.alloc(0);
const NO_MEMORY: DataView = new DataView(new ArrayBuffer(0));

/** What a stream has numbered so far; see {@link HessianReader.snapshot}. */
export interface ReaderState {
  readonly refCount: number;
  readonly classes: readonly WireClass[];
  readonly types: readonly string[];
}

/** Where a value begins that nobody asked for, until something refers to it. */
class Skipped {
  constructor(
    readonly pos: number,
    readonly classCount: number,
    readonly typeCount: number,
  ) {}
}

/**
 * Reads Hessian values. Every fault is a DECODE_FAILED, whatever the bytes; no length is trusted before the bytes are
 * seen. Strings and byte arrays are copied: nothing refers to `buf` afterwards.
 */
export class HessianReader {
  /** True for the grammar `sofa`. */
  readonly sofa: boolean;
  /** {@link Kind} by tag byte. */
  readonly kinds: Uint8Array;
  buf: Buffer = EMPTY;
  /** The memory that `buf` is a part of. */
  private memory: DataView = NO_MEMORY;
  /** Where `buf` begins in it. */
  private origin = 0;
  pos = 0;
  end = 0;
  /** Lists, maps and objects open around `pos`. */
  private depth = 0;
  /** Where codecs put the fields of the objects that are open; see {@link push}. */
  readonly stack: unknown[] = [];
  private top = 0;
  /** The type name of the list or map that was begun last; null where it has none. */
  type: string | null = null;
  /** Whether the list that was begun last has an end mark. */
  marked = false;
  private refs: unknown[] = [];
  private refClasses: (WireClass | undefined)[] = [];
  private refCount = 0;
  private classes: WireClass[] = [];
  private classCount = 0;
  private types: string[] = [];
  private typeCount = 0;
  /** Bytes read again so far for values that were skipped first. */
  private replayed = 0;
  private start = 0;
  private readonly text = new Cesu8Reader();

  constructor(
    readonly grammar: Grammar,
    private readonly known: WireClassCache,
  ) {
    this.sofa = grammar === 'sofa';
    this.kinds = kindTable(grammar);
  }

  /** Begins a new stream: the bytes from `start` to `end` of `buf`. */
  reset(buf: Buffer, start = 0, end: number = buf.length): void {
    if (buf.buffer !== this.memory.buffer) this.memory = new DataView(buf.buffer);
    this.buf = buf;
    this.origin = buf.byteOffset;
    this.start = start;
    this.pos = start;
    this.end = end;
    this.depth = 0;
    this.top = 0;
    this.replayed = 0;
    this.clear();
  }

  /** Lets go of the buffer and of every value read. */
  release(): void {
    this.buf = EMPTY;
    this.memory = NO_MEMORY;
    this.start = 0;
    this.pos = 0;
    this.end = 0;
    this.clear();
  }

  private clear(): void {
    if (this.refCount > FEW_REFS) {
      this.refs = [];
      this.refClasses = [];
    } else {
      // The arrays are kept, what was in them is let go.
      for (let i = 0; i < this.refCount; i++) this.refs[i] = this.refClasses[i] = undefined;
    }
    this.refCount = 0;
    this.classCount = 0;
    this.typeCount = 0;
  }

  /** What has been numbered so far, without the values. */
  snapshot(): ReaderState {
    return {
      refCount: this.refCount,
      classes: this.classes.slice(0, this.classCount),
      types: this.types.slice(0, this.typeCount),
    };
  }

  /** Goes on at `pos` of a stream whose first part is known to have numbered `state`. Its values cannot be referred to. */
  restore(state: ReaderState, pos: number): void {
    this.clear();
    while (this.refCount < state.refCount) this.addRef(undefined);
    const { classes, types } = state;
    for (let i = 0; i < classes.length; i++) this.classes[i] = classes[i];
    for (let i = 0; i < types.length; i++) this.types[i] = types[i];
    this.classCount = classes.length;
    this.typeCount = types.length;
    this.pos = pos;
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
    return decodeFault(`expected ${expected}, got ${kind === Kind.bad ? `the unknown tag ${hex}` : kindName(kind)}`);
  }

  /** Checks and moves past `pos`, which a reader below computed. */
  private advance(pos: number): void {
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

  private readWord(): number {
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
      if (!this.sofa && tag >= 0x30 && tag <= 0x33) return this.readUnits(((tag - 0x30) << 8) | this.readTag());
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

  private readShort(): number {
    const buf = this.buf;
    const pos = this.pos;
    this.advance(pos + 2);
    return (buf[pos] << 8) | buf[pos + 1];
  }

  private readUnits(count: number): string {
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

  /** Takes `count` places on {@link stack} and returns the first. A fault need not give them back. */
  push(count: number): number {
    const base = this.top;
    this.top = base + count;
    return base;
  }

  pop(count: number): void {
    this.top -= count;
  }

  /** Counts one level of nesting in; {@link leave} counts it out. A fault need not: {@link reset} starts again. */
  enter(): void {
    if (++this.depth > MAX_DEPTH) throw decodeFault(`values nest deeper than ${MAX_DEPTH}`);
  }

  leave(): void {
    this.depth--;
  }

  /**
   * Begins a list after its tag. Returns its length, or -1 where items go on to the end mark; `type` and `marked`
   * describe it. A length that the bytes left cannot hold is refused.
   */
  beginList(tag: number): number {
    const length = this.sofa ? this.beginSofaList(tag) : this.beginFinalList(tag);
    if (length < -1 || length > this.end - this.pos) {
      throw decodeFault(`a list of ${length} items does not fit in the ${this.end - this.pos} bytes left`);
    }
    return length;
  }

  private beginSofaList(tag: number): number {
    this.marked = tag === 0x56;
    if (tag === 0x76) {
      this.type = this.typeAt(this.readCount());
      return listLength(this.readCount());
    }
    if (tag !== 0x56) throw this.unexpected('list', tag);
    this.type = this.readSofaType();
    const next = this.buf[this.pos];
    if (this.pos < this.end) {
      if (next === 0x6e) {
        this.pos++;
        return this.readTag();
      }
      if (next === 0x6c) {
        this.pos++;
        return listLength(this.readWord());
      }
    }
    return -1;
  }

  private beginFinalList(tag: number): number {
    this.marked = false;
    if (tag >= 0x78 && tag <= 0x7f) {
      this.type = null;
      return tag - 0x78;
    }
    if (tag >= 0x70 && tag <= 0x77) {
      this.type = this.readFinalType();
      return tag - 0x70;
    }
    if (tag === 0x58 || tag === 0x57) this.type = null;
    else if (tag === 0x56 || tag === 0x55) this.type = this.readFinalType();
    else throw this.unexpected('list', tag);
    if (tag === 0x58 || tag === 0x56) return listLength(this.readCount());
    this.marked = true;
    return -1;
  }

  /** Ends a list: `marked` as it was after {@link beginList}. */
  endList(marked: boolean): void {
    if (!marked) return;
    const tag = this.readTag();
    if (this.kinds[tag] !== Kind.end) throw this.unexpected('the end of a list', tag);
  }

  /** Begins a map after its tag; `type` describes it. Keys and values alternate until {@link isEnd}. */
  beginMap(tag: number): void {
    if (tag === 0x4d) this.type = this.sofa ? this.readSofaType() : this.readFinalType();
    else if (tag === 0x48 && !this.sofa) this.type = null;
    else throw this.unexpected('map', tag);
  }

  /** If the next byte is an end mark, reads it. */
  isEnd(): boolean {
    if (this.pos >= this.end) throw this.truncated();
    if (this.kinds[this.buf[this.pos]] !== Kind.end) return false;
    this.pos++;
    return true;
  }

  private readSofaType(): string | null {
    if (this.pos >= this.end) throw this.truncated();
    const next = this.buf[this.pos];
    if (next === 0x74) {
      this.pos++;
      const type = this.readUnits(this.readShort());
      this.types[this.typeCount++] = type;
      return type;
    }
    if (next === 0x75) {
      this.pos++;
      return this.typeAt(this.readCount());
    }
    return null;
  }

  private readFinalType(): string {
    const tag = this.readTag();
    if (this.kinds[tag] === Kind.int) return this.typeAt(this.readInt(tag));
    const type = this.readString(tag);
    this.types[this.typeCount++] = type;
    return type;
  }

  private typeAt(index: number): string {
    if (index < 0 || index >= this.typeCount) throw decodeFault(`type ${index} is used before it is named`);
    return this.types[index];
  }

  /** Reads what defines an object after its tag, which is of kind `object` or `definition`. Its fields follow. */
  readClass(tag: number): WireClass {
    let next = tag;
    while (this.kinds[next] === Kind.definition) {
      this.readDefinition();
      next = this.readTag();
    }
    let index: number;
    if (this.sofa ? next === 0x6f : next === 0x4f) index = this.readCount();
    else if (!this.sofa && next >= 0x60 && next <= 0x6f) index = next - 0x60;
    else throw this.unexpected('object', next);
    if (index < 0 || index >= this.classCount) throw decodeFault(`class ${index} is used before it is defined`);
    return this.classes[index];
  }

  private readDefinition(): void {
    const start = this.pos;
    const found = this.known.find(this.buf, this.memory, start, this.end);
    if (found !== undefined) {
      this.pos = start + found.pattern.length;
      this.classes[this.classCount++] = found;
      return;
    }
    const name = this.sofa ? this.readUnits(classNameLength(this.readCount())) : this.readString(this.readTag());
    const count = this.readCount();
    checkFieldCount(name, count);
    const fieldNames: string[] = [];
    for (let i = 0; i < count; i++) fieldNames.push(asKey(this.readString(this.readTag())));
    const defined = new WireClass(name, fieldNames, Buffer.from(this.buf.subarray(start, this.pos)));
    this.known.keep(defined);
    this.classes[this.classCount++] = defined;
  }

  /**
   * Takes the next reference number for `value`, which may be completed by {@link setRef} later; `of` is the class of an
   * object. Returns the number.
   */
  addRef(value: unknown, of?: WireClass): number {
    const number = this.refCount++;
    this.refs[number] = value;
    this.refClasses[number] = of;
    return number;
  }

  setRef(number: number, value: unknown): void {
    this.refs[number] = value;
  }

  /** The class of a numbered object; undefined for anything else. */
  refClass(number: number): WireClass | undefined {
    return this.refClasses[number];
  }

  /** Numbers a type name that was stepped over. */
  addType(type: string): void {
    this.types[this.typeCount++] = type;
  }

  /** If the bytes at `pos` are `pattern`, steps over them. */
  skipPattern(pattern: BytePattern): boolean {
    if (this.pos + pattern.length > this.end) return false;
    if (!pattern.matches(this.memory, this.buf.byteOffset + this.pos)) return false;
    this.pos += pattern.length;
    return true;
  }

  /** Takes the next reference number for the value whose tag was just read and which will be skipped. */
  addSkipped(): void {
    this.addRef(new Skipped(this.pos - 1, this.classCount, this.typeCount));
  }

  /** Reads a reference after its tag, as its number. */
  readRefNumber(tag: number): number {
    let number: number;
    if (!this.sofa && tag === 0x51) number = this.readCount();
    else if (this.sofa && tag === 0x4a) number = this.readTag();
    else if (this.sofa && tag === 0x4b) number = this.readShort();
    else if (this.sofa && tag === 0x52) number = this.readWord();
    else throw this.unexpected('reference', tag);
    if (number < 0 || number >= this.refCount) {
      throw decodeFault(`reference ${number} points at nothing: ${this.refCount} values were read before it`);
    }
    return number;
  }

  /** Reads a reference after its tag, as the value it stands for. A value that was skipped is read now, by `again`. */
  readRef(tag: number, again: (reader: HessianReader) => unknown): unknown {
    return this.refAt(this.readRefNumber(tag), again);
  }

  /** The value with this number. A value that was skipped is read now, by `again`. */
  refAt(number: number, again: (reader: HessianReader) => unknown): unknown {
    const value = this.refs[number];
    return value instanceof Skipped ? this.replay(number, value, again) : value;
  }

  private replay(number: number, skipped: Skipped, again: (reader: HessianReader) => unknown): unknown {
    const { pos, refCount, classCount, typeCount } = this;
    this.pos = skipped.pos;
    this.refCount = number;
    this.classCount = skipped.classCount;
    this.typeCount = skipped.typeCount;
    const value = again(this);
    this.replayed += this.pos - skipped.pos;
    // Each value is read again at most once for itself, but also as a part of those around it: bound the sum.
    if (this.replayed > MAX_REPLAYED * (this.end - this.start)) {
      throw decodeFault('too many references into fields that the contract does not have');
    }
    this.pos = pos;
    this.refCount = refCount;
    this.classCount = classCount;
    this.typeCount = typeCount;
    return value;
  }
}

/** `known` may be shared by readers of one grammar that live together; it is bounded. */
export function createReader(grammar: Grammar, known: WireClassCache = new WireClassCache()): HessianReader {
  return new HessianReader(grammar, known);
}

function listLength(length: number): number {
  if (length < 0) throw decodeFault(`a list of ${length} items`);
  return length;
}

/** The same text as V8 keeps property names: any other text has to be looked up at each use as one. */
function asKey(name: string): string {
  for (const key in { [name]: 0 }) return key;
  return name;
}

function classNameLength(length: number): number {
  if (length < 0) throw decodeFault(`a class name of ${length} characters`);
  return length;
}
