// @ts-nocheck The libraries that are compared have no types.
// What an RpcServer does with a call: whom it finds, what it answers, what it emits and logs.
import { AsyncLocalStorage } from 'node:async_hooks';
import { call, rawCaller, requestFrame } from './wire.mjs';

const SERVICE = 'com.test.Calls';

/** A server of one service, the errors it emits, and a way to call it. */
async function serve(w, delegate, options, info) {
  const server = await w.server(options, [[info ?? SERVICE, delegate]]);
  const errors = w.events(server, ['error']);
  const consumer = w.client().createConsumer({ interfaceName: SERVICE, serverHost: w.hostOf(server) });
  return {
    server,
    errors,
    consumer,
    ask: (method, args = [], callOptions) => w.caught(consumer.invoke(method, args, callOptions)),
  };
}

/** The resultCode of each response from now on. */
function resultCodes(server) {
  const codes = [];
  server.on('response', ({ req, res }) => codes.push([req.data.methodName, res.meta.resultCode]));
  return codes;
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'server/call',
    title: 'a method gets the arguments, and its value is the answer',
    async run(w) {
      const { ask } = await serve(w, {
        plus: async (a, b) => a + b,
        none: async () => {},
        count: async (...args) => args.length,
        rest: async (first, ...others) => ({ first, others }),
      });
      return [
        await ask('plus', [1, 2]),
        await ask('plus', ['a', 'b']),
        await ask('none'),
        await ask('count', [1, 'two', null, undefined, { three: 3 }]),
        await ask('rest', ['x', [1], { y: true }]),
      ];
    },
  },
  {
    id: 'server/unknown-service',
    title: 'a service that is not there: an error for the caller, an error event, resultCode 02',
    async run(w) {
      const { server, errors } = await serve(w, {});
      const codes = resultCodes(server);
      const other = w
        .client()
        .createConsumer({ interfaceName: 'com.test.Absent', version: '3', serverHost: w.hostOf(server) });
      const answer = await w.caught(other.invoke('hi', []));
      await w.until(() => codes.length > 0);
      return { answer, errors, codes };
    },
  },
  {
    id: 'server/unknown-method',
    title: 'a method that is not there: an error for the caller, no error event, resultCode 04',
    async run(w) {
      const { server, errors, ask } = await serve(w, { here: async () => 1 });
      const codes = resultCodes(server);
      const answer = await ask('gone');
      await w.until(() => codes.length > 0);
      return { answer, errors, codes, logs: w.logs.filter(([level]) => level === 'error') };
    },
  },
  {
    id: 'server/only-async-functions',
    title: 'only async functions are methods: what is none cannot be found',
    async run(w) {
      async function real() {
        return 'async';
      }
      const { ask } = await serve(w, {
        sync: () => 'sync',
        promise: () => Promise.resolve('promise'),
        real,
        bound: real.bind(null),
        arrow: async () => 'arrow',
        value: 42,
        *generator() {
          yield 1;
        },
        async *asyncGenerator() {
          yield 1;
        },
        nothing: null,
      });
      const names = [
        'sync',
        'promise',
        'real',
        'bound',
        'arrow',
        'value',
        'generator',
        'asyncGenerator',
        'nothing',
      ];
      const answers = {};
      for (const name of [...names, 'toString', 'constructor', '__proto__', 'hasOwnProperty'])
        answers[`_${name}`] = await ask(name);
      return answers;
    },
  },
  {
    id: 'server/delegate-of-a-class',
    title: 'a delegate may be an instance of a class, with methods it inherits, and getters',
    async run(w) {
      class Above {
        async inherited() {
          return 'inherited';
        }
      }
      class Delegate extends Above {
        async own() {
          return 'own';
        }
        get made() {
          return async (x) => `made ${x}`;
        }
      }
      const { ask } = await serve(w, new Delegate());
      return [await ask('own'), await ask('inherited'), await ask('made', [1])];
    },
  },
  {
    id: 'server/this-is-the-context',
    title: 'a method runs with the context as its this: null unless createContext makes one',
    async run(w) {
      const delegate = {
        async self() {
          return this === null ? 'null' : { user: this.user, isDelegate: this === delegate };
        },
      };
      class WithContext extends w.lib.server.RpcServer {
        createContext(req, res) {
          return { user: `${req.data.methodName} by ${res.constructor.name}`, req, res };
        }
      }
      const server = new WithContext({ logger: w.logger, port: 0 });
      server.addService(SERVICE, delegate);
      await server.start();
      w.after(() => server.close());
      const contexts = [];
      server.on('request', ({ req, ctx }) => contexts.push([ctx.user, ctx.req === req]));
      server.on('response', ({ req, res, ctx }) =>
        contexts.push([ctx.user, ctx.req === req, ctx.res === res]),
      );
      const consumer = w.client().createConsumer({ interfaceName: SERVICE, serverHost: w.hostOf(server) });
      const withContext = await consumer.invoke('self', []);
      const { ask } = await serve(w, delegate);
      await w.until(() => contexts.length === 2);
      return { withContext, contexts, without: await ask('self') };
    },
  },
  {
    id: 'server/local-storage',
    title: 'with localStorage the context is stored while the method runs, and only where there is one',
    async run(w) {
      const localStorage = new AsyncLocalStorage();
      const delegate = {
        async look() {
          await w.sleep(1);
          return localStorage.getStore()?.name ?? 'none';
        },
      };
      const answers = [];
      for (const context of [{ name: 'stored' }, null]) {
        class Stored extends w.lib.server.RpcServer {
          createContext() {
            return context;
          }
        }
        const server = new Stored({ logger: w.logger, port: 0, localStorage });
        server.addService(SERVICE, delegate);
        await server.start();
        w.after(() => server.close());
        const seen = [];
        for (const name of ['request', 'response'])
          server.on(name, () => seen.push(localStorage.getStore()?.name));
        const consumer = w
          .client({ connectionOpts: {} })
          .createConsumer({ interfaceName: SERVICE, serverHost: w.hostOf(server) });
        answers.push(await consumer.invoke('look', []));
        await w.until(() => seen.length === 2);
        answers.push(seen);
      }
      return answers;
    },
  },
  {
    id: 'server/injected-method',
    title: 'a listener of request may put a method on the request: it is called instead',
    async run(w) {
      const { server, ask } = await serve(w, { hi: async () => 'own' });
      server.on('request', ({ req }) => {
        if (req.data.methodName === 'virtual') req.method = async (...args) => ['injected', ...args];
        if (req.data.methodName === 'hi') req.method = () => 'not async';
      });
      return [await ask('virtual', [1]), await ask('hi')];
    },
  },
  {
    id: 'server/thrown-errors',
    title: 'what a method throws is the answer: its name and message, as an exception of Java',
    async run(w) {
      class ShopError extends Error {
        name = 'ShopError';
      }
      const { ask, errors } = await serve(w, {
        async plain() {
          throw new Error('plain');
        },
        async typed() {
          throw new TypeError('wrong type');
        },
        async own() {
          throw Object.assign(new ShopError('sold out'), { code: 'S1', resultCode: '07' });
        },
        async empty() {
          throw new Error('');
        },
        async unicode() {
          throw new Error('错误 😀');
        },
        async long() {
          throw new Error('长'.repeat(40_000));
        },
        async nameless() {
          throw Object.assign(new Error('no name'), { name: '' });
        },
      });
      const answers = {};
      for (const name of ['plain', 'typed', 'own', 'empty', 'unicode', 'long', 'nameless'])
        answers[name] = await ask(name);
      const { message, ...long } = answers.long;
      answers.long = { ...long, length: message.length, end: message.slice(-3) };
      return { answers, errors };
    },
  },
  {
    id: 'server/returned-error',
    title:
      'an error that a method returns is an answer like one that it throws, without an error in the frame',
    async run(w) {
      const { server, ask } = await serve(w, {
        async back() {
          return new RangeError('returned');
        },
      });
      const codes = resultCodes(server);
      const answer = await ask('back');
      await w.until(() => codes.length > 0);
      return { answer, codes, logs: w.logs.filter(([level]) => level === 'error') };
    },
  },
  {
    id: 'server/result-codes',
    title:
      'resultCode of a response: 00, 01 for what a method throws, 02 for a SystemError, or what the error says',
    async run(w) {
      const thrown = (fields) => async () => {
        throw Object.assign(new Error('thrown'), fields);
      };
      const { server, ask } = await serve(w, {
        fine: async () => 1,
        business: thrown({}),
        coded: thrown({ resultCode: '09' }),
        system: thrown({ name: 'SystemError' }),
        systemCoded: thrown({ name: 'SystemError', resultCode: '05' }),
      });
      const codes = resultCodes(server);
      for (const name of ['fine', 'business', 'coded', 'system', 'systemCoded', 'absent']) await ask(name);
      await w.until(() => codes.length === 6);
      return codes;
    },
  },
  {
    id: 'server/error-log',
    title:
      'what a method throws is logged, by the logger of the context where it has one; ignoreLog keeps it out',
    async run(w) {
      const ofContext = [];
      class Logging extends w.lib.server.RpcServer {
        createContext(req) {
          const logger = { error: (error) => ofContext.push(error.message), warn() {}, info() {} };
          return req.data.args[0] === 'context' ? { logger } : null;
        }
      }
      const server = new Logging({ logger: w.logger, port: 0 });
      server.addService(SERVICE, {
        async fail(where, ignoreLog) {
          throw Object.assign(new Error(`failed for ${where}`), ignoreLog ? { ignoreLog } : {});
        },
      });
      await server.start();
      w.after(() => server.close());
      const consumer = w.client().createConsumer({ interfaceName: SERVICE, serverHost: w.hostOf(server) });
      for (const args of [['context'], ['server'], ['server', true], ['context', true]])
        await w.caught(consumer.invoke('fail', args));
      return { ofServer: w.logs.filter(([level]) => level === 'error'), ofContext };
    },
  },
  {
    id: 'server/thrown-values',
    title: 'what is thrown and is no error',
    async run(w) {
      const { server, ask, errors } = await serve(w, {
        async text() {
          throw 'a text';
        },
        async object() {
          throw { message: 'of an object', code: 7 };
        },
      });
      const codes = resultCodes(server);
      const answers = [await ask('text'), await ask('object')];
      await w.until(() => codes.length === 2);
      return { answers, codes, errors };
    },
  },
  {
    id: 'server/unencodable-result',
    title: 'a result that cannot be written is an error for the caller, an error event, resultCode 02',
    async run(w) {
      const { server, ask, errors } = await serve(w, {
        big: async () => 1n,
        deep: async () => ({ a: [2n] }),
        fine: async () => 1,
      });
      const codes = resultCodes(server);
      const answers = [await ask('big'), await ask('deep'), await ask('fine')];
      await w.until(() => codes.length === 3);
      return { answers, errors, codes };
    },
  },
  {
    id: 'server/late-answer',
    title: 'a method that takes longer than its caller waits answers nothing: a warning, resultCode 03',
    async run(w) {
      const { server } = await serve(w, {
        async slow() {
          await w.sleep(90);
          return 'late';
        },
        quick: async () => 'quick',
      });
      const codes = resultCodes(server);
      const caller = await rawCaller(w, server);
      const service = `${SERVICE}:1.0`;
      caller.send(request(service, 'slow', { id: 1, timeout: 40 }));
      await w.until(() => codes.length === 1);
      const first = await caller.ask({ content: call({ service, method: 'quick' }), id: 2 });
      return {
        codes,
        id: first.id,
        frames: caller.frames.length,
        warnings: w.logs.filter(([level]) => level === 'warn'),
      };
    },
  },
  {
    id: 'server/no-timeout',
    title: 'a request with timeout 0 is answered whenever it is done',
    async run(w) {
      const { server } = await serve(w, {
        async slow() {
          await w.sleep(30);
          return 'done';
        },
      });
      const caller = await rawCaller(w, server);
      const { content, status, head } = await caller.ask({
        content: call({ service: `${SERVICE}:1.0`, method: 'slow' }),
        timeout: 0,
      });
      return { content, status, head };
    },
  },
  {
    id: 'server/caller-has-gone',
    title: 'a caller that is gone when the method is done: a warning, and nothing else happens',
    async run(w) {
      let start;
      let end;
      const closed = new Promise((resolve) => {
        end = resolve;
      });
      const started = new Promise((resolve) => {
        start = resolve;
      });
      const { server, errors } = await serve(w, {
        async slow() {
          start();
          await closed;
          return 'late';
        },
      });
      const codes = resultCodes(server);
      server.once('connection', (connection) => connection.once('close', end));
      const caller = await rawCaller(w, server);
      caller.send(request(`${SERVICE}:1.0`, 'slow', { id: 1 }));
      await started;
      caller.socket.destroy();
      await w.until(() => codes.length === 1);
      return { codes, errors, warnings: w.logs.filter(([level]) => level === 'warn') };
    },
  },
  {
    id: 'server/concurrent-calls',
    title: 'calls on one connection run at once, and each gets its own answer',
    async run(w) {
      const order = [];
      const { consumer } = await serve(w, {
        async wait(ms) {
          await w.sleep(ms);
          order.push(ms);
          return ms;
        },
      });
      await consumer.ready();
      const answers = await Promise.all([90, 50, 10].map((ms) => consumer.invoke('wait', [ms])));
      return { answers, order };
    },
  },
  {
    id: 'server/unique-id',
    title: 'a service with a unique id is called by interface:version:uniqueId',
    async run(w) {
      const { server } = await serve(
        w,
        { hi: async () => 'blue' },
        {},
        { interfaceName: SERVICE, uniqueId: 'blue' },
      );
      server.on('error', () => {});
      const caller = await w.rawClient(server);
      const ask = async (serverSignature) => {
        const { data } = await caller.call({ serverSignature, methodName: 'hi' });
        return [data.appResponse, data.error];
      };
      return [await ask(`${SERVICE}:1.0:blue`), await ask(`${SERVICE}:1.0`), await ask(`${SERVICE}:1.0:red`)];
    },
  },
  {
    id: 'server/unique-id-of-a-consumer',
    title: 'a consumer with a unique id calls the service that has it',
    differs: 'unique-id',
    why: 'the predecessor ignores the unique id of a consumer',
    async run(w) {
      const { server } = await serve(
        w,
        { hi: async () => 'blue' },
        {},
        { interfaceName: SERVICE, uniqueId: 'blue' },
      );
      server.on('error', () => {});
      const consumer = w
        .client()
        .createConsumer({ interfaceName: SERVICE, uniqueId: 'blue', serverHost: w.hostOf(server) });
      return w.caught(consumer.invoke('hi', []));
    },
    expectNew(now) {
      if (now.value !== 'blue') throw new Error(JSON.stringify(now));
    },
  },
  {
    id: 'server/service-versions-and-names',
    title: 'services are found by interface and version, whatever these are made of',
    async run(w) {
      const server = await w.server({ version: '1.0' }, [
        [{ interfaceName: 'com.test.V', version: '1.0' }, { v: async () => 'one' }],
        [{ interfaceName: 'com.test.V', version: '2.0.1-beta' }, { v: async () => 'beta' }],
        ['中文.Service', { v: async () => 'chinese' }],
        ['no-dots', { v: async () => 'no dots' }],
      ]);
      const ask = (interfaceName, version) =>
        w.caught(
          w
            .client()
            .createConsumer({ interfaceName, version, serverHost: w.hostOf(server) })
            .invoke('v', []),
        );
      return [
        await ask('com.test.V', '1.0'),
        await ask('com.test.V', '2.0.1-beta'),
        await ask('中文.Service', '1.0'),
        await ask('no-dots', '1.0'),
      ];
    },
  },
  {
    id: 'server/method-is-looked-up-anew',
    title: 'a method that is replaced in the delegate is used from the next call on',
    async run(w) {
      const delegate = { hi: async () => 'before' };
      const { ask } = await serve(w, delegate);
      const before = await ask('hi');
      delegate.hi = async () => 'after';
      delegate.added = async () => 'added';
      return [before, await ask('hi'), await ask('added')];
    },
  },
];

function request(service, method, { id, timeout }) {
  return requestFrame({ id, timeout, content: call({ service, method }) });
}
