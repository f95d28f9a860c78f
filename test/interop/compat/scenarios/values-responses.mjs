// @ts-nocheck The libraries that are compared have no types.
// What becomes of JavaScript values in answers: the bytes of the appResponse, as returned and by the types of apiMeta.
import { answered, INTERFACE, SERVICE } from './sending.mjs';
import { call, rawCaller } from './wire.mjs';

/**
 * A scenario for each version of hessian. Without rows of maps in 4.0: what the predecessor writes for a map that is
 * typed there depends on what it has written before. @returns {import('../world/world.mjs').Scenario[]} */
const inBothVersions = (id, title, rows) =>
  ['3.0', '4.0'].map((hessianVersion) => ({
    id: hessianVersion === '3.0' ? id : `${id}-v4`,
    title: hessianVersion === '3.0' ? title : `${title} (hessian 4.0)`,
    run: (w) =>
      answered(
        w,
        rows().filter(([name]) => hessianVersion === '3.0' || !/\bmap\b/i.test(name)),
        { hessianVersion },
      ),
  }));

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  ...inBothVersions('values/response-plain', 'what a method returns, without types', () => {
    const shared = { s: 1 };
    const circle = {};
    circle.self = circle;
    return [
      ['nothing', undefined],
      ['null', null],
      ['true', true],
      ['false', false],
      ['zero', 0],
      ['int', 300],
      ['long', 2 ** 40],
      ['double', 1.5],
      ['NaN', Number.NaN],
      ['empty string', ''],
      ['string', '中文 text 😀'],
      ['long string', 'x'.repeat(40_000)],
      ['date', new Date(1_500_000_000_123)],
      ['buffer', Buffer.of(1, 2, 3)],
      ['long buffer', Buffer.alloc(40_000, 1)],
      ['list', [1, 'two', null, [3]]],
      ['object', { b: 1, a: { c: [] } }],
      ['map', new Map([[1, 'one']])],
      ['set', new Set([1])],
      ['shared', [shared, shared]],
      ['circle', circle],
      ['many', Array.from({ length: 1000 }, (_, i) => ({ i, text: `item ${i}` }))],
    ];
  }),
  ...inBothVersions('values/response-wrapped', 'what a method returns as a Java value already', () => [
    ['long', { $class: 'java.lang.Long', $: '9007199254740993' }],
    ['int', { $class: 'int', $: 5 }],
    ['null', { $class: 'java.lang.Long', $: null }],
    ['enum', { $class: 'com.test.answer.Color', $: { name: 'RED' } }],
    ['object', { $class: 'com.test.answer.Order', $: { id: { $class: 'long', $: 1 }, tags: ['a'] } }],
    ['list', { $class: 'java.util.List', $: [1, 2] }],
    ['array', { $class: '[java.lang.String', $: ['a'] }],
    ['map', { $class: 'java.util.Map', $: { b: 1, a: 2 } }],
    ['BigDecimal', { $class: 'java.math.BigDecimal', $: { value: '1.50' } }],
    ['inside', [{ $class: 'java.lang.Double', $: 1 }, { a: { $class: 'short', $: 2 } }]],
    ['exception', { $class: 'java.lang.RuntimeException', $: { detailMessage: 'm', stackTrace: [] } }],
  ]),
  ...inBothVersions('values/response-typed-scalars', 'scalars by the return type of the method', () => [
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
    ].map((type) => [`5 as ${type}`, 5, type]),
    ...['int', 'java.lang.Integer', 'long', 'boolean', 'java.lang.String', 'com.test.answer.Any'].map(
      (type) => [`null as ${type}`, null, type],
    ),
    ["'5' as int", '5', 'int'],
    ["'5' as Long", '5', 'java.lang.Long'],
    ["'9007199254740993' as long", '9007199254740993', 'long'],
    ['0 as boolean', 0, 'boolean'],
    ['true as boolean', true, 'boolean'],
    ["'' as Boolean", '', 'java.lang.Boolean'],
    ['5 as String', 5, 'java.lang.String'],
    ["'text' as String", 'text', 'java.lang.String'],
    ["'c' as char", 'c', 'char'],
    ['date as Date', new Date(1), 'java.util.Date'],
    ["'2017-07-14T02:40:00.000Z' as Date", '2017-07-14T02:40:00.000Z', 'java.util.Date'],
    ['0 as Date', 0, 'java.util.Date'],
    ["'1.50' as BigDecimal", '1.50', 'java.math.BigDecimal'],
    ['1.5 as BigDecimal', 1.5, 'java.math.BigDecimal'],
    ['{ value } as BigDecimal', { value: '2.5' }, 'java.math.BigDecimal'],
    ["'zh_CN' as Locale", 'zh_CN', 'java.util.Locale'],
    ["'CNY' as Currency", 'CNY', 'java.util.Currency'],
    ["'a.B' as Class", 'a.B', 'java.lang.Class'],
    ['7 as AtomicLong', 7, 'java.util.concurrent.atomic.AtomicLong'],
    ['5 as void', 5, 'void'],
    ['undefined as void', undefined, 'void'],
    ['{} as Object', { a: 1 }, 'java.lang.Object'],
    ['untyped method', 5, { returnType: undefined }],
  ]),
  ...inBothVersions(
    'values/response-typed-objects',
    'lists, maps and objects by the return type, without class maps',
    () => [
      ['List', [1, 'a'], 'java.util.List'],
      ['List of long', [1, '2', null], { returnType: 'java.util.List', generic: [{ type: 'long' }] }],
      ['ArrayList', [1], 'java.util.ArrayList'],
      [
        'ArrayList of Long',
        [1],
        { returnType: 'java.util.ArrayList', generic: [{ type: 'java.lang.Long' }] },
      ],
      ['Collection', [1], 'java.util.Collection'],
      ['Set', ['a', 'b'], 'java.util.Set'],
      ['Set of a Set', () => new Set(['a', 'b']), 'java.util.Set'],
      ['Set of String', [1, 'b'], { returnType: 'java.util.Set', generic: [{ type: 'java.lang.String' }] }],
      ['Map', { b: 1, a: 2 }, 'java.util.Map'],
      [
        'Map of long',
        { b: 1, a: 2 },
        { returnType: 'java.util.Map', generic: [{ type: 'java.lang.String' }, { type: 'long' }] },
      ],
      [
        'Map by int',
        { 1: 'a', 2: 'b' },
        { returnType: 'java.util.Map', generic: [{ type: 'int' }, { type: 'java.lang.String' }] },
      ],
      [
        'Map of a Map',
        () => new Map([[1, 2]]),
        { returnType: 'java.util.HashMap', generic: [{ type: 'long' }, { type: 'int' }] },
      ],
      ['Map with wrapped', { a: { $class: 'long', $: 1 } }, 'java.util.Map'],
      ['List of wrapped', [{ $class: 'long', $: 1 }], 'java.util.List'],
      ['array of int', [1, 2], '[int'],
      ['array of String', ['a'], '[java.lang.String'],
      ['class without a map', { b: 1, a: 'x' }, 'com.test.answer.Unmapped'],
      ['string for a class', 'text', 'com.test.answer.Unmapped2'],
      ['list for a class', [1], 'com.test.answer.Unmapped3'],
      ['buffer for byte[]', () => Buffer.of(1), '[B'],
    ],
  ),
  ...inBothVersions(
    'values/response-wrong-types',
    'a value that its return type does not take is an error',
    () => [
      ["'text' as int", 'text', 'int'],
      ['1.5 as int', 1.5, 'int'],
      ["'text' as double", 'text', 'double'],
      ['{} as String', { a: 1 }, 'java.lang.String'],
      ['5 as a class', 5, 'com.test.answer.Wrong'],
      ['true as Integer', true, 'java.lang.Integer'],
      ['text as Map', 'text', 'java.util.Map'],
    ],
  ),
  {
    id: 'values/response-with-properties',
    title: 'an answer with properties, and what else a service may send',
    async run(w) {
      class Propertied extends w.lib.server.RpcService {
        async invoke(_ctx, _req, res) {
          await res.send({
            isError: false,
            errorMsg: null,
            appResponse: 1,
            responseProps: { b: 'x', a: '1' },
          });
        }
      }
      const server = await w.server({ serviceClass: Propertied }, { [INTERFACE]: {} });
      const caller = await rawCaller(w, server);
      const { content, header, className, head } = await caller.ask({
        content: call({ service: SERVICE, method: 'm' }),
      });
      return { content, header, className, head };
    },
  },
];
