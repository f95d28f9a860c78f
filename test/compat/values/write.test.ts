import { describe, expect, test } from 'vitest';
import { type ClassMap, isWrapper, type TypeInfo } from '../../../src/compat/values/class-map.js';
import { typesOf } from '../../../src/compat/values/compile.js';
import { javaName } from '../../../src/compat/values/java-name.js';
import { writeLoose } from '../../../src/compat/values/loose-write.js';
import { ValueWriter } from '../../../src/compat/values/writer.js';
import { ByteWriter } from '../../../src/core/bytes.js';

/* golden.test.ts compares the bytes; here is what it does not show. */

type Write = (w: ValueWriter) => void;

function bytes(write: Write, sofa = true): string {
  const out = new ByteWriter();
  const w = new ValueWriter(sofa ? 'sofa' : 'final', out);
  w.begin(out);
  write(w);
  return out.written().toString('latin1');
}

const typed = (classMap: ClassMap | undefined, info: TypeInfo, value: unknown, sofa = true) =>
  bytes((w) => typesOf(classMap, sofa).of(info)(w, value, undefined), sofa);
const loose = (value: unknown, sofa = true) => bytes((w) => writeLoose(w, value), sofa);
const wrapped = (classMap: ClassMap | undefined, value: unknown, sofa = true) => {
  if (!isWrapper(value)) throw new Error('not a wrapper');
  return typed(classMap, value, value.$, sofa);
};

describe('class maps', () => {
  test('two that have the same class write it each in its own way', () => {
    const one = { 'com.test.A': { x: { type: 'java.lang.String' } } };
    const two = { 'com.test.A': { x: { type: 'long' }, y: { type: 'int' } } };
    const value = { $class: 'com.test.A', $: { x: 5 } };
    const before = wrapped(one, value);
    expect(before).toContain('\x015');
    expect(wrapped(two, value)).not.toBe(before);
    expect(wrapped(one, value)).toBe(before);
  });

  test('a type that is an enum here and a class there is told apart', () => {
    const classMap = {
      'com.test.A': { e: { type: 'com.test.E', isEnum: true } },
      'com.test.B': { e: { type: 'com.test.E' } },
    };
    expect(wrapped(classMap, { $class: 'com.test.A', $: { e: 'RED' } })).toContain('\x04nameo\x91\x03RED');
    expect(wrapped(classMap, { $class: 'com.test.B', $: { e: { other: 1 } } })).toContain(
      '\x05othero\x91\x91',
    );
  });

  test('type arguments do not change the class map', () => {
    const classMap = {
      'com.test.Page': {
        rows: {
          type: 'java.util.Map',
          generic: [
            { type: 'java.lang.String' },
            {
              type: 'java.util.List',
              generic: [{ type: 'java.lang.Object', typeVar: true, typeAliasIndex: 0 }],
            },
          ],
        },
      },
    };
    const before = structuredClone(classMap);
    const page = (type: string, item: unknown) => ({
      $class: 'com.test.Page',
      $: { rows: { a: [item] } },
      generic: [{ type }],
    });
    const asLong = wrapped(classMap, page('java.lang.Long', 5));
    const asText = wrapped(classMap, page('java.lang.String', 5));
    expect(classMap).toEqual(before);
    expect(asLong).toContain('\xe5z');
    expect(asText).toContain('\x015z');
    expect(wrapped(classMap, page('java.lang.Long', 5))).toBe(asLong);
  });

  test('a wrapper is not changed', () => {
    const value = Object.freeze({ $class: 'com.test.A', $: Object.freeze({ x: 1 }) });
    wrapped({ 'com.test.A': { x: { type: 'int' } } }, value);
    expect(Object.keys(value)).toEqual(['$class', '$']);
  });

  test('a wrapper’s type goes before its class', () => {
    expect(wrapped({}, { $class: 'com.test.A', $: 5, type: 'long' })).toBe('\xe5');
  });

  test('a default is for what is undefined, each time anew, and may be a getter', () => {
    let asked = 0;
    const classMap = {
      'com.test.A': {
        list: { type: 'java.util.List', defaultValue: [] },
        again: { type: 'java.util.List', defaultValue: [] },
        got: {
          type: 'int',
          get defaultValue() {
            return ++asked;
          },
        },
      },
    };
    const before = asked;
    const text = wrapped(classMap, { $class: 'com.test.A', $: { list: undefined } });
    // The second is no reference to the first.
    expect(text.split('java.util.List').length).toBe(2);
    expect(text).not.toContain('J');
    expect(asked).toBeGreaterThan(before);
    const first = wrapped(classMap, { $class: 'com.test.A', $: {} }).slice(-1);
    const second = wrapped(classMap, { $class: 'com.test.A', $: {} }).slice(-1);
    expect(second.charCodeAt(0)).toBe(first.charCodeAt(0) + 1);
    expect(wrapped(classMap, { $class: 'com.test.A', $: { got: null } }).slice(-1)).toBe('\x90');
  });

  test('a default is not shared by two objects', () => {
    const classMap = { 'com.test.A': { list: { type: 'java.util.List', defaultValue: [] } } };
    const two = wrapped(classMap, { $class: 'com.test.A', $: [{}, {}], isArray: true });
    expect(two).toContain('v\x91\x90');
    expect(two).not.toContain('J');
  });

  test('a wrapped map in an ArrayList of maps is unwrapped in Hessian 3 alone', () => {
    const info = { type: 'java.util.ArrayList', generic: [{ type: 'java.util.Map' }] };
    const items = [{ $class: 'java.util.Map', $: { a: 1 } }];
    expect(typed({}, info, items)).toBe('Vn\x01M\x01a\x91zz');
    expect(typed({}, info, items, false)).toBe('yH\x06$class\x0djava.util.Map\x01$H\x01a\x91ZZ');
  });

  test('a default of a type is of Hessian 4 alone', () => {
    const info = { type: 'java.lang.String', defaultValue: 'none' };
    expect(typed({}, info, null)).toBe('N');
    expect(typed({}, info, null, false)).toBe('\x04none');
  });

  test('an enum of Hessian 3 is checked where the class map can say its constants', () => {
    const known = {
      getBy: (field: string, name: unknown) => (field === '$name' && name === 'RED' ? {} : undefined),
    };
    const classMap = { 'com.test.E': known } as unknown as ClassMap;
    const info = { type: 'com.test.E', isEnum: true };
    expect(typed(classMap, info, 'RED')).toContain('\x03RED');
    expect(typed(classMap, info, { $class: 'com.test.E', $: { $name: 'RED' } })).toContain('\x03RED');
    expect(() => typed(classMap, info, 'BLUE')).toThrow('enum: com.test.E have no name: ["BLUE"]');
    expect(() => typed({ 'com.test.E': {} }, info, 'RED')).toThrow('clazz.getBy is not a function');
    expect(typed(undefined, info, 'RED')).toContain('\x03RED');
  });

  test('what a wrapper in a map without types holds is written by the class map of the application', () => {
    const app = { 'com.test.A': { x: { type: 'java.lang.String' } } };
    const map = () => ({ a: { $class: 'com.test.A', $: { x: 5 } } });
    const write = (classMap: ClassMap | undefined) =>
      bytes((w) => typesOf({}, true).of({ type: 'java.util.Map' })(w, map(), classMap));
    expect(write(app)).toContain('\x015');
    expect(write(undefined)).toContain('\x95');
  });

  test('keys of a plain object become what their type is', () => {
    const of = (type: string, sofa = true) =>
      typed({}, { type: 'java.util.Map', generic: [{ type }, { type: 'int' }] }, { 5: 1 }, sofa);
    expect(of('int')).toBe('M\x95\x91z');
    expect(of('java.lang.Double')).toBe('Mi\x05\x91z');
    expect(of('boolean')).toBe('MT\x91z');
    expect(of('java.lang.String', false)).toBe('H\x015\x91Z');
  });

  test('a map class of Hessian 4 is an object with its keys for fields, however many there are', () => {
    const info = {
      type: 'com.test.Bag',
      isMap: true,
      generic: [{ type: 'java.lang.String' }, { type: 'int' }],
    };
    const asMap = typed(
      {},
      info,
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      false,
    );
    expect(typed({}, info, { a: 1, b: 2 }, false)).toBe(asMap);
    expect(asMap).toBe('C\x0ccom.test.Bag\x92\x01a\x01b`\x91\x92');
    expect(() => typed({}, info, new Map([[1, 1]]), false)).toThrow(
      'hessian writeString expect input type is `string`',
    );
  });

  test('a wrapper without its type is the map that it says, in Hessian 4 too', () => {
    expect(wrapped({}, { $class: 'java.util.HashMap', $: { a: 1 } }, false)).toBe('H\x01a\x91Z');
  });

  test('more types than are kept are written all the same', () => {
    const classMap = {};
    for (let i = 0; i < 10_050; i++) {
      const text = wrapped(classMap, { $class: `com.test.T${i}`, $: { x: 1 } });
      if (i % 1000 === 0) expect(text).toContain(`com.test.T${i}`);
    }
  });
});

describe('references', () => {
  test('many values are found again', () => {
    const items = Array.from({ length: 300 }, (_, i) => ({ i }));
    const text = loose([...items, items[0], items[299]]);
    expect(text.endsWith('J\x01K\x01,z')).toBe(true);
    expect(loose([...items, items[0]], false).endsWith('Q\x91')).toBe(true);
  });

  test('texts that stand for objects are found again, NaN never, also among many', () => {
    const decimal = { type: 'java.math.BigDecimal' };
    const list = (values: unknown[]) => typed({}, { type: 'java.util.List', generic: [decimal] }, values);
    expect(list(['1.5', '1.5'])).toContain('J\x01');
    expect(list([Number.NaN, Number.NaN])).not.toContain('J');
    const many = Array.from({ length: 200 }, (_, i) => String(i));
    const text = list([...many, Number.NaN, Number.NaN, '7']);
    expect(text.split('NaN').length).toBe(3);
    expect(text.endsWith('J\x08z')).toBe(true);
  });

  test('an exception counts for two: its stack is one', () => {
    const shared = { a: 1 };
    const text = typed({}, { type: 'java.util.List', generic: [{ type: 'java.lang.Object' }] }, [
      { $class: 'java.lang.Exception', $: new Error('x') },
      shared,
      shared,
    ]);
    expect(text.endsWith('M\x01a\x91zJ\x03z')).toBe(true);
  });

  test('past 65,535 they take four bytes', () => {
    const items = Array.from({ length: 65_536 }, () => []) as unknown[][];
    expect(loose([...items, items[65_535]]).endsWith('R\0\x01\0\0z')).toBe(true);
  });
});

describe('numbers and longs', () => {
  test.each([
    ['9223372036854775807', '\x7f\xff\xff\xff\xff\xff\xff\xff'],
    ['9223372036854775808', '\x80\0\0\0\0\0\0\0'],
    ['-9223372036854775808', '\x80\0\0\0\0\0\0\0'],
    ['00000000000000000005', '\0\0\0\0\0\0\0\x05'],
    ['1234567890123456x', '\0+\xdcT]kK\x80'],
    [Number.POSITIVE_INFINITY, '\x7f\xff\xff\xff\xff\xff\xff\xff'],
    [-1e300, '\x80\0\0\0\0\0\0\0'],
    [Number.NaN, '\0\0\0\0\0\0\0\0'],
    [{ high: 1, low: 2 }, '\0\0\0\x01\0\0\0\x02'],
  ])('the long %s', (value, expected) => {
    expect(typed({}, { type: 'long' }, value)).toBe(`L${expected}`);
  });

  test('a long of the long package is short where it is small', () => {
    expect(typed({}, { type: 'long' }, { __isLong__: true, high: -1, low: -1 })).toBe('\xdf');
    expect(typed({}, { type: 'long' }, { __isLong__: true, high: 0, low: -1 })).toBe(
      'L\0\0\0\0\xff\xff\xff\xff',
    );
    expect(loose({ high: 0, low: 5 })).toBe('L\0\0\0\0\0\0\0\x05');
  });

  test('what is no long is refused in the same words', () => {
    expect(() => typed({}, { type: 'long' }, {})).toThrow(new TypeError('str.indexOf is not a function'));
    expect(() => typed({}, { type: 'long' }, '12345678901234567-8')).toThrow('interior hyphen');
  });

  test('a double that is no number is made one, at full length', () => {
    expect(typed({}, { type: 'double' }, '1.5')).toBe('D?\xf8\0\0\0\0\0\0');
    expect(typed({}, { type: 'double' }, true)).toBe('D?\xf0\0\0\0\0\0\0');
    expect(() => typed({}, { type: 'double' }, 1n)).toThrow('Cannot convert a BigInt value to a number');
    expect(() => typed({}, { type: 'double' }, 1n, false)).toThrow(
      'Cannot mix BigInt and other types, use explicit conversions',
    );
    expect(() => typed({}, { type: 'double' }, Symbol('x'))).toThrow(
      'Cannot convert a Symbol value to a string',
    );
  });
});

describe('refusals', () => {
  test.each([
    [5n, 'Do not know how to serialize a BigInt'],
    [
      Symbol('x'),
      'hessian writeObject / writeMap expect input type is `object`, but got `symbol` : undefined ',
    ],
    [{ $class: 'int', $: 1.5 }, 'hessian writeInt expect input type is `int32`, but got `number` : 1.5 '],
    [
      { $class: 'string', $: {} },
      'hessian writeString expect input type is `string`, but got `object` : {} ',
    ],
    [
      { $class: 'java.util.Date', $: 'x' },
      'hessian writeDate expect input type is `number`, but got `string` : "x" ',
    ],
    [{ $class: '[int', $: 5 }, 'hessian writeArray input type invalid'],
    [{ $class: 5, $: { a: 1 } }, 'hessian writeString expect input type is `string`, but got `number` : 5 '],
  ])('%o', (value, message) => {
    expect(() => loose(value)).toThrow(new TypeError(message));
  });

  test('of values that a class map does not expect', () => {
    const refuse = (type: TypeInfo, value: unknown) => () => typed({ 'com.test.A': {} }, type, value);
    expect(refuse({ type: 'int', isArray: true }, { a: 1 })).toThrow('obj is not iterable');
    expect(refuse({ type: 'java.util.List' }, { a: 1 })).toThrow('obj is not iterable');
    expect(refuse({ type: 'byte', isArray: true }, [1])).toThrow(
      'hessian writeBytes expect input type is `buffer`, but got `object` : [1] ',
    );
    expect(refuse({ type: 'java.lang.String' }, true)).toThrow(
      'hessian writeString expect input type is `string`, but got `boolean` : true ',
    );
    expect(refuse({ type: 'java.util.Currency' }, 5)).toThrow('hessian writeString');
  });
});

test('names of Java', () => {
  expect(
    [
      null,
      undefined,
      Number.NaN,
      true,
      'x',
      1,
      2 ** 31,
      0.5,
      new Date(),
      Buffer.from(''),
      [],
      new Error(),
      {},
      5n,
    ].map(javaName),
  ).toEqual([
    'null',
    'null',
    'null',
    'boolean',
    'java.lang.String',
    'int',
    'long',
    'double',
    'java.util.Date',
    '[B',
    'java.util.ArrayList',
    'java.lang.RuntimeException',
    'java.util.HashMap',
    'java.util.HashMap',
  ]);
  expect(
    [
      { $class: 'com.test.A' },
      { $class: 'com.test.A', $abstractClass: 'com.test.Base' },
      { $class: 'com.test.A', isArray: true },
      { $class: 'int', isArray: true, arrayDepth: 2 },
      { $class: '[int' },
      { $class: '[[string' },
      { $class: '[com.test.A' },
      { $class: '[' },
    ].map(javaName),
  ).toEqual([
    'com.test.A',
    'com.test.Base',
    '[Lcom.test.A;',
    '[[I',
    '[I',
    '[[Ljava.lang.String;',
    '[Lcom.test.A;',
    '[L;',
  ]);
});
