import type { ClassMap } from '../../../src/compat/values/class-map.js';

/*
 * What golden.json has the bytes of, in both versions of Hessian. Each is written by a function: values are changed by
 * those who write them. `npm run test:interop -- compat` compares the bytes with the predecessor's own.
 */

export interface GoldenCase {
  readonly name: string;
  readonly classMap?: ClassMap;
  /** The arguments of a request, or the value of a response. */
  readonly args?: () => unknown[];
  readonly response?: () => object;
  /** Fields of the request besides. */
  readonly request?: object;
  /** Of the frame. */
  readonly options?: object;
  /** Bytes of one version alone. */
  readonly only?: '3.0' | '4.0';
}

const text = { type: 'java.lang.String' };
const classMap: ClassMap = {
  'com.test.Person': {
    id: { type: 'java.lang.Long' },
    name: text,
    age: { type: 'int' },
    active: { type: 'boolean' },
    score: { type: 'double' },
    born: { type: 'java.util.Date' },
    tags: { type: 'java.util.List', generic: [text] },
    address: { type: 'com.test.Address' },
    friend: { type: 'com.test.Person' },
    balance: { type: 'java.math.BigDecimal' },
    color: { type: 'com.test.Color', isEnum: true },
    extra: { type: 'java.util.Map', generic: [text, { type: 'java.lang.Object' }] },
    codes: { type: 'int', isArray: true },
    grid: { type: 'com.test.Address', isArray: true, arrayDepth: 2 },
    photo: { type: 'byte', isArray: true },
    KIND: { type: 'java.lang.String', isStatic: true },
    cache: { type: 'java.lang.Object', isTransient: true },
  },
  'com.test.Address': { street: text, city: { ...text, defaultValue: 'nowhere' } },
  'com.test.Page': {
    first: { type: 'java.lang.Object', typeAliasIndex: 0 },
    items: {
      type: 'java.util.List',
      generic: [{ type: 'java.lang.Object', typeVar: true, typeAliasIndex: 0 }],
    },
  },
  'com.test.Holder': {
    shape: { type: 'com.test.Shape', abstractClass: true },
    bag: { type: 'com.test.Bag', isMap: true },
    any: { type: 'java.lang.Object' },
    unknown: { type: 'com.test.Unknown' },
  },
};

const person = () => ({
  id: 12345678901,
  name: 'Ada',
  age: 36,
  active: true,
  score: 12.5,
  born: new Date(1_600_000_000_001),
  tags: ['a', 'b'],
  address: { street: 'Main 1' },
  balance: '12.50',
  color: 'RED',
  extra: { a: 1, b: 'x' },
  codes: [1, 300, -70_000],
  grid: [[{ street: 's', city: 'c' }], []],
  photo: Buffer.from([1, 2, 3]),
  cache: 'not written',
});
const wrap = ($class: string, $: unknown, more: object = {}) => ({ $class, $, ...more });

const numbers = [
  0,
  -1,
  47,
  48,
  -16,
  -17,
  2047,
  2048,
  262_143,
  262_144,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 53,
];
const doubles = [0.5, 1.5, -2.25, 0.001, 12_345.678, 1e300, Number.NaN, Number.POSITIVE_INFINITY, -0];

const circle = () => {
  const self: Record<string, unknown> = { name: 'loop' };
  self.friend = self;
  return self;
};
const shared = () => {
  const one = { a: 1 };
  return [one, one, [one]];
};

export const GOLDEN_CASES: readonly GoldenCase[] = [
  { name: 'no arguments', args: () => [] },
  { name: 'null and undefined', args: () => [null, undefined, Number.NaN] },
  { name: 'integers by value', args: () => numbers },
  { name: 'doubles by value', args: () => doubles },
  {
    name: 'texts',
    args: () => [
      '',
      'a',
      'ä中😀\ud800',
      'x'.repeat(31),
      'x'.repeat(32),
      'x'.repeat(1024),
      'x'.repeat(32_769),
    ],
  },
  {
    name: 'booleans, dates, bytes',
    args: () => [
      true,
      false,
      new Date(0),
      new Date(60_000),
      new Date(1),
      Buffer.from('abc'),
      Buffer.alloc(5000, 7),
    ],
  },
  {
    name: 'lists and maps',
    args: () => [
      [1, ['x']],
      { b: 1, a: { c: null } },
      new Map<unknown, unknown>([
        [1, 'a'],
        ['b', 2],
      ]),
      new Set([1]),
      [],
    ],
  },
  { name: 'a list of nine', args: () => [Array.from({ length: 9 }, (_, i) => i)] },
  { name: 'a list of 300', args: () => [Array.from({ length: 300 }, () => null)] },
  { name: 'functions, patterns, errors', args: () => [() => 1, /x/, new Error('only what is enumerable')] },
  { name: 'shared and circular', args: () => [shared(), circle()] },
  {
    name: 'wrapped scalars',
    args: () => [
      wrap('int', 5),
      wrap('java.lang.Long', 5),
      wrap('long', '9007199254740993'),
      wrap('double', 5),
      wrap('java.lang.Float', 1.5),
      wrap('java.lang.String', 'x'),
      wrap('boolean', true),
      wrap('java.util.Date', new Date(60_000)),
      wrap('byte', 1),
      wrap('java.lang.Integer', null),
    ],
  },
  {
    name: 'wrapped objects and arrays',
    args: () => [
      wrap('com.test.Loose', { b: 1, a: 'x' }),
      wrap('com.test.Loose', { b: 2, a: 'y', c: 'left out' }),
      wrap('java.util.HashMap', { a: 1 }),
      wrap('[int', [1, 2]),
      wrap('[int', [3]),
      wrap('java.util.List', ['x']),
      wrap('java.util.ArrayList', []),
      wrap('java.util.Locale', 'zh_CN'),
      wrap('java.lang.Object', 5),
      wrap('com.test.Sub', { x: 1 }, { $abstractClass: 'com.test.Base' }),
      wrap('string', ['a'], { isArray: true, arrayDepth: 2 }),
    ],
  },
  {
    name: 'a map class of Hessian 3',
    args: () => [
      wrap('com.test.Bag', { a: 1 }, { isMap: true }),
      wrap('com.alibaba.fastjson.JSONObject', { a: 1 }),
    ],
  },
  {
    name: 'sixteen classes and more',
    args: () => [
      Array.from({ length: 20 }, (_, i) => wrap(`com.test.C${i}`, { x: i })),
      wrap('com.test.C18', { x: 1 }),
    ],
  },
  {
    name: 'props',
    args: () => [1],
    request: { targetAppName: 'app', requestProps: { service: 's', trace: { id: 'x' }, n: 1 } },
  },
  { name: 'oneway', args: () => ['x'], request: { oneway: true, timeout: 0 } },
  {
    name: 'a class',
    classMap,
    args: () => [wrap('com.test.Person', person()), wrap('com.test.Person', { name: 'empty' })],
  },
  { name: 'a class in itself', classMap, args: () => [wrap('com.test.Person', circle())] },
  {
    name: 'a subclass in a wrapper',
    classMap,
    args: () => [wrap('com.test.Person', { friend: wrap('com.test.Address', { street: 'x' }) })],
  },
  {
    name: 'class arrays',
    classMap,
    args: () => [
      wrap('com.test.Address', [{ street: 'a' }, null], { isArray: true }),
      wrap('com.test.Address', [[]], { isArray: true, arrayDepth: 2 }),
    ],
  },
  {
    name: 'type arguments',
    classMap,
    args: () => [
      wrap('com.test.Page', { first: 5, items: [1, 2] }, { generic: [{ type: 'java.lang.Long' }] }),
      wrap('com.test.Page', { first: 'x', items: ['y'] }, { generic: [text] }),
    ],
  },
  {
    name: 'abstract, unknown, any',
    classMap,
    args: () => [
      wrap('com.test.Holder', {
        shape: wrap('com.test.Address', { street: 'x' }),
        bag: new Map([['a', 1]]),
        any: { x: 1.5 },
        unknown: { y: 1 },
      }),
    ],
  },
  {
    name: 'any wrapped',
    classMap,
    args: () => [wrap('com.test.Holder', { any: wrap('com.test.Address', { street: 'as it is' }) })],
  },
  {
    name: 'classes of the JDK',
    classMap: {
      'com.test.Jdk': {
        clazz: { type: 'java.lang.Class' },
        array: { type: 'java.lang.Class' },
        currency: { type: 'java.util.Currency' },
        decimal: { type: 'java.math.BigDecimal' },
        locale: { type: 'java.util.Locale' },
        atomic: { type: 'java.util.concurrent.atomic.AtomicLong' },
        set: { type: 'java.util.Set', generic: [text] },
        list: { type: 'java.util.ArrayList', generic: [{ type: 'long' }] },
        collection: { type: 'java.util.Collection' },
        map: { type: 'java.util.HashMap' },
        keys: { type: 'java.util.Map', generic: [{ type: 'java.lang.Integer' }, text] },
        frame: { type: 'java.lang.StackTraceElement' },
        char: { type: 'char' },
        short: { type: 'short' },
        float: { type: 'java.lang.Float' },
        long: { type: 'long' },
        date: { type: 'java.util.Date' },
        locales: { type: 'java.util.Locale', isArray: true },
      },
    },
    args: () => [
      wrap('com.test.Jdk', {
        clazz: 'java.lang.String',
        array: '[java.lang.String',
        currency: 'CNY',
        decimal: { value: '1.10' },
        locale: 'zh_CN',
        atomic: 5,
        set: new Set(['a']),
        list: [1, '2'],
        collection: ['x', 1],
        map: { b: 1, a: 2 },
        keys: { 1: 'one' },
        frame: { declaringClass: 'A', methodName: 'b', fileName: null, lineNumber: '7' },
        char: 'c',
        short: '12',
        float: 1.5,
        long: '9223372036854775807',
        date: '2020-01-02T03:04:05Z',
        locales: ['en', 'de'],
      }),
    ],
  },
  {
    name: 'texts that come again',
    classMap: {
      'com.test.Twice': { a: { type: 'java.math.BigDecimal' }, b: { type: 'java.math.BigDecimal' } },
    },
    args: () => [wrap('com.test.Twice', { a: '1.5', b: '1.5' })],
  },
  {
    // In Hessian 4 the predecessor writes a plain object of two entries so that nobody can read it.
    name: 'a map class with types',
    classMap: { 'com.test.Bag': {} },
    args: () =>
      [
        new Map([
          ['a', 1],
          ['b', 2],
        ]),
        { a: 1 },
      ].map((bag) => wrap('com.test.Bag', bag, { isMap: true, generic: [text, { type: 'long' }] })),
  },
  {
    name: 'a plain map class with types',
    only: '3.0',
    classMap: { 'com.test.Bag': {} },
    args: () => [
      wrap('com.test.Bag', { 2: 'two', 1: 'one' }, { isMap: true, generic: [{ type: 'int' }, text] }),
    ],
  },
  { name: 'bolt2', args: () => [1], options: { protocolType: 'bolt2' } },
  {
    name: 'bolt2 with a checksum',
    args: () => [1],
    options: { protocolType: 'bolt2', boltVersion: 2, crcEnable: true },
  },
  {
    name: 'bolt2, version 1, with a checksum',
    args: () => [1],
    options: { protocolType: 'bolt2', crcEnable: true },
  },
  { name: 'a response', response: () => ({ appResponse: { a: 1 }, responseProps: { b: 'c' } }) },
  { name: 'an empty response', response: () => ({}) },
  {
    name: 'a response of a class',
    classMap,
    response: () => ({ appResponse: wrap('com.test.Person', person()) }),
  },
  {
    name: 'a list in a response',
    classMap,
    response: () => ({
      appResponse: wrap('java.util.List', [person()], { generic: [{ type: 'com.test.Person' }] }),
    }),
  },
  {
    name: 'a class map of the response',
    response: () => ({ classMap, appResponse: wrap('com.test.Address', { street: 'x' }) }),
  },
  {
    name: 'a response of bolt2',
    response: () => ({ appResponse: 'x' }),
    options: { protocolType: 'bolt2', boltVersion: 2, crcEnable: true },
  },
];
