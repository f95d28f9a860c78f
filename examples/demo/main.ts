/**
 * The main job, with Node alone: a provider, a consumer and a sidecar in three processes, and real Bolt frames. First typed
 * calls; then traffic that moves to the sidecar and back while it runs. Run: npm run demo
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { MeshClient } from 'sofa-mesh-sdk';
import { Orders } from './contract.js';
import { checked, expected, line } from './print.js';
import { type Actor, story } from './story.js';
import type { Calls } from './traffic.js';
import { typedCalls } from './typed.js';

const TIME_LIMIT_MS = 150_000;
const started = performance.now();

const provider = start('provider.ts');
const watchdog = setTimeout(() => fail(new Error(`not done after ${TIME_LIMIT_MS} ms`)), TIME_LIMIT_MS);
process.once('uncaughtException', fail);
try {
  await demo(await saidBy(provider));
} catch (error) {
  fail(error);
}
clearTimeout(watchdog);
provider.disconnect();
await once(provider, 'exit');
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  `\nDone in ${seconds} s: ${checked()} results checked, all as expected. Every process has ended.`,
);

async function demo(port: number): Promise<void> {
  console.log('sofa-mesh-sdk demo: one typed service, Bolt and Hessian, with a sidecar and without\n');
  line('consumer', `process ${process.pid} (this one)`);
  line('provider', `process ${provider.pid}, bolt://127.0.0.1:${port}`);
  line('service', Orders.id);
  await typedCalls(port);

  let ledger: () => Promise<ReadonlyMap<bigint, number>> = () => Promise.reject(new Error('nobody called'));
  await story({
    sidecar: await sidecarFor(port),
    sidecarIs: 'the dev sidecar of sofa-mesh-sdk/testing, in a third process',
    provider: `127.0.0.1:${port}`,
    callsOf: (mesh) => {
      ledger = () => mesh.service(Orders).placed();
      return callsOf(mesh);
    },
    judge: async (writes) => {
      const executed = await ledger();
      const twice = [...executed.values()].filter((times) => times !== 1);
      expected([executed.size, twice.length], [writes, 0]);
      return `${executed.size} writes executed, each of them once`;
    },
  });
}

function callsOf(mesh: MeshClient): Calls {
  const orders = mesh.service(Orders);
  return {
    read: async () => {
      const { value, reply } = await orders.find.withReply(42n);
      if (value?.id !== 42n) throw new Error(`find(42n) got ${inspect(value)}`);
      return reply.path;
    },
    write: async (number) => (await orders.place.withReply(BigInt(number))).reply.path,
  };
}

/** A sidecar that is a process whenever it runs: its kill is a real one. */
async function sidecarFor(providerPort: number): Promise<Actor> {
  const [api, egress] = await Promise.all([freePort(), freePort()]);
  let running: ChildProcess | undefined;
  return {
    api: `127.0.0.1:${api}`,
    egress: `127.0.0.1:${egress}`,
    start: async () => {
      running = start('sidecar.ts', api, egress, providerPort);
      await saidBy(running);
    },
    kill: async () => {
      if (running === undefined) return;
      const ended = once(running, 'exit');
      running.kill('SIGKILL');
      running = undefined;
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function start(file: string, ...args: number[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args.map(String));
}

/** The first thing that a process says. */
async function saidBy(child: ChildProcess): Promise<number> {
  const [said] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`process ${child.pid} ended with code ${code} before it was ready`);
    }),
  ]);
  return said as number;
}

function fail(error: unknown): never {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : inspect(error)}`);
  process.exit(1);
}
