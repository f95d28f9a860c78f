import type { SchemaNode } from '../values/schema.js';
import { decodeFault, encodeFault } from './faults.js';
import { Kind } from './grammar.js';
import type { HessianReader } from './reader.js';
import type { Shapes } from './shapes.js';
import type { HessianWriter } from './writer.js';

/** Writes and reads the values of one schema node. */
export interface TypedCodec {
  /** @throws MeshError ENCODE_FAILED with the path of the wrong value; `w.out.pos` is then wherever it was. */
  write(w: HessianWriter, value: unknown): void;
  /** @throws MeshError DECODE_FAILED with the path of the wrong value. */
  read(r: HessianReader): unknown;
}

/**
 * What a class codec does with a field by itself, without a call: the commonest kinds. The codec of the field is asked
 * for everything else, a wrong value too.
 */
export const Inline = { none: 0, boolean: 1, int: 2, long: 3, double: 4, string: 5, safeLong: 6 } as const;
export type Inline = (typeof Inline)[keyof typeof Inline];

/** A codec of this library: null is dealt with here, subclasses see real values only. */
export abstract class Codec implements TypedCodec {
  /** See {@link Inline}. */
  readonly inline: Inline = Inline.none;

  constructor(
    /** What a message calls the type. */
    readonly expected: string,
    readonly nullable: boolean,
    /** The form it is written in, for references: see HessianWriter.addRef. */
    readonly form: string,
  ) {}

  write(w: HessianWriter, value: unknown): void {
    if (value !== null && value !== undefined) this.writeValue(w, value);
    else if (this.nullable) w.writeNull();
    else throw this.wrong(value);
  }

  read(r: HessianReader): unknown {
    return this.readTagged(r, r.readTag());
  }

  /** Reads a value after its tag. */
  readTagged(r: HessianReader, tag: number): unknown {
    if (tag !== 0x4e) return this.readValue(r, tag);
    if (!this.nullable) throw decodeFault(`expected ${this.expected}, got null`);
    return null;
  }

  /** Writes a value that is neither null nor undefined. */
  protected abstract writeValue(w: HessianWriter, value: unknown): void;
  /** Reads a value that is not null, after its tag. */
  abstract readValue(r: HessianReader, tag: number): unknown;

  /** What a field has that the peer did not write. */
  missing(): unknown {
    if (!this.nullable) throw decodeFault(`expected ${this.expected}, the peer's class has no such field`);
    return null;
  }

  protected wrong(value: unknown): Error {
    return encodeFault(`expected ${this.expected}, got ${describe(value)}`);
  }

  /** Reads a reference, for a codec whose values can be referred to. */
  protected readReference(r: HessianReader, tag: number): unknown {
    return r.readRef(tag, (again) => this.read(again));
  }

  protected isReference(r: HessianReader, tag: number): boolean {
    return r.kinds[tag] === Kind.ref;
  }

  /** For a reference to something else than this codec reads. */
  protected badReference(value: unknown): Error {
    return decodeFault(`expected ${this.expected}, got a reference to ${describe(value)}`);
  }
}

/** Where a codec finds the codecs of other nodes: the codec cache. */
export interface Codecs {
  readonly shapes: Shapes;
  codec(node: SchemaNode): Codec;
}

/** A value as a message tells it: its type, and the value itself where that says more. Never an object's contents. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'an array';
      const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name;
      if (typeof name !== 'string' || name === '' || name === 'Object') return 'an object';
      return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
    }
    case 'function':
      return 'a function';
    default:
      return typeof value;
  }
}
