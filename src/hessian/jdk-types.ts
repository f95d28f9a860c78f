import { Decimal } from '../values/decimal.js';
import { JavaClass } from '../values/java-class.js';
import type { LeafKind } from '../values/schema.js';
import { decodeFault } from './faults.js';
import { JAVA_TIME } from './jdk-time.js';
import {
  any,
  date,
  double,
  type Fields,
  form,
  int,
  ints,
  type JdkType,
  list,
  long,
  readOnly,
  text,
  type Values,
} from './jdk-type.js';
import { millis } from './typed-plain.js';

const HANDLES = 'com.caucho.hessian.io.';

function jdk<T, F extends Fields>(
  kind: LeafKind,
  javaName: string,
  expected: string,
  is: (value: unknown) => value is T,
  fields: readonly [...F],
  parts: (value: T) => Readonly<Values<F>>,
  make: (...parts: Values<F>) => T,
  className: string = javaName,
): JdkType<T> {
  return { kind, javaName, expected, is, form: form(className, fields, parts, make) };
}

const same = <T>(value: T): T => value;
const itself = <T>(value: T): [T] => [value];
const isString = (value: unknown): value is string => typeof value === 'string';

/** java.sql's three classes: what is written is a java.util.Date's milliseconds (vectors, date/sql.Date). */
function sql(kind: LeafKind, name: string): JdkType<Date> {
  const is = (value: unknown): value is Date => value instanceof Date && millis(value, 'Date') !== undefined;
  return jdk(kind, `java.sql.${name}`, 'Date', is, [date('value')], itself, same);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const isUuid = (value: unknown): value is string => isString(value) && UUID.test(value);
const isInteger = (value: unknown): value is bigint | number =>
  typeof value === 'bigint' || Number.isSafeInteger(value);

/**
 * Every class of the JDK that is an object of fixed fields on the wire. Sources: vectors bignum/*, jdk/*, javatime/*,
 * date/*. Of two that stand for the same values here the first is written without a contract.
 */
export const JDK_TYPES: readonly JdkType<unknown>[] = [
  jdk(
    'bigDecimal',
    'java.math.BigDecimal',
    'Decimal',
    Decimal.is,
    [text('value')],
    (value) => [value.value],
    (digits) => new Decimal(digits),
  ),
  jdk(
    'javaClass',
    'java.lang.Class',
    'JavaClass',
    JavaClass.is,
    [text('name')],
    (value) => [value.name],
    (name) => new JavaClass(name),
  ),
  ...JAVA_TIME,
  jdk(
    'bigInteger',
    'java.math.BigInteger',
    'bigint',
    isInteger,
    // The four in the middle are caches that Java writes as 0 and fills again (vectors, bignum/BigInteger).
    [
      int('signum'),
      int('bitCountPlusOne'),
      int('bitLengthPlusOne'),
      int('lowestSetBitPlusTwo'),
      int('firstNonzeroIntNumPlusTwo'),
      ints('mag'),
    ],
    (value) => [value > 0 ? 1 : value < 0 ? -1 : 0, 0, 0, 0, 0, wordsOf(BigInt(value))],
    (signum, _count, _length, _lowest, _first, words) => (signum < 0 ? -numberOf(words) : numberOf(words)),
  ),
  jdk(
    'uuid',
    'java.util.UUID',
    'UUID',
    isUuid,
    [long('mostSigBits'), long('leastSigBits')],
    (value) => {
      const hex = value.replaceAll('-', '');
      const bits = (digits: string) => BigInt.asIntN(64, BigInt(`0x${digits}`));
      return [bits(hex.slice(0, 16)), bits(hex.slice(16))];
    },
    (...parts) => {
      const [most, least] = parts.map((part) => BigInt.asUintN(64, part).toString(16).padStart(16, '0'));
      return `${most.slice(0, 8)}-${most.slice(8, 12)}-${most.slice(12)}-${least.slice(0, 4)}-${least.slice(4)}`;
    },
  ),
  jdk(
    'locale',
    'java.util.Locale',
    'locale',
    isString,
    [text('value')],
    itself,
    same,
    `${HANDLES}LocaleHandle`,
  ),
  jdk('currency', 'java.util.Currency', 'currency', isString, [text('currencyCode')], itself, same),
  sql('sqlDate', 'Date'),
  sql('sqlTime', 'Time'),
  sql('sqlTimestamp', 'Timestamp'),
  readOnly('java.util.Optional', 'java.util.Optional', [any('value')], (value) => value ?? null),
  readOnly('java.util.GregorianCalendar', `${HANDLES}CalendarHandle`, [date('date')], same),
  readOnly(
    'java.util.RegularEnumSet',
    'java.util.EnumSet$SerializationProxy',
    [list('elements')],
    (elements) => new Set(elements),
  ),
  // Hessian 4 alone: in the sofa grammar a byte, short or float is an int or double (vectors, smallnum/*, float/*).
  readOnly('java.lang.Byte', `${HANDLES}ByteHandle`, [int('_value')], same),
  readOnly('java.lang.Short', `${HANDLES}ShortHandle`, [int('_value')], same),
  readOnly('java.lang.Float', `${HANDLES}FloatHandle`, [double('_value')], same),
];

/** 32-bit words of the absolute value, the highest first. */
function wordsOf(value: bigint): number[] {
  if (value === 0n) return [];
  const hex = (value < 0n ? -value : value).toString(16);
  const words: number[] = [];
  let to = hex.length % 8 || 8;
  for (let from = 0; from < hex.length; from = to, to += 8)
    words.push(Number.parseInt(hex.slice(from, to), 16) | 0);
  return words;
}

/** Marks an array of words with the number it makes. */
const NUMBER = Symbol('number');
/** An array of as many words is converted faster than it is marked. */
const FEW_WORDS = 16;

/**
 * Many BigIntegers may share one array by reference (negate() does so in Java), and converting a huge one for each would
 * let a short message cost minutes: the array remembers its number.
 */
function numberOf(words: readonly number[] & { [NUMBER]?: bigint }): bigint {
  if (words.length <= FEW_WORDS) return convert(words);
  let number = words[NUMBER];
  if (number === undefined) {
    number = convert(words);
    Object.defineProperty(words, NUMBER, { value: number });
  }
  return number;
}

function convert(words: readonly number[]): bigint {
  let hex = '0x0';
  for (const word of words) {
    if (typeof word !== 'number' || (word | 0) !== word) throw decodeFault('field mag: expected an int[]');
    hex += (word >>> 0).toString(16).padStart(8, '0');
  }
  return BigInt(hex);
}
