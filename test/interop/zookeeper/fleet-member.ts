/** A provider in a process of its own, as an application writes it. Driven by lines of JSON, see ../../support/line-process.ts. */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshServer } from 'sofa-mesh-sdk';
import { Fleet, type MemberOptions } from './fleet.js';

const { name, registry, port, publishPort, serviceMs } = JSON.parse(process.argv[2]) as MemberOptions;
let delayMs = serviceMs;

const server = new MeshServer({ app: name, host: '127.0.0.1', port, publishPort, registry });
server.add(Fleet, {
  async who() {
    await sleep(delayMs);
    return name;
  },
});
process.once('SIGTERM', () => server.stop().then(() => process.exit()));
createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line) as { id: number; cmd: 'takes'; delayMs: number };
  delayMs = command.delayMs;
  console.log(JSON.stringify({ id: command.id, value: delayMs }));
});

const bound = await server.start();
while (!server.health().ready) await sleep(20);
console.log(JSON.stringify({ ready: bound.port }));
