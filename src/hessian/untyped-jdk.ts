import { MeshError } from '../core/errors.js';
import { Decimal } from '../values/decimal.js';
import { JavaClass } from '../values/java-class.js';
import { Instant, LocalDate, LocalDateTime, LocalTime } from '../values/java-time.js';
import { Duration, Period } from '../values/java-time-amounts.js';
import { MonthDay, Year, YearMonth } from '../values/java-time-fields.js';
import { OffsetDateTime, OffsetTime, ZonedDateTime, ZoneOffset } from '../values/java-time-zoned.js';
import { decodeFault } from './faults.js';

/** The fields of an object of a JDK class, by name; undefined where the peer sent none. Values are in their plain form. */
export interface Fields {
  get(name: string): unknown;
}

type Convert = (fields: Fields) => unknown;

const HANDLES = 'com.caucho.hessian.io.';
const TIME_HANDLES = `${HANDLES}java8.`;

/** Offsets as ZoneId.of takes them: then the zone is a ZoneOffset. */
const OFFSET = /^([+-])(\d\d?)(?::?(\d\d)(?::?(\d\d))?)?$/;

function zoneOf(id: string): ZoneOffset | string {
  if (id === 'Z') return new ZoneOffset(0);
  const found = OFFSET.exec(id);
  if (found === null) return id;
  const [, sign, hours, minutes = '0', seconds = '0'] = found;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return new ZoneOffset(sign === '-' ? -total : total);
}

/**
 * JDK classes, and the handles that Java writes in their place, by the class name on the wire: what a plain value of
 * them is. Sources: vectors bignum/*, jdk/*, javatime/*, date/*.
 */
const CONVERSIONS: Readonly<Record<string, Convert>> = {
  'java.math.BigDecimal': (f) => new Decimal(text(f, 'value')),
  'java.math.BigInteger': (f) => bigInteger(int(f, 'signum'), list(f, 'mag')),
  'java.util.UUID': (f) => uuid(long(f, 'mostSigBits'), long(f, 'leastSigBits')),
  'java.util.Currency': (f) => text(f, 'currencyCode'),
  'java.lang.Class': (f) => new JavaClass(text(f, 'name')),
  'java.util.Optional': (f) => f.get('value') ?? null,
  'java.sql.Date': (f) => f.get('value') ?? null,
  'java.sql.Time': (f) => f.get('value') ?? null,
  'java.sql.Timestamp': (f) => f.get('value') ?? null,
  'java.util.EnumSet$SerializationProxy': (f) => new Set(list(f, 'elements')),
  [`${HANDLES}LocaleHandle`]: (f) => text(f, 'value'),
  [`${HANDLES}CalendarHandle`]: (f) => f.get('date') ?? null,
  // Hessian 4 alone: in the sofa grammar a byte, short or float is an int or double (vectors, smallnum/*, float/*).
  [`${HANDLES}ByteHandle`]: (f) => int(f, '_value'),
  [`${HANDLES}ShortHandle`]: (f) => int(f, '_value'),
  [`${HANDLES}FloatHandle`]: (f) => number(f, '_value'),
  [`${TIME_HANDLES}LocalDateHandle`]: (f) => new LocalDate(int(f, 'year'), int(f, 'month'), int(f, 'day')),
  [`${TIME_HANDLES}LocalTimeHandle`]: (f) =>
    new LocalTime(int(f, 'hour'), int(f, 'minute'), int(f, 'second'), int(f, 'nano')),
  [`${TIME_HANDLES}LocalDateTimeHandle`]: (f) =>
    new LocalDateTime(value(f, 'date', LocalDate.is), value(f, 'time', LocalTime.is)),
  [`${TIME_HANDLES}InstantHandle`]: (f) => new Instant(long(f, 'seconds'), int(f, 'nanos')),
  [`${TIME_HANDLES}DurationHandle`]: (f) => new Duration(long(f, 'seconds'), int(f, 'nanos')),
  [`${TIME_HANDLES}PeriodHandle`]: (f) => new Period(int(f, 'years'), int(f, 'months'), int(f, 'days')),
  [`${TIME_HANDLES}YearHandle`]: (f) => new Year(int(f, 'year')),
  [`${TIME_HANDLES}YearMonthHandle`]: (f) => new YearMonth(int(f, 'year'), int(f, 'month')),
  [`${TIME_HANDLES}MonthDayHandle`]: (f) => new MonthDay(int(f, 'month'), int(f, 'day')),
  [`${TIME_HANDLES}ZoneOffsetHandle`]: (f) => new ZoneOffset(int(f, 'seconds')),
  [`${TIME_HANDLES}ZoneIdHandle`]: (f) => zoneOf(text(f, 'zoneId')),
  [`${TIME_HANDLES}OffsetTimeHandle`]: (f) =>
    new OffsetTime(value(f, 'localTime', LocalTime.is), value(f, 'zoneOffset', ZoneOffset.is)),
  [`${TIME_HANDLES}OffsetDateTimeHandle`]: (f) =>
    new OffsetDateTime(value(f, 'dateTime', LocalDateTime.is), value(f, 'offset', ZoneOffset.is)),
  [`${TIME_HANDLES}ZonedDateTimeHandle`]: (f) =>
    new ZonedDateTime(
      value(f, 'dateTime', LocalDateTime.is),
      value(f, 'offset', ZoneOffset.is),
      text(f, 'zoneId'),
    ),
};

const TABLE: ReadonlyMap<string, Convert> = new Map(Object.entries(CONVERSIONS));

/** Whether objects of this class have a plain value of their own. */
export function isJdkValue(className: string): boolean {
  return TABLE.has(className);
}

/** The plain value of an object of a class for which {@link isJdkValue} holds. Fields that do not fit are DECODE_FAILED. */
export function jdkValue(className: string, fields: Fields): unknown {
  try {
    return TABLE.get(className)!(fields);
  } catch (error) {
    if (MeshError.is(error) && error.code === 'INVALID_ARGUMENT')
      throw decodeFault(`${className}: ${error.message}`);
    throw error;
  }
}

function wrong(name: string, expected: string, got: unknown): Error {
  return decodeFault(`field ${name}: expected ${expected}, got ${got === null ? 'null' : typeof got}`);
}

function text(fields: Fields, name: string): string {
  const got = fields.get(name);
  if (typeof got !== 'string') throw wrong(name, 'string', got);
  return got;
}

function number(fields: Fields, name: string): number {
  const got = fields.get(name);
  // A field that the peer left out is 0 in Java.
  if (got === undefined) return 0;
  if (typeof got !== 'number') throw wrong(name, 'a number', got);
  return got;
}

function int(fields: Fields, name: string): number {
  const got = number(fields, name);
  if ((got | 0) !== got) throw wrong(name, 'int', got);
  return got;
}

function long(fields: Fields, name: string): bigint {
  const got = fields.get(name);
  if (got === undefined) return 0n;
  if (typeof got === 'bigint') return got;
  if (typeof got === 'number' && Number.isInteger(got)) return BigInt(got);
  throw wrong(name, 'long', got);
}

function list(fields: Fields, name: string): readonly unknown[] {
  const got = fields.get(name);
  if (!Array.isArray(got)) throw wrong(name, 'an array', got);
  return got;
}

function value<T>(fields: Fields, name: string, is: (value: unknown) => value is T): T {
  const got = fields.get(name);
  if (!is(got)) throw wrong(name, 'a java.time value', got);
  return got;
}

/** Marks an array of ints with the number it makes. */
const MAGNITUDE = Symbol('magnitude');
type Magnitude = readonly unknown[] & { [MAGNITUDE]?: bigint };

/**
 * BigInteger's own form: the sign, and the magnitude as ints, highest first. Many BigIntegers may share one array by
 * reference (negate() does so in Java), and converting a huge one for each would let a short message cost minutes: the
 * array remembers its number.
 */
function bigInteger(signum: number, magnitude: Magnitude): bigint {
  let absolute = magnitude[MAGNITUDE];
  if (absolute === undefined) {
    absolute = magnitudeOf(magnitude);
    Object.defineProperty(magnitude, MAGNITUDE, { value: absolute });
  }
  return signum < 0 ? -absolute : absolute;
}

function magnitudeOf(magnitude: readonly unknown[]): bigint {
  let hex = '0x0';
  for (const part of magnitude) {
    if (typeof part !== 'number' || (part | 0) !== part) throw wrong('mag', 'an int[]', part);
    hex += (part >>> 0).toString(16).padStart(8, '0');
  }
  return BigInt(hex);
}

function uuid(most: bigint, least: bigint): string {
  const hex =
    BigInt.asUintN(64, most).toString(16).padStart(16, '0') +
    BigInt.asUintN(64, least).toString(16).padStart(16, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
