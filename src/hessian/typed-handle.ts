import { MeshError } from '../core/errors.js';
import type { ClassDef } from './class-def.js';
import { decodeFault, within } from './faults.js';
import { Kind } from './grammar.js';
import type { HessianReader } from './reader.js';
import { skipValue } from './skip.js';
import { Codec } from './typed-codec.js';
import type { HessianWriter } from './writer.js';

/** A Java value that is an object of fixed fields on the wire, and one value here. */
export interface Handle {
  /** What a message calls it. */
  readonly expected: string;
  /** The class on the wire and its fields, each with its codec. */
  readonly def: ClassDef;
  readonly fields: readonly Codec[];
  /** Whether `value` is one of these. */
  is(value: unknown): boolean;
  /** The fields' values, in the order of `def`. */
  parts(value: never): readonly unknown[];
  /** The value of the fields. May refuse them with INVALID_ARGUMENT. */
  make(parts: readonly never[]): unknown;
}

/** Writes and reads what a {@link Handle} describes. */
export class HandleCodec extends Codec {
  constructor(
    private readonly handle: Handle,
    nullable: boolean,
    /** Another form in which a peer may write the value. */
    private readonly other?: Handle,
  ) {
    super(handle.expected, nullable, handle.def.name);
  }

  protected writeValue(w: HessianWriter, value: unknown): void {
    const { handle } = this;
    if (!handle.is(value)) throw this.wrong(value);
    // Java makes a new handle each time, so that it never refers to one; only BigDecimal and Class are written as
    // themselves, and two that are equal are as good as one.
    w.skipRefs(1);
    w.writeObjectBegin(handle.def);
    const parts = handle.parts(value as never);
    for (let i = 0; i < parts.length; i++) handle.fields[i].write(w, parts[i]);
  }

  readValue(r: HessianReader, tag: number): unknown {
    const kind = r.kinds[tag];
    if (kind === Kind.ref) {
      const value = this.readReference(r, tag);
      if (this.handle.is(value)) return value;
      throw this.badReference(value);
    }
    if (kind !== Kind.object && kind !== Kind.definition) throw r.unexpected(this.expected, tag);
    const of = r.readClass(tag);
    const handle = of.name === this.other?.def.name ? this.other : this.handle;
    const { def, fields, make } = handle;
    if (of.name !== def.name) throw decodeFault(`expected ${this.expected}, got a ${of.name}`);
    const ref = r.addRef(undefined, of);
    const parts = new Array<unknown>(fields.length).fill(undefined);
    r.enter();
    for (let i = 0; i < of.fieldNames.length; i++) {
      const name = of.fieldNames[i];
      const at = def.fieldNames[i] === name ? i : def.fieldNames.indexOf(name);
      try {
        if (at < 0) skipValue(r);
        else parts[at] = fields[at].read(r);
      } catch (error) {
        throw within(error, `.${name}`);
      }
    }
    r.leave();
    for (let i = 0; i < parts.length; i++) if (parts[i] === undefined) parts[i] = fields[i].missing();
    const value = made(() => make(parts as never[]));
    r.setRef(ref, value);
    return value;
  }
}

/** What a value's own constructor refuses is a fault of the bytes here. */
function made<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (MeshError.is(error) && error.code === 'INVALID_ARGUMENT') throw decodeFault(error.message);
    throw error;
  }
}
