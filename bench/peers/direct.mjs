// What the direct stack costs: the same calls by a client with everything off and by one with the defaults, over one
// connection and over a hundred. All addresses lead to one server; each has a connection of its own.
import { EchoService } from '../lib/contract.mjs';
import { payloads, total } from '../lib/payloads.mjs';
import { importSelf } from '../lib/self.mjs';

const { connectTcp, MeshClient, MeshServer } = await importSelf();

const off = { balancer: 'roundRobin', retry: false, circuitBreaker: false, outlierEjection: false };
/** P2C, retry, breaker and ejection are the defaults. */
const on = {};

async function serve() {
  const server = new MeshServer({ app: 'bench-server', host: '127.0.0.1', port: 0 });
  server.add(EchoService, { order: (order) => total(order), text: (text) => text, bytes: (bytes) => bytes });
  return server.start();
}

const peerOf = (endpoints, stack, timeoutMs) => ({
  serve,
  async connect(port, kind) {
    const { method, make } = payloads[kind];
    const { values, check } = make();
    const client = new MeshClient({
      mode: 'direct',
      app: 'bench-client',
      registry: Array.from({ length: endpoints }, (_, i) => `bolt://provider-${i}:${port}`),
      connect: (endpoint, signal) => connectTcp({ ...endpoint, host: '127.0.0.1' }, signal),
      timeoutMs,
      ...stack,
    });
    const echo = client.service(EchoService);
    await echo[method](values[0]);
    while (client.stats().connections < endpoints) await new Promise((resolve) => setTimeout(resolve, 10));
    return { call: (index) => echo[method](values[index]), check };
  },
});

/** In the order of the table. */
export const directPeers = {
  'bare-1': { endpoints: 1, stack: false, peer: peerOf(1, off, Number.POSITIVE_INFINITY) },
  'stack-1': { endpoints: 1, stack: true, peer: peerOf(1, on, 3000) },
  'bare-100': { endpoints: 100, stack: false, peer: peerOf(100, off, Number.POSITIVE_INFINITY) },
  'stack-100': { endpoints: 100, stack: true, peer: peerOf(100, on, 3000) },
};
