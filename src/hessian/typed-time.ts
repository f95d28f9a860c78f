import { Instant, LocalDate, LocalDateTime, LocalTime } from '../values/java-time.js';
import { Duration, Period } from '../values/java-time-amounts.js';
import { MonthDay, Year, YearMonth } from '../values/java-time-fields.js';
import { OffsetDateTime, OffsetTime, ZonedDateTime, ZoneOffset } from '../values/java-time-zoned.js';
import type { JavaTimeKind } from '../values/schema.js';
import { ClassDef } from './class-def.js';
import type { Grammar } from './grammar.js';
import type { Codec } from './typed-codec.js';
import { type Handle, HandleCodec } from './typed-handle.js';
import { plainCodec } from './typed-plain.js';
import { scalarCodec } from './typed-scalars.js';

/* java.time travels as handles, one class for each of its own; the fields are Java's (vectors, javatime/*). */

const int = scalarCodec('int', 'int', false, false);
const long = scalarCodec('long', 'long', false, false);
const string = plainCodec('string', false) as Codec;

function handle<T>(
  name: string,
  fields: Readonly<Record<string, Codec>>,
  is: (value: unknown) => boolean,
  parts: (value: T) => readonly unknown[],
  make: (...parts: never[]) => T,
): Handle {
  return {
    expected: name,
    def: new ClassDef(`com.caucho.hessian.io.java8.${name}Handle`, Object.keys(fields)),
    fields: Object.values(fields),
    is,
    parts: parts as (value: never) => readonly unknown[],
    make: (values) => make(...values),
  };
}

const localDate = handle(
  'LocalDate',
  { year: int, month: int, day: int },
  LocalDate.is,
  (value: LocalDate) => [value.year, value.month, value.day],
  (year: number, month: number, day: number) => new LocalDate(year, month, day),
);

const localTime = handle(
  'LocalTime',
  { hour: int, minute: int, second: int, nano: int },
  LocalTime.is,
  (value: LocalTime) => [value.hour, value.minute, value.second, value.nano],
  (hour: number, minute: number, second: number, nano: number) => new LocalTime(hour, minute, second, nano),
);

const localDateTime = handle(
  'LocalDateTime',
  { date: new HandleCodec(localDate, false), time: new HandleCodec(localTime, false) },
  LocalDateTime.is,
  (value: LocalDateTime) => [value.date, value.time],
  (date: LocalDate, time: LocalTime) => new LocalDateTime(date, time),
);

const instant = handle(
  'Instant',
  { seconds: long, nanos: int },
  Instant.is,
  (value: Instant) => [value.epochSecond, value.nano],
  (seconds: bigint, nanos: number) => new Instant(seconds, nanos),
);

const duration = handle(
  'Duration',
  { seconds: long, nanos: int },
  Duration.is,
  (value: Duration) => [value.seconds, value.nano],
  (seconds: bigint, nanos: number) => new Duration(seconds, nanos),
);

const period = handle(
  'Period',
  { years: int, months: int, days: int },
  Period.is,
  (value: Period) => [value.years, value.months, value.days],
  (years: number, months: number, days: number) => new Period(years, months, days),
);

const year = handle(
  'Year',
  { year: int },
  Year.is,
  (value: Year) => [value.year],
  (value: number) => new Year(value),
);

const yearMonth = handle(
  'YearMonth',
  { year: int, month: int },
  YearMonth.is,
  (value: YearMonth) => [value.year, value.month],
  (value: number, month: number) => new YearMonth(value, month),
);

const monthDay = handle(
  'MonthDay',
  { month: int, day: int },
  MonthDay.is,
  (value: MonthDay) => [value.month, value.day],
  (month: number, day: number) => new MonthDay(month, day),
);

/**
 * Zones come in two handles, and each may stand for the other: a Java ZoneId may be an offset, and Hessian 4 writes an
 * offset as the id of its zone.
 */
export const zoneHandles = {
  id: handle(
    'ZoneId',
    { zoneId: string },
    (value) => typeof value === 'string',
    (value: string) => [value],
    (id: string) => id,
  ),
  idOfOffset: handle(
    'ZoneOffset',
    { seconds: int },
    (value) => typeof value === 'string',
    (value: string) => [ZoneOffset.parse(value).totalSeconds],
    (seconds: number) => new ZoneOffset(seconds).toString(),
  ),
  offset: handle(
    'ZoneOffset',
    { seconds: int },
    ZoneOffset.is,
    (value: ZoneOffset) => [value.totalSeconds],
    (seconds: number) => new ZoneOffset(seconds),
  ),
  offsetOfId: handle(
    'ZoneId',
    { zoneId: string },
    ZoneOffset.is,
    (value: ZoneOffset) => [value.toString()],
    (id: string) => ZoneOffset.parse(id),
  ),
};

/** The codec of a zone offset in one grammar. */
export function offsetCodec(grammar: Grammar, nullable: boolean): Codec {
  const { offset, offsetOfId } = zoneHandles;
  return grammar === 'sofa'
    ? new HandleCodec(offset, nullable, offsetOfId)
    : new HandleCodec(offsetOfId, nullable, offset);
}

function offsetTime(grammar: Grammar): Handle {
  return handle(
    'OffsetTime',
    { localTime: new HandleCodec(localTime, false), zoneOffset: offsetCodec(grammar, false) },
    OffsetTime.is,
    (value: OffsetTime) => [value.time, value.offset],
    (time: LocalTime, offset: ZoneOffset) => new OffsetTime(time, offset),
  );
}

function offsetDateTime(grammar: Grammar): Handle {
  return handle(
    'OffsetDateTime',
    { dateTime: new HandleCodec(localDateTime, false), offset: offsetCodec(grammar, false) },
    OffsetDateTime.is,
    (value: OffsetDateTime) => [value.dateTime, value.offset],
    (dateTime: LocalDateTime, offset: ZoneOffset) => new OffsetDateTime(dateTime, offset),
  );
}

function zonedDateTime(grammar: Grammar): Handle {
  return handle(
    'ZonedDateTime',
    { zoneId: string, dateTime: new HandleCodec(localDateTime, false), offset: offsetCodec(grammar, false) },
    ZonedDateTime.is,
    (value: ZonedDateTime) => [value.zoneId, value.dateTime, value.offset],
    (zoneId: string, dateTime: LocalDateTime, offset: ZoneOffset) =>
      new ZonedDateTime(dateTime, offset, zoneId),
  );
}

const FIXED = { localDate, localTime, localDateTime, instant, duration, period, year, yearMonth, monthDay };

/** The codec of a java.time class. */
export function timeCodec(kind: JavaTimeKind, grammar: Grammar, nullable: boolean): Codec {
  switch (kind) {
    case 'zoneId':
      return new HandleCodec(zoneHandles.id, nullable, zoneHandles.idOfOffset);
    case 'zoneOffset':
      return offsetCodec(grammar, nullable);
    case 'offsetTime':
      return new HandleCodec(offsetTime(grammar), nullable);
    case 'offsetDateTime':
      return new HandleCodec(offsetDateTime(grammar), nullable);
    case 'zonedDateTime':
      return new HandleCodec(zonedDateTime(grammar), nullable);
    default:
      return new HandleCodec(FIXED[kind], nullable);
  }
}
