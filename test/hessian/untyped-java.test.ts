import { describe, expect, test } from 'vitest';
import { decode, encode, java } from '../../src/hessian/public.js';
import { Decimal } from '../../src/values/decimal.js';
import { javaTypeOf } from '../../src/values/java.js';
import { CLASS_NAME } from '../../src/values/schema.js';

test.each([
  [java.boolean(true), 'boolean', '54'],
  [java.Boolean(true), 'java.lang.Boolean', '54'],
  [java.byte(1), 'byte', '91'],
  [java.Short(1), 'java.lang.Short', '91'],
  [java.int(1), 'int', '91'],
  [java.Int(1), 'java.lang.Integer', '91'],
  [java.long(1), 'long', 'e1'],
  [java.Long(1n), 'java.lang.Long', 'e1'],
  [java.float(1.1), 'float', '6b3f8ccccd'],
  [java.Double(1), 'java.lang.Double', '68'],
  [java.char('a'), 'char', '0161'],
  [java.date(1), 'java.util.Date', '640000000000000001'],
  [java.list([1]), 'java.util.List', '566e01917a'],
  [java.list([1], 'java.util.ArrayList'), 'java.util.List', '566e01917a'],
  [java.list([], 'java.util.Stack'), 'java.util.Stack', '5674000f6a6176612e7574696c2e537461636b6e007a'],
  [java.map({ a: 1 }), 'java.util.Map', '4d0161917a'],
  [java.map([['a', 1]], 'java.util.HashMap'), 'java.util.Map', '4d0161917a'],
  [java.object('P', { x: 1 }), 'P', '4f9150910178' + '6f9091'],
  [java.enum('E', 'A'), 'E', '4f91459104' + '6e616d65' + '6f900141'],
  [java.array('int', [1]), '[I', '567400045b696e746e01917a'],
  [java.array('long', [1]), '[J', '567400055b6c6f6e676e01e17a'],
  [java.array('String', ['a']), '[Ljava.lang.String;', '567400075b737472696e676e0101617a'],
  [java.array('int[]', [[1]]), '[[I', '567400055b5b696e746e01567400045b696e746e01917a7a'],
  [java.array('com.x.Y', [null]), '[Lcom.x.Y;', '567400085b636f6d2e782e596e014e7a'],
  [java.array('byte', [1, 255]), '[B', '2201ff'],
  [java.array('char', ['a', 'b']), '[C', '026162'],
  [java.as('java.util.Collection', [1]), 'java.util.Collection', '566e01917a'],
])('%# is written as Java does', (value, type, hex) => {
  expect(javaTypeOf(value)).toBe(type);
  expect(encode(value).toString('hex')).toBe(hex);
});

test.each([
  [null, 'java.lang.Object'],
  [undefined, 'java.lang.Object'],
  ['x', 'java.lang.String'],
  [true, 'boolean'],
  [1, 'int'],
  [2 ** 31, 'double'],
  [-0, 'double'],
  [1n, 'long'],
  [2n ** 64n, 'java.math.BigInteger'],
  [[], 'java.util.List'],
  [new Set(), 'java.util.Set'],
  [new Map(), 'java.util.Map'],
  [{}, 'java.util.Map'],
  [{ [CLASS_NAME]: 'com.acme.P' }, 'com.acme.P'],
  [new Date(), 'java.util.Date'],
  [Buffer.alloc(1), '[B'],
  [new Decimal('1'), 'java.math.BigDecimal'],
])('%s stands for a parameter of type %s', (value, type) => expect(javaTypeOf(value)).toBe(type));

describe('the final grammar keeps small numbers in handles', () => {
  test.each([
    [java.Byte(1), 1],
    [java.short(300), 300],
    [java.Float(1.5), 1.5],
  ])('%# %s', (value, plain) => {
    const bytes = encode(value, { grammar: 'final' });
    expect(bytes.toString('latin1')).toContain('Handle');
    expect(decode(bytes, { grammar: 'final' })).toBe(plain);
  });
});

test('but not in arrays of primitives', () => {
  const items = java.list([java.array('short', [1]), java.array('float', [1.5])]);
  expect(encode(items, { grammar: 'final' }).toString('latin1')).not.toContain('Handle');
  expect(encode(java.array('java.lang.Short', [1]), { grammar: 'final' }).toString('latin1')).toContain(
    'ShortHandle',
  );
});

test('-0 keeps being a double', () => expect(encode(-0).toString('hex')).toBe('67'));
