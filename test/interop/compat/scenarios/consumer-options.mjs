import { ECHO } from '../world/services.mjs';

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'consumer/required-options',
    title: 'what a consumer must be given is asked for in this order and these words',
    async run(w) {
      const { RpcConsumer, RpcConnectionMgr } = w.lib.client;
      const connectionManager = new RpcConnectionMgr({ logger: w.logger });
      const table = [
        undefined,
        {},
        { interfaceName: ECHO },
        { interfaceName: ECHO, logger: w.logger },
        { interfaceName: ECHO, logger: w.logger, allowMock: true },
        { interfaceName: ECHO, logger: w.logger, serverHost: '127.0.0.1' },
        { interfaceName: ECHO, logger: w.logger, registry: w.registry([]) },
        { interfaceName: ECHO, logger: w.logger, connectionManager },
      ];
      const failures = [];
      for (const options of table) failures.push(await w.caught(() => new RpcConsumer(options)));
      return failures;
    },
  },
  {
    id: 'consumer/defaults',
    title: 'the defaults of a consumer: SOFA, 1.0, 3000 ms, roundRobin; its getters',
    run(w) {
      const { RpcConsumer, RpcConnectionMgr } = w.lib.client;
      const registry = w.registry([]);
      const consumer = new RpcConsumer({
        interfaceName: ECHO,
        logger: w.logger,
        registry,
        connectionManager: new RpcConnectionMgr({ logger: w.logger }),
      });
      w.after(() => consumer.close());
      return {
        id: consumer.id,
        interfaceName: consumer.interfaceName,
        version: consumer.version,
        group: consumer.group,
        targetAppName: consumer.targetAppName,
        logger: consumer.logger === w.logger,
        registry: consumer.registry === registry,
        responseTimeout: consumer.options.responseTimeout,
        loadbalancerClass: consumer.options.loadbalancerClass,
        isReady: consumer.isReady,
        registryConfig: consumer.registryConfig,
      };
    },
  },
  {
    id: 'consumer/identity',
    title:
      'id is interface:version, or the interface alone where the version is null or empty; so in the frame',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const rows = [];
      for (const version of ['1.0', '2.1.3', null, '', undefined]) {
        const consumer = client.createConsumer({
          interfaceName: ECHO,
          serverHost: peer.host,
          version,
          cache: false,
        });
        await consumer.invoke('echo', []);
        rows.push([consumer.id, consumer.version, peer.requests.at(-1)?.data.serverSignature]);
        consumer.close();
      }
      return rows;
    },
  },
  {
    id: 'consumer/group',
    title: 'the group is in the request object and in messages, not in the frame',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const frames = [];
      for (const group of ['SOFA', 'OTHER']) {
        const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host, group });
        const events = w.events(consumer, ['request']);
        await consumer.invoke('echo', ['x']);
        frames.push([/** @type {any} */ (events[0][1]).group, peer.frames.at(-1)]);
      }
      const lost = client.createConsumer({ interfaceName: ECHO, registry: w.registry([]), group: 'THIRD' });
      return { frames, message: await w.caught(lost.invoke('echo', [])) };
    },
  },
  {
    id: 'consumer/registry-config',
    title: 'what a consumer subscribes with, and unsubscribes with when it is closed',
    async run(w) {
      const registry = w.registry([]);
      const client = w.client({ registry });
      const consumers = [
        client.createConsumer({ interfaceName: ECHO }),
        client.createConsumer({
          interfaceName: 'a.B',
          version: '2.0',
          group: 'G',
          targetAppName: 'app',
          responseTimeout: 50,
          protocol: 'x',
        }),
        client.createConsumer({ interfaceName: 'a.C', version: null }),
      ];
      for (const consumer of consumers) await consumer.ready();
      for (const consumer of consumers) consumer.close();
      return { subscribed: registry.subscribed, unsubscribed: registry.unsubscribed };
    },
  },
  {
    id: 'consumer/server-host-before-registry',
    title: 'with a serverHost the registry is not asked',
    async run(w) {
      const peer = await w.peer(w.echo);
      const registry = w.registry(['bolt://127.0.0.1:1']);
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const answer = await consumer.invoke('echo', ['direct']);
      consumer.close();
      return { answer, subscribed: registry.subscribed, unsubscribed: registry.unsubscribed };
    },
  },
  {
    id: 'consumer/parse-url',
    title: 'parseUrl: scheme bolt and port 12200 where there is none, query as an object; only strings',
    async run(w) {
      const consumer = w.client().createConsumer({ interfaceName: ECHO, allowMock: true });
      const urls = [
        '127.0.0.1',
        '127.0.0.1:12201',
        'example.com',
        'bolt://127.0.0.1',
        'bolt://127.0.0.1:12201?serialization=protobuf&weight=5',
        'tr://127.0.0.1:80/path?a=1&a=2#h',
        '127.0.0.1?p=1',
        'bolt://[::1]:12200',
        '',
      ];
      const failures = [];
      for (const url of [undefined, null, 1, {}]) failures.push(await w.caught(() => consumer.parseUrl(url)));
      return { addresses: urls.map((url) => [url, consumer.parseUrl(url)]), failures };
    },
  },
  {
    id: 'consumer/proxy-name',
    title: 'options that only others know, such as proxyName of egg-rpc-base, stay readable',
    run(w) {
      const client = w.client({ registry: w.registry([]) });
      client.createConsumer({ interfaceName: ECHO, proxyName: 'EchoProxy', anything: [1] });
      return [...client._consumerCache.values()].map(({ options }) => [options.proxyName, options.anything]);
    },
  },
  {
    id: 'consumer/connection-opts-without-protocol',
    title: "connectionOpts of a consumer's own, or none at all, need not name the protocol",
    async run(w) {
      const peer = await w.peer(w.echo);
      const { RpcConsumer, RpcConnectionMgr } = w.lib.client;
      const client = w.client({ connectionOpts: { noDelay: false } });
      const rows = [];
      for (const connectionOpts of [{ connectTimeout: 1_000 }, {}, undefined, null]) {
        const consumer = client.createConsumer({
          interfaceName: ECHO,
          serverHost: peer.host,
          cache: false,
          connectionOpts,
        });
        rows.push(await w.caught(consumer.invoke('echo', [`${JSON.stringify(connectionOpts)}`])));
      }
      const connectionManager = new RpcConnectionMgr({ logger: w.logger });
      const alone = new RpcConsumer({
        interfaceName: ECHO,
        serverHost: peer.host,
        logger: w.logger,
        connectionManager,
      });
      rows.push(await w.caught(alone.invoke('echo', ['alone'])));
      alone.close();
      await connectionManager.close();
      return rows;
    },
  },
  {
    id: 'consumer/unique-id',
    title: 'a consumer with a uniqueId calls the service of that uniqueId',
    differs: 'unique-id',
    why: "the old consumer had no uniqueId: it called interface:version, and a server's uniqueId could not be reached",
    expectNew(now, before) {
      if (before[0] !== 'com.test.Echo:1.0') throw new Error(`old: ${before[0]}`);
      if (now[0] !== 'com.test.Echo:1.0:blue') throw new Error(`new: ${now[0]}`);
    },
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w
        .client()
        .createConsumer({ interfaceName: ECHO, uniqueId: 'blue', serverHost: peer.host });
      return [
        await consumer.invoke('echo', ['x']).then(() => peer.requests[0].data.serverSignature),
        consumer.options.uniqueId,
      ];
    },
  },
];
