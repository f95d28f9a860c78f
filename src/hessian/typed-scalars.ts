import type { ScalarKind } from '../values/schema.js';
import { ClassDef } from './class-def.js';
import { decodeFault, encodeFault } from './faults.js';
import { Kind } from './grammar.js';
import type { HessianReader } from './reader.js';
import { Codec, Inline } from './typed-codec.js';
import type { HessianWriter } from './writer.js';

/** What Hessian 4 wraps a boxed Float, Short and Byte in, so that they come back as such (vectors of `final`, float/*). */
const HANDLES = {
  float: new ClassDef('com.caucho.hessian.io.FloatHandle', ['_value']),
  short: new ClassDef('com.caucho.hessian.io.ShortHandle', ['_value']),
  byte: new ClassDef('com.caucho.hessian.io.ByteHandle', ['_value']),
};

/** Java's primitives have no null: a missing field has their default, as in Java. */
function isPrimitive(javaName: string): boolean {
  return !javaName.includes('.');
}

abstract class ScalarCodec extends Codec {
  private readonly primitive: boolean;

  constructor(javaName: string, nullable: boolean) {
    super(javaName.replace('java.lang.', ''), nullable, javaName);
    this.primitive = isPrimitive(javaName);
  }

  override missing(): unknown {
    return this.primitive ? this.zero() : super.missing();
  }

  protected abstract zero(): unknown;
}

class BooleanCodec extends ScalarCodec {
  override readonly inline = Inline.boolean;

  protected writeValue(w: HessianWriter, value: unknown): void {
    if (typeof value !== 'boolean') throw this.wrong(value);
    w.writeBoolean(value);
  }

  readValue(r: HessianReader, tag: number): boolean {
    if (tag === 0x54) return true;
    if (tag === 0x46) return false;
    throw r.unexpected(this.expected, tag);
  }

  protected zero(): boolean {
    return false;
  }
}

/** A number from whatever numeric form the peer chose; a long is exact or no safe integer. */
function readNumber(r: HessianReader, tag: number, expected: string): number {
  switch (r.kinds[tag]) {
    case Kind.int:
      return r.readInt(tag);
    case Kind.long:
      return r.readLongNumber(tag);
    case Kind.double:
      return r.readDouble(tag);
    case Kind.object:
    case Kind.definition: {
      const of = r.readClass(tag);
      const handle = of.name.startsWith('com.caucho.hessian.io.') && of.fieldNames.length === 1;
      if (!handle || of.fieldNames[0] !== '_value')
        throw decodeFault(`expected ${expected}, got a ${of.name}`);
      const ref = r.addRef(undefined, of);
      const next = r.readTag();
      const kind = r.kinds[next];
      if (kind === Kind.object || kind === Kind.definition) throw r.unexpected(expected, next);
      const value = readNumber(r, next, expected);
      r.setRef(ref, value);
      return value;
    }
    case Kind.ref: {
      const value = r.readRef(tag, (again) => readNumber(again, again.readTag(), expected));
      if (typeof value === 'number') return value;
      throw r.unexpected(expected, tag);
    }
    default:
      throw r.unexpected(expected, tag);
  }
}

/** byte, short and int. */
class IntCodec extends ScalarCodec {
  override readonly inline: Inline;
  private readonly min: number;
  private readonly max: number;

  constructor(
    javaName: string,
    nullable: boolean,
    bits: number,
    private readonly handle: ClassDef | undefined,
  ) {
    super(javaName, nullable);
    this.min = -(2 ** (bits - 1));
    this.max = 2 ** (bits - 1) - 1;
    this.inline = bits === 32 ? Inline.int : Inline.none;
  }

  protected writeValue(w: HessianWriter, value: unknown): void {
    if (typeof value !== 'number') throw this.wrong(value);
    if ((value | 0) !== value || value < this.min || value > this.max) throw encodeFault(this.outside(value));
    if (this.handle !== undefined) {
      w.skipRefs(1);
      w.writeObjectBegin(this.handle);
    }
    w.writeInt(value);
  }

  readValue(r: HessianReader, tag: number): number {
    const value = readNumber(r, tag, this.expected);
    if ((value | 0) !== value || value < this.min || value > this.max) throw decodeFault(this.outside(value));
    return value | 0;
  }

  private outside(value: number): string {
    return Number.isInteger(value)
      ? `${value} does not fit in ${this.expected} (${this.min} to ${this.max})`
      : `expected ${this.expected}, got ${value}, which is no integer`;
  }

  protected zero(): number {
    return 0;
  }
}

class LongCodec extends ScalarCodec {
  override readonly inline = Inline.long;

  protected writeValue(w: HessianWriter, value: unknown): void {
    writeLong(w, value, this);
  }

  readValue(r: HessianReader, tag: number): bigint {
    if (r.kinds[tag] === Kind.long) return r.readLong(tag);
    const value = readNumber(r, tag, this.expected);
    if (!Number.isSafeInteger(value)) throw decodeFault(`expected ${this.expected}, got ${value}`);
    return BigInt(value);
  }

  protected zero(): bigint {
    return 0n;
  }
}

/** A Java long read as a number: past 2^53 it fails instead of losing digits. */
class SafeLongCodec extends ScalarCodec {
  override readonly inline = Inline.safeLong;

  protected writeValue(w: HessianWriter, value: unknown): void {
    writeLong(w, value, this);
  }

  readValue(r: HessianReader, tag: number): number {
    const value = readNumber(r, tag, this.expected);
    if (Number.isSafeInteger(value)) return value;
    throw notSafe(value);
  }

  protected zero(): number {
    return 0;
  }
}

export function notSafe(value: number): Error {
  return decodeFault(`the long ${value} is past 2^53 and cannot be a number: declare it as t.long, a bigint`);
}

function writeLong(w: HessianWriter, value: unknown, codec: Codec): void {
  if (typeof value === 'bigint') w.writeLong(value);
  else if (typeof value !== 'number') {
    throw encodeFault(`expected ${codec.expected} (a bigint or a safe integer), got ${typeof value}`);
  } else if (Number.isSafeInteger(value)) w.writeLongNumber(value);
  else throw encodeFault(`${value} is not a safe integer: write a long as a bigint`);
}

class DoubleCodec extends ScalarCodec {
  override readonly inline = Inline.double;

  protected writeValue(w: HessianWriter, value: unknown): void {
    if (typeof value !== 'number') throw this.wrong(value);
    w.writeDouble(value);
  }

  readValue(r: HessianReader, tag: number): number {
    return readNumber(r, tag, this.expected);
  }

  protected zero(): number {
    return 0;
  }
}

class FloatCodec extends ScalarCodec {
  constructor(
    javaName: string,
    nullable: boolean,
    private readonly handle: ClassDef | undefined,
  ) {
    super(javaName, nullable);
  }

  protected writeValue(w: HessianWriter, value: unknown): void {
    if (typeof value !== 'number') throw this.wrong(value);
    const float = Math.fround(value);
    if (Number.isFinite(value) && !Number.isFinite(float))
      throw encodeFault(`${value} does not fit in ${this.expected}`);
    if (this.handle !== undefined) {
      w.skipRefs(1);
      w.writeObjectBegin(this.handle);
    }
    w.writeDouble(float);
  }

  readValue(r: HessianReader, tag: number): number {
    return Math.fround(readNumber(r, tag, this.expected));
  }

  protected zero(): number {
    return 0;
  }
}

/** One UTF-16 unit. */
class CharCodec extends ScalarCodec {
  protected writeValue(w: HessianWriter, value: unknown): void {
    if (typeof value !== 'string') throw this.wrong(value);
    if (value.length !== 1)
      throw encodeFault(`expected ${this.expected}, got a string of ${value.length} characters`);
    w.writeString(value);
  }

  readValue(r: HessianReader, tag: number): string {
    if (r.kinds[tag] !== Kind.string) throw r.unexpected(this.expected, tag);
    const value = r.readString(tag);
    if (value.length !== 1)
      throw decodeFault(`expected ${this.expected}, got a string of ${value.length} characters`);
    return value;
  }

  protected zero(): string {
    return '\0';
  }
}

/** The codec of a number, a boolean or a character. */
export function scalarCodec(kind: ScalarKind, javaName: string, nullable: boolean, final: boolean): Codec {
  const boxedHandles = final && !isPrimitive(javaName);
  switch (kind) {
    case 'boolean':
      return new BooleanCodec(javaName, nullable);
    case 'byte':
      return new IntCodec(javaName, nullable, 8, boxedHandles ? HANDLES.byte : undefined);
    case 'short':
      return new IntCodec(javaName, nullable, 16, boxedHandles ? HANDLES.short : undefined);
    case 'int':
      return new IntCodec(javaName, nullable, 32, undefined);
    case 'long':
      return new LongCodec(javaName, nullable);
    case 'safeLong':
      return new SafeLongCodec(javaName, nullable);
    case 'float':
      return new FloatCodec(javaName, nullable, boxedHandles ? HANDLES.float : undefined);
    case 'double':
      return new DoubleCodec(javaName, nullable);
    case 'char':
      return new CharCodec(javaName, nullable);
  }
}
