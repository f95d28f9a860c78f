// @ts-nocheck The libraries that are compared have no types.
// What becomes of JavaScript values in requests: the signature and the bytes of the argument.
import { bundledWithOld } from '../world/libraries.mjs';
import { INTERFACE, sent } from './sending.mjs';
import { partsOf, rawProvider } from './wire.mjs';

/** A scenario for each version of hessian. @returns {import('../world/world.mjs').Scenario[]} */
const inBothVersions = (id, title, rows) =>
  ['3.0', '4.0'].map((hessianVersion) => ({
    id: hessianVersion === '3.0' ? id : `${id}-v4`,
    title: hessianVersion === '3.0' ? title : `${title} (hessian 4.0)`,
    run: (w) => sent(w, rows(), { hessianVersion }),
  }));

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  ...inBothVersions('values/request-numbers', 'numbers are int, long or double by their value', () => {
    const edges = [
      0,
      16,
      47,
      48,
      128,
      2047,
      2048,
      262143,
      262144,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 40,
      2 ** 53 - 1,
      2 ** 53,
      2 ** 60,
      2 ** 63,
      1e20,
    ];
    const fractions = [0.5, -1.5, 1.1, 1e300, 5e-324, 2 ** 31 + 0.5, Infinity, -Infinity, Number.NaN, -0];
    return [
      ...edges,
      ...edges.slice(1).map((n) => -n),
      -17,
      -2049,
      -262145,
      -(2 ** 31) - 1,
      ...fractions,
    ].map((n) => [Object.is(n, -0) ? '-0' : String(n), n]);
  }),
  ...inBothVersions('values/request-strings', 'strings of each length and of other alphabets', () => [
    ...[0, 1, 31, 32, 255, 256, 1023, 1024, 32767, 32768, 32769, 70000].map((n) => [
      `${n} letters`,
      'a'.repeat(n),
    ]),
    ['latin', 'é ß ÿ'],
    ['chinese', '中文字符'],
    ['31 chinese', '中'.repeat(31)],
    ['32 chinese', '中'.repeat(32)],
    ['emoji', 'a😀b'],
    ['16 emoji', '😀'.repeat(16)],
    ['emoji at the end of a chunk', `${'a'.repeat(32767)}😀b`],
    ['emoji at the start of a chunk', `${'a'.repeat(32768)}😀b`],
    ['control', '\u0000\u0001\n\r\t"\\'],
    ['bom', '\ufeffx'],
  ]),
  ...inBothVersions('values/request-scalars', 'booleans, nothing, and what is taken for nothing', () => [
    ['true', true],
    ['false', false],
    ['null', null],
    ['undefined', undefined],
    ['function', () => 1],
    ['regexp', /x/],
    ['Number object', Object(5)],
    ['String object', Object('text')],
    ['Boolean object', Object(true)],
  ]),
  ...inBothVersions('values/request-dates', 'dates are milliseconds, whole minutes in their short form', () =>
    [
      0, 1, -1, 59_999, 60_000, 1_500_000_000_000, 1_499_999_940_000, 253_402_300_799_999,
      -62_135_596_800_000,
    ].map((ms) => [String(ms), new Date(ms)]),
  ),
  ...inBothVersions('values/request-bytes', 'buffers of each length', () => [
    ...[0, 1, 15, 16, 1023, 1024, 32767, 32768, 32769, 70000].map((n) => [`${n} bytes`, Buffer.alloc(n, 7)]),
    ['slice', Buffer.from('abcdef').subarray(1, 3)],
    ['Uint8Array', Uint8Array.of(1, 2)],
  ]),
  ...inBothVersions('values/request-lists', 'arrays are ArrayLists', () => [
    ['empty', []],
    ['numbers', [1, 2, 3]],
    ['mixed', [1, 'two', null, undefined, true, 1.5, new Date(0), Buffer.of(1), [2], { a: 1 }]],
    ['nested', [[[1]], [[2, 3]]]],
    ['7', Array(7).fill(0)],
    ['8', Array(8).fill(0)],
    ['300', Array(300).fill(1)],
    ['sparse', Object.assign(Array(3), { 0: 1, 2: 3 })],
  ]),
  ...inBothVersions('values/request-objects', 'objects are HashMaps with sorted keys', () => {
    class Point {
      constructor() {
        this.y = 2;
        this.x = 1;
      }
      method() {}
    }
    return [
      ['empty', {}],
      ['sorted', { b: 1, a: 2, B: 3, 10: 4, 9: 5 }],
      ['nested', { a: { b: { c: [1, { d: null }] } } }],
      ['undefined and functions', { a: undefined, f() {}, n: null }],
      ['class', new Point()],
      ['null prototype', Object.assign(Object.create(null), { a: 1 })],
      ['symbol key', { [Symbol('s')]: 1, a: 1 }],
      [
        'getter',
        {
          get a() {
            return 1;
          },
        },
      ],
      ['inherited', Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })],
      ['key of dollars', { $: 1 }],
      ['class without value', { $class: 'a.B' }],
      ['long key', { ['k'.repeat(40)]: 1 }],
      ['other alphabets', { 键: '值' }],
    ];
  }),
  ...inBothVersions(
    'values/request-maps',
    'Maps keep their order and their keys; Sets are empty maps',
    () => [
      ['empty', new Map()],
      [
        'strings',
        new Map([
          ['b', 1],
          ['a', 2],
        ]),
      ],
      [
        'numbers',
        new Map([
          [2, 'two'],
          [1, 'one'],
        ]),
      ],
      ['objects', new Map([[{ k: 1 }, { v: 1 }]])],
      ['nested', new Map([['m', new Map([['n', [1]]])]])],
      ['wrapped keys', new Map([[{ $class: 'java.lang.Long', $: 1 }, 'long']])],
      ['set', new Set([1, 2])],
    ],
  ),
  ...inBothVersions('values/request-references', 'what occurs twice is written once, circles too', () => {
    const shared = { s: 1 };
    const list = [1];
    const circle = { name: 'circle' };
    circle.self = circle;
    const selfList = [];
    selfList.push(selfList, 1);
    const date = new Date(0);
    const map = new Map([['x', 1]]);
    const parent = { kids: [] };
    parent.kids.push({ parent }, { parent });
    const many = Array.from({ length: 300 }, (_, i) => ({ i }));
    return [
      ['shared object', [shared, shared]],
      ['shared list', { a: list, b: list }],
      ['circle', circle],
      ['list in itself', selfList],
      ['shared date', [date, date]],
      ['shared map', [map, map]],
      ['parent', parent],
      ['equal, not shared', [{ s: 1 }, { s: 1 }]],
      ['past 255', [...many, many[299], many[0]]],
    ];
  }),
  ...inBothVersions('values/request-wrapped-scalars', 'scalars with the Java type they are to have', () => {
    const of = ($class, $) => [
      `${$class} ${typeof $ === 'object' ? 'null' : JSON.stringify($)}`,
      { $class, $ },
    ];
    const types = [
      'int',
      'java.lang.Integer',
      'short',
      'byte',
      'long',
      'java.lang.Long',
      'double',
      'java.lang.Double',
      'float',
      'boolean',
      'java.lang.Boolean',
      'java.lang.String',
      'char',
      'java.util.Date',
      'java.lang.Object',
      'java.math.BigInteger',
    ];
    return [
      ...types.map((type) => of(type, null)),
      ...[
        'int',
        'java.lang.Integer',
        'short',
        'byte',
        'long',
        'java.lang.Long',
        'double',
        'java.lang.Double',
        'float',
        'java.lang.Object',
      ].map((type) => of(type, 5)),
      ...['long', 'java.lang.Long'].flatMap((type) =>
        ['5', '-5', '9007199254740993', '-9223372036854775808', '9223372036854775807'].map((text) =>
          of(type, text),
        ),
      ),
      of('long', 2 ** 40),
      of('double', 0),
      of('double', 1),
      of('double', -128),
      of('double', 127.5),
      of('double', 2 ** 31),
      of('float', 1.1),
      of('boolean', true),
      of('java.lang.Boolean', false),
      of('boolean', 1),
      of('java.lang.String', 'text'),
      of('char', 'c'),
      of('java.lang.Character', '字'),
      of('java.lang.Object', 'text'),
      ['Date', { $class: 'java.util.Date', $: new Date(1) }],
      ['Date of number', { $class: 'java.util.Date', $: 1 }],
      ['Object of date', { $class: 'java.lang.Object', $: new Date(1) }],
      ['Object of object', { $class: 'java.lang.Object', $: { a: 1 } }],
    ];
  }),
  ...inBothVersions(
    'values/request-wrong-scalars',
    'what a wrapped type does not take is an error that says why',
    () => {
      const of = ($class, $) => [`${$class} ${JSON.stringify($)}`, { $class, $ }];
      return [
        of('int', 'text'),
        of('int', '5'),
        of('int', 1.5),
        of('int', 2 ** 40),
        of('int', {}),
        of('int', true),
        of('double', '1.5'),
        of('double', 'text'),
        of('java.lang.String', 5),
        of('java.lang.String', { a: 1 }),
        of('java.util.Date', 'yesterday'),
        of('java.util.Map', 5),
        of('a.B', 'text'),
        of('a.B', 5),
        of('[int', 5),
      ];
    },
  ),
  ...inBothVersions(
    'values/request-wrapped-objects',
    'objects, enums and lists with their Java classes',
    () => {
      const person = (name, friend = null) => ({
        $class: 'com.test.Person',
        $: { name, age: { $class: 'int', $: 3 }, friend },
      });
      const one = person('one');
      return [
        ['object', person('x')],
        ['two of a class', [person('x'), person('y')]],
        ['other fields of a class', [person('x'), { $class: 'com.test.Person', $: { age: 1, extra: 2 } }]],
        ['nested', person('x', person('y', person('z')))],
        ['shared', [one, one]],
        ['without fields', { $class: 'com.test.Empty', $: {} }],
        ['null', { $class: 'com.test.Person', $: null }],
        ['enum', { $class: 'com.test.Color', $: { name: 'RED' } }],
        ['BigDecimal', { $class: 'java.math.BigDecimal', $: { value: '12.50' } }],
        ['Locale', { $class: 'java.util.Locale', $: 'zh_CN' }],
        ['abstract class', { $class: 'com.test.Dog', $abstractClass: 'com.test.Animal', $: { name: 'Rex' } }],
        ['map', { $class: 'java.util.Map', $: { b: 1, a: { $class: 'long', $: 2 } } }],
        ['HashMap', { $class: 'java.util.HashMap', $: { a: 1 } }],
        ['TreeMap', { $class: 'java.util.TreeMap', $: { b: 1, a: 2 } }],
        ['TreeMap as a map', { $class: 'java.util.TreeMap', $: { b: 1, a: 2 }, isMap: true }],
        ['map of a Map', { $class: 'java.util.Map', $: new Map([[1, 2]]) }],
        ['list', { $class: 'java.util.List', $: [1, 2] }],
        ['ArrayList', { $class: 'java.util.ArrayList', $: [1] }],
        [
          'LinkedList twice',
          [
            { $class: 'java.util.LinkedList', $: [1] },
            { $class: 'java.util.LinkedList', $: [2] },
          ],
        ],
        ['HashSet', { $class: 'java.util.HashSet', $: ['a'] }],
        ['int[]', { $class: '[int', $: [1, 2] }],
        ['String[]', { $class: '[java.lang.String', $: ['a', null] }],
        ['String[][]', { $class: '[[java.lang.String', $: [['a'], []] }],
        ['byte[] as text', { $class: '[B', $: [1] }],
        ['isArray', { $class: 'long', $: [1, 2], isArray: true }],
        ['isArray of depth', { $class: 'java.lang.String', $: [['a']], isArray: true, arrayDepth: 2 }],
        ['array of objects', { $class: '[com.test.Person', $: [person('x'), null] }],
        ['wrapped in an object', { a: { $class: 'java.lang.Long', $: '9007199254740993' } }],
        [
          'wrapped in a list',
          [
            { $class: 'short', $: 1 },
            { $class: 'com.test.Color', $: { name: 'RED' } },
          ],
        ],
      ];
    },
  ),
  ...inBothVersions('values/request-errors', 'errors are maps of what they have, and a signature', () => [
    ['plain', new Error('message')],
    ['with fields', Object.assign(new TypeError('message'), { code: 7 })],
    ['inside', { error: Object.assign(new Error('message'), { code: 7 }) }],
  ]),
  ...inBothVersions('values/request-refused', 'what cannot be written is a RpcRequestEncodeError', () => [
    ['bigint', 1n],
    ['bigint inside', { a: [1n] }],
    ['symbol', Symbol('s')],
    ['afterwards', 'fine'],
  ]),
  ...inBothVersions('values/request-longs', 'Long objects', () => {
    const Long = bundledWithOld('long');
    return [
      ['5', Long.fromNumber(5)],
      ['-5', Long.fromNumber(-5)],
      ['2 ** 40', Long.fromNumber(2 ** 40)],
      ['beyond 2 ** 53', Long.fromString('9007199254740993')],
      ['inside', { long: Long.fromString('9007199254740993') }],
      ['wrapped', { $class: 'java.lang.Long', $: Long.fromString('9007199254740993') }],
    ];
  }),
  {
    id: 'values/request-whole-frame',
    title: 'the whole frame of a request, with and without application, properties and arguments',
    async run(w) {
      const provider = await rawProvider(w);
      const client = w.client();
      const ask = async (options, args, callOptions) => {
        const consumer = client.createConsumer({
          interfaceName: INTERFACE,
          serverHost: provider.host,
          ...options,
        });
        const before = provider.frames.length;
        await consumer.invoke('method', args, callOptions);
        const { id, ...parts } = partsOf(provider.frames[before]);
        return parts;
      };
      const traced = { rpc_trace_context: { sofaTraceId: 't', sofaRpcId: '0', n: 1 }, flag: true, list: [1] };
      return [
        await ask({}, []),
        await ask({ targetAppName: 'app' }, ['x', 1]),
        await ask({ version: '2.0', group: 'G' }, [], { responseTimeout: 1234 }),
        await ask({}, [], { requestProps: {} }),
        await ask({}, [], { requestProps: traced }),
        await ask({}, [1, 'a', true, null, [], {}, 1.5, 2 ** 40, new Date(0), Buffer.of(1)]),
      ];
    },
  },
  {
    id: 'values/request-not-changed',
    title: 'arguments are left as they were',
    async run(w) {
      const provider = await rawProvider(w);
      const consumer = w.client().createConsumer({ interfaceName: INTERFACE, serverHost: provider.host });
      const args = [
        { $class: 'com.test.Kept', $: { a: { $class: 'long', $: '5' }, list: [1, { $class: 'int', $: 2 }] } },
        [{ b: 1 }],
        Object.freeze({ frozen: Object.freeze([1]) }),
      ];
      const before = JSON.stringify(args);
      await consumer.invoke('m', args);
      return { isSame: JSON.stringify(args) === before, keys: args.map((arg) => Object.keys(arg)) };
    },
  },
];
