// What is expected of real Java beside what sofa-rpc-node does.

/** What Java makes, by type and kind, in the plain form of world/plain.mjs: where the old value mapping has its own mind. */
export const MADE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Long: {
    n: 9007199254740991,
    o: '9007199254740993',
    p: '-9007199254740993',
    r: '-9223372036854775808',
  },
  LongBox: { a: 7, b: '9007199254740993', null: null },
  LongArray: { a: [1, '9007199254740993', '-9223372036854775808'] },
  Float: { d: Math.fround(1.1) },
  Char: { b: '中' },
  CharArray: { a: 'a中z' },
  Bytes: { b: { $: 'Buffer', hex: '072645' } },
  Date: { b: { $: 'Date', value: 1500000000123 } },
  BigDecimal: { b: { value: '12345678901234567890.1234567890' }, d: { value: '1E+30' } },
  Currency: { a: { currencyCode: 'CNY' } },
  Locale: { a: { value: 'zh_CN' } },
  Class: { a: { name: 'com.lab.Person' } },
  Color: { a: { name: 'RED' }, null: null },
  Shape: { b: { name: 'SQUARE' } },
  ColorArray: { a: [{ name: 'BLUE' }, null, { name: 'RED' }, { name: 'RED' }] },
  StringSet: { a: ['red', 'green', 'blue'] },
  StringMap: { a: { k: 'v', empty: '', none: null, 键: '值' }, b: {} },
  LongMap: { a: { 1: 'one', '9007199254740993': 'big' } },
  ColorMap: { a: { RED: 1, BLUE: 3 } },
  LinkedList: { a: ['first', 'second'] },
  Dog: { a: { breed: 'Beagle', name: 'Rex', legs: 4 } },
  LocalDate: { a: { year: 2024, month: 2, day: 29 } },
  Instant: { a: { seconds: 1700000000, nanos: 123456789 } },
  SqlTimestamp: { a: { value: { $: 'Date', value: 1500000000123 } } },
};

/** What calls of java-calls.ts answer. */
export const ANSWERS: Readonly<Record<string, unknown>> = {
  'an overload by $class: int': 'int 5',
  'an overload by $class: Integer': 'Integer 5',
  'an overload by $class: long': 'long 5',
  'an overload by $class: Long': 'Long 5',
  'an overload by $class: String': 'String x',
  'an overload by $class: int[]': 'int[] 3',
  'an overload by $class: List': 'List 2',
  'an overload by $class: Object': 'Object java.lang.String any',
  'an overload by a plain number': 'int 5',
  'an overload by a plain text': 'String x',
  'an overload that takes nothing': 'nothing',
  'save(Person, boolean)': 'person Bob by force',
  'save(List)': 'list of 2',
  'describe(Person)':
    '9007199254740993|Ann 安|41|1.68|true|1500000000123|GREEN|a,b😀|{chess=-3, go=9}|The Boss',
  'describe(a person wrapped field by field)': '7|Wrapped|5|1.5|true|0|BLUE|t|{go=9}|-',
  'find: null': null,
  'find: an object of ten fields': {
    ...{ id: '9007199254740993', name: 'Ann 安', age: 41, height: 1.68, active: true },
    ...{ born: { $: 'Date', value: 1500000000123 }, color: { name: 'GREEN' }, tags: ['a', 'b😀'] },
    ...{ scores: { go: 9, chess: -3 }, manager: null },
  },
  'many: ten arguments': '1 -9007199254740993 1.0 true é Ann 安 [a, b] {k=1} 6279746573 5',
  'join: varargs': '2:a+b',
  'same: one object as two arguments': true,
  void: null,
  'animalText: a subclass by $abstractClass': 'Dog Rex 4 Beagle',
  'a version of its own': 'second greets x',
};

/** The errors of others: how each is named, and what it says. */
export const THROWS: Readonly<Record<string, readonly [name: string, message: string]>> = {
  'find: a checked exception': ['com.lab.NotFoundException', 'no person 404'],
  'a checked exception': ['com.lab.NotFoundException', 'no thing 9223372036854775807 找不到😀'],
  'an unchecked exception with fields of all kinds': ['com.lab.RejectedException', 'rejected me'],
  'an exception of a subclass': ['com.lab.QuotaException', 'over 1099511627776'],
  'an exception of the JDK': ['java.lang.IllegalStateException', 'boom 坏'],
  'an exception that is in no class map': ['com.lab.UnlistedException', 'not in the contract'],
  'an Error': ['java.lang.AssertionError', 'an Error, not an Exception'],
  'protobuf: an exception': ['Error', 'order 13 失败'],
  'no such method': [
    'Error',
    'RPC-020100011: Cannot find invoke method: [vanished], service: [com.lab.PeopleService:1.0] ',
  ],
  'no such service': ['Error', 'RPC-020100010: RPC cannot find service: [com.lab.NobodyService:1.0] '],
};

/** Calls at whose answer the old library breaks the connection: it takes Java's message for a protobuf message. */
export const BETTER_THAN_OLD = new Set(['protobuf: an exception']);

/** Types that a server has no own form for: Java declares them and is answered an Integer, a Double or a String. */
export const UNREADABLE = new Set(['Short', 'Byte', 'Float', 'Char', 'ShortBox', 'ByteBox', 'CharBox']);

/** What a Java application does with a provider, and judges by itself (Cases.java): that of it that the old library can do. */
export const JUDGED = [
  ...[
    'describe full',
    'describe bare',
    'describe boss',
    'describe null',
    'ping',
    'find',
    'find null',
    'promote',
  ],
  ...[
    'older',
    'void',
    'overloads by type',
    'overloads by count',
    'varargs',
    'many',
    'same',
    'same pair',
    'twins',
  ],
  ...['widen', 'digest border', 'text border', 'digest border1', 'text border1', 'digest long', 'text long'],
  ...['digest mega', 'text mega', 'digest lone', 'text lone', 'digest bytes', 'bytes', 'crowd', 'idSum'],
  ...['animals', 'roster', 'zoo', 'zooText', 'ring', 'ringSize', 'treeSize', 'chain', 'chainSize'],
  ...[
    'page of persons',
    'oneway',
    'future',
    'callback',
    'uniqueId and version',
    'protobuf',
    'protobuf defaults',
  ],
];
