// The workers of node:cluster behind one port: real processes, real ZooKeeper.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MeshClient } from 'sofa-mesh-sdk';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { Guarded } from '../../support/guarded.js';
import { LineProcess } from '../../support/line-process.js';
import { Fleet } from './fleet.js';
import { JavaPeer } from './java-peer.js';
import { freePort } from './ports.js';
import { ZkAdmin } from './zk-admin.js';
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

/** An application of so many workers. */
async function application(root: string, count: number) {
  const port = await freePort();
  const settings = JSON.stringify({ registry: registryOf(root), port, count });
  const program = fileURLToPath(new URL('workers.ts', import.meta.url));
  const primary = new LineProcess(
    new Guarded('the primary', process.execPath, ['--import', 'tsx', program, settings]),
  );
  onTestFinished(() => primary.stop());
  const pids = (await primary.ready) as number[];
  return { primary, pids, port };
}

/** What is listed, looked at all the time: how many nodes, and how many addresses. */
class Listed {
  nodes = 0;
  /** Every number of addresses that was seen, in order. */
  readonly addresses: number[] = [];
  mostNodes = 0;
  private isOver = false;
  private readonly looking: Promise<void>;

  constructor(
    private readonly admin: ZkAdmin,
    private readonly path: string,
  ) {
    this.looking = this.look();
  }

  private async look(): Promise<void> {
    while (!this.isOver) {
      const names = await this.admin.children(this.path);
      this.nodes = names.length;
      this.mostNodes = Math.max(this.mostNodes, this.nodes);
      const count = new Set(names.map((name) => new URL(decodeURIComponent(name)).host)).size;
      if (this.addresses.at(-1) !== count) this.addresses.push(count);
      await sleep(2);
    }
  }

  async until(nodes: number): Promise<void> {
    while (this.nodes !== nodes) await sleep(10);
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.looking;
    await this.admin.close();
  }
}

async function listed(root: string, service = 'com.lab.FleetService'): Promise<Listed> {
  const admin = await ZkAdmin.connect(zookeeper.address);
  const looking = new Listed(admin, `/${root}/sofa-rpc/${service}/providers`);
  onTestFinished(() => looking.stop());
  return looking;
}

/** A client with a connection of its own, which calls all the time and notes who answers. */
class Caller {
  /** Who answered last. */
  who = '';
  calls = 0;
  readonly failures: { readonly to: string; readonly message: string }[] = [];
  readonly answers = new Map<string, number>();
  private isOver = false;
  private readonly mesh: MeshClient;
  private readonly calling: Promise<void>;

  constructor(root: string) {
    this.mesh = new MeshClient({
      mode: 'direct',
      app: 'caller',
      registry: registryOf(root),
      timeoutMs: 3_000,
    });
    this.calling = this.call();
  }

  private async call(): Promise<void> {
    const { who } = this.mesh.service(Fleet);
    while (!this.isOver) {
      this.calls++;
      await who().then(
        (pid) => {
          this.who = pid;
          this.answers.set(pid, (this.answers.get(pid) ?? 0) + 1);
        },
        ({ message }) => this.failures.push({ to: this.who, message }),
      );
      await sleep(5);
    }
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.calling;
    await this.mesh.close();
  }
}

async function callers(root: string, count: number): Promise<Caller[]> {
  const all = Array.from({ length: count }, () => new Caller(root));
  onTestFinished(() => Promise.all(all.map((caller) => caller.stop())).then(() => undefined));
  while (all.some(({ who }) => who === '')) await sleep(10);
  return all;
}

test('workers that start together are listed once, for as long as one of them lives, whichever goes and however', async () => {
  const root = 'workers';
  const looking = await listed(root);
  const { primary, pids } = await application(root, 2);
  expect(looking.nodes).toBe(1);
  const all = await callers(root, 8);
  const failed = () => all.flatMap(({ failures }) => failures);
  /** A pause in which the next deed is judged, the connections of the last one having moved. */
  const settle = () => sleep(1_000);

  // Killed, first one and then the other, so that both he who announces and he who stands by have been it.
  for (let i = 0; i < 2; i++) {
    pids.push(...((await primary.value({ cmd: 'fork' })) as number[]));
    const [killed] = pids.splice(0, 1);
    await primary.value({ cmd: 'kill', worker: killed });
    await settle();
    const ofTheLiving = failed().filter(({ to }) => to !== String(killed));
    expect(ofTheLiving, 'calls to workers that live').toEqual([]);
    for (const { failures: own } of all) own.length = 0;
    await sleep(SESSION_MS + 2_000);
    expect(looking.nodes).toBe(1);
  }
  // Stopped in good order: the rolling restart of a cluster.
  for (let i = 0; i < 4; i++) {
    pids.push(...((await primary.value({ cmd: 'fork' })) as number[]));
    const [stopped] = pids.splice(0, 1);
    await primary.value({ cmd: 'stop', worker: stopped });
    await settle();
    await looking.until(1);
    expect(failed(), 'calls while a worker stops').toEqual([]);
  }
  const calls = all.reduce((sum, one) => sum + one.calls, 0);
  await Promise.all(all.map((caller) => caller.stop()));
  // The last two; nobody is left then.
  for (const pid of pids) await primary.value({ cmd: 'stop', worker: pid });
  await looking.until(0);
  console.log(
    `measured: two workers, 2 killed and 4 restarted in turn: ${calls} calls, none of a live worker failed; listed addresses, in order: ${looking.addresses.join(', ')}; at most ${looking.mostNodes} nodes`,
  );
  expect(looking.addresses).toEqual([0, 1, 0]);
  expect(looking.mostNodes).toBeLessThanOrEqual(2);
});

test.each([4, 8, 40])('the connections of %i clients are spread over 4 workers', async (count) => {
  const root = `spread-${count}`;
  const { pids } = await application(root, 4);
  const all = await callers(root, count);
  await sleep(2_000);
  await Promise.all(all.map((caller) => caller.stop()));
  const connections = pids.map((pid) => all.filter(({ answers }) => answers.has(String(pid))).length);
  const calls = pids.map((pid) => all.reduce((sum, { answers }) => sum + (answers.get(String(pid)) ?? 0), 0));
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
  const { primary, pids, port } = await application(root, 2);
  await java.refer('consumer', { registry: `${zookeeper.address}/${root}` });
  const one = [`127.0.0.1:${port} 100`];
  const known = () => java.known('consumer');
  await vi.waitFor(async () => expect(await known()).toEqual(one), SEEN);
  const answers = async () => Object.keys(await java.call('consumer', 50));
  expect((await answers()).every((who) => pids.includes(Number(who)))).toBe(true);
  const lists = new Set<string>();
  for (let i = 0; i < 2; i++) {
    pids.push(...((await primary.value({ cmd: 'fork' })) as number[]));
    const [killed] = pids.splice(0, 1);
    await primary.value({ cmd: 'kill', worker: killed });
    for (const until = performance.now() + SESSION_MS + 3_000; performance.now() < until; await sleep(50))
      lists.add((await known()).join(', '));
    await looking.until(1);
    await vi.waitFor(async () => {
      expect(await known()).toEqual(one);
      expect((await answers()).every((who) => pids.includes(Number(who)))).toBe(true);
    }, SEEN);
  }
  console.log(`measured: what Java knew while two workers were killed in turn: ${[...lists].join(' | ')}`);
  expect(lists).not.toContain('');
  for (const pid of pids) await primary.value({ cmd: 'stop', worker: pid });
  await vi.waitFor(async () => expect(await known()).toEqual([]), SEEN);
});
