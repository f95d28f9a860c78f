// The workers of node:cluster behind one port: real processes, real ZooKeeper.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { Application, apart, Callers } from './application.js';
import { JavaPeer } from './java-peer.js';
import { Listed } from './listed.js';
import { ZooKeeper } from './zookeeper.js';

const SESSION_MS = 4_000;
/** How long a change may take to be seen by everybody. */
const SEEN = { timeout: 15_000, interval: 100 };
let zookeeper: ZooKeeper;

beforeAll(async () => {
  zookeeper = await ZooKeeper.start();
});

afterAll(async () => {
  await zookeeper?.stop();
});

const registryOf = (root: string) =>
  `zookeeper://${zookeeper.address}/${root}?sessionTimeoutMs=${SESSION_MS}`;

const listed = (root: string, service?: string) => Listed.at(zookeeper.address, root, service);
const callers = (root: string, count: number) =>
  Callers.start(count, () => ({ mode: 'direct', registry: registryOf(root) }));

const applications = {
  MeshServer: (root: string, count: number) => Application.start(count, { registry: registryOf(root) }),
  // Its registry's own folder is the one that a URL of ours leaves unsaid.
  "compat's RpcServer": (root: string, count: number) =>
    Application.start(count, { face: 'compat', registry: `${zookeeper.address}/${root}/sofa-rpc` }),
};
const application = applications.MeshServer;

test.each(Object.entries(applications))(
  '%s: workers that start together are listed once, for as long as one of them lives, whichever goes and however',
  async (face, start) => {
    const root = face.replace(/\W/g, '');
    const looking = await listed(root);
    const started = await start(root, 2);
    const { pids } = started;
    expect(looking.nodes).toBe(1);
    const all = await callers(root, 8);
    let heldCount = 0;

    // Killed, first one and then the other, so that both he who announces and he who stands by have been it.
    for (let i = 0; i < 2; i++) {
      await started.fork();
      const [killed] = pids;
      await started.kill(killed);
      const knownAt = performance.now();
      await all.make(50);
      const { held, others } = apart(all.failed(), killed, knownAt);
      expect(others, 'calls to workers that live').toEqual([]);
      heldCount += held.length;
      // Its session has expired.
      await looking.without(killed);
      await looking.until(1);
    }
    // Stopped in good order: the rolling restart of a cluster.
    for (let i = 0; i < 4; i++) {
      await started.fork();
      const [stopped] = pids;
      await started.stop(stopped);
      await all.make(50);
      await looking.until(1);
      expect(all.failed(), 'calls while a worker stops').toEqual([]);
    }
    await all.stop();
    // The last two; nobody is left then.
    for (const pid of [...pids]) await started.stop(pid);
    await looking.until(0);
    console.log(
      `measured: ${face}, two workers, 2 killed and 4 restarted in turn: ${all.calls} calls, none of a live worker failed, ${heldCount} that a killed one held; listed addresses, in order: ${looking.addresses.join(', ')}; at most ${looking.mostNodes} nodes`,
    );
    expect(looking.addresses).toEqual([0, 1, 0]);
    expect(looking.mostNodes).toBeLessThanOrEqual(2);
  },
);

test.each([4, 8, 40])('the connections of %i clients are spread over 4 workers', async (count) => {
  const root = `spread-${count}`;
  const { pids } = await application(root, 4);
  const spread = await callers(root, count);
  await sleep(2_000);
  await spread.stop();
  const { all } = spread;
  const connections = pids.map((pid) => all.filter(({ answers }) => answers.has(pid)).length);
  const calls = pids.map((pid) => all.reduce((sum, { answers }) => sum + (answers.get(pid) ?? 0), 0));
  const total = calls.reduce((sum, one) => sum + one, 0);
  const shares = calls.map((one) => `${((100 * one) / total).toFixed(1)} %`);
  console.log(
    `measured: ${count} clients, 4 workers: connections ${connections.join(', ')}; calls ${shares.join(', ')}`,
  );
  // One connection each: a client's calls all go to one worker.
  expect(connections.reduce((sum, one) => sum + one, 0)).toBe(count);
  expect(Math.min(...connections)).toBeGreaterThan(0);
});

test('a Java consumer knows one provider, whichever worker announces it', async () => {
  const root = 'for-java';
  const java = await JavaPeer.start();
  onTestFinished(() => java.stop());
  const looking = await listed(root, 'com.lab.GreetService');
  const started = await application(root, 2);
  const { pids, port } = started;
  await java.refer('consumer', { registry: `${zookeeper.address}/${root}` });
  const one = [`127.0.0.1:${port} 100`];
  const known = () => java.known('consumer');
  await vi.waitFor(async () => expect(await known()).toEqual(one), SEEN);
  const answers = async () => Object.keys(await java.call('consumer', 50));
  expect((await answers()).every((who) => pids.includes(Number(who)))).toBe(true);
  const lists = new Set<string>();
  for (let i = 0; i < 2; i++) {
    await started.fork();
    await started.kill(pids[0]);
    for (const until = performance.now() + SESSION_MS + 3_000; performance.now() < until; await sleep(50))
      lists.add((await known()).join(', '));
    await looking.until(1);
    await vi.waitFor(async () => {
      expect(await known()).toEqual(one);
      expect((await answers()).every((who) => pids.includes(Number(who)))).toBe(true);
    }, SEEN);
  }
  // A Java client knows no go-away: it stays until its connection is closed. If that was the only one of the only address, it
  // has none until it connects again, which it does every 10 s, or when the registry has another URL for the address.
  const failed: string[] = [];
  for (let i = 0; i < 4; i++) {
    await started.fork();
    const serving = Number(Object.keys(await java.call('consumer', 1))[0]);
    const calling = java.call('consumer', 20_000);
    await started.stop(serving);
    for (const [who, times] of Object.entries(await calling))
      if (!/^\d+$/.test(who)) failed.push(`${times} of 20,000: ${who}`);
    await vi.waitFor(async () => {
      expect((await answers()).every((who) => pids.includes(Number(who)))).toBe(true);
    }, SEEN);
  }
  console.log(
    `measured: Java's calls while its worker stops, four times: ${failed.join(' | ') || 'none failed'}`,
  );
  expect(failed.filter((why) => why.includes('server stopped'))).toEqual([]);
  console.log(`measured: what Java knew while two workers were killed in turn: ${[...lists].join(' | ')}`);
  expect(lists).not.toContain('');
  for (const pid of [...pids]) await started.stop(pid);
  await vi.waitFor(async () => expect(await known()).toEqual([]), SEEN);
});
