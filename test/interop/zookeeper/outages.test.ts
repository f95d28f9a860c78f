// What outages of ZooKeeper do to calls, and how soon everything is as before. Real servers, real processes, a steady load.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshClient, type MeshClientOptions, MeshServer } from 'sofa-mesh-sdk';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { heard } from '../../support/events.js';
import { Fleet, Load, Member } from './fleet.js';
import { measured, timeOf } from './measured.js';
import { freePort } from './ports.js';
import { Toxiproxy } from './toxiproxy.js';
import { ZkAdmin } from './zk-admin.js';
import { Ensemble, ZooKeeper } from './zookeeper.js';

const ROOT = '/outages';
const DIRECTORY = `${ROOT}/sofa-rpc/${Fleet.interfaceName}/providers`;
/** Within which everything is to be as before, once ZooKeeper is. */
const REPAIRED_MS = 10_000;
/** After which a test fails instead of waiting any longer. */
const PATIENCE_MS = 60_000;
const PER_SECOND = 200;

let toxiproxy: Toxiproxy;

// What is to be built is built here: a test has less time.
beforeAll(async () => {
  [toxiproxy] = await Promise.all([Toxiproxy.start(), ZooKeeper.build()]);
});

afterAll(() => toxiproxy?.stop());

/** `address`: `host:port,..` of ZooKeeper, or of a proxy before it. */
const registryOf = (address: string, query = '') => `zookeeper://${address}${ROOT}${query}`;

async function startZooKeeper(): Promise<ZooKeeper> {
  const zookeeper = new ZooKeeper(await freePort());
  onTestFinished(() => zookeeper.stop());
  await zookeeper.start();
  return zookeeper;
}

async function provider(name: string, registry: string): Promise<Member> {
  const member = await Member.start({ name, registry, port: 0, serviceMs: 2 });
  onTestFinished(() => member.stop());
  return member;
}

function clientOf(registry: string, options: Partial<MeshClientOptions> = {}): MeshClient {
  const logger = { warn() {} };
  const client = new MeshClient({ mode: 'direct', app: 'outage-client', registry, logger, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** Calls a client steadily, from when all of these have answered. */
async function loadOn(client: MeshClient, ...names: string[]): Promise<Load> {
  const { who } = client.service(Fleet);
  await expect.poll(() => who(), { timeout: 30_000 }).toBeTruthy();
  const load = new Load(PER_SECOND, () => who());
  onTestFinished(() => load.stop());
  await load.hearsFrom(...names);
  return load;
}

/** Starts one more provider: the time until it is announced and the load has heard of it. */
async function timeOfNewcomer(name: string, registry: string, load: Load): Promise<number> {
  return timeOf(provider(name, registry).then(() => load.hearsFrom(name)));
}

/** Ends the load: how many calls it made, and those that failed. */
async function ended(what: string, load: Load): Promise<string[]> {
  await load.stop();
  const { length } = load.ended;
  console.log(`measured: ${what}: ${length} calls, ${load.failures.length} failed`);
  return load.failures.map(({ message }) => message);
}

/** Resolves when exactly these are announced. */
async function announced(zookeeper: ZooKeeper, members: readonly { address: string }[]): Promise<void> {
  const admin = await ZkAdmin.connect(zookeeper.address);
  const addresses = async () => {
    const nodes = await admin.children(DIRECTORY);
    return nodes.map((node) => decodeURIComponent(node).replace(/^bolt:\/\/|\?.*$/g, '')).sort();
  };
  const expected = members.map(({ address }) => address).sort();
  await expect.poll(addresses, { timeout: PATIENCE_MS, interval: 20 }).toEqual(expected);
  await admin.close();
}

test('down at start: a client calls what its snapshot knows, a server serves and is announced later', async () => {
  const zookeeper = await startZooKeeper();
  const registry = registryOf(zookeeper.address);
  const snapshotDir = mkdtempSync(join(tmpdir(), 'sofa-snapshot-'));
  onTestFinished(() => rmSync(snapshotDir, { recursive: true }));
  const known = await provider('known', registry);
  const earlier = clientOf(registry, { snapshotDir });
  await expect.poll(() => earlier.service(Fleet).who(), { timeout: 10_000 }).toBe('known');
  await earlier.close();

  await zookeeper.stop();
  const events = heard('registry.failed');
  const client = clientOf(registry, { snapshotDir });
  const { who } = client.service(Fleet);
  measured('first answer of a client with a snapshot, ZooKeeper down', await timeOf(who()), 1_000);
  const load = await loadOn(client, 'known');
  await expect(clientOf(registry).service(Fleet).who()).rejects.toMatchObject({
    code: 'NO_ENDPOINT',
    message: expect.stringContaining(zookeeper.address),
  });

  const server = new MeshServer({ app: 'late', host: '127.0.0.1', port: 0, registry, logger: { warn() {} } });
  server.add(Fleet, { who: () => 'late' });
  onTestFinished(() => server.stop({ quietMs: 0, timeoutMs: 0 }));
  let address = '';
  const start = server.start().then(({ host, port }) => {
    address = `${host}:${port}`;
  });
  measured('start of a server, ZooKeeper down', await timeOf(start), 3_500);
  expect(await clientOf(`bolt://${address}`).service(Fleet).who()).toBe('late');
  expect(server.health()).toMatchObject({ live: true, ready: false });
  const operations = () => new Set(events.map(([, { operation }]) => operation));
  await expect.poll(operations, { timeout: 30_000 }).toEqual(new Set(['watch', 'publish']));

  await zookeeper.start();
  const [announcing, hearing] = await Promise.all([
    timeOf(announced(zookeeper, [known, { address }])),
    timeOf(load.hearsFrom('known', 'late')),
  ]);
  measured('down at start, then up: announced', announcing, REPAIRED_MS);
  measured('down at start, then up: called by a client that was there before', hearing, REPAIRED_MS);
  expect(server.health()).toMatchObject({ ready: true });
  expect(await ended('down at start', load)).toEqual([]);
});

test('down for 30 s: no call fails, and what changed meanwhile is known soon after', async () => {
  const zookeeper = await startZooKeeper();
  const registry = registryOf(zookeeper.address);
  const members = await Promise.all(['first', 'second', 'third'].map((name) => provider(name, registry)));
  const load = await loadOn(clientOf(registry), 'first', 'second', 'third');

  await zookeeper.stop();
  await sleep(15_000);
  const server = new MeshServer({
    app: 'fourth',
    host: '127.0.0.1',
    port: 0,
    registry,
    logger: { warn() {} },
  });
  server.add(Fleet, { who: () => 'fourth' });
  onTestFinished(() => server.stop({ quietMs: 0, timeoutMs: 0 }));
  const { host, port } = await server.start();
  await sleep(15_000);
  await load.hearsFrom('first', 'second', 'third');
  await zookeeper.start();
  const all = [...members, { address: `${host}:${port}` }];
  const [announcing, hearing] = await Promise.all([
    timeOf(announced(zookeeper, all)),
    timeOf(load.hearsFrom('first', 'second', 'third', 'fourth')),
  ]);
  measured('down for 30 s, then up: all announced', announcing, REPAIRED_MS);
  measured('down for 30 s, then up: a new provider is called', hearing, REPAIRED_MS);
  expect(await ended('down for 30 s', load)).toEqual([]);
});

test('a provider that stood still until its session had expired is announced again', async () => {
  const zookeeper = await startZooKeeper();
  const registry = registryOf(zookeeper.address, '?sessionTimeoutMs=4000');
  const [frozen, second] = [await provider('frozen', registry), await provider('second', registry)];
  const load = await loadOn(clientOf(registry, { timeoutMs: 1_000 }), 'frozen', 'second');

  frozen.pause();
  const expiry = await timeOf(announced(zookeeper, [second]));
  console.log(
    `measured: session of 4 s, process stopped: its node is gone after ${(expiry / 1000).toFixed(1)} s`,
  );
  await sleep(5_000);
  frozen.resume();
  const [announcing, hearing] = await Promise.all([
    timeOf(announced(zookeeper, [frozen, second])),
    timeOf(load.hearsFrom('frozen', 'second')),
  ]);
  measured('expired session: announced again', announcing, REPAIRED_MS);
  measured('expired session: called again', hearing, REPAIRED_MS);
  await ended('a provider stands still for 10 s', load);
  // Calls to a process that stands still do fail, until it is noticed. Those to the other one do not.
  expect(load.failures.filter(({ endpoint }) => endpoint !== frozen.address)).toEqual([]);
});

test('nodes wiped under running sessions: no call fails, and all are announced again', async () => {
  const zookeeper = await startZooKeeper();
  const registry = registryOf(zookeeper.address);
  const members = [await provider('first', registry), await provider('second', registry)];
  const load = await loadOn(clientOf(registry), 'first', 'second');
  await zookeeper.wipe(ROOT);
  measured('nodes wiped: all announced again', await timeOf(announced(zookeeper, members)), REPAIRED_MS);
  const newcomer = await timeOfNewcomer('third', registry, load);
  measured('nodes wiped: a provider is started, announced and called', newcomer, REPAIRED_MS);
  await load.hearsFrom('first', 'second');
  expect(await ended('nodes wiped', load)).toEqual([]);
});

test('data wiped with the server: no call fails, and all are announced again', async () => {
  const zookeeper = await startZooKeeper();
  const registry = registryOf(zookeeper.address);
  const members = [await provider('first', registry), await provider('second', registry)];
  const load = await loadOn(clientOf(registry), 'first', 'second');
  // ZooKeeper counts its changes. After this the clients have seen later ones than the server has.
  await zookeeper.wipeData();
  measured('data wiped: all announced again', await timeOf(announced(zookeeper, members)), REPAIRED_MS);
  const newcomer = await timeOfNewcomer('third', registry, load);
  measured('data wiped: a provider is started, announced and called', newcomer, REPAIRED_MS);
  await load.hearsFrom('first', 'second');
  expect(await ended('data wiped', load)).toEqual([]);
});

test('slow, then silent: no call fails, and changes are heard of', async () => {
  const zookeeper = await startZooKeeper();
  const proxy = await toxiproxy.proxy('zookeeper', zookeeper.address);
  const registry = registryOf(proxy.address);
  await proxy.latency(1_000);
  // Two directories are looked for, made and looked at, one request after another: that is more than a dozen of them.
  const first = await timeOf(provider('first', registry));
  measured('answers take 1 s: a first provider is started and announced', first, 2 * REPAIRED_MS);
  const client = clientOf(registry, { timeoutMs: 20_000 });
  measured('answers take 1 s: first call of a client', await timeOf(client.service(Fleet).who()), 5_000);
  const load = await loadOn(client, 'first');
  const newcomer = await timeOfNewcomer('second', registryOf(zookeeper.address), load);
  measured('answers take 1 s: a provider is started, announced and called', newcomer, REPAIRED_MS);

  await proxy.blackhole();
  await provider('third', registryOf(zookeeper.address));
  await sleep(20_000);
  await proxy.heal();
  measured('silent for 20 s: a new provider is called', await timeOf(load.hearsFrom('third')), REPAIRED_MS);
  await load.hearsFrom('first', 'second');
  expect(await ended('slow, then silent', load)).toEqual([]);
});

test('members of an ensemble lost, ours and the leader: no call fails, and changes are heard of', async () => {
  const ensemble = await Ensemble.start(3);
  onTestFinished(() => ensemble.stop());
  const registry = registryOf(ensemble.address);
  const client = clientOf(registry);
  await client
    .service(Fleet)
    .who()
    .catch(() => undefined);
  const connections = await Promise.all(ensemble.members.map((member) => member.connections()));
  const ours = ensemble.members[connections.findIndex((count) => count > 0)];
  await Promise.all(['first', 'second'].map((name) => provider(name, registry)));
  const load = await loadOn(client, 'first', 'second');

  await ours.kill();
  const third = await timeOfNewcomer('third', registry, load);
  measured('our member lost: a provider is started, announced and called', third, REPAIRED_MS);
  await ours.start();
  const modes = await Promise.all(ensemble.members.map((member) => member.mode()));
  const leader = ensemble.members[modes.indexOf('leader')];
  await leader.kill();
  const fourth = await timeOfNewcomer('fourth', registry, load);
  measured('the leader lost: a provider is started, announced and called', fourth, REPAIRED_MS);
  await load.hearsFrom('first', 'second', 'third');
  expect(await ended('members of an ensemble lost', load)).toEqual([]);
});
