// Every type of the value table with its values by kind, in Node.js words. Java holds the same table in its own
// (Values.java). ValueService has two methods a type: makeX answers the value of its own side, checkX compares.
import {
  CLASS_NAME,
  Decimal,
  Duration,
  defineService,
  Instant,
  JavaClass,
  LocalDate,
  LocalDateTime,
  LocalTime,
  MonthDay,
  OffsetDateTime,
  OffsetTime,
  Period,
  type ServiceContract,
  t,
  Year,
  YearMonth,
  ZonedDateTime,
  ZoneOffset,
} from 'sofa-mesh-sdk';
import {
  Animal,
  Boxes,
  Cat,
  Color,
  Dog,
  Grid,
  Money,
  Odd,
  Pair,
  Person,
  PersonPage,
  Primitives,
  Puppy,
  Session,
  Shape,
  Size,
  Times,
  Zoo,
} from './contracts.js';

type AnyType = Parameters<typeof t.List>[0];

export interface Row {
  /** What a test of it says. */
  readonly about: string;
  readonly type: AnyType;
  readonly kinds: Readonly<Record<string, () => unknown>>;
}

/** Kinds a, b, c, .. */
function all(...values: readonly unknown[]): Record<string, () => unknown> {
  return Object.fromEntries(values.map((value, at) => [String.fromCharCode(97 + at), () => value]));
}

function nullable(kinds: Record<string, () => unknown>): Record<string, () => unknown> {
  return { ...kinds, null: () => null };
}

export function text(kind: string): string {
  switch (kind) {
    case 'border':
      return `${'x'.repeat(0x7fff)}😀end`;
    case 'border1':
      return '中'.repeat(0x7fff) + '😀'.repeat(0x4001);
    case 'long':
      return 'aé中😀'.repeat(20_000);
    case 'mega':
      return '中文 mega text 😀 '.repeat(60_000);
    case 'lone':
      return 'a\ud83db';
    default:
      return `text of ${kind}`;
  }
}

export function pattern(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => i * 31 + 7));
}

export function person(kind: 'full' | 'bare' | 'boss'): NonNullable<(typeof Person)['~value']> {
  if (kind === 'bare') {
    return {
      id: 0n,
      name: 'Bob',
      age: 0,
      height: 0,
      active: false,
      born: null,
      color: null,
      tags: null,
      scores: null,
      manager: null,
    };
  }
  return {
    id: 9007199254740993n,
    name: 'Ann 安',
    age: 41,
    height: 1.68,
    active: true,
    born: new Date(1500000000123),
    color: 'GREEN',
    tags: ['a', 'b😀'],
    scores: new Map([
      ['go', 9],
      ['chess', -3],
    ]),
    manager: kind === 'boss' ? { ...person('full'), name: 'The Boss', manager: person('bare') } : null,
  };
}

/** A person as it is read where the contract says java.lang.Object. */
export function untypedPerson(kind: 'full' | 'bare'): object {
  const value = person(kind);
  const color = value.color === null ? null : { name: value.color, [CLASS_NAME]: 'com.lab.Color' };
  return { ...value, color, [CLASS_NAME]: 'com.lab.Person' };
}

export function rex() {
  return Dog.of({ name: 'Rex', legs: 4, breed: 'Beagle' });
}
export function bit() {
  return Puppy.of({ name: 'Bit', legs: 4, breed: 'Corgi', weeks: 7 });
}
export function tom() {
  return Cat.of({ name: 'Tom', legs: 3, indoor: true, friend: rex() });
}

export function zoo() {
  const star = bit();
  return { star, animals: [rex(), tom(), star], byName: new Map([['bit', star]]) };
}

export function times() {
  return {
    localDate: new LocalDate(2024, 2, 29),
    localTime: new LocalTime(1, 2, 3, 4),
    localDateTime: LocalDateTime.parse('2024-02-29T01:02:03.004'),
    instant: new Instant(1700000000n, 123456789),
    duration: Duration.parse('PT1H0.5S'),
    period: new Period(1, 2, 3),
    year: new Year(2024),
    yearMonth: new YearMonth(2024, 2),
    monthDay: new MonthDay(2, 29),
    zoneOffset: ZoneOffset.parse('+08:00'),
    offsetTime: OffsetTime.parse('01:02:03.000000004+08:00'),
    offsetDateTime: OffsetDateTime.parse('2024-02-29T01:02:03+08:00'),
    zonedDateTime: ZonedDateTime.parse('2024-02-29T01:02:03+08:00[Asia/Shanghai]'),
  };
}

function nulls(value: object): object {
  return Object.fromEntries(Object.keys(value).map((key) => [key, null]));
}

const boxes = {
  b: -128,
  s: -32768,
  i: -2147483648,
  l: 9223372036854775807n,
  f: 1.5,
  d: 0.1,
  z: true,
  c: 'x',
};
const grid = {
  ints: [1, 2, 3],
  longs: [9223372036854775807n],
  doubles: [0.1, 2],
  flags: [true, false],
  words: ['w', null],
  bytes: pattern(5),
  table: [[1], [2, 3]],
  people: [person('bare'), person('bare')],
  colors: ['RED', 'RED'],
  boxed: [5, null],
};

export const ROWS: Readonly<Record<string, Row>> = {
  Int: {
    about: 'int at every width it has on the wire, to both ends of its range',

    type: t.int,
    kinds: all(
      0,
      1,
      -1,
      47,
      48,
      -16,
      -17,
      2047,
      2048,
      -2049,
      262143,
      262144,
      -262145,
      2147483647,
      -2147483648,
    ),
  },
  Long: {
    about: 'long as a bigint, exact beyond 2^53 and at both ends of its range',

    type: t.long,
    kinds: all(
      0n,
      1n,
      -1n,
      15n,
      16n,
      -9n,
      2047n,
      -2049n,
      262143n,
      -262145n,
      2147483647n,
      2147483648n,
      -2147483649n,
      9007199254740991n,
      9007199254740993n,
      -9007199254740993n,
      9223372036854775807n,
      -9223372036854775808n,
    ),
  },
  Short: {
    about: 'short, to both ends of its range',
    type: t.short,
    kinds: all(0, -1, 300, 32767, -32768),
  },
  Byte: {
    about: 'byte, signed, to both ends of its range',
    type: t.byte,
    kinds: all(0, -1, 127, -128),
  },
  Float: {
    about: 'float as the double it equals, with infinity and NaN',

    type: t.float,
    kinds: all(
      0,
      1.5,
      -2.25,
      Math.fround(1.1),
      Math.fround(3.4028234663852886e38),
      Math.fround(1.401298464324817e-45),
      Infinity,
      Number.NaN,
    ),
  },
  Double: {
    about: 'double in every form the wire has, with infinity, NaN and the smallest',

    type: t.double,
    kinds: all(
      0,
      1,
      -128,
      32767,
      0.1,
      123.456,
      12.25,
      1e300,
      5e-324,
      -Infinity,
      Number.NaN,
      9007199254740992,
    ),
  },
  Boolean: {
    about: 'boolean',
    type: t.boolean,
    kinds: all(true, false),
  },
  Char: {
    about: 'char as one UTF-16 unit, NUL and U+FFFF too',
    type: t.char,
    kinds: all('A', '中', '\u0000', '\uffff'),
  },
  IntBox: {
    about: 'java.lang.Integer, and null for it',
    type: t.Int,
    kinds: nullable(all(7, -2147483648)),
  },
  LongBox: {
    about: 'java.lang.Long, and null for it',
    type: t.Long,
    kinds: nullable(all(7n, 9007199254740993n)),
  },
  ShortBox: {
    about: 'java.lang.Short, and null for it',
    type: t.Short,
    kinds: nullable(all(7, -300)),
  },
  ByteBox: {
    about: 'java.lang.Byte, and null for it',
    type: t.Byte,
    kinds: nullable(all(7, -7)),
  },
  FloatBox: {
    about: 'java.lang.Float, and null for it',
    type: t.Float,
    kinds: nullable(all(7.5, -0.25)),
  },
  DoubleBox: {
    about: 'java.lang.Double, and null for it',
    type: t.Double,
    kinds: nullable(all(7.5, 0.1)),
  },
  BooleanBox: {
    about: 'java.lang.Boolean, and null for it',
    type: t.Boolean,
    kinds: nullable(all(true, false)),
  },
  CharBox: {
    about: 'java.lang.Character, and null for it',
    type: t.Char,
    kinds: nullable(all('z', '文')),
  },
  String: {
    about: 'String: empty, CJK, emoji, control characters, a BOM, surrogate pairs on a chunk border, null',

    type: t.String,
    kinds: nullable(
      all(
        '',
        'hello',
        '你好，世界',
        '😀 and 👩‍👩‍👧‍👦',
        'tab\tline\nnul\u0000end',
        text('border'),
        text('long'),
        'quote"back\\slash',
        '\ufeffbom',
        text('border1'),
      ),
    ),
  },
  Bytes: {
    about: 'byte[]: empty, small, of several chunks, null',
    type: t.bytes,
    kinds: nullable(all(pattern(0), pattern(3), pattern(70_000))),
  },
  Date: {
    about: 'java.util.Date to the millisecond, before 1970 and in year 9999, and null',

    type: t.Date,
    kinds: nullable(
      all(
        ...[0, 1500000000123, -1, -62135596800000, 253402300799999, 1500000000000].map((ms) => new Date(ms)),
      ),
    ),
  },
  BigDecimal: {
    about: 'BigDecimal with its scale, beyond double, and in exponent form',

    type: t.BigDecimal,
    kinds: nullable(
      all(
        ...['0', '12345678901234567890.1234567890', '-0.10', '1E+30', '1.00'].map((digits) =>
          Decimal.of(digits),
        ),
      ),
    ),
  },
  BigInteger: {
    about: 'BigInteger of 200 bits, negative and zero',

    type: t.BigInteger,
    kinds: nullable(all(0n, 123456789012345678901234567890n, -1n, -(1n << 200n), 9223372036854775807n)),
  },
  Uuid: {
    about: 'UUID as text',

    type: t.UUID,
    kinds: nullable(
      all(
        '123e4567-e89b-12d3-a456-426614174000',
        '00000000-0000-0001-0000-000000000002',
        'ffffffff-ffff-ffff-ffff-ffffffffffff',
      ),
    ),
  },
  Locale: {
    about: 'Locale with and without a country',
    type: t.Locale,
    kinds: nullable(all('zh_CN', 'en', 'pt_BR')),
  },
  Currency: {
    about: 'Currency as its code',
    type: t.Currency,
    kinds: nullable(all('CNY', 'USD')),
  },
  Class: {
    about: 'Class of a POJO, of a primitive and of an array',

    type: t.Class,
    kinds: nullable(
      all(...['com.lab.Person', 'java.lang.String', 'int', '[I'].map((name) => new JavaClass(name))),
    ),
  },
  Optional: {
    about: 'Optional, present and empty',
    type: t.Optional(t.String),
    kinds: all('present', null),
  },
  Color: {
    about: 'enum constants as their names',
    type: Color,
    kinds: nullable(all('RED', 'GREEN', 'BLUE')),
  },
  Size: {
    about: 'an enum whose constants have fields of their own',
    type: Size,
    kinds: nullable(all('SMALL', 'LARGE')),
  },
  Shape: {
    about: 'an enum constant with a body, which Java writes as a class that it cannot read itself',
    type: Shape,
    kinds: all('ROUND', 'SQUARE'),
  },

  IntArray: {
    about: 'int[], empty and null too',
    type: t.array(t.int),
    kinds: nullable(all([1, -1, 2147483647], [])),
  },
  LongArray: {
    about: 'long[] beyond 2^53',
    type: t.array(t.long),
    kinds: all([1n, 9007199254740993n, -9223372036854775808n]),
  },
  ShortArray: {
    about: 'short[]',
    type: t.array(t.short),
    kinds: all([1, -300, 32767]),
  },
  FloatArray: {
    about: 'float[]',
    type: t.array(t.float),
    kinds: all([0.5, Math.fround(1.1)]),
  },
  DoubleArray: {
    about: 'double[]',
    type: t.array(t.double),
    kinds: all([0.5, 0.1, 1e300]),
  },
  BooleanArray: {
    about: 'boolean[]',
    type: t.array(t.boolean),
    kinds: all([true, false, true]),
  },
  CharArray: {
    about: 'char[], which is a string on the wire',
    type: t.array(t.char),
    kinds: all(['a', '中', 'z']),
  },
  StringArray: {
    about: 'String[] with a null in it',
    type: t.array(t.String),
    kinds: nullable(all(['a', null, '', '三'], [])),
  },
  IntegerArray: {
    about: 'Integer[] with a null in it',
    type: t.array(t.Int),
    kinds: all([1, null, -7]),
  },
  DateArray: {
    about: 'Date[] with a null in it',
    type: t.array(t.Date),
    kinds: all([new Date(0), null, new Date(1500000000123)]),
  },
  ObjectArray: {
    about: 'Object[] of mixed types, a POJO among them',
    type: t.array(t.Object),
    kinds: all([1, 'two', 3n, 4.5, true, null, untypedPerson('bare')]),
  },
  PersonArray: {
    about: 'an array of POJOs',
    type: t.array(Person),
    kinds: all([person('full'), null, person('bare')]),
  },
  ColorArray: {
    about: 'an array of enum constants, one of them twice',
    type: t.array(Color),
    kinds: all(['BLUE', null, 'RED', 'RED']),
  },
  IntGrid: {
    about: 'int[][] with an empty row',
    type: t.array(t.array(t.int)),
    kinds: all([[1, 2], [], [3]]),
  },
  StringGrid: {
    about: 'String[][]',
    type: t.array(t.array(t.String)),
    kinds: all([['a'], ['b', null]]),
  },
  BytesArray: {
    about: 'byte[][]',
    type: t.array(t.bytes),
    kinds: all([Buffer.from([1, 2]), Buffer.from([]), Buffer.from([255])]),
  },

  IntList: {
    about: 'List<Integer> with a null in it',
    type: t.List(t.Int),
    kinds: nullable(all([1, -1, 300000, null], [])),
  },
  LongList: {
    about: 'List<Long> beyond 2^53',
    type: t.List(t.Long),
    kinds: all([1n, 9007199254740993n, -5n]),
  },
  StringList: {
    about: 'List<String> of 300 items',

    type: t.List(t.String),
    kinds: all(
      ['x', '', null, '字'],
      Array.from({ length: 300 }, (_, i) => `item ${i}`),
    ),
  },
  PersonList: {
    about:
      'List of POJOs, one of them null, and one of them twice after everything that takes a reference number',
    type: t.List(Person),
    kinds: nullable({
      a: () => [person('full'), person('bare'), null],
      twice: () => {
        const again = person('bare');
        return [person('full'), again, again];
      },
    }),
  },
  ListList: {
    about: 'List of Lists',
    type: t.List(t.List(t.String)),
    kinds: all([['a', 'b'], [], ['c']]),
  },
  StringSet: {
    about: 'Set<String>',
    type: t.Set(t.String),
    kinds: nullable(all(new Set(['red', 'green', 'blue']), new Set())),
  },
  LongSet: {
    about: 'Set<Long> of bigints',
    type: t.Set(t.Long),
    kinds: all(new Set([1n, 9007199254740993n])),
  },
  ColorSet: {
    about: 'Set of enum constants',
    type: t.Set(Color),
    kinds: all(new Set(['GREEN', 'RED'])),
  },
  StringMap: {
    about: 'Map<String, String> with a null value, CJK keys and a key named __proto__',

    type: t.Map(t.String, t.String),
    kinds: nullable(
      all(
        new Map([
          ['k', 'v'],
          ['empty', ''],
          ['none', null],
          ['键', '值'],
        ]),
        new Map(),
        new Map([
          ['__proto__', 'p'],
          ['constructor', 'c'],
        ]),
      ),
    ),
  },
  LongMap: {
    about: 'Map<Long, String> with bigint keys',

    type: t.Map(t.Long, t.String),
    kinds: all(
      new Map([
        [1n, 'one'],
        [9007199254740993n, 'big'],
      ]),
    ),
  },
  PersonMap: {
    about: 'Map of POJOs',

    type: t.Map(t.String, Person),
    kinds: all(
      new Map([
        ['ann', person('full')],
        ['nobody', null],
      ]),
    ),
  },
  ColorMap: {
    about: 'Map with enum keys',

    type: t.Map(Color, t.Int),
    kinds: all(
      new Map([
        ['RED', 1],
        ['BLUE', 3],
      ]),
    ),
  },
  ListMap: {
    about: 'Map of Lists',

    type: t.Map(t.String, t.List(t.Int)),
    kinds: all(
      new Map([
        ['odd', [1, 3]],
        ['none', []],
      ]),
    ),
  },

  Person: {
    about: 'a POJO of ten fields, one with nulls in all of them, and one nested in another twice',

    type: Person,
    kinds: nullable({ full: () => person('full'), bare: () => person('bare'), boss: () => person('boss') }),
  },
  Primitives: {
    about: 'a POJO with a field of every primitive type',

    type: Primitives,
    kinds: {
      a: () => ({ ...boxes, f: Math.fround(1.1), c: '中' }),
      zero: () => ({ b: 0, s: 0, i: 0, l: 0n, f: 0, d: 0, z: false, c: '\u0000' }),
    },
  },
  Boxes: {
    about: 'a POJO with a field of every boxed type, and all of them null',
    type: Boxes,
    kinds: { a: () => boxes, nulls: () => nulls(boxes) },
  },
  Times: {
    about: 'a POJO with a field of every java.time type, and all of them null',
    type: Times,
    kinds: { a: times, nulls: () => nulls(times()) },
  },
  Grid: {
    about: 'a POJO with arrays of every sort, and all of them null',
    type: Grid,
    kinds: { a: () => grid, nulls: () => nulls(grid) },
  },
  Money: {
    about: 'a POJO of BigDecimal, BigInteger, Currency, Locale and UUID',

    type: Money,
    kinds: all({
      amount: Decimal.of('19.90'),
      units: 18446744073709551616n,
      currency: 'CNY',
      locale: 'zh_CN',
      receipt: '123e4567-e89b-12d3-a456-426614174000',
    }),
  },
  Odd: {
    about:
      'field names that JavaScript has its own ideas about: __proto__, constructor, hasOwnProperty, 名字',

    type: Odd,
    kinds: {
      a: () => ({
        ['__proto__']: 'not a prototype',
        constructor: 'not a function',
        hasOwnProperty: 'yes',
        $dollar: 5,
        名字: '名',
      }),
      nulls: () => ({ ['__proto__']: null, constructor: null, hasOwnProperty: null, $dollar: 0, 名字: null }),
    },
  },
  Session: {
    about: 'a POJO whose transient and static fields are not on the wire',
    type: Session,
    kinds: all({ id: 's-1', open: true }),
  },
  Dog: {
    about: "an inherited POJO, its base's fields included",
    type: Dog,
    kinds: { a: rex },
  },
  Animal: {
    about: 'subclasses where the base class is declared, a subclass of a subclass too',
    type: Animal,
    kinds: nullable({ dog: rex, puppy: bit, cat: tom }),
  },
  Zoo: {
    about: 'subclasses in a field, a List and a Map of the base class',
    type: Zoo,
    kinds: { a: zoo },
  },
  Pair: {
    about: 'one object in two fields, which stays one object',

    type: Pair,
    kinds: {
      same: () => {
        const left = person('full');
        return { left, right: left };
      },
      equal: () => ({ left: person('full'), right: person('full') }),
    },
  },
  PersonPage: {
    about: 'a generic class of POJOs, empty too',

    type: PersonPage,
    kinds: {
      a: () => {
        const first = person('full');
        return { total: 17, items: [first, person('bare')], first, last: false };
      },
      empty: () => ({ total: 0, items: [], first: null, last: true }),
    },
  },

  SqlDate: {
    about: 'java.sql.Date, and null for it',
    type: t.SqlDate,
    kinds: nullable(all(new Date(1500000000000))),
  },
  SqlTime: { about: 'java.sql.Time', type: t.SqlTime, kinds: all(new Date(3723004)) },
  SqlTimestamp: {
    about: 'java.sql.Timestamp to the millisecond',
    type: t.SqlTimestamp,
    kinds: all(new Date(1500000000123)),
  },
  Collection: { about: 'java.util.Collection', type: t.Collection(t.String), kinds: all(['x', null]) },
  ArrayList: {
    about: 'a method that declares ArrayList, and null for it',
    type: t.List(t.Int, 'java.util.ArrayList'),
    kinds: nullable(all([1, -2])),
  },
  LinkedList: {
    about: 'a method that declares LinkedList',
    type: t.List(t.String, 'java.util.LinkedList'),
    kinds: all(['first', 'second']),
  },
  TreeSet: {
    about: 'a method that declares TreeSet',
    type: t.Set(t.String.notNull(), 'java.util.TreeSet'),
    kinds: all(new Set(['a', 'b'])),
  },
  TreeMap: {
    about: 'a method that declares TreeMap, and null for it',
    type: t.Map(t.String, t.Long, 'java.util.TreeMap'),
    kinds: nullable(
      all(
        new Map([
          ['a', 9007199254740993n],
          ['z', 1n],
        ]),
      ),
    ),
  },

  LocalDate: {
    about: 'LocalDate',

    type: t.LocalDate,
    kinds: nullable(all(new LocalDate(2024, 2, 29), new LocalDate(1969, 12, 31), new LocalDate(1, 1, 1))),
  },
  LocalTime: {
    about: 'LocalTime to the nanosecond',

    type: t.LocalTime,
    kinds: all(new LocalTime(1, 2, 3, 4), new LocalTime(0, 0, 0, 0), new LocalTime(23, 59, 59, 999999999)),
  },
  LocalDateTime: {
    about: 'LocalDateTime',

    type: t.LocalDateTime,
    kinds: all(LocalDateTime.parse('2024-02-29T01:02:03.004'), LocalDateTime.parse('1999-12-31T23:59')),
  },
  Instant: {
    about: 'Instant to the nanosecond, before 1970 too',

    type: t.Instant,
    kinds: nullable(all(new Instant(1700000000n, 123456789), new Instant(0n, 0), new Instant(-1n, 1))),
  },
  Duration: {
    about: 'Duration, negative too',

    type: t.Duration,
    kinds: all(Duration.parse('PT1H0.5S'), new Duration(0n, 0), new Duration(-1n, 999999999)),
  },
  Period: {
    about: 'Period',
    type: t.Period,
    kinds: all(new Period(1, 2, 3), new Period(0, 0, 0), new Period(0, 0, -40)),
  },
  Year: {
    about: 'Year, before year 0 too',
    type: t.Year,
    kinds: all(new Year(2024), new Year(-1)),
  },
  YearMonth: {
    about: 'YearMonth',
    type: t.YearMonth,
    kinds: all(new YearMonth(2024, 2)),
  },
  MonthDay: {
    about: 'MonthDay of a leap day',
    type: t.MonthDay,
    kinds: all(new MonthDay(2, 29)),
  },
  ZoneId: {
    about: 'ZoneId of a region',
    type: t.ZoneId,
    kinds: all('Asia/Shanghai', 'UTC'),
  },
  ZoneOffset: {
    about: 'ZoneOffset, negative with minutes too',

    type: t.ZoneOffset,
    kinds: all(ZoneOffset.parse('+08:00'), ZoneOffset.parse('Z'), ZoneOffset.parse('-09:30')),
  },
  OffsetTime: {
    about: 'OffsetTime',
    type: t.OffsetTime,
    kinds: all(OffsetTime.parse('01:02:03.000000004+08:00')),
  },
  OffsetDateTime: {
    about: 'OffsetDateTime',
    type: t.OffsetDateTime,
    kinds: all(OffsetDateTime.parse('2024-02-29T01:02:03+08:00')),
  },
  ZonedDateTime: {
    about: 'ZonedDateTime of a region',

    type: t.ZonedDateTime,
    kinds: nullable(all(ZonedDateTime.parse('2024-02-29T01:02:03+08:00[Asia/Shanghai]'))),
  },
  Object: {
    about: 'java.lang.Object: a number, text, a list, a map, a POJO, null',

    type: t.Object,
    kinds: nullable({
      ...all(1, 'two', 3n, 4.5, true),
      list: () => [1, 'two', 3n],
      map: () => new Map([['k', 1]]),
      person: () => untypedPerson('full'),
    }),
  },
};

/** makeX and checkX for every row. */
export const Values: ServiceContract = defineService(
  'com.lab.ValueService',
  Object.fromEntries(
    Object.entries(ROWS).flatMap(([name, { type }]) => [
      [`make${name}`, { args: [t.String], returns: type }],
      [`check${name}`, { args: [t.String, type], returns: t.String }],
    ]),
  ),
);
