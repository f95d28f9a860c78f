import { connectionWithoutNetwork } from '../world/fakes.mjs';
import { ECHO } from '../world/services.mjs';

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'client/consumer-needs-an-interface',
    title: 'createConsumer refuses options without an interfaceName that is a string',
    async run(w) {
      const client = w.client({ registry: w.registry([]) });
      const failures = [];
      for (const options of [
        {},
        { interfaceName: 1 },
        { interfaceName: null },
        { interfaceName: '' },
        undefined,
      ])
        failures.push(await w.caught(() => client.createConsumer(options)));
      return failures.map((failure) => {
        const { name, message } = /** @type {any} */ (failure);
        return name === 'TypeError' ? name : [name, message];
      });
    },
  },
  {
    id: 'client/consumer-cache',
    title:
      'one consumer for each interface, version, group, serverHost and targetAppName; other options do not count',
    run(w) {
      const client = w.client({ registry: w.registry([]) });
      const base = { interfaceName: ECHO };
      const first = client.createConsumer(base);
      const table = [
        base,
        { ...base, responseTimeout: 7 },
        { ...base, errorAsNull: true },
        { ...base, version: '1.0', group: 'SOFA' },
        { ...base, version: '2.0' },
        { ...base, group: 'OTHER' },
        { ...base, serverHost: '127.0.0.1:1' },
        { ...base, targetAppName: 'app' },
        { ...base, proxyName: 'echo' },
      ];
      return {
        same: table.map((options) => client.createConsumer(options) === first),
        keys: [...client.consumerMap.keys()],
        isOwnCache: client.consumerMap === client._consumerCache,
      };
    },
  },
  {
    id: 'client/format-key',
    title: 'formatKey: interface:version@group, then @serverHost and @targetAppName where set',
    run(w) {
      const client = w.client();
      return [
        { interfaceName: 'a.B', version: '1.0', group: 'SOFA' },
        { interfaceName: 'a.B', version: null, group: 'SOFA' },
        { interfaceName: 'a.B' },
        { interfaceName: 'a.B', version: '1.0', group: 'G', serverHost: '1.1.1.1:2,3.3.3.3' },
        { interfaceName: 'a.B', version: '1.0', group: 'G', targetAppName: 'app' },
        { interfaceName: 'a.B', version: '1.0', group: 'G', serverHost: 'h', targetAppName: 'app' },
        { interfaceName: 'a.B', version: '1.0', group: 'G', serverHost: '', targetAppName: '' },
      ].map((options) => client.formatKey(options));
    },
  },
  {
    id: 'client/format-key-overridden',
    title: "a subclass's formatKey decides what is cached",
    run(w) {
      /** @type {any} */
      const Client = class extends w.lib.client.RpcClient {
        /** @param {any} options */
        formatKey({ interfaceName }) {
          return `mine:${interfaceName}`;
        }
      };
      const client = new Client({ logger: w.logger, registry: w.registry([]) });
      w.after(() => client.close());
      const one = client.createConsumer({ interfaceName: ECHO, version: '1.0' });
      const two = client.createConsumer({ interfaceName: ECHO, version: '2.0' });
      return { same: one === two, keys: [...client.consumerMap.keys()] };
    },
  },
  {
    id: 'client/cache-off',
    title: 'cache: false makes a consumer of its own, which the client does not keep',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const options = { interfaceName: ECHO, serverHost: peer.host };
      const kept = client.createConsumer(options);
      const own = client.createConsumer({ ...options, cache: false });
      const answers = [await kept.invoke('echo', [1]), await own.invoke('echo', [2])];
      const size = client.consumerMap.size;
      own.close();
      return {
        same: kept === own,
        size,
        answers,
        afterwards: [client.consumerMap.size, client.createConsumer(options) === kept],
        connections: peer.connections.length,
      };
    },
  },
  {
    id: 'client/consumer-closed',
    title: 'a consumer that is closed leaves the cache, the next one is new; its connection stays',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const options = { interfaceName: ECHO, serverHost: peer.host };
      const first = client.createConsumer(options);
      await first.invoke('echo', [1]);
      first.close();
      const size = client.consumerMap.size;
      const second = client.createConsumer(options);
      return {
        size,
        same: first === second,
        answer: await second.invoke('echo', [2]),
      };
    },
  },
  {
    id: 'client/invoke',
    title: 'client.invoke({interfaceName, methodName, args, options}) calls by a consumer it keeps',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const call = { interfaceName: ECHO, serverHost: peer.host, methodName: 'echo' };
      return {
        answers: [
          await client.invoke({ ...call, args: ['one'] }),
          await client.invoke({ ...call, args: ['two'], options: { responseTimeout: 777 } }),
        ],
        frames: peer.frames,
        consumers: client.consumerMap.size,
      };
    },
  },
  {
    id: 'client/invoke-fails',
    title: 'client.invoke passes on what the consumer throws',
    async run(w) {
      const client = w.client();
      const port = await w.deadPort();
      return [
        await w.caught(client.invoke({ methodName: 'echo', args: [] })),
        await w.caught(
          client.invoke({
            interfaceName: ECHO,
            serverHost: `127.0.0.1:${port}`,
            methodName: 'echo',
            args: [],
          }),
        ),
      ];
    },
  },
  {
    id: 'client/consumer-class',
    title: 'consumerClass comes from the options, the setter or the argument of createConsumer',
    run(w) {
      const { RpcConsumer } = w.lib.client;
      const One = class One extends RpcConsumer {};
      const Two = class Two extends RpcConsumer {};
      const Three = class Three extends RpcConsumer {};
      const client = w.client({ consumerClass: One, registry: w.registry([]) });
      const names = [client.createConsumer({ interfaceName: 'a.A' }).constructor.name];
      client.consumerClass = Two;
      names.push(client.createConsumer({ interfaceName: 'a.B' }).constructor.name);
      names.push(client.createConsumer({ interfaceName: 'a.C' }, Three).constructor.name);
      names.push(client.createConsumer({ interfaceName: 'a.C' }).constructor.name);
      return { names, get: client.consumerClass === Two, option: client.options.consumerClass === Two };
    },
  },
  {
    id: 'client/consumer-options',
    title: 'a consumer class is given middlewares, connectionManager, cache and all options of the client',
    run(w) {
      /** @type {any} */
      let given;
      const Consumer = class extends w.lib.client.RpcConsumer {
        /** @param {any} options */
        constructor(options) {
          super(options);
          given = options;
        }
      };
      const client = w.client({ registry: w.registry([]), mine: 1 });
      client.createConsumer({ interfaceName: ECHO, own: 2 }, Consumer);
      return {
        manager: given.connectionManager === client.connectionManager,
        middlewares: given.middlewares,
        cache: given.cache,
        logger: given.logger === w.logger,
        values: [
          given.mine,
          given.own,
          given.interfaceName,
          given.group,
          given.version,
          given.responseTimeout,
        ],
      };
    },
  },
  {
    id: 'client/create-consumer-overridden',
    title: "a subclass's createConsumer, as egg-rpc-base has it, sets options before the library's own",
    async run(w) {
      const peer = await w.peer(w.echo);
      /** @type {any} */
      const Client = class extends w.lib.client.RpcClient {
        /** @param {any} options @param {any} consumerClass */
        createConsumer(options, consumerClass) {
          return super.createConsumer(
            { responseTimeout: 5000, serverHost: peer.host, app: 'the app', ...options },
            consumerClass,
          );
        }
      };
      const client = new Client({ logger: w.logger });
      w.after(() => client.close());
      const consumer = client.createConsumer({ interfaceName: ECHO, targetAppName: 'target' });
      return {
        answer: await consumer.invoke('echo', ['egg']),
        options: [consumer.options.app, consumer.options.responseTimeout, consumer.targetAppName],
        keys: [...client.consumerMap.keys()],
        frames: peer.frames,
      };
    },
  },
  {
    id: 'client/connection-class',
    title: 'a connectionClass of the client makes the connections, with address, logger and connectionOpts',
    async run(w) {
      const Connection = connectionWithoutNetwork(w.lib.client.RpcConnection);
      const client = w.client({ connectionClass: Connection, connectionOpts: { mine: 1, protocol: w.bolt } });
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: '10.1.1.1:12345' });
      const answer = await consumer.invoke('echo', []);
      const [connection] = Connection.made;
      return {
        answer,
        count: Connection.made.length,
        options: {
          mine: connection.options.mine,
          logger: connection.options.logger === w.logger,
          address: connection.options.address,
        },
      };
    },
  },
  {
    id: 'client/connection-class-of-a-consumer',
    title: "a consumer's own connectionClass goes before the client's",
    async run(w) {
      const Base = w.lib.client.RpcConnection;
      const ofClient = connectionWithoutNetwork(Base);
      const ofConsumer = connectionWithoutNetwork(Base);
      const client = w.client({ connectionClass: ofClient });
      const consumer = client.createConsumer({
        interfaceName: ECHO,
        serverHost: '10.1.1.1:12345',
        connectionClass: ofConsumer,
      });
      await consumer.invoke('echo', []);
      return [ofClient.made.length, ofConsumer.made.length];
    },
  },
  {
    id: 'client/connection-manager-class',
    title: "a connectionManagerClass is made with the client's options, and its errors are the client's",
    async run(w) {
      /** @type {any} */
      let given;
      const Manager = class Manager extends w.lib.client.RpcConnectionMgr {
        /** @param {any} options */
        constructor(options) {
          super(options);
          given = options;
        }
      };
      const client = w.client({ connectionManagerClass: Manager, mine: 'too' });
      const events = w.events(client, ['error']);
      client.connectionManager.emit('error', new Error('of the manager'));
      return {
        name: client.connectionManager.constructor.name,
        given: [given.mine, given.logger === w.logger, given.responseTimeout],
        events,
      };
    },
  },
  {
    id: 'client/shared-connection',
    title: 'the consumers of a client share one connection to an address',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      for (const name of ['a.A', 'a.B', 'a.C'])
        await client.createConsumer({ interfaceName: name, serverHost: peer.host }).invoke('echo', [name]);
      return {
        connections: peer.connections.length,
        requests: peer.requests.map(({ data }) => data.serverSignature),
      };
    },
  },
  {
    id: 'client/timeouts',
    title: "a call's timeout is its own, or the consumer's, or the client's; it is in the frame",
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client({ responseTimeout: 1111 });
      const plain = client.createConsumer({ interfaceName: 'a.A', serverHost: peer.host });
      const own = client.createConsumer({
        interfaceName: 'a.B',
        serverHost: peer.host,
        responseTimeout: 2222,
      });
      await plain.invoke('echo', []);
      await own.invoke('echo', []);
      await own.invoke('echo', [], { responseTimeout: 3333 });
      await own.invoke('echo', [], { responseTimeout: 0 });
      return peer.requests.map(({ options }) => options.timeout);
    },
  },
];
