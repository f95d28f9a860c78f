// What a fleet of providers does to a client: restarts, holes in the network, slowness. Real ZooKeeper, real processes.
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshClient } from 'sofa-mesh-sdk';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Fleet, Load, Member } from './fleet.js';
import { freePort } from './ports.js';
import { Toxiproxy } from './toxiproxy.js';
import { ZooKeeper } from './zookeeper.js';

let zookeeper: ZooKeeper;
let toxiproxy: Toxiproxy;
const members = new Set<Member>();

beforeAll(async () => {
  [zookeeper, toxiproxy] = await Promise.all([ZooKeeper.start(), Toxiproxy.start()]);
});

afterEach(async () => {
  await Promise.all([...members].map((member) => member.stop()));
  members.clear();
});

afterAll(async () => {
  await toxiproxy?.stop();
  await zookeeper?.stop();
});

const registryOf = (root: string) => `zookeeper://${zookeeper.address}/${root}`;

async function member(root: string, name: string, more: { port?: number; publishPort?: number } = {}) {
  const started = await Member.start({ name, registry: registryOf(root), port: 0, serviceMs: 2, ...more });
  members.add(started);
  return started;
}

function clientOf(root: string, timeoutMs: number): MeshClient {
  return new MeshClient({ mode: 'direct', app: 'fleet-client', registry: registryOf(root), timeoutMs });
}

/** Waits until every one of the providers has answered. */
async function allAnswer(load: Load, names: readonly string[]): Promise<void> {
  const from = performance.now();
  while (!names.every((name) => load.endedSince(from).some(({ who }) => who === name))) await sleep(50);
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

test('a rolling restart of 10 providers under 2,000 calls a second fails no call', async () => {
  const names = Array.from({ length: 10 }, (_, i) => `provider-${i}`);
  const fleet = await Promise.all(names.map((name) => member('rolling', name)));
  const mesh = clientOf('rolling', 3_000);
  const who = mesh.service(Fleet).who;
  const load = new Load(2_000, () => who());
  await allAnswer(load, names);
  for (const [i, old] of fleet.entries()) {
    await old.stop();
    members.delete(old);
    await member('rolling', names[i]);
  }
  await allAnswer(load, names);
  await load.stop();
  console.log(`measured: rolling restart of 10: ${load.ended.length} calls, ${load.failures.length} failed`);
  expect(load.failures.map(({ message }) => message)).toEqual([]);
  await mesh.close();
});

test('a provider behind a hole in the network is noticed, left alone, and used again when it is healed', async () => {
  const names = ['holed', 'second', 'third'];
  const port = await freePort();
  const proxy = await toxiproxy.proxy('holed', `127.0.0.1:${port}`);
  await Promise.all([
    member('hole', 'holed', { port, publishPort: proxy.port }),
    member('hole', 'second'),
    member('hole', 'third'),
  ]);
  const mesh = clientOf('hole', 1_000);
  const who = mesh.service(Fleet).who;
  const load = new Load(200, () => who());
  await allAnswer(load, names);

  await proxy.blackhole();
  const holedAt = performance.now();
  await sleep(25_000);
  const failures = load.endedSince(holedAt).filter(({ error }) => error !== undefined);
  const noticed = failures.length === 0 ? 0 : failures[failures.length - 1].at - holedAt;
  await proxy.heal();
  const healedAt = performance.now();
  while (!load.endedSince(healedAt).some((one) => one.who === 'holed')) await sleep(20);
  const healed = performance.now() - healedAt;
  await load.stop();

  console.log(
    `measured: blackhole: ${load.ended.length} calls, ${failures.length} failed, the last after ${seconds(noticed)}; used again ${seconds(healed)} after healing`,
  );
  expect(noticed).toBeLessThan(60_000);
  expect(healed).toBeLessThan(15_000);
  expect(failures.length).toBeLessThan(200);
  await mesh.close();
});

test('a provider that slows ten times loses its traffic, and has its share again when it is well', async () => {
  const names = Array.from({ length: 10 }, (_, i) => `peer-${i}`);
  const fleet = await Promise.all(names.map((name) => member('slow', name)));
  for (const one of fleet) one.takes(10);
  const mesh = clientOf('slow', 3_000);
  const who = mesh.service(Fleet).who;
  const load = new Load(400, () => who());
  await allAnswer(load, names);
  await sleep(5_000);
  const before = load.shareOf('peer-0', performance.now() - 4_000);

  fleet[0].takes(100);
  await sleep(5_000);
  const slowFrom = performance.now();
  await sleep(5_000);
  const slow = load.shareOf('peer-0', slowFrom);
  fleet[0].takes(10);
  const healedAt = performance.now();
  await sleep(30_000);
  const after = load.shareOf('peer-0', performance.now() - 5_000);
  const back = backAfter(load, 'peer-0', healedAt, before / 2);
  await load.stop();

  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  console.log(
    `measured: slow provider: ${load.ended.length} calls, ${load.failures.length} failed; its share ${percent(before)} before, ${percent(slow)} from 5 s on, ${percent(after)} 30 s after; half of its share was back after ${seconds(back)}`,
  );
  expect(slow).toBeLessThan(0.06);
  expect(after).toBeGreaterThan(before / 3);
  expect(load.failures).toEqual([]);
  await mesh.close();
});

/** Milliseconds from `from` until a second in which the share was reached again. */
function backAfter(load: Load, who: string, from: number, share: number): number {
  for (let at = from; at + 1_000 < performance.now(); at += 100)
    if (load.shareOf(who, at, at + 1_000) >= share) return at + 1_000 - from;
  return Number.POSITIVE_INFINITY;
}
