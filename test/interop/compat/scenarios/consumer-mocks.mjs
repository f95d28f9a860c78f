import { ECHO } from '../world/services.mjs';

/** Puts something in the place of a member until the scenario ends. @param {import('../world/world.mjs').World} w
 * @param {any} object @param {string} name @param {unknown} value */
function mock(w, object, name, value) {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  w.after(() => (before ? Object.defineProperty(object, name, before) : delete object[name]));
}

/** @param {unknown} appResponse @param {unknown} [error] */
const answering = (appResponse, error = null) => ({
  isConnected: true,
  invoke: async () => ({ error, appResponse }),
});

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'consumer/mocked-manager',
    title: "createAndGet replaced on a client's connectionManager gives the connection of every call",
    async run(w) {
      const client = w.client();
      /** @type {unknown[]} */
      const asked = [];
      client.connectionManager.createAndGet = async (/** @type {any} */ address) => {
        asked.push(address.host);
        return answering('mocked');
      };
      client.connectionManager.get = () => answering('mocked');
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: '10.0.0.1:12200' });
      return { answer: await consumer.invoke('echo', []), asked: [...new Set(asked)] };
    },
  },
  {
    id: 'consumer/mocked-connection-prototype',
    title: 'invoke replaced on the prototype of RpcConnection takes the calls of every client',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const before = await consumer.invoke('echo', ['real']);
      mock(w, w.lib.client.RpcConnection.prototype, 'invoke', async (/** @type {any} */ { args }) => ({
        error: null,
        appResponse: ['mocked', ...args],
      }));
      return { before, after: await consumer.invoke('echo', ['x']), sent: peer.frames.length };
    },
  },
  {
    id: 'consumer/mocked-consumer-prototype',
    title: 'getConnection and invoke replaced on the prototype of RpcConsumer',
    async run(w) {
      const consumer = w.client({ allowMock: true }).createConsumer({ interfaceName: ECHO });
      const { prototype } = w.lib.client.RpcConsumer;
      mock(w, prototype, 'getConnection', async () => answering('by getConnection'));
      const first = await consumer.invoke('echo', []);
      mock(w, prototype, 'invoke', async (/** @type {string} */ method, /** @type {unknown[]} */ args) => [
        method,
        args,
      ]);
      return [first, await consumer.invoke('echo', ['x'])];
    },
  },
  {
    id: 'consumer/mocked-consumer',
    title: 'invoke replaced on one consumer, also for client.invoke',
    async run(w) {
      const client = w.client({ allowMock: true });
      const consumer = client.createConsumer({ interfaceName: ECHO });
      consumer.invoke = async (/** @type {unknown[]} */ ...given) => ['mocked', ...given];
      return client.invoke({ interfaceName: ECHO, methodName: 'echo', args: [1], options: { a: 1 } });
    },
  },
  {
    id: 'consumer/mocked-connection-recovers',
    title: 'a mocked connection that fails once, then works',
    async run(w) {
      const consumer = w.client({ allowMock: true }).createConsumer({ interfaceName: ECHO });
      let calls = 0;
      consumer.getConnection = async () =>
        ++calls === 1 ? answering(null, new Error('first')) : answering('second');
      return [await w.caught(consumer.invoke('echo', [])), await consumer.invoke('echo', [])];
    },
  },
  {
    id: 'consumer/connection-subclass',
    title: 'a connection class that wraps invoke: what it adds is sent, what it changes is the answer',
    async run(w) {
      const peer = await w.peer(w.echo);
      const Connection = class extends w.lib.client.RpcConnection {
        /** @param {any} request @param {any} options */
        async invoke(request, options) {
          request.requestProps.added = 'by the connection';
          const response = await super.invoke(request, options);
          return { ...response, appResponse: [response.appResponse, 'wrapped'] };
        }
      };
      const client = w.client({ connectionClass: Connection });
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const answer = await consumer.invoke('echo', ['x']);
      return { answer, props: peer.requests[0].data.requestProps };
    },
  },
  {
    id: 'consumer/large',
    title: 'a request and an answer of some megabytes',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const text = 'abcdefghij'.repeat(200_000);
      const bytes = Buffer.alloc(1_500_000, 7);
      const answers = [await consumer.invoke('echo', [text]), await consumer.invoke('echo', [bytes])];
      return [answers[0] === text, bytes.equals(answers[1])];
    },
  },
  {
    id: 'consumer/host-name',
    title: 'a serverHost by name',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w
        .client()
        .createConsumer({ interfaceName: ECHO, serverHost: `localhost:${peer.port}` });
      /** @type {unknown[]} */
      const hosts = [];
      consumer.on('response', (/** @type {any} */ { req }) => hosts.push(req.meta.address.host));
      return { answer: await consumer.invoke('echo', ['x']), hosts };
    },
  },
];
