/*
 * Longs come as numbers, as text, or as what the `long` package makes. What none of them can be is taken as the
 * predecessor took it: fractions lose their fraction, what is too large becomes the largest.
 */

/** An instance of the `long` package, or what looks like one. */
export interface LongLike {
  readonly high: number;
  readonly low: number;
  readonly unsigned?: boolean;
  readonly __isLong__?: boolean;
}

const SAFE_TEXT = String(Number.MAX_SAFE_INTEGER);
const MAX_LONG = 2n ** 63n - 1n;
const MIN_LONG = -(2n ** 63n);

/** Whether this text is short enough to be a number. Says nothing of whether it is one. */
export function isShortText(text: string): boolean {
  const digits = text[0] === '-' ? text.substring(1) : text;
  return digits.length < SAFE_TEXT.length || (digits.length === SAFE_TEXT.length && digits <= SAFE_TEXT);
}

/** The 64 bits of a number. */
export function longOfNumber(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value <= -(2 ** 63)) return MIN_LONG;
  if (value + 1 >= 2 ** 63) return MAX_LONG;
  return BigInt(Math.trunc(value));
}

/** The 64 bits of a decimal text. Eight digits at a time, each of which may be followed by anything. */
export function longOfText(text: string): bigint {
  // In the predecessor's words, for what is neither number, text nor Long.
  if (typeof text !== 'string')
    throw new TypeError(`str.${'indexOf' in Object(text) ? 'substring' : 'indexOf'} is not a function`);
  if (text.length === 0) throw new Error('empty string');
  if (text === 'NaN' || text === 'Infinity' || text === '+Infinity' || text === '-Infinity') return 0n;
  const sign = text.indexOf('-');
  if (sign > 0) throw new Error('interior hyphen');
  if (sign === 0) return BigInt.asIntN(64, -longOfText(text.substring(1)));
  let long = 0n;
  for (let i = 0; i < text.length; i += 8) {
    const part = text.substring(i, i + 8);
    const digits = Number.parseInt(part, 10);
    long = BigInt.asIntN(64, long * 10n ** BigInt(part.length) + longOfNumber(digits));
  }
  return long;
}

export function isLongLike(value: object): value is LongLike {
  return typeof (value as LongLike).high === 'number' && typeof (value as LongLike).low === 'number';
}

/** The number of a Long of 32 bits and a sign: those are written short. */
export function smallLong(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { __isLong__: isLong, high, low, unsigned } = value as LongLike;
  if (isLong !== true || (high !== 0 && high !== -1)) return undefined;
  return (unsigned ? high >>> 0 : high) * 0x1_0000_0000 + (low >>> 0);
}
