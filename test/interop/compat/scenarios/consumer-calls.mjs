import { ECHO, echo } from '../world/services.mjs';

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'consumer/call',
    title: 'a call: the value, the frame, and the request as a server reads it',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const value = await consumer.invoke('echo', ['hello']);
      return { value, frames: peer.frames, requests: peer.requests };
    },
  },
  {
    id: 'consumer/argument-frames',
    title: 'the frames of calls with no, one and many arguments of each plain kind',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const table = [
        [],
        [null],
        ['text', 1, true],
        [1, -1, 2147483648, 1.5, 0],
        [[1, 'a', null], { a: { b: [] } }],
        [new Date(1_600_000_000_000), Buffer.from('bytes')],
        [
          { $class: 'java.lang.Long', $: 5 },
          { $class: 'java.lang.String', $: null },
        ],
        [{ $class: 'com.test.Person', $: { name: 'A', age: 3 } }],
        [{ $class: 'java.util.List', $: [1], generic: [{ type: 'java.lang.Integer' }] }],
        [{ $class: 'int', $: [1, 2], isArray: true }],
        [undefined],
      ];
      const values = [];
      for (const args of table) values.push(await w.caught(consumer.invoke('echo', args)));
      return { values, frames: peer.frames };
    },
  },
  {
    id: 'consumer/request-props',
    title: 'requestProps go into the frame; without any it is the service',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const table = [
        undefined,
        {},
        { a: 'b' },
        { rpc_trace_context: { sofaTraceId: '1', sofaRpcId: '0' }, n: 1, flag: true },
        { 'rpc_trace_context.sofaTraceId': 'flat', nothing: null },
      ];
      for (const requestProps of table) await consumer.invoke('echo', [], { requestProps });
      return { read: peer.requests.map(({ data }) => data.requestProps), frames: peer.frames };
    },
  },
  {
    id: 'consumer/target-app',
    title: 'targetAppName is in the frame',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w
        .client()
        .createConsumer({ interfaceName: ECHO, serverHost: peer.host, targetAppName: 'app of the server' });
      await consumer.invoke('echo', []);
      return { read: peer.requests[0].data.targetAppName, frames: peer.frames };
    },
  },
  {
    id: 'consumer/answers',
    title: 'every kind of answer is the value of the call',
    async run(w) {
      const answers = [
        null,
        true,
        'text',
        12,
        { $class: 'long', $: 12 },
        { $class: 'java.lang.Long', $: '9007199254740993' },
        [1, 'a', null],
        { a: [{ b: 1 }] },
        new Date(1_600_000_000_000),
        Buffer.from('bytes'),
        {
          $class: 'com.test.Person',
          $: { name: 'A', friends: [{ $class: 'com.test.Person', $: { name: 'B' } }] },
        },
      ];
      let next = 0;
      const peer = await w.peer((request) => w.frames.response(request, { appResponse: answers[next++] }));
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const values = [];
      for (const _ of answers) values.push(await consumer.invoke('next', []));
      return values;
    },
  },
  {
    id: 'consumer/with-server',
    title: 'a consumer and a server of the same library: values through both codecs',
    async run(w) {
      const server = await w.server({}, { [ECHO]: echo });
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: w.hostOf(server) });
      return [
        await consumer.invoke('echo', ['x']),
        await consumer.invoke('all', [1, 'a', null, [true], { a: 1 }]),
        await consumer.invoke('nothing', []),
        await consumer.invoke('sleep', [20]),
      ];
    },
  },
  {
    id: 'consumer/many-at-once',
    title: 'calls at once share a connection, and each gets its own answer, in whatever order they come',
    async run(w) {
      const peer = await w.peer(async (request) => {
        await w.sleep((7 * Number(request.data.args[0])) % 40);
        return w.echo(request);
      });
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const calls = Array.from({ length: 40 }, (_, index) => consumer.invoke('echo', [index]));
      return { answers: await Promise.all(calls), connections: peer.connections.length };
    },
  },
  {
    id: 'consumer/meta',
    title: 'the meta of a call that succeeded: codec, versions, sizes, address, group, resultCode 00',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      /** @type {any} */
      let request;
      consumer.on('request', (/** @type {any} */ req) => {
        request = req;
      });
      await consumer.invoke('echo', ['x'], { ctx: { user: 1 } });
      const { meta, ...fields } = request;
      return { fields, meta: w.meta(meta), types: ['id', 'rt', 'start'].map((name) => typeof meta[name]) };
    },
  },
  {
    id: 'consumer/meta-of-failures',
    title: 'the meta of calls that failed: resultCode, error, what was measured',
    async run(w) {
      const peer = await w.peer((request) =>
        request.data.methodName === 'fails'
          ? w.frames.response(request, { isError: true, errorMsg: 'no' })
          : undefined,
      );
      const client = w.client();
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const lost = client.createConsumer({ interfaceName: ECHO, registry: w.registry([]) });
      /** @type {any[]} */
      const metas = [];
      client.on('response', (/** @type {any} */ { req }) => metas.push(w.meta(req.meta)));
      await w.caught(consumer.invoke('fails', []));
      await w.caught(consumer.invoke('silent', [], { responseTimeout: 60 }));
      await w.caught(lost.invoke('nobody', []));
      await w.caught(consumer.invoke('bad', [1n]));
      return metas;
    },
  },
  {
    id: 'consumer/codec-of-a-call',
    title: 'codecType hessian2 for one call is what it is anyway',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      await consumer.invoke('echo', ['x'], { codecType: 'hessian2' });
      await consumer.invoke('echo', ['x']);
      return peer.frames;
    },
  },
  {
    id: 'consumer/null-options',
    title: 'invoke without options; with null for them',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      await consumer.ready();
      const failure = /** @type {any} */ (await w.caught(consumer.invoke('echo', ['x'], null)));
      return [await consumer.invoke('echo', ['x']), failure.name];
    },
  },
  {
    id: 'consumer/bad-requests',
    title: 'a call without a method or without args is refused in these words, also with errorAsNull',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const rows = [];
      for (const errorAsNull of [false, true]) {
        const consumer = client.createConsumer({
          interfaceName: ECHO,
          serverHost: peer.host,
          errorAsNull,
          cache: false,
        });
        const events = w.events(consumer, ['request', 'response']);
        rows.push(
          await w.caught(consumer.invoke()),
          await w.caught(consumer.invoke('echo')),
          await w.caught(consumer.invoke('', [])),
          await w.caught(consumer.invoke('echo', null)),
          events.length,
        );
      }
      return rows;
    },
  },
];
