/** As worker.ts, but an application that was written for sofa-rpc-node. Started by workers.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { registry as registries, server as servers } from 'sofa-mesh-sdk/compat';
import type { ApplicationSettings } from './application.js';

const { mode = 'direct', registry: address, port } = JSON.parse(process.argv[2]) as ApplicationSettings;
const logger = { ...console, info: () => undefined } as Console;
const registry = address === undefined ? undefined : new registries.ZookeeperRegistry({ logger, address });
const server = new servers.RpcServer({
  appName: 'workers',
  logger,
  mode,
  registry,
  port,
  host: '127.0.0.1',
  publishAddress: '127.0.0.1',
});
server.addService('com.lab.FleetService', {
  async who() {
    await sleep(2);
    return String(process.pid);
  },
});
process.on('message', async (word) => {
  if (word === 'stop') {
    await server.close();
    await registry?.close();
    process.exit();
  }
  if (word === 'reason') {
    process.send?.('');
    return;
  }
  await server.start();
  await server.publish();
  process.send?.('ready');
});
process.send?.('loaded');
