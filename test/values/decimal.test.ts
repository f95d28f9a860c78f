import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MeshError } from '../../src/core/errors.js';
import { Decimal } from '../../src/values/decimal.js';

// What Java 17's BigDecimal.toString() gives.
const JAVA = {
  '1': '1',
  '0': '0',
  '-0': '0',
  '0.0': '0.0',
  '0.000000': '0.000000',
  '0.0000000': '0E-7',
  '0E+3': '0E+3',
  '1.': '1',
  '+.5': '0.5',
  '1e5': '1E+5',
  '1E-5': '0.00001',
  '1e-7': '1E-7',
  '12.34E+1': '123.4',
  '00012.50': '12.50',
  '-1234567.890E+10': '-1.234567890E+16',
  '1E+30': '1E+30',
  '1E+2147483647': '1E+2147483647',
  '1E-2147483647': '1E-2147483647',
  '12345678901234567890.1234567890': '12345678901234567890.1234567890',
};

describe('Decimal', () => {
  it.each(Object.entries(JAVA))('writes %s as Java does', (text, expected) => {
    expect(new Decimal(text).toString()).toBe(expected);
    expect(`${new Decimal(expected)}`).toBe(expected);
  });

  it('reads back what it wrote, for any digits and scale', () => {
    const scale = fc.integer({ min: -40, max: 40 });
    fc.assert(
      fc.property(fc.bigInt(), scale, (unscaled, exponent) => {
        const decimal = new Decimal(`${unscaled}E${exponent}`);
        expect(new Decimal(decimal.toString()).value).toBe(decimal.value);
      }),
    );
  });

  it.each(['', '.', 'abc', '1,5', '1e', 'NaN', 'Infinity', '0x10', ' 1', '1 ', '--1', '1E+99999999999'])(
    'refuses %j',
    (text) => {
      expect(() => new Decimal(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    },
  );

  it('refuses a scale that Java cannot hold, and a JavaScript number', () => {
    expect(() => new Decimal('1E+2147483648')).toThrow(/scale/);
    // @ts-expect-error a number is seldom the decimal that was meant
    expect(() => Decimal.of(0.1)).toThrow(MeshError);
  });

  it('is made of a bigint', () => {
    expect(Decimal.of(-12n).value).toBe('-12');
  });

  it('compares by number and equals by scale, as Java does', () => {
    expect(new Decimal('1.0').equals(new Decimal('1.00'))).toBe(false);
    expect(new Decimal('1.0').compare(new Decimal('1.00'))).toBe(0);
    expect(new Decimal('-0.0').compare(new Decimal('0E+9'))).toBe(0);
    expect(new Decimal('1E+2000000000').compare(new Decimal('9'))).toBe(1);
    expect(new Decimal('-1E+2000000000').compare(new Decimal('9'))).toBe(-1);
  });

  it('compares as exact integers of one scale do', () => {
    const unscaled = fc.bigInt({ min: -100_000n, max: 100_000n });
    const scale = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(unscaled, scale, unscaled, scale, (a, scaleA, b, scaleB) => {
        const left = a * 10n ** BigInt(6 - scaleA);
        const right = b * 10n ** BigInt(6 - scaleB);
        const expected = left === right ? 0 : left < right ? -1 : 1;
        expect(new Decimal(`${a}E-${scaleA}`).compare(new Decimal(`${b}E-${scaleB}`))).toBe(expected);
      }),
    );
  });

  it('is text in JSON', () => {
    expect(JSON.stringify({ price: new Decimal('1.10') })).toBe('{"price":"1.10"}');
  });

  it('knows a Decimal of another copy of the package', () => {
    const other = Object.create({ [Symbol.for('sofa-mesh-sdk.Decimal')]: true }, { value: { value: '1' } });
    expect(Decimal.is(other)).toBe(true);
    expect(new Decimal('1').equals(other)).toBe(true);
    expect(Decimal.is({ value: '1' })).toBe(false);
    expect(Decimal.is(null)).toBe(false);
  });

  it('takes time in proportion to its digits', () => {
    const digits = '0'.repeat(200_000);
    expect(new Decimal(`1${digits}`).value).toHaveLength(200_001);
    expect(new Decimal(`${digits}1`).value).toBe('1');
  });
});
