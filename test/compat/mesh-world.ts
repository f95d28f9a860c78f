import { onTestFinished } from 'vitest';
import { RpcClient, type RpcClientOptions } from '../../src/compat/client/rpc-client.js';
import { Sidecar } from '../../src/mesh/sidecar.js';
import { DevSidecar } from '../../src/testing/dev-sidecar.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import type { Connect } from '../../src/transport/socket.js';
import { Network } from '../support/network.js';
import { type Asked, echo, Log, MemoryRegistry, passingOn, provider } from './client/client-world.js';

export const PROVIDER = 'provider:12200';
export const PEOPLE = 'com.acme.PersonService';
export const PEOPLE_ID = `${PEOPLE}:1.0`;

export interface OldMeshWorldOptions {
  readonly client?: Partial<RpcClientOptions>;
  /** Whether the sidecar runs from the start. Default true. */
  readonly hasSidecar?: boolean;
  /** Default: the first argument is the answer. */
  readonly script?: (asked: Asked) => void;
}

/** A client of the old interface, a scripted provider and a dev sidecar in front of it, in memory and in simulated time. */
export async function oldMeshWorld({
  client: own,
  hasSidecar = true,
  script = echo,
}: OldMeshWorldOptions = {}) {
  const clock = new FakeClock(1_700_000_000_000);
  const network = new Network();
  const random = seededRandom(7);
  const log = new Log();
  const { asked } = provider(network, PROVIDER, script);
  const dev = await DevSidecar.start({ memory: true, clock, connect: network.connect, subscribeWaitMs: 100 });
  dev.provide(PEOPLE_ID, [PROVIDER]);
  if (!hasSidecar) await dev.kill();
  const { api, egress } = dev;
  const sidecar = new Sidecar({
    app: 'test',
    api,
    egress,
    connect: dev.connect,
    clock,
    random,
    logger: log,
    env: {},
  });
  /** The providers that were connected to directly: the sidecar is the session's to reach. */
  const reached: string[] = [];
  const connect: Connect = (endpoint, signal) => {
    reached.push(endpoint.address);
    return network.connect(endpoint, signal);
  };
  const registry = new MemoryRegistry([`bolt://${PROVIDER}`]);
  const client = new RpcClient({ logger: log, registry, sidecar, connect, clock, random, ...own });
  const errors: Error[] = [];
  client.on('error', (error) => errors.push(error));
  onTestFinished(async () => {
    void client.close();
    void sidecar.close();
    await clock.advance(20_000);
    await dev.close();
  });
  const passing = passingOn(clock);
  /** Made when it is asked for: it looks for the sidecar. */
  const consumerOf = () => client.createConsumer({ interfaceName: PEOPLE });
  const counts = (id = PEOPLE_ID) =>
    client.mesh.status().services.find(({ service }) => service === id)?.calls;
  return {
    clock,
    network,
    log,
    asked,
    dev,
    sidecar,
    registry,
    client,
    errors,
    get consumer() {
      return consumerOf();
    },
    passing,
    /** Where the client has connected to. */
    reached,
    /** How many calls took each way so far. */
    counts,
    /** How many of so many calls took each way. */
    ways: async (count: number) => {
      const none = { mesh: 0, direct: 0, fallback: 0 };
      const before = { ...none, ...counts() };
      const consumer = consumerOf();
      for (let left = count; left > 0; left -= 100) {
        const batch = Array.from({ length: Math.min(100, left) }, () => consumer.invoke('echo', ['hi']));
        await passing(Promise.all(batch));
      }
      const { mesh, direct, fallback } = { ...none, ...counts() };
      return {
        mesh: mesh - before.mesh,
        direct: direct - before.direct,
        fallback: fallback - before.fallback,
      };
    },
    /** Lets simulated time pass. */
    pass: async (ms: number) => {
      await settled();
      await clock.advance(ms);
      await settled();
    },
  };
}
