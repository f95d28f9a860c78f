// @ts-nocheck The libraries that are compared have no types.
// RpcServer from start to close, and what it publishes.
import { once } from 'node:events';
import net, { connect, createServer } from 'node:net';

/** A registry that keeps what it was asked, and tells subscribers what was registered. */
function recordingRegistry(w, { delayMs = 0, failing } = {}) {
  const calls = [];
  const listeners = new Set();
  const urls = [];
  return {
    calls,
    async ready() {},
    async register(reg) {
      calls.push(['register', w.plain(reg)]);
      if (failing) throw new Error(failing);
      setTimeout(() => {
        urls.push(reg.url);
        for (const listener of listeners) listener(urls.slice());
      }, delayMs);
    },
    async unRegister(reg) {
      calls.push(['unRegister', w.plain(reg)]);
    },
    subscribe(reg, listener) {
      calls.push(['subscribe', reg.interfaceName, typeof listener]);
      listeners.add(listener);
      if (urls.length > 0) listener(urls.slice());
    },
    unSubscribe(reg, listener) {
      calls.push(['unSubscribe', reg.interfaceName, listeners.delete(listener)]);
    },
  };
}

/** Whether something listens on this port. */
async function isListening(port) {
  const socket = connect(port, '127.0.0.1');
  const [isOpen] = await Promise.race([
    once(socket, 'connect').then(() => [true]),
    once(socket, 'error').then(
      () => [false],
      () => [false],
    ),
  ]).catch(() => [false]);
  socket.destroy();
  return isOpen;
}

const published = (w, options, registry) =>
  new w.lib.server.RpcServer({
    logger: w.logger,
    publishAddress: '10.0.0.1',
    port: 12200,
    registry,
    ...options,
  });

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'server/start',
    title: 'start resolves when the port is open: ready, one listening event, a line in the log',
    async run(w) {
      const port = await w.port();
      const server = new w.lib.server.RpcServer({ logger: w.logger, port });
      const events = w.events(server, ['listening', 'connection', 'close', 'error']);
      const before = server.isReady;
      const result = await server.start();
      w.after(() => server.close());
      return {
        before,
        result,
        after: server.isReady,
        events: events.slice(),
        port: server.publishPort === port,
        isListening: await isListening(port),
        logs: w.logs.filter(([, text]) => text.includes('start')),
      };
    },
  },
  {
    id: 'server/start-twice',
    title: 'start twice is start once',
    async run(w) {
      const server = new w.lib.server.RpcServer({ logger: w.logger, port: await w.port() });
      const events = w.events(server, ['listening']);
      await Promise.all([server.start(), server.start()]);
      await server.start();
      w.after(() => server.close());
      return { events, starts: w.logs.filter(([, text]) => text.includes('server start')) };
    },
  },
  {
    id: 'server/ready',
    title: 'ready, as a promise and as a callback, waits for the start',
    async run(w) {
      const server = new w.lib.server.RpcServer({ logger: w.logger, port: await w.port() });
      const order = [];
      server.once('listening', () => order.push('listening'));
      server.ready((error) => order.push(['callback', error === undefined || error === null]));
      const promise = server.ready().then(() => order.push('promise'));
      await w.sleep(20);
      order.push('start');
      await server.start();
      await promise;
      w.after(() => server.close());
      return order;
    },
  },
  {
    id: 'server/await-listening',
    title: 'await and awaitFirst wait for events of the server',
    async run(w) {
      const server = new w.lib.server.RpcServer({ logger: w.logger, port: await w.port() });
      const listening = server.await('listening');
      const first = server.awaitFirst(['listening', 'error']);
      await server.start();
      w.after(() => server.close());
      return [await listening, await first];
    },
  },
  {
    id: 'server/port-is-taken',
    title: 'a port that is taken: start and ready reject, and error is emitted',
    async run(w) {
      const port = await w.port();
      const other = createServer();
      await once(other.listen(port, '127.0.0.1'), 'listening');
      w.after(() => other.close());
      const server = new w.lib.server.RpcServer({ logger: w.logger, port });
      const events = w.events(server, ['error', 'listening']);
      const started = await w.caught(server.start());
      const again = await w.caught(server.ready());
      const fields = ({ name, message, code }) => ({ name, message, code });
      return {
        started: fields(started),
        again: fields(again),
        events: events.map(([name, error]) => [name, fields(error)]),
        isReady: server.isReady,
      };
    },
  },
  {
    id: 'server/several-ports',
    title: 'a subclass that names several ports listens on all of them',
    async run(w) {
      const ports = [await w.port(), await w.port()];
      class Several extends w.lib.server.RpcServer {
        get listenPorts() {
          return ports;
        }
      }
      const server = new Several({ logger: w.logger, port: ports[0] });
      const events = w.events(server, ['listening']);
      server.addService('com.test.Several', { hi: async () => 'hi' });
      await server.start();
      w.after(() => server.close());
      const answers = [];
      for (const port of ports)
        answers.push(
          await w
            .client()
            .createConsumer({ interfaceName: 'com.test.Several', serverHost: `127.0.0.1:${port}` })
            .invoke('hi', []),
        );
      const connections = await new Promise((resolve) =>
        server.getConnections((error, count) => resolve([error, count])),
      );
      await server.close();
      const open = await Promise.all(ports.map(isListening));
      return { events, answers, connections, publishPort: server.publishPort === ports[0], open };
    },
  },
  {
    id: 'server/close',
    title: 'close: the port is closed, connections too, close is emitted, the test client is closed',
    async run(w) {
      const server = await w.server({}, { 'com.test.Close': { hi: async () => 'hi' } });
      const events = w.events(server, ['close']);
      const connection = new Promise((resolve) => server.once('connection', resolve));
      const client = await w.rawClient(server);
      const own = await connection;
      const ownEvents = w.events(own, ['close']);
      const result = await server.close();
      await client.closed;
      const counted = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
      return {
        result,
        events,
        ownEvents,
        isClosed: own.isClosed,
        counted,
        isListening: await isListening(server.publishPort),
      };
    },
  },
  {
    id: 'server/close-twice',
    title: 'close of a server that has not started, and close again',
    async run(w) {
      const idle = new w.lib.server.RpcServer({ logger: w.logger });
      const events = w.events(idle, ['close']);
      const first = await w.caught(idle.close());
      const running = await w.server();
      await running.close();
      return { first, events, again: await w.caught(running.close()) };
    },
  },
  {
    id: 'server/close-ends-calls',
    title: 'close does not wait for a method that runs: its caller sees a closed socket',
    async run(w) {
      const started = {};
      started.promise = new Promise((resolve) => {
        started.resolve = resolve;
      });
      const server = await w.server(
        {},
        {
          'com.test.Slow': {
            async slow() {
              started.resolve();
              await w.sleep(150);
              return 'late';
            },
          },
        },
      );
      const consumer = w
        .client()
        .createConsumer({ interfaceName: 'com.test.Slow', serverHost: w.hostOf(server) });
      const call = w.caught(consumer.invoke('slow', []));
      await started.promise;
      await server.close();
      const result = await call;
      await w.sleep(170);
      return { name: result.name, message: result.message, resultCode: result.resultCode };
    },
  },
  {
    id: 'server/get-connections',
    title: 'getConnections counts, as net.Server does, and needs no callback',
    async run(w) {
      const server = await w.server();
      const count = () =>
        new Promise((resolve) => server.getConnections((error, number) => resolve([error, number])));
      const counts = [await count()];
      const clients = [await w.rawClient(server), await w.rawClient(server)];
      await w.until(async () => (await count())[1] === 2);
      counts.push(await count());
      clients[0].destroy();
      await w.until(async () => (await count())[1] === 1);
      counts.push(await count());
      return { counts, without: server.getConnections() };
    },
  },
  {
    id: 'server/publish',
    title: 'publish registers each service with its url, and waits until the registry tells of it',
    async run(w) {
      const registry = recordingRegistry(w, { delayMs: 30 });
      const server = published(w, { appName: 'shop', version: '1.2', group: 'G' }, registry);
      server.addService('com.test.First', {});
      server.addService({ interfaceName: 'com.test.Second', version: '9', group: 'H' }, {});
      const result = await server.publish();
      const urls = Array.from(server.services.values(), (service) => w.plain(service.publishUrl));
      return { result, calls: registry.calls, urls };
    },
  },
  {
    id: 'server/publish-unique-id',
    title: 'the registry is told the uniqueId of a service',
    differs: 'unique-id',
    why: 'the predecessor told no uniqueId, so that nobody could tell the providers of one from those of another',
    async run(w) {
      const registry = recordingRegistry(w, { delayMs: 5 });
      const server = published(w, {}, registry);
      server.addService({ interfaceName: 'com.test.Unique', uniqueId: 'blue' }, {});
      await server.publish();
      return Array.from(server.services.values(), ({ publishUrl }) =>
        new URL(publishUrl).searchParams.get('uniqueId'),
      );
    },
    expectNew(now) {
      if (JSON.stringify(now) !== '["blue"]') throw new Error(JSON.stringify(now));
    },
  },
  {
    id: 'server/unpublish',
    title: 'unPublish takes back what was published, and close does so first',
    async run(w) {
      const registry = recordingRegistry(w);
      const server = published(w, {}, registry);
      server.addService('com.test.Back', {});
      const before = await server.unPublish();
      await server.publish();
      registry.calls.length = 0;
      const taken = await server.unPublish();
      const first = registry.calls.splice(0);
      await server.close();
      return { before, taken, first, atClose: registry.calls };
    },
  },
  {
    id: 'server/publish-without-registry',
    title: 'without a registry publish and unPublish do nothing',
    async run(w) {
      const server = published(w, {}, undefined);
      server.addService('com.test.Nowhere', {});
      server.addService('com.test.Nowhere2', {});
      return [await server.publish(), await server.unPublish()];
    },
  },
  {
    id: 'server/publish-fails',
    title: 'a registry that refuses makes publish fail',
    async run(w) {
      const server = published(w, {}, recordingRegistry(w, { failing: 'not today' }));
      server.addService('com.test.Refused', {});
      return w.caught(server.publish());
    },
  },
  {
    id: 'server/publish-custom-meta',
    title: 'customMeta goes into the url and the registration; interface, version and group stay',
    async run(w) {
      const registry = recordingRegistry(w);
      const server = published(w, {}, registry);
      const add = (name, customMeta) => server.addService({ interfaceName: name, customMeta }, {});
      add('com.test.Meta', {
        zone: 'z 1',
        room: 200,
        group: 'X',
        version: 'X',
        interface: 'X',
        no: undefined,
        nil: null,
      });
      add('com.test.NoMeta', 'text');
      await server.publish();
      return registry.calls.filter(([name]) => name === 'register');
    },
  },
  {
    id: 'server/publish-to-zookeeper',
    title: 'published services are in ZooKeeper until they are taken back',
    needs: 'zookeeper',
    async run(w) {
      const address = await w.zk();
      const registry = new w.lib.registry.ZookeeperRegistry({ logger: w.logger, address });
      await registry.ready();
      w.after(() => registry.close());
      const server = await w.server({ registry, publishAddress: '10.0.0.1', appName: 'shop' }, [
        ['com.test.Zk', {}],
        [{ interfaceName: 'com.test.ZkFull', version: '2.0', group: 'G', customMeta: { zone: 'z' } }, {}],
      ]);
      await server.publish();
      const providers = async () =>
        Object.fromEntries(
          Object.entries(await w.zkTree(address)).filter(([path]) => path.endsWith('/providers')),
        );
      const there = await providers();
      await server.unPublish();
      await w.until(async () => Object.values(await providers()).flat().length === 0);
      return { there, after: await providers() };
    },
  },
  {
    id: 'server/handle-uncaught-error',
    title: '_handleUncaughtError, which frameworks call, warns and takes back the services',
    async run(w) {
      const registry = recordingRegistry(w);
      const server = published(w, {}, registry);
      server.addService('com.test.Down', {});
      await server.publish();
      registry.calls.length = 0;
      server._handleUncaughtError();
      await w.until(() => registry.calls.length > 0);
      const warnings = w.logs.filter(([level]) => level === 'warn');
      return { calls: registry.calls, warnings: warnings.map(([, text]) => text.replace(/\d+$/, '<pid>')) };
    },
  },
  {
    id: 'server/uncaught-exception-handlers',
    title: 'starting a server sets no handler of uncaught exceptions',
    differs: 'uncaught',
    why: 'a library has no say in what a process does with its uncaught exceptions',
    async run(w) {
      const before = process.listeners('uncaughtException');
      await w.server();
      const added = process.listeners('uncaughtException').filter((listener) => !before.includes(listener));
      for (const listener of added) process.off('uncaughtException', listener);
      return added.length;
    },
    expectNew(now) {
      if (now !== 0) throw new Error(`${now} handlers`);
    },
  },
  {
    id: 'server/bind-host',
    title: 'the option host says where to listen',
    differs: 'bind',
    why: 'the predecessor listens on all interfaces, whatever it is told',
    async run(w) {
      const { listen } = net.Server.prototype;
      const hosts = [];
      net.Server.prototype.listen = function (...args) {
        hosts.push(
          typeof args[0] === 'object' ? args[0].host : typeof args[1] === 'string' ? args[1] : undefined,
        );
        return Reflect.apply(listen, this, args);
      };
      try {
        await w.server({ host: '127.0.0.1' });
      } finally {
        net.Server.prototype.listen = listen;
      }
      return hosts;
    },
    expectNew(now) {
      if (now.length !== 1 || now[0] !== '127.0.0.1') throw new Error(`listens on ${JSON.stringify(now)}`);
    },
  },
  {
    id: 'server/idle-connection',
    title: 'a connection that says nothing for maxIdleTime is closed, with a warning',
    async run(w) {
      const server = await w.server({ maxIdleTime: 60 });
      const client = await w.rawClient(server);
      const start = performance.now();
      await client.closed;
      const tookMs = performance.now() - start;
      const warnings = w.logs.filter(([level]) => level === 'warn');
      return { inTime: tookMs >= 50 && tookMs < 1000, warnings };
    },
  },
  {
    id: 'server/local-storage-option',
    title: 'localStorage is there as given',
    run(w) {
      const localStorage = { run() {} };
      const { RpcServer } = w.lib.server;
      return [
        new RpcServer({ logger: w.logger, localStorage }).localStorage === localStorage,
        new RpcServer({ logger: w.logger }).localStorage,
      ];
    },
  },
  {
    id: 'server/error-without-listener',
    title: 'an error that nobody listens to is not thrown',
    async run(w) {
      const server = new w.lib.server.RpcServer({ logger: w.logger });
      return w.caught(() => server.emit('error', new Error('unheard')));
    },
  },
];
