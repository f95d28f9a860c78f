// @ts-nocheck The libraries that are compared have no types.
// Requests of a client with a class map: which fields are written, in which order and as what.
//
// The predecessor keeps what it has compiled by the name of a class alone, whatever the map: each scenario has classes of
// its own.
import { sent } from './sending.mjs';

/**
 * A scenario for each version of hessian. `make` is given a function that puts names into a package of its own.
 * @returns {import('../world/world.mjs').Scenario[]}
 */
const inBothVersions = (id, title, make) =>
  ['3.0', '4.0'].map((hessianVersion) => ({
    id: hessianVersion === '3.0' ? `classmap/${id}` : `classmap/${id}-v4`,
    title: hessianVersion === '3.0' ? title : `${title} (hessian 4.0)`,
    run(w) {
      const { classMap, rows } = make(
        (name) => `com.test.map.${id.replaceAll('-', '')}.${name}`,
        hessianVersion,
      );
      return sent(w, rows, { hessianVersion, connectionOpts: { classMap } });
    },
  }));

const string = { type: 'java.lang.String' };

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  ...inBothVersions(
    'fields',
    'fields are those of the map, in its order: absent ones null or zero, others dropped',
    (p) => ({
      classMap: {
        [p('Person')]: {
          name: string,
          age: { type: 'int' },
          id: { type: 'java.lang.Long' },
          active: { type: 'boolean' },
          born: { type: 'java.util.Date' },
          address: { type: p('Address') },
          SIZE: { type: 'int', isStatic: true },
          cache: { type: 'java.lang.Object', isTransient: true },
        },
        [p('Address')]: { city: string, zip: { type: 'int' } },
        [p('Empty')]: {},
      },
      rows: [
        [
          'all',
          {
            $class: p('Person'),
            $: {
              address: { zip: 1, city: 'HZ' },
              born: new Date(1),
              active: true,
              id: 7,
              age: 3,
              name: 'n',
              SIZE: 1,
              cache: 2,
              extra: 3,
            },
          },
        ],
        ['none', { $class: p('Person'), $: {} }],
        [
          'nulls',
          {
            $class: p('Person'),
            $: { name: null, age: null, id: null, active: null, born: null, address: null },
          },
        ],
        ['undefined', { $class: p('Person'), $: { name: undefined, age: undefined } }],
        ['null', { $class: p('Person'), $: null }],
        [
          'of a class',
          {
            $class: p('Address'),
            $: new (class {
              city = 'c';
              get zip() {
                return 2;
              }
            })(),
          },
        ],
        ['without prototype', { $class: p('Address'), $: Object.assign(Object.create(null), { city: 'c' }) }],
        ['empty', { $class: p('Empty'), $: { a: 1 } }],
        [
          'wrapped field',
          {
            $class: p('Person'),
            $: {
              name: { $class: 'java.lang.String', $: 'w' },
              age: { $class: 'int', $: 4 },
              id: { $class: 'java.lang.Long', $: '9007199254740993' },
              address: { $class: p('Address'), $: { city: 'w' } },
            },
          },
        ],
        ['unknown class', { $class: p('Unknown'), $: { b: 1, a: 'x' } }],
        ['plain', { name: 'not wrapped' }],
        ['null argument', null],
        ['plain list of wrapped', [{ $class: p('Address'), $: { zip: 9 } }]],
        ['field of another class', { $class: p('Person'), $: { address: { $class: p('Empty'), $: {} } } }],
      ],
    }),
  ),
  ...inBothVersions(
    'scalars',
    'fields of each scalar type, of values that fit and of texts and numbers',
    (p) => {
      const types = [
        'int',
        'java.lang.Integer',
        'short',
        'java.lang.Short',
        'byte',
        'java.lang.Byte',
        'long',
        'java.lang.Long',
        'double',
        'java.lang.Double',
        'float',
        'java.lang.Float',
        'boolean',
        'java.lang.Boolean',
        'bool',
        'char',
        'java.lang.Character',
        'java.lang.String',
        'java.util.Date',
        'java.lang.Object',
        'java.math.BigDecimal',
        'java.util.Currency',
        'java.util.Locale',
        'java.lang.Class',
        'java.util.concurrent.atomic.AtomicLong',
      ];
      const classMap = Object.fromEntries(types.map((type, i) => [p(`T${i}`), { v: { type } }]));
      const numeric = types.slice(0, 12);
      const row = (type, name, v) => [`${type} ${name}`, { $class: p(`T${types.indexOf(type)}`), $: { v } }];
      return {
        classMap,
        rows: [
          ...types.map((type) => row(type, 'null', null)),
          ...numeric.map((type) => row(type, '5', 5)),
          ...numeric.filter((type) => !/double|float/i.test(type)).map((type) => row(type, "'5'", '5')),
          ...['long', 'java.lang.Long'].map((type) => row(type, 'text beyond 2 ** 53', '-9007199254740993')),
          ...['boolean', 'java.lang.Boolean', 'bool'].flatMap((type) => [
            row(type, 'true', true),
            row(type, '0', 0),
            row(type, 'text', 'false'),
          ]),
          ...['char', 'java.lang.Character', 'java.lang.String'].flatMap((type) => [
            row(type, 'c', 'c'),
            row(type, '5', 5),
            row(type, 'empty', ''),
          ]),
          row('double', '1.5', 1.5),
          row('double', '-1', -1),
          row('float', '1.1', 1.1),
          row('java.util.Date', 'date', new Date(60_000)),
          row('java.util.Date', 'number', 61_000),
          row('java.util.Date', 'text', '2017-07-14T02:40:00.000Z'),
          row('java.lang.Object', 'text', 'x'),
          row('java.lang.Object', 'number', 5),
          row('java.lang.Object', 'object', { b: 1, a: [] }),
          row('java.lang.Object', 'wrapped', { $class: 'java.lang.Long', $: 5 }),
          row('java.math.BigDecimal', 'text', '1.50'),
          row('java.math.BigDecimal', 'number', 1.5),
          row('java.math.BigDecimal', 'object', { value: '2.5' }),
          row('java.math.BigDecimal', 'empty object', {}),
          row('java.util.Currency', 'text', 'CNY'),
          row('java.util.Currency', 'object', { currencyCode: 'USD' }),
          row('java.util.Locale', 'text', 'zh_CN'),
          row('java.util.Locale', 'object', { value: 'en' }),
          row('java.lang.Class', 'text', 'a.B'),
          row('java.lang.Class', 'object', { name: 'a.C' }),
          row('java.lang.Class', 'array', '[a.B'),
          row('java.util.concurrent.atomic.AtomicLong', 'number', 5),
          row('java.util.concurrent.atomic.AtomicLong', 'object', { value: 6 }),
        ],
      };
    },
  ),
  ...inBothVersions('collections', 'lists, sets and arrays, of what they are made of', (p) => {
    const item = { type: p('Item') };
    const fields = {
      list: { type: 'java.util.List' },
      listOfItem: { type: 'java.util.List', generic: [item] },
      listOfLong: { type: 'java.util.List', generic: [{ type: 'java.lang.Long' }] },
      listOfList: { type: 'java.util.List', generic: [{ type: 'java.util.List', generic: [item] }] },
      listOfArray: { type: 'java.util.List', generic: [{ type: p('Item'), isArray: true, arrayDepth: 1 }] },
      arrayList: { type: 'java.util.ArrayList', generic: [item] },
      collection: { type: 'java.util.Collection', generic: [{ type: 'int' }] },
      set: { type: 'java.util.Set', generic: [string] },
      plainSet: { type: 'java.util.Set' },
      linkedList: { type: 'java.util.LinkedList' },
      ints: { type: 'int', isArray: true, arrayDepth: 1 },
      strings: { type: 'java.lang.String', isArray: true },
      matrix: { type: 'int', isArray: true, arrayDepth: 2 },
      items: { type: p('Item'), isArray: true, arrayDepth: 1 },
      bytes: { type: 'byte', isArray: true, arrayDepth: 1 },
      byteMatrix: { type: 'byte', isArray: true, arrayDepth: 2 },
      objects: { type: 'java.lang.Object', isArray: true },
      locales: { type: 'java.util.Locale', isArray: true },
    };
    const classMap = { [p('Item')]: { id: { type: 'long' }, name: string } };
    for (const [name, attr] of Object.entries(fields)) classMap[p(`Of${name}`)] = { v: attr };
    const row = (name, v, what = '') => [`${name}${what}`, { $class: p(`Of${name}`), $: { v } }];
    return {
      classMap,
      rows: [
        ...Object.keys(fields).flatMap((name) => [row(name, null, ' null')]),
        ...Object.keys(fields)
          .filter((name) => name !== 'bytes')
          .flatMap((name) => [row(name, [], ' empty')]),
        row('list', [1, 'a', null]),
        row('listOfItem', [{ id: 1 }, null, { name: 'n', id: 2 }]),
        row('listOfItem', [{ $class: p('Item'), $: { id: 3 } }], ' wrapped'),
        row('listOfLong', [1, '2', null]),
        row('listOfList', [[{ id: 1 }], []]),
        row('listOfArray', [[{ id: 1 }], [{ id: 2 }]]),
        row('arrayList', [{ id: 1 }]),
        row('collection', [1, 2]),
        row('set', ['a', 'b']),
        row('set', new Set(['a', 'b']), ' of a Set'),
        row('plainSet', [1, 'x']),
        row('linkedList', [1]),
        row('ints', [1, 2, null]),
        row('strings', ['a', null, 'b']),
        row('matrix', [[1], [], [2, 3]]),
        row('items', [{ id: 1 }, null, { id: 2 }]),
        row('bytes', Buffer.of(1, 2)),
        row('byteMatrix', [Buffer.of(1), Buffer.of(2)]),
        row('objects', [1, 'a', null, { b: 1 }]),
        row('locales', ['zh_CN']),
      ],
    };
  }),
  ...inBothVersions(
    'maps',
    'maps by the types of their keys and values, and classes that are maps',
    (p, version) => {
      const generic = (key, value) => [{ type: key }, typeof value === 'string' ? { type: value } : value];
      const fields = {
        ofItem: { type: 'java.util.Map', generic: generic('java.lang.String', p('Item')) },
        ofLong: { type: 'java.util.HashMap', generic: generic('java.lang.String', 'java.lang.Long') },
        byInt: { type: 'java.util.Map', generic: generic('java.lang.Integer', 'java.lang.String') },
        byLong: { type: 'java.util.Map', generic: generic('java.lang.Long', 'java.lang.String') },
        byBoolean: { type: 'java.util.Map', generic: generic('java.lang.Boolean', 'int') },
        ofList: {
          type: 'java.util.Map',
          generic: generic('java.lang.String', { type: 'java.util.List', generic: [{ type: p('Item') }] }),
        },
        custom: { type: p('CustomMap'), isMap: true },
        customTyped: { type: p('TypedMap'), isMap: true, generic: generic('java.lang.String', 'long') },
      };
      const classMap = { [p('Item')]: { id: { type: 'long' } } };
      for (const [name, attr] of Object.entries(fields)) classMap[p(`Of${name}`)] = { v: attr };
      const row = (name, v, what = '') => [`${name}${what}`, { $class: p(`Of${name}`), $: { v } }];
      const rows = [
        ...Object.keys(fields).flatMap((name) => [row(name, null, ' null'), row(name, {}, ' empty')]),
        row('ofItem', { b: { id: 1 }, a: null }),
        row('ofItem', new Map([['x', { id: 2 }]]), ' of a Map'),
        row('ofLong', { a: 1, b: '9007199254740993' }),
        row('byInt', { 2: 'b', 1: 'a' }),
        row('byInt', new Map([[3, 'c']]), ' of a Map'),
        row('byLong', new Map([[3, 'c']]), ' of a Map'),
        row('byBoolean', { true: 1 }),
        row('ofList', { a: [{ id: 1 }], b: [] }),
        row('custom', { b: 1, a: 'x' }),
        row('customTyped', { b: 1, a: 2 }),
      ];
      // In 4.0 the predecessor writes classes that are maps as objects, whose fields are those of the first one.
      const own = rows.filter(([name]) => version === '3.0' || !name.startsWith('custom'));
      return { classMap, rows: own };
    },
  ),
  ...inBothVersions('enums', 'enums by name, as text or as objects', (p) => ({
    classMap: {
      [p('Holder')]: {
        color: { type: p('Color'), isEnum: true },
        colors: { type: 'java.util.List', generic: [{ type: p('Color'), isEnum: true }] },
        array: { type: p('Color'), isEnum: true, isArray: true },
        byName: { type: 'java.util.Map', generic: [string, { type: p('Color'), isEnum: true }] },
      },
    },
    rows: [
      ['text', { $class: p('Holder'), $: { color: 'RED' } }],
      ['name', { $class: p('Holder'), $: { color: { name: 'RED' } } }],
      ['$name', { $class: p('Holder'), $: { color: { $name: 'RED', name: 'x' } } }],
      ['list', { $class: p('Holder'), $: { colors: ['RED', { name: 'BLUE' }, 'RED'] } }],
      ['array', { $class: p('Holder'), $: { array: ['RED', { name: 'BLUE' }] } }],
      ['map', { $class: p('Holder'), $: { byName: { a: 'RED' } } }],
      ['all', { $class: p('Holder'), $: { color: 'RED', colors: ['RED'], array: ['GREEN'] } }],
      ['argument', { $class: p('Color'), $: 'RED', isEnum: true }],
    ],
  })),
  ...inBothVersions('abstract', 'abstract classes and interfaces: the class is the value’s own', (p) => ({
    classMap: {
      [p('Zoo')]: {
        star: { type: p('Animal'), abstractClass: p('Animal') },
        animals: { type: 'java.util.List', generic: [{ type: p('Animal'), abstractClass: p('Animal') }] },
        object: { type: 'java.lang.Object' },
        unmapped: { type: p('Interface') },
      },
      [p('Animal')]: { name: string },
      [p('Dog')]: { name: string, tail: { type: 'int' } },
      // Only as an argument: how the predecessor writes a class depends on how it first did.
      [p('Cat')]: { name: string, tail: { type: 'int' } },
    },
    rows: [
      ['wrapped', { $class: p('Zoo'), $: { star: { $class: p('Dog'), $: { tail: 1, name: 'Rex' } } } }],
      ['null', { $class: p('Zoo'), $: {} }],
      ['list', { $class: p('Zoo'), $: { animals: [{ $class: p('Dog'), $: { tail: 1 } }, null] } }],
      ['unmapped wrapped', { $class: p('Zoo'), $: { unmapped: { $class: p('Dog'), $: { tail: 2 } } } }],
      ['unmapped plain', { $class: p('Zoo'), $: { unmapped: { z: 1, a: 2 } } }],
      ['argument', { $class: p('Cat'), $abstractClass: p('Animal'), $: { tail: 3 } }],
    ],
  })),
  ...inBothVersions('defaults', 'default values stand in for what is absent', (p) => ({
    classMap: {
      [p('Defaults')]: {
        text: { type: 'java.lang.String', defaultValue: 'none' },
        number: { type: 'int', defaultValue: 7 },
        zero: { type: 'java.lang.Integer', defaultValue: 0 },
        flag: { type: 'java.lang.Boolean', defaultValue: true },
        list: { type: 'java.util.List', defaultValue: [1] },
        made: {
          type: 'java.lang.String',
          get defaultValue() {
            return 'made';
          },
        },
      },
    },
    rows: [
      ['absent', { $class: p('Defaults'), $: {} }],
      [
        'given',
        { $class: p('Defaults'), $: { text: 't', number: 1, zero: 2, flag: false, list: [], made: 'm' } },
      ],
      ['undefined', { $class: p('Defaults'), $: { text: undefined, number: undefined, made: undefined } }],
      ['empty', { $class: p('Defaults'), $: { text: '', number: 0, zero: 0, flag: false } }],
    ],
  })),
  ...inBothVersions(
    'generics',
    'type variables are what the value says, for itself and inside collections',
    (p) => ({
      classMap: {
        [p('Result')]: {
          data: { type: 'java.lang.Object', typeAliasIndex: 0 },
          list: { type: 'java.util.List', generic: [{ type: 'T', typeVar: true, typeAliasIndex: 0 }] },
          code: { type: 'int' },
        },
        [p('Pair')]: { left: { type: 'A', typeAliasIndex: 0 }, right: { type: 'B', typeAliasIndex: 1 } },
        [p('Item')]: { id: { type: 'long' }, name: string },
      },
      rows: [
        [
          'object',
          {
            $class: p('Result'),
            $: { data: { name: 'n' }, list: [{ id: 1 }] },
            generic: [{ type: p('Item') }],
          },
        ],
        ['long', { $class: p('Result'), $: { data: 5, list: [6] }, generic: [{ type: 'java.lang.Long' }] }],
        [
          'list',
          {
            $class: p('Result'),
            $: { data: [{ id: 1 }] },
            generic: [{ type: 'java.util.List', generic: [{ type: p('Item') }] }],
          },
        ],
        [
          'array',
          {
            $class: p('Pair'),
            $: { left: [1, 2], right: 'x' },
            generic: [{ type: 'int', isArray: true, arrayDepth: 1 }, string],
          },
        ],
        [
          'pair',
          {
            $class: p('Pair'),
            $: { left: 1, right: { id: 2 } },
            generic: [{ type: 'long' }, { type: p('Item') }],
          },
        ],
        ['nulls', { $class: p('Pair'), $: {}, generic: [{ type: 'double' }, { type: p('Item') }] }],
      ],
    }),
  ),
  ...inBothVersions('references', 'objects that occur twice, in circles, and in lists and maps', (p) => {
    const shared = { name: 'shared' };
    const circle = { name: 'circle' };
    circle.next = circle;
    const one = { name: 'one' };
    const two = { name: 'two', next: one };
    one.next = two;
    const list = [shared, shared];
    return {
      classMap: {
        [p('Node')]: {
          name: string,
          next: { type: p('Node') },
          kids: { type: 'java.util.List', generic: [{ type: p('Node') }] },
          twin: { type: 'java.util.List', generic: [{ type: p('Node') }] },
          color: { type: p('Color'), isEnum: true },
          amount: { type: 'java.math.BigDecimal' },
        },
      },
      rows: [
        ['circle', { $class: p('Node'), $: circle }],
        ['two', { $class: p('Node'), $: one }],
        ['shared', { $class: p('Node'), $: { next: shared, kids: [shared, { name: 'x', next: shared }] } }],
        ['shared list', { $class: p('Node'), $: { kids: list, twin: list } }],
        ['after an enum', { $class: p('Node'), $: { color: 'RED', next: shared, kids: [shared] } }],
        [
          'after a decimal',
          { $class: p('Node'), $: { amount: '1.5', next: { amount: '2' }, kids: [shared, shared] } },
        ],
      ],
    };
  }),
  ...inBothVersions('arguments', 'arguments that say more of their type than their class', (p) => ({
    classMap: { [p('Item')]: { id: { type: 'long' }, name: string } },
    rows: [
      ['list of items', { $class: 'java.util.List', $: [{ id: 1 }], generic: [{ type: p('Item') }] }],
      ['array of items', { $class: p('Item'), $: [{ id: 1 }, null], isArray: true }],
      ['array of arrays', { $class: p('Item'), $: [[{ id: 1 }], []], isArray: true, arrayDepth: 2 }],
      ['array of long', { $class: 'long', $: [1, 2], isArray: true }],
      ['bytes', { $class: 'byte', $: Buffer.of(1, 2), isArray: true }],
      ['set', { $class: 'java.util.Set', $: [1], generic: [{ type: 'long' }] }],
      ['long', { $class: 'java.lang.Long', $: '9007199254740993' }],
      ['int', { $class: 'int', $: null }],
      ['Integer', { $class: 'java.lang.Integer', $: '12' }],
      ['date text', { $class: 'java.util.Date', $: '2017-07-14T02:40:00.000Z' }],
      ['decimal', { $class: 'java.math.BigDecimal', $: '1.50' }],
      ['plain', { id: 1 }],
      ['number', 5],
      ['undefined', undefined],
    ],
  })),
  ...inBothVersions('refused', 'fields of values that do not fit are errors that say why', (p) => ({
    classMap: {
      [p('Strict')]: {
        int: { type: 'int' },
        text: string,
        double: { type: 'double' },
        bytes: { type: 'byte', isArray: true, arrayDepth: 1 },
        date: { type: 'java.util.Date' },
      },
    },
    rows: [
      ['int of text', { $class: p('Strict'), $: { int: 'text' } }],
      ['int of fraction', { $class: p('Strict'), $: { int: 1.5 } }],
      ['int of long', { $class: p('Strict'), $: { int: 2 ** 40 } }],
      ['text of object', { $class: p('Strict'), $: { text: { a: 1 } } }],
      ['text of boolean', { $class: p('Strict'), $: { text: true } }],
      ['double of text', { $class: p('Strict'), $: { double: '1.5' } }],
      ['bytes of list', { $class: p('Strict'), $: { bytes: [1] } }],
      ['bytes of text', { $class: p('Strict'), $: { bytes: 'text' } }],
      ['date of boolean', { $class: p('Strict'), $: { date: true } }],
      ['bigint', { $class: p('Strict'), $: { int: 1n } }],
      ['fine', { $class: p('Strict'), $: { int: 1 } }],
    ],
  })),
  {
    id: 'classmap/enum-class',
    title: 'an enum whose class is in the map: names that it does not have are errors',
    run(w) {
      const names = ['RED', 'BLUE'];
      const color = { getBy: (_key, name) => (names.includes(name) ? { $name: name } : undefined) };
      const classMap = {
        'com.test.map.enumclass.Color': color,
        'com.test.map.enumclass.Holder': { color: { type: 'com.test.map.enumclass.Color', isEnum: true } },
      };
      const of = (value) => ({ $class: 'com.test.map.enumclass.Holder', $: { color: value } });
      return sent(
        w,
        [
          ['known', of('RED')],
          ['known by name', of({ name: 'BLUE' })],
          ['unknown', of('PINK')],
          ['null', of(null)],
        ],
        { connectionOpts: { classMap } },
      );
    },
  },
];
