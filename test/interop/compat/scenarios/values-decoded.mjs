// @ts-nocheck The libraries that are compared have no types.
// What becomes of Java values in JavaScript: answers that a client reads, arguments that a server gets.
import { contents, final, sofa } from './golden.mjs';
import { INTERFACE, SERVICE } from './sending.mjs';
import { answer, call, rawCaller, rawProvider } from './wire.mjs';

function useVersion(w, hessianVersion) {
  w.bolt.setHessianVersion(hessianVersion);
  w.after(() => w.bolt.setHessianVersion('3.0'));
}

/** What a consumer's call gives for each of these answers, twice: with a class known already, too. */
async function read(w, rows, grammar = 'sofa') {
  useVersion(w, grammar === 'sofa' ? '3.0' : '4.0');
  const provider = await rawProvider(w, (n) => ({
    content: answer(rows[Math.floor(n / 2)].hex, grammar),
  }));
  const consumer = w.client().createConsumer({ interfaceName: INTERFACE, serverHost: provider.host });
  await consumer.ready();
  const result = {};
  for (const { name } of rows) {
    const [first, second] = [
      await w.caught(consumer.invoke('m', [])),
      await w.caught(consumer.invoke('m', [])),
    ];
    result[name] = JSON.stringify(first) === JSON.stringify(second) ? first : { first, second };
  }
  return result;
}

/** What a method gets for each of these arguments. */
async function received(w, rows, grammar = 'sofa') {
  useVersion(w, grammar === 'sofa' ? '3.0' : '4.0');
  const got = [];
  const server = await w.server({}, { [INTERFACE]: { m: async (...args) => void got.push(w.plain(args)) } });
  const caller = await rawCaller(w, server);
  const result = {};
  for (const { name, hex } of rows) {
    await caller.ask({
      content: call({ service: SERVICE, method: 'm', sigs: ['java.lang.Object'], args: [hex] }, grammar),
    });
    result[name] = got.shift() ?? 'not called';
  }
  return result;
}

/** An exception as the only object of a frame: the classes and objects that it refers to count from 0. */
function exceptionContent() {
  const { hex } = sofa.find(({ name }) => name === 'throwable/RpcServerException');
  return {
    className: 'com.alipay.remoting.rpc.exception.RpcServerException',
    content: hex.replace(/6f91/, '6f90').replace(/6f92/g, '6f91').replace(/4a01/, '4a00'),
  };
}

const of = (rows, ...categories) =>
  rows.filter(({ name }) => categories.includes(name.slice(0, name.indexOf('/'))));

const GROUPS = {
  numbers: ['scalar', 'int', 'long', 'double', 'float', 'smallnum'],
  texts: ['string', 'binary', 'date'],
  collections: ['list', 'set', 'map', 'array'],
  objects: ['object', 'classdef', 'enum', 'generic'],
  references: ['ref'],
  library: ['bignum', 'jdk', 'javatime'],
};

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  ...Object.entries(GROUPS).map(([group, categories]) => ({
    id: `values/answer-${group}`,
    title: `${group} that Java answers, as a client reads them`,
    run: (w) => read(w, of(sofa, ...categories)),
  })),
  ...Object.entries(GROUPS)
    .filter(([group]) => group !== 'references')
    .map(([group, categories]) => ({
      id: `values/argument-${group}`,
      title: `${group} that Java sends, as a method gets them`,
      run: (w) => received(w, of(sofa, ...categories)),
    })),
  {
    id: 'values/answer-exceptions',
    title: 'exceptions that Java answers are errors with the name of their class',
    async run(w) {
      const outcomes = await read(w, of(sofa, 'throwable'));
      const provider = await rawProvider(w, () => ({
        content: answer(of(sofa, 'throwable')[0].hex),
      }));
      const consumer = w.client().createConsumer({ interfaceName: INTERFACE, serverHost: provider.host });
      const error = await consumer.invoke('m', []).catch((reason) => reason);
      return { outcomes, stack: error.stack.split('\n'), isError: error instanceof Error };
    },
  },
  {
    id: 'values/answer-v4',
    title: 'what Hessian 4 of Java answers, as a client reads it',
    run: (w) => read(w, final, 'final'),
  },
  {
    id: 'values/argument-v4',
    title: 'what Hessian 4 of Java sends, as a method gets it',
    run: (w) =>
      received(
        w,
        final.filter(({ name }) => !/^(ref|throwable)\//.test(name)),
        'final',
      ),
  },
  {
    id: 'values/java-requests',
    title: 'whole requests of Java: arguments, signatures, properties and application',
    async run(w) {
      const requests = contents.filter(({ name }) => name.startsWith('sofarequest/'));
      const server = await w.server({}, { 'com.example.EchoService': {} });
      const seen = [];
      server.on('request', ({ req }) => {
        seen.push(w.plain(req.data));
        req.method = async () => 'seen';
      });
      const caller = await rawCaller(w, server);
      for (const { hex } of requests) await caller.ask({ content: hex });
      return seen;
    },
  },
  {
    id: 'values/java-responses',
    title: 'whole responses of Java: a value, an error message, an exception, properties',
    async run(w) {
      const responses = contents.filter(({ name }) => name.startsWith('sofaresponse/'));
      const provider = await rawProvider(w, (n) => ({ content: responses[n].hex }));
      const consumer = w.client().createConsumer({ interfaceName: INTERFACE, serverHost: provider.host });
      const bodies = [];
      consumer.on('response', ({ res }) => bodies.push(w.plain(res)));
      const outcomes = [];
      for (const { name } of responses) outcomes.push([name, await w.caught(consumer.invoke('m', []))]);
      return { outcomes, bodies };
    },
  },
  {
    id: 'values/statuses',
    title: 'answers of each status, with an exception and empty',
    async run(w) {
      const outcomes = [];
      for (const status of [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x10, 0x11, 0x12, 0x99]) {
        const answers = [
          { status, ...exceptionContent() },
          { status, className: '', content: '' },
        ];
        const provider = await rawProvider(w, (n) => answers[n]);
        const consumer = w.client().createConsumer({ interfaceName: INTERFACE, serverHost: provider.host });
        for (const { content } of answers) {
          const { name, message, resultCode } = await w.caught(consumer.invoke('m', []));
          outcomes.push([status, content.length > 0, name, message, resultCode]);
        }
      }
      return outcomes;
    },
  },
  {
    id: 'values/statuses-again-and-again',
    title: 'answers that are errors, however many: each call gets its own, until a circuit breaker opens',
    differs: 'scheduler',
    why: 'the breaker is the core’s, not the process’s: it opens at once where an address answers busy, lost or nobody there',
    expectNew(now) {
      const opens = { 'Error 01': 20, 'RpcCircuitBreakerError 02': 20 };
      const expected = {
        'status 2': { 'Error 01': 40 },
        ...Object.fromEntries([3, 4, 7, 16].map((status) => [`status ${status}`, opens])),
      };
      for (const [status, outcome] of Object.entries(expected))
        if (JSON.stringify(now[status]) !== JSON.stringify(outcome))
          throw new Error(`${status}: ${JSON.stringify(now[status])}`);
    },
    async run(w) {
      const outcomes = {};
      for (const status of [0x02, 0x03, 0x04, 0x07, 0x10]) {
        const provider = await rawProvider(w, () => ({ status, ...exceptionContent() }));
        const consumer = w.client().createConsumer({ interfaceName: INTERFACE, serverHost: provider.host });
        outcomes[`status ${status}`] = {};
        for (let i = 0; i < 40; i++) {
          const { name, resultCode } = await w.caught(consumer.invoke('m', []));
          const kind = `${name} ${resultCode}`;
          outcomes[`status ${status}`][kind] = (outcomes[`status ${status}`][kind] ?? 0) + 1;
        }
      }
      return outcomes;
    },
  },
  {
    id: 'values/longs-beyond',
    title: 'longs beyond 2 ** 53 are decimal text, wherever they are',
    async run(w) {
      const long = (n) => {
        const bytes = Buffer.alloc(9);
        bytes[0] = 0x4c;
        bytes.writeBigInt64BE(n, 1);
        return bytes.toString('hex');
      };
      const numbers = [
        2n ** 53n - 1n,
        2n ** 53n,
        2n ** 53n + 1n,
        -(2n ** 53n),
        -(2n ** 53n) - 1n,
        2n ** 54n,
        2n ** 63n - 1n,
        -(2n ** 63n),
        2n ** 32n,
        -(2n ** 32n) - 1n,
      ];
      const rows = numbers.flatMap((n) => [
        { name: String(n), hex: long(n) },
        { name: `[${n}]`, hex: `566e01${long(n)}7a` },
        { name: `{${n}}`, hex: `4d0161${long(n)}7a` },
      ]);
      return { answers: await read(w, rows), args: await received(w, rows) };
    },
  },
  {
    id: 'values/hostile-keys',
    title: 'keys such as constructor and toString are keys',
    run: (w) => read(w, [{ name: 'keys', hex: '4d0b636f6e7374727563746f729108746f537472696e67927a' }]),
  },
  {
    id: 'values/round-trip',
    title: 'what a client sends, a method gets, and what it returns, the client gets',
    async run(w) {
      const got = [];
      const server = await w.server(
        {},
        {
          [INTERFACE]: {
            async echo(value) {
              got.push(w.plain(value));
              return value;
            },
          },
        },
      );
      const consumer = w.client().createConsumer({ interfaceName: INTERFACE, serverHost: w.hostOf(server) });
      const circle = { list: [] };
      circle.list.push(circle);
      const values = [
        0,
        -1,
        2 ** 40,
        -(2 ** 53),
        2 ** 60,
        0.1,
        '',
        'x'.repeat(70_000).length,
        '中😀',
        true,
        null,
        undefined,
        new Date(1_600_000_000_001),
        Buffer.from('bytes'),
        [1, [2, [3]]],
        { a: { b: [{ c: null }] } },
        new Map([
          [1, 'a'],
          ['b', 2],
        ]),
        new Set([1]),
        circle,
        { $class: 'java.lang.Long', $: '9007199254740993' },
        {
          $class: 'com.test.round.Person',
          $: { name: 'x', friends: [{ $class: 'com.test.round.Person', $: { name: 'y', friends: null } }] },
        },
        new Error('an error'),
      ];
      const back = [];
      for (const value of values) back.push(await w.caught(consumer.invoke('echo', [value])));
      return { got, back };
    },
  },
];
