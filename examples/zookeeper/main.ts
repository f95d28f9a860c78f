/**
 * Java and Node.js in one registry: a real ZooKeeper, a Java provider and a Node.js one of the same service, and a
 * consumer in each language that finds both. Run: npm run demo:zookeeper
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineService, MeshClient, MeshServer, t } from 'sofa-mesh-sdk';
import { JavaPeer } from '../../test/interop/zookeeper/java-peer.js';
import { ZooKeeper } from '../../test/interop/zookeeper/zookeeper.js';

const Greet = defineService('com.lab.GreetService', {
  greet: { args: [t.String], returns: t.String.notNull(), idempotent: true },
});

line('starting', 'ZooKeeper and a JVM (Maven downloads their libraries the first time)');
const [zookeeper, java] = await Promise.all([ZooKeeper.start(), JavaPeer.start()]);
const root = `${zookeeper.address}/demo`;

// What an application writes: the registry's URL, on both sides.
const registry = `zookeeper://${root}`;
const server = new MeshServer({ app: 'node-provider', host: '127.0.0.1', port: 0, registry });
server.add(Greet, { greet: (name) => `node greets ${name}` });
const { port } = await server.start();
// The default balancer would soon call the faster one alone; here both are to be seen.
const mesh = new MeshClient({ app: 'node-consumer', registry, balancer: 'roundRobin' });
const greeter = mesh.service(Greet);

const javaPort = await java.export('java', { registry: root });
await java.refer('java-consumer', { registry: root });
while (!server.health().ready) await sleep(50);
while ((await java.known('java-consumer')).length < 2) await sleep(50);
line('registry', registry);
line('providers', `Java at 127.0.0.1:${javaPort}, Node.js at 127.0.0.1:${port}`);

line('Node.js calls', summary(await callsOfNode(40)));
line('Java calls', summary(await java.call('java-consumer', 40)));

await java.unexport('java');
while ((await java.known('java-consumer')).length > 1) await sleep(50);
line('Java provider', 'ended; what both consumers call now:');
line('Node.js calls', summary(await callsOfNode(10)));
line('Java calls', summary(await java.call('java-consumer', 10)));

await mesh.close();
await server.stop();
await java.stop();
await zookeeper.stop();
line('done', 'everything has ended');

/** How many of so many calls each provider answered. */
async function callsOfNode(times: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < times; i++) {
    const who = (await greeter.greet('Ada')).replace(/ greets .*/, '');
    counts[who] = (counts[who] ?? 0) + 1;
  }
  return counts;
}

function summary(counts: Record<string, number>): string {
  return Object.entries(counts)
    .sort()
    .map(([who, count]) => `${who} answered ${count}`)
    .join(', ');
}

function line(name: string, text: string): void {
  console.log(`${name.padEnd(16)}${text}`);
}
