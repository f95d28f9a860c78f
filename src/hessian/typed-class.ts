import { CLASS_NAME, type ClassNode, type FieldNode, type SchemaNode } from '../values/schema.js';
import { ClassDef } from './class-def.js';
import { decodeFault, encodeFault, within } from './faults.js';
import { Kind } from './grammar.js';
import type { HessianReader } from './reader.js';
import type { Fields, Shape } from './shapes.js';
import { skipValue } from './skip.js';
import { Codec, type Codecs, Inline } from './typed-codec.js';
import { notSafe } from './typed-scalars.js';
import { readPojo } from './untyped-read.js';
import { writeAny } from './untyped-write.js';
import type { WireClass } from './wire-class.js';
import type { HessianWriter } from './writer.js';

/** How the fields of one definition are read into one class: worked out once for each definition. */
interface Plan {
  /** Of each value on the wire; undefined where it is skipped. */
  readonly codecs: readonly (Codec | undefined)[];
  readonly inlines: readonly Inline[];
  /** The fields that are read, in the order of the wire, and after them those that the definition does not have. */
  readonly names: readonly string[];
  /** The codecs of the latter. */
  readonly missing: readonly Codec[];
  readonly shape: Shape;
  /** The CLASS_NAME of the values, where the class has a parent. */
  readonly className: string | undefined;
}

interface ResolvedField {
  readonly name: string;
  readonly codec: Codec;
  readonly inline: Inline;
}

/** A POJO: a plain object here, with CLASS_NAME where the class has a parent. */
export class ClassCodec extends Codec {
  private resolved: readonly ResolvedField[] | undefined;
  private names: readonly string[] = [];
  private inlines: readonly Inline[] = [];
  private fieldCodecs: readonly Codec[] = [];
  private def: ClassDef | undefined;
  private shape: Shape | undefined;

  constructor(
    private readonly node: ClassNode,
    private readonly codecs: Codecs,
  ) {
    super(node.javaName, node.nullable, node.javaName);
  }

  /** Fields are resolved on first use: a class may contain itself. */
  private prepare(): readonly ResolvedField[] {
    const fields = javaOrder(this.node.fields()).map(({ name, node }) => {
      const codec = this.codecs.codec(node);
      return { name, codec, inline: codec.inline };
    });
    this.names = fields.map(({ name }) => name);
    this.inlines = fields.map(({ inline }) => inline);
    this.fieldCodecs = fields.map(({ codec }) => codec);
    this.def = new ClassDef(this.node.javaName, this.names);
    this.shape = this.codecs.shapes.of(this.node.javaName, this.names);
    this.resolved = fields;
    return fields;
  }

  /** The codec for a class of this name that was found on the wire or on a value; undefined for an unlisted one. */
  private codecOf(className: string): ClassCodec | undefined {
    if (className === this.node.javaName) return this;
    const subclass = this.node.subclasses.get(className);
    return subclass === undefined ? undefined : (this.codecs.codec(subclass) as ClassCodec);
  }

  protected writeValue(w: HessianWriter, value: unknown): void {
    if (typeof value !== 'object' || Array.isArray(value)) throw this.wrong(value);
    const className = (value as Fields)[CLASS_NAME];
    if (className === undefined || className === this.node.javaName) this.writeFields(w, value as Fields);
    else this.writeSubclass(w, value as Fields, className);
  }

  private writeSubclass(w: HessianWriter, value: Fields, className: unknown): void {
    const codec = typeof className === 'string' ? this.codecOf(className) : undefined;
    if (codec !== undefined) codec.writeFields(w, value);
    else if (this.node.open) writeAny(w, value);
    else
      throw encodeFault(
        `${String(className)} is no listed subclass of ${this.expected}: ${this.advice(String(className))}`,
      );
  }

  private writeFields(w: HessianWriter, value: Fields): void {
    if (w.addRef(value, this.form)) return;
    if (this.resolved === undefined) this.prepare();
    w.writeObjectBegin(this.def!);
    const { names, inlines, fieldCodecs } = this;
    const { get } = this.shape as Shape;
    w.enter();
    let i = 0;
    try {
      for (; i < names.length; i++) {
        const field = get(value, names, i);
        switch (inlines[i]) {
          case Inline.string:
            if (typeof field === 'string') {
              w.writeString(field);
              continue;
            }
            break;
          case Inline.int:
            if (typeof field === 'number' && (field | 0) === field) {
              w.writeInt(field);
              continue;
            }
            break;
          case Inline.long:
            if (typeof field === 'bigint') {
              w.writeLong(field);
              continue;
            }
            break;
          case Inline.safeLong:
            if (Number.isSafeInteger(field)) {
              w.writeLongNumber(field as number);
              continue;
            }
            break;
          case Inline.double:
            if (typeof field === 'number') {
              w.writeDouble(field);
              continue;
            }
            break;
          case Inline.boolean:
            if (typeof field === 'boolean') {
              w.writeBoolean(field);
              continue;
            }
            break;
        }
        fieldCodecs[i].write(w, field);
      }
    } catch (error) {
      throw within(error, `.${names[i]}`);
    }
    w.leave();
  }

  readValue(r: HessianReader, tag: number): unknown {
    switch (r.kinds[tag]) {
      case Kind.object:
      case Kind.definition: {
        const of = r.readClass(tag);
        return this.readFields(r, of);
      }
      case Kind.map:
        return this.readMap(r, tag);
      case Kind.ref:
        return this.readRef(r, tag);
      default:
        throw r.unexpected(this.expected, tag);
    }
  }

  private readFields(r: HessianReader, of: WireClass): unknown {
    const plan = of.plannedBy === this ? (of.plan as Plan | undefined) : this.plan(of);
    if (plan === undefined) return this.readUnlisted(r, of);
    const value: Fields = {};
    r.addRef(value, of);
    r.enter();
    readFields(r, of, plan, value);
    r.leave();
    if (plan.className !== undefined) value[CLASS_NAME] = plan.className;
    return value;
  }

  /** Works out how to read a definition; undefined for an unlisted class that is to be kept. */
  private plan(of: WireClass): Plan | undefined {
    const target = this.codecOf(of.name);
    if (target === undefined && !this.node.open) {
      throw decodeFault(`${of.name} is no listed subclass of ${this.expected}: ${this.advice(of.name)}`);
    }
    const plan = target?.planFor(of.fieldNames);
    // An unlisted class may be listed later, so that is not kept.
    if (plan !== undefined) {
      of.plannedBy = this;
      of.plan = plan;
    }
    return plan;
  }

  private planFor(wireNames: readonly string[]): Plan {
    const fields = this.resolved ?? this.prepare();
    const byName = new Map<string, ResolvedField>();
    // Of a field that subclass and base both declare, the subclass's comes first and is the one that is read.
    for (const field of fields) if (!byName.has(field.name)) byName.set(field.name, field);
    const codecs: (Codec | undefined)[] = [];
    const names: string[] = [];
    for (const name of wireNames) {
      const field = byName.get(name);
      codecs.push(field?.codec);
      if (field !== undefined) names.push(field.name);
      byName.delete(name);
    }
    return {
      codecs,
      inlines: codecs.map((codec) => codec?.inline ?? Inline.none),
      names: [...names, ...byName.keys()],
      missing: [...byName.values()].map(({ codec }) => codec),
      shape: this.shape!,
      className: this.node.parent === undefined ? undefined : this.node.javaName,
    };
  }

  private readUnlisted(r: HessianReader, of: WireClass): unknown {
    r.enter();
    const value = readPojo(r, of);
    r.leave();
    return value;
  }

  /** Java takes a map for a POJO parameter. */
  private readMap(r: HessianReader, tag: number): unknown {
    r.beginMap(tag);
    const fields = this.resolved ?? this.prepare();
    const value: Fields = {};
    r.addRef(value);
    r.enter();
    while (!r.isEnd()) {
      const keyTag = r.readTag();
      if (r.kinds[keyTag] !== Kind.string) throw r.unexpected(`a field name of ${this.expected}`, keyTag);
      const name = r.readString(keyTag);
      const field = fields.find((one) => one.name === name);
      try {
        if (field === undefined) skipValue(r);
        else define(value, name, field.codec.read(r));
      } catch (error) {
        throw within(error, `.${name}`);
      }
    }
    for (const { name, codec } of fields)
      if (!Object.hasOwn(value, name)) define(value, name, codec.missing());
    r.leave();
    if (this.node.parent !== undefined) value[CLASS_NAME] = this.node.javaName;
    return value;
  }

  private readRef(r: HessianReader, tag: number): unknown {
    const number = r.readRefNumber(tag);
    const value = r.refAt(number, (again) => this.read(again));
    const of = r.refClass(number);
    if (of !== undefined ? this.node.open || this.codecOf(of.name) !== undefined : isPlainObject(value))
      return value;
    throw of === undefined
      ? this.badReference(value)
      : decodeFault(`expected ${this.expected}, got a reference to a ${of.name}`);
  }

  private advice(className: string): string {
    const simple = className.slice(className.lastIndexOf('.') + 1);
    return `define it (defineClass('${className}', .., { extends: ${simpleName(this.expected)} })), or keep unlisted ones such as ${simple} with .open()`;
  }
}

/** Reads the fields of an object into `value`. */
function readFields(r: HessianReader, of: WireClass, plan: Plan, value: Fields): void {
  const { codecs, inlines, names } = plan;
  const { set } = plan.shape;
  const { kinds } = r;
  let to = 0;
  let i = 0;
  try {
    for (; i < codecs.length; i++) {
      const codec = codecs[i];
      if (codec === undefined) {
        skipValue(r);
        continue;
      }
      const tag = r.readTag();
      let field: unknown;
      switch (inlines[i] * 16 + kinds[tag]) {
        case Inline.string * 16 + Kind.string:
          field = r.readString(tag);
          break;
        case Inline.int * 16 + Kind.int:
          field = r.readInt(tag);
          break;
        case Inline.long * 16 + Kind.long:
          field = r.readLong(tag);
          break;
        case Inline.safeLong * 16 + Kind.long:
          field = r.readLongNumber(tag);
          if (!Number.isSafeInteger(field)) throw notSafe(field as number);
          break;
        case Inline.double * 16 + Kind.double:
          field = r.readDouble(tag);
          break;
        case Inline.boolean * 16 + Kind.true:
          field = true;
          break;
        case Inline.boolean * 16 + Kind.false:
          field = false;
          break;
        default:
          field = codec.readTagged(r, tag);
      }
      set(value, names, to++, field);
    }
  } catch (error) {
    throw within(error, `.${of.fieldNames[i]}`);
  }
  if (plan.missing.length > 0) addMissing(value, plan, to);
}

function addMissing(value: Fields, { missing, names, shape }: Plan, to: number): void {
  for (let i = 0; i < missing.length; i++) {
    try {
      shape.set(value, names, to + i, missing[i].missing());
    } catch (error) {
      throw within(error, `.${names[to + i]}`);
    }
  }
}

function simpleName(javaName: string): string {
  return javaName.slice(javaName.lastIndexOf('.') + 1);
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Also for names such as `__proto__`: always an own property. */
function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Java writes fields of primitive and java.lang types before the others (vectors, object/Person). */
export function javaOrder(fields: readonly FieldNode[]): readonly FieldNode[] {
  return [...fields.filter(({ node }) => isSimple(node)), ...fields.filter(({ node }) => !isSimple(node))];
}

function isSimple({ javaName }: SchemaNode): boolean {
  return !/[.[]/.test(javaName) || (javaName.startsWith('java.lang.') && javaName !== 'java.lang.Object');
}
