import { addressOf, connect, requestOf, stateOf } from '../world/connections.mjs';

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'connection/required-options',
    title: 'a connection needs a logger and an address',
    async run(w) {
      const { RpcConnection } = w.lib.client;
      return [
        await w.caught(() => new RpcConnection({})),
        await w.caught(() => new RpcConnection({ logger: w.logger })),
        await w.caught(() => new RpcConnection({ address: addressOf(w, '127.0.0.1:1') })),
      ];
    },
  },
  {
    id: 'connection/states',
    title: 'the states and getters of a connection, from its making to its end',
    async run(w) {
      const peer = await w.peer(w.echo);
      const connection = connect(w, peer.host);
      const events = w.events(connection, ['close', 'error']);
      const states = [stateOf(connection)];
      const facts = {
        url: connection.url,
        key: connection.key,
        address: connection.address.host,
        logger: connection.logger === w.logger,
        protocol: typeof connection.protocol.encoder,
        lastInvokeTime: connection.lastInvokeTime,
      };
      await connection.ready();
      states.push(stateOf(connection));
      await connection.close();
      states.push(stateOf(connection));
      await w.until(() => peer.open === 0);
      return { states, facts, events };
    },
  },
  {
    id: 'connection/defaults',
    title: 'the default options of a connection',
    async run(w) {
      const peer = await w.peer(w.echo);
      const { options } = connect(w, peer.host);
      return {
        noDelay: options.noDelay,
        maxIdleTime: options.maxIdleTime,
        connectTimeout: options.connectTimeout,
        protocol: typeof options.protocol.encoder,
      };
    },
  },
  {
    id: 'connection/refused',
    title: 'a refused connection: ready rejects with ECONNREFUSED, it is closed',
    async run(w) {
      const port = await w.deadPort();
      const connection = connect(w, `127.0.0.1:${port}`);
      const events = w.events(connection, ['error', 'close']);
      const ready = await w.caught(connection.ready());
      await w.until(() => connection.isClosed);
      return { ready, again: await w.caught(connection.ready()), state: stateOf(connection), events };
    },
  },
  {
    id: 'connection/connect-timeout',
    title: 'connecting that takes longer than connectTimeout: RpcSocketConnectTimeoutError, and it is closed',
    async run(w) {
      const port = await w.blackhole();
      const connection = connect(w, `127.0.0.1:${port}`, { connectTimeout: 120 });
      const events = w.events(connection, ['error', 'close']);
      const ready = await w.caught(connection.ready());
      await w.until(() => connection.isClosed);
      return { ready, state: stateOf(connection), events };
    },
  },
  {
    id: 'connection/close-waits',
    title: 'close() waits for what is pending; forceClose() does not',
    async run(w) {
      const rows = [];
      for (const how of ['close', 'forceClose']) {
        const peer = await w.peer(async (request) => {
          await w.sleep(80);
          return w.echo(request);
        });
        const connection = connect(w, peer.host);
        await connection.ready();
        const call = connection.invoke(requestOf(w, [how]));
        await w.until(() => peer.requests.length === 1);
        const closing = connection[how]();
        rows.push([how, await call, await closing, stateOf(connection)]);
      }
      return rows;
    },
  },
  {
    id: 'connection/close-with-an-error',
    title: "forceClose(error): the pending requests fail with it, and it is emitted before 'close'",
    async run(w) {
      const peer = await w.peer();
      const connection = connect(w, peer.host);
      const events = w.events(connection, ['error', 'close']);
      await connection.ready();
      const calls = [connection.invoke(requestOf(w, [1])), connection.invoke(requestOf(w, [2]))];
      await w.until(() => peer.requests.length === 2);
      await connection.forceClose(Object.assign(new Error('on purpose'), { code: 'E_MINE' }));
      return { responses: await Promise.all(calls), events };
    },
  },
  {
    id: 'connection/close-twice',
    title: 'closing what is closed resolves',
    async run(w) {
      const peer = await w.peer();
      const connection = connect(w, peer.host);
      const events = w.events(connection, ['close']);
      await connection.ready();
      await connection.close();
      await connection.close();
      await connection.forceClose();
      return { events, state: stateOf(connection) };
    },
  },
  {
    id: 'connection/ended-by-server',
    title: "the server ends it: 'close' without 'error', pending requests fail with RpcSocketCloseError",
    async run(w) {
      const rows = [];
      for (const how of /** @type {const} */ (['end', 'destroy', 'reset'])) {
        const peer = await w.peer();
        const connection = connect(w, peer.host);
        const events = w.events(connection, ['error', 'close']);
        await connection.ready();
        const call = connection.invoke(requestOf(w, [1]));
        await w.until(() => peer.requests.length === 1);
        peer.drop(how);
        rows.push({
          how,
          response: await call,
          state: await w.until(() => connection.isClosed && stateOf(connection)),
          events,
        });
      }
      return rows;
    },
  },
  {
    id: 'connection/socket-error',
    title: "an error of the socket: 'error' as RpcSocketError with the address; ECONNRESET is only logged",
    async run(w) {
      const rows = [];
      for (const code of ['EPIPE', 'ECONNRESET']) {
        const peer = await w.peer();
        const connection = connect(w, peer.host);
        const events = w.events(connection, ['error', 'close']);
        await connection.ready();
        const call = connection.invoke(requestOf(w, [1]));
        await w.until(() => peer.requests.length === 1);
        connection._socket.destroy(Object.assign(new Error(`mock ${code}`), { code }));
        rows.push({ code, response: await call, events: await w.until(() => connection.isClosed && events) });
      }
      return rows;
    },
  },
  {
    id: 'connection/no-delay',
    title: 'noDelay is true by default, and can be false',
    async run(w) {
      const peer = await w.peer(w.echo);
      const rows = [];
      for (const options of [{}, { noDelay: false }]) {
        const connection = connect(w, peer.host, options);
        await connection.ready();
        rows.push([connection.options.noDelay, (await connection.invoke(requestOf(w, [1]))).appResponse]);
      }
      return rows;
    },
  },
  {
    id: 'connection/await-close',
    title: "await('close') of a connection",
    async run(w) {
      const peer = await w.peer();
      const connection = connect(w, peer.host);
      await connection.ready();
      const closed = connection.await('close').then(() => 'closed');
      peer.drop();
      return closed;
    },
  },
];
