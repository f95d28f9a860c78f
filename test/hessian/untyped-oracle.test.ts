import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../src/hessian/public.js';

/** hessian.js 2 speaks the final grammar. It has no types of its own. */
const oracle = createRequire(import.meta.url)('hessian.js') as {
  encode(value: unknown, version: '2.0'): Buffer;
  decode(bytes: Buffer, version: '2.0'): unknown;
};

// Where hessian.js agrees with Java. It writes a surrogate pair as 4 bytes, which Java refuses; it takes a whole number
// for an int or long whatever its type was; and it has no -0 or NaN.
const text = fc.string({
  unit: fc
    .integer({ min: 0, max: 0xffff })
    .filter((c) => c < 0xd800 || c > 0xdfff)
    .map((c) => String.fromCharCode(c)),
  maxLength: 60,
});
const longText = fc.tuple(text, fc.nat(3000)).map(([part, times]) => part.repeat(times).slice(0, 70_000));
const int = fc.oneof(fc.integer({ min: -300_000, max: 300_000 }), fc.integer());
const fraction = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => !Number.isInteger(value));
const date = fc
  .oneof(
    fc.integer({ min: -(10 ** 13), max: 10 ** 13 }),
    fc.integer({ min: -(10 ** 8), max: 10 ** 8 }).map((minutes) => minutes * 60_000),
  )
  .map((ms) => new Date(ms));
const leaf = fc.oneof(fc.constant(null), fc.boolean(), int, fraction, text, date);

const { value } = fc.letrec<{ value: unknown; list: unknown[]; map: Map<unknown, unknown> }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 12 }),
  map: fc.array(fc.tuple(text, tie('value')), { maxLength: 6 }).map((entries) => new Map(entries)),
}));

/** hessian.js gives a map as a plain object. */
function asPlain(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(asPlain);
  if (!(given instanceof Map)) return given;
  const plain: Record<string, unknown> = {};
  for (const [key, item] of given)
    Object.defineProperty(plain, key as string, {
      value: asPlain(item),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return plain;
}

function asMaps(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(asMaps);
  if (typeof given !== 'object' || given === null || given instanceof Date || given instanceof Uint8Array)
    return given;
  return new Map(Object.entries(given).map(([key, item]) => [key, asMaps(item)]));
}

/** Keys that hessian.js loses, or takes for a class. */
function harmless(given: unknown): boolean {
  if (Array.isArray(given)) return given.every(harmless);
  if (!(given instanceof Map)) return true;
  return [...given].every(
    ([key, item]) => !['__proto__', '$class', '$', 'type', '$map'].includes(key as string) && harmless(item),
  );
}

describe('hessian.js and this codec understand each other in the final grammar', () => {
  const values = fc.oneof(value, longText).filter(harmless);

  test('it reads what this writes', () => {
    fc.assert(
      fc.property(values, (given) => {
        expect(asMaps(oracle.decode(encode(given, { grammar: 'final' }), '2.0'))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  test('this reads what it writes', () => {
    fc.assert(
      fc.property(values, (given) => {
        expect(decode(oracle.encode(asPlain(given), '2.0'), { grammar: 'final' })).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  test('byte arrays of every size', () => {
    fc.assert(
      fc.property(fc.nat(40_000), (length) => {
        const bytes = Buffer.alloc(length, 7);
        expect(bytes.equals(oracle.decode(encode(bytes, { grammar: 'final' }), '2.0') as Buffer)).toBe(true);
        expect(bytes.equals(decode(oracle.encode(bytes, '2.0'), { grammar: 'final' }) as Buffer)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
