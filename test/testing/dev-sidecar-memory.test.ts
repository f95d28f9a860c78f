import { Agent, request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { parseEndpoint } from '../../src/core/endpoint.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { DevRegistry } from '../../src/testing/dev-registry.js';
import { DevSidecar, type DevSidecarOptions } from '../../src/testing/dev-sidecar.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { connectTo } from '../../src/testing/memory-pair.js';
import { Network, watched } from '../support/network.js';
import { People, people } from '../support/people.js';
import { frameOf, RawPeer, type Seen } from '../support/raw-peer.js';
import { answer, bare, brief, call, provided, SERVICE } from '../support/sidecar-world.js';

const never = new AbortController().signal;

/** A sidecar in memory and in simulated time; `a:1` is a raw provider that the registry knows. */
async function inMemory(options: DevSidecarOptions = {}) {
  const clock = new FakeClock();
  const network = new Network();
  const providers = network.raw('a:1');
  const dev = await DevSidecar.start({ memory: true, clock, connect: network.connect, ...options });
  onTestFinished(() => dev.close());
  dev.provide(SERVICE, ['a:1']);
  const connect = async (address: string) => new RawPeer(await dev.connect(parseEndpoint(address), never));
  return { clock, network, providers, dev, connect, post: poster(dev) };
}

/** Asks the mesh API over streams in memory. */
function poster(dev: DevSidecar) {
  return async (path: string, body: unknown): Promise<unknown> => {
    const stream = await dev.connect(parseEndpoint(dev.api), never);
    return new Promise((resolve, reject) => {
      const agent = new Agent();
      agent.createConnection = () => stream;
      const outgoing = httpRequest(
        { agent, method: 'POST', path, headers: { Connection: 'close' } },
        async (reply) => {
          let text = '';
          for await (const chunk of reply) text += chunk;
          resolve(JSON.parse(text));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(JSON.stringify(body));
    });
  };
}

async function subscribed(options: DevSidecarOptions = {}) {
  const all = await inMemory(options);
  await all.post('/configs/application', { appName: 'lab' });
  await all.post('/services/subscribe', { serviceName: SERVICE });
  return { ...all, caller: await all.connect(all.dev.egress) };
}

test('it has the usual addresses and opens no port', async () => {
  const { dev, post, connect, network } = await inMemory({ host: 'mesh' });
  expect([dev.api, dev.egress, dev.ingress]).toEqual(['mesh:13330', 'mesh:12220', 'mesh:12201']);
  expect(await post('/configs/application', { appName: 'lab' })).toEqual({ errorMessage: '', success: true });
  expect(await post('/services/subscribe', { serviceName: SERVICE })).toMatchObject({
    datas: ['mesh:12220?_TIMEOUT=3000&p=1&_SERIALIZETYPE=hessian2&app_name=&zone=&v=4.0'],
  });
  const heart = await connect('mesh:12201');
  heart.write(call(1));
  expect((await heart.received(1)).map(brief)).toEqual([bare(1, 6)]);
  await dev.connect(parseEndpoint('a:1'), never);
  expect(network.attempts).toEqual(['a:1']);
});

test('killed, it refuses; started, it takes connections again', async () => {
  const { dev, caller } = await subscribed();
  caller.write(call(1));
  await dev.kill();
  await caller.closed();
  expect(caller.frames).toEqual([]);
  await expect(dev.connect(parseEndpoint(dev.egress), never)).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  await dev.start();
  const again = new RawPeer(await dev.connect(parseEndpoint(dev.egress), never));
  again.write(call(2));
  expect((await again.received(1)).map(brief)).toEqual([bare(2, 6)]);
});

test('a call times out at the very moment that its header says', async () => {
  const { clock, caller, providers } = await subscribed();
  caller.write(call(1, { fields: { timeout: 1_000 } }));
  await clock.advance(999);
  expect(providers[0].requests.length).toBe(1);
  expect(caller.frames).toEqual([]);
  await clock.advance(1);
  expect(caller.frames.map(brief)).toEqual([bare(1, 7)]);
});

test('a slow sidecar holds answers back by the clock, its own excepted', async () => {
  const { clock, dev, caller, providers } = await subscribed();
  const answerNext = (id: number) => {
    const [peer] = providers;
    peer.write(answer()(peer.frames[id - 1], peer) as Uint8Array);
  };
  dev.slow(150);
  caller.write(call(1), call(2, { service: 'com.acme.Unknown:1.0' }));
  await settled();
  answerNext(1);
  await clock.advance(149);
  expect(caller.frames.map(brief)).toEqual([bare(2, 6)]);
  await clock.advance(1);
  expect(caller.frames.map(brief)).toEqual([bare(2, 6), provided(1)]);

  // One that is late all the same is no answer any more.
  caller.write(call(3, { fields: { timeout: 100 } }));
  await settled();
  answerNext(2);
  await clock.advance(200);
  dev.slow(0);
  caller.write(call(4));
  await settled();
  answerNext(3);
  await settled();
  expect(caller.frames.slice(2).map(brief)).toEqual([bare(3, 7), provided(4)]);
});

test('a connection on which nothing comes for 90 s is closed, and a heartbeat every 30 s keeps it', async () => {
  const { clock, caller, connect, dev } = await subscribed();
  const idle = await connect(dev.egress);
  for (let passed = 0; passed < 120_000; passed += 30_000) {
    caller.write(call(1, { service: 'com.acme.Unknown:1.0' }));
    await clock.advance(30_000);
    expect(idle.ended).toBe(passed + 30_000 >= 90_000);
  }
  expect(caller.ended).toBe(false);
  await clock.advance(89_999 - 30_000);
  expect(caller.ended).toBe(false);
  await clock.advance(1);
  expect(caller.ended).toBe(true);
});

test('a subscription waits as long as it is told, by the clock', async () => {
  const { clock, post } = await inMemory({ subscribeWaitMs: 3_000 });
  await post('/configs/application', { appName: 'lab' });
  const reply = watched(post('/services/subscribe', { serviceName: 'com.acme.Other:1.0' }));
  await settled();
  await clock.advance(2_999);
  expect(reply.state).toBe('pending');
  await clock.advance(1);
  await settled();
  expect(reply.value).toMatchObject({ success: true, datas: [] });
  expect(clock.pendingTimers).toBe(0);
});

test('hung for an hour it closes nothing, and goes on where it stood', async () => {
  const { clock, dev, caller, providers, post } = await subscribed();
  caller.write(call(1, { fields: { timeout: -1 } }));
  await settled();
  dev.hang();
  providers[0].write(answer()(providers[0].frames[0], providers[0]) as Uint8Array);
  const late = new RawPeer(await dev.connect(parseEndpoint(dev.egress), never));
  late.write(call(2));
  const reply = watched(post('/services/subscribe', { serviceName: SERVICE }));
  await clock.advance(3_600_000);
  expect([caller.frames, late.frames, caller.ended, late.ended, reply.state]).toEqual([
    [],
    [],
    false,
    false,
    'pending',
  ]);
  dev.resume();
  await settled();
  await settled();
  expect(caller.frames.map(brief)).toEqual([provided(1)]);
  expect(providers[0].requests.length).toBe(2);
  expect(reply.state).toBe('resolved');
});

test('hung, it reads neither answers nor requests to its API', async () => {
  const { dev, caller, providers, post } = await subscribed();
  const answers: Buffer[] = [];
  dev.tamper((frame) => {
    answers.push(frame);
    return frame;
  });
  caller.write(call(1));
  const waiting = watched(post('/services/subscribe', { serviceName: 'com.acme.Late:1.0' }));
  await settled();
  dev.hang();
  const requests = dev.requests.length;
  providers[0].write(answer()(providers[0].frames[0], providers[0]) as Uint8Array);
  const asked = watched(post('/services/publish', { serviceName: 'com.acme.Own:1.0', port: 1 }));
  dev.provide('com.acme.Late:1.0', ['b:1']);
  await settled();
  expect([answers.length, dev.requests.length - requests, dev.published]).toEqual([0, 0, []]);
  expect([waiting.state, asked.state]).toEqual(['pending', 'pending']);
  dev.resume();
  for (let turns = 0; turns < 5; turns++) await settled();
  expect([answers.length, waiting.state, asked.state]).toEqual([1, 'resolved', 'resolved']);
});

test('a provider that comes back is found again', async () => {
  const { caller, network } = await subscribed();
  network.refuse('a:1');
  caller.write(call(1));
  await caller.received(1);
  const back = network.raw('a:1');
  caller.write(call(2, { fields: { timeout: -1 } }));
  await settled();
  back[0].write(answer()(back[0].frames[0], back[0]) as Uint8Array);
  expect((await caller.received(2)).map(brief)).toEqual([bare(1, 6), provided(2)]);
});

test('a connection that was told to go away may close whenever it likes', async () => {
  const { caller, providers } = await subscribed();
  const served = async (id: number, peer: RawPeer) => {
    peer.write(answer()(peer.requests.at(-1) as Seen, peer) as Uint8Array);
    await caller.received(id);
  };
  caller.write(call(1));
  await settled();
  await served(1, providers[0]);
  providers[0].write(frameOf({ proto: 1, type: 1, cmdCode: 100, requestId: 1, codec: 1, timeout: 0 }));
  await settled();
  caller.write(call(2));
  await settled();
  await served(2, providers[1]);
  providers[0].stream.end();
  await settled();
  caller.write(call(3));
  await settled();
  await served(3, providers[1]);
  expect([caller.frames.map(brief), providers.length]).toEqual([[1, 2, 3].map((id) => provided(id)), 2]);
});

test('who ends its side has closed the connection', async () => {
  const { caller, connect, dev, providers } = await subscribed();
  const leaving = await connect(dev.egress);
  leaving.stream.end();
  await leaving.closed();
  caller.write(call(1));
  await settled();
  providers[0].stream.end();
  await settled();
  expect(caller.frames.map(brief)).toEqual([bare(1, 3)]);
  caller.write(call(2));
  await settled();
  expect(providers.length).toBe(2);
});

test('killed, it leaves no timer, and no connection that was on its way', async () => {
  const arriving: ((stream: Duplex) => void)[] = [];
  const { clock, dev, caller, post } = await subscribed({
    connect: () => new Promise<Duplex>((resolve) => arriving.push(resolve)),
  });
  caller.write(call(1, { fields: { timeout: -1 } }));
  post('/services/subscribe', { serviceName: 'com.acme.Other:1.0' }).catch(() => undefined);
  await settled();
  await dev.kill();
  const [near, far] = duplexPair();
  arriving[0](near);
  await settled();
  expect([near.destroyed, clock.pendingTimers]).toEqual([true, 0]);
  far.destroy();
});

test('stopped with a call that never ends, it waits 15 s', async () => {
  const { clock, dev, caller } = await subscribed();
  caller.write(call(1, { fields: { timeout: -1 } }));
  await settled();
  const stopped = watched(dev.stop());
  await clock.advance(14_000);
  expect([stopped.state, caller.frames.map(({ cmdCode }) => cmdCode), caller.ended]).toEqual([
    'pending',
    [100],
    false,
  ]);
  await clock.advance(1_100);
  expect([stopped.state, caller.ended]).toEqual(['pending', true]);
  // A caller that does not close its side is not waited for.
  await clock.advance(1_000);
  expect(stopped.state).toBe('resolved');
});

test('stopped, it reads what was on its way when it said go-away', async () => {
  const { clock, dev, caller, providers } = await subscribed();
  const stopped = watched(dev.stop());
  await clock.advance(60);
  caller.write(call(1));
  await clock.advance(50);
  providers[0].write(answer()(providers[0].frames[0], providers[0]) as Uint8Array);
  await clock.advance(40);
  expect([stopped.state, caller.ended]).toEqual(['pending', false]);
  await clock.advance(20);
  expect(caller.frames.map(({ cmdCode }) => cmdCode)).toEqual([100, 2]);
  expect(caller.ended).toBe(true);
  caller.stream.end();
  await clock.advance(20);
  expect(stopped.state).toBe('resolved');
});

test('a client and a server of this library over a double hop, with no port and no time', async () => {
  const clock = new FakeClock();
  const server = new MeshServer({ app: 'people', clock });
  server.add(People, people());
  const registry = new DevRegistry();
  const app = connectTo(server);
  const far = await DevSidecar.start({
    memory: true,
    host: 'far',
    clock,
    registry,
    connect: async (endpoint, signal) => {
      expect(endpoint.address).toBe('far:12200');
      return app(endpoint, signal);
    },
  });
  const near = await DevSidecar.start({ memory: true, host: 'near', clock, registry, connect: far.connect });
  onTestFinished(async () => {
    await near.close();
    await far.close();
  });
  await poster(far)('/configs/application', { appName: 'people' });
  await poster(far)('/services/publish', { serviceName: People.id });
  await poster(near)('/configs/application', { appName: 'checkout' });
  await poster(near)('/services/subscribe', { serviceName: People.id });
  await using client = new MeshClient({
    app: 'checkout',
    registry: `bolt://${near.egress}`,
    connect: near.connect,
    clock,
  });
  expect(await client.service(People).find(7n)).toMatchObject({ id: 7n });
  expect([near.calls, far.calls]).toEqual([1, 0]);
});

test('a stream that comes while it stands still is read when it goes on', async () => {
  const { dev, connect } = await subscribed();
  dev.hang();
  const stream: Duplex = (await connect(dev.ingress)).stream;
  stream.end(Buffer.from('no Bolt, and the end of it'));
  await settled();
  expect(stream.destroyed).toBe(false);
  dev.resume();
  await settled();
  await settled();
  expect(stream.destroyed).toBe(true);
});

test('a call that was given up leaves no timer behind', async () => {
  const { clock, caller, providers } = await subscribed();
  const before = clock.pendingTimers;
  caller.write(call(1, { fields: { timeout: 1_000 } }), call(2, { fields: { timeout: 1_000 } }));
  await settled();
  expect(clock.pendingTimers).toBe(before + 2);
  providers[0].write(answer()(providers[0].frames[0], providers[0]) as Uint8Array);
  await settled();
  expect(clock.pendingTimers).toBe(before + 1);
  caller.stream.destroy();
  await settled();
  // That of the connection, which watched for its silence, is gone too.
  expect(clock.pendingTimers).toBe(before - 1);
});
