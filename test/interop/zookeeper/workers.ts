// The primary of a node:cluster application. As most are, it knows nothing of the library that its workers use.
// Driven by lines of JSON, see ../../support/line-process.ts; `worker` is a worker's process id.
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ApplicationSettings } from './application.js';

const [, , settings] = process.argv;
const { count, face = 'mesh' } = JSON.parse(settings) as ApplicationSettings;
const programs = {
  mesh: new URL('worker.ts', import.meta.url),
  compat: new URL('compat-worker.ts', import.meta.url),
};
cluster.setupPrimary({
  exec: fileURLToPath(programs[face]),
  args: [settings],
  execArgv: ['--import', 'tsx'],
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});

/** Forks workers that start in the same millisecond, as near as can be. Resolves to their process ids when all are ready. */
async function fork(howMany: number): Promise<number[]> {
  const workers = Array.from({ length: howMany }, () => cluster.fork());
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const ready = Promise.all(workers.map((worker) => once(worker, 'message')));
  for (const worker of workers) worker.send('go');
  await ready;
  return workers.map(({ process }) => process.pid as number);
}

function workerOf(pid: number): Worker {
  return Object.values(cluster.workers ?? {}).find((one) => one?.process.pid === pid) as Worker;
}

async function end(pid: number, how: (worker: Worker) => void): Promise<null> {
  const worker = workerOf(pid);
  const gone = once(worker, 'exit');
  how(worker);
  await gone;
  return null;
}

/** What its server says of where it is announced. */
async function reason(pid: number): Promise<string> {
  const worker = workerOf(pid);
  const said = once(worker, 'message');
  worker.send('reason');
  const [text] = await said;
  return text;
}

const commands = {
  fork: () => fork(1),
  kill: (pid: number) => end(pid, (worker) => worker.process.kill('SIGKILL')),
  stop: (pid: number) => end(pid, (worker) => worker.send('stop')),
  reason,
};

createInterface({ input: process.stdin })
  .on('line', async (line) => {
    const { id, cmd, worker } = JSON.parse(line) as {
      id: number;
      cmd: keyof typeof commands;
      worker: number;
    };
    console.log(JSON.stringify({ id, value: await commands[cmd](worker) }));
  })
  .on('close', () => process.exit());
console.log(JSON.stringify({ ready: await fork(count) }));
