// The reference agent in a real ZooKeeper: two hops, what is announced and taken back, and a ZooKeeper that goes and comes.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { refuses, SERVICE, until, type World } from '../../support/sidecar-world.js';
import { ZkAdmin } from '../zookeeper/zk-admin.js';
import { ZooKeeper } from '../zookeeper/zookeeper.js';
import { agent, client, loadOf, providersOf, server } from './agents.js';

let zookeeper: ZooKeeper;
let admin: ZkAdmin;
/** A part of ZooKeeper that no other test has. */
let root: string;
let registry: string;
let providers: string;
let tests = 0;

beforeAll(async () => {
  zookeeper = await ZooKeeper.start({ maxSessionTimeoutMs: 3_000 });
  admin = await ZkAdmin.connect(zookeeper.address);
});

beforeEach(() => {
  root = `/test-${++tests}`;
  registry = `zookeeper://${zookeeper.address}${root}`;
  providers = `${root}/sofa-rpc/com.acme.PersonService/providers`;
});

afterAll(async () => {
  await admin?.close();
  await zookeeper?.stop();
});

/** One that passes calls on to a server of its own. */
async function providing(who: string): Promise<World> {
  const { port } = await server(who);
  const world = await agent({ registry });
  await world.publish(port);
  return world;
}

async function consuming(): Promise<World> {
  const world = await agent({ registry });
  await world.subscribe();
  return world;
}

test('a call takes two hops: the caller is given its egress, and that the ingress of the other', async () => {
  const far = await providing('far');
  const near = await consuming();
  expect(await providersOf(near)).toEqual([far.sidecar.ingress]);
  expect(await client(near.sidecar.egress).echo('')).toBe('far');

  const [node = ''] = await admin.children(providers);
  const url = new URL(decodeURIComponent(node));
  expect(url.host).toBe(far.sidecar.ingress);
  const { version, uniqueId, protocol, appName, serialization } = Object.fromEntries(url.searchParams);
  expect([version, uniqueId, protocol, appName, serialization]).toEqual([
    '1.0',
    '',
    'bolt',
    'lab',
    'hessian2',
  ]);
});

test('the host that it announces may be another than the one it listens on', async () => {
  const { port } = await server('far');
  const far = await agent({ registry, announce: 'localhost' });
  await far.publish(port);
  const near = await consuming();
  expect(await providersOf(near)).toEqual([far.sidecar.ingress.replace('127.0.0.1', 'localhost')]);
  expect(await client(near.sidecar.egress).echo('')).toBe('far');
});

test('what is unpublished is gone when the answer comes', async () => {
  const far = await providing('far');
  const near = await consuming();
  await far.post('/services/unpublish', { serviceName: SERVICE });
  expect(await admin.children(providers)).toEqual([]);
  await until(async () => (await providersOf(near)).length === 0);
});

test('an instance that is announced by itself, too, is offered once: through its sidecar', async () => {
  const { port } = await server('one');
  const url = (at: string, startTime: number) =>
    `${providers}/${encodeURIComponent(`bolt://${at}?version=1.0&uniqueId=&startTime=${startTime}`)}`;
  await admin.create(url(`127.0.0.1:${port}`, 1_000));
  const near = await consuming();
  expect(await providersOf(near)).toEqual([`127.0.0.1:${port}`]);

  const far = await agent({ registry });
  const publish = (startTime: number) => {
    const providerMetaInfo = { properties: { port: String(port), startTime: String(startTime) } };
    return far.post('/services/publish', { serviceName: SERVICE, providerMetaInfo });
  };
  await publish(1_000);
  await until(async () => String(await providersOf(near)) === far.sidecar.ingress);
  // What its sidecar says is of the start before: that sidecar, or its session, is on its way out.
  await publish(999);
  await until(async () => String(await providersOf(near)) === `127.0.0.1:${port}`);
  await admin.remove(url(`127.0.0.1:${port}`, 1_000));
  await until(async () => String(await providersOf(near)) === far.sidecar.ingress);
});

test('other versions, uniqueIds and protocols are other services, and weight 0 asks for no calls', async () => {
  const [{ port }, drained] = await Promise.all([server('right'), server('drained')]);
  const nodes = [
    `bolt://127.0.0.1:${port}?version=1.0&uniqueId=`,
    'bolt://127.0.0.1:1?version=2.0&uniqueId=&language=nodejs',
    'bolt://127.0.0.1:2?version=1.0&uniqueId=other',
    'tri://127.0.0.1:3?version=1.0&uniqueId=',
    `bolt://127.0.0.1:${drained.port}?version=1.0&uniqueId=&weight=0`,
    'bolt://127.0.0.1:5?version=2.0&uniqueId=&flag',
  ];
  for (const node of nodes) await admin.create(`${providers}/${encodeURIComponent(node)}`);
  const near = await consuming();
  expect(await providersOf(near)).toEqual([port, drained.port].map((one) => `127.0.0.1:${one}`).sort());
  const service = client(near.sidecar.egress);
  // A weight that counts as the least gets one call in a hundred.
  const answers = await Promise.all(Array.from({ length: 300 }, () => service.echo('')));
  expect(new Set(answers)).toEqual(new Set(['right']));
});

test('it is announced again by itself after its node was deleted', async () => {
  const { port } = await server('far');
  const far = await agent({ registry });
  await far.publish(port);
  await zookeeper.wipe(root);
  await until(async () => (await admin.children(providers)).length === 1);
});

test('a node that another session left under its name is replaced, as it would vanish with that session', async () => {
  const { port } = await server('far');
  const far = await agent({ registry });
  await far.publish(port);
  const [name = ''] = await admin.children(providers);
  await far.post('/services/unpublish', { serviceName: SERVICE });
  const before = await ZkAdmin.connect(zookeeper.address);
  await before.create(`${providers}/${name}`);
  await far.publish(port);
  await before.close();
  expect(await admin.children(providers)).toEqual([name]);
});

test('it starts without ZooKeeper, and calls go on while that is down', async () => {
  await zookeeper.stop();
  const { port } = await server('far');
  const far = await agent({ registry });
  const near = await agent({ registry, subscribeWaitMs: 200 });
  expect(await far.publish(port)).toMatchObject({ body: { success: true } });
  expect(await near.subscribe()).toMatchObject({ body: { success: true, datas: [] } });
  await zookeeper.start();
  await until(async () => (await providersOf(near)).length === 1, 20_000);
  const service = client(near.sidecar.egress);
  expect(await service.echo('')).toBe('far');
  await zookeeper.stop();
  expect(await service.echo('')).toBe('far');
  await zookeeper.start();
  await until(async () => (await admin.children(providers)).length === 1, 20_000);
});

test('stopped, its egress refuses newcomers at once, and its ingress when callers have heard of it', async () => {
  const { port } = await server('far');
  const far = await agent({ registry, quietMs: 2_000 });
  await far.publish(port);
  const stopped = far.sidecar.stop();
  await until(async () => (await admin.children(providers)).length === 0);
  await until(() => refuses(far.sidecar.egress));
  expect(await client(far.sidecar.ingress).echo('')).toBe('far');
  await stopped;
  expect(await refuses(far.sidecar.ingress)).toBe(true);
});

test("SIGTERM of a provider's agent under load fails no call, and it is used again", async () => {
  const [one, two] = await Promise.all([providing('one'), providing('two')]);
  const { port } = await server('three');
  const near = await consuming();
  await until(async () => (await providersOf(near)).length === 2);
  const service = client(near.sidecar.egress);
  const load = loadOf(service);
  await load.hearsFrom('one', 'two');
  await one.sidecar.stop();
  await one.sidecar.start();
  await one.start();
  await one.publish(port);
  await load.hearsFrom('two', 'three');
  await two.sidecar.stop();
  await load.hearsFrom('three');
  await load.stop();
  expect(load.failures.map(({ message }) => message)).toEqual([]);
});
