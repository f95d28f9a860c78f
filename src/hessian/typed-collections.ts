import { ClassDef } from './class-def.js';
import { decodeFault, within } from './faults.js';
import { Kind } from './grammar.js';
import type { HessianReader } from './reader.js';
import { skipValue } from './skip.js';
import { Codec } from './typed-codec.js';
import type { HessianWriter } from './writer.js';

/** What lists, sets and arrays have in common: items of one codec behind a list's head. */
abstract class ItemsCodec extends Codec {
  constructor(
    expected: string,
    nullable: boolean,
    /** The type name on the wire; null for ArrayList, which has none. */
    private readonly type: string | null,
    protected readonly item: Codec,
  ) {
    super(expected, nullable, `${type ?? 'java.util.ArrayList'}<${item.form}>`);
  }

  protected writeItems(w: HessianWriter, identity: object, items: readonly unknown[]): void {
    if (w.addRef(identity, this.form)) return;
    const item = this.item;
    const length = items.length;
    const marked = w.beginList(this.type, length);
    w.enter();
    let i = 0;
    try {
      for (; i < length; i++) item.write(w, items[i]);
    } catch (error) {
      throw within(error, `[${i}]`);
    }
    w.leave();
    w.endList(marked);
  }

  protected readItems(r: HessianReader, length: number, items: unknown[]): void {
    const marked = r.marked;
    const item = this.item;
    r.enter();
    let i = 0;
    try {
      if (length < 0) for (; !r.isEnd(); i++) items.push(item.read(r));
      else {
        for (; i < length; i++) items.push(item.read(r));
        r.endList(marked);
      }
    } catch (error) {
      throw within(error, `[${i}]`);
    }
    r.leave();
  }
}

/** A List, another collection that is read as an array, or an array. */
export class ListCodec extends ItemsCodec {
  protected writeValue(w: HessianWriter, value: unknown): void {
    if (!Array.isArray(value)) throw this.wrong(value);
    this.writeItems(w, value, value);
  }

  readValue(r: HessianReader, tag: number): unknown[] {
    if (r.kinds[tag] === Kind.list) {
      const length = r.beginList(tag);
      const items: unknown[] = [];
      r.addRef(items);
      this.readItems(r, length, items);
      return items;
    }
    if (!this.isReference(r, tag)) throw r.unexpected(this.expected, tag);
    const value = this.readReference(r, tag);
    if (Array.isArray(value)) return value;
    if (value instanceof Set) return [...value];
    throw this.badReference(value);
  }
}

export class SetCodec extends ItemsCodec {
  protected writeValue(w: HessianWriter, value: unknown): void {
    if (!(value instanceof Set)) throw this.wrong(value);
    this.writeItems(w, value, [...value]);
  }

  readValue(r: HessianReader, tag: number): Set<unknown> {
    if (r.kinds[tag] === Kind.list) {
      const length = r.beginList(tag);
      const set = new Set<unknown>();
      r.addRef(set);
      const items: unknown[] = [];
      this.readItems(r, length, items);
      for (const item of items) set.add(item);
      return set;
    }
    if (r.kinds[tag] === Kind.object || r.kinds[tag] === Kind.definition) return this.readEnumSet(r, tag);
    if (!this.isReference(r, tag)) throw r.unexpected(this.expected, tag);
    const value = this.readReference(r, tag);
    if (value instanceof Set) return value;
    if (Array.isArray(value)) return new Set(value);
    throw this.badReference(value);
  }

  private readEnumSet(r: HessianReader, tag: number): Set<unknown> {
    const of = r.readClass(tag);
    if (of.name !== ENUM_SET) throw decodeFault(`expected ${this.expected}, got a ${of.name}`);
    const ref = r.addRef(undefined, of);
    r.enter();
    let set = new Set<unknown>();
    for (const name of of.fieldNames) {
      if (name === 'elements') set = this.readValue(r, r.readTag());
      else skipValue(r);
    }
    r.leave();
    r.setRef(ref, set);
    return set;
  }
}

/** What Hessian 4 writes for an EnumSet: the array of its elements is in a field (vectors of `final`, set/EnumSet). */
const ENUM_SET = 'java.util.EnumSet$SerializationProxy';

export class MapCodec extends Codec {
  constructor(
    nullable: boolean,
    private readonly type: string | null,
    private readonly key: Codec,
    private readonly value: Codec,
  ) {
    super('Map', nullable, `${type ?? 'java.util.HashMap'}<${key.form},${value.form}>`);
  }

  protected writeValue(w: HessianWriter, map: unknown): void {
    if (!(map instanceof Map)) throw this.wrong(map);
    if (w.addRef(map, this.form)) return;
    w.beginMap(this.type);
    w.enter();
    for (const [key, value] of map) {
      try {
        this.key.write(w, key);
      } catch (error) {
        throw within(error, keyStep(key));
      }
      try {
        this.value.write(w, value);
      } catch (error) {
        throw within(error, entryStep(key));
      }
    }
    w.leave();
    w.endMap();
  }

  readValue(r: HessianReader, tag: number): Map<unknown, unknown> {
    const kind = r.kinds[tag];
    if (kind === Kind.map) {
      r.beginMap(tag);
      const map = new Map<unknown, unknown>();
      r.addRef(map);
      this.readEntries(r, map);
      return map;
    }
    if (kind !== Kind.ref) throw r.unexpected(this.expected, tag);
    const value = this.readReference(r, tag);
    if (value instanceof Map) return value;
    throw this.badReference(value);
  }

  private readEntries(r: HessianReader, map: Map<unknown, unknown>): void {
    r.enter();
    while (!r.isEnd()) {
      let key: unknown;
      try {
        key = this.key.read(r);
      } catch (error) {
        throw within(error, `.key(${map.size})`);
      }
      try {
        map.set(key, this.value.read(r));
      } catch (error) {
        throw within(error, entryStep(key));
      }
    }
    r.leave();
  }
}

function keyStep(key: unknown): string {
  return `.key${entryStep(key)}`;
}

/** `["red"]`, `[3]`: keys that are objects are not told. */
function entryStep(key: unknown): string {
  switch (typeof key) {
    case 'string':
      return `[${JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}...` : key)}]`;
    case 'number':
    case 'bigint':
    case 'boolean':
      return `[${key}]`;
    default:
      return '[...]';
  }
}

const OPTIONAL = new ClassDef('java.util.Optional', ['value']);

/** An empty Optional and a null reference are both read as null; null is written as an empty one. */
export class OptionalCodec extends Codec {
  constructor(private readonly element: Codec) {
    super('Optional', true, 'java.util.Optional');
  }

  override write(w: HessianWriter, value: unknown): void {
    w.skipRefs(1);
    w.writeObjectBegin(OPTIONAL);
    if (value === null || value === undefined) w.writeNull();
    else this.element.write(w, value);
  }

  protected writeValue(w: HessianWriter, value: unknown): void {
    this.write(w, value);
  }

  readValue(r: HessianReader, tag: number): unknown {
    const kind = r.kinds[tag];
    if (kind === Kind.ref) return this.readReference(r, tag);
    if (kind !== Kind.object && kind !== Kind.definition) throw r.unexpected(this.expected, tag);
    const of = r.readClass(tag);
    if (of.name !== OPTIONAL.name || of.fieldNames.length !== 1) {
      throw decodeFault(`expected java.util.Optional, got a ${of.name}`);
    }
    const ref = r.addRef(null, of);
    r.enter();
    const value = r.readNull() ? null : this.element.read(r);
    r.leave();
    r.setRef(ref, value);
    return value;
  }
}
