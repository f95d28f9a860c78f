// Java (SOFARPC 5.13.2), sofa-rpc-node 2.10.0 and this library in one real ZooKeeper: who finds whom, and what they make
// of each other's attributes.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  MeshClient,
  type MeshClientOptions,
  MeshServer,
  type MeshServerOptions,
} from 'sofa-mesh-sdk';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Greet, GreetBlue, GreetSecond } from '../java/contracts.js';
import { JavaPeer } from './java-peer.js';
import { SofaRpcNodePeer } from './sofa-rpc-node-peer.js';
import { ZkAdmin } from './zk-admin.js';
import { ZooKeeper } from './zookeeper.js';

/** How long a change may take to be seen by everybody: 3 times what is usual, and more. */
const SEEN = { timeout: 15_000, interval: 100 };

let zookeeper: ZooKeeper;
let java: JavaPeer;

beforeAll(async () => {
  [zookeeper, java] = await Promise.all([ZooKeeper.start(), JavaPeer.start(), SofaRpcNodePeer.install()]);
});

afterAll(async () => {
  await java?.stop();
  await zookeeper?.stop();
});

/** The same place in ZooKeeper as Java is told of it, and as we are. */
const forJava = (root: string) => `${zookeeper.address}${root}`;
const forUs = (root: string) => `zookeeper://${zookeeper.address}${root}`;

type Greeting = typeof Greet | typeof GreetBlue | typeof GreetSecond;

/** A provider of ours, which answers by its name. */
async function serve(
  root: string,
  name: string,
  contract: Greeting = Greet,
  options: Partial<MeshServerOptions> = {},
): Promise<MeshServer> {
  const server = new MeshServer({ app: name, host: '127.0.0.1', port: 0, registry: forUs(root), ...options });
  server.add(contract, { greet: (whom) => `${name} greets ${whom}` });
  onTestFinished(() => server.stop({ quietMs: 0, timeoutMs: 0 }));
  await server.start();
  return server;
}

/** A client of ours, and what it warns of. */
function consumer(root: string, options: Partial<MeshClientOptions> = {}) {
  const warnings: string[] = [];
  const logger = { warn: (text: string) => void warnings.push(text) };
  const client = new MeshClient({
    mode: 'direct',
    app: 'node-consumer',
    registry: forUs(root),
    logger,
    ...options,
  });
  onTestFinished(() => client.close());
  return { client, warnings };
}

/** Calls of ours, one after another: how often each provider answered, or why not. */
async function answers(service: Client<Greeting>, times = 1): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < times; i++) {
    const who = await service.greet('Node').then(
      (text) => text?.replace(/ greets .*/, '') ?? 'nobody',
      (error: Error) => error.message,
    );
    counts[who] = (counts[who] ?? 0) + 1;
  }
  return counts;
}

/** Names of peers that are in nobody else's way. */
let peers = 0;
async function javaProvider(
  root: string,
  name: string,
  options: Omit<Parameters<JavaPeer['export']>[1], 'registry'> = {},
) {
  await java.export(name, { registry: forJava(root), ...options });
  onTestFinished(() => java.unexport(name));
}

async function javaConsumer(root: string, options: Omit<Parameters<JavaPeer['refer']>[1], 'registry'> = {}) {
  peers += 1;
  const name = `consumer-${peers}`;
  await java.refer(name, { registry: forJava(root), ...options });
  onTestFinished(() => java.unrefer(name));
  return (times?: number) => java.call(name, times);
}

describe.each([
  ['without a root', ''],
  ['under a root', '/both'],
])('one registry, %s', (_, root) => {
  test('a Java consumer finds our provider, and loses it when it stops', async () => {
    const server = await serve(root, 'ours');
    const call = await javaConsumer(root);
    await expect.poll(() => call(3), SEEN).toEqual({ ours: 3 });
    await server.stop();
    await expect.poll(async () => Object.keys(await call()).join(), SEEN).toContain('RPC-020060001');
  });

  test("we find Java's provider, and lose it when it stops", async () => {
    await java.export('leaving', { registry: forJava(root) });
    await javaProvider(root, 'staying');
    const { client } = consumer(root, { balancer: 'roundRobin' });
    const service = client.service(Greet);
    await expect.poll(() => answers(service, 4), SEEN).toEqual({ leaving: 2, staying: 2 });
    await java.unexport('leaving');
    await expect.poll(() => answers(service, 4), SEEN).toEqual({ staying: 4 });
  });
});

test('a uniqueId is told apart, by Java in our nodes and by us in its', async () => {
  const root = '/unique';
  await serve(root, 'our plain');
  await serve(root, 'our blue', GreetBlue);
  const [plain, blue] = [await javaConsumer(root), await javaConsumer(root, { uniqueId: 'blue' })];
  await expect.poll(() => plain(20), SEEN).toEqual({ 'our plain': 20 });
  await expect.poll(() => blue(20), SEEN).toEqual({ 'our blue': 20 });

  await javaProvider(root, 'java plain');
  await javaProvider(root, 'java blue', { uniqueId: 'blue' });
  const { client } = consumer(root, { balancer: 'roundRobin' });
  await expect
    .poll(() => answers(client.service(Greet), 20), SEEN)
    .toEqual({ 'our plain': 10, 'java plain': 10 });
  await expect
    .poll(() => answers(client.service(GreetBlue), 20), SEEN)
    .toEqual({ 'our blue': 10, 'java blue': 10 });
});

test("a server of ours with both is found under each; neither gets the other's calls", async () => {
  const root = '/two-services';
  const server = await serve(root, 'plain');
  server.add(GreetBlue, { greet: (whom) => `blue greets ${whom}` });
  const [plain, blue] = [await javaConsumer(root), await javaConsumer(root, { uniqueId: 'blue' })];
  await expect.poll(() => plain(5), SEEN).toEqual({ plain: 5 });
  await expect.poll(() => blue(5), SEEN).toEqual({ blue: 5 });
});

/** The part of the calls that `who` answered. */
function share(counts: Record<string, number>, who: string): number {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (counts[who] ?? 0) / all;
}

describe('weights of 100 and 300', () => {
  test("of Java's providers are honoured by us", async () => {
    const root = '/java-weights';
    await javaProvider(root, 'light', { weight: 100 });
    await javaProvider(root, 'heavy', { weight: 300 });
    const { client } = consumer(root, { balancer: 'weightedRandom' });
    const service = client.service(Greet);
    await expect.poll(async () => Object.keys(await answers(service, 20)).length, SEEN).toBe(2);
    const heavy = share(await answers(service, 600), 'heavy');
    console.log(`measured: weight 300 of 100 + 300 in Java's nodes: ${percent(heavy)} of our calls`);
    expect(heavy).toBeGreaterThan(0.65);
    expect(heavy).toBeLessThan(0.85);
  });

  test('of our providers are honoured by Java', async () => {
    const root = '/our-weights';
    await serve(root, 'light', Greet, { weight: 100 });
    await serve(root, 'heavy', Greet, { weight: 300 });
    const call = await javaConsumer(root);
    await expect.poll(async () => Object.keys(await call(20)).length, SEEN).toBe(2);
    const heavy = share(await call(600), 'heavy');
    console.log(`measured: weight 300 of 100 + 300 in our nodes: ${percent(heavy)} of Java's calls`);
    expect(heavy).toBeGreaterThan(0.65);
    expect(heavy).toBeLessThan(0.85);
  });
});

describe('a provider that warms up, with a weight of 10 beside 100', () => {
  /** Time enough for a slow machine to make the first calls in. */
  const WARM_UP_MS = 8_000;

  /** The share of the provider `warming`, started just now, while it warms up and after. */
  async function shares(call: (times: number) => Promise<Record<string, number>>): Promise<[number, number]> {
    const warm = performance.now() + WARM_UP_MS;
    await expect.poll(async () => 'settled' in (await call(5)), SEEN).toBe(true);
    const cold = share(await call(300), 'warming');
    expect(performance.now(), 'too slow to see the warm-up').toBeLessThan(warm);
    await sleep(warm + 500 - performance.now());
    return [cold, share(await call(300), 'warming')];
  }

  test("of Java's gets less from us until it is warm", async () => {
    const root = '/java-warm';
    await javaProvider(root, 'settled');
    await javaProvider(root, 'warming', {
      parameters: { warmupTime: String(WARM_UP_MS), warmupWeight: '10' },
    });
    const { client } = consumer(root, { balancer: 'weightedRandom' });
    const service = client.service(Greet);
    const [cold, warm] = await shares((times) => answers(service, times));
    console.log(
      `measured: Java's provider of weight 10 then 100: ${percent(cold)} then ${percent(warm)} of our calls`,
    );
    expect(cold).toBeLessThan(0.2);
    expect(warm).toBeGreaterThan(0.35);
  });

  test('of ours gets less from Java until it is warm', async () => {
    const root = '/our-warm';
    await serve(root, 'settled');
    await serve(root, 'warming', Greet, { warmup: { timeMs: WARM_UP_MS, weight: 10 } });
    const call = await javaConsumer(root);
    const [cold, warm] = await shares(call);
    console.log(
      `measured: our provider of weight 10 then 100: ${percent(cold)} then ${percent(warm)} of Java's calls`,
    );
    expect(cold).toBeLessThan(0.2);
    expect(warm).toBeGreaterThan(0.35);
  });
});

test('a version gets only its own providers, although one directory lists all of them', async () => {
  const root = '/versions';
  await serve(root, 'first');
  await serve(root, 'second', GreetSecond);
  await javaProvider(root, 'java first');
  const { client } = consumer(root, { balancer: 'roundRobin' });
  await expect.poll(() => answers(client.service(GreetSecond), 20), SEEN).toEqual({ second: 20 });
  await expect.poll(() => answers(client.service(Greet), 20), SEEN).toEqual({ first: 10, 'java first': 10 });
});

test("a Java provider of version 2.0, whose node says 1.0 like all of Java's, is found", async () => {
  const root = '/java-second';
  await javaProvider(root, 'java second', { version: '2.0' });
  const { client } = consumer(root);
  await expect.poll(() => answers(client.service(GreetSecond), 5), SEEN).toEqual({ 'java second': 5 });
});

test('under a root, Java and sofa-rpc-node do not see each other, and both see us and are seen', async () => {
  const root = '/mesh';
  const old = await SofaRpcNodePeer.start(`${zookeeper.address}${root}`);
  onTestFinished(() => old.stop());
  await serve(root, 'ours');
  await javaProvider(root, 'java');
  await old.export('old');
  const javaCalls = await javaConsumer(root);
  await old.refer('consumer');
  const { client } = consumer(root, { balancer: 'roundRobin' });
  await expect.poll(() => answers(client.service(Greet), 30), SEEN).toEqual({ ours: 10, java: 10, old: 10 });
  await expect.poll(async () => Object.keys(await javaCalls(30)).sort(), SEEN).toEqual(['java', 'ours']);
  await expect
    .poll(async () => Object.keys(await old.call('consumer', 30)).sort(), SEEN)
    .toEqual(['old', 'ours']);
});

test('nodes that are poisoned or foreign are skipped, each with one warning, and the others used', async () => {
  const root = '/poison';
  const directory = `${root}/sofa-rpc/${Greet.interfaceName}/providers`;
  await javaProvider(root, 'java');
  const { client, warnings } = consumer(root, { balancer: 'roundRobin' });
  const service = client.service(Greet);
  await expect.poll(() => answers(service, 4), SEEN).toEqual({ java: 4 });

  const admin = await ZkAdmin.connect(zookeeper.address);
  onTestFinished(() => admin.close());
  // A parameter without a value: with it a new Java consumer throws, and a running one no longer hears of changes.
  const poison = [
    encodeURIComponent('bolt://127.0.0.1:1?uniqueId=&flag'),
    'bolt%3A%2F%2F127.0.0.1%3A1%3FuniqueId%3D%E0%A4%A',
    encodeURIComponent('bolt://127.0.0.1:99999?uniqueId='),
    'readme.txt of somebody',
  ];
  const foreign = encodeURIComponent('tri://127.0.0.1:1?uniqueId=');
  for (const name of [...poison, foreign]) await admin.create(`${directory}/${name}`);
  await serve(root, 'ours');

  const expected = { java: 2, ours: 2 };
  await expect.poll(() => answers(service, 4), SEEN).toEqual(expected);
  const { client: another } = consumer(root, { balancer: 'roundRobin' });
  await expect.poll(() => answers(another.service(Greet), 4), SEEN).toEqual(expected);
  for (const name of poison)
    expect(warnings.filter((text) => text.includes(JSON.stringify(name)))).toHaveLength(1);
  expect(warnings.filter((text) => text.includes('tri://'))).toHaveLength(1);
  expect(warnings).toHaveLength(5);
});

const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
