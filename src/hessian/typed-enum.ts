import type { EnumNode } from '../values/schema.js';
import { ClassDef } from './class-def.js';
import { decodeFault, encodeFault } from './faults.js';
import { Kind } from './grammar.js';
import type { HessianReader } from './reader.js';
import { skipValue } from './skip.js';
import { Codec } from './typed-codec.js';
import type { HessianWriter } from './writer.js';

/** An enum constant: an object with its name on the wire (vectors, enum/RED), a string here. */
export class EnumCodec extends Codec {
  private readonly def: ClassDef;
  /** Stands for each constant among the references, for in Java a constant is one object (vectors, ref/sameEnum). */
  private readonly constants = new Map<string, object>();

  constructor(private readonly node: EnumNode) {
    super(node.javaName, node.nullable, node.javaName);
    this.def = new ClassDef(node.javaName, ['name']);
    for (const constant of node.constants) this.constants.set(constant, {});
  }

  protected writeValue(w: HessianWriter, value: unknown): void {
    if (typeof value !== 'string')
      throw encodeFault(`expected a constant of ${this.expected}, got ${typeof value}`);
    const constant = this.constants.get(value);
    if (constant === undefined) {
      if (!this.node.open) throw encodeFault(this.unknown(value));
      w.skipRefs(1);
    } else if (w.addRef(constant)) return;
    w.writeObjectBegin(this.def);
    w.writeString(value);
  }

  readValue(r: HessianReader, tag: number): string {
    const kind = r.kinds[tag];
    if (kind === Kind.ref) return this.checked(nameOf(this.readReference(r, tag)) ?? tag, r);
    // Some peers write the bare name.
    if (kind === Kind.string) return this.checked(r.readString(tag), r);
    if (kind !== Kind.object && kind !== Kind.definition)
      throw r.unexpected(`a constant of ${this.expected}`, tag);
    const of = r.readClass(tag);
    // A constant with a body has a class of its own in the grammar `sofa`: Color$1 (vectors, enum/BLUE-body).
    if (of.name !== this.expected && !of.name.startsWith(`${this.expected}$`)) {
      throw decodeFault(`expected a constant of ${this.expected}, got a ${of.name}`);
    }
    const ref = r.addRef(undefined, of);
    let name: unknown;
    for (const field of of.fieldNames) {
      if (field !== 'name') skipValue(r);
      else {
        const next = r.readTag();
        if (r.kinds[next] !== Kind.string)
          throw r.unexpected(`the name of a constant of ${this.expected}`, next);
        name = r.readString(next);
      }
    }
    if (typeof name !== 'string') throw decodeFault(`a constant of ${this.expected} without its name`);
    r.setRef(ref, name);
    return this.checked(name, r);
  }

  private checked(name: string | number, r: HessianReader): string {
    if (typeof name === 'number') throw r.unexpected(`a constant of ${this.expected}`, name);
    if (this.constants.has(name) || this.node.open) return name;
    throw decodeFault(`${this.unknown(name)}; add it, or keep unknown ones with .open()`);
  }

  private unknown(name: string): string {
    return `${JSON.stringify(name.slice(0, 60))} is no constant of ${this.expected}`;
  }
}

/** A constant that was read as one, or without a schema. */
function nameOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const name = typeof value === 'object' && value !== null ? (value as { name?: unknown }).name : undefined;
  return typeof name === 'string' ? name : undefined;
}
