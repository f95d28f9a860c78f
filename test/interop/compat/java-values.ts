// The value table of ../java (Values.java, values.ts) in the words of the old library: wrappers, and a class map of com.lab.

type Type = Record<string, unknown>;

const type = (name: string, more: Type = {}): Type => ({ type: name, ...more });
const array = (name: string, more: Type = {}): Type => ({ type: name, isArray: true, ...more });
const string = type('java.lang.String');
const listOf = (item: Type) => type('java.util.List', { generic: [item] });
const mapOf = (key: Type, value: Type) => type('java.util.Map', { generic: [key, value] });
const person = type('com.lab.Person');
const color = type('com.lab.Color', { isEnum: true });
const animal = type('com.lab.Animal', { abstractClass: true });
const node = type('com.lab.Node');

/** The classes that are called with and answered, as users have them generated from Java's. */
export const CLASS_MAP = {
  'com.lab.Person': {
    id: type('long'),
    name: string,
    age: type('int'),
    height: type('double'),
    active: type('boolean'),
    born: type('java.util.Date'),
    color,
    tags: listOf(string),
    scores: mapOf(string, type('java.lang.Integer')),
    manager: person,
  },
  'com.lab.Primitives': {
    b: type('byte'),
    s: type('short'),
    i: type('int'),
    l: type('long'),
    f: type('float'),
    d: type('double'),
    z: type('boolean'),
    c: type('char'),
  },
  'com.lab.Boxes': {
    b: type('java.lang.Byte'),
    s: type('java.lang.Short'),
    i: type('java.lang.Integer'),
    l: type('java.lang.Long'),
    f: type('java.lang.Float'),
    d: type('java.lang.Double'),
    z: type('java.lang.Boolean'),
    c: type('java.lang.Character'),
  },
  'com.lab.Grid': {
    ints: array('int'),
    longs: array('long'),
    doubles: array('double'),
    flags: array('boolean'),
    words: array('java.lang.String'),
    bytes: array('byte'),
    table: array('int', { arrayDepth: 2 }),
    people: array('com.lab.Person'),
    colors: array('com.lab.Color', { isEnum: true }),
    boxed: array('java.lang.Integer'),
  },
  'com.lab.Odd': {
    constructor: string,
    hasOwnProperty: string,
    $dollar: type('int'),
    名字: string,
  },
  'com.lab.Session': { id: string, secret: { ...string, isTransient: true }, open: type('boolean') },
  'com.lab.Dog': { breed: string, name: string, legs: type('int') },
  'com.lab.Puppy': { weeks: type('int'), breed: string, name: string, legs: type('int') },
  'com.lab.Cat': { indoor: type('boolean'), friend: animal, name: string, legs: type('int') },
  'com.lab.Zoo': { star: animal, animals: listOf(animal), byName: mapOf(string, animal) },
  'com.lab.Node': { name: string, next: node, parent: node, children: listOf(node) },
  'com.lab.Pair': { left: person, right: person },
  'com.lab.Page': {
    total: type('int'),
    items: type('java.util.List', { generic: [{ typeAliasIndex: 0, typeVar: true }] }),
    first: { typeAliasIndex: 0 },
    last: type('boolean'),
  },
};

/** A value with its Java class. */
export const as = ($class: string, $: unknown, more: Type = {}) => ({ $class, $, ...more });

export function personOf(kind: 'full' | 'bare' | 'boss'): Record<string, unknown> {
  if (kind === 'bare') return { name: 'Bob' };
  return {
    id: '9007199254740993',
    name: 'Ann 安',
    age: 41,
    height: 1.68,
    active: true,
    born: new Date(1500000000123),
    color: { name: 'GREEN' },
    tags: ['a', 'b😀'],
    scores: { go: 9, chess: -3 },
    manager: kind === 'boss' ? { ...personOf('full'), name: 'The Boss', manager: personOf('bare') } : null,
  };
}

export const rex = () => as('com.lab.Dog', { name: 'Rex', legs: 4, breed: 'Beagle' });
export const bit = () => as('com.lab.Puppy', { name: 'Bit', legs: 4, breed: 'Corgi', weeks: 7 });
export const tom = () => as('com.lab.Cat', { name: 'Tom', legs: 3, indoor: true, friend: rex() });

export function text(kind: string): string {
  if (kind === 'border') return `${'x'.repeat(0x7fff)}😀end`;
  if (kind === 'border1') return '中'.repeat(0x7fff) + '😀'.repeat(0x4001);
  if (kind === 'long') return 'aé中😀'.repeat(20_000);
  if (kind === 'mega') return '中文 mega text 😀 '.repeat(60_000);
  return kind === 'lone' ? 'a\ud83db' : `text of ${kind}`;
}

export const pattern = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, i) => i * 31 + 7));

type Kinds = Readonly<Record<string, unknown>>;

/** Kinds a, b, c, .. of one Java type. */
function all($class: string, values: readonly unknown[], more: Type = {}): Kinds {
  return Object.fromEntries(
    values.map((value, at) => [String.fromCharCode(97 + at), as($class, value, more)]),
  );
}

const nullable = ($class: string, kinds: Kinds, more: Type = {}): Kinds => ({
  ...kinds,
  null: as($class, null, more),
});

const generic = (...names: string[]) => ({ generic: names.map((name) => ({ type: name })) });
const grid = () => ({
  ints: [1, 2, 3],
  longs: ['9223372036854775807'],
  doubles: [0.1, 2],
  flags: [true, false],
  words: ['w', null],
  bytes: pattern(5),
  table: [[1], [2, 3]],
  people: [personOf('bare'), personOf('bare')],
  colors: [{ name: 'RED' }, { name: 'RED' }],
  boxed: [5, null],
});

/** What Java is called with and answered, by the name of its type and kind: as an argument of that type would be wrapped. */
export const VALUES: Readonly<Record<string, Kinds>> = {
  Int: all('int', [
    ...[0, 1, -1, 47, 48, -16, -17, 2047, 2048, -2049, 262143, 262144, -262145, 2147483647, -2147483648],
  ]),
  Long: all('long', [
    ...[0, 1, -1, 15, 16, -9, 2047, -2049, 262143, -262145, 2147483647, 2147483648, -2147483649],
    ...[9007199254740991, '9007199254740993', '-9007199254740993'],
    ...['9223372036854775807', '-9223372036854775808'],
  ]),
  Short: all('short', [0, -1, 300, 32767, -32768]),
  Byte: all('byte', [0, -1, 127, -128]),
  Double: all('double', [
    ...[0, 1, -128, 32767, 0.1, 123.456, 12.25, 1e300, 5e-324, -Infinity, Number.NaN, 9007199254740992],
  ]),
  Float: all('float', [
    ...[0, 1.5, -2.25, Math.fround(1.1), 3.4028234663852886e38, 1.401298464324817e-45, Infinity, Number.NaN],
  ]),
  Boolean: all('boolean', [true, false]),
  Char: all('char', ['A', '中', '\u0000', '\uffff']),
  IntBox: nullable('java.lang.Integer', all('java.lang.Integer', [7, -2147483648])),
  LongBox: nullable('java.lang.Long', all('java.lang.Long', [7, '9007199254740993'])),
  ShortBox: nullable('java.lang.Short', all('java.lang.Short', [7, -300])),
  ByteBox: nullable('java.lang.Byte', all('java.lang.Byte', [7, -7])),
  DoubleBox: nullable('java.lang.Double', all('java.lang.Double', [7.5, 0.1])),
  BooleanBox: nullable('java.lang.Boolean', all('java.lang.Boolean', [true, false])),
  CharBox: nullable('java.lang.Character', all('java.lang.Character', ['z', '文'])),
  String: nullable(
    'java.lang.String',
    all('java.lang.String', [
      ...[
        '',
        'hello',
        '你好，世界',
        '😀 and 👩‍👩‍👧‍👦',
        'tab\tline\nnul\u0000end',
        text('border'),
        text('long'),
      ],
      ...['quote"back\\slash', '\ufeffbom', text('border1')],
    ]),
  ),
  Bytes: { a: pattern(0), b: pattern(3), c: pattern(70_000), null: as('byte', null, { isArray: true }) },
  Date: nullable(
    'java.util.Date',
    all(
      'java.util.Date',
      [0, 1500000000123, -1, -62135596800000, 253402300799999, 1500000000000].map((ms) => new Date(ms)),
    ),
  ),
  BigDecimal: nullable(
    'java.math.BigDecimal',
    all(
      'java.math.BigDecimal',
      ['0', '12345678901234567890.1234567890', '-0.10', '1E+30', '1.00'].map((value) => ({ value })),
    ),
  ),
  Locale: nullable('java.util.Locale', all('java.util.Locale', ['zh_CN', 'en', 'pt_BR'])),
  Currency: nullable('java.util.Currency', all('java.util.Currency', ['CNY', 'USD'])),
  Class: nullable('java.lang.Class', {
    ...all('java.lang.Class', ['com.lab.Person', { name: 'java.lang.String' }]),
    ...{ c: as('java.lang.Class', { name: 'int' }), d: as('java.lang.Class', { name: '[I' }) },
  }),
  Color: nullable(
    'com.lab.Color',
    all(
      'com.lab.Color',
      ['RED', 'GREEN', 'BLUE'].map((name) => ({ name })),
      { isEnum: true },
    ),
  ),
  Size: nullable('com.lab.Size', all('com.lab.Size', ['SMALL', 'LARGE'], { isEnum: true }), { isEnum: true }),
  IntArray: nullable('int', all('int', [[1, -1, 2147483647], []], { isArray: true }), { isArray: true }),
  LongArray: all('long', [[1, '9007199254740993', '-9223372036854775808']], { isArray: true }),
  ShortArray: all('short', [[1, -300, 32767]], { isArray: true }),
  DoubleArray: all('double', [[0.5, 0.1, 1e300]], { isArray: true }),
  BooleanArray: all('boolean', [[true, false, true]], { isArray: true }),
  StringArray: nullable(
    'java.lang.String',
    all('java.lang.String', [['a', null, '', '三'], []], { isArray: true }),
    { isArray: true },
  ),
  IntegerArray: all('java.lang.Integer', [[1, null, -7]], { isArray: true }),
  DateArray: all('java.util.Date', [[new Date(0), null, new Date(1500000000123)]], { isArray: true }),
  PersonArray: all('com.lab.Person', [[personOf('full'), null, personOf('bare')]], { isArray: true }),
  IntGrid: all('int', [[[1, 2], [], [3]]], { isArray: true, arrayDepth: 2 }),
  StringGrid: all('java.lang.String', [[['a'], ['b', null]]], { isArray: true, arrayDepth: 2 }),
  IntList: nullable('java.util.List', all('java.util.List', [[1, -1, 300000, null], []])),
  LongList: all('java.util.List', [[1, '9007199254740993', -5]], generic('java.lang.Long')),
  StringList: all('java.util.List', [
    ['x', '', null, '字'],
    Array.from({ length: 300 }, (_, i) => `item ${i}`),
  ]),
  PersonList: nullable(
    'java.util.List',
    {
      a: as('java.util.List', [personOf('full'), personOf('bare'), null], generic('com.lab.Person')),
      twice: twice(),
    },
    generic('com.lab.Person'),
  ),
  ListList: all('java.util.List', [[['a', 'b'], [], ['c']]]),
  StringSet: nullable('java.util.Set', all('java.util.Set', [['red', 'green', 'blue'], []])),
  LongSet: all('java.util.Set', [new Set([1, '9007199254740993'])], generic('java.lang.Long')),
  StringMap: nullable(
    'java.util.Map',
    all('java.util.Map', [
      { k: 'v', empty: '', none: null, 键: '值' },
      {},
      new Map([
        ['__proto__', 'p'],
        ['constructor', 'c'],
      ]),
    ]),
  ),
  LongMap: all(
    'java.util.Map',
    [
      new Map<unknown, string>([
        [1, 'one'],
        ['9007199254740993', 'big'],
      ]),
    ],
    generic('java.lang.Long', 'java.lang.String'),
  ),
  PersonMap: all(
    'java.util.Map',
    [{ ann: personOf('full'), nobody: null }],
    generic('java.lang.String', 'com.lab.Person'),
  ),
  ListMap: all('java.util.Map', [{ odd: [1, 3], none: [] }]),
  Person: nullable('com.lab.Person', {
    full: as('com.lab.Person', personOf('full')),
    bare: as('com.lab.Person', personOf('bare')),
    boss: as('com.lab.Person', personOf('boss')),
  }),
  Primitives: {
    a: as('com.lab.Primitives', {
      ...{ b: -128, s: -32768, i: -2147483648, l: '9223372036854775807' },
      ...{ f: Math.fround(1.1), d: 0.1, z: true, c: '中' },
    }),
    zero: as('com.lab.Primitives', { c: '\u0000' }),
  },
  Boxes: {
    a: as('com.lab.Boxes', {
      ...{ b: -128, s: -32768, i: -2147483648, l: '9223372036854775807', f: 1.5, d: 0.1, z: true, c: 'x' },
    }),
    nulls: as('com.lab.Boxes', {}),
  },
  Grid: { a: as('com.lab.Grid', grid()), nulls: as('com.lab.Grid', {}) },
  Session: { a: as('com.lab.Session', { id: 's-1', secret: 'kept', open: true }) },
  Dog: { a: rex() },
  // Before the next row: the old library takes what it worked out for a class without $abstractClass for one with it, too.
  Zoo: { a: zoo() },
  Animal: nullable('com.lab.Animal', {
    dog: { ...rex(), $abstractClass: 'com.lab.Animal' },
    puppy: { ...bit(), $abstractClass: 'com.lab.Animal' },
    cat: { ...tom(), $abstractClass: 'com.lab.Animal' },
  }),
  Pair: { same: pair(true), equal: pair(false) },
  PersonPage: {
    a: as('com.lab.Page', page(), generic('com.lab.Person')),
    empty: as('com.lab.Page', { total: 0, items: [], first: null, last: true }, generic('com.lab.Person')),
  },
  LocalDate: Object.fromEntries(
    Object.entries({ a: [2024, 2, 29], b: [1969, 12, 31], c: [1, 1, 1], null: null }).map(([kind, date]) => [
      kind,
      as(
        'com.caucho.hessian.io.java8.LocalDateHandle',
        date && { year: date[0], month: date[1], day: date[2] },
        { $abstractClass: 'java.time.LocalDate' },
      ),
    ]),
  ),
};

function twice(): unknown {
  const again = personOf('bare');
  return as('java.util.List', [personOf('full'), again, again], generic('com.lab.Person'));
}

export function zoo(): unknown {
  const star = bit();
  return as('com.lab.Zoo', { star, animals: [rex(), tom(), star], byName: { bit: star } });
}

export function pair(isSame: boolean): unknown {
  const left = personOf('full');
  return as('com.lab.Pair', { left, right: isSame ? left : personOf('full') });
}

export function page(): Record<string, unknown> {
  const first = personOf('full');
  return { total: 17, items: [first, personOf('bare')], first, last: false };
}
