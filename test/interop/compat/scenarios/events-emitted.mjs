import { ECHO, echo } from '../world/services.mjs';

/** Notes names of events of a client and a consumer in one list. @param {any} client @param {any} consumer */
function listOf(client, consumer) {
  /** @type {unknown[]} */
  const seen = [];
  for (const [who, emitter] of [
    ['consumer', consumer],
    ['client', client],
  ])
    for (const name of ['request', 'response'])
      emitter.on(name, (/** @type {any} */ info) =>
        seen.push([who, name, (info.req ?? info).meta.resultCode]),
      );
  return seen;
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'events/request-and-response',
    title:
      "'request' has the request, 'response' the context; both reach the client too, the client's listener first",
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const seen = listOf(client, consumer);
      /** @type {any[]} */
      const payloads = [];
      client.on('request', (/** @type {any} */ req) => payloads.push(req));
      client.on('response', (/** @type {any} */ ctx) => payloads.push(ctx));
      await consumer.invoke('echo', ['x']);
      const [request, context] = payloads;
      return {
        seen,
        request: request instanceof w.lib.client.RpcRequest,
        same: context.req === request,
        keys: Object.keys(context).sort(),
        res: context.res,
        path: context.path,
        body: context.body,
      };
    },
  },
  {
    id: 'events/of-failures',
    title: "every failed call has its 'request' and 'response', with the resultCode at that time",
    async run(w) {
      const peer = await w.peer((request, connection) => {
        if (request.data.methodName === 'fails')
          return w.frames.response(request, { isError: true, errorMsg: 'no' });
        if (request.data.methodName === 'ends') connection.end();
        return undefined;
      });
      const client = w.client({ registry: w.registry([]) });
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const lost = client.createConsumer({ interfaceName: ECHO });
      const seen = listOf(client, consumer);
      await consumer.ready();
      await w.caught(consumer.invoke('fails', []));
      await w.caught(consumer.invoke('silent', [], { responseTimeout: 50 }));
      await w.caught(consumer.invoke('encode', [1n]));
      await w.caught(consumer.invoke('ends', []));
      seen.push('no provider');
      await w.caught(lost.invoke('echo', []));
      return seen;
    },
  },
  {
    id: 'events/response-of-a-failure',
    title: "the 'response' of a failed call: res as it was, the error in req.meta.error",
    async run(w) {
      const server = await w.server({}, { [ECHO]: echo });
      const client = w.client({ registry: w.registry([]) });
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: w.hostOf(server) });
      const lost = client.createConsumer({ interfaceName: ECHO });
      /** @type {unknown[]} */
      const seen = [];
      client.on('response', (/** @type {any} */ ctx) =>
        seen.push(w.plain({ res: ctx.res, error: ctx.req.meta.error, resultCode: ctx.req.meta.resultCode })),
      );
      await w.caught(consumer.invoke('fail', ['no']));
      await w.caught(lost.invoke('echo', []));
      return seen;
    },
  },
  {
    id: 'events/no-request-no-response',
    title: 'a call that fails before it is a request has no events',
    async run(w) {
      const client = w.client({ registry: w.registry() });
      const consumer = client.createConsumer({ interfaceName: ECHO, responseTimeout: 40 });
      const seen = listOf(client, consumer);
      await w.caught(consumer.invoke('echo', []));
      return seen;
    },
  },
  {
    id: 'events/before-the-call-settles',
    title: "'response' comes before the call resolves or rejects",
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client({ registry: w.registry([]) });
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const lost = client.createConsumer({ interfaceName: ECHO });
      /** @type {string[]} */
      const seen = [];
      client.on('request', () => seen.push('request'));
      client.on('response', () => seen.push('response'));
      const call = consumer.invoke('echo', []).then(() => seen.push('resolved'));
      seen.push('called');
      await call;
      await lost.invoke('echo', []).catch(() => seen.push('rejected'));
      return seen;
    },
  },
  {
    id: 'events/several-consumers',
    title: 'a client hears all its consumers',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      /** @type {unknown[]} */
      const seen = [];
      client.on('request', (/** @type {any} */ { serverSignature, args }) =>
        seen.push([serverSignature, args]),
      );
      for (const name of ['a.A', 'a.B'])
        await client.createConsumer({ interfaceName: name, serverHost: peer.host }).invoke('echo', [name]);
      return seen;
    },
  },
  {
    id: 'events/uncached-consumer',
    title: 'also those that it does not keep',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      /** @type {unknown[]} */
      const seen = [];
      client.on('response', (/** @type {any} */ { req }) => seen.push(req.args));
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host, cache: false });
      await consumer.invoke('echo', ['x']);
      return seen;
    },
  },
  {
    id: 'events/error-of-a-consumer',
    title: "an 'error' of a consumer is the client's too",
    async run(w) {
      const client = w.client({ registry: w.registry([]) });
      const consumer = client.createConsumer({ interfaceName: ECHO });
      const events = [w.events(client, ['error']), w.events(consumer, ['error'])];
      consumer.emit('error', new Error('of the consumer'));
      return events;
    },
  },
  {
    id: 'events/listener-throws',
    title: "a 'request' listener that throws fails the call; no 'response' follows",
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const events = w.events(consumer, ['response']);
      consumer.on('request', () => {
        throw new Error('in a listener');
      });
      return { failure: await w.caught(consumer.invoke('echo', [])), events, sent: peer.frames.length };
    },
  },
  {
    id: 'events/ready-callbacks',
    title: 'ready callbacks run in order, and where it is ready already, soon; ready() resolves after them',
    async run(w) {
      const registry = w.registry();
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      /** @type {unknown[]} */
      const seen = [];
      consumer.ready((/** @type {unknown} */ error) => seen.push(['first', error ?? null]));
      consumer.ready((/** @type {unknown} */ error) => seen.push(['second', error ?? null]));
      const ready = consumer.ready().then(() => seen.push('promise'));
      await w.sleep(20);
      seen.push(['before the list', consumer.isReady]);
      registry.push([]);
      await ready;
      consumer.ready(() => seen.push('third'));
      seen.push(['after', consumer.isReady]);
      await w.sleep(5);
      return seen;
    },
  },
  {
    id: 'events/ready-timeout',
    title: 'readyOrTimeout of a consumer that is not ready',
    async run(w) {
      const registry = w.registry();
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      const failure = await w.caught(consumer.readyOrTimeout(40));
      registry.push([]);
      await consumer.ready();
      return { failure, later: await w.caught(consumer.readyOrTimeout(1)) };
    },
  },
  {
    id: 'events/await-response',
    title: "await and awaitFirst of a consumer's events",
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const first = consumer.awaitFirst(['response', 'close']);
      const request = consumer.await('request');
      await consumer.invoke('echo', ['x']);
      const { event, args } = await first;
      return { event, body: args[0].body, method: (await request).methodName };
    },
  },
  {
    id: 'events/local-storage',
    title: 'localStorage of the options is readable',
    run(w) {
      const localStorage = { run() {} };
      return [w.client({ localStorage }).localStorage === localStorage, w.client().localStorage];
    },
  },
];
