/** The ledger's provider in a process of its own. Driven by lines of JSON, see ../../support/line-process.ts. */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshServer } from 'sofa-mesh-sdk';
import { Ledger, type LedgerOptions } from './ledger.js';

const {
  name,
  port,
  registry,
  serviceMs = 0,
  failEvery = 0,
  oddKey,
} = JSON.parse(process.argv[2]) as LedgerOptions;
const executions = new Map<string, number>();
let calls = 0;

async function work(): Promise<void> {
  calls++;
  if (serviceMs > 0) await sleep(serviceMs);
  if (failEvery > 0 && calls % failEvery === 0) throw new Error('this provider fails now and then');
}

const server = new MeshServer({ app: name, host: '127.0.0.1', port, registry, mode: 'direct' });
server.add(Ledger, {
  async read(key) {
    await work();
    return key === oddKey ? `not ${key}` : key;
  },
  async write(key) {
    const times = (executions.get(key) ?? 0) + 1;
    executions.set(key, times);
    await work();
    return times;
  },
});
process.once('SIGTERM', () => server.stop().then(() => process.exit()));
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id } = JSON.parse(line) as { id: number; cmd: 'executions' };
  console.log(JSON.stringify({ id, value: Object.fromEntries(executions) }));
});

const bound = await server.start();
while (!server.health().ready) await sleep(20);
console.log(JSON.stringify({ ready: bound.port }));
