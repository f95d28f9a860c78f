/** Calls that nobody answers. Run: npx tsx examples/oneway.ts */
import { defineService, MeshClient, MeshServer, t } from 'sofa-mesh-sdk';

const Audit = defineService('com.acme.AuditService', {
  record: { args: [t.String.notNull()], returns: t.void, oneway: true },
  count: { args: [], returns: t.int },
});

const lines: string[] = [];
const server = new MeshServer({ app: 'audit', host: '127.0.0.1', port: 0 });
server.add(Audit, {
  async record(line) {
    if (line === '') throw new Error('an empty line'); // nobody hears of it
    lines.push(line);
  },
  async count() {
    return lines.length;
  },
});
const { port } = await server.start();
const mesh = new MeshClient({ app: 'shop', registry: `bolt://127.0.0.1:${port}` });
const audit = mesh.service(Audit);

// Resolves as soon as the request is written: the method may not have run yet, and may fail unheard.
await audit.record('ada logged in');
await audit.record('');
await audit.record('ada logged out');

// Without a contract: the same option on invoke.
await mesh.invoke(Audit.id, 'record', ['grace logged in'], { oneway: true });

// One connection keeps its order, so these have been served when the next call is answered.
console.log('recorded', await audit.count());
console.log(lines.join('\n'));

// What cannot be sent is still an error.
const error = await audit.record(7 as unknown as string).catch((reason) => reason);
console.log(error.code, '-', error.message);

await mesh.close();
await server.stop();
