import { Decimal } from '../values/decimal.js';
import { JavaClass } from '../values/java-class.js';
import type { JavaTimeKind, LeafKind } from '../values/schema.js';
import { ClassDef } from './class-def.js';
import type { Grammar } from './grammar.js';
import type { Codec } from './typed-codec.js';
import { ListCodec } from './typed-collections.js';
import { type Handle, HandleCodec } from './typed-handle.js';
import { millis, plainCodec } from './typed-plain.js';
import { scalarCodec } from './typed-scalars.js';
import { timeCodec } from './typed-time.js';

const string = plainCodec('string', false) as Codec;
const date = plainCodec('date', false) as Codec;

/** A value of one text field. */
function textHandle<T>(
  expected: string,
  className: string,
  field: string,
  is: (value: unknown) => boolean,
  text: (value: T) => string,
  make: (text: string) => T,
): Handle {
  return {
    expected,
    def: new ClassDef(className, [field]),
    fields: [string],
    is,
    parts: (value: T) => [text(value)],
    make: ([value]: readonly string[]) => make(value),
  } as Handle;
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function same(text: string): string {
  return text;
}

/** java.sql's three classes: what is written is a java.util.Date's milliseconds (vectors, date/sql.Date). */
function sqlHandle(name: string): Handle {
  return {
    expected: 'Date',
    def: new ClassDef(`java.sql.${name}`, ['value']),
    fields: [date],
    is: (value) => value instanceof Date && millis(value, 'Date') !== undefined,
    parts: (value: Date) => [value],
    make: ([value]: readonly Date[]) => value,
  } as Handle;
}

const int = scalarCodec('int', 'int', false, false);
const long = scalarCodec('long', 'long', false, false);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const uuidHandle = {
  expected: 'UUID',
  def: new ClassDef('java.util.UUID', ['mostSigBits', 'leastSigBits']),
  fields: [long, long],
  is: (value: unknown) => typeof value === 'string' && UUID.test(value),
  parts: (value: string) => {
    const hex = value.replaceAll('-', '');
    return [
      BigInt.asIntN(64, BigInt(`0x${hex.slice(0, 16)}`)),
      BigInt.asIntN(64, BigInt(`0x${hex.slice(16)}`)),
    ];
  },
  make: (parts: readonly bigint[]) => {
    const [most, least] = parts.map((part) => BigInt.asUintN(64, part).toString(16).padStart(16, '0'));
    return `${most.slice(0, 8)}-${most.slice(8, 12)}-${most.slice(12)}-${least.slice(0, 4)}-${least.slice(4)}`;
  },
} as Handle;

/** Java's six fields; the four between are caches that it writes as 0 (vectors, bignum/BigInteger). */
const bigIntegerHandle = {
  expected: 'bigint',
  def: new ClassDef('java.math.BigInteger', [
    'signum',
    'bitCountPlusOne',
    'bitLengthPlusOne',
    'lowestSetBitPlusTwo',
    'firstNonzeroIntNumPlusTwo',
    'mag',
  ]),
  fields: [int, int, int, int, int, new ListCodec('int[]', false, '[int', int)],
  is: (value: unknown) => typeof value === 'bigint' || Number.isSafeInteger(value),
  parts: (value: bigint | number) => [
    value > 0 ? 1 : value < 0 ? -1 : 0,
    0,
    0,
    0,
    0,
    magnitude(BigInt(value)),
  ],
  make: ([signum, , , , , mag]: readonly [number, ...number[], number[]]) => {
    const hex = (mag as number[]).map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
    const value = BigInt(`0x0${hex}`);
    return signum < 0 ? -value : value;
  },
} as unknown as Handle;

/** 32-bit words of the absolute value, the highest first. */
function magnitude(value: bigint): number[] {
  const hex = (value < 0n ? -value : value).toString(16);
  const words: number[] = [];
  for (let end = hex.length; end > 0; end -= 8)
    words.unshift(Number.parseInt(hex.slice(Math.max(0, end - 8), end), 16) | 0);
  return value === 0n ? [] : words;
}

/** The codec of a Java class that is an object of its own on the wire. */
export function handleCodec(kind: LeafKind, grammar: Grammar, nullable: boolean): Codec {
  const handle = handleOf(kind);
  return handle === undefined
    ? timeCodec(kind as JavaTimeKind, grammar, nullable)
    : new HandleCodec(handle, nullable);
}

function handleOf(kind: LeafKind): Handle | undefined {
  switch (kind) {
    case 'bigDecimal':
      return textHandle<Decimal>(
        'Decimal',
        'java.math.BigDecimal',
        'value',
        Decimal.is,
        (value) => value.value,
        (text) => new Decimal(text),
      );
    case 'javaClass':
      return textHandle<JavaClass>(
        'JavaClass',
        'java.lang.Class',
        'name',
        JavaClass.is,
        (value) => value.name,
        (text) => new JavaClass(text),
      );
    case 'locale':
      return textHandle('locale', 'com.caucho.hessian.io.LocaleHandle', 'value', isString, same, same);
    case 'currency':
      return textHandle('currency', 'java.util.Currency', 'currencyCode', isString, same, same);
    case 'sqlDate':
      return sqlHandle('Date');
    case 'sqlTime':
      return sqlHandle('Time');
    case 'sqlTimestamp':
      return sqlHandle('Timestamp');
    case 'uuid':
      return uuidHandle;
    case 'bigInteger':
      return bigIntegerHandle;
    default:
      return undefined;
  }
}
