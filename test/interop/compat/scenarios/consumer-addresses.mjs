import { ECHO } from '../world/services.mjs';

/** Which of these peers got how many requests. @param {{ requests: unknown[] }[]} peers */
const counts = (peers) => peers.map(({ requests }) => requests.length);

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'consumer/server-host-list',
    title: 'serverHost as a list: every address is connected and gets its share',
    async run(w) {
      const peers = [await w.peer(w.echo), await w.peer(w.echo), await w.peer(w.echo)];
      const serverHost = peers.map(({ host }) => host).join(',');
      const consumer = w.client().createConsumer({ interfaceName: ECHO, serverHost });
      await consumer.ready();
      for (let i = 0; i < 12; i++) await consumer.invoke('echo', [i]);
      return { counts: counts(peers), connections: peers.map(({ connections }) => connections.length) };
    },
  },
  {
    id: 'consumer/server-host-scheme',
    title: 'serverHost with a scheme, a path and a query',
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const answers = [];
      for (const serverHost of [
        `bolt://${peer.host}`,
        `bolt://${peer.host}/x?a=1`,
        `tr://${peer.host}?weight=5`,
      ])
        answers.push(await client.createConsumer({ interfaceName: ECHO, serverHost }).invoke('echo', ['x']));
      return { answers, connections: peer.connections.length };
    },
  },
  {
    id: 'consumer/address-in-meta',
    title: 'the address of a call is in its meta, with the query of the list',
    async run(w) {
      const peer = await w.peer(w.echo);
      const consumer = w
        .client({ registry: w.registry([`bolt://${peer.host}?zone=a&appName=x`]) })
        .createConsumer({ interfaceName: ECHO });
      /** @type {any[]} */
      const addresses = [];
      consumer.on('response', (/** @type {any} */ { req }) => addresses.push(req.meta.address));
      await consumer.invoke('echo', [1]);
      return addresses.map(({ host, hostname, port, href, protocol, query }) => ({
        host,
        hostname,
        port,
        href,
        protocol,
        query: { ...query },
      }));
    },
  },
  {
    id: 'consumer/list-pushed',
    title: 'a new list of the registry takes the place of the old one',
    async run(w) {
      const peers = [await w.peer(w.echo), await w.peer(w.echo), await w.peer(w.echo)];
      const urls = peers.map(({ host }) => `bolt://${host}`);
      const registry = w.registry([urls[0]]);
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      await consumer.ready();
      const rows = [];
      for (const list of [[urls[0]], [urls[1], urls[2]], [urls[2]], []]) {
        registry.push(list);
        await w.sleep(60);
        const before = counts(peers);
        for (let i = 0; i < 4; i++) await w.caught(consumer.invoke('echo', [i]));
        rows.push(counts(peers).map((count, index) => count - before[index]));
      }
      registry.push([urls[0]]);
      await w.sleep(60);
      return { rows, back: await consumer.invoke('echo', ['back']) };
    },
  },
  {
    id: 'consumer/list-with-strangers',
    title: 'entries of a list that are no strings are left out, with a warning',
    async run(w) {
      const peer = await w.peer(w.echo);
      const registry = w.registry([null, `bolt://${peer.host}`, { host: 'x' }, 5, undefined]);
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      return { answer: await consumer.invoke('echo', ['x']), warned: w.loggedAt('warn') };
    },
  },
  {
    id: 'consumer/list-late',
    title: 'a registry that tells its list later: the consumer is ready when the addresses are connected',
    async run(w) {
      const peer = await w.peer(w.echo);
      const registry = w.registry();
      const consumer = w.client({ registry }).createConsumer({ interfaceName: ECHO });
      await w.sleep(30);
      const before = consumer.isReady;
      registry.push([`bolt://${peer.host}`]);
      await consumer.ready();
      return { before, after: consumer.isReady, connected: await w.until(() => peer.connections.length) };
    },
  },
  {
    id: 'consumer/wait-connect',
    title: 'waitConnect: false is ready before anything is connected; true waits until it is, or cannot be',
    async run(w) {
      const port = await w.blackhole();
      const rows = [];
      for (const waitConnect of [false, true]) {
        const client = w.client({ connectionOpts: { protocol: w.bolt, connectTimeout: 200 } });
        const consumer = client.createConsumer({
          interfaceName: ECHO,
          serverHost: `127.0.0.1:${port}`,
          waitConnect,
        });
        const started = performance.now();
        await consumer.ready();
        rows.push([waitConnect, performance.now() - started > 100]);
      }
      return rows;
    },
  },
  {
    id: 'consumer/one-of-two-down',
    title: 'an address that refuses costs no call: the others get all of them',
    async run(w) {
      const peer = await w.peer(w.echo);
      const port = await w.deadPort();
      const consumer = w
        .client()
        .createConsumer({ interfaceName: ECHO, serverHost: `127.0.0.1:${port},${peer.host}` });
      await consumer.ready();
      const answers = [];
      for (let i = 0; i < 6; i++) answers.push(await consumer.invoke('echo', [i]));
      return answers;
    },
  },
  {
    id: 'consumer/one-of-two-dies',
    title: 'when one of two servers dies, the other gets the calls',
    async run(w) {
      const peers = [await w.peer(w.echo), await w.peer(w.echo)];
      const consumer = w
        .client()
        .createConsumer({ interfaceName: ECHO, serverHost: peers.map(({ host }) => host).join(',') });
      await consumer.ready();
      for (let i = 0; i < 4; i++) await consumer.invoke('echo', [i]);
      await peers[0].close();
      await w.sleep(50);
      const answers = [];
      for (let i = 0; i < 6; i++) answers.push(await consumer.invoke('echo', [i]));
      return answers;
    },
  },
  {
    id: 'consumer/comes-back',
    title: 'an address that was down is tried again each retryFaultInterval, and gets calls when it is up',
    async run(w) {
      const port = await w.deadPort();
      const consumer = w.client().createConsumer({
        interfaceName: ECHO,
        serverHost: `127.0.0.1:${port}`,
        retryFaultInterval: 100,
      });
      await consumer.ready();
      const failure = /** @type {any} */ (await w.caught(consumer.invoke('echo', [1])));
      const peer = await w.peer(w.echo, { port });
      await w.until(() => peer.connections.length === 1);
      return { failure: failure.name, answer: await consumer.invoke('echo', [2]) };
    },
  },
  {
    id: 'consumer/comes-back-among-others',
    title: 'one of two addresses comes back and gets its share again',
    async run(w) {
      const up = await w.peer(w.echo);
      const port = await w.deadPort();
      const consumer = w.client().createConsumer({
        interfaceName: ECHO,
        serverHost: `${up.host},127.0.0.1:${port}`,
        retryFaultInterval: 100,
      });
      await consumer.ready();
      for (let i = 0; i < 4; i++) await consumer.invoke('echo', [i]);
      const alone = up.requests.length;
      const back = await w.peer(w.echo, { port });
      await w.until(() => back.open === 1);
      await w.sleep(150);
      for (let i = 0; i < 20; i++) await consumer.invoke('echo', [i]);
      return { alone, isUsed: back.requests.length > 3 };
    },
  },
  {
    id: 'consumer/close',
    title: "close(): 'close' is emitted, request and response listeners are gone, the client forgets it",
    async run(w) {
      const peer = await w.peer(w.echo);
      const client = w.client();
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: peer.host });
      const events = w.events(consumer, ['close', 'request', 'response']);
      await consumer.invoke('echo', [1]);
      const names = events.map(([name]) => name);
      consumer.close();
      return {
        names: [...names, ...events.slice(names.length).map(([name]) => name)],
        listeners: ['request', 'response'].map((name) => consumer.listenerCount(name)),
        failure: await w.caught(consumer.invoke('echo', [2])),
        size: client.consumerMap.size,
      };
    },
  },
  {
    id: 'consumer/close-early',
    title: 'close() before the consumer was ready',
    async run(w) {
      const registry = w.registry([]);
      const client = w.client({ registry });
      const consumer = client.createConsumer({ interfaceName: ECHO });
      const events = w.events(consumer, ['close']);
      consumer.close();
      await w.sleep(20);
      return { events, size: client.consumerMap.size };
    },
  },
];
