import { addressOf } from '../world/connections.mjs';
import { connectionWithoutNetwork } from '../world/fakes.mjs';

/** @param {import('../world/world.mjs').World} w @param {any} [options] */
function managerOf(w, options) {
  const manager = new w.lib.client.RpcConnectionMgr({ logger: w.logger, ...options });
  w.after(() => manager.closeAllConnections());
  return manager;
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'connection/manager-needs-a-logger',
    title: 'a connection manager needs a logger; it is ready at once and empty',
    async run(w) {
      const { RpcConnectionMgr, RpcConnection } = w.lib.client;
      const failures = [
        await w.caught(() => new RpcConnectionMgr()),
        await w.caught(() => new RpcConnectionMgr({})),
      ];
      const manager = managerOf(w);
      await manager.ready();
      return {
        failures,
        logger: manager.logger === w.logger,
        connections: [manager.connections instanceof Map, manager.connections.size],
        class: manager.connectionClass === RpcConnection,
      };
    },
  },
  {
    id: 'connection/manager-creates-once',
    title:
      'createAndGet: one connection for a host, also when asked twice at once; get: only what is connected',
    async run(w) {
      const peer = await w.peer(w.echo);
      const manager = managerOf(w);
      const address = addressOf(w, peer.host);
      const before = manager.get(address);
      const [one, two] = await Promise.all([manager.createAndGet(address), manager.createAndGet(address)]);
      const withQuery = addressOf(w, `${peer.host}?a=1`);
      return {
        before,
        same: [one === two, manager.get(address) === one, (await manager.createAndGet(withQuery)) === one],
        keys: [...manager.connections.keys()],
        connections: peer.connections.length,
      };
    },
  },
  {
    id: 'connection/manager-fails',
    title: 'createAndGet of an address that refuses is null, logged as info, and not kept',
    async run(w) {
      const port = await w.deadPort();
      const manager = managerOf(w);
      const events = w.events(manager, ['error']);
      const address = addressOf(w, `127.0.0.1:${port}`);
      const connection = await manager.createAndGet(address);
      await w.sleep(20);
      return { connection, size: manager.connections.size, info: w.loggedAt('info'), events };
    },
  },
  {
    id: 'connection/manager-log-overridden',
    title: 'logConnectErrorMessage may be overridden',
    async run(w) {
      const port = await w.deadPort();
      /** @type {string[]} */
      const seen = [];
      /** @type {any} */
      const Manager = class extends w.lib.client.RpcConnectionMgr {
        /** @param {string} message */
        logConnectErrorMessage(message) {
          seen.push(w.plain(message));
        }
      };
      const manager = new Manager({ logger: w.logger });
      await manager.createAndGet(addressOf(w, `127.0.0.1:${port}`));
      return { seen, info: w.loggedAt('info') };
    },
  },
  {
    id: 'connection/manager-forgets',
    title: 'a connection that closes is forgotten; the next createAndGet makes another',
    async run(w) {
      const peer = await w.peer(w.echo);
      const manager = managerOf(w);
      const address = addressOf(w, peer.host);
      const first = await manager.createAndGet(address);
      peer.drop();
      await w.until(() => manager.connections.size === 0);
      const between = manager.get(address);
      const second = await manager.createAndGet(address);
      return { between, same: first === second, size: manager.connections.size };
    },
  },
  {
    id: 'connection/manager-errors',
    title: "the 'error' of a connection is the manager's",
    async run(w) {
      const peer = await w.peer(w.echo);
      const manager = managerOf(w);
      const events = w.events(manager, ['error']);
      const connection = await manager.createAndGet(addressOf(w, peer.host));
      await connection.forceClose(new Error('on purpose'));
      return events;
    },
  },
  {
    id: 'connection/manager-class',
    title: 'connectionClass of the options or of the call; options of the call go to the connection',
    async run(w) {
      const Base = w.lib.client.RpcConnection;
      const One = connectionWithoutNetwork(Base);
      const Two = connectionWithoutNetwork(Base);
      const manager = managerOf(w, { connectionClass: One });
      const first = await manager.createAndGet(addressOf(w, '10.0.0.1:1'), { mine: 1 });
      const second = await manager.createAndGet(addressOf(w, '10.0.0.2:1'), { mine: 2 }, Two);
      return [
        [first instanceof One, first.options.mine, first.options.logger === w.logger],
        [second instanceof Two, second.options.mine],
        manager.connectionClass === One,
      ];
    },
  },
  {
    id: 'connection/manager-keys-overridden',
    title: 'doGetConn, doSetConn and doDeleteConn overridden decide what is one connection',
    async run(w) {
      const Connection = connectionWithoutNetwork(w.lib.client.RpcConnection);
      const kept = new Map();
      /** @type {any} */
      const Manager = class extends w.lib.client.RpcConnectionMgr {
        /** @param {any} address */
        doGetConn(address) {
          return kept.get(address.hostname);
        }

        /** @param {any} address @param {any} connection */
        doSetConn(address, connection) {
          kept.set(address.hostname, connection);
        }

        /** @param {any} address */
        doDeleteConn(address) {
          kept.delete(address.hostname);
        }
      };
      const manager = new Manager({ logger: w.logger, connectionClass: Connection });
      const one = await manager.createAndGet(addressOf(w, '10.0.0.1:1'));
      const two = await manager.createAndGet(addressOf(w, '10.0.0.1:2'));
      const keys = [...kept.keys()];
      one.emit('close');
      return { same: one === two, keys, after: kept.size };
    },
  },
  {
    id: 'connection/manager-warns',
    title: 'more connections than warnConnectionCount: a warning',
    async run(w) {
      // Connections that are not connected when they are first asked for: only then the manager counts.
      /** @type {any} */
      const Connection = class extends connectionWithoutNetwork(w.lib.client.RpcConnection) {
        /** @override */
        get isConnected() {
          return false;
        }
      };
      const manager = managerOf(w, { connectionClass: Connection, warnConnectionCount: 2 });
      for (const host of ['10.0.0.1:1', '10.0.0.2:1', '10.0.0.3:1'])
        await manager.createAndGet(addressOf(w, host));
      return w.loggedAt('warn');
    },
  },
  {
    id: 'connection/manager-close',
    title: 'closeAllConnections() and close() close every connection',
    async run(w) {
      const peers = [await w.peer(w.echo), await w.peer(w.echo)];
      const rows = [];
      for (const how of ['closeAllConnections', 'close']) {
        const manager = managerOf(w);
        for (const { host } of peers) await manager.createAndGet(addressOf(w, host));
        const before = [manager.connections.size, peers.map(({ open }) => open)];
        await manager[how]();
        await w.until(() => peers.every(({ open }) => open === 0));
        rows.push([how, before, manager.connections.size]);
      }
      return rows;
    },
  },
  {
    id: 'connection/manager-of-a-client',
    title: "client.connectionManager has the client's connections, by host",
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const consumer = client.createConsumer({ interfaceName: 'com.test.Echo', serverHost: peer.host });
      await consumer.invoke('echo', [1]);
      const manager = client.connectionManager;
      const connection = manager.get(consumer.parseUrl(peer.host));
      return {
        isOne: connection instanceof w.lib.client.RpcConnection,
        url: connection?.url,
        keys: [...manager.connections.keys()],
      };
    },
  },
  {
    id: 'connection/manager-get-connection-of-a-consumer',
    title: 'what getConnection gives is what the manager has',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const consumer = client.createConsumer({ interfaceName: 'com.test.Echo', serverHost: peer.host });
      await consumer.ready();
      const connection = await consumer.getConnection(consumer.createRequest('echo', [], {}));
      return connection === client.connectionManager.get(consumer.parseUrl(peer.host));
    },
  },
];
