/**
 * Double.toString and Float.toString of Java up to 18, which do not always give the shortest digits that read back
 * (2.0E-44F prints 2.0E-44 there, and 2^-44 one digit more than JavaScript does): the vectors were printed by Java 17.
 * The digits come from the same long division, with the same stopping rule, on exact integers; the layout follows the
 * documentation of Double.toString.
 */

const scratch = new DataView(new ArrayBuffer(8));

/** The 16 hex digits of Double.doubleToRawLongBits; NaN is Java's own. */
export function doubleBits(value: number): string {
  if (Number.isNaN(value)) return '7ff8000000000000';
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0).toString(16).padStart(16, '0');
}

/** The 8 hex digits of Float.floatToRawIntBits. */
export function floatBits(value: number): string {
  if (Number.isNaN(value)) return '7fc00000';
  scratch.setFloat32(0, value);
  return scratch.getUint32(0).toString(16).padStart(8, '0');
}

/** Java's text of a double. */
export function doubleText(value: number): string {
  const special = specialText(value);
  if (special !== undefined) return special;
  scratch.setFloat64(0, Math.abs(value));
  const bits = scratch.getBigUint64(0);
  const exponent = Number(bits >> 52n);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  return (value < 0 ? '-' : '') + layout(digitsOf(fraction, exponent, 52, 1023));
}

/** Java's text of a float; `value` is one exactly. */
export function floatText(value: number): string {
  const special = specialText(value);
  if (special !== undefined) return special;
  scratch.setFloat32(0, Math.abs(value));
  const bits = scratch.getUint32(0);
  return (value < 0 ? '-' : '') + layout(digitsOf(BigInt(bits & 0x7f_ffff), bits >>> 23, 23, 127));
}

function specialText(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return undefined;
}

/** `digits` with the decimal point before digit `point`. */
interface Digits {
  digits: string;
  point: number;
}

function layout({ digits, point }: Digits): string {
  if (point > 0 && point < 8) {
    return `${digits.slice(0, point).padEnd(point, '0')}.${digits.slice(point) || '0'}`;
  }
  if (point <= 0 && point > -3) return `0.${'0'.repeat(-point)}${digits}`;
  return `${digits[0]}.${digits.slice(1) || '0'}E${point - 1}`;
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}

function digitsOf(fraction: bigint, biasedExponent: number, width: number, bias: number): Digits {
  // Normalized: `significand` has its highest bit at `width`; `significant` of its bits carry information.
  const hidden = 1n << BigInt(width);
  let significand = fraction | hidden;
  let exponent = biasedExponent - bias;
  let significant = width + 1;
  if (biasedExponent === 0) {
    significant = bitLength(fraction);
    const shift = width + 1 - significant;
    significand = fraction << BigInt(shift);
    exponent = 1 - shift - bias;
  }
  const tailZeros = trailingZeros(significand);
  const fractionBits = width + 1 - tailZeros;
  const tinyBits = Math.max(0, fractionBits - exponent - 1);
  if (exponent <= 62 && exponent >= -21 && tinyBits === 0 && fractionBits < 64) {
    return integerDigits(significand, exponent, width, significant);
  }
  return divide(
    significand >> BigInt(tailZeros),
    exponent,
    fractionBits,
    tinyBits,
    significant,
    significand,
    width,
  );
}

function trailingZeros(value: bigint): number {
  const bits = value.toString(2);
  return bits.length - 1 - bits.lastIndexOf('1');
}

/** A whole number below 2^63: all its digits, but those beyond the precision are rounded away. */
function integerDigits(significand: bigint, exponent: number, width: number, significant: number): Digits {
  const shift = BigInt(Math.abs(exponent - width));
  let value = exponent >= width ? significand << shift : significand >> shift;
  const beyond = exponent - significant - 1;
  const insignificant =
    exponent > significant && beyond > 1 ? Math.floor(beyond * Math.LOG10E * Math.LN2) : 0;
  if (insignificant > 0) {
    const power = 10n ** BigInt(insignificant);
    const rest = value % power;
    value /= power;
    if (rest >= power / 2n) value++;
  }
  const text = value.toString();
  return { digits: text.replace(/0+$/, ''), point: text.length + insignificant };
}

/** floor(log10) of the number, at most one too high or exact: Java's linear estimate. */
function estimateExponent(significand: bigint, width: number, exponent: number): number {
  const mantissa = Number(significand) / 2 ** width;
  return Math.floor((mantissa - 1.5) * 0.289529654 + 0.176091259 + exponent * 0.301029995663981);
}

function divide(
  bits: bigint,
  exponent: number,
  fractionBits: number,
  tinyBits: number,
  significant: number,
  significand: bigint,
  width: number,
): Digits {
  let decimal = estimateExponent(significand, width, exponent);
  const b5 = Math.max(0, -decimal);
  let b2 = b5 + tinyBits + exponent;
  const s5 = Math.max(0, decimal);
  let s2 = s5 + tinyBits;
  let m2 = b2 - significant;
  b2 -= fractionBits - 1;
  const common = Math.min(b2, s2);
  b2 -= common;
  s2 -= common;
  m2 -= common;
  // A power of two: the gap below it is half of the gap above.
  if (fractionBits === 1) m2 -= 1;
  if (m2 < 0) {
    b2 -= m2;
    s2 -= m2;
    m2 = 0;
  }
  // Java divides in ints or longs where it thinks that the numbers fit: the stopping rule differs by an equality there,
  // and the margin may overflow.
  const most = Math.max(fractionBits + b2 + bitsOf5(b5), s2 + 1 + bitsOf5(s5 + 1));
  const wordBits = most < 32 ? 32 : most < 64 ? 64 : 0;
  const wrap = (n: bigint): bigint => (wordBits === 0 ? n : BigInt.asIntN(wordBits, n));
  const divisor = (5n ** BigInt(s5)) << BigInt(s2);
  const tens = divisor * 10n;
  let rest = (bits * 5n ** BigInt(b5)) << BigInt(b2);
  let margin = (5n ** BigInt(b5)) << BigInt(m2);
  let digits = '';
  let low = false;
  let high = false;
  for (let first = true; first || !(low || high); first = false) {
    const digit = rest / divisor;
    rest = (rest % divisor) * 10n;
    margin = wrap(margin * 10n);
    const overflowed = !first && margin <= 0n;
    low = overflowed || rest < margin;
    high = overflowed || (wordBits === 0 ? rest + margin >= tens : wrap(rest + margin) > tens);
    if (first && digit === 0n && !high) decimal -= 1;
    else digits += digit.toString();
    // In scientific layout there are always two digits.
    if (first && (decimal < -3 || decimal >= 8)) {
      low = false;
      high = false;
    }
  }
  const point = decimal + 1;
  if (!high) return { digits, point };
  if (low) {
    const difference = rest * 2n - tens;
    if (difference < 0n || (difference === 0n && Number(digits.at(-1)) % 2 === 0)) return { digits, point };
  }
  return roundUp(digits, point);
}

/** Java's table of how many bits 5^n takes; beyond it, 3 a power. */
function bitsOf5(n: number): number {
  if (n === 0) return 0;
  return n < 27 ? bitLength(5n ** BigInt(n)) : n * 3;
}

function roundUp(digits: string, point: number): Digits {
  const nines = /9*$/.exec(digits)![0].length;
  const kept = digits.length - nines;
  if (kept === 0) return { digits: `1${'0'.repeat(digits.length - 1)}`, point: point + 1 };
  return {
    digits: digits.slice(0, kept - 1) + String(Number(digits[kept - 1]) + 1) + '0'.repeat(nines),
    point,
  };
}
