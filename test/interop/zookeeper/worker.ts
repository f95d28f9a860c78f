/** A worker of node:cluster, as an application writes it: a server like any other. Started by workers.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshServer } from 'sofa-mesh-sdk';
import { Greet } from '../java/contracts.js';
import type { ApplicationSettings } from './application.js';
import { Fleet } from './fleet.js';

const { mode = 'direct', registry, port } = JSON.parse(process.argv[2]) as ApplicationSettings;
const server = new MeshServer({ app: 'workers', mode, host: '127.0.0.1', port, registry });
server.add(Fleet, {
  async who() {
    await sleep(2);
    return String(process.pid);
  },
});
server.add(Greet, { greet: (whom) => `${process.pid} greets ${whom}` });
process.on('message', async (word) => {
  if (word === 'stop') {
    await server.stop();
    process.exit();
  }
  if (word === 'reason') {
    process.send?.(server.health().reason);
    return;
  }
  await server.start();
  while (!server.health().ready) await sleep(5);
  process.send?.('ready');
});
process.send?.('loaded');
