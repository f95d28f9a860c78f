import { PROTO_SERVICE, protoEcho, protoOf } from '../world/proto.mjs';
import { openRegistry } from '../world/registries.mjs';
import { ECHO, echo } from '../world/services.mjs';

// The library of this process calls the other, or is called by it: with old and new that is old -> new in one process and
// new -> old in the other, and both must end the same.

/** A server of the other library and a consumer of this one. @param {import('../world/world.mjs').World} w */
async function pair(w, serverOptions = {}, services = { [ECHO]: echo }, consumerOptions = {}) {
  const server = await w.server(serverOptions, services, w.other);
  const consumer = w
    .client()
    .createConsumer({ interfaceName: ECHO, serverHost: w.hostOf(server), ...consumerOptions });
  return { server, consumer };
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'mixed/values',
    title: 'values there and back between old and new',
    async run(w) {
      const { consumer } = await pair(w);
      const values = [
        null,
        true,
        false,
        0,
        -1,
        2147483647,
        2147483648,
        1.5,
        '',
        'text',
        '多字节 😀',
        [1, 'a', null, [2]],
        {},
        { a: 1, b: { c: [true] } },
        new Date(1_600_000_000_000),
        Buffer.from('bytes'),
        { $class: 'java.lang.Long', $: '9007199254740993' },
        { $class: 'com.test.Person', $: { name: 'A', age: 3 } },
        { $class: 'java.util.List', $: ['x'], generic: [{ type: 'java.lang.String' }] },
        { $class: 'java.math.BigDecimal', $: { value: '1.50' } },
        'x'.repeat(70_000),
      ];
      const answers = [];
      for (const value of values) {
        const answer = await consumer.invoke('echo', [value]);
        answers.push(typeof answer === 'string' && answer.length > 100 ? answer.length : answer);
      }
      return answers;
    },
  },
  {
    id: 'mixed/failures',
    title: 'failures between old and new: of the service, no such method, no such service, no answer in time',
    async run(w) {
      const { server, consumer } = await pair(w);
      const stranger = w
        .client()
        .createConsumer({ interfaceName: 'a.Missing', serverHost: w.hostOf(server) });
      return [
        await w.caught(consumer.invoke('fail', ['of the service'])),
        await w.caught(consumer.invoke('failWith', [{ message: 'coded', name: 'MyError', code: 5 }])),
        await w.caught(consumer.invoke('missing', [])),
        await w.caught(consumer.invoke('sync', [])),
        await w.caught(stranger.invoke('echo', [])),
        await w.caught(consumer.invoke('sleep', [150], { responseTimeout: 60 })),
        await consumer.invoke('echo', ['and on']),
      ];
    },
  },
  {
    id: 'mixed/many-at-once',
    title: 'many calls at once between old and new',
    async run(w) {
      const { consumer } = await pair(w);
      return Promise.all(
        Array.from({ length: 60 }, (_, index) => consumer.invoke('echo', [`call ${index}`])),
      );
    },
  },
  {
    id: 'mixed/class-map',
    title: 'a classMap on both sides, between old and new',
    async run(w) {
      const classMap = {
        'com.test.Person': {
          name: { type: 'java.lang.String' },
          age: { type: 'java.lang.Long' },
          friends: { type: 'java.util.List', generic: [{ type: 'com.test.Person' }] },
        },
      };
      const server = await w.server({ classMap }, { [ECHO]: echo }, w.other);
      const client = w.client({ connectionOpts: { protocol: w.bolt, classMap } });
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: w.hostOf(server) });
      const person = { name: 'A', age: 3, friends: [{ name: 'B', age: 4, friends: null }] };
      return consumer.invoke('echo', [{ $class: 'com.test.Person', $: person }]);
    },
  },
  {
    id: 'mixed/api-meta',
    title: 'apiMeta of the server types what it returns, between old and new',
    async run(w) {
      const info = {
        interfaceName: ECHO,
        apiMeta: {
          methods: [
            { name: 'echo', returnType: 'java.lang.Long' },
            { name: 'all', returnType: 'java.util.List', generic: [{ type: 'java.lang.Long' }] },
          ],
        },
      };
      const server = await w.server({}, [[info, echo]], w.other);
      const raw = await w.rawClient(server);
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost: w.hostOf(server) });
      const answers = [await consumer.invoke('echo', [5]), await consumer.invoke('all', [1, 2])];
      await raw.call({ serverSignature: `${ECHO}:1.0`, methodName: 'echo', args: [5] });
      return { answers, frames: raw.frames };
    },
  },
  {
    id: 'mixed/protobuf',
    title: 'protobuf between old and new',
    async run(w) {
      const proto = protoOf(w);
      const server = await w.server(
        { proto, codecType: 'protobuf' },
        { [PROTO_SERVICE]: protoEcho },
        w.other,
      );
      const client = w.client({ connectionOpts: { protocol: w.bolt, proto } });
      const consumer = client.createConsumer({
        interfaceName: PROTO_SERVICE,
        serverHost: `${w.hostOf(server)}?serialization=protobuf`,
      });
      return [
        await consumer.invoke('echoObj', [{ name: 'Peter', group: 'B' }]),
        await w.caught(consumer.invoke('fail', [{ name: 'x' }])),
      ];
    },
  },
  {
    id: 'mixed/request-props',
    title: 'requestProps as the other side sees them',
    async run(w) {
      /** @type {unknown[]} */
      const seen = [];
      const { server, consumer } = await pair(w);
      server.on('request', (/** @type {any} */ { req }) => seen.push(w.plain(req.data.requestProps)));
      await consumer.invoke('echo', [1], { requestProps: { rpc_trace_context: { sofaTraceId: 't' }, n: 1 } });
      await consumer.invoke('echo', [1]);
      return seen;
    },
  },
  {
    id: 'mixed/server-closes',
    title: 'a server that is closed under a consumer of the other library',
    async run(w) {
      const { server, consumer } = await pair(w);
      await consumer.invoke('echo', [1]);
      await server.close();
      await w.sleep(50);
      return w.caught(consumer.invoke('echo', [2]));
    },
  },
  {
    id: 'mixed/heartbeat',
    title: "a heartbeat of one library's connection to the other's server keeps the connection",
    async run(w) {
      const server = await w.server({}, { [ECHO]: echo }, w.other);
      const { RpcConnection, RpcRequest } = w.lib.client;
      const consumer = w.client({ allowMock: true }).createConsumer({ interfaceName: ECHO });
      const connection = new RpcConnection({
        address: consumer.parseUrl(w.hostOf(server)),
        logger: w.logger,
        maxIdleTime: 0,
      });
      w.after(() => connection.forceClose());
      await connection.ready();
      await w.sleep(5);
      connection.heartbeat();
      await w.sleep(30);
      const request = new RpcRequest({
        serverSignature: `${ECHO}:1.0`,
        methodName: 'echo',
        args: ['on'],
        timeout: 500,
      });
      return { response: await connection.invoke(request), isConnected: connection.isConnected };
    },
  },
  {
    id: 'mixed/by-registry',
    title: 'a consumer finds a server of the other library by ZooKeeper; each has its own registry',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const [own, others] = [
        await openRegistry(w, address, {}, w.lib),
        await openRegistry(w, address, {}, w.other),
      ];
      const server = await w.server({ registry: others, appName: 'other-app' }, { [ECHO]: echo }, w.other);
      await server.publish();
      const consumer = w.client({ registry: own }).createConsumer({ interfaceName: ECHO });
      await consumer.ready();
      const answer = await consumer.invoke('echo', ['across']);
      return {
        answer,
        failure: await w.caught(consumer.invoke('fail', ['across'])),
        providers: (await w.zkTree(address))[`${ECHO}/providers`],
      };
    },
  },
  {
    id: 'mixed/both-servers',
    title: 'a server of each library: a consumer of either uses both, and the one that is left',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registries = [
        await openRegistry(w, address, {}, w.lib),
        await openRegistry(w, address, {}, w.other),
      ];
      const libs = [w.lib, w.other];
      const servers = [];
      for (const index of [0, 1]) {
        const service = {
          async echo() {
            return index;
          },
        };
        const server = await w.server({ registry: registries[index] }, { [ECHO]: service }, libs[index]);
        await server.publish();
        servers.push(server);
      }
      const consumers = [];
      for (const index of [0, 1]) {
        const consumer = w
          .client({ registry: registries[index] }, libs[index])
          .createConsumer({ interfaceName: ECHO });
        await consumer.ready();
        consumers.push(consumer);
      }
      /** @param {any} consumer @param {number} wanted */
      const callees = (consumer, wanted) =>
        w.until(async () => {
          const names = new Set();
          for (let i = 0; i < 4; i++) names.add(await consumer.invoke('echo', []));
          return names.size === wanted && [...names].sort();
        });
      const before = [await callees(consumers[0], 2), await callees(consumers[1], 2)];
      await servers[1].close();
      await w.sleep(100);
      return { before, after: [await callees(consumers[0], 1), await callees(consumers[1], 1)] };
    },
  },
  {
    id: 'mixed/pushes',
    title: 'each library hears what the other registers and withdraws, as the same list',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registries = [
        await openRegistry(w, address, {}, w.lib),
        await openRegistry(w, address, {}, w.other),
      ];
      const config = { interfaceName: ECHO, version: '1.0', group: 'SOFA' };
      const lists = registries.map((registry) => {
        /** @type {string[][]} */
        const heard = [];
        registry.subscribe(config, (/** @type {string[]} */ list) => heard.push([...list].sort()));
        return heard;
      });
      const url = (/** @type {number} */ index) =>
        `bolt://10.0.0.${index}:12200?version=1.0&group=SOFA&x=a%20b`;
      const untilBoth = (/** @type {number} */ size) =>
        w.until(() => lists.every((heard) => heard.at(-1)?.length === size), `lists of ${size}`);
      await untilBoth(0);
      await registries[0].register({ ...config, url: url(1) });
      await untilBoth(1);
      await registries[1].register({ ...config, url: url(2) });
      await untilBoth(2);
      const full = lists.map((heard) => heard.at(-1));
      // Withdrawn by the other one: the nodes are the same.
      await registries[1].unRegister({ ...config, url: url(1) });
      await untilBoth(1);
      return {
        full,
        last: lists.map((heard) => heard.at(-1)),
        names: await (await w.zkAdmin(address)).children(`/${ECHO}/providers`),
      };
    },
  },
  {
    id: 'mixed/other-registry-object',
    title: "a client and a server of one library use the other's registry object",
    needs: 'zookeeper',
    async run(w) {
      const registry = await openRegistry(w, await w.zk(), {}, w.other);
      const server = await w.server({ registry }, { [ECHO]: echo });
      await server.publish();
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      return consumer.invoke('echo', ['mixed']);
    },
  },
  {
    id: 'mixed/protocol-object',
    title: "a client and a server of one library are given the other's protocol object",
    async run(w) {
      const classMap = { 'com.test.Point': { x: { type: 'long' }, y: { type: 'long' } } };
      const server = await w.server({ protocol: w.otherBolt, classMap }, { [ECHO]: echo });
      const client = w.client({ connectionOpts: { protocol: w.otherBolt, classMap } });
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: w.hostOf(server) });
      return consumer.invoke('echo', [{ $class: 'com.test.Point', $: { x: 1, y: 2 } }]);
    },
  },
  {
    id: 'mixed/test-helper',
    title: "the test helper of one library on the other's server",
    async run(w) {
      const server = new w.other.server.RpcServer({ logger: w.logger, port: 0, publishAddress: '127.0.0.1' });
      w.after(() => server.close());
      server.addService({ interfaceName: ECHO }, echo);
      const { data } = await w.lib.test(server).service(ECHO).invoke('echo').send(['x']).expect('x');
      return data;
    },
  },
];
