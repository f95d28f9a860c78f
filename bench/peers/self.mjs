// This library with everything on: a contract, an interceptor on each side, a deadline, metadata both ways, the
// call context.
import { EchoService } from '../lib/contract.mjs';
import { payloads, total } from '../lib/payloads.mjs';
import { importSelf } from '../lib/self.mjs';

const { MeshClient, MeshServer } = await importSelf();

/** What a user's first interceptor does: it counts the calls and how they ended. */
function counting() {
  const counts = { calls: 0, failed: 0 };
  return (next) => async (call) => {
    counts.calls++;
    try {
      return await next(call);
    } catch (error) {
      counts.failed++;
      throw error;
    }
  };
}

export async function serve() {
  const server = new MeshServer({
    app: 'bench-server',
    host: '127.0.0.1',
    port: 0,
    interceptors: [counting()],
  });
  server.add(EchoService, {
    async order(order, ctx) {
      if (ctx.metadata.tenant !== 'acme') throw new Error('the metadata did not arrive');
      return total(order);
    },
    async text(text) {
      return text;
    },
    async bytes(bytes) {
      return bytes;
    },
  });
  return server.start();
}

export async function connect(port, kind) {
  const { method, make } = payloads[kind];
  const { values, check } = make();
  const client = new MeshClient({
    mode: 'direct',
    app: 'bench-client',
    registry: `bolt://127.0.0.1:${port}`,
    interceptors: [counting()],
  });
  const echo = client.service(EchoService);
  const options = { timeoutMs: 10_000, metadata: { tenant: 'acme' } };
  return { call: (index) => echo[method](values[index], options), check };
}
