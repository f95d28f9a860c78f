// This library's connections and calls for the memory cases.
import { HoldService } from '../lib/contract.mjs';
import { importSelf } from '../lib/self.mjs';

const { MeshClient, MeshServer } = await importSelf();

export async function server() {
  let held = 0;
  let release;
  let gate;
  const close = () => {
    gate = new Promise((resolve) => {
      release = resolve;
    });
  };
  close();
  const rpc = new MeshServer({ app: 'bench-server', host: '127.0.0.1', port: 0 });
  rpc.add(HoldService, {
    // Not an async function: what is in flight is the library's, not this handler's.
    hold(number) {
      if (number === 0) return 0;
      held++;
      return gate;
    },
  });
  return {
    start: () => rpc.start(),
    held: async ({ calls }) => {
      while (held < calls) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    release: () => {
      release(7);
      held = 0;
      close();
    },
  };
}

export async function client() {
  const clients = [];
  let calls = [];
  let echo;
  return {
    connect: async ({ port, connections }) => {
      const rpc = new MeshClient({
        mode: 'direct',
        app: 'bench-client',
        registry: `bolt://127.0.0.1:${port}`,
        connectionsPerEndpoint: connections,
        // So many at once are more than the queue of a listening socket takes.
        connectTimeoutMs: 60_000,
      });
      clients.push(rpc);
      echo = rpc.service(HoldService);
      await echo.hold(0, { timeoutMs: 60_000 });
      while (rpc.stats().connections < connections) await new Promise((resolve) => setTimeout(resolve, 10));
      // Connections take turns: each carries two calls.
      await Promise.all(Array.from({ length: connections * 2 }, () => echo.hold(0, { timeoutMs: 60_000 })));
    },
    hold: ({ calls: count }) => {
      calls = Array.from({ length: count }, (_, i) => echo.hold(i + 1, { timeoutMs: 60_000 }));
    },
    settled: async () => {
      const results = await Promise.all(calls);
      calls = [];
      if (results.some((result) => result !== 7)) throw new Error('a held call came back wrong');
    },
  };
}
