// The ZookeeperRegistry of compat on a real ZooKeeper: beside the one of sofa-rpc-node, and through everything that can
// happen to the registry.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ZookeeperRegistry } from '../../../src/compat/registry/zookeeper.js';
import { measured, timeOf } from '../zookeeper/measured.js';
import { freePort } from '../zookeeper/ports.js';
import { SofaRpcNodePeer } from '../zookeeper/sofa-rpc-node-peer.js';
import { ZkAdmin } from '../zookeeper/zk-admin.js';
import { ZooKeeper } from '../zookeeper/zookeeper.js';

const REPAIRED_MS = 10_000;
const LOUD_MS = 10_000;
const PATIENCE_MS = 60_000;
/** The longest session that the server grants. */
const SESSION_MS = 6_000;
const NAME = 'com.lab.Greet';
const CONFIG = { interfaceName: NAME, version: '1.0', group: 'SOFA', appName: 'life', timeout: 3_000 };
const logger = { info() {}, warn() {}, error() {} };

let OldRegistry: typeof ZookeeperRegistry;
let shared: ZooKeeper;

beforeAll(async () => {
  await SofaRpcNodePeer.install();
  const load = createRequire(new URL('../../../bench/package.json', import.meta.url));
  OldRegistry = load('sofa-rpc-node').registry.ZookeeperRegistry;
  shared = await ZooKeeper.start();
});

afterAll(() => shared?.stop());

const urlOf = (host: string, query = 'interface=com.lab.Greet&version=1.0&group=SOFA') =>
  `bolt://${host}:12200?${query}`;
const provider = (host: string, query?: string) => ({ ...CONFIG, url: urlOf(host, query) });

/** A registry, and what it tells. */
async function registryAt(address: string, { Registry = ZookeeperRegistry, ...options } = {}) {
  const registry = new Registry({ logger, address, ...options });
  const events: string[] = [];
  for (const event of ['connected', 'disconnected', 'error'])
    registry.on(event, (error?: Error) => events.push(error?.message ?? event));
  onTestFinished(() => registry.close());
  return { registry, events };
}

/** Hosts of each list that a subscription is told. */
function heard(registry: ZookeeperRegistry, config = CONFIG) {
  const lists: string[][] = [];
  const listener = (list: string[]) => void lists.push(list.map((url) => new URL(url).hostname).sort());
  registry.subscribe(config, listener);
  return { lists, listener, last: () => lists.at(-1) };
}

async function adminOf(zookeeper: ZooKeeper): Promise<ZkAdmin> {
  const admin = await ZkAdmin.connect(zookeeper.address);
  const { close } = admin;
  let closed: Promise<void> | undefined;
  admin.close = () => {
    closed ??= close.call(admin);
    return closed;
  };
  onTestFinished(() => admin.close());
  return admin;
}

/** All nodes below a path but ZooKeeper's own, without what is another one for each process or host. */
async function treeOf(admin: ZkAdmin, path: string): Promise<string[]> {
  const paths: string[] = [];
  for (const name of (await admin.children(path)).sort()) {
    paths.push(`${path}/${name}`, ...(await treeOf(admin, `${path}/${name}`)));
  }
  return paths.map((one) => one.replace(/(serialization%3D|pid%3D)\d+/g, '$1N'));
}

/** Until the registry holds exactly these hosts. */
async function registered(admin: ZkAdmin, root: string, ...hosts: string[]): Promise<void> {
  const found = async () =>
    (await admin.children(`${root}/${NAME}/providers`))
      .map((name) => new URL(decodeURIComponent(name)).hostname)
      .sort();
  await expect.poll(found, { timeout: PATIENCE_MS, interval: 50 }).toEqual(hosts);
}

const eventually = (last: () => unknown) => expect.poll(last, { timeout: PATIENCE_MS, interval: 20 });

/** A way to a server that can go dead without a sign of it. */
async function deadableWay(to: ZooKeeper) {
  const sockets = new Set<Socket>();
  let isDead = false;
  const relay = createServer((near) => {
    const far = connect(to.port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('data', (chunk) => isDead || other.write(chunk));
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        if (!isDead) other.destroy();
      });
    }
  });
  const port = await freePort();
  await once(relay.listen(port, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    relay.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    address: `127.0.0.1:${port}`,
    die: () => {
      isDead = true;
    },
    heal: () => {
      isDead = false;
      for (const socket of sockets) socket.destroy();
    },
  };
}

test.each(['', '/', '/life', '/life/', '/a/b'])(
  'both write the same tree, and hear of each other, with the root %j',
  async (root) => {
    const admin = await adminOf(shared);
    const trees: string[][] = [];
    const at = root === '' ? '/sofa-rpc' : root.replace(/\/$/, '');
    const address = `${shared.address}${root}`;
    // One after the other in an empty tree, to compare; then both at once.
    for (const Registry of [OldRegistry, ZookeeperRegistry]) {
      const { registry } = await registryAt(address, { Registry });
      await registry.ready();
      await registry.register(provider('10.0.0.1'));
      await registry.register(provider('10.0.0.2', "q='a b'&c=%E4%BD%A0&d=é(x)!*~&e=a+b"));
      const { last } = heard(registry);
      await eventually(last).toEqual(['10.0.0.1', '10.0.0.2']);
      await eventually(() => admin.children(`${at}/${NAME}/consumers`)).toHaveLength(1);
      trees.push(
        (await treeOf(admin, `${at}/${NAME}`)).map((path) =>
          path.replace(/bolt%3A%2F%2F[\d.]+%3FuniqueId/, 'IP'),
        ),
      );
      await registry.close();
      await registered(admin, at);
      await eventually(() => admin.children(`${at}/${NAME}/consumers`)).toEqual([]);
      await admin.removeAll(`${at}/${NAME}`);
    }
    expect(trees[1]).toEqual(trees[0]);
    expect(trees[0]).toHaveLength(5);

    const old = await registryAt(address, { Registry: OldRegistry });
    const own = await registryAt(address);
    const told = [heard(old.registry), heard(own.registry)];
    await old.registry.register(provider('10.0.0.1'));
    await own.registry.register(provider('10.0.0.2'));
    for (const { last } of told) await eventually(last).toEqual(['10.0.0.1', '10.0.0.2']);
    await own.registry.unRegister(provider('10.0.0.1'));
    for (const { last } of told) await eventually(last).toEqual(['10.0.0.2']);
    await old.registry.unRegister(provider('10.0.0.2'));
    for (const { last } of told) await eventually(last).toEqual([]);
    await old.registry.close();
  },
);

test('the address in the consumer`s entry is one of this machine', async () => {
  const admin = await adminOf(shared);
  const { registry } = await registryAt(`${shared.address}/entry`);
  heard(registry);
  await eventually(() => admin.children(`/entry/${NAME}/consumers`)).toHaveLength(1);
  const [name] = await admin.children(`/entry/${NAME}/consumers`);
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address));
  expect(addresses).toContain(new URL(decodeURIComponent(name as string)).hostname);
});

test('both make the same of the same nodes', async () => {
  const admin = await adminOf(shared);
  const queries = [
    '',
    'interface=com.lab.Greet',
    'interface=com.lab.Other',
    'category=providers',
    'category=consumers',
    'enabled=false',
    'version=1.0&group=SOFA',
    'version=2.0',
    'group=OTHER',
    'default.version=2.0',
    'default.group=OTHER',
    'uniqueId=x',
    'version=&group=',
    'version=2.0&uniqueId=',
  ];
  for (const [i, query] of queries.entries())
    await admin.create(`/rules/${NAME}/providers/${encodeURIComponent(urlOf(`10.0.1.${i}`, query))}`);
  const configs = [
    {},
    { version: '2.0' },
    { group: 'OTHER' },
    { version: undefined, group: undefined },
    { uniqueId: 'x' },
    { version: '' },
  ];
  for (const more of configs) {
    const lists: unknown[] = [];
    // The old one would give each of them what the first one wants: a registry for each, then.
    for (const Registry of [OldRegistry, ZookeeperRegistry]) {
      const { registry } = await registryAt(`${shared.address}/rules`, { Registry });
      const { last } = heard(registry, { ...CONFIG, ...more } as typeof CONFIG);
      await eventually(last).toBeDefined();
      lists.push(last());
      await registry.close();
    }
    expect(lists[1], JSON.stringify(more)).toEqual(lists[0]);
    expect(lists[0], JSON.stringify(more)).not.toHaveLength(0);
  }
});

test('with a user the nodes are for everybody, the old one among them', async () => {
  const admin = await adminOf(shared);
  const authInfo = { scheme: 'digest', auth: 'mesh:secret' };
  const { registry } = await registryAt(`${shared.address}/user`, { authInfo } as object);
  await registry.register(provider('10.0.0.1'));
  await registered(admin, '/user', '10.0.0.1');
  const old = await registryAt(`${shared.address}/user`, { Registry: OldRegistry });
  const { last } = heard(old.registry);
  await eventually(last).toEqual(['10.0.0.1']);
  await old.registry.close();
});

test('with ephemeralNode: false a provider outlives its registry, and is taken back by the next one', async () => {
  const admin = await adminOf(shared);
  const first = await registryAt(`${shared.address}/stays`, { ephemeralNode: false } as object);
  await first.registry.register(provider('10.0.0.1'));
  await first.registry.close();
  await sleep(SESSION_MS + 1_000);
  await registered(admin, '/stays', '10.0.0.1');
  const next = await registryAt(`${shared.address}/stays`);
  await next.registry.unRegister(provider('10.0.0.1'));
  await registered(admin, '/stays');
});

test('down at the start: ready() rejects and an error tells why; then everything is made up for', async () => {
  const zookeeper = new ZooKeeper(await freePort());
  onTestFinished(() => zookeeper.stop());
  const { registry, events } = await registryAt(`${zookeeper.address}/late`);
  const { last } = heard(registry);
  let isRegistered = false;
  const registering = registry.register(provider('10.0.0.1')).then(() => {
    isRegistered = true;
  });
  const failing = expect(registry.ready()).rejects.toThrow(
    new RegExp(`zookeeper://${zookeeper.address}/late does not answer.*ECONNREFUSED`),
  );
  const failed = await timeOf(failing);
  measured('down at the start: ready() rejects', failed, LOUD_MS);
  expect(failed).toBeLessThan(LOUD_MS + 500);
  expect(events).toEqual([expect.stringContaining(zookeeper.address)]);
  expect({ isRegistered, last: last() }).toEqual({ isRegistered: false, last: undefined });

  await zookeeper.start();
  measured('down at the start, then up: registered', await timeOf(registering), REPAIRED_MS);
  await eventually(last).toEqual(['10.0.0.1']);
  await registry.ready();
});

/** A server with two registries on it: a provider's and a consumer's, which has heard of it and of a stranger. */
async function settledAt(zookeeper: ZooKeeper, root: string, address = zookeeper.address) {
  const admin = await adminOf(zookeeper);
  const providers = await registryAt(`${address}${root}`);
  const consumers = await registryAt(`${address}${root}`);
  await providers.registry.register(provider('10.0.0.1'));
  await providers.registry.register(provider('10.0.0.2'));
  const told = heard(consumers.registry);
  await eventually(told.last).toEqual(['10.0.0.1', '10.0.0.2']);
  const asBefore = () => registered(admin, root, '10.0.0.1', '10.0.0.2');
  return { admin, providers, consumers, told, asBefore };
}

/** A new provider of anybody is heard of. */
async function heardOfNewcomer(
  admin: ZkAdmin,
  root: string,
  { last }: { last: () => unknown },
): Promise<void> {
  await admin.create(`${root}/${NAME}/providers/${encodeURIComponent(urlOf('10.0.0.3'))}`);
  await eventually(last).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
}

async function ownZooKeeper(): Promise<ZooKeeper> {
  const zookeeper = await ZooKeeper.start();
  onTestFinished(() => zookeeper.stop());
  return zookeeper;
}

test('an outage: the last list is kept, an error tells of it, and all is as before when it is over', async () => {
  const zookeeper = await ownZooKeeper();
  const { admin, consumers, told, asBefore } = await settledAt(zookeeper, '/outage');
  await zookeeper.stop();
  await eventually(() => consumers.events).toContain('disconnected');
  await eventually(() => consumers.events).toContainEqual(expect.stringContaining('does not answer'));
  const late = heard(consumers.registry, { ...CONFIG, appName: 'late' });
  await eventually(late.last).toEqual(['10.0.0.1', '10.0.0.2']);
  await zookeeper.start();
  const [registering] = await Promise.all([timeOf(asBefore()), heardOfNewcomer(admin, '/outage', told)]);
  measured('down for 10 s, then up: registered', registering, REPAIRED_MS);
  expect(told.lists).toEqual([
    ['10.0.0.1', '10.0.0.2'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
  ]);
});

test('a session that expired: all is registered again', async () => {
  const zookeeper = await ownZooKeeper();
  const way = await deadableWay(zookeeper);
  const { admin, told, asBefore } = await settledAt(zookeeper, '/expiry', way.address);
  const consumer = await registryAt(`${zookeeper.address}/expiry`);
  const watching = heard(consumer.registry);
  await eventually(watching.last).toEqual(['10.0.0.1', '10.0.0.2']);
  way.die();
  await registered(admin, '/expiry');
  // The directory is as it was: this is what it looks like when providers die.
  await eventually(watching.last).toEqual([]);
  await sleep(2_000);
  way.heal();
  measured('session expired: registered again', await timeOf(asBefore()), REPAIRED_MS);
  await eventually(watching.last).toEqual(['10.0.0.1', '10.0.0.2']);
  await eventually(told.last).toEqual(['10.0.0.1', '10.0.0.2']);
});

test('nodes wiped under running sessions: all is registered again', async () => {
  const zookeeper = await ownZooKeeper();
  const { admin, told, asBefore } = await settledAt(zookeeper, '/wiped');
  await zookeeper.wipe('/wiped');
  measured('nodes wiped: registered again', await timeOf(asBefore()), REPAIRED_MS);
  await heardOfNewcomer(admin, '/wiped', told);
  expect(told.lists.filter(({ length }) => length === 0)).toEqual([]);
});

test('data wiped with the server: all is registered again, and nobody is left without providers', async () => {
  const zookeeper = await ownZooKeeper();
  const { admin: before, told } = await settledAt(zookeeper, '/lost');
  // A plain client never comes back to a server that has seen less than itself.
  await before.close();
  await zookeeper.wipeData();
  const admin = await adminOf(zookeeper);
  const asBefore = registered(admin, '/lost', '10.0.0.1', '10.0.0.2');
  measured('data wiped: registered again', await timeOf(asBefore), REPAIRED_MS);
  await heardOfNewcomer(admin, '/lost', told);
  expect(told.lists.filter(({ length }) => length === 0)).toEqual([]);
});
