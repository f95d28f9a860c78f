import { ByteWriter } from '../core/bytes.js';
import type { ClassDef } from './class-def.js';
import { encodeFault } from './faults.js';
import { type Grammar, MAX_DEPTH } from './grammar.js';
import { putInt, ScalarWriter } from './scalar-writer.js';
import { putCesu8 } from './strings.js';

export /** Up to this many registered objects a linear search beats a Map (measured). */
const FEW = 128;
/** Up to this many class definitions are compared one by one. */
const FEW_CLASSES = 16;

/** What a stream has numbered so far; see {@link HessianWriter.snapshot}. */
export interface WriterState {
  readonly refCount: number;
  readonly defs: readonly ClassDef[];
  readonly types: readonly string[];
}

/** Writes Hessian values into `out`, byte for byte as Java does, and keeps what a stream shares: references, classes, type names. */
export class HessianWriter extends ScalarWriter {
  /** The number of the first of `refObjects`; the others follow. What cannot occur twice is undefined there. */
  private refBase = 0;
  private refObjects: (object | undefined)[] = [];
  /** The form of each; what is past the end of `refObjects` is of an earlier stream. */
  private readonly refForms: string[] = [];
  private depth = 0;
  private refMap: Map<object, number> | undefined = undefined;
  private defs: ClassDef[] = [];
  /** Where the definitions of each name are, once there are many. */
  private defNames: Map<string, number[]> | undefined = undefined;
  /** The last definition of each class that was written without a contract. Bounded by the one who writes them. */
  readonly untypedDefs: Map<string, ClassDef> = new Map();
  private types: string[] = [];

  /** Begins a new stream: forgets references, class definitions and type names. Leaves `out` alone. */
  reset(): void {
    this.depth = 0;
    this.refBase = 0;
    this.forgetObjects();
    if (this.defs.length > 0) this.defs = [];
    this.defNames = undefined;
    if (this.types.length > 0) this.types = [];
  }

  private forgetObjects(): void {
    if (this.refObjects.length > 0) {
      this.refObjects = [];
      this.refMap = undefined;
    }
  }

  /**
   * What has been numbered so far, to go on from after copying the bytes written so far. The objects themselves are
   * not kept: a later value cannot refer back to them.
   */
  snapshot(): WriterState {
    return {
      refCount: this.refBase + this.refObjects.length,
      defs: this.defs.slice(),
      types: this.types.slice(),
    };
  }

  /** Continues a stream whose first part has been written as bytes. */
  restore(state: WriterState): void {
    this.depth = 0;
    this.refBase = state.refCount;
    this.forgetObjects();
    this.defs = state.defs.slice();
    this.defNames = undefined;
    this.types = state.types.length === 0 ? [] : state.types.slice();
  }

  /**
   * Gives `object` the next reference number. Where it already has one, writes a reference to it instead and returns
   * true: the caller writes nothing more. `as` names the form it is written in: an object that is written in two forms
   * (a list here, an array there) has a number for each, for Java would cast one to the other.
   */
  addRef(object: object, as = ''): boolean {
    const objects = this.refObjects;
    const map = this.refMap;
    const at = map === undefined ? objects.indexOf(object) : (map.get(object) ?? -1);
    if (at >= 0 && this.writeKnown(object, as, at)) return true;
    const index = objects.push(object) - 1;
    this.refForms[index] = as;
    if (index >= FEW && at < 0) this.index(index);
    return false;
  }

  /** `at` is where `object` was seen first: in this form, or in another one, and perhaps in this one later. */
  private writeKnown(object: object, as: string, at: number): boolean {
    for (let i = at; i >= 0; i = this.refObjects.indexOf(object, i + 1)) {
      if (this.refForms[i] !== as) continue;
      this.writeRef(this.refBase + i);
      return true;
    }
    return false;
  }

  /** Past a few objects a Map finds them. */
  private index(last: number): void {
    if (this.refMap !== undefined) {
      this.refMap.set(this.refObjects[last] as object, last);
      return;
    }
    const map = new Map<object, number>();
    for (let i = last; i >= 0; i--) {
      const object = this.refObjects[i];
      if (object !== undefined) map.set(object, i);
    }
    this.refMap = map;
  }

  /** Counts one level of nesting in; {@link leave} counts it out. A fault need not: {@link reset} starts again. */
  enter(): void {
    if (++this.depth > MAX_DEPTH) throw encodeFault(`values nest deeper than ${MAX_DEPTH}`);
  }

  leave(): void {
    this.depth--;
  }

  /** The reference number that was given last. */
  get lastRef(): number {
    return this.refBase + this.refObjects.length - 1;
  }

  /** Takes `count` reference numbers for objects that cannot occur twice, such as the handle of a LocalDate. */
  skipRefs(count: number): void {
    if (this.refObjects.length === 0) this.refBase += count;
    else for (let i = 0; i < count; i++) this.refObjects.push(undefined);
  }

  /** Writes a reference to the object with this number. */
  writeRef(number: number): void {
    const out = this.out;
    const at = out.reserve(6);
    const buf = out.buf;
    if (!this.sofa) {
      buf[at] = 0x51;
      out.pos = at + 1;
      this.writeInt(number);
    } else if (number < 0x100) {
      buf[at] = 0x4a;
      buf[at + 1] = number;
      out.pos = at + 2;
    } else if (number < 0x10000) {
      buf[at] = 0x4b;
      buf[at + 1] = number >> 8;
      buf[at + 2] = number;
      out.pos = at + 3;
    } else {
      buf[at] = 0x52;
      out.view.setInt32(at + 1, number);
      out.pos = at + 5;
    }
  }

  /**
   * Begins a list of `length` items; `type` is null for ArrayList. Returns whether an end mark is due after the items:
   * pass it to {@link endList}. Numbering the list is the caller's ({@link addRef}, before).
   */
  beginList(type: string | null, length: number): boolean {
    return this.sofa ? this.beginSofaList(type, length) : this.beginFinalList(type, length);
  }

  private beginSofaList(type: string | null, length: number): boolean {
    const out = this.out;
    if (type !== null && type !== '') {
      const known = this.types.indexOf(type);
      if (known >= 0) {
        // Java repeats a typed list in this short form, which has no end mark (vectors, list/twoLinked).
        this.writeByte(0x76);
        this.writeInt(known);
        this.writeInt(length);
        return false;
      }
      this.writeByte(0x56);
      this.putSofaType(type);
    } else this.writeByte(0x56);
    const at = out.reserve(5);
    const buf = out.buf;
    if (length < 0x100) {
      buf[at] = 0x6e;
      buf[at + 1] = length;
      out.pos = at + 2;
    } else {
      buf[at] = 0x6c;
      out.view.setInt32(at + 1, length);
      out.pos = at + 5;
    }
    return true;
  }

  private beginFinalList(type: string | null, length: number): boolean {
    if (type === null || type === '') {
      if (length < 8) this.writeByte(0x78 + length);
      else {
        this.writeByte(0x58);
        this.writeInt(length);
      }
    } else if (length < 8) {
      this.writeByte(0x70 + length);
      this.putFinalType(type);
    } else {
      this.writeByte(0x56);
      this.putFinalType(type);
      this.writeInt(length);
    }
    return false;
  }

  /** Begins a list of unknown length, as Java does for an Iterator: items go on until {@link endMap}, which writes the same end mark. */
  beginOpenList(type: string | null): void {
    const typed = type !== null && type !== '';
    if (this.sofa) {
      this.writeByte(0x56);
      if (typed) this.putSofaTypeOnce(type);
    } else {
      this.writeByte(typed ? 0x55 : 0x57);
      if (typed) this.putFinalType(type);
    }
  }

  /** Ends a list that {@link beginList} began. */
  endList(marked: boolean): void {
    if (marked) this.writeByte(0x7a);
  }

  /** Begins a map; `type` is null for HashMap. Keys and values alternate until {@link endMap}. */
  beginMap(type: string | null): void {
    const typed = type !== null && type !== '';
    if (!this.sofa) {
      this.writeByte(typed ? 0x4d : 0x48);
      if (typed) this.putFinalType(type);
      return;
    }
    this.writeByte(0x4d);
    if (typed) this.putSofaTypeOnce(type);
  }

  endMap(): void {
    this.writeByte(this.sofa ? 0x7a : 0x5a);
  }

  private putSofaTypeOnce(type: string): void {
    const known = this.types.indexOf(type);
    if (known >= 0) {
      this.writeByte(0x75);
      this.writeInt(known);
    } else this.putSofaType(type);
  }

  private putSofaType(type: string): void {
    if (type.length > 0xffff) throw encodeFault(`a type name of ${type.length} characters is too long`);
    this.types.push(type);
    this.putChunk(0x74, type, 0, type.length);
  }

  private putFinalType(type: string): void {
    const known = this.types.indexOf(type);
    if (known >= 0) this.writeInt(known);
    else {
      this.types.push(type);
      this.writeString(type);
    }
  }

  /** Begins an object: its definition on first use, then the instance. The caller writes the fields in `def`'s order; there is no end. */
  writeObjectBegin(def: ClassDef): void {
    const defs = this.defs;
    let index = 0;
    // A few classes, the same objects as before: a loop is faster than indexOf.
    const few = Math.min(defs.length, FEW_CLASSES);
    while (index < few && defs[index] !== def) index++;
    if (index === few) index = this.findOrDefine(def);
    const out = this.out;
    const at = out.reserve(6);
    if (this.sofa) {
      out.buf[at] = 0x6f;
      out.pos = putInt(out, at + 1, index);
    } else if (index < 0x10) {
      out.buf[at] = 0x60 + index;
      out.pos = at + 1;
    } else {
      out.buf[at] = 0x4f;
      out.pos = putInt(out, at + 1, index);
    }
  }

  private findOrDefine(def: ClassDef): number {
    const { defs } = this;
    if (defs.length <= FEW_CLASSES) {
      for (let i = 0; i < defs.length; i++) if (defs[i].equals(def)) return i;
    } else {
      for (const i of this.defsByName().get(def.name) ?? []) if (defs[i].equals(def)) return i;
    }
    return this.define(def);
  }

  private define(def: ClassDef): number {
    this.out.writeBytes(definitionBytes(def, this.grammar));
    const index = this.defs.push(def) - 1;
    if (this.defNames !== undefined) addName(this.defNames, def, index);
    return index;
  }

  private defsByName(): Map<string, number[]> {
    if (this.defNames === undefined) {
      this.defNames = new Map();
      for (const [i, def] of this.defs.entries()) addName(this.defNames, def, i);
    }
    return this.defNames;
  }
}

export function createWriter(grammar: Grammar, out: ByteWriter = new ByteWriter()): HessianWriter {
  return new HessianWriter(grammar, out);
}

function addName(names: Map<string, number[]>, { name }: ClassDef, index: number): void {
  const known = names.get(name);
  if (known === undefined) names.set(name, [index]);
  else known.push(index);
}

function definitionBytes(def: ClassDef, grammar: Grammar): Buffer {
  const known = grammar === 'sofa' ? def.sofaBytes : def.finalBytes;
  if (known !== undefined) return known;
  const out = new ByteWriter(256);
  const writer = new HessianWriter(grammar, out);
  if (grammar === 'sofa') {
    out.buf[0] = 0x4f;
    out.pos = 1;
    writer.writeInt(def.name.length);
    out.reserve(def.name.length * 3);
    out.pos = putCesu8(out.buf, out.pos, def.name, 0, def.name.length);
  } else {
    out.buf[0] = 0x43;
    out.pos = 1;
    writer.writeString(def.name);
  }
  writer.writeInt(def.fieldNames.length);
  for (const name of def.fieldNames) writer.writeString(name);
  const bytes = Buffer.from(out.written());
  if (grammar === 'sofa') def.sofaBytes = bytes;
  else def.finalBytes = bytes;
  return bytes;
}
