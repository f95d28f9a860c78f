// A client and a server of one peer, in two processes, and how one block of calls between them is measured.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forkChild, spawnJvm } from './child.mjs';
import { jvmArguments } from './java.mjs';

/** @param {string} name a key of `peers` @param {string} kind a key of `payloads` */
export const startPair = (name, kind) => (name === 'java' ? startJvmPair(kind) : startNodePair(name, kind));

async function startNodePair(name, kind) {
  const server = forkChild('call-worker.mjs', ['server', name]);
  const client = forkChild('call-worker.mjs', ['client', name]);
  const { port } = await server.ask('start');
  await client.ask('start', { port, kind });
  return {
    server,
    client,
    warm: (calls, concurrency, ms) => client.ask('warm', { calls, concurrency, ms }),
    async run(concurrency, ms) {
      // The way to a new number of calls at once is not measured.
      await client.ask('warm', { calls: leadIn(concurrency), ms: 200, concurrency });
      const before = await server.ask('cpu');
      const result = await client.ask('run', { concurrency, ms });
      const after = await server.ask('cpu');
      return figures(result, after.cpuMicros - before.cpuMicros);
    },
    end: () => Promise.all([client.end(), server.end()]),
  };
}

async function startJvmPair(kind) {
  const logs = mkdtempSync(join(tmpdir(), 'sofa-mesh-sdk-bench-'));
  const server = spawnJvm(jvmArguments(logs, ['server']));
  const { port } = await server.ask('');
  const client = spawnJvm(jvmArguments(logs, ['client', kind, String(port)]));
  await client.ask('');
  return {
    warm: (calls, concurrency, ms) => client.ask(`block ${concurrency} ${calls} ${ms}`),
    async run(concurrency, ms) {
      await client.ask(`block ${concurrency} ${leadIn(concurrency)} 200`);
      const before = await server.ask('cpu');
      const result = await client.ask(`block ${concurrency} ${2 ** 31 - 1} ${ms}`);
      const after = await server.ask('cpu');
      return figures(result, after.cpuMicros - before.cpuMicros);
    },
    async end() {
      await Promise.all([client.end(), server.end()]);
      rmSync(logs, { recursive: true, force: true });
    },
  };
}

const leadIn = (concurrency) => Math.max(100, concurrency * 2);

const figures = ({ calls, ms, cpuMicros, p50Ms, p99Ms }, serverCpu) => ({
  callsPerSecond: (calls / ms) * 1000,
  cpuMicros: (cpuMicros + serverCpu) / calls,
  clientMicros: cpuMicros / calls,
  serverMicros: serverCpu / calls,
  p50Ms,
  p99Ms,
});
