import { describe, expect, test } from 'vitest';
import { decode, encode, java } from '../../../../src/hessian/public.js';
import { canonical } from '../../src/canonical/canonical.js';
import { doubleText, floatText } from '../../src/canonical/canonical-double.js';

const show = (value: unknown) => canonical(decode(encode(value), { lossless: true }));

// Printed by OpenJDK 17.
describe('numbers as Double.toString and Float.toString', () => {
  test.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-100, '-100.0'],
    [9999999, '9999999.0'],
    [1e7, '1.0E7'],
    [0.001, '0.001'],
    [0.0009, '9.0E-4'],
    [1e21, '1.0E21'],
    [123456.789, '123456.789'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [Number.NaN, 'NaN'],
  ])('%s', (value, text) => expect(doubleText(value)).toBe(text));

  test.each([
    [5e-324, '4.9E-324'],
    [2e23, '1.9999999999999998E23'],
    [1e23, '9.999999999999999E22'],
    [8.41e21, '8.409999999999999E21'],
    [2 ** -44, '5.6843418860808015E-14'],
    [2 ** 55, '3.6028797018963968E16'],
  ])('%s, which has other digits in JavaScript', (value, text) => expect(doubleText(value)).toBe(text));

  test.each([
    [1.1, '1.1'],
    [-0, '-0.0'],
    [3.4028234663852886e38, '3.4028235E38'],
    [1.401298464324817e-45, '1.4E-45'],
    [16777216, '1.6777216E7'],
  ])('float %s', (value, text) => expect(floatText(Math.fround(value))).toBe(text));
});

describe('collections', () => {
  const entries = { zeta: 4, b: 1, a: 1, Ab: 2, 中: 1 };
  const keys = (value: unknown) =>
    (show(value) as { kv: [{ v: string }, unknown][] }).kv.map(([key]) => key.v);

  test('a HashMap is in the order of its hash codes, a TreeMap sorted, a LinkedHashMap as it came', () => {
    expect(keys(java.map(entries))).toEqual(['zeta', 'a', 'Ab', 'b', '中']);
    expect(keys(java.map(entries, 'java.util.TreeMap'))).toEqual(['Ab', 'a', 'b', 'zeta', '中']);
    expect(keys(java.map(entries, 'java.util.LinkedHashMap'))).toEqual(['zeta', 'b', 'a', 'Ab', '中']);
  });

  test.each([
    ['java.util.Arrays$ArrayList', 'java.util.ArrayList'],
    ['java.util.ImmutableCollections$ListN', 'java.util.ArrayList'],
    ['java.util.ImmutableCollections$SetN', 'java.util.HashSet'],
    ['java.util.Collections$UnmodifiableSet', 'java.util.HashSet'],
    ['java.util.Collections$UnmodifiableSortedSet', 'java.util.TreeSet'],
    ['java.util.RegularEnumSet', 'java.util.HashSet'],
    ['java.util.concurrent.CopyOnWriteArraySet', 'java.util.concurrent.CopyOnWriteArraySet'],
    ['java.util.PriorityQueue', 'java.util.PriorityQueue'],
    ['com.acme.Stack', 'com.acme.Stack'],
  ])('Java reads a %s as a %s', (written, read) => {
    expect(show(java.list([], written))).toEqual({ c: read, id: 0, e: [] });
  });

  test.each([
    ['java.util.Collections$UnmodifiableMap', 'java.util.HashMap'],
    ['java.util.ImmutableCollections$MapN', 'java.util.HashMap'],
    ['java.util.EnumMap', 'java.util.HashMap'],
    ['java.util.Hashtable', 'java.util.Hashtable'],
    ['java.util.concurrent.ConcurrentSkipListMap', 'java.util.concurrent.ConcurrentSkipListMap'],
  ])('Java reads a %s as a %s', (written, read) => {
    expect(show(java.map({}, written))).toEqual({ c: read, id: 0, kv: [] });
  });
});

describe('items of arrays', () => {
  test.each([
    [java.array('float', [1.1]), '[F', { c: 'java.lang.Float', v: '1.1', bits: '3f8ccccd' }],
    [java.array('java.lang.Short', [1]), '[Ljava.lang.Short;', { c: 'java.lang.Short', v: 1 }],
    [
      java.array('java.lang.Character', ['x']),
      '[Ljava.lang.Character;',
      { c: 'java.lang.Character', v: 'x' },
    ],
    [java.array('byte[]', [[1]]), '[[B', { c: '[B', v: '01' }],
    [java.array('char[]', [['a']]), '[[C', { c: '[C', id: 1, e: [{ c: 'java.lang.Character', v: 'a' }] }],
    [java.array('long[]', [[1]]), '[[J', { c: '[J', id: 1, e: [{ c: 'java.lang.Long', v: '1' }] }],
  ])('%#', (value, c, item) => expect(show(value)).toEqual({ c, id: 0, e: [item] }));
});

test('a constant in capitals is an enum, another object with a name is not', () => {
  expect(show(java.enum('com.acme.Color', 'RED_2'))).toEqual({ c: 'com.acme.Color', enum: 'RED_2' });
  expect(show(java.enum('com.acme.Pet', 'Rex'))).toEqual({
    c: 'com.acme.Pet',
    id: 0,
    f: { name: { c: 'java.lang.String', v: 'Rex' } },
  });
});

test('shared values are shown once', () => {
  let graph: unknown = [];
  for (let i = 0; i < 60; i++) graph = [graph, graph];
  expect(JSON.stringify(show(graph)).length).toBeLessThan(10_000);
});

test.each([
  ['th_TH_TH', 'th_TH_TH_#u-nu-thai'],
  ['zh_CN_#Hans', 'zh_CN'],
  ['EN', 'en'],
  ['_us', '_US'],
  ['de__POSIX', 'de__POSIX'],
])('the Locale %s', (value, text) => {
  expect(show(java.object('com.caucho.hessian.io.LocaleHandle', { value }))).toEqual({
    c: 'java.util.Locale',
    v: text,
  });
});

// Weeks at the turn of a year, printed by OpenJDK 17 in UTC.
test.each([
  [1703980799000n, 'WEEK_OF_YEAR=52,WEEK_OF_MONTH=5,DAY_OF_MONTH=30'],
  [1735603200000n, 'WEEK_OF_YEAR=1,WEEK_OF_MONTH=5,DAY_OF_MONTH=31'],
  [-1n, 'WEEK_OF_YEAR=1,WEEK_OF_MONTH=5,DAY_OF_MONTH=31'],
])('the Calendar of %s', (ms, part) => {
  const calendar = java.object('com.caucho.hessian.io.CalendarHandle', { type: null, date: java.date(ms) });
  expect((show(calendar) as { v: string }).v).toContain(part);
});

test('only the lossless form has a canonical JSON', () => {
  expect(() => canonical([1])).toThrow(expect.objectContaining({ code: 'ENCODE_FAILED' }));
});
