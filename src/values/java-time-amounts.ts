import { MAX_NANO, nanoOf } from './iso.js';
import { brand, checkInteger, invalidValue, match, Value, wholeSeconds } from './value.js';

const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;
const BILLION = 1_000_000_000;

/** `java.time.Duration`: an amount of time in seconds and nanoseconds. */
export class Duration extends Value {
  /** Rounded down: -0.5 s is -1 and 500,000,000 ns. */
  readonly seconds: bigint;
  /** 0 to 999,999,999, to be added to `seconds`. */
  readonly nano: number;

  /** @throws MeshError INVALID_ARGUMENT for what is out of Java's range. */
  constructor(seconds: bigint | number, nano: number = 0) {
    super();
    this.seconds = wholeSeconds(seconds, MIN_LONG, MAX_LONG, 'Duration: seconds');
    checkInteger(nano, 0, MAX_NANO, 'Duration: nano');
    this.nano = nano;
  }

  /** Of `PT1H30M0.5S`, `P2DT3H`, `PT-0.5S`. */
  static parse(text: string): Duration {
    const found = match(text, DURATION, 'Duration', 'PT1H30M0.5S');
    const [, sign, days, hours, minutes, seconds, fraction] = found;
    if ([days, hours, minutes, seconds].every((part) => part === undefined) || /T$/i.test(text)) {
      throw invalidValue('Duration', `${JSON.stringify(text)} names no amount; zero is PT0S.`);
    }
    const whole =
      BigInt(days ?? 0) * 86_400n +
      BigInt(hours ?? 0) * 3600n +
      BigInt(minutes ?? 0) * 60n +
      BigInt(seconds ?? 0);
    const nanos = BigInt(nanoOf(fraction)) * (seconds?.startsWith('-') ? -1n : 1n);
    const total = (whole * BigInt(BILLION) + nanos) * (sign === '-' ? -1n : 1n);
    const nano = ((total % BigInt(BILLION)) + BigInt(BILLION)) % BigInt(BILLION);
    return new Duration((total - nano) / BigInt(BILLION), Number(nano));
  }

  /** True for a Duration of any copy of this package. */
  static is(value: unknown): value is Duration {
    return isDuration(value);
  }

  equals(other: unknown): boolean {
    return Duration.is(other) && other.seconds === this.seconds && other.nano === this.nano;
  }

  /** `PT1H30M0.5S`: hours are not folded into days. */
  toString(): string {
    // Each part has the sign of the whole, as Java 9 and later write it: -1 s + 0.5 s is PT-0.5S.
    const borrowed = this.seconds < 0n && this.nano > 0;
    const total = borrowed ? this.seconds + 1n : this.seconds;
    const hours = total / 3600n;
    const minutes = (total % 3600n) / 60n;
    const seconds = total % 60n;
    const upToMinutes = `${hours === 0n ? '' : `${hours}H`}${minutes === 0n ? '' : `${minutes}M`}`;
    if (seconds === 0n && this.nano === 0 && upToMinutes !== '') return `PT${upToMinutes}`;
    const sign = borrowed && seconds === 0n ? '-' : '';
    const fraction = fractionOf(borrowed ? BILLION - this.nano : this.nano);
    return `PT${upToMinutes}${sign}${seconds}${fraction}S`;
  }
}
const DURATION =
  /^([+-]?)P(?:([+-]?\d{1,19})D)?(?:T(?:([+-]?\d{1,19})H)?(?:([+-]?\d{1,19})M)?(?:([+-]?\d{1,19})(?:\.(\d{0,9}))?S)?)?$/i;
const isDuration = brand(Duration, 'Duration');

function fractionOf(nano: number): string {
  return nano === 0 ? '' : `.${String(nano).padStart(9, '0').replace(/0+$/, '')}`;
}

const MAX_INT = 0x7fffffff;

/** `java.time.Period`: an amount of years, months and days, each on its own. */
export class Period extends Value {
  readonly years: number;
  readonly months: number;
  readonly days: number;

  /** @throws MeshError INVALID_ARGUMENT for what is not an int32. */
  constructor(years: number, months: number, days: number) {
    super();
    checkInteger(years, -MAX_INT - 1, MAX_INT, 'Period: years');
    checkInteger(months, -MAX_INT - 1, MAX_INT, 'Period: months');
    checkInteger(days, -MAX_INT - 1, MAX_INT, 'Period: days');
    this.years = years;
    this.months = months;
    this.days = days;
  }

  /** Of `P1Y2M3D`; weeks (`P2W`) are read as days. */
  static parse(text: string): Period {
    const [, sign, years, months, weeks, days] = match(text, PERIOD, 'Period', 'P1Y2M3D');
    if ([years, months, weeks, days].every((part) => part === undefined)) {
      throw invalidValue('Period', `${JSON.stringify(text)} names no amount; zero is P0D.`);
    }
    const factor = sign === '-' ? -1 : 1;
    // `+ 0` makes a 0 of -0.
    const amount = (part: string | undefined): number => Number(part ?? 0) * factor + 0;
    return new Period(amount(years), amount(months), amount(weeks) * 7 + amount(days));
  }

  /** True for a Period of any copy of this package. */
  static is(value: unknown): value is Period {
    return isPeriod(value);
  }

  equals(other: unknown): boolean {
    return Period.is(other) && other.toString() === this.toString();
  }

  /** `P1Y2M3D`; `P0D` for none. */
  toString(): string {
    const { years, months, days } = this;
    if (years === 0 && months === 0 && days === 0) return 'P0D';
    return `P${years === 0 ? '' : `${years}Y`}${months === 0 ? '' : `${months}M`}${days === 0 ? '' : `${days}D`}`;
  }
}
const PERIOD =
  /^([+-]?)P(?:([+-]?\d{1,10})Y)?(?:([+-]?\d{1,10})M)?(?:([+-]?\d{1,10})W)?(?:([+-]?\d{1,10})D)?$/i;
const isPeriod = brand(Period, 'Period');
