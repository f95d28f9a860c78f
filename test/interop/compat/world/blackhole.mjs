// A port that neither accepts nor refuses: a listener whose thread stands still, with its backlog full.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ port: workerData.port, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage('listening');
  setImmediate(() => Atomics.wait(workerData.never, 0, 0));
});`;
/** A connection of loopback that takes longer will not come. */
const PATIENCE_MS = 50;

/** Makes `port` one. Resolves to what ends it. @param {number} port @returns {Promise<() => Promise<unknown>>} */
export async function blackhole(port) {
  const never = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(PROGRAM, { eval: true, workerData: { port, never } });
  await once(worker, 'message');
  /** @type {import('node:net').Socket[]} */
  const fillers = [];
  for (;;) {
    const filler = connect(port, '127.0.0.1');
    filler.on('error', () => {});
    fillers.push(filler);
    const isFull = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, true));
    if (await Promise.race([once(filler, 'connect').then(() => false), isFull])) break;
  }
  return async () => {
    for (const filler of fillers) filler.destroy();
    await worker.terminate();
  };
}
