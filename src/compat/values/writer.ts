import { ByteWriter } from '../../core/bytes.js';
import { ClassDef } from '../../hessian/class-def.js';
import type { Grammar } from '../../hessian/grammar.js';
import { ScalarWriter } from '../../hessian/scalar-writer.js';
import { putCesu8 } from '../../hessian/strings.js';
import { ValueScalars } from './value-scalars.js';

/** Up to this many registered values a linear search beats a Map. */
const FEW = 128;
/** What a stream has numbered so far: see {@link ValueWriter.state}. */
export interface WriterState {
  readonly refs: number;
  readonly types: readonly string[];
  readonly classNames: readonly string[];
}

/** What is registered where nothing can refer to it. */
const UNSEEN = {};

/**
 * Writes Hessian as the predecessor does, which is not always as Java does: classes are known by name alone, and whatever
 * was registered can be referred to, texts too.
 */
export class ValueWriter extends ValueScalars {
  private seen: unknown[] = [];
  private seenAt: Map<unknown, number> | undefined = undefined;
  private types: string[] = [];
  private classNames: string[] = [];
  /** The fields of each class, where no class map says them. */
  private classFields: (readonly string[] | undefined)[] = [];
  /** The last definition of each class that no class map has. */
  private readonly looseDefs = new Map<string, ClassDef>();

  /** Begins a new stream: forgets references, classes and type names. */
  begin(out: ByteWriter): void {
    this.out = out;
    if (this.seen.length > 0) this.seen = [];
    this.seenAt = undefined;
    if (this.types.length > 0) this.types = [];
    if (this.classNames.length > 0) {
      this.classNames = [];
      this.classFields = [];
    }
  }

  /** What has been numbered so far. The values themselves are not kept: a later one cannot refer back to them. */
  state(): WriterState {
    return { refs: this.seen.length, types: this.types.slice(), classNames: this.classNames.slice() };
  }

  /** Goes on with a stream whose first part is there as bytes. */
  resume(out: ByteWriter, state: WriterState): void {
    this.begin(out);
    for (let i = 0; i < state.refs; i++) this.seen.push(UNSEEN);
    for (let i = 0; i < state.types.length; i++) this.types.push(state.types[i]);
    for (let i = 0; i < state.classNames.length; i++) {
      this.classNames.push(state.classNames[i]);
      this.classFields.push(undefined);
    }
  }

  /**
   * Gives the value the next reference number. Where it already has one, writes a reference to it instead and returns
   * true: the caller writes nothing more.
   */
  checkRef(value: unknown): boolean {
    const { seen, seenAt } = this;
    const at = seenAt === undefined ? seen.indexOf(value) : (seenAt.get(value) ?? -1);
    if (at >= 0) {
      this.writeRef(at);
      return true;
    }
    this.register(value);
    return false;
  }

  /** Gives the value the next reference number, whether it has one or not. */
  register(value: unknown): void {
    const index = this.seen.push(value) - 1;
    if (index < FEW) return;
    if (this.seenAt === undefined) {
      this.seenAt = new Map();
      for (let i = index; i >= 0; i--) this.note(this.seen[i], i);
    } else if (!this.seenAt.has(value)) this.note(value, index);
  }

  /** NaN is not found again: it does not equal itself. */
  private note(value: unknown, index: number): void {
    if (!Number.isNaN(value)) this.seenAt?.set(value, index);
  }

  /** Takes the next reference number for what nothing can refer to. */
  skipRef(): void {
    this.register(UNSEEN);
  }

  private writeRef(number: number): void {
    const { out } = this;
    const at = out.reserve(6);
    if (!this.sofa) {
      out.buf[at] = 0x51;
      out.pos = at + 1;
      this.writeInt(number);
    } else if (number < 0x100) {
      out.buf[at] = 0x4a;
      out.buf[at + 1] = number;
      out.pos = at + 2;
    } else if (number < 0x10000) {
      out.buf[at] = 0x4b;
      out.view.setUint16(at + 1, number);
      out.pos = at + 3;
    } else {
      out.buf[at] = 0x52;
      out.view.setInt32(at + 1, number);
      out.pos = at + 5;
    }
  }

  /** Begins a list; '' is ArrayList. Returns whether an end mark is due: pass it to {@link endList}. */
  beginList(type: string, length: number | undefined): boolean {
    const { out } = this;
    if (!this.sofa) {
      this.beginFinalList(type, length);
      return false;
    }
    const known = type === '' ? -1 : this.types.indexOf(type);
    if (known >= 0) {
      this.writeByte(0x76);
      this.writeInt(known);
      this.int(length);
      return false;
    }
    this.writeByte(0x56);
    this.writeType(type);
    const at = out.reserve(5);
    if (length !== undefined && length < 0x100) {
      out.buf[at] = 0x6e;
      out.buf[at + 1] = length;
      out.pos = at + 2;
    } else {
      out.buf[at] = 0x6c;
      out.view.setInt32(at + 1, length as number);
      out.pos = at + 5;
    }
    return true;
  }

  private beginFinalList(type: string, length: number | undefined): void {
    const short = length !== undefined && length <= 7;
    if (short) this.writeByte((type === '' ? 0x78 : 0x70) + length);
    else this.writeByte(type === '' ? 0x58 : 0x56);
    this.writeType(type);
    if (!short) this.int(length);
  }

  endList(marked: boolean): void {
    if (marked) this.writeByte(0x7a);
  }

  /** Begins a map of a class map's; '' is HashMap. */
  beginMap(type: string): void {
    this.writeByte(this.sofa ? 0x4d : 0x48);
    this.writeType(type);
  }

  /** Begins a map that no class map describes; '' is HashMap. Its type is not numbered in Hessian 3. */
  beginLooseMap(type: string): void {
    if (!this.sofa) {
      this.writeByte(type === '' ? 0x48 : 0x4d);
      this.writeType(type);
      return;
    }
    this.writeByte(0x4d);
    if (type !== '') this.putChunk(0x74, type, 0, type.length);
  }

  endMap(): void {
    this.writeByte(this.sofa ? 0x7a : 0x5a);
  }

  private writeType(type: string): void {
    if (type === '') return;
    const known = this.types.indexOf(type);
    if (known >= 0) {
      if (this.sofa) this.writeByte(0x75);
      this.writeInt(known);
      return;
    }
    this.types.push(type);
    if (this.sofa) this.putChunk(0x74, type, 0, type.length);
    else this.writeString(type);
  }

  /** Begins an object of a class map's class: its definition on first use, then the instance. */
  beginObject(def: ClassDef): void {
    const known = this.classNames.indexOf(def.name);
    if (known >= 0) this.instance(known);
    else this.instance(this.define(def, undefined));
  }

  /**
   * Begins an object that no class map describes. Returns the fields that are to be written: those of the first object of
   * this class.
   */
  beginLooseObject(name: string, fields: readonly string[]): readonly string[] {
    const known = this.classNames.indexOf(name);
    if (known < 0) {
      this.instance(this.define(this.looseDef(name, fields), fields));
      return fields;
    }
    this.instance(known);
    // Undefined where a class map wrote the class before: what is then to be written is not known.
    return this.classFields[known] as readonly string[];
  }

  private looseDef(name: string, fields: readonly string[]): ClassDef {
    const known = this.looseDefs.get(name);
    const def = new ClassDef(name, fields);
    if (known?.equals(def)) return known;
    if (this.looseDefs.size >= MAX_LOOSE) this.looseDefs.clear();
    this.looseDefs.set(name, def);
    return def;
  }

  private define(def: ClassDef, fields: readonly string[] | undefined): number {
    this.out.writeBytes(definitionBytes(def, this.grammar));
    this.classFields.push(fields);
    return this.classNames.push(def.name) - 1;
  }

  private instance(index: number): void {
    const { out } = this;
    const at = out.reserve(6);
    if (this.sofa) out.buf[at] = 0x6f;
    else if (index <= 15) {
      out.buf[at] = 0x60 + index;
      out.pos = at + 1;
      return;
    } else out.buf[at] = 0x4f;
    out.pos = at + 1;
    this.writeInt(index);
  }
}

/** So many definitions that no class map has are kept at most. */
const MAX_LOOSE = 1000;

/** The bytes of a definition, made once. */
function definitionBytes(def: ClassDef, grammar: Grammar): Buffer {
  const known = grammar === 'sofa' ? def.sofaBytes : def.finalBytes;
  if (known !== undefined) return known;
  const out = new ByteWriter(256);
  const writer = new ScalarWriter(grammar, out);
  out.buf[0] = grammar === 'sofa' ? 0x4f : 0x43;
  out.pos = 1;
  if (grammar === 'sofa') {
    writer.writeInt(def.name.length);
    out.reserve(def.name.length * 3);
    out.pos = putCesu8(out.buf, out.pos, def.name, 0, def.name.length);
  } else writer.writeString(def.name);
  writer.writeInt(def.fieldNames.length);
  for (const name of def.fieldNames) writer.writeString(name);
  const bytes = Buffer.from(out.written());
  if (grammar === 'sofa') def.sofaBytes = bytes;
  else def.finalBytes = bytes;
  return bytes;
}
