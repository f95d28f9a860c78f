import type { LeafKind } from '../values/schema.js';
import { decodeFault, encodeFault } from './faults.js';
import { Kind } from './grammar.js';
import type { HessianReader } from './reader.js';
import { Codec, Inline } from './typed-codec.js';
import type { HessianWriter } from './writer.js';

class StringCodec extends Codec {
  override readonly inline = Inline.string;

  protected writeValue(w: HessianWriter, value: unknown): void {
    if (typeof value !== 'string') throw this.wrong(value);
    w.writeString(value);
  }

  readValue(r: HessianReader, tag: number): string {
    if (r.kinds[tag] !== Kind.string) throw r.unexpected(this.expected, tag);
    return r.readString(tag);
  }
}

class DateCodec extends Codec {
  protected writeValue(w: HessianWriter, value: unknown): void {
    w.writeDate(millis(value, this.expected));
  }

  readValue(r: HessianReader, tag: number): Date {
    if (r.kinds[tag] !== Kind.date) throw r.unexpected(this.expected, tag);
    return dateOf(r.readDate(tag));
  }
}

/** The time of a valid Date. */
export function millis(value: unknown, expected: string): number {
  if (!(value instanceof Date)) throw encodeFault(`expected ${expected}, got ${typeof value}`);
  const ms = value.getTime();
  if (Number.isNaN(ms)) throw encodeFault(`expected ${expected}, got an invalid Date`);
  return ms;
}

/** The Date of Java's milliseconds, where JavaScript has one. */
function dateOf(ms: number | bigint): Date {
  if (ms > 8.64e15 || ms < -8.64e15)
    throw decodeFault(`the date of ${ms} ms is outside what a Date can hold`);
  return new Date(Number(ms));
}

class BytesCodec extends Codec {
  protected writeValue(w: HessianWriter, value: unknown): void {
    if (!(value instanceof Uint8Array)) throw this.wrong(value);
    w.writeBytes(value);
  }

  readValue(r: HessianReader, tag: number): Uint8Array {
    if (r.kinds[tag] !== Kind.bytes) throw r.unexpected(this.expected, tag);
    return r.readBytes(tag);
  }
}

/** `char[]`, which Java writes as a string (vectors, array/char). Read as an array of characters, as other arrays are. */
export class CharArrayCodec extends Codec {
  constructor(nullable: boolean) {
    super('char[]', nullable, '[C');
  }

  protected writeValue(w: HessianWriter, value: unknown): void {
    if (!Array.isArray(value)) throw this.wrong(value);
    for (const [i, char] of value.entries()) {
      if (typeof char !== 'string' || char.length !== 1)
        throw encodeFault(`expected char[], but [${i}] is no character`);
    }
    w.writeString(value.join(''));
  }

  readValue(r: HessianReader, tag: number): string[] {
    if (r.kinds[tag] !== Kind.string) throw r.unexpected(this.expected, tag);
    return r.readString(tag).split('');
  }
}

/** The codec of a class that Hessian has a form of its own for; undefined for the others. */
export function plainCodec(kind: LeafKind, nullable: boolean): Codec | undefined {
  switch (kind) {
    case 'string':
      return new StringCodec('string', nullable, 'java.lang.String');
    case 'date':
      return new DateCodec('Date', nullable, 'java.util.Date');
    case 'bytes':
      return new BytesCodec('Uint8Array', nullable, '[B');
    default:
      return undefined;
  }
}
