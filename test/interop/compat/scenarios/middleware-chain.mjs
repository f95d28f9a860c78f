import { ECHO, echo } from '../world/services.mjs';

/** @typedef {(ctx: any, next: () => Promise<void>) => unknown} Middleware */

/** A middleware that says when it is passed, in and out. @param {unknown[]} seen @param {string} name @returns {Middleware} */
const passing = (seen, name) => async (_ctx, next) => {
  seen.push(`${name} in`);
  await next();
  seen.push(`${name} out`);
};

/** A peer, a client and its consumer. @param {import('../world/world.mjs').World} w @param {any} [options] */
async function setUp(w, options) {
  const peer = await w.peer(w.echo);
  const client = w.client();
  const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host, ...options });
  return { peer, client, consumer };
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'middleware/order',
    title: "middleware runs in the order of use(), the client's before the consumer's, and back",
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      /** @type {unknown[]} */
      const seen = [];
      client.use(passing(seen, 'client 1'));
      client.use([passing(seen, 'client 2'), passing(seen, 'client 3')]);
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      consumer.use(passing(seen, 'consumer 1'));
      consumer.use([passing(seen, 'consumer 2')]);
      consumer.on('request', () => seen.push('request event'));
      consumer.on('response', () => seen.push('response event'));
      await consumer.invoke('echo', ['x']);
      return seen;
    },
  },
  {
    id: 'middleware/client-use-later',
    title: 'use() of a client reaches the consumers it has already, behind their own',
    async run(w) {
      const { client, consumer, peer } = await setUp(w);
      /** @type {unknown[]} */
      const seen = [];
      consumer.use(passing(seen, 'own'));
      await consumer.invoke('echo', [1]);
      client.use(passing(seen, 'late'));
      await consumer.invoke('echo', [2]);
      const next = client.createConsumer({ interfaceName: 'a.B', serverHost: peer.host });
      seen.push('next');
      await next.invoke('echo', [3]);
      return seen;
    },
  },
  {
    id: 'middleware/consumers-apart',
    title: "a consumer's own middleware is not another's",
    async run(w) {
      const { client, consumer, peer } = await setUp(w);
      const other = client.createConsumer({ interfaceName: 'a.B', serverHost: peer.host });
      /** @type {unknown[]} */
      const seen = [];
      consumer.use(passing(seen, 'own'));
      await other.invoke('echo', [1]);
      return seen;
    },
  },
  {
    id: 'middleware/option',
    title: "middlewares among the options of a consumer take the place of the client's; the array is copied",
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      /** @type {unknown[]} */
      const seen = [];
      client.use(passing(seen, 'client'));
      const middlewares = [passing(seen, 'option')];
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host, middlewares });
      middlewares.push(passing(seen, 'pushed later'));
      await consumer.invoke('echo', [1]);
      return seen;
    },
  },
  {
    id: 'middleware/context',
    title: 'what a middleware finds in ctx: req, res, path, body',
    async run(w) {
      const { consumer } = await setUp(w);
      /** @type {unknown[]} */
      const seen = [];
      consumer.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
        const { methodName, args, serverSignature, group, timeout, requestProps } = ctx.req;
        seen.push({ keys: Object.keys(ctx).sort(), path: ctx.path, body: ctx.body, res: w.plain(ctx.res) });
        seen.push({ methodName, args, serverSignature, group, timeout, requestProps });
        await next();
        seen.push({ body: ctx.body, res: w.plain(ctx.res) });
      });
      await consumer.invoke('echo', ['x'], { responseTimeout: 500 });
      return seen;
    },
  },
  {
    id: 'middleware/changes-the-request',
    title: 'what a middleware changes in ctx.req before next() is sent',
    async run(w) {
      const { consumer, peer } = await setUp(w);
      consumer.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
        ctx.req.args = [`${ctx.req.args[0]} changed`];
        ctx.req.requestProps.rpc_trace_context = { sofaTraceId: 'trace', sofaRpcId: '0.1' };
        ctx.req.targetAppName = 'by middleware';
        ctx.req.timeout = 777;
        await next();
      });
      const answer = await consumer.invoke('echo', ['x']);
      return { answer, requests: peer.requests, frames: peer.frames };
    },
  },
  {
    id: 'middleware/changes-the-method',
    title: 'a middleware that changes methodName and serverSignature calls something else',
    async run(w) {
      const server = await w.server({}, { [ECHO]: echo });
      const consumer = w.client().createConsumer({ interfaceName: 'a.Alias', serverHost: w.hostOf(server) });
      consumer.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
        ctx.req.serverSignature = `${ECHO}:1.0`;
        ctx.req.methodName = 'all';
        await next();
      });
      return consumer.invoke('whatever', [1, 2]);
    },
  },
  {
    id: 'middleware/changes-the-answer',
    title: 'ctx.body after next() is what the caller gets',
    async run(w) {
      const { consumer } = await setUp(w);
      /** @type {unknown[]} */
      const events = [];
      consumer.on('response', (/** @type {any} */ ctx) => events.push([ctx.body, ctx.res.appResponse]));
      consumer.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
        await next();
        ctx.body = [ctx.body, 'changed'];
      });
      return { answer: await consumer.invoke('echo', ['x']), events };
    },
  },
  {
    id: 'middleware/answers-itself',
    title: 'without next() nothing is sent: ctx.body is the answer, null where it is not set',
    async run(w) {
      const { consumer, peer } = await setUp(w);
      /** @type {unknown[]} */
      const codes = [];
      consumer.on('response', (/** @type {any} */ { req }) => codes.push(req.meta.resultCode));
      consumer.use((/** @type {any} */ ctx) => {
        if (ctx.req.args[0] === 'cached') ctx.body = 'from the cache';
      });
      return {
        answers: [await consumer.invoke('echo', ['cached']), await consumer.invoke('echo', ['other'])],
        sent: peer.frames.length,
        codes,
      };
    },
  },
  {
    id: 'middleware/throws',
    title: "what a middleware throws is the caller's, before and after next(); with errorAsNull it is null",
    async run(w) {
      const rows = [];
      for (const errorAsNull of [false, true]) {
        const { consumer, peer } = await setUp(w, { errorAsNull });
        /** @type {unknown[]} */
        const events = [];
        consumer.on('response', (/** @type {any} */ { req, res }) =>
          events.push([req.meta.resultCode, w.plain(res)]),
        );
        consumer.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
          if (ctx.req.args[0] === 'before') throw new Error('before next');
          await next();
          if (ctx.req.args[0] === 'after') throw Object.assign(new Error('after next'), { resultCode: '09' });
        });
        rows.push(
          await w.caught(consumer.invoke('echo', ['before'])),
          await w.caught(consumer.invoke('echo', ['after'])),
          { sent: peer.frames.length, events },
        );
      }
      return rows;
    },
  },
  {
    id: 'middleware/sees-a-remote-error',
    title:
      'an error of the server does not reject next(): it is ctx.res.error; taken away, the call succeeds',
    async run(w) {
      const server = await w.server({}, { [ECHO]: echo });
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: w.hostOf(server) });
      /** @type {unknown[]} */
      const seen = [];
      consumer.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
        await next();
        seen.push([ctx.res.error?.message, ctx.req.meta.resultCode, ctx.res.error === ctx.req.meta.error]);
        if (ctx.req.args[0] === 'forgive') {
          ctx.res.error = null;
          ctx.body = 'forgiven';
        }
      });
      return [
        await w.caught(consumer.invoke('fail', ['keep'])),
        await w.caught(consumer.invoke('fail', ['forgive'])),
        seen,
      ];
    },
  },
  {
    id: 'middleware/sees-a-timeout',
    title: 'no answer in time does not reject next() either; no provider does',
    async run(w) {
      const peer = await w.peer();
      const client = w.client({ registry: w.registry([]) });
      /** @type {unknown[]} */
      const seen = [];
      client.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
        try {
          await next();
          seen.push(['resolved', ctx.res.error?.name, ctx.req.meta.resultCode]);
        } catch (/** @type {any} */ error) {
          seen.push(['rejected', error.name, ctx.req.meta.resultCode]);
          throw error;
        }
      });
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const lost = client.createConsumer({ interfaceName: ECHO });
      await w.caught(consumer.invoke('echo', [], { responseTimeout: 60 }));
      await w.caught(consumer.invoke('echo', [1n]));
      await w.caught(lost.invoke('echo', []));
      return seen;
    },
  },
  {
    id: 'middleware/recovers',
    title: 'a middleware may catch what next() rejects with, and answer',
    async run(w) {
      const consumer = w.client({ registry: w.registry([]) }).createConsumer({ interfaceName: ECHO });
      consumer.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
        try {
          await next();
        } catch {
          ctx.body = 'fallback';
        }
      });
      return consumer.invoke('echo', []);
    },
  },
  {
    id: 'middleware/next-twice',
    title: 'next() called twice is an error',
    async run(w) {
      const { consumer, peer } = await setUp(w);
      consumer.use(async (/** @type {any} */ _ctx, /** @type {any} */ next) => {
        await next();
        await next();
      });
      return { failure: await w.caught(consumer.invoke('echo', ['x'])), sent: peer.frames.length };
    },
  },
  {
    id: 'middleware/not-a-function',
    title: 'a middleware that is no function fails the calls',
    async run(w) {
      const { consumer } = await setUp(w);
      consumer.use('not a function');
      return w.caught(consumer.invoke('echo', ['x']));
    },
  },
  {
    id: 'middleware/not-async',
    title: 'middleware may be a plain function that returns next(), or not wait for it',
    async run(w) {
      const { consumer } = await setUp(w);
      consumer.use((/** @type {any} */ _ctx, /** @type {any} */ next) => next());
      return consumer.invoke('echo', ['x']);
    },
  },
  {
    id: 'middleware/user-context',
    title: 'the ctx of the call options is ctx.req.ctx',
    async run(w) {
      const { consumer } = await setUp(w);
      const mine = { user: 'me' };
      /** @type {unknown[]} */
      const seen = [];
      consumer.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
        seen.push(ctx.req.ctx === mine);
        await next();
      });
      await consumer.invoke('echo', [], { ctx: mine });
      await consumer.invoke('echo', []);
      return seen;
    },
  },
  {
    id: 'middleware/at-once',
    title: 'many calls at once through a middleware that waits: none gets the context of another',
    async run(w) {
      const { consumer } = await setUp(w);
      consumer.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
        await w.sleep(ctx.req.args[0] % 7);
        await next();
        ctx.body = `${ctx.body} of ${ctx.req.args[0]}`;
      });
      return Promise.all(Array.from({ length: 15 }, (_, index) => consumer.invoke('echo', [index])));
    },
  },
];
