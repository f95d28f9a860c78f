import { brand, invalidValue, shown, Value } from './value.js';

const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,10}))?$/;
const MAX_SCALE = 0x7fffffff;

/**
 * An exact decimal number, a `java.math.BigDecimal`: digits and a scale, kept as text. For arithmetic, give its text to
 * a decimal library.
 */
export class Decimal extends Value {
  /** As BigDecimal.toString() writes it: `1.10`, `1E+30`. */
  readonly value: string;

  /**
   * @param text anything that BigDecimal's constructor takes: `1.10`, `-3`, `1E+30`, `.5`.
   * @throws MeshError INVALID_ARGUMENT for other text, and for a scale that Java cannot hold.
   */
  constructor(text: string) {
    super();
    this.value = canonical(text);
  }

  /** Of text, or of a whole number. There is none of a JavaScript number: it is seldom the decimal that was meant. */
  static of(value: string | bigint): Decimal {
    return new Decimal(typeof value === 'bigint' ? value.toString() : value);
  }

  /** True for a Decimal of any copy of this package. */
  static is(value: unknown): value is Decimal {
    return isDecimal(value);
  }

  /** As Java's equals: the scale counts, so `1.0` is not `1.00`. See {@link Decimal.compare}. */
  equals(other: unknown): boolean {
    return Decimal.is(other) && other.value === this.value;
  }

  /** As Java's compareTo, by number: below 0, 0 or above 0. `1.0` and `1.00` give 0. */
  compare(other: Decimal): number {
    const a = partsOf(this.value);
    const b = partsOf(other.value);
    const sign = signOf(a);
    if (sign !== signOf(b)) return Math.sign(sign - signOf(b));
    if (sign === 0) return 0;
    return sign < 0 ? compareMagnitude(b, a) : compareMagnitude(a, b);
  }

  toString(): string {
    return this.value;
  }
}

const isDecimal = brand(Decimal, 'Decimal');

/** digits × 10^-scale. `digits` has no leading zeros; zero is `0`. */
interface Parts {
  negative: boolean;
  digits: string;
  scale: number;
}

function partsOf(text: string): Parts {
  const found = typeof text === 'string' ? SYNTAX.exec(text) : null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = found ?? [];
  if (whole === '' && fraction === '') {
    throw invalidValue(
      'Decimal',
      `expected a decimal number such as 1.10 or 1E+30 as text, got ${shown(text)}.`,
    );
  }
  const scale = fraction.length - Number(exponent);
  if (Math.abs(scale) > MAX_SCALE)
    throw invalidValue('Decimal', `${shown(text)} has a scale that Java cannot hold.`);
  const digits = withoutLeadingZeros(whole + fraction);
  return { negative: sign === '-' && digits !== '0', digits, scale };
}

function withoutLeadingZeros(digits: string): string {
  let at = 0;
  while (at < digits.length - 1 && digits[at] === '0') at++;
  return at === 0 ? digits : digits.slice(at);
}

/** BigDecimal.toString(): plain where 0 <= scale and the first digit is not below 10^-6, else scientific. */
function canonical(text: string): string {
  const { negative, digits, scale } = partsOf(text);
  const sign = negative ? '-' : '';
  const exponent = digits.length - 1 - scale;
  if (scale === 0) return sign + digits;
  if (scale > 0 && exponent >= -6) {
    const padded = digits.padStart(scale + 1, '0');
    return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  }
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  // The exponent is never 0 here: with one digit the scale would be 0, with more it would be plain.
  return `${sign}${digits[0]}${fraction}E${exponent > 0 ? '+' : ''}${exponent}`;
}

function signOf({ negative, digits }: Parts): number {
  if (digits === '0') return 0;
  return negative ? -1 : 1;
}

function compareMagnitude(a: Parts, b: Parts): number {
  const exponents = a.digits.length - a.scale - (b.digits.length - b.scale);
  if (exponents !== 0) return Math.sign(exponents);
  const length = Math.max(a.digits.length, b.digits.length);
  const left = a.digits.padEnd(length, '0');
  const right = b.digits.padEnd(length, '0');
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
