import { EventEmitter } from 'node:events';
import { ECHO } from '../world/services.mjs';

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'client/exports',
    title: 'the module exports client, server, registry and test, with these classes and names',
    run(w) {
      const { client, server, registry, test } = w.lib;
      const classes = (/** @type {any} */ group) =>
        Object.keys(group)
          .filter((name) => !name.startsWith('GRpc'))
          .sort()
          .map((name) => [name, typeof group[name], group[name].name]);
      return {
        module: Object.keys(w.lib)
          .filter((name) => name !== 'default')
          .sort(),
        client: classes(client).filter(([name]) => name !== 'DynamicConfig'),
        server: classes(server),
        registry: classes(registry),
        test: [typeof test, typeof test.RpcServerTest],
      };
    },
  },
  {
    id: 'client/exports-esm',
    title: 'an ESM import gives the same four names, and the same as its default',
    async run(w) {
      const namespace = await w.importLib();
      const names = ['client', 'server', 'registry', 'test'];
      const client = new namespace.client.RpcClient({ logger: w.logger });
      w.after(() => client.close());
      const peer = await w.peer(w.echo);
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      return {
        types: names.map((name) => [name, typeof namespace[name]]),
        isDefaultToo: names.map((name) => namespace.default[name] === namespace[name]),
        answer: await consumer.invoke('echo', ['esm']),
      };
    },
  },
  {
    id: 'client/emitters',
    title:
      'every class is an EventEmitter with ready, await, awaitFirst and readyOrTimeout; a request is not',
    run(w) {
      const { client, server, registry } = w.lib;
      const of = (/** @type {any} */ { prototype }) => ({
        isEmitter: prototype instanceof EventEmitter,
        methods: ['ready', 'readyOrTimeout', 'close'].map((name) => typeof prototype[name]),
      });
      const instance = w.client();
      return {
        RpcClient: of(client.RpcClient),
        RpcConsumer: of(client.RpcConsumer),
        RpcConnection: of(client.RpcConnection),
        RpcConnectionMgr: of(client.RpcConnectionMgr),
        RpcServer: of(server.RpcServer),
        RpcService: of(server.RpcService),
        ZookeeperRegistry: of(registry.ZookeeperRegistry),
        RpcRequest: of(client.RpcRequest),
        instance: ['await', 'awaitFirst'].map((name) => typeof instance[name]),
      };
    },
  },
  {
    id: 'client/needs-a-logger',
    title: 'a client without a logger is refused',
    async run(w) {
      const { RpcClient } = w.lib.client;
      return [
        await w.caught(() => new RpcClient()),
        await w.caught(() => new RpcClient({})),
        await w.caught(() => new RpcClient({ logger: null })),
      ];
    },
  },
  {
    id: 'client/defaults',
    title: 'the default options of a client, all readable as client.options',
    run(w) {
      const { options, consumerClass, consumerMap, isReady } = w.client();
      const { RpcConsumer, RpcConnection, RpcConnectionMgr } = w.lib.client;
      return {
        group: options.group,
        version: options.version,
        responseTimeout: options.responseTimeout,
        hasClasses: [
          options.consumerClass === RpcConsumer,
          options.connectionClass === RpcConnection,
          options.connectionManagerClass === RpcConnectionMgr,
          consumerClass === RpcConsumer,
        ],
        noDelay: options.connectionOpts.noDelay,
        connectTimeout: options.connectionOpts.connectTimeout,
        protocol: ['encoder', 'decoder', 'setOptions'].map(
          (name) => typeof options.connectionOpts.protocol[name],
        ),
        isReady,
        consumers: [consumerMap instanceof Map, consumerMap.size],
        logger: options.logger === w.logger,
      };
    },
  },
  {
    id: 'client/dynamic-config',
    title: 'DynamicConfig.instance: its defaults, one object for all, which can be changed and replaced',
    run(w) {
      const { DynamicConfig } = w.lib.client;
      const before = DynamicConfig.instance;
      const again = DynamicConfig.instance;
      const { circuitBreaker, faultTolerance, connectionPoolConfig } = w.plain(before);
      w.after(() => {
        DynamicConfig.instance = before;
      });
      DynamicConfig.instance = { ...before, mine: 1 };
      return {
        circuitBreaker,
        faultTolerance,
        connectionPoolConfig,
        same: before === again,
        replaced: DynamicConfig.instance.mine,
      };
    },
  },
  {
    id: 'client/ready',
    title: 'a client is ready at once, by promise, callback, readyOrTimeout and await',
    async run(w) {
      const client = w.client();
      /** @type {unknown[]} */
      const seen = [];
      client.ready((/** @type {unknown} */ error) => seen.push(['callback', error]));
      seen.push(['after the call', client.isReady]);
      seen.push(['promise', await client.ready()]);
      seen.push(['readyOrTimeout', await client.readyOrTimeout(100)]);
      const waiting = client.await('custom');
      client.emit('custom', 1, 2);
      seen.push(['await', await waiting]);
      const first = client.awaitFirst(['a', 'b']);
      client.emit('b', 'x', 'y');
      seen.push(['awaitFirst', await first]);
      await w.sleep(1);
      return { seen, listeners: ['custom', 'a', 'b'].map((name) => client.listenerCount(name)) };
    },
  },
  {
    id: 'client/own-options',
    title: 'options of a client go to its consumers; a consumer has the last word',
    run(w) {
      const client = w.client({
        group: 'G1',
        version: '2.0',
        responseTimeout: 1234,
        errorAsNull: true,
        registry: w.registry([]),
        loadbalancerClass: 'random',
        custom: 'mine',
      });
      const of = (/** @type {any} */ { options }) => [
        options.group,
        options.version,
        options.responseTimeout,
        options.errorAsNull,
        options.loadbalancerClass,
        options.custom,
        options.interfaceName,
      ];
      return [
        of(client.createConsumer({ interfaceName: 'a.B' })),
        of(
          client.createConsumer({
            interfaceName: 'a.C',
            group: 'G2',
            version: '3.0',
            responseTimeout: 5,
            errorAsNull: false,
            loadbalancerClass: 'roundRobin',
          }),
        ),
      ];
    },
  },
  {
    id: 'client/protocol-option',
    title: 'options.protocol is what connections use',
    async run(w) {
      const { setOptions, ...names } = w.bolt;
      const client = w.client({ protocol: w.bolt, connectionOpts: { noDelay: false, connectTimeout: 500 } });
      const peer = await w.peer(w.echo);
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      return {
        isTaken: client.options.connectionOpts.protocol === w.bolt,
        types: [typeof setOptions, typeof names.encoder],
        noDelay: client.options.connectionOpts.noDelay,
        answer: await consumer.invoke('echo', [1]),
      };
    },
  },
  {
    id: 'client/error-without-listener',
    title: "an 'error' nobody listens to goes to the console, and throws nothing",
    run(w) {
      const client = w.client();
      const error = Object.assign(new Error('nobody'), { code: 'E_NOBODY' });
      client.emit('error', error);
      const before = w.console.length;
      const said = w.console.map(([level, text]) => `${level}: ${text}`).join('\n');
      const events = w.events(client, ['error']);
      client.emit('error', error);
      return {
        isSaid: ['error: ', 'RpcClient', 'Error: nobody', 'E_NOBODY'].map((part) => said.includes(part)),
        events,
        afterwards: w.console.length - before,
      };
    },
  },
  {
    id: 'client/close',
    title: 'close() closes consumers and connections, empties the map, and may be called again',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const one = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const two = client.createConsumer({ interfaceName: 'com.test.Other', serverHost: peer.host });
      await one.invoke('echo', [1]);
      await two.invoke('echo', [2]);
      const events = [...[one, two].entries()].map(([index, consumer]) => {
        /** @type {unknown[]} */
        const seen = [];
        consumer.on('close', () => seen.push(index));
        return seen;
      });
      const before = [client.consumerMap.size, peer.connections.length, peer.open];
      const closing = client.close();
      const during = client.consumerMap.size;
      await closing;
      await w.until(() => peer.open === 0);
      await client.close();
      return { isPromise: closing instanceof Promise, before, during, events };
    },
  },
  {
    id: 'client/close-waits',
    title: 'close() waits for calls in flight',
    async run(w) {
      const peer = await w.peer(async (request) => {
        await w.sleep(120);
        return w.echo(request);
      });
      const client = w.client();
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      await consumer.ready();
      /** @type {unknown[]} */
      const order = [];
      const call = consumer
        .invoke('echo', ['late'])
        .then((/** @type {unknown} */ value) => order.push(value));
      await w.until(() => peer.requests.length === 1);
      await client.close();
      order.push('closed');
      await call;
      await w.until(() => peer.open === 0);
      return order;
    },
  },
  {
    id: 'client/after-close',
    title: 'a consumer of a closed client finds no provider',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      await consumer.invoke('echo', [1]);
      await client.close();
      return w.caught(consumer.invoke('echo', [2]));
    },
  },
  {
    id: 'client/two-clients',
    title: 'two clients share no connection and no consumer',
    async run(w) {
      const peer = await w.peer(w.echo);
      const clients = [w.client(), w.client()];
      const consumers = clients.map((client) =>
        client.createConsumer({ interfaceName: ECHO, serverHost: peer.host }),
      );
      for (const consumer of consumers) await consumer.invoke('echo', [1]);
      const connections = peer.connections.length;
      await clients[0].close();
      await w.until(() => peer.open === 1);
      return {
        same: consumers[0] === consumers[1],
        connections,
        other: await consumers[1].invoke('echo', [2]),
      };
    },
  },
];
