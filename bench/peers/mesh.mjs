// The same calls by clients that have a sidecar to choose. It is in the client's process where no call goes there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { EchoService } from '../lib/contract.mjs';
import { payloads, total } from '../lib/payloads.mjs';
import { importSelf, importTesting } from '../lib/self.mjs';

const { MeshClient, MeshServer, Sidecar } = await importSelf();
const { DevSidecar } = await importTesting();

async function serve() {
  const server = new MeshServer({ app: 'bench-server', mode: 'direct', host: '127.0.0.1', port: 0 });
  server.add(EchoService, { order: (order) => total(order), text: (text) => text, bytes: (bytes) => bytes });
  return server.start();
}

/** @param {(port: number) => Promise<object>} optionsOf */
const peerOf = (optionsOf) => ({
  serve,
  async connect(port, kind) {
    const { method, make } = payloads[kind];
    const { values, check } = make();
    const client = new MeshClient({
      app: 'bench-client',
      registry: `bolt://127.0.0.1:${port}`,
      ...(await optionsOf(port)),
    });
    const echo = client.service(EchoService);
    await echo[method](values[0]);
    return { call: (index) => echo[method](values[index]), check };
  },
});

/** The sidecar is in this process for each of them, so that the calls alone differ. */
const policyOf =
  (rule, mode = 'auto') =>
  async (port) => {
    const sidecar = await DevSidecar.start();
    sidecar.provide(EchoService.id, [`127.0.0.1:${port}`]);
    return {
      mode,
      sidecar: new Sidecar({ app: 'bench-client', api: sidecar.api, egress: sidecar.egress }),
      policy: { services: { [EchoService.id]: rule } },
    };
  };

async function throughMosn(port) {
  const [api, egress, ingress] = await Promise.all([freeAddress(), freeAddress(), freeAddress()]);
  const flags = [`-api=${api}`, `-egress=${egress}`, `-ingress=${ingress}`, '-ready-line'];
  const provider = `-provider=${EchoService.id}=127.0.0.1:${port}`;
  const stdio = ['ignore', 'pipe', 'ignore'];
  const mosn = spawn(process.env.BENCH_SIDECAR, [...flags, provider], { stdio });
  process.once('exit', () => mosn.kill('SIGKILL'));
  await once(mosn.stdout, 'data');
  return { mode: 'mesh', sidecar: new Sidecar({ app: 'bench-client', api, egress }) };
}

async function freeAddress() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}

const guard = { errorRatio: 0.02, p99Ms: 1_000 };

export const meshPeers = {
  'mode-direct': { peer: peerOf(policyOf({}, 'direct')) },
  'policy-off': { peer: peerOf(policyOf({ mesh: 0 })) },
  'policy-on': { peer: peerOf(policyOf({ mesh: 0.1 })) },
  'policy-guarded': { peer: peerOf(policyOf({ mesh: 0.1, guard })) },
  'through-mosn': { peer: peerOf(throughMosn) },
};
