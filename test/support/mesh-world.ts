import { onTestFinished } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import type { MeshClientOptions } from '../../src/client/options.js';
import { Sidecar } from '../../src/mesh/sidecar.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { DevSidecar } from '../../src/testing/dev-sidecar.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { Network, watched } from './network.js';
import { People, people } from './people.js';

const PROVIDER = 'provider:12200';

export interface MeshWorldOptions {
  readonly client?: Partial<MeshClientOptions>;
  /** Whether the sidecar runs from the start. Default true. */
  readonly hasSidecar?: boolean;
  readonly implementation?: Parameters<typeof people>[0];
}

/** A client, a provider and a dev sidecar in front of it, in memory and in simulated time. */
export async function meshWorld({ client: own, hasSidecar = true, implementation }: MeshWorldOptions = {}) {
  const clock = new FakeClock(1_700_000_000_000);
  const network = new Network();
  const random = seededRandom(7);
  const logger = { warn: (line: string) => lines.push(line) };
  const lines: string[] = [];
  const server = new MeshServer({ app: 'people', mode: 'direct', clock, logger });
  server.add(People, people(implementation));
  network.serve(PROVIDER, server);
  const dev = await DevSidecar.start({ memory: true, clock, connect: network.connect, subscribeWaitMs: 100 });
  dev.provide(People.id, [PROVIDER]);
  if (!hasSidecar) await dev.kill();
  const env = {};
  const sidecar = new Sidecar({
    app: 'test',
    api: dev.api,
    egress: dev.egress,
    connect: dev.connect,
    clock,
    random,
    logger,
    env,
  });
  const client = new MeshClient({
    app: 'test',
    mode: 'auto',
    registry: `bolt://${PROVIDER}`,
    sidecar,
    // The sidecar is not among its addresses: what leads there is the session's.
    connect: network.connect,
    clock,
    random,
    logger,
    retry: false,
    ...own,
  });
  onTestFinished(async () => {
    void client.close({ timeoutMs: 0 });
    void sidecar.close();
    await clock.advance(2_000);
    await dev.close();
  });

  /** Lets time pass, a little at a time, until the promise is settled. Throws after `limitMs` of simulated time. */
  const passing = async <T>(promise: Promise<T>, limitMs = 10_000): Promise<T> => {
    const seen = watched(promise);
    const end = clock.now() + limitMs;
    while (seen.state === 'pending') {
      if (clock.now() >= end) throw new Error(`still pending after ${limitMs} simulated ms`);
      await settled();
      await clock.advance(1);
    }
    return promise;
  };
  const service = client.service(People);
  return {
    clock,
    network,
    dev,
    sidecar,
    client,
    service,
    server,
    lines,
    passing,
    /** A call, and the way it took. */
    way: async (text = 'hi') => {
      const { reply } = await passing(service.echo.withReply(text));
      return { path: reply.path, reason: reply.reason };
    },
    /** How many of so many calls took each way. */
    ways: async (count: number) => {
      const seen = { mesh: 0, direct: 0, fallback: 0 };
      for (let left = count; left > 0; left -= 100) {
        const batch = Array.from({ length: Math.min(100, left) }, () => service.echo.withReply('hi'));
        for (const { reply } of await passing(Promise.all(batch))) seen[reply.path]++;
      }
      return seen;
    },
    /** Lets simulated time pass. */
    pass: async (ms: number) => {
      await settled();
      await clock.advance(ms);
      await settled();
    },
  };
}
