import {
  DATE,
  dateOfEpochDay,
  daysInMonth,
  epochDay,
  isoFraction,
  isoYear,
  MAX_NANO,
  MAX_YEAR,
  nanoOf,
  TIME,
  two,
  YEAR,
} from './iso.js';
import { brand, checkInteger, invalidValue, match, shown, Value, wholeSeconds } from './value.js';

/** `java.time.LocalDate`: a date without a time zone. */
export class LocalDate extends Value {
  /** -999,999,999 to 999,999,999. */
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31, as the month has them. */
  readonly day: number;

  /** @throws MeshError INVALID_ARGUMENT for a date that does not exist. */
  constructor(year: number, month: number, day: number) {
    super();
    checkInteger(year, -MAX_YEAR, MAX_YEAR, 'LocalDate: year');
    checkInteger(month, 1, 12, 'LocalDate: month');
    checkInteger(day, 1, daysInMonth(year, month), `LocalDate: day of ${isoYear(year)}-${two(month)}`);
    this.year = year;
    this.month = month;
    this.day = day;
  }

  /** Of `2024-02-29`. */
  static parse(text: string): LocalDate {
    const [, year, month, day] = match(text, LOCAL_DATE, 'LocalDate', '2024-02-29');
    return new LocalDate(Number(year), Number(month), Number(day));
  }

  /** True for a LocalDate of any copy of this package. */
  static is(value: unknown): value is LocalDate {
    return isLocalDate(value);
  }

  equals(other: unknown): boolean {
    return LocalDate.is(other) && other.toString() === this.toString();
  }

  /** `2024-02-29`. */
  toString(): string {
    return `${isoYear(this.year)}-${two(this.month)}-${two(this.day)}`;
  }
}
const LOCAL_DATE = new RegExp(`^(${YEAR})-(\\d\\d)-(\\d\\d)$`);
const isLocalDate = brand(LocalDate, 'LocalDate');

/** `java.time.LocalTime`: a time of day without a time zone. */
export class LocalTime extends Value {
  /** 0 to 23. */
  readonly hour: number;
  /** 0 to 59. */
  readonly minute: number;
  /** 0 to 59. */
  readonly second: number;
  /** Nanosecond of the second, 0 to 999,999,999. */
  readonly nano: number;

  /** @throws MeshError INVALID_ARGUMENT for a time that does not exist. */
  constructor(hour: number, minute: number, second: number = 0, nano: number = 0) {
    super();
    checkInteger(hour, 0, 23, 'LocalTime: hour');
    checkInteger(minute, 0, 59, 'LocalTime: minute');
    checkInteger(second, 0, 59, 'LocalTime: second');
    checkInteger(nano, 0, MAX_NANO, 'LocalTime: nano');
    this.hour = hour;
    this.minute = minute;
    this.second = second;
    this.nano = nano;
  }

  /** Of `10:15`, `10:15:30` or `10:15:30.5`. */
  static parse(text: string): LocalTime {
    const [, hour, minute, second, fraction] = match(text, LOCAL_TIME, 'LocalTime', '10:15:30.5');
    return new LocalTime(Number(hour), Number(minute), Number(second ?? 0), nanoOf(fraction));
  }

  /** True for a LocalTime of any copy of this package. */
  static is(value: unknown): value is LocalTime {
    return isLocalTime(value);
  }

  equals(other: unknown): boolean {
    return LocalTime.is(other) && other.toString() === this.toString();
  }

  /** `10:15`, `10:15:30`, `10:15:30.500`: as short as Java makes it. */
  toString(): string {
    const minutes = `${two(this.hour)}:${two(this.minute)}`;
    if (this.second === 0 && this.nano === 0) return minutes;
    return `${minutes}:${two(this.second)}${isoFraction(this.nano)}`;
  }
}
const LOCAL_TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?$/;
const isLocalTime = brand(LocalTime, 'LocalTime');

/** `java.time.LocalDateTime`: a date and a time of day without a time zone. */
export class LocalDateTime extends Value {
  readonly date: LocalDate;
  readonly time: LocalTime;

  constructor(date: LocalDate, time: LocalTime) {
    super();
    if (!LocalDate.is(date))
      throw invalidValue('LocalDateTime: date', `expected a LocalDate, got ${shown(date)}.`);
    if (!LocalTime.is(time))
      throw invalidValue('LocalDateTime: time', `expected a LocalTime, got ${shown(time)}.`);
    this.date = date;
    this.time = time;
  }

  /** Of `2024-02-29T10:15:30.5`. */
  static parse(text: string): LocalDateTime {
    const [, date, time] = match(text, LOCAL_DATE_TIME, 'LocalDateTime', '2024-02-29T10:15:30.5');
    return new LocalDateTime(LocalDate.parse(date), LocalTime.parse(time));
  }

  /** True for a LocalDateTime of any copy of this package. */
  static is(value: unknown): value is LocalDateTime {
    return isLocalDateTime(value);
  }

  equals(other: unknown): boolean {
    return LocalDateTime.is(other) && other.toString() === this.toString();
  }

  /** `2024-02-29T10:15:30.500`. */
  toString(): string {
    return `${this.date}T${this.time}`;
  }
}
const LOCAL_DATE_TIME = new RegExp(`^(${DATE})T(${TIME})$`);
const isLocalDateTime = brand(LocalDateTime, 'LocalDateTime');

const SECONDS_OF_DAY = 86_400;
/** Instant.MIN and Instant.MAX: the first and the last second of the years ±1,000,000,000. */
const MIN_EPOCH_SECOND = -31_557_014_167_219_200n;
const MAX_EPOCH_SECOND = 31_556_889_864_403_199n;

/** `java.time.Instant`: a point in time, to the nanosecond. */
export class Instant extends Value {
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly epochSecond: bigint;
  /** Nanosecond of the second, 0 to 999,999,999, also before 1970. */
  readonly nano: number;

  /** @throws MeshError INVALID_ARGUMENT for what is out of Java's range. */
  constructor(epochSecond: bigint | number, nano: number = 0) {
    super();
    this.epochSecond = wholeSeconds(epochSecond, MIN_EPOCH_SECOND, MAX_EPOCH_SECOND, 'Instant: epochSecond');
    checkInteger(nano, 0, MAX_NANO, 'Instant: nano');
    this.nano = nano;
  }

  /** Of a Date, to the millisecond. */
  static from(date: Date): Instant {
    const ms = date.getTime();
    const second = Math.floor(ms / 1000);
    return new Instant(second, (ms - second * 1000) * 1_000_000);
  }

  /** Of `2024-02-29T10:15:30.5Z`. */
  static parse(text: string): Instant {
    const found = match(text, INSTANT, 'Instant', '2024-02-29T10:15:30.5Z');
    // 10 digits: Instant.MAX is in the year +1000000000, which no LocalDate can hold.
    const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number);
    checkInteger(month, 1, 12, 'Instant: month');
    checkInteger(day, 1, daysInMonth(year, month), 'Instant: day');
    const time = new LocalTime(hour, minute, second, nanoOf(found[7]));
    const days = BigInt(epochDay(year, month, day));
    return new Instant(days * BigInt(SECONDS_OF_DAY) + BigInt(secondOfDay(time)), time.nano);
  }

  /** True for an Instant of any copy of this package. */
  static is(value: unknown): value is Instant {
    return isInstant(value);
  }

  equals(other: unknown): boolean {
    return Instant.is(other) && other.epochSecond === this.epochSecond && other.nano === this.nano;
  }

  /** As a Date: what is finer than a millisecond is dropped. Invalid past the years that a Date can hold. */
  toDate(): Date {
    return new Date(Number(this.epochSecond) * 1000 + Math.floor(this.nano / 1_000_000));
  }

  /** `2024-02-29T10:15:30.500Z`: seconds are always there. */
  toString(): string {
    const day = BigInt(SECONDS_OF_DAY);
    const rest = ((this.epochSecond % day) + day) % day;
    const [year, month, dayOfMonth] = dateOfEpochDay(Number((this.epochSecond - rest) / day));
    const second = Number(rest);
    const time = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
    return `${isoYear(year)}-${two(month)}-${two(dayOfMonth)}T${time}${isoFraction(this.nano)}Z`;
  }
}
const INSTANT = /^([+-]?\d{4,10})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;
const isInstant = brand(Instant, 'Instant');

function secondOfDay({ hour, minute, second }: LocalTime): number {
  return (hour * 60 + minute) * 60 + second;
}
