/** Parts of ISO text as java.time writes and reads them. */

/** Year as LocalDate's toString(): at least 4 digits, `+` past 9999. */
export function isoYear(year: number): string {
  const digits = String(Math.abs(year)).padStart(4, '0');
  if (year < 0) return `-${digits}`;
  return year > 9999 ? `+${digits}` : digits;
}

export function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** `.5` as Java writes it for a time: 3, 6 or 9 digits; nothing for 0. */
export function isoFraction(nano: number): string {
  if (nano === 0) return '';
  const digits = String(nano).padStart(9, '0');
  if (digits.endsWith('000000')) return `.${digits.slice(0, 3)}`;
  return `.${digits.endsWith('000') ? digits.slice(0, 6) : digits}`;
}

/** Nanoseconds of the digits after the point. */
export function nanoOf(fraction: string | undefined): number {
  return Number((fraction ?? '').padEnd(9, '0'));
}

export const YEAR = String.raw`[+-]?\d{4,9}`;
export const DATE = String.raw`${YEAR}-\d\d-\d\d`;
export const TIME = String.raw`\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?`;
export const OFFSET = String.raw`Z|[+-]\d\d:\d\d(?::\d\d)?`;

export const MAX_YEAR = 999_999_999;
export const MAX_NANO = 999_999_999;

/** Java's Year.isLeap, on the calendar of today for all years. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const DAYS_OF_400_YEARS = 146_097;
/** Days from 0000-03-01 to 1970-01-01. */
const DAYS_TO_EPOCH = 719_468;

/** The days since 1970-01-01 of a date. Years are counted from March, so that the leap day is a year's last. */
export function epochDay(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_OF_400_YEARS + dayOfEra - DAYS_TO_EPOCH;
}

/** The date of a number of days since 1970-01-01: year, month, day. */
export function dateOfEpochDay(days: number): [year: number, month: number, day: number] {
  const shifted = days + DAYS_TO_EPOCH;
  const era = Math.floor(shifted / DAYS_OF_400_YEARS);
  const dayOfEra = shifted - era * DAYS_OF_400_YEARS;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}
