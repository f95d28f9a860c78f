import { describe, expect, it } from 'vitest';
import { defineClass } from '../../src/contract/define-class.js';
import { defineEnum } from '../../src/contract/define-enum.js';
import { t } from '../../src/contract/t.js';
import { Decimal } from '../../src/values/decimal.js';
import { JavaClass } from '../../src/values/java-class.js';
import { Instant, LocalDate, LocalTime } from '../../src/values/java-time.js';
import { Duration } from '../../src/values/java-time-amounts.js';
import { Year, YearMonth } from '../../src/values/java-time-fields.js';
import { OffsetDateTime, ZonedDateTime, ZoneOffset } from '../../src/values/java-time-zoned.js';
import { hessianRows } from '../wire/vectors.js';
import { read, write } from './typed.js';

const Color = defineEnum('com.example.model.Color', ['RED', 'GREEN', 'BLUE']);
const Address = defineClass('com.example.model.Address', { city: t.String, zip: t.int, lat: t.double });
const Person = defineClass('com.example.model.Person', {
  name: t.String,
  age: t.int,
  id: t.long,
  active: t.boolean,
  score: t.double,
  born: t.Date,
  color: Color,
  salary: t.BigDecimal,
  address: Address,
  tags: t.List(t.String),
  attrs: t.Map(t.String, t.Object, 'java.util.LinkedHashMap'),
});
const Base = defineClass('com.example.model.Base', { label: t.String, n: t.int, onlyBase: t.String });
const Child = defineClass('com.example.model.Child', { label: t.String, m: t.long }, { extends: Base });
// Declared as value, count: Java writes fields of java.lang and primitive types first.
const Box = defineClass('com.example.model.Box', { value: Person, count: t.int });
const Node = defineClass('com.example.model.Node', {
  name: t.String,
  get parent() {
    return Node;
  },
  get children() {
    return t.List(Node);
  },
  self: t.Object,
});
const C = (n: number) => defineClass(`com.example.model.C${n}`, { a: t.int, b: t.String });

const bare = (name: string) => ({
  name,
  age: 0,
  id: 0n,
  active: false,
  score: 0,
  born: null,
  color: null,
  salary: null,
  address: null,
  tags: null,
  attrs: null,
});
const ann = {
  name: 'Ann',
  age: 30,
  id: 1099511627806n,
  active: true,
  score: 7.5,
  born: new Date(1500000000123),
  color: 'GREEN',
  salary: new Decimal('1234.50'),
  address: { city: '杭州', zip: 310000, lat: 30.25 },
  tags: ['a', 'b'],
  attrs: new Map<string, unknown>([
    ['k', 1],
    ['l', 2n],
  ]),
};
const range = (length: number) => Array.from({ length }, (_, i) => i);
const bytes = (length: number) => Buffer.from(range(length).map((i) => i * 31 + 7));
const address = (city: string, zip: number, lat: number) => ({ city, zip, lat });
const ldt = '2024-02-29T01:02:03';

/** Row, type, value. Each is read as the value, and the value is written as the row's bytes. */
const exact: readonly (readonly [row: string, type: unknown, value: unknown])[] = [
  ['scalar/null', t.String, null],
  ['scalar/true', t.boolean, true],
  ['scalar/true', t.Boolean, true],
  ...[0, 1, -16, -17, 48, 255, -2048, -2049, 32767, -262144, -262145, 262144, -2147483648].map(
    (value) => [`int/${value}`, t.int, value] as const,
  ),
  ...[0n, -8n, -9n, 2047n, -2049n, -262145n, 2147483647n, -2147483649n, 9007199254740993n].map(
    (value) => [`long/${value}`, t.long, value] as const,
  ),
  ['long/9007199254740991', t.safeLong, 9007199254740991],
  ['long/-2147483649', t.SafeLong, -2147483649],
  ['long/-9223372036854775808', t.Long, -(2n ** 63n)],
  ['double/0.0', t.double, 0],
  ['double/-128.0', t.Double, -128],
  ['double/32768.0', t.double, 32768],
  ['double/12.25', t.double, 12.25],
  ['double/0.1', t.double, 0.1],
  ['double/4.9E-324', t.double, 5e-324],
  ['double/Infinity', t.double, Number.POSITIVE_INFINITY],
  ['double/NaN', t.double, Number.NaN],
  ['float/1.5f', t.Float, 1.5],
  ['float/1.1f', t.Float, Math.fround(1.1)],
  ['float/NaN', t.Float, Number.NaN],
  ['smallnum/byte', t.Byte, -1],
  ['smallnum/short', t.Short, 300],
  ['smallnum/charA', t.char, 'A'],
  ['smallnum/charA', t.Char, 'A'],
  ['string/ascii-0', t.String, ''],
  ['string/ascii-33', t.String, 'a'.repeat(33)],
  ['string/cjk-1024', t.String, '中'.repeat(1024)],
  ['string/emoji-32', t.String, '😀'.repeat(16)],
  ['string/emoji-split-32767', t.String, `${'a'.repeat(32767)}😀zz`],
  ['string/lone-low', t.String, 'a\ude00b'],
  ['binary/bytes-0', t.bytes, bytes(0)],
  ['binary/bytes-65536', t.bytes, bytes(65536)],
  ['date/-1', t.Date, new Date(-1)],
  ['date/60000', t.Date, new Date(60000)],
  ['date/253402300799999', t.Date, new Date(253402300799999)],
  ['date/sql.Date', t.SqlDate, new Date(1500000000000)],
  ['date/sql.Time', t.SqlTime, new Date(3600000)],
  ['list/ArrayList-0', t.List(t.Int), []],
  ['list/ArrayList-8', t.Collection(t.Int), range(8)],
  ['list/ArrayList-300', t.List(t.Int), range(300)],
  ['list/LinkedList-9', t.List(t.Int, 'java.util.LinkedList'), range(9)],
  ['list/Vector', t.List(t.Int, 'java.util.Vector'), [1, 2]],
  ['list/twoLinked', t.List(t.List(t.Int, 'java.util.LinkedList')), [[1], [2]]],
  ['set/HashSet', t.Set(t.String), new Set(['a', 'b'])],
  ['set/LinkedHashSet', t.Set(t.String, 'java.util.LinkedHashSet'), new Set(['b', 'a'])],
  ['set/empty-HashSet', t.Set(t.String), new Set()],
  ['map/empty', t.Map(t.String, t.Int), new Map()],
  [
    'map/TreeMap',
    t.Map(t.String, t.Object, 'java.util.TreeMap'),
    new Map<string, unknown>([
      ['a', 1],
      ['b', 'two'],
    ]),
  ],
  [
    'map/TreeMap',
    t.Map(t.String, t.Object, 'java.util.SortedMap'),
    new Map<string, unknown>([
      ['a', 1],
      ['b', 'two'],
    ]),
  ],
  [
    'map/HashMap',
    t.Map(t.String, t.Object),
    new Map<string, unknown>([
      ['a', 1],
      ['b', 'two'],
    ]),
  ],
  [
    'map/objectKey',
    t.Map(Address, t.Date, 'java.util.LinkedHashMap'),
    new Map([[address('k', 1, 0), new Date(0)]]),
  ],
  ['array/int-0', t.array(t.int), []],
  ['array/int-100', t.array(t.int), range(100).map((i) => i * 1000)],
  ['array/long-8', t.array(t.long), [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]],
  ['array/double', t.array(t.double), [0, 1.5, Math.PI]],
  ['array/short', t.array(t.short), [1, -1]],
  ['array/boolean', t.array(t.boolean), [true, false]],
  ['array/char', t.array(t.char), ['a', '中']],
  ['array/String-9', t.array(t.String), range(9).map(() => 's')],
  ['array/Integer', t.array(t.Int), [1, null]],
  ['array/Long', t.array(t.Long), [1n]],
  ['array/String2d', t.array(t.array(t.String)), [['a'], []]],
  ['array/byte2d', t.array(t.bytes), [Buffer.from([1]), Buffer.from([2])]],
  ['array/POJO', t.array(Person), [bare('x'), null]],
  ['array/Date', t.array(t.Date), [new Date(0)]],
  ['array/enum', t.array(Color), ['RED', 'GREEN']],
  ['array/Object-empty', t.array(t.Object), []],
  ['object/Person', Person, ann],
  ['object/Person.bare', Person, bare('Bob')],
  ['object/Box.nullval', Box, { count: 0, value: null }],
  ['object/Base', Base, { label: 'base-label', n: 1, onlyBase: 'ob' }],
  ['classdef/repeat', t.List(Address), [address('c0', 0, 0), address('c1', 1, 1), address('c2', 2, 2)]],
  ['ref/sameEnum', t.List(Color), ['RED', 'RED', 'GREEN']],
  ['ref/sameLocale', t.List(t.Locale), ['zh_CN', 'zh_CN']],
  ['ref/sameLong', t.List(t.Long), [5000000000n, 5000000000n]],
  ['ref/sameLocalDate', t.List(t.LocalDate), [new LocalDate(2024, 2, 29), new LocalDate(2024, 2, 29)]],
  ['enum/RED', Color, 'RED'],
  ['enum/TimeUnit', defineEnum('java.util.concurrent.TimeUnit', ['SECONDS']), 'SECONDS'],
  ['bignum/BigDecimal', t.BigDecimal, new Decimal('12345678901234567890.1234567890')],
  ['bignum/BigDecimal-sci', t.BigDecimal, new Decimal('1E+30')],
  ['bignum/BigInteger', t.BigInteger, -123456789012345678901234567890n],
  ['bignum/BigInteger0', t.BigInteger, 0n],
  ['jdk/UUID', t.UUID, '00000000-0000-0001-0000-000000000002'],
  ['jdk/UUID-real', t.UUID, '123e4567-e89b-12d3-a456-426614174000'],
  ['jdk/Locale-en', t.Locale, 'en'],
  ['jdk/Class-POJO', t.Class, new JavaClass('com.example.model.Person')],
  ['jdk/Optional', t.Optional(t.String), 'o'],
  ['jdk/Optional.empty', t.Optional(t.String), null],
  ['javatime/LocalDate', t.LocalDate, new LocalDate(2024, 2, 29)],
  ['javatime/LocalTime', t.LocalTime, new LocalTime(1, 2, 3, 4)],
  ['javatime/Instant', t.Instant, Instant.parse('2023-11-14T22:13:20.123456789Z')],
  ['javatime/Duration', t.Duration, Duration.parse('PT1H0.5S')],
  ['javatime/Year', t.Year, new Year(2024)],
  ['javatime/YearMonth', t.YearMonth, new YearMonth(2024, 2)],
  ['javatime/ZoneOffset', t.ZoneOffset, new ZoneOffset(28800)],
  ['javatime/ZoneId', t.ZoneId, 'Asia/Shanghai'],
  ['javatime/OffsetDateTime', t.OffsetDateTime, OffsetDateTime.parse(`${ldt}+08:00`)],
  ['javatime/ZonedDateTime', t.ZonedDateTime, ZonedDateTime.parse(`${ldt}+08:00[Asia/Shanghai]`)],
  ['javatime/two-LocalDate', t.List(t.LocalDate), [new LocalDate(2024, 2, 29), new LocalDate(1970, 1, 1)]],
];

/** Rows that hold the value in another form than the one it is written in: a private class, a peer's choice. */
const readOnly: readonly (readonly [row: string, type: unknown, value: unknown])[] = [
  ['double/-0.0', t.double, 0],
  ['int/255', t.long, 255n],
  ['int/255', t.double, 255],
  ['int/255', t.Float, 255],
  ['long/2147483647', t.int, 2147483647],
  ['long/255', t.Double, 255],
  ['double/128.0', t.int, 128],
  ['double/128.0', t.long, 128n],
  ['double/32767.0', t.short, 32767],
  ['float/1.1f', t.double, Math.fround(1.1)],
  ['smallnum/short', t.int, 300],
  // 3.0 is read as 3, which is written as an int.
  ['list/mixed', t.List(t.Object), [null, 1, 2n, 3, 's', true, new Date(0)]],
  ['list/emptyList', t.List(t.String), []],
  ['list/unmodifiableList', t.List(t.int), [1, 2]],
  ['list/CopyOnWrite', t.array(t.int), [1]],
  ['list/LinkedList-8', t.Set(t.Int), new Set(range(8))],
  ['set/LinkedHashSet', t.List(t.String), ['b', 'a']],
  ['set/EnumSet', t.Set(Color), new Set(['RED', 'GREEN'])],
  ['map/emptyMap', t.Map(t.String, t.String), new Map()],
  [
    'map/unmodifiableMap',
    t.Map(t.String, t.Object),
    new Map<string, unknown>([
      ['a', 1],
      ['b', 'two'],
    ]),
  ],
  ['map/Properties', t.Map(t.String, t.String), new Map([['k', 'v']])],
  [
    'map/HashMap',
    defineClass('com.acme.AB', { b: t.String, a: t.long, c: t.String, n: t.int }),
    { a: 1n, b: 'two', c: null, n: 0 },
  ],
  // What the subclass declares hides what the base declares.
  [
    'object/Child',
    Base,
    {
      label: 'child-label',
      m: 2n,
      n: 1,
      onlyBase: 'ob',
      [Symbol.for('sofa-mesh-sdk.class')]: 'com.example.model.Child',
    },
  ],
  [
    'object/Child',
    Child,
    {
      label: 'child-label',
      m: 2n,
      n: 1,
      onlyBase: 'ob',
      [Symbol.for('sofa-mesh-sdk.class')]: 'com.example.model.Child',
    },
  ],
  ['array/BigDecimal', t.array(t.BigDecimal), [new Decimal('1'), new Decimal('1')]],
  [
    'ref/sameClass',
    t.List(t.Class),
    [new JavaClass('com.example.model.Person'), new JavaClass('com.example.model.Person')],
  ],
  ['javatime/ZoneOffset', t.ZoneId, '+08:00'],
];

describe.each(['sofa', 'final'] as const)('vectors of the grammar %s, by contract', (grammar) => {
  const rows = new Map(hessianRows(grammar).map((row) => [row.name, row]));
  const hexOf = (name: string) => {
    const row = rows.get(name);
    if (row === undefined) throw new Error(`no row ${name}`);
    return row.hex;
  };

  it.each(exact)('%s', (name, type, value) => {
    expect(read(type, grammar, hexOf(name))).toEqual(value);
    expect(write(type, grammar, value).toString('hex')).toBe(hexOf(name));
  });

  it.each(readOnly)('%s, read only', (name, type, value) => {
    expect(read(type, grammar, hexOf(name))).toEqual(value);
  });

  it('reads and writes a cycle', () => {
    const root = read(Node, grammar, hexOf('ref/Node.cycle')) as {
      name: string;
      children: { name: string; parent: unknown }[];
      self: unknown;
    };
    expect(root.name).toBe('root');
    expect(root.self).toBe(root);
    expect(root.children.map(({ name, parent }) => [name, parent === root])).toEqual([
      ['c0', true],
      ['c1', true],
    ]);
    expect(root.children).toHaveLength(2);
  });

  it('keeps one object that is referred to twice one object', () => {
    const [first, second] = read(t.List(Address), grammar, hexOf('ref/sameObj')) as object[];
    expect(first).toEqual(address('r', 1, 2));
    expect(second).toBe(first);
    expect(write(t.List(Address), grammar, [first, second]).toString('hex')).toBe(hexOf('ref/sameObj'));
    const big = read(t.List(t.List(t.Int)), grammar, hexOf('ref/bigIndex'));
    expect(write(t.List(t.List(t.Int)), grammar, big).toString('hex')).toBe(hexOf('ref/bigIndex'));
  });

  it('reads more than 16 classes on one stream, again and again', () => {
    const Any = defineClass('com.example.model.C', {});
    const classes = range(20).map((i) => C(i + 1));
    expect(classes).toHaveLength(20);
    expect(() => read(t.List(Any), grammar, hexOf('classdef/20-classes'))).toThrow(
      /\$\[0\]: com.example.model.C1 /,
    );
    const values = read(t.List(t.Object), grammar, hexOf('classdef/20-classes')) as object[];
    expect(write(t.List(t.Object), grammar, values).toString('hex')).toBe(hexOf('classdef/20-classes'));
  });

  it('counts each object, handle, enum and list as Java does', () => {
    for (const name of [
      'afterLocale',
      'afterBigDecimal',
      'afterDate',
      'afterLocalDateTime',
      'afterByteArray',
      'afterClass',
    ]) {
      const values = read(t.List(t.Object), grammar, hexOf(`ref/${name}`)) as unknown[];
      const first = {
        afterLocale: t.Locale,
        afterBigDecimal: t.BigDecimal,
        afterDate: t.Date,
        afterLocalDateTime: t.LocalDateTime,
        afterByteArray: t.bytes,
        afterClass: t.Class,
      }[name];
      const Three = defineClass('com.acme.Three', { a: first as typeof t.Date, b: Address, c: Address });
      const ad = { city: 'r', zip: 1, lat: 2 };
      const bytesOf = write(Three, grammar, { a: values[0], b: ad, c: ad });
      const back = read(Three, grammar, bytesOf) as { b: object; c: object };
      expect(back.b).toEqual(ad);
      expect(back.c).toBe(back.b);
      // The list took number 0, as the object does here: what refers back to the address is the same.
      const tail = grammar === 'sofa' ? 6 : 4;
      const listEnd = hexOf(`ref/${name}`).length - (grammar === 'sofa' ? 2 : 0);
      expect(bytesOf.toString('hex').slice(-tail + 2)).toBe(
        hexOf(`ref/${name}`).slice(listEnd - tail + 2, listEnd),
      );
    }
  });
});
