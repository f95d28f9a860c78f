import { Decimal } from '../values/decimal.js';
import type { JavaInt, JavaLong, JavaObject } from '../values/java.js';
import { JavaClass } from '../values/java-class.js';
import { Instant, LocalDate, LocalDateTime, LocalTime } from '../values/java-time.js';
import { Duration, Period } from '../values/java-time-amounts.js';
import { MonthDay, Year, YearMonth } from '../values/java-time-fields.js';
import { OffsetDateTime, OffsetTime, ZonedDateTime, ZoneOffset } from '../values/java-time-zoned.js';
import { encodeFault } from './faults.js';

type Fields = readonly (readonly [name: string, value: unknown])[];

/** One class of JS values: how to know it, and the Java object that Java writes for it. */
interface Form<T> {
  is(value: unknown): value is T;
  className: string;
  fields(value: T): Fields;
}

function form<T>(
  is: (value: unknown) => value is T,
  className: string,
  fields: (value: T) => Fields,
): Form<unknown> {
  return { is, className, fields } as Form<unknown>;
}

const int = (value: number): JavaInt => ({ $java: 'int', value });
const long = (value: bigint): JavaLong => ({ $java: 'long', value });
const handle = (name: string) => `com.caucho.hessian.io.java8.${name}Handle`;

const FORMS: readonly Form<unknown>[] = [
  form(Decimal.is, 'java.math.BigDecimal', (v) => [['value', v.value]]),
  form(JavaClass.is, 'java.lang.Class', (v) => [['name', v.name]]),
  form(LocalDate.is, handle('LocalDate'), (v) => [
    ['year', int(v.year)],
    ['month', int(v.month)],
    ['day', int(v.day)],
  ]),
  form(LocalTime.is, handle('LocalTime'), (v) => [
    ['hour', int(v.hour)],
    ['minute', int(v.minute)],
    ['second', int(v.second)],
    ['nano', int(v.nano)],
  ]),
  form(LocalDateTime.is, handle('LocalDateTime'), (v) => [
    ['date', v.date],
    ['time', v.time],
  ]),
  form(Instant.is, handle('Instant'), (v) => [
    ['seconds', long(v.epochSecond)],
    ['nanos', int(v.nano)],
  ]),
  form(Duration.is, handle('Duration'), (v) => [
    ['seconds', long(v.seconds)],
    ['nanos', int(v.nano)],
  ]),
  form(Period.is, handle('Period'), (v) => [
    ['years', int(v.years)],
    ['months', int(v.months)],
    ['days', int(v.days)],
  ]),
  form(Year.is, handle('Year'), (v) => [['year', int(v.year)]]),
  form(YearMonth.is, handle('YearMonth'), (v) => [
    ['year', int(v.year)],
    ['month', int(v.month)],
  ]),
  form(MonthDay.is, handle('MonthDay'), (v) => [
    ['month', int(v.month)],
    ['day', int(v.day)],
  ]),
  form(ZoneOffset.is, handle('ZoneOffset'), (v) => [['seconds', int(v.totalSeconds)]]),
  form(OffsetTime.is, handle('OffsetTime'), (v) => [
    ['localTime', v.time],
    ['zoneOffset', v.offset],
  ]),
  form(OffsetDateTime.is, handle('OffsetDateTime'), (v) => [
    ['dateTime', v.dateTime],
    ['offset', v.offset],
  ]),
  form(ZonedDateTime.is, handle('ZonedDateTime'), (v) => [
    ['zoneId', v.zoneId],
    ['dateTime', v.dateTime],
    ['offset', v.offset],
  ]),
  form(
    (v): v is bigint => typeof v === 'bigint',
    'java.math.BigInteger',
    (v) => bigIntegerFields(v),
  ),
];

/** The object that Java writes for a Decimal, java.time value, JavaClass or a bigint beyond 64 bits. */
export function javaForm(value: unknown): JavaObject {
  for (const { is, className, fields } of FORMS) {
    if (is(value)) return { $java: 'object', class: className, fields: fields(value) as [string, unknown][] };
  }
  const name = (value as object).constructor?.name || 'object';
  throw encodeFault(
    `an instance of ${name} has no Java form: pass a plain object, or say its class with java.object`,
  );
}

/** BigInteger's own fields. The four in the middle are caches that Java fills again (vectors, bignum/BigInteger). */
function bigIntegerFields(value: bigint): Fields {
  const hex = (value < 0n ? -value : value).toString(16);
  const padded = value === 0n ? '' : hex.padStart(Math.ceil(hex.length / 8) * 8, '0');
  const mag: JavaInt[] = [];
  for (let i = 0; i < padded.length; i += 8) mag.push(int(Number.parseInt(padded.slice(i, i + 8), 16) | 0));
  return [
    ['signum', int(value === 0n ? 0 : value < 0n ? -1 : 1)],
    ['bitCountPlusOne', int(0)],
    ['bitLengthPlusOne', int(0)],
    ['lowestSetBitPlusTwo', int(0)],
    ['firstNonzeroIntNumPlusTwo', int(0)],
    ['mag', { $java: 'list', type: '[int', items: mag }],
  ];
}
