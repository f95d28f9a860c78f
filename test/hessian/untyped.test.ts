import { describe, expect, test } from 'vitest';
import {
  CLASS_NAME,
  Decimal,
  Duration,
  decode,
  decodeAll,
  encode,
  encodeAll,
  Instant,
  JavaClass,
  java,
  LocalDate,
  LocalDateTime,
  LocalTime,
  MonthDay,
  OffsetDateTime,
  OffsetTime,
  Period,
  RemoteError,
  Year,
  YearMonth,
  ZonedDateTime,
  ZoneOffset,
} from '../../src/hessian/public.js';
import { hessianRows } from '../wire/vectors.js';

const grammars = ['sofa', 'final'] as const;

describe.each(grammars)('plain values in the %s grammar', (grammar) => {
  const roundTrip = (value: unknown) => decode(encode(value, { grammar }), { grammar });

  test.each([
    null,
    true,
    0,
    -1,
    2 ** 31 - 1,
    2 ** 31,
    1.5,
    Number.NaN,
    7n,
    -(2n ** 63n),
    2n ** 63n,
    -(2n ** 200n),
    '',
    '杭州 😀 \ud800',
    new Date(1500000000123),
    Buffer.from([1, 2, 3]),
    [],
    [1, [2, 'x'], null],
    new Map<unknown, unknown>([
      ['a', 1],
      [2n, [3]],
    ]),
    new Set([1, 'x']),
    new Decimal('1.50'),
    new Decimal('1E+30'),
    new JavaClass('[I'),
    new LocalDate(2024, 2, 29),
    new LocalTime(1, 2, 3, 4),
    new LocalDateTime(new LocalDate(2024, 2, 29), new LocalTime(1, 2)),
    new Instant(1700000000n, 5),
    new Duration(-1n, 500),
    new Period(1, -2, 3),
    new Year(-5),
    new YearMonth(2024, 2),
    new MonthDay(2, 29),
    new ZoneOffset(-3723),
    new OffsetTime(new LocalTime(1, 2), new ZoneOffset(3600)),
    new OffsetDateTime(new LocalDateTime(new LocalDate(2024, 1, 2), new LocalTime(3, 4)), new ZoneOffset(0)),
    new ZonedDateTime(
      new LocalDateTime(new LocalDate(2024, 1, 2), new LocalTime(3, 4)),
      new ZoneOffset(28800),
      'Asia/Shanghai',
    ),
  ])('%s comes back', (value) => expect(roundTrip(value)).toEqual(value));

  test('a plain object is a HashMap, or an object of the class it names', () => {
    expect(roundTrip({ a: 1, b: undefined })).toEqual(
      new Map<string, unknown>([
        ['a', 1],
        ['b', null],
      ]),
    );
    const person = roundTrip({ [CLASS_NAME]: 'com.acme.Person', id: 7n, tags: ['x'] });
    expect(person).toEqual({ [CLASS_NAME]: 'com.acme.Person', id: 7n, tags: ['x'] });
  });

  test('shared objects stay shared, and cycles are cycles', () => {
    const shared = { [CLASS_NAME]: 'com.acme.Node', next: null as unknown };
    shared.next = [shared, shared];
    const back = roundTrip([shared, shared]) as (typeof shared)[];
    expect(back[0]).toBe(back[1]);
    expect(back[0].next).toEqual([back[0], back[0]]);
  });

  test('__proto__ and constructor are own properties and map entries like any other', () => {
    const fields: [string, unknown][] = [
      ['__proto__', { evil: true }],
      ['constructor', 'c'],
    ];
    const pojo = roundTrip(java.object('com.acme.P', fields)) as Record<string, unknown>;
    expect(Object.getPrototypeOf(pojo)).toBe(Object.prototype);
    expect(Object.keys(pojo)).toEqual(['__proto__', 'constructor']);
    expect((pojo as { evil?: boolean }).evil).toBeUndefined();
    const map = roundTrip(java.map(fields)) as Map<string, unknown>;
    expect([...map.keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as { evil?: boolean }).evil).toBeUndefined();
  });

  test('a field that subclass and base both declare keeps the value of the subclass', () => {
    const child = java.object('com.acme.Child', [
      ['label', 'child'],
      ['label', 'base'],
    ]);
    expect(roundTrip(child)).toMatchObject({ label: 'child' });
  });

  test('two definitions of one class with different fields', () => {
    const a = java.object('com.acme.P', { x: 1 });
    const b = java.object('com.acme.P', { y: 2 });
    const bytes = encode([a, b, a, java.object('com.acme.P', { y: 3 })], { grammar });
    expect(decode(bytes, { grammar })).toMatchObject([{ x: 1 }, { y: 2 }, { x: 1 }, { y: 3 }]);
    // The third object is a reference, the fourth uses the second definition.
    expect(bytes.toString('latin1').split('com.acme.P')).toHaveLength(3);
  });

  test('several values on one stream share references and definitions', () => {
    const shared = { [CLASS_NAME]: 'com.acme.P', x: 1 };
    const values = decodeAll(encodeAll([shared, 1, shared], { grammar }), { grammar });
    expect(values).toEqual([shared, 1, shared]);
    expect(values[2]).toBe(values[0]);
  });

  test('an exception comes back as a RemoteError with its fields, cause and stack', () => {
    const frame = java.object('java.lang.StackTraceElement', {
      declaringClass: 'a.B',
      methodName: 'm',
      fileName: 'B.java',
      lineNumber: 12,
    });
    const cause = java.object('java.io.IOException', { detailMessage: 'io', cause: null });
    const thrown = java.object('com.acme.NotFound', {
      id: 7n,
      detailMessage: 'no such person',
      cause,
      stackTrace: java.list([frame, frame], '[java.lang.StackTraceElement'),
      suppressedExceptions: [],
    });
    const error = roundTrip(thrown) as RemoteError;
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({
      className: 'com.acme.NotFound',
      message: 'no such person',
      fields: { id: 7n },
      remoteStack: 'at a.B.m(B.java:12)\nat a.B.m(B.java:12)',
      cause: { className: 'java.io.IOException', message: 'io' },
    });
    expect(roundTrip(error)).toMatchObject({
      className: 'com.acme.NotFound',
      message: 'no such person',
      fields: { id: 7n },
    });
  });

  test('an exception that is its own cause has none', () => {
    const thrown = java.object('java.lang.Error', { detailMessage: null, cause: null });
    thrown.fields[1][1] = thrown;
    const error = roundTrip(thrown) as RemoteError;
    expect(error.cause).toBeUndefined();
    expect(error.message).toBe('');
  });

  test('a stack that repeats one huge frame by reference is cut', () => {
    const frame = java.object('java.lang.StackTraceElement', {
      declaringClass: 'x'.repeat(10_000),
      methodName: 'm',
    });
    const stackTrace = java.list(new Array(10_000).fill(frame), '[java.lang.StackTraceElement');
    const error = roundTrip(
      java.object('java.lang.Error', { detailMessage: 'm', stackTrace }),
    ) as RemoteError;
    expect(error.remoteStack.length).toBeLessThan(70_000);
    expect(error.remoteStack.endsWith('\n...')).toBe(true);
  });

  test('many BigIntegers that share one huge magnitude are read in linear time', () => {
    const mag = java.array('int', new Array(20_000).fill(1));
    const number = () => java.object('java.math.BigInteger', { signum: 1, mag });
    const numbers = roundTrip(Array.from({ length: 20_000 }, number)) as bigint[];
    // One conversion of 640,000 bits, not 20,000 of them: those would take minutes.
    expect(numbers).toHaveLength(20_000);
    expect(new Set(numbers).size).toBe(1);
  });

  test('a graph of shared references stays a graph', () => {
    let graph: unknown = [];
    for (let i = 0; i < 60; i++) graph = [graph, graph];
    const bytes = encode(graph, { grammar });
    expect(bytes.length).toBeLessThan(400);
    // Written out it would be 2^60 lists.
    let back = decode(bytes, { grammar }) as unknown[];
    for (let i = 0; i < 60; i++) {
      expect(back[0]).toBe(back[1]);
      back = back[0] as unknown[];
    }
    expect(encode(decode(bytes, { grammar, lossless: true }), { grammar })).toEqual(bytes);
  });
});

test('what a HashMap, Set or JDK class is read as, from bytes of Java', () => {
  const plain = (name: string) => {
    const row = hessianRows('sofa').find((candidate) => candidate.name === name)!;
    return decode(Buffer.from(row.hex, 'hex'));
  };
  expect(plain('set/Set.of')).toEqual(new Set(['x']));
  expect(plain('map/unmodifiableMap')).toBeInstanceOf(Map);
  expect(plain('jdk/UUID-real')).toBe('123e4567-e89b-12d3-a456-426614174000');
  expect(plain('jdk/Locale-en')).toBe('en');
  expect(plain('jdk/Optional')).toBe('o');
  expect(plain('jdk/Optional.empty')).toBeNull();
  expect(plain('bignum/BigInteger')).toBe(-123456789012345678901234567890n);
  expect(plain('date/sql.Date')).toEqual(new Date(1500000000000));
  expect(plain('date/calendar')).toEqual(new Date(1500000000123));
  expect(plain('javatime/ZoneId')).toBe('Asia/Shanghai');
  expect(String(plain('javatime/ZonedDateTime'))).toBe('2024-02-29T01:02:03+08:00[Asia/Shanghai]');
  expect(plain('enum/RED')).toEqual({ name: 'RED', [CLASS_NAME]: 'com.example.model.Color' });
});

describe('what cannot be encoded', () => {
  const cyclicDepth = () => {
    let deep: unknown[] = [];
    for (let i = 0; i < 2000; i++) deep = [deep];
    return deep;
  };
  class Point {
    x = 1;
  }
  test.each([
    [() => [1, { a: [Symbol('x')] }], '[1]["a"][0]: a symbol has no Java form'],
    [() => ({ [CLASS_NAME]: 'P', f: () => 1 }), 'f: a function has no Java form'],
    [() => [new Date(Number.NaN)], '[0]: expected a date, got an invalid Date'],
    [() => new Point(), 'an instance of Point has no Java form'],
    [() => [new Int32Array(1)], '[0]: an instance of Int32Array has no Java form'],
    [cyclicDepth, 'values nest deeper than 1024'],
    [() => java.int(1.5), 'expected int (a 32-bit integer), got 1.5'],
    [() => java.byte(128), 'expected byte (a 8-bit integer), got 128'],
    [() => java.long(1.5), 'java.long: the value is a number'],
    [() => java.long(2n ** 63n), '9223372036854775808 does not fit in a Java long'],
    [() => ({ $java: 'what' }), "unknown $java 'what'"],
  ])('%# %s', (make, message) => {
    expect(() => encode(make())).toThrow(
      expect.objectContaining({ code: 'ENCODE_FAILED', message: expect.stringContaining(message) }),
    );
  });
});

describe('what cannot be decoded', () => {
  test.each([
    ['', 'the bytes end inside a value'],
    ['9191', '1 bytes follow the value'],
    ['566e0291', '$: a list of 2 items does not fit in the 1 bytes left'],
    ['566e029149', '$[1]: the bytes end inside a value'],
    ['566e7f91', 'a list of 127 items does not fit'],
    ['566cffffffff7a', 'a list of -1 items'],
    ['4d0161', '$["a"]: the bytes end'],
    ['4a05', 'reference 5 points at nothing'],
    ['6f90', 'class 0 is used before it is defined'],
    ['4f9150d60000', 'fields'],
    ['4f91508f', 'class P is defined with -1 fields'],
    ['730001615300', 'the bytes end inside a value'],
    ['73000161', 'the bytes end inside a value'],
    ['45', 'unknown tag 0x45'],
    ['01ff', 'UTF-8'],
  ])('%s', (hex, message) => {
    expect(() => decode(Buffer.from(hex, 'hex'))).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED', message: expect.stringContaining(message) }),
    );
  });

  test.each([1024, 1025])('lists nested %i deep', (depth) => {
    const bytes = Buffer.concat([
      Buffer.from('566e01'.repeat(depth - 1), 'hex'),
      Buffer.from('566e007a', 'hex'),
      Buffer.alloc(depth - 1, 0x7a),
    ]);
    for (const lossless of [false, true]) {
      const read = () => decode(bytes, { lossless });
      if (depth <= 1024) expect(read()).toBeDefined();
      else
        expect(read).toThrow(
          expect.objectContaining({ code: 'DECODE_FAILED', message: expect.stringContaining('1024') }),
        );
    }
  });

  test('a JDK class whose fields do not fit says which', () => {
    const wrong = java.object('com.caucho.hessian.io.java8.LocalDateHandle', {
      year: 2024,
      month: 13,
      day: 1,
    });
    expect(() => decode(encode([wrong]))).toThrow(
      /^\$\[0\]: com\.caucho\.hessian\.io\.java8\.LocalDateHandle: .*13/,
    );
    const missing = java.object('java.math.BigDecimal', { value: 5 });
    expect(() => decode(encode(missing))).toThrow('$: field value: expected string, got number');
  });
});
