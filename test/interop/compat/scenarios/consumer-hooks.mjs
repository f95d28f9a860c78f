import { PassThrough, pipeline } from 'node:stream';
import { parse } from 'node:url';
import { ECHO } from '../world/services.mjs';

/**
 * The mock connection of egg-rpc-base 1.3.1: it overrides `_connect`, puts the encoder's output into the decoder, and
 * answers each request by `options.handler`.
 * @param {any} Base @returns {any}
 */
function eggMockConnection(Base) {
  return class MockConnection extends Base {
    _connect() {
      this._socket = new PassThrough();
      const options = {
        sentReqs: this._sentReqs,
        classCache: this.options.classCache || new Map(),
        address: this.address,
      };
      this._encoder = this.protocol.encoder(options);
      this._decoder = this.protocol.decoder(options);
      this._decoder.on('request', (/** @type {any} */ request) => {
        const answer = (/** @type {unknown} */ error, /** @type {unknown} */ appResponse) =>
          this._handleResponse({
            packetId: request.packetId,
            packetType: 'response',
            data: { error, appResponse },
            meta: { size: 0, start: 0, rt: 0 },
          });
        this.options.handler(...request.data.args).then(
          (/** @type {unknown} */ value) => answer(null, value),
          (/** @type {unknown} */ error) => answer(error, null),
        );
      });
      pipeline(this._encoder, this._socket, this._decoder, () => {});
      this.ready(true);
    }

    heartbeat() {}
  };
}

/** A connection as a user's test writes one. @param {(request: any, options: any) => any} answer */
const fakeConnection = (answer) => ({
  /** @param {any} request @param {any} options */
  invoke: async (request, options) => answer(request, options),
});

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'consumer/allow-mock',
    title: 'allowMock: a consumer needs neither registry nor server; it is ready and has no provider',
    async run(w) {
      const consumer = w.client({ allowMock: true }).createConsumer({ interfaceName: ECHO });
      await consumer.ready();
      return { isReady: consumer.isReady, failure: await w.caught(consumer.invoke('echo', [])) };
    },
  },
  {
    id: 'consumer/connection-mocked',
    title: 'getConnection replaced on the instance: its invoke(req, {proto, classMap}) is the call',
    async run(w) {
      const classMap = { 'a.B': {} };
      const consumer = w
        .client({ allowMock: true })
        .createConsumer({ interfaceName: ECHO, classMap, proto: 'proto' });
      /** @type {unknown[]} */
      const seen = [];
      consumer.getConnection = async (/** @type {any} */ request) => {
        seen.push([request.methodName, request.args, request instanceof w.lib.client.RpcRequest]);
        return fakeConnection((req, options) => {
          seen.push([req === request, options.classMap === classMap, options.proto]);
          return { error: null, appResponse: `mocked ${req.args[0]}` };
        });
      };
      return { answer: await consumer.invoke('echo', ['x']), seen };
    },
  },
  {
    id: 'consumer/connection-mocked-failing',
    title:
      'a mocked connection: an error it returns, one it throws, one that getConnection throws, and none at all',
    async run(w) {
      const consumer = w.client({ allowMock: true }).createConsumer({ interfaceName: ECHO });
      const connections = [
        async () => fakeConnection(() => ({ error: new Error('returned'), appResponse: null })),
        async () =>
          fakeConnection(() => {
            throw new Error('thrown');
          }),
        async () =>
          fakeConnection(() => ({
            error: Object.assign(new Error('coded'), { resultCode: '07' }),
            appResponse: 1,
          })),
        async () => {
          throw new Error('no connection');
        },
        async () => null,
        async () => undefined,
      ];
      const rows = [];
      /** @type {unknown[]} */
      const codes = [];
      consumer.on('response', (/** @type {any} */ { req }) => codes.push(req.meta.resultCode));
      for (const getConnection of connections) {
        consumer.getConnection = getConnection;
        rows.push(await w.caught(consumer.invoke('echo', [])));
      }
      return { rows, codes };
    },
  },
  {
    id: 'consumer/egg-mock',
    title:
      "egg-rpc-base's mock connection, by _connect, _encoder, _decoder, _handleResponse: values and errors",
    async run(w) {
      const Mock = eggMockConnection(w.lib.client.RpcConnection);
      const consumer = w
        .client({ allowMock: true })
        .createConsumer({ interfaceName: ECHO, proxyName: 'EchoProxy' });
      const methods = new Map(
        [
          ['echo', async (/** @type {unknown[]} */ ...args) => ({ code: 200, args })],
          [
            'fail',
            async () => {
              throw Object.assign(new Error('mocked'), { name: 'MockError', extra: 1 });
            },
          ],
          ['nothing', async () => undefined],
        ].map(([name, handler]) => [
          name,
          new Mock({
            address: parse('mock://127.0.0.1:12200', true),
            logger: w.logger,
            protocol: w.bolt,
            handler,
          }),
        ]),
      );
      const real = consumer.getConnection;
      consumer.getConnection = async (/** @type {any[]} */ ...args) =>
        methods.get(args[0].methodName) ?? (await real.apply(consumer, args));
      return [
        await consumer.invoke('echo', ['a', 1, { b: [true] }]),
        await w.caught(consumer.invoke('fail', [])),
        await consumer.invoke('nothing', []),
        await w.caught(consumer.invoke('unmocked', [])),
        await Promise.all([consumer.invoke('echo', [1]), consumer.invoke('echo', [2])]),
      ];
    },
  },
  {
    id: 'consumer/egg-mock-class',
    title: 'such a connection as the connectionClass of a client',
    async run(w) {
      const Mock = eggMockConnection(w.lib.client.RpcConnection);
      // Not closed: closing waits for the 'close' of a connection, and a mock connection never says it.
      const client = new w.lib.client.RpcClient({
        logger: w.logger,
        connectionClass: Mock,
        connectionOpts: {
          protocol: w.bolt,
          handler: async (/** @type {unknown} */ x) => [x, 'by the class'],
        },
      });
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: '10.0.0.1:12200' });
      return [await consumer.invoke('echo', ['one']), await consumer.invoke('echo', ['two'])];
    },
  },
  {
    id: 'consumer/get-connection',
    title: "getConnection(req) gives a connection of the library, and notes the group in the request's meta",
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      await consumer.ready();
      const request = consumer.createRequest('echo', ['x'], {});
      const connection = await consumer.getConnection(request);
      return {
        isOne: connection instanceof w.lib.client.RpcConnection,
        url: connection.url,
        isConnected: connection.isConnected,
        group: request.meta.connectionGroup,
        answer: await connection.invoke(request),
      };
    },
  },
  {
    id: 'consumer/create-request',
    title: 'createRequest overridden: what it returns is sent, and seen by middleware and events',
    async run(w) {
      const peer = await w.peer(w.echo);
      const Consumer = class extends w.lib.client.RpcConsumer {
        /** @param {string} method @param {any[]} args @param {any} options */
        createRequest(method, args, options) {
          const request = super.createRequest(method, args, options);
          request.methodName = `${method}2`;
          request.args = [...args, 'added'];
          request.requestProps = { own: 'props' };
          return Object.assign(request, { custom: true });
        }
      };
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host }, Consumer);
      /** @type {unknown[]} */
      const seen = [];
      consumer.on('request', (/** @type {any} */ req) => seen.push(req.custom));
      consumer.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
        seen.push([ctx.req.custom, ctx.path]);
        await next();
      });
      const answer = await consumer.invoke('echo', ['x']);
      return { answer, seen, data: peer.requests[0].data };
    },
  },
  {
    id: 'consumer/create-request-arguments',
    title: 'createRequest is given method, args and the options of the call, {} without any',
    async run(w) {
      const peer = await w.peer(w.echo);
      /** @type {unknown[]} */
      const seen = [];
      const Consumer = class extends w.lib.client.RpcConsumer {
        /** @param {unknown[]} given */
        createRequest(...given) {
          seen.push(w.plain(given));
          return super.createRequest(...given);
        }
      };
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host }, Consumer);
      await consumer.invoke('echo', ['x']);
      await consumer.invoke('echo', ['x'], {
        responseTimeout: 500,
        ctx: { a: 1 },
        requestProps: { p: 1 },
        own: 1,
      });
      return seen;
    },
  },
  {
    id: 'consumer/create-context',
    title: "createContext overridden: its object is the middleware's and the response event's",
    async run(w) {
      const peer = await w.peer(w.echo);
      const Consumer = class extends w.lib.client.RpcConsumer {
        /** @param {any} req */
        createContext(req) {
          return Object.assign(super.createContext(req), { tag: 'mine' });
        }
      };
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host }, Consumer);
      /** @type {unknown[]} */
      const seen = [];
      consumer.use(async (/** @type {any} */ ctx, /** @type {any} */ next) => {
        seen.push(['middleware', ctx.tag]);
        await next();
      });
      consumer.on('response', (/** @type {any} */ ctx) =>
        seen.push(['response', ctx.tag, ctx.res.appResponse]),
      );
      return { answer: await consumer.invoke('echo', ['x']), seen };
    },
  },
  {
    id: 'consumer/parse-url-overridden',
    title: 'parseUrl overridden reads serverHost and the lists of a registry',
    async run(w) {
      const peer = await w.peer(w.echo);
      /** @type {unknown[]} */
      const seen = [];
      const Consumer = class extends w.lib.client.RpcConsumer {
        /** @param {string} url */
        parseUrl(url) {
          seen.push(url);
          return super.parseUrl(url.replace('peer', peer.host));
        }
      };
      const direct = w
        .client()
        .createConsumer({ interfaceName: ECHO, serverHost: 'peer,peer?x=1' }, Consumer);
      const listed = w
        .client({ registry: w.registry(['bolt://peer?weight=1']) })
        .createConsumer({ interfaceName: ECHO }, Consumer);
      return { answers: [await direct.invoke('echo', [1]), await listed.invoke('echo', [2])], seen };
    },
  },
  {
    id: 'consumer/create-address-group',
    title: 'createAddressGroup is called with the key id@group, and what it returns is used',
    async run(w) {
      const peer = await w.peer(w.echo);
      /** @type {unknown[]} */
      const seen = [];
      const Consumer = class extends w.lib.client.RpcConsumer {
        /** @param {string} key @param {any} options */
        createAddressGroup(key, options) {
          const group = super.createAddressGroup(key, { ...options, retryFaultInterval: 99 });
          seen.push([key, group.key, group.options.retryFaultInterval]);
          return group;
        }
      };
      const consumer = w
        .client()
        .createConsumer({ interfaceName: ECHO, serverHost: peer.host, group: 'G' }, Consumer);
      return { answer: await consumer.invoke('echo', [1]), seen };
    },
  },
  {
    id: 'consumer/getters-overridden',
    title: 'a subclass may have its own id and registryConfig',
    async run(w) {
      const peer = await w.peer(w.echo);
      const Consumer = class extends w.lib.client.RpcConsumer {
        get id() {
          return `${this.interfaceName}:own`;
        }

        get registryConfig() {
          return { ...super.registryConfig, zone: 'z1' };
        }
      };
      const registry = w.registry([`bolt://${peer.host}`]);
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO }, Consumer);
      await consumer.invoke('echo', []);
      return { signature: peer.requests[0].data.serverSignature, subscribed: registry.subscribed };
    },
  },
  {
    id: 'consumer/invoke-overridden',
    title: 'invoke overridden wraps every call',
    async run(w) {
      const peer = await w.peer(w.echo);
      const Consumer = class extends w.lib.client.RpcConsumer {
        /** @param {string} method @param {any[]} args @param {any} options */
        async invoke(method, args, options) {
          return ['wrapped', await super.invoke(method, args, { ...options, responseTimeout: 4321 })];
        }
      };
      const client = w.client({ consumerClass: Consumer });
      const call = { interfaceName: ECHO, serverHost: peer.host, methodName: 'echo', args: ['x'] };
      return {
        answer: await client.invoke(call),
        timeout: (await w.until(() => peer.requests[0])).options.timeout,
      };
    },
  },
  {
    id: 'consumer/request-class',
    title: 'RpcRequest by itself: what it asks for, and its fields',
    async run(w) {
      const { RpcRequest } = w.lib.client;
      const whole = { serverSignature: 'a.B:1.0', methodName: 'm', args: [1], timeout: 5 };
      const failures = [await w.caught(() => new RpcRequest())];
      for (const name of Object.keys(whole))
        failures.push(await w.caught(() => new RpcRequest({ ...whole, [name]: undefined })));
      const { meta, ...fields } = new RpcRequest({
        ...whole,
        group: 'G',
        targetAppName: 'app',
        codecType: 'protobuf',
        requestProps: { a: 1 },
        ctx: { c: 1 },
        other: 1,
      });
      return { failures, fields, meta: w.meta(meta), props: new RpcRequest(whole).requestProps };
    },
  },
];
