import { MeshError } from '../core/errors.js';
import type { LeafKind } from '../values/schema.js';
import { decodeFault, within } from './faults.js';
import { type Grammar, Kind } from './grammar.js';
import { type FieldType, type Form, type JdkType, madeOf } from './jdk-type.js';
import { JDK_TYPES } from './jdk-types.js';
import type { HessianReader } from './reader.js';
import { skipValue } from './skip.js';
import { Codec } from './typed-codec.js';
import { ListCodec } from './typed-collections.js';
import { plainCodec } from './typed-plain.js';
import { scalarCodec } from './typed-scalars.js';
import type { HessianWriter } from './writer.js';

/** A form, and the codecs of its fields in one grammar. */
interface Handle extends Form<unknown> {
  readonly codecs: readonly Codec[];
}

function handleOf({ def, types, parts, make }: Form<unknown>, grammar: Grammar): Handle {
  return { def, types, parts, make, codecs: types.map((type) => fieldCodec(type, grammar)) };
}

const int = scalarCodec('int', 'int', false, false);
const SCALARS: ReadonlyMap<FieldType, Codec> = new Map<FieldType, Codec>([
  ['int', int],
  ['long', scalarCodec('long', 'long', false, false)],
  ['text', plainCodec('string', false) as Codec],
  ['date', plainCodec('date', false) as Codec],
  ['ints', new ListCodec('int[]', false, '[int', int)],
]);

function fieldCodec(type: FieldType, grammar: Grammar): Codec {
  return typeof type === 'string' ? SCALARS.get(type)! : new HandleCodec(type, grammar, false);
}

const BY_KIND: ReadonlyMap<LeafKind | undefined, JdkType<unknown>> = new Map(
  JDK_TYPES.map((type) => [type.kind, type]),
);

/** The codec of a class of the table. */
export function handleCodec(kind: LeafKind, grammar: Grammar, nullable: boolean): Codec {
  return new HandleCodec(BY_KIND.get(kind)!, grammar, nullable);
}

/** Writes and reads the values of a {@link JdkType}. */
export class HandleCodec extends Codec {
  private readonly handle: Handle;
  /** Another form in which a peer may write the value. */
  private readonly other: Handle | undefined;
  private readonly is: (value: unknown) => boolean;

  constructor(
    { expected, is, form, other, otherInFinal }: JdkType<unknown>,
    grammar: Grammar,
    nullable: boolean,
  ) {
    const [written, read] =
      other !== undefined && otherInFinal === true && grammar === 'final' ? [other, form] : [form, other];
    super(expected, nullable, written.def.name);
    this.handle = handleOf(written, grammar);
    this.other = read && handleOf(read, grammar);
    this.is = is;
  }

  protected writeValue(w: HessianWriter, value: unknown): void {
    const { handle } = this;
    if (!this.is(value)) throw this.wrong(value);
    // Java makes a new handle each time, so that it never refers to one; only BigDecimal and Class are written as
    // themselves, and two that are equal are as good as one.
    w.skipRefs(1);
    w.writeObjectBegin(handle.def);
    const parts = handle.parts(value);
    for (let i = 0; i < parts.length; i++) handle.codecs[i].write(w, parts[i]);
  }

  readValue(r: HessianReader, tag: number): unknown {
    const kind = r.kinds[tag];
    if (kind === Kind.ref) {
      const value = this.readReference(r, tag);
      if (this.is(value)) return value;
      throw this.badReference(value);
    }
    if (kind !== Kind.object && kind !== Kind.definition) throw r.unexpected(this.expected, tag);
    const of = r.readClass(tag);
    const handle = of.name === this.other?.def.name ? this.other : this.handle;
    const { def, codecs } = handle;
    if (of.name !== def.name) throw decodeFault(`expected ${this.expected}, got a ${of.name}`);
    const ref = r.addRef(undefined, of);
    const parts = new Array<unknown>(codecs.length).fill(undefined);
    r.enter();
    for (let i = 0; i < of.fieldNames.length; i++) {
      const name = of.fieldNames[i];
      const at = def.fieldNames[i] === name ? i : def.fieldNames.indexOf(name);
      try {
        if (at < 0) skipValue(r);
        else parts[at] = codecs[at].read(r);
      } catch (error) {
        throw within(error, `.${name}`);
      }
    }
    r.leave();
    for (let i = 0; i < parts.length; i++) if (parts[i] === undefined) parts[i] = codecs[i].missing();
    const value = made(handle, parts);
    r.setRef(ref, value);
    return value;
  }
}

/** What a value's own constructor refuses is a fault of the bytes here. */
function made({ make }: Handle, parts: readonly unknown[]): unknown {
  try {
    return madeOf(make, parts);
  } catch (error) {
    if (MeshError.is(error) && error.code === 'INVALID_ARGUMENT') throw decodeFault(error.message);
    throw error;
  }
}
