import { Instant, LocalDate, LocalDateTime, LocalTime } from '../values/java-time.js';
import { Duration, Period } from '../values/java-time-amounts.js';
import { MonthDay, Year, YearMonth } from '../values/java-time-fields.js';
import { OffsetDateTime, OffsetTime, ZonedDateTime, ZoneOffset } from '../values/java-time-zoned.js';
import type { JavaTimeKind } from '../values/schema.js';
import { type Fields, form, int, type JdkType, long, nested, text, type Values } from './jdk-type.js';

/* java.time travels as handles, one class for each of its own; the fields are Java's (vectors, javatime/*). */

const handle = (name: string) => `com.caucho.hessian.io.java8.${name}Handle`;

/** `java.time.<name>`. Its kind is the name with a small letter. */
function time<T, F extends Fields>(
  name: string,
  is: (value: unknown) => value is T,
  fields: readonly [...F],
  parts: (value: T) => Readonly<Values<F>>,
  make: (...parts: Values<F>) => T,
): JdkType<T> {
  const kind = (name[0].toLowerCase() + name.slice(1)) as JavaTimeKind;
  const written = form(handle(name), fields, parts, make);
  return { kind, javaName: `java.time.${name}`, expected: name, is, form: written };
}

const localDate = time(
  'LocalDate',
  LocalDate.is,
  [int('year'), int('month'), int('day')],
  (value) => [value.year, value.month, value.day],
  (year, month, day) => new LocalDate(year, month, day),
);

const localTime = time(
  'LocalTime',
  LocalTime.is,
  [int('hour'), int('minute'), int('second'), int('nano')],
  (value) => [value.hour, value.minute, value.second, value.nano],
  (hour, minute, second, nano) => new LocalTime(hour, minute, second, nano),
);

const localDateTime = time(
  'LocalDateTime',
  LocalDateTime.is,
  [nested('date', localDate), nested('time', localTime)],
  (value) => [value.date, value.time],
  (date, timeOfDay) => new LocalDateTime(date, timeOfDay),
);

/*
 * Zones come in two handles, and each may stand for the other: a Java ZoneId may be an offset, and Hessian 4 writes an
 * offset as the id of its zone.
 */
const zoneOffset: JdkType<ZoneOffset> = {
  ...time(
    'ZoneOffset',
    ZoneOffset.is,
    [int('seconds')],
    (value) => [value.totalSeconds],
    (seconds) => new ZoneOffset(seconds),
  ),
  other: form(
    handle('ZoneId'),
    [text('zoneId')],
    (value: ZoneOffset) => [value.toString()],
    (id) => ZoneOffset.parse(id),
  ),
  otherInFinal: true,
};

const zoneId: JdkType<string> = {
  ...time(
    'ZoneId',
    (value) => typeof value === 'string',
    [text('zoneId')],
    (value) => [value],
    (id) => id,
  ),
  other: form(
    handle('ZoneOffset'),
    [int('seconds')],
    (value: string) => [ZoneOffset.parse(value).totalSeconds],
    (seconds) => new ZoneOffset(seconds).toString(),
  ),
  plain: (id) => zoneOf(id as string),
};

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

/** The java.time classes. */
export const JAVA_TIME: readonly JdkType<unknown>[] = [
  localDate,
  localTime,
  localDateTime,
  time(
    'Instant',
    Instant.is,
    [long('seconds'), int('nanos')],
    (value) => [value.epochSecond, value.nano],
    (seconds, nanos) => new Instant(seconds, nanos),
  ),
  time(
    'Duration',
    Duration.is,
    [long('seconds'), int('nanos')],
    (value) => [value.seconds, value.nano],
    (seconds, nanos) => new Duration(seconds, nanos),
  ),
  time(
    'Period',
    Period.is,
    [int('years'), int('months'), int('days')],
    (value) => [value.years, value.months, value.days],
    (years, months, days) => new Period(years, months, days),
  ),
  time(
    'Year',
    Year.is,
    [int('year')],
    (value) => [value.year],
    (year) => new Year(year),
  ),
  time(
    'YearMonth',
    YearMonth.is,
    [int('year'), int('month')],
    (value) => [value.year, value.month],
    (year, month) => new YearMonth(year, month),
  ),
  time(
    'MonthDay',
    MonthDay.is,
    [int('month'), int('day')],
    (value) => [value.month, value.day],
    (month, day) => new MonthDay(month, day),
  ),
  zoneOffset,
  zoneId,
  time(
    'OffsetTime',
    OffsetTime.is,
    [nested('localTime', localTime), nested('zoneOffset', zoneOffset)],
    (value) => [value.time, value.offset],
    (timeOfDay, offset) => new OffsetTime(timeOfDay, offset),
  ),
  time(
    'OffsetDateTime',
    OffsetDateTime.is,
    [nested('dateTime', localDateTime), nested('offset', zoneOffset)],
    (value) => [value.dateTime, value.offset],
    (dateTime, offset) => new OffsetDateTime(dateTime, offset),
  ),
  time(
    'ZonedDateTime',
    ZonedDateTime.is,
    [text('zoneId'), nested('dateTime', localDateTime), nested('offset', zoneOffset)],
    (value) => [value.zoneId, value.dateTime, value.offset],
    (zone, dateTime, offset) => new ZonedDateTime(dateTime, offset, zone),
  ),
];
