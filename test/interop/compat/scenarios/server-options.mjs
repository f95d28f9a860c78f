// @ts-nocheck The libraries that are compared have no types.
// RpcServer: what it is made of, its address, its services.

const fakeConnection = (w) => class FakeConnection extends w.lib.server.RpcConnection {};

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'server/requires-logger',
    title: 'without a logger there is no server, and the message says so',
    run: (w) => w.caught(() => new w.lib.server.RpcServer({ port: 12200 })),
  },
  {
    id: 'server/exports',
    title: 'the server module has RpcServer, RpcService, RpcResponse and RpcConnection',
    run(w) {
      const { RpcServer, RpcService, RpcResponse, RpcConnection } = w.lib.server;
      return [RpcServer, RpcService, RpcResponse, RpcConnection].map(({ name }) => name);
    },
  },
  {
    id: 'server/default-options',
    title: 'defaults of an RpcServer',
    run(w) {
      const server = new w.lib.server.RpcServer({ logger: w.logger });
      const { options } = server;
      const names = ['port', 'group', 'version', 'idleTime', 'killTimeout', 'maxIdleTime', 'responseTimeout'];
      return {
        options: Object.fromEntries(names.map((name) => [name, options[name]])),
        codecType: options.codecType,
        classes: ['serviceClass', 'responseClass', 'connectionClass'].map((name) => [
          options[name].name,
          server[name] === options[name],
          server[name] === w.lib.server[options[name].name],
        ]),
        classCacheClass: options.classCacheClass === Map,
        protocol: ['encoder', 'decoder'].map((name) => typeof server.protocol[name]),
        logger: server.logger === w.logger,
        registry: server.registry,
        publishPort: server.publishPort,
        listenPorts: server.listenPorts,
        services: server.services,
        isReady: server.isReady,
        classMap: server.classMap,
        proto: server.proto,
        emitter: typeof server.on,
      };
    },
  },
  {
    id: 'server/options-are-kept',
    title: 'options are kept as given, those that are not known too, and the given object is left alone',
    run(w) {
      const given = {
        logger: w.logger,
        port: 12345,
        group: 'G',
        version: '9',
        appName: 'app',
        other: { a: 1 },
      };
      const server = new w.lib.server.RpcServer(given);
      const { port, group, version, appName, other } = server.options;
      return {
        options: { port, group, version, appName, other },
        keys: Object.keys(given),
        own: server.options === given,
      };
    },
  },
  {
    id: 'server/params',
    title: 'params are what a provider tells of itself',
    run(w) {
      const server = new w.lib.server.RpcServer({
        logger: w.logger,
        appName: 'shop',
        responseTimeout: 5000,
        codecType: 'protobuf',
      });
      const { pid, ...params } = server.params;
      return { params, keys: Object.keys(server.params), pid: pid === process.pid };
    },
  },
  {
    id: 'server/params-defaults',
    title: 'params without an application name',
    run: (w) => ({ ...new w.lib.server.RpcServer({ logger: w.logger }).params, pid: 0 }),
  },
  {
    id: 'server/url',
    title: 'url has the published address and port and the params, in order',
    run(w) {
      const make = (options) => new w.lib.server.RpcServer({ logger: w.logger, ...options }).url;
      return [
        make({ publishAddress: '10.1.2.3' }),
        make({ publishAddress: '10.1.2.3', port: 8080, appName: 'an app/with signs & more' }),
        make({ publishAddress: 'host.example', responseTimeout: 0 }),
      ];
    },
  },
  {
    id: 'server/publish-address',
    title: 'an address to publish, and one by default',
    run(w) {
      const { RpcServer } = w.lib.server;
      const own = new RpcServer({ logger: w.logger }).publishAddress;
      return [
        new RpcServer({ logger: w.logger, publishAddress: '1.2.3.4' }).publishAddress,
        typeof own,
        /^\d+\.\d+\.\d+\.\d+$/.test(own),
      ];
    },
  },
  {
    id: 'server/url-of-named-protocol',
    title: 'a protocol with a name gives the scheme of the url and its param',
    run(w) {
      const protocol = { ...w.bolt, name: 'bolt9' };
      const server = new w.lib.server.RpcServer({ logger: w.logger, publishAddress: '1.2.3.4', protocol });
      return [server.url, server.params.protocol];
    },
  },
  {
    id: 'server/params-can-be-overridden',
    title: 'a subclass adds params, and url has them',
    run(w) {
      class Zoned extends w.lib.server.RpcServer {
        get params() {
          return { ...super.params, zone: 'z1', weight: 50 };
        }
      }
      return new Zoned({ logger: w.logger, publishAddress: '1.2.3.4' }).url;
    },
  },
  {
    id: 'server/port-zero',
    title: 'port 0: publishPort, listenPorts and url have the real port once it has started',
    async run(w) {
      const server = new w.lib.server.RpcServer({ logger: w.logger, port: 0, publishAddress: '1.2.3.4' });
      const before = [server.publishPort, server.listenPorts, server.url];
      await server.start();
      w.after(() => server.close());
      const { publishPort } = server;
      return {
        before,
        changed: publishPort > 0,
        listenPorts: server.listenPorts[0] === publishPort,
        url: server.url.startsWith(`bolt://1.2.3.4:${publishPort}?`),
        option: server.options.port,
      };
    },
  },
  {
    id: 'server/add-service-forms',
    title: 'a service is added by its name, or with version, group, unique id and application',
    run(w) {
      const server = new w.lib.server.RpcServer({ logger: w.logger, version: '2.0', group: 'G' });
      const returned = [
        server.addService('com.test.ByName', {}),
        server.addService({ interfaceName: 'com.test.Object' }, {}),
        server.addService({ interfaceName: 'com.test.Full', version: '3.0', group: 'X', appName: 'a' }, {}),
        server.addService({ interfaceName: 'com.test.Full', version: '3.0', uniqueId: 'blue' }, {}),
        server.addService({ interfaceName: 'com.test.NoVersion', version: undefined }, {}),
        server.addService({ interfaceName: 'com.test.Empty', uniqueId: '' }, {}),
      ];
      const services = Array.from(server.services, ([id, service]) => [
        id,
        service.id,
        service.interfaceName,
        service.version,
        service.group,
        service.uniqueId,
        service.appName,
        service.constructor.name,
      ]);
      return { returned, services, logs: w.logs };
    },
  },
  {
    id: 'server/add-service-needs-a-name',
    title: 'a service without an interface is refused',
    async run(w) {
      const server = new w.lib.server.RpcServer({ logger: w.logger });
      return [
        await w.caught(() => server.addService({ version: '1.0' }, {})),
        await w.caught(() => server.addService('', {})),
        server.services.size,
      ];
    },
  },
  {
    id: 'server/add-service-twice',
    title: 'a service that is added again takes the place of the first, with a warning',
    async run(w) {
      const server = await w.server({}, [
        ['com.test.Twice', { name: async () => 'first' }],
        ['com.test.Twice', { name: async () => 'second' }],
        [{ interfaceName: 'com.test.Twice', version: '2.0' }, { name: async () => 'other version' }],
      ]);
      const ask = (version) =>
        w
          .client()
          .createConsumer({ interfaceName: 'com.test.Twice', version, serverHost: w.hostOf(server) })
          .invoke('name', []);
      return {
        answers: [await ask('1.0'), await ask('2.0')],
        warnings: w.logs.filter(([level]) => level === 'warn'),
        size: server.services.size,
      };
    },
  },
  {
    id: 'server/add-service-while-running',
    title: 'a service can be added after the start',
    async run(w) {
      const server = await w.server();
      const consumer = w
        .client()
        .createConsumer({ interfaceName: 'com.test.Late', serverHost: w.hostOf(server) });
      server.on('error', () => {});
      const before = await w.caught(consumer.invoke('hi', []));
      server.addService('com.test.Late', { hi: async () => 'here' });
      return [before, await consumer.invoke('hi', [])];
    },
  },
  {
    id: 'server/service-errors-are-its-own',
    title: 'an error of a service is emitted by the server',
    async run(w) {
      const server = new w.lib.server.RpcServer({ logger: w.logger });
      server.addService('com.test.Wrong', {});
      const events = w.events(server, ['error']);
      server.services.get('com.test.Wrong:1.0').emit('error', new Error('of the service'));
      return events;
    },
  },
  {
    id: 'server/service-class',
    title: 'serviceClass makes the services, and is given what the server knows',
    async run(w) {
      const seen = [];
      const invoked = [];
      const registry = { name: 'registry' };
      const delegate = { hi: async () => 'hi' };
      class Counted extends w.lib.server.RpcService {
        constructor(options) {
          super(options);
          seen.push(Object.keys(options).sort());
          seen.push([
            options.registry === registry,
            options.logger === w.logger,
            options.delegate === delegate,
          ]);
        }
        async invoke(ctx, req, res) {
          await super.invoke(ctx, req, res);
          invoked.push([req.data.methodName, res.meta.resultCode]);
        }
      }
      const info = { interfaceName: 'com.test.Counted', version: '7', custom: true };
      const server = await w.server({ serviceClass: Counted, registry }, [[info, delegate]]);
      const consumer = w.client().createConsumer({
        interfaceName: 'com.test.Counted',
        version: '7',
        serverHost: w.hostOf(server),
      });
      const answer = await consumer.invoke('hi', []);
      await w.until(() => invoked.length > 0);
      return { seen, invoked, answer };
    },
  },
  {
    id: 'server/connection-class',
    title: 'connectionClass makes the connections, and is given socket, logger and what they need',
    async run(w) {
      const seen = [];
      const classMap = {};
      class Watched extends fakeConnection(w) {
        constructor(options) {
          super(options);
          seen.push([
            typeof options.socket.write,
            options.logger === w.logger,
            options.classMap === classMap,
            options.maxIdleTime,
            options.classCache instanceof Map,
          ]);
        }
      }
      const server = await w.server(
        { connectionClass: Watched, classMap, maxIdleTime: 5000 },
        { 'com.test.Watched': { hi: async () => 'hi' } },
      );
      const connected = new Promise((resolve) => server.once('connection', resolve));
      const consumer = w
        .client()
        .createConsumer({ interfaceName: 'com.test.Watched', serverHost: w.hostOf(server) });
      const answer = await consumer.invoke('hi', []);
      return { seen, answer, isOfClass: (await connected) instanceof Watched };
    },
  },
  {
    id: 'server/response-class',
    title: 'responseClass makes the responses, and may change what is sent',
    async run(w) {
      class Shouting extends w.lib.server.RpcResponse {
        send(res) {
          if (typeof res.appResponse === 'string') res.appResponse += '!';
          return super.send(res);
        }
      }
      const server = await w.server(
        { responseClass: Shouting },
        { 'com.test.Loud': { hi: async () => 'hi' } },
      );
      const consumer = w
        .client()
        .createConsumer({ interfaceName: 'com.test.Loud', serverHost: w.hostOf(server) });
      return consumer.invoke('hi', []);
    },
  },
  {
    id: 'server/class-cache-options',
    title: 'with and without caches of classes the same objects are read, once and again',
    async run(w) {
      const answers = [];
      for (const options of [
        {},
        { classCacheClass: null },
        { disableDecodeCache: true },
        { classCacheClass: class extends Map {} },
      ]) {
        const server = await w.server(options, {
          'com.test.Cache': { echo: async (value) => JSON.stringify(value) },
        });
        const consumer = w
          .client({ connectionOpts: {} })
          .createConsumer({ interfaceName: 'com.test.Cache', serverHost: w.hostOf(server) });
        const pair = (a) => ({ $class: 'com.test.CachedPair', $: { a, b: [a] } });
        answers.push([await consumer.invoke('echo', [pair(1)]), await consumer.invoke('echo', [pair('x')])]);
      }
      return answers;
    },
  },
  {
    id: 'server/parse-request-props-with-header',
    title: 'parseRequestPropsWithHeader is taken, and changes nothing for hessian',
    async run(w) {
      const server = await w.server(
        { parseRequestPropsWithHeader: true },
        { 'com.test.Props': { hi: async () => 'hi' } },
      );
      const props = new Promise((resolve) =>
        server.once('request', ({ req }) => resolve(req.data.requestProps)),
      );
      const consumer = w
        .client()
        .createConsumer({ interfaceName: 'com.test.Props', serverHost: w.hostOf(server) });
      const answer = await consumer.invoke('hi', [], { requestProps: { a: '1', b: { c: 'd' } } });
      return [answer, await props];
    },
  },
];
