// @ts-nocheck The libraries that are compared have no types.
// The test helper: lib.test(server).service(..).invoke(..).send(..).expect(..).

const SERVICE = 'com.test.Helped';

const delegate = {
  echo: async (value) => value,
  count: async (...args) => args.length,
  json: async () => '{"a":1,"b":[true]}',
  pair: async () => ({ a: 1, b: 'text', c: { d: [1, 2] } }),
  nothing: async () => null,
  async fail(fields) {
    throw Object.assign(new Error('it failed'), fields);
  },
  async wait(ms) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return 'waited';
  },
};

/** A server that has not started, and how to ask it. */
async function helped(w, options) {
  const server = new w.lib.server.RpcServer({
    logger: w.logger,
    port: await w.port(),
    publishAddress: '127.0.0.1',
    ...options,
  });
  server.addService(SERVICE, delegate);
  w.after(() => server.close());
  const ask = (method, ...args) => w.lib.test(server).service(SERVICE).invoke(method).send(args);
  return { server, ask };
}

/** What awaiting it gives, without the consumer; the message where it fails. */
async function outcome(w, request) {
  try {
    const { consumer, ...result } = await request;
    return { ...w.plain(result), isConsumer: consumer instanceof w.lib.client.RpcConsumer };
  } catch (error) {
    return [error.name, w.mask.text(error.message), w.plain(error.data)];
  }
}

/** Each of these as its own request. @param {[string, (request: any) => any][]} rows */
async function outcomes(w, ask, rows) {
  const result = {};
  for (const [name, make] of rows) result[name] = await outcome(w, make(ask));
  return result;
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'request/test-await',
    title: 'awaiting starts the server, calls it, and gives data, responseError and consumer',
    async run(w) {
      const { server, ask } = await helped(w);
      const before = server.isReady;
      const result = await ask('echo', 'hi');
      return {
        before,
        after: server.isReady,
        data: result.data,
        responseError: result.responseError,
        keys: Object.keys(result),
        consumer: result.consumer.id,
        client: result.consumer === server.testClient.consumerMap.values().next().value,
      };
    },
  },
  {
    id: 'request/test-needs-a-test-client',
    title: 'what has no testClient is no server',
    async run(w) {
      const codes = [];
      for (const server of [undefined, null, {}, { testClient: null }]) {
        const { name, code } = await w.caught(() => w.lib.test(server));
        codes.push([name, code]);
      }
      return codes;
    },
  },
  {
    id: 'request/test-class',
    title: 'the class of the helper is exported, and makes what the function makes',
    async run(w) {
      const { server } = await helped(w);
      const { RpcServerTest } = w.lib.test;
      const request = new RpcServerTest(server);
      return {
        made: w.lib.test(server) instanceof RpcServerTest,
        fields: [request.server === server, request.client === server.testClient],
        data: (await request.service(SERVICE).invoke('echo').send(['x'])).data,
      };
    },
  },
  {
    id: 'request/test-arguments',
    title: 'arguments: none, a list, one that is no list, given with the method or sent',
    async run(w) {
      const { server } = await helped(w);
      const start = () => w.lib.test(server).service(SERVICE);
      const rows = {
        none: start().invoke('count'),
        list: start().invoke('count').send([1, 2, 3]),
        single: start().invoke('echo').send('single'),
        object: start().invoke('echo').send({ a: 1 }),
        nested: start()
          .invoke('echo')
          .send([[1, 2]]),
        withMethod: start().invoke('count', [1, 2]),
        sentBefore: start().send([7]).invoke('echo'),
        sentLast: start().invoke('echo', [1]).send([2]),
        falsy: start().invoke('count').send(0),
        null: start().invoke('count').send(null),
        listOfNull: start().invoke('count').send([null]),
      };
      const result = {};
      for (const [name, request] of Object.entries(rows)) result[name] = (await request).data;
      return result;
    },
  },
  {
    id: 'request/test-service-names',
    title: 'a service is named by its interface, or by an id that the server has',
    async run(w) {
      const { server } = await helped(w, { version: '3.0' });
      server.addService({ interfaceName: 'com.test.Versioned', version: '2.0' }, { name: async () => 'two' });
      server.addService(
        { interfaceName: 'com.test.Versioned', version: '3.0' },
        { name: async () => 'three' },
      );
      server.on('error', () => {});
      const names = [
        'com.test.Versioned',
        'com.test.Versioned:2.0',
        'com.test.Versioned:3.0',
        'com.test.Versioned:9',
        'com.test.Absent',
      ];
      const result = {};
      for (const name of names)
        result[name] = await outcome(w, w.lib.test(server).service(name).invoke('name'));
      return result;
    },
  },
  {
    id: 'request/test-expect',
    title: 'expect: values, patterns, objects by their properties, functions; and what it says of others',
    async run(w) {
      const { ask } = await helped(w);
      return outcomes(w, ask, [
        ['string', (ask) => ask('echo', 'abc').expect('abc')],
        ['other string', (ask) => ask('echo', 'abc').expect('abd')],
        ['number for string', (ask) => ask('echo', '1').expect(1)],
        ['pattern', (ask) => ask('echo', 'abc').expect(/^a.c$/)],
        ['other pattern', (ask) => ask('echo', 'abc').expect(/x/)],
        ['pattern of number', (ask) => ask('echo', 42).expect(/4/)],
        ['object', (ask) => ask('pair').expect({ c: { d: [1, 2] }, a: 1, b: 'text' })],
        ['object with patterns', (ask) => ask('pair').expect({ a: /1/, b: /te/, c: { d: [1, 2] } })],
        ['object of other value', (ask) => ask('pair').expect({ a: 2, b: 'text', c: { d: [1, 2] } })],
        ['object of other type', (ask) => ask('pair').expect({ a: '1', b: 'text', c: { d: [1, 2] } })],
        ['object, nested other', (ask) => ask('pair').expect({ a: 1, b: 'text', c: { d: [1] } })],
        ['object, nested loosely', (ask) => ask('pair').expect({ a: 1, b: 'text', c: { d: ['1', '2'] } })],
        ['object with more keys', (ask) => ask('pair').expect({ a: 1 })],
        ['object with no match', (ask) => ask('pair').expect({ a: /9/, b: 'text', c: {} })],
        ['array', (ask) => ask('echo', [1, 'a']).expect([1, 'a'])],
        ['other array', (ask) => ask('echo', [1, 'a']).expect([1])],
        ['object for null', (ask) => ask('nothing').expect({ a: 1 })],
        ['null', (ask) => ask('nothing').expect(null)],
        ['undefined', (ask) => ask('nothing').expect(undefined)],
        ['boolean', (ask) => ask('echo', true).expect(true)],
        ['function', (ask) => ask('echo', 5).expect((data) => (data === 5 ? null : new Error('not 5')))],
        ['function with error', (ask) => ask('echo', 6).expect((data) => new Error(`${data} is not 5`))],
        ['the last one counts', (ask) => ask('echo', 6).expect(5).expect(6)],
      ]);
    },
  },
  {
    id: 'request/test-type',
    title: 'type: by name, by class, and json, which is compared as what it says',
    async run(w) {
      const { ask } = await helped(w);
      return outcomes(w, ask, [
        ['string', (ask) => ask('echo', 'x').type('string')],
        ['number for string', (ask) => ask('echo', 1).type('string')],
        ['number', (ask) => ask('echo', 1).type('number')],
        ['array', (ask) => ask('echo', [1]).type('array')],
        ['object for array', (ask) => ask('echo', { a: 1 }).type('array')],
        ['object', (ask) => ask('echo', { a: 1 }).type('object')],
        ['null as object', (ask) => ask('nothing').type('object')],
        ['string as object', (ask) => ask('echo', 'x').type('object')],
        ['json', (ask) => ask('json').type('json')],
        [
          'json and data',
          (ask) =>
            ask('json')
              .type('json')
              .expect({ a: 1, b: [true] }),
        ],
        [
          'json and other data',
          (ask) =>
            ask('json')
              .type('json')
              .expect({ a: 2, b: [true] }),
        ],
        ['no json', (ask) => ask('echo', '{').type('json')],
        ['class', (ask) => ask('echo', new Date(0)).type(Date)],
        ['other class', (ask) => ask('echo', 'x').type(Date)],
        ['Buffer', (ask) => ask('echo', Buffer.of(1)).type(Buffer)],
        ['type and data', (ask) => ask('echo', 'x').type('string').expect('y')],
      ]);
    },
  },
  {
    id: 'request/test-error',
    title: 'error: somehow, with a message, a pattern, or the value of a field',
    async run(w) {
      const { ask } = await helped(w);
      const message = 'com.alipay.remoting.rpc.exception.RpcServerException: Error: it failed';
      return outcomes(w, ask, [
        ['unexpected', (ask) => ask('fail')],
        ['unexpected, with data expected', (ask) => ask('fail').expect(1)],
        ['somehow', (ask) => ask('fail').error()],
        ['message', (ask) => ask('fail').error(message)],
        ['other message', (ask) => ask('fail').error('other')],
        ['pattern', (ask) => ask('fail').error(/it failed$/)],
        ['other pattern', (ask) => ask('fail').error(/other/)],
        ['field', (ask) => ask('fail').error('resultCode', '01')],
        ['other field', (ask) => ask('fail').error('resultCode', '02')],
        ['absent field', (ask) => ask('fail').error('code', 7)],
        ['field by pattern', (ask) => ask('fail').error('name', /Err/)],
        [
          'several',
          (ask) =>
            ask('fail')
              .error('name', 'Error')
              .error(/it failed/),
        ],
        ['several, one wrong', (ask) => ask('fail').error('name', 'Error').error('nope')],
        ['none came', (ask) => ask('echo', 1).error()],
        ['none came, with a message', (ask) => ask('echo', 1).error('x')],
        ['with data', (ask) => ask('fail').error().expect(null)],
      ]);
    },
  },
  {
    id: 'request/test-timeout',
    title: 'timeout: a call that takes longer fails',
    async run(w) {
      const { ask } = await helped(w);
      const late = await outcome(w, ask('wait', 150).timeout(30).error());
      const { name, message } = late.responseError;
      return {
        late: [name, message],
        inTime: await outcome(w, ask('wait', 5).timeout(2000)),
        unexpected: (await outcome(w, ask('wait', 150).timeout(30)))[0],
      };
    },
  },
  {
    id: 'request/test-end',
    title: 'end calls back with what is not as expected, the error, the data and the consumer',
    async run(w) {
      const { ask } = await helped(w);
      const ended = (request) =>
        new Promise((resolve) => {
          request.end((...args) =>
            resolve([...args.slice(0, 3), args[3] instanceof w.lib.client.RpcConsumer, args.length]),
          );
        });
      return [
        await ended(ask('echo', 1)),
        await ended(ask('echo', 1).expect(2)),
        await ended(ask('fail')),
        await ended(ask('fail').error()),
        await ended(ask('fail').error('other')),
      ];
    },
  },
  {
    id: 'request/test-callbacks',
    title: 'expect, type and error take a callback and then make the call',
    async run(w) {
      const { ask } = await helped(w);
      const called = (make) =>
        new Promise((resolve) => {
          make((...args) => resolve(args.slice(0, 3)));
        });
      return [
        await called((done) => ask('echo', 1).expect(1, done)),
        await called((done) => ask('echo', 1).expect(2, done)),
        await called((done) => ask('echo', 1).type('number', done)),
        await called((done) => ask('fail').error(done)),
        await called((done) => ask('fail').error(/failed/, done)),
        await called((done) => ask('fail').error('name', 'Error', done)),
        await called((done) => ask('fail').error('name', 'Other', done)),
      ];
    },
  },
  {
    id: 'request/test-throwing-callback',
    title: 'a callback that throws is called once more, with what it threw',
    async run(w) {
      const { ask } = await helped(w);
      const calls = [];
      await ask('echo', 1).end((...args) => {
        calls.push(args.slice(0, 3));
        if (calls.length === 1) throw new Error('in the callback');
      });
      return calls;
    },
  },
  {
    id: 'request/test-promise',
    title: 'then, catch, and awaited twice: one call, one result',
    async run(w) {
      const { server, ask } = await helped(w);
      let requests = 0;
      server.on('request', () => requests++);
      const request = ask('echo', 'x');
      await w.sleep(5);
      const before = requests;
      const [first, second] = await Promise.all([request, request]);
      return {
        before,
        requests,
        same: first === second,
        chained: await ask('echo', 'y').then(({ data }) => `then ${data}`),
        rejected: await ask('fail').then(
          () => 'resolved',
          (error) => error.message,
        ),
        caught: await ask('fail').catch((error) => error.message),
        notCaught: (await ask('echo', 'z').catch(() => 'caught')).data,
      };
    },
  },
  {
    id: 'request/test-running-server',
    title: 'a server that runs already, several calls at once, and what follows a failed one',
    async run(w) {
      const { server, ask } = await helped(w);
      await server.start();
      const results = await Promise.all([
        outcome(w, ask('echo', 1)),
        outcome(w, ask('fail').error()),
        outcome(w, ask('echo', 2).expect(3)),
      ]);
      const last = await outcome(w, ask('echo', 4));
      return [...results, last];
    },
  },
  {
    id: 'request/test-values',
    title: 'values of each kind come back as they are read',
    async run(w) {
      const { ask } = await helped(w);
      const values = [
        0,
        -1.5,
        2 ** 40,
        '',
        '中文',
        true,
        null,
        [1, [2]],
        { a: { b: 1 } },
        new Date(1),
        Buffer.of(1, 2),
      ];
      const result = [];
      for (const value of values) result.push((await ask('echo', value)).data);
      return result;
    },
  },
];
