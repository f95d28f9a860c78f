import type { BytePattern } from '../core/byte-pattern.js';
import { decodeFault } from './faults.js';
import { type Grammar, Kind, MAX_DEPTH } from './grammar.js';
import { NO_BYTES, NO_MEMORY, ScalarReader } from './scalar-reader.js';
import { checkFieldCount, WireClass, WireClassCache } from './wire-class.js';

/** How many times over the bytes of a stream may be read again; see {@link HessianReader.refAt}. */
const MAX_REPLAYED = 4;
/** How many values that are read again may wait for another one: each takes many frames of the stack. */
const MAX_REPLAYING = 64;

/** With more references than this the arrays are made anew for the next stream. */
const FEW_REFS = 64;

/** What a stream has numbered so far; see {@link HessianReader.snapshot}. */
export interface ReaderState {
  readonly refCount: number;
  readonly classes: readonly WireClass[];
  readonly types: readonly string[];
}

/** Where a value begins that nobody asked for, until something refers to it. */
class Skipped {
  constructor(readonly pos: number) {}
}

/**
 * Reads Hessian values. Every fault is a DECODE_FAILED, whatever the bytes; no length is trusted before the bytes are
 * seen.
 */
export class HessianReader extends ScalarReader {
  /** Lists, maps and objects open around `pos`. */
  private depth = 0;
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
  private replaying = 0;
  private start = 0;

  constructor(
    grammar: Grammar,
    private readonly known: WireClassCache,
  ) {
    super(grammar);
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
    this.replayed = 0;
    this.replaying = 0;
    this.clear();
  }

  /** Lets go of the buffer and of every value read. */
  release(): void {
    this.buf = NO_BYTES;
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
    if (index < 0 || index >= this.classCount)
      throw decodeFault(`class ${index} is used before it is defined`);
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
    const name = this.sofa
      ? this.readUnits(classNameLength(this.readCount()))
      : this.readString(this.readTag());
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
    this.addRef(new Skipped(this.pos - 1));
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
    if (++this.replaying > MAX_REPLAYING) throw tooManyReferences();
    const value = again(this);
    this.replaying--;
    this.replayed += this.pos - skipped.pos;
    // Each value is read again at most once for itself, but also as a part of those around it: bound the sum.
    if (this.replayed > MAX_REPLAYED * (this.end - this.start)) {
      throw tooManyReferences();
    }
    this.pos = pos;
    this.refCount = refCount;
    // What it defines again went after all others: what refers to it by number found the first.
    this.classCount = classCount;
    this.typeCount = typeCount;
    return value;
  }
}

/** `known` may be shared by readers of one grammar that live together; it is bounded. */
export function createReader(grammar: Grammar, known: WireClassCache = new WireClassCache()): HessianReader {
  return new HessianReader(grammar, known);
}

function tooManyReferences(): Error {
  return decodeFault('too many references into fields that the contract does not have');
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
