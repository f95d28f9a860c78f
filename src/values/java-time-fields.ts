import { daysInMonth, isoYear, MAX_YEAR, two } from './iso.js';
import { brand, checkInteger, match, Value } from './value.js';

const LEAP_YEAR = 2000;

/** `java.time.Year`. */
export class Year extends Value {
  /** -999,999,999 to 999,999,999. */
  readonly year: number;

  /** @throws MeshError INVALID_ARGUMENT for what is out of Java's range. */
  constructor(year: number) {
    super();
    checkInteger(year, -MAX_YEAR, MAX_YEAR, 'Year');
    this.year = year;
  }

  /** Of `2024`. */
  static parse(text: string): Year {
    return new Year(Number(match(text, /^[+-]?\d{1,9}$/, 'Year', '2024')[0]));
  }

  /** True for a Year of any copy of this package. */
  static is(value: unknown): value is Year {
    return isYear(value);
  }

  equals(other: unknown): boolean {
    return Year.is(other) && other.year === this.year;
  }

  /** `2024`: no padding, no plus. */
  toString(): string {
    return String(this.year);
  }
}
const isYear = brand(Year, 'Year');

/** `java.time.YearMonth`. */
export class YearMonth extends Value {
  /** -999,999,999 to 999,999,999. */
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;

  /** @throws MeshError INVALID_ARGUMENT for what is out of Java's range. */
  constructor(year: number, month: number) {
    super();
    checkInteger(year, -MAX_YEAR, MAX_YEAR, 'YearMonth: year');
    checkInteger(month, 1, 12, 'YearMonth: month');
    this.year = year;
    this.month = month;
  }

  /** Of `2024-02`. */
  static parse(text: string): YearMonth {
    const [, year, month] = match(text, /^([+-]?\d{4,9})-(\d\d)$/, 'YearMonth', '2024-02');
    return new YearMonth(Number(year), Number(month));
  }

  /** True for a YearMonth of any copy of this package. */
  static is(value: unknown): value is YearMonth {
    return isYearMonth(value);
  }

  equals(other: unknown): boolean {
    return YearMonth.is(other) && other.toString() === this.toString();
  }

  /** `2024-02`; as in Java, without a plus past 9999. */
  toString(): string {
    return `${isoYear(this.year).replace('+', '')}-${two(this.month)}`;
  }
}
const isYearMonth = brand(YearMonth, 'YearMonth');

/** `java.time.MonthDay`: a day of every year. */
export class MonthDay extends Value {
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31, as the month has them; 29 for February. */
  readonly day: number;

  /** @throws MeshError INVALID_ARGUMENT for a day that no year has. */
  constructor(month: number, day: number) {
    super();
    checkInteger(month, 1, 12, 'MonthDay: month');
    checkInteger(day, 1, daysInMonth(LEAP_YEAR, month), 'MonthDay: day');
    this.month = month;
    this.day = day;
  }

  /** Of `--02-29`. */
  static parse(text: string): MonthDay {
    const [, month, day] = match(text, /^--(\d\d)-(\d\d)$/, 'MonthDay', '--02-29');
    return new MonthDay(Number(month), Number(day));
  }

  /** True for a MonthDay of any copy of this package. */
  static is(value: unknown): value is MonthDay {
    return isMonthDay(value);
  }

  equals(other: unknown): boolean {
    return MonthDay.is(other) && other.month === this.month && other.day === this.day;
  }

  /** `--02-29`. */
  toString(): string {
    return `--${two(this.month)}-${two(this.day)}`;
  }
}
const isMonthDay = brand(MonthDay, 'MonthDay');
