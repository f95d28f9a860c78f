// Old and new in one fleet: sofa-rpc-node and compat, each in processes of its own, who know of each other only by a real
// ZooKeeper.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { SofaRpcNodePeer } from '../zookeeper/sofa-rpc-node-peer.js';
import { ZooKeeper } from '../zookeeper/zookeeper.js';
import { lacks, type SideName } from './mixed-library.js';
import { Consumer, Provider, type Tally } from './mixed-members.js';

/** Time enough for every consumer to hear of a change, as a careful operator leaves it. */
const HEARD_MS = 1_000;

describe.skipIf(lacks('old and new through one ZooKeeper', 'java', 'mvn'))(
  'old and new through one ZooKeeper',
  () => {
    let zookeeper: ZooKeeper;
    let roots = 0;

    beforeAll(async () => {
      [zookeeper] = await Promise.all([ZooKeeper.start(), SofaRpcNodePeer.install()]);
    });

    afterAll(() => zookeeper?.stop());

    const freshRoot = () => `${zookeeper.address}/fleet-${++roots}`;

    async function provider(side: SideName, name: string, root: string): Promise<Provider> {
      const started = await Provider.start(side, name, root);
      onTestFinished(() => started.stop());
      return started;
    }

    async function consumer(side: SideName, name: string, root: string): Promise<Consumer> {
      const started = await Consumer.start(side, name, root);
      onTestFinished(() => started.stop());
      return started;
    }

    test('all four pairs: a client of each library calls a server of each', async () => {
      const root = freshRoot();
      const sides = ['old', 'new'] as const;
      await Promise.all(sides.map((side) => provider(side, `${side}-server`, root)));
      const clients = await Promise.all(sides.map((side) => consumer(side, `${side}-client`, root)));
      await Promise.all(clients.map((client) => client.load(50)));
      await Promise.all(clients.map((client) => client.hears('old-server', 'new-server')));
      const errors = await Promise.all(
        clients.map(async (client) => [await client.fail('of the service'), await client.fail('again')]),
      );
      const message = (text: string) =>
        expect.objectContaining({ message: expect.stringMatching(new RegExp(`Error: ${text}$`)) });
      for (const seen of errors) expect(seen).toEqual([message('of the service'), message('again')]);
      const tallies = await Promise.all(clients.map((client) => client.close()));
      for (const { failed, heard } of tallies) {
        expect(failed).toEqual([]);
        const counts = Object.values(heard);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(10);
      }
    });

    test('a rolling move: two servers and two clients are replaced one by one at 200 calls/s, and no call fails', async () => {
      const root = freshRoot();
      const tallies: Tally[] = [];
      const executed: Record<string, number>[] = [];
      const names = ['s1', 's2'];
      const servers = await Promise.all(names.map((name) => provider('old', `${name}-old`, root)));
      const clients = await Promise.all(['c1', 'c2'].map((name) => consumer('old', `${name}-old`, root)));
      const started = performance.now();
      await Promise.all(clients.map((client) => client.load(100)));
      await Promise.all(clients.map((client) => client.hears('s1-old', 's2-old')));

      const serving = () => servers.map(({ name }) => name);
      const allHear = () => Promise.all(clients.map((client) => client.hears(...serving())));

      async function replaceServer(at: number, by: string): Promise<void> {
        const [leaving] = servers.splice(at, 1, await provider('new', by, root));
        // Both serve for a while.
        await Promise.all(clients.map((client) => client.hears(leaving.name, ...serving())));
        await leaving.withdraw();
        await sleep(HEARD_MS);
        executed.push(await leaving.executed());
        await leaving.close();
        await allHear();
      }

      async function replaceClient(at: number, by: string): Promise<void> {
        const next = await consumer('new', by, root);
        await next.load(100);
        const [leaving] = clients.splice(at, 1, next);
        tallies.push(await leaving.close());
        await allHear();
      }

      await replaceServer(0, 's1-new');
      await replaceClient(0, 'c1-new');
      await replaceServer(1, 's2-new');
      await replaceClient(1, 'c2-new');

      // And the new one by itself.
      await replaceServer(0, 's1-newer');

      const seconds = (performance.now() - started) / 1_000;
      for (const client of clients) tallies.push(await client.close());
      for (const server of servers) executed.push(await server.executed());
      const calls = tallies.reduce((sum, tally) => sum + tally.calls, 0);
      const failed = tallies.flatMap((tally) => tally.failed);
      console.log(
        `measured: rolling move: ${calls} calls in ${seconds.toFixed(1)} s, ${failed.length} failed, 5 members replaced`,
      );
      expect(failed).toEqual([]);
      expect(calls).toBeGreaterThan(150 * seconds);
      const times = executed.flatMap((counts) => Object.values(counts));
      expect(Math.max(...times)).toBe(1);
    }, 120_000);
  },
);
