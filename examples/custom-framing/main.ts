/** Two protocols on one port, and one client for both. Run: npx tsx examples/custom-framing/main.ts */
import { defineService, MeshClient, MeshServer, t } from 'sofa-mesh-sdk';
import { jsonFraming } from './framing.js';

const Greeter = defineService('com.acme.Greeter', { greet: { args: [t.String], returns: t.String } });
const framings = [jsonFraming];

const server = new MeshServer({ app: 'greeter', mode: 'direct', host: '127.0.0.1', port: 0, framings });
server.add(Greeter, { greet: (name) => `hello, ${name}` });
const { port } = await server.start();

const mesh = new MeshClient({ app: 'caller', mode: 'direct', framings });
for (const scheme of ['bolt', 'json']) {
  const greeter = mesh.service(Greeter, { registry: `${scheme}://127.0.0.1:${port}` });
  console.log(scheme.padEnd(6), await greeter.greet('Ada'));
}

await mesh.close();
await server.stop();
