import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { parseEndpoint } from '../../src/core/endpoint.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { DevRegistry } from '../../src/testing/dev-registry.js';
import { DevSidecar, type DevSidecarOptions } from '../../src/testing/dev-sidecar.js';
import { People, people } from '../support/people.js';
import {
  answer,
  bare,
  brief,
  call,
  provided,
  refuses,
  SERVICE,
  silent,
  until,
  World,
} from '../support/sidecar-world.js';

/** A dev sidecar with raw peers around it, over TCP. */
async function sidecar(options: DevSidecarOptions = {}) {
  const dev = await DevSidecar.start(options);
  const world = new World(dev);
  onTestFinished(() => world.close());
  return { dev, world };
}

test('it tells what it was asked, in order, until it is started again', async () => {
  const { dev, world } = await sidecar({ appPort: 4321 });
  await world.start('lab');
  await world.post('/services/publish', {
    serviceName: SERVICE,
    providerMetaInfo: { serializeType: 'hessian2', properties: { startTime: 17, weight: '50' } },
  });
  await world.subscribe();
  await world.post('/services/publish', 'no json');

  expect(dev.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['POST', '/configs/application', { appName: 'lab' }],
    [
      'POST',
      '/services/publish',
      {
        serviceName: SERVICE,
        providerMetaInfo: { serializeType: 'hessian2', properties: { startTime: 17, weight: '50' } },
      },
    ],
    ['POST', '/services/subscribe', { serviceName: SERVICE }],
    ['POST', '/services/publish', undefined],
  ]);
  expect(dev.requests.at(0)?.raw).toBe('{"appName":"lab"}');
  expect(dev.requests.at(-1)?.raw).toBe('no json');
  expect(dev.application).toEqual({ appName: 'lab', dataCenter: '', zone: '' });
  expect(dev.published).toEqual([
    {
      service: SERVICE,
      port: 4321,
      attributes: { appName: 'lab', serialization: 'hessian2', startTime: '17', weight: '50' },
    },
  ]);
  expect(dev.subscribed).toEqual([SERVICE]);

  await dev.kill();
  expect([dev.application, dev.published, dev.subscribed]).toEqual([undefined, [], []]);
  await dev.start();
  expect([dev.requests, dev.application, dev.published, dev.subscribed]).toEqual([[], undefined, [], []]);
});

test('providers that are given to it are found by subscribers, over restarts', async () => {
  const { dev, world } = await sidecar();
  const provider = await world.provider();
  dev.provide(SERVICE, [`127.0.0.1:${provider.port}`]);
  for (const restart of [false, true]) {
    if (restart) {
      await dev.kill();
      await dev.start();
    }
    await world.start();
    await world.subscribe();
    const caller = await world.caller(dev.egress);
    caller.write(call(1));
    expect((await caller.received(1)).map(brief)).toEqual([provided(1)]);
  }
  dev.provide(SERVICE, []);
  const caller = await world.caller(dev.egress);
  caller.write(call(1));
  expect((await caller.received(1)).map(brief)).toEqual([bare(1, 6)]);
});

test('providers take turns, and one that refuses is passed over', async () => {
  const { dev, world } = await sidecar();
  const providers = [await world.provider(answer(0, 'a')), await world.provider(answer(0, 'b'))];
  dev.provide(
    SERVICE,
    providers.map(({ port }) => `127.0.0.1:${port}`),
  );
  await world.start();
  await world.subscribe();
  const caller = await world.caller(dev.egress);
  const contents = async (from: number, to: number) => {
    for (let id = from; id <= to; id++) {
      caller.write(call(id));
      await caller.received(id);
    }
    return caller.frames.slice(from - 1, to).map(({ content }) => content.toString());
  };
  expect(await contents(1, 4)).toEqual(['a', 'b', 'a', 'b']);
  await providers[0].close();
  await until(() => providers[0].peers[0].ended);
  expect(await contents(5, 8)).toEqual(['b', 'b', 'b', 'b']);
  expect(dev.calls).toBe(8);
});

test('a failing sidecar answers a share of the calls itself, every nth', async () => {
  const { dev, world } = await sidecar();
  const { caller, provider } = await world.served();
  const statuses = async (calls: number) => {
    const from = caller.frames.length;
    for (let id = from + 1; id <= from + calls; id++) {
      caller.write(call(id));
      await caller.received(id);
    }
    return caller.frames.slice(from).map(({ status }) => status);
  };
  dev.failing(0.25);
  expect(await statuses(8)).toEqual([0, 0, 0, 6, 0, 0, 0, 6]);
  expect(provider.requests.length).toBe(6);
  dev.failing(1, 4);
  expect(await statuses(2)).toEqual([4, 4]);
  // 100 * 0.29 is a little less than 29 in binary.
  dev.failing(0.29);
  expect((await statuses(100)).filter((status) => status === 6).length).toBe(29);
  dev.failing(0);
  expect(await statuses(3)).toEqual([0, 0, 0]);
});

test('answers can be changed on their way', async () => {
  const { dev, world } = await sidecar();
  const { caller } = await world.served();
  dev.tamper((frame) => Buffer.from(frame.toString('latin1').replace('answer', 'ANSWER'), 'latin1'));
  caller.write(call(1));
  await caller.received(1);
  dev.tamper(undefined);
  caller.write(call(2));
  expect((await caller.received(2)).map(brief)).toEqual([provided(1, 'ANSWER'), provided(2)]);
});

test('API and egress go down and come back alone', async () => {
  const { dev, world } = await sidecar();
  await world.served();
  const egress = await world.caller(dev.egress);
  const refused = () => Promise.all([dev.api, dev.egress, dev.ingress].map(refuses));

  await dev.apiUp(false);
  expect(await refused()).toEqual([true, false, false]);
  egress.write(call(1));
  expect((await egress.received(1)).map(brief)).toEqual([provided(1)]);
  await dev.apiUp(true);
  expect((await world.get('/services')).status).toBe(200);

  await dev.egressUp(false);
  await egress.closed();
  expect(await refused()).toEqual([false, true, false]);
  await dev.egressUp(true);
  const again = await world.caller(dev.egress);
  again.write(call(1));
  expect((await again.received(1)).map(brief)).toEqual([provided(1)]);
  await dev.egressUp(true);
  expect(await refused()).toEqual([false, false, false]);
});

test('a killed sidecar stays down, whatever is asked of it, until it is started', async () => {
  const { dev } = await sidecar();
  const addresses = [dev.api, dev.egress, dev.ingress];
  await dev.kill();
  await dev.apiUp(true);
  await dev.egressUp(true);
  dev.hang();
  dev.resume();
  await dev.kill();
  expect(await Promise.all(addresses.map(refuses))).toEqual([true, true, true]);
  await dev.start();
  await dev.start();
  expect([dev.api, dev.egress, dev.ingress]).toEqual(addresses);
  expect(await Promise.all(addresses.map(refuses))).toEqual([false, false, false]);
});

test('killed while it starts, it leaves nothing open', async () => {
  const { dev } = await sidecar();
  await dev.kill();
  const starting = dev.start();
  await dev.kill();
  await starting;
  expect(await Promise.all([dev.api, dev.egress, dev.ingress].map(refuses))).toEqual([true, true, true]);
});

test('closed for good, it does not start again', async () => {
  const { dev } = await sidecar();
  await dev.close();
  await expect(dev.start()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
});

test('it leaves it to its clients to close a connection of the mesh API', async () => {
  const { dev } = await sidecar();
  const { host, port } = parseEndpoint(dev.api);
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const asked = httpRequest({ host, port, path: '/services', agent }).end();
  const [reply] = (await once(asked, 'response')) as [IncomingMessage];
  reply.resume();
  // Node tells here after how long it closes one.
  expect([reply.headers.connection, reply.headers['keep-alive']]).toEqual(['keep-alive', undefined]);
});

test('a port that another process has is an error that says so, and nothing is left open', async () => {
  const { dev } = await sidecar();
  const apiPort = parseEndpoint(dev.api).port;
  const egressPort = parseEndpoint(dev.egress).port;
  await dev.close();
  const first = await DevSidecar.start({ apiPort });
  onTestFinished(() => first.close());
  await expect(DevSidecar.start({ apiPort, egressPort })).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
  expect(await refuses(`127.0.0.1:${egressPort}`)).toBe(true);
});

test('two sidecars that share a registry make a double hop, and the killed one takes its services along', async () => {
  const registry = new DevRegistry();
  const { dev: near, world: client } = await sidecar({ registry, subscribeWaitMs: 0 });
  const { dev: far, world: server } = await sidecar({ registry });
  const provider = await server.provider();
  await server.start('people');
  await server.post('/services/publish', {
    serviceName: SERVICE,
    port: provider.port,
    providerMetaInfo: { properties: { startTime: '17' } },
  });
  expect(registry.endpoints(SERVICE)).toEqual([
    {
      ...parseEndpoint(far.ingress),
      attributes: { appName: 'people', startTime: '17', port: String(provider.port) },
    },
  ]);

  await client.start('checkout');
  expect((await client.subscribe()).body).toMatchObject({
    datas: [`${near.egress}?_TIMEOUT=3000&p=1&_SERIALIZETYPE=hessian2&app_name=people&zone=&v=4.0`],
  });
  const caller = await client.caller(near.egress);
  caller.write(call(1));
  expect((await caller.received(1)).map(brief)).toEqual([provided(1)]);
  expect([near.calls, far.calls]).toEqual([1, 0]);

  await far.kill();
  expect(registry.endpoints(SERVICE)).toEqual([]);
  caller.write(call(2));
  expect(brief((await caller.received(2))[1])).toEqual(bare(2, 6));
});

test('a stopped sidecar is out of the registry before its calls have finished', async () => {
  const registry = new DevRegistry();
  const { dev, world } = await sidecar({ registry });
  const { caller, provider } = await world.served(silent);
  caller.write(call(1));
  const [peer, frame] = await world.firstRequest(provider);
  const stopped = dev.stop();
  await caller.received(1);
  expect(registry.endpoints(SERVICE)).toEqual([]);
  peer.write(world.answered(frame));
  await stopped;
  expect((await caller.received(2)).map(({ status }) => status)).toEqual([0, 0]);
});

test('a hung sidecar that is stopped goes on for that', async () => {
  const { dev, world } = await sidecar();
  const { caller } = await world.served();
  dev.hang();
  caller.write(call(1));
  await dev.stop();
  expect(caller.frames.map(({ cmdCode }) => cmdCode).sort()).toEqual([100, 2]);
});

test('a client and a server of this library, with a sidecar between them', async () => {
  const { dev, world } = await sidecar();
  await using server = new MeshServer({ app: 'people', port: 0, host: '127.0.0.1' });
  server.add(People, people());
  const { port } = await server.start();
  await world.start();
  await world.publish(port);
  await world.subscribe();
  await using client = new MeshClient({ app: 'checkout', registry: `bolt://${dev.egress}` });
  expect(await client.service(People).find(7n)).toMatchObject({ id: 7n });
  await expect(client.service(People).find(404n)).rejects.toMatchObject({ fields: { id: 404n } });
});
