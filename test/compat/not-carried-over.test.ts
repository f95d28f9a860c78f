// What sofa-rpc-node did and this does not: one test, or a few, for each. docs/compat.md has the list.
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DynamicConfig } from '../../src/compat/client/dynamic-config.js';
import { RpcClient } from '../../src/compat/client/rpc-client.js';
import { ZookeeperRegistry } from '../../src/compat/registry/zookeeper.js';
import { RpcServer } from '../../src/compat/server/rpc-server.js';
import type { MeshServer } from '../../src/server/mesh-server.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { Network } from '../support/network.js';
import { type RawPeer, request, SERVER_EXCEPTION } from '../support/raw-peer.js';
import {
  type Asked,
  clientWorld,
  ECHO,
  echo,
  Log,
  passingOn,
  provider,
  rejected,
} from './client/client-world.js';
import { fakeRegistry } from './registry/fake-registry.js';
import { memoryServer, type Opened } from './server/serve.js';

/** Two clients of one process, on one network and one clock. */
function twoClients(script: (asked: Asked) => void = echo) {
  const clock = new FakeClock(1_700_000_000_000);
  const network = new Network();
  const served = provider(network, 'a:1', script);
  const [first, second] = [1, 2].map((seed) => {
    const { connect } = network;
    const client = new RpcClient({
      logger: new Log(),
      mode: 'direct',
      clock,
      random: seededRandom(seed),
      connect,
    });
    client.on('error', () => undefined);
    return client;
  });
  onTestFinished(async () => {
    void first.close();
    void second.close();
    await clock.advance(20_000);
  });
  const consumers = [first, second].map((client) =>
    client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1', retryFaultInterval: 1_000 }),
  );
  return { clock, network, ...served, first, second, consumers, passing: passingOn(clock) };
}

describe('closing one client', () => {
  test("leaves another's heartbeats alone: it still finds a dead peer", async () => {
    const { clock, first, consumers, peers, passing, network } = twoClients();
    await passing(Promise.all(consumers.map((consumer) => consumer.invoke('echo', ['x']))));
    await passing(first.close());
    await clock.advance(17_000);
    expect(peers[1].frames.filter(({ cmdCode }) => cmdCode === 0).length).toBeGreaterThan(0);
    await clock.advance(3_000);
    // It is connected to again.
    expect(network.attempts.length).toBe(3);
    expect(await passing(consumers[1].invoke('echo', ['y']))).toBe('y');
  });

  test("leaves another's circuits alone, and two clients do not share one", async () => {
    const { circuitBreaker } = DynamicConfig.instance;
    const before = { ...circuitBreaker };
    onTestFinished(() => void Object.assign(circuitBreaker, before));
    circuitBreaker.requestVolumeThreshold = 5;
    const { first, consumers, passing } = twoClients((asked) => {
      if (asked.method === 'echo') echo(asked);
    });
    const silent = () => rejected(passing(consumers[1].invoke('silent', [], { responseTimeout: 10 })));
    for (let i = 0; i < 5; i++) expect((await silent()).name).toBe('RpcResponseTimeoutError');
    expect((await silent()).name).toBe('RpcCircuitBreakerError');
    // Of the same address, by a client that has seen no failure.
    expect(await passing(consumers[0].invoke('echo', ['x']))).toBe('x');
    await passing(first.close());
    expect((await silent()).name).toBe('RpcCircuitBreakerError');
  });

  test("leaves another's look for addresses that are down alone", async () => {
    const { clock, network, first, consumers, passing } = twoClients();
    network.refuse('a:1');
    await passing(Promise.all(consumers.map((consumer) => consumer.ready())));
    await passing(first.close());
    const { asked } = provider(network, 'a:1', echo);
    await clock.advance(6_000);
    expect(await passing(consumers[1].invoke('echo', ['x']))).toBe('x');
    expect(asked.length).toBe(1);
  });

  test("leaves another's running calls and timeouts alone", async () => {
    const { clock, first, consumers, passing, asked } = twoClients(() => undefined);
    await passing(Promise.all(consumers.map((consumer) => consumer.ready())));
    const [running, late] = [1_000, 500].map((responseTimeout) =>
      consumers[1].invoke('slow', ['x'], { responseTimeout }),
    );
    const failed = rejected(late);
    await clock.advance(1);
    await passing(first.close());
    asked[0].answer({ appResponse: 'y' });
    expect(await passing(running)).toBe('y');
    expect((await passing(failed)).name).toBe('RpcResponseTimeoutError');
  });
});

const PROCESS_EVENTS = [
  'uncaughtException',
  'uncaughtExceptionMonitor',
  'unhandledRejection',
  'warning',
  'exit',
  'beforeExit',
  'SIGTERM',
  'SIGINT',
  'message',
  'disconnect',
];

test('nothing is hung on the process, by a server, a client or a registry, from their making to their end', async () => {
  const counts = () => PROCESS_EVENTS.map((name) => process.listenerCount(name));
  const before = counts();
  const logger = new Log();
  const server = new RpcServer({ logger, port: 0, host: '127.0.0.1', mode: 'direct' });
  server.addService(ECHO, { echo: async (value: unknown) => value });
  const { registry } = fakeRegistry();
  const client = new RpcClient({ logger, mode: 'direct' });
  await server.start();
  await server.publish();
  const consumer = client.createConsumer({
    interfaceName: ECHO,
    serverHost: `127.0.0.1:${server.publishPort}`,
  });
  expect(await consumer.invoke('echo', ['x'])).toBe('x');
  expect(counts()).toEqual(before);
  await client.close();
  await registry.close();
  await server.close();
  expect(counts()).toEqual(before);
});

describe('answers have no stack and no path of this machine', () => {
  const GREETER = 'com.acme.Greeter:1.0';
  const asking = (method: string, service = GREETER) => {
    const header: [string, string][] = [['service', service]];
    return request({ service, method, header, sigs: [], args: [] });
  };

  test.each([
    ['an unknown method', asking('none'), 'Can not find method: com.acme.Greeter:1.0#none()'],
    ['an unknown service', asking('hello', 'com.acme.Other:1.0'), 'not found service: com.acme.Other:1.0'],
    ['a method that is not async', asking('sync'), 'Can not find method: com.acme.Greeter:1.0#sync()'],
    ['a method that throws', asking('fail'), 'no such person'],
  ])('of %s', async (_case, bytes, message) => {
    const { connect } = memoryServer();
    const peer = connect();
    peer.write(bytes);
    const [{ content, className, status }] = await peer.received(1);
    const text = content.toString('latin1');
    expect(text).toContain(message);
    expect(text).not.toMatch(/ at |\.[jt]s:\d|node:internal|\/src\/|file:/);
    expect([className, status]).toEqual([SERVER_EXCEPTION, 2]);
  });

  test('of an error that is returned as a value', async () => {
    const { server, connect } = memoryServer();
    server.addService('com.acme.Other', { get: async () => new Error('as a value') });
    const peer = connect();
    peer.write(asking('get', 'com.acme.Other:1.0'));
    const [{ content, status }] = await peer.received(1);
    const text = content.toString('latin1');
    expect([status, text.includes('as a value')]).toEqual([0, true]);
    expect(text).not.toMatch(/ at |\.[jt]s:\d|node:internal|\/src\/|file:/);
  });
});

describe('ready() of a registry that is down is loud', () => {
  test('it rejects within ten seconds, names the address and the cause, and the error is emitted', async () => {
    const { registry, clock, events } = fakeRegistry({ isDown: true, address: 'zk1:2181/mesh' });
    expect(registry).toBeInstanceOf(ZookeeperRegistry);
    const ready = rejected(registry.ready());
    await clock.advance(10_000);
    const error = await ready;
    expect(error.message).toMatch(/zk1:2181\/mesh.*ECONNREFUSED/);
    expect(events).toEqual([`error: ${error.message}`]);
  });

  test('and so are the consumers, which recover when it does', async () => {
    const { registry, zookeeper, clock } = fakeRegistry({ isDown: true });
    const { client, network, passing } = clientWorld({ clock, registry });
    provider(network, '10.0.0.1:12200', echo);
    const consumer = client.createConsumer({ interfaceName: 'com.acme.Hello' });
    expect((await rejected(passing(consumer.ready()))).message).toMatch(/ECONNREFUSED/);
    const failed = await rejected(passing(consumer.invoke('hello', ['x'])));
    expect(failed.message).toMatch(/^\[RpcConsumer\] Consumer ready error: .*ECONNREFUSED/);
    const url = 'bolt://10.0.0.1:12200?interface=com.acme.Hello&version=1.0&group=SOFA';
    zookeeper.put(`/mesh/com.acme.Hello/providers/${encodeURIComponent(url)}`);
    zookeeper.refusing.clear();
    await clock.advance(70_000);
    expect(await passing(consumer.invoke('hello', ['x']))).toBe('x');
  });
});

test("a consumer's uniqueId takes effect: another implementation answers", async () => {
  const { client, network, clock, passing } = clientWorld();
  const { server } = memoryServer({ clock });
  server.addService({ interfaceName: ECHO, uniqueId: 'blue' }, { color: async () => 'blue' });
  server.addService(ECHO, { color: async () => 'none' });
  const accept = (stream: Duplex) => {
    const socket = Object.assign(stream, { remoteAddress: '10.0.0.9', remotePort: 1 }) as unknown as Socket;
    (server as unknown as Opened<RpcServer>)._handleSocket(socket);
  };
  network.serve('a:1', { accept } as unknown as MeshServer);
  const color = (uniqueId?: string) =>
    client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1', uniqueId }).invoke('color', []);
  expect(await passing(Promise.all([color(), color('blue')]))).toEqual(['none', 'blue']);
  expect((await rejected(passing(color('green')))).message).toMatch(
    /not found service: com\.acme\.Echo:1\.0:green/,
  );
});

test('the option host says which interface a server listens on', async () => {
  const logger = new Log();
  const bound = async (host: string | undefined) => {
    const server = new RpcServer({ logger, port: 0, mode: 'direct', ...(host && { host }) });
    onTestFinished(() => server.close());
    await server.start();
    const [opened] = (server as unknown as { _servers: Server[] })._servers;
    return (opened.address() as AddressInfo).address;
  };
  expect(await bound('127.0.0.1')).toBe('127.0.0.1');
  expect(['::', '0.0.0.0']).toContain(await bound(undefined));
});

describe('heartbeats are answered, or the connection is over', () => {
  test('a peer that falls silent is found and replaced, before a call has to wait for it', async () => {
    const { client, network, clock, passing, errors } = clientWorld();
    const { peers } = provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    await passing(consumer.invoke('echo', ['x']));
    const connection = client.connectionManager.get(consumer.parseUrl('a:1'));
    await clock.advance(14_000);
    expect(peers[0].frames.length).toBe(1);
    // Three that are not answered, a second apart.
    await clock.advance(6_000);
    expect(peers[0].frames.slice(1).map(({ cmdCode, type }) => [cmdCode, type])).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
    expect([peers.length, connection?.isClosed, peers[0].ended]).toEqual([2, true, true]);
    const start = clock.now();
    expect(await passing(consumer.invoke('echo', ['y']))).toBe('y');
    expect([clock.now() - start < 10, errors]).toEqual([true, []]);
  });

  test('one that answers them stays', async () => {
    const { client, network, clock, passing } = clientWorld();
    const { peers } = provider(network, 'a:1', echo);
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    await passing(consumer.invoke('echo', ['x']));
    let acks = 0;
    for (let second = 0; second < 60; second++) {
      await clock.advance(1_000);
      for (; acks < peers[0].frames.length - 1; acks++) {
        const { requestId } = peers[0].frames[acks + 1];
        const ack = Buffer.alloc(20);
        // Bolt 1, a response, a heartbeat, version 1; then its id, Hessian, and the status of success.
        ack.set([1, 0, 0, 0, 1]);
        ack.writeInt32BE(requestId, 5);
        ack[9] = 1;
        peers[0].write(ack);
      }
    }
    expect(acks).toBeGreaterThan(1);
    expect(peers.length).toBe(1);
  });

  test("a server answers its clients', in the version that they speak", async () => {
    const { connect } = memoryServer();
    const peer = connect();
    const beat = Buffer.from('0101000001000000070100000bb80000000000000000', 'hex');
    peer.write(beat);
    expect(await peer.received(1)).toMatchObject([
      { proto: 1, type: 0, cmdCode: 0, requestId: 7, status: 0 },
    ]);
  });

  test('a client that is silent for maxIdleTime is closed by a server', async () => {
    const { connect, clock } = memoryServer({ maxIdleTime: 5_000 });
    const peer = connect();
    await clock.advance(4_000);
    expect(peer.ended).toBe(false);
    await clock.advance(3_000);
    await settled();
    expect(peer.ended).toBe(true);
  });
});

test("a thrown error's frame names the class of what is in it, which a Java client casts it to", async () => {
  const { connect } = memoryServer();
  const peer: RawPeer = connect();
  const header: [string, string][] = [['service', 'com.acme.Greeter:1.0']];
  peer.write(request({ service: 'com.acme.Greeter:1.0', method: 'fail', header, sigs: [], args: [] }));
  const [{ className, content }] = await peer.received(1);
  expect(className).toBe('com.alipay.remoting.rpc.exception.RpcServerException');
  expect(content.toString('latin1')).toContain('com.alipay.remoting.rpc.exception.RpcServerException');
});
