// A provider or a consumer of com.lab.FleetService in a process of its own: `mixed-member.ts <options as JSON>`, driven by
// lines of JSON (../../support/line-process.ts).
import { setTimeout as sleep } from 'node:timers/promises';
import { libraryOf, logger, loopbackServer, takeCommands } from './mixed-library.js';
import type { MemberOptions, Tally } from './mixed-members.js';

const options: MemberOptions = JSON.parse(process.argv[2]);
const { side, role, name, zookeeper, serviceMs = 5 } = options;
const lib = await libraryOf(side);
const interfaceName = 'com.lab.FleetService';
const registry = new lib.registry.ZookeeperRegistry({ logger, address: zookeeper });
await registry.ready();

async function provider() {
  /** How often each call was executed. */
  const executed = new Map<string, number>();
  const server = loopbackServer(side, lib, { registry, appName: name });
  server.on('error', logger.error);
  server.addService(interfaceName, {
    async who(key: string) {
      executed.set(key, (executed.get(key) ?? 0) + 1);
      await sleep(serviceMs);
      return name;
    },
    async fail(message: string) {
      throw new Error(message);
    },
  });
  await server.start();
  await server.publish();
  const commands = {
    executed: () => Object.fromEntries(executed),
    withdraw: async () => {
      await server.unPublish();
    },
    close: async () => {
      await server.close();
      await registry.close();
    },
  };
  return { commands, ready: server.publishPort };
}

async function consumer() {
  const client = new lib.client.RpcClient({ logger, registry, appName: name });
  const fleet = client.createConsumer({ interfaceName });
  await fleet.ready();
  const tally: Tally = { calls: 0, failed: [], heard: {}, keys: [] };
  const running = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  async function one(): Promise<void> {
    const key = `${name} ${tally.calls++}`;
    try {
      const who: string = await fleet.invoke('who', [key]);
      tally.heard[who] = (tally.heard[who] ?? 0) + 1;
      tally.keys.push(key);
    } catch (error) {
      tally.failed.push(`${key}: ${error}`);
    }
  }

  const commands = {
    who: () => fleet.invoke('who', ['by hand']),
    fail: async ({ message }: { message: string }) =>
      fleet.invoke('fail', [message]).then(
        () => 'did not fail',
        (error: Error) => ({ name: error.name, message: error.message }),
      ),
    /** So many calls a second, whatever becomes of them. */
    load: ({ perSecond }: { perSecond: number }) => {
      const since = performance.now();
      let started = 0;
      timer = setInterval(() => {
        const due = ((performance.now() - since) / 1_000) * perSecond;
        for (; started < due; started++) {
          const call = one();
          running.add(call);
          void call.finally(() => running.delete(call));
        }
      }, 5);
    },
    /** What became of the calls so far. */
    tally: () => tally,
    /** No more calls; when those that run have ended, the end of the consumer. */
    close: async () => {
      clearInterval(timer);
      await Promise.all(running);
      await client.close();
      await registry.close();
      return tally;
    },
  };
  return { commands, ready: true };
}

const { commands, ready } = role === 'provider' ? await provider() : await consumer();
takeCommands(commands, ready);
