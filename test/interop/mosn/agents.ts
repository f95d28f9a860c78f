// Agents, providers and callers of the agent's own tests: each test's are closed when it ends.
import { MeshClient, MeshServer } from 'sofa-mesh-sdk';
import { afterEach, beforeAll } from 'vitest';
import { People, people } from '../../support/people.js';
import { SERVICE, World } from '../../support/sidecar-world.js';
import { Load } from '../zookeeper/fleet.js';
import { buildMosn, Mosn, type MosnOptions } from './mosn.js';

const PER_SECOND = 200;

/** What is done after a test, the last first. */
export const closing: (() => unknown)[] = [];

beforeAll(() => buildMosn());

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export async function agent(options: MosnOptions = {}): Promise<World> {
  const world = new World(await Mosn.start(options));
  closing.push(() => world.close());
  await world.start();
  return world;
}

/** A server that names itself; it announces itself nowhere. */
export async function server(who: string): Promise<{ port: number }> {
  const server = new MeshServer({ app: who, host: '127.0.0.1', port: 0, mode: 'direct' });
  server.add(People, people({ echo: () => who }));
  closing.push(() => server.stop({ quietMs: 0, timeoutMs: 0 }));
  return { port: (await server.start()).port };
}

/** A client that knows no more than these addresses, and gives each call one attempt. */
export function client(addresses: string, bolt: 'v1' | 'v2' = 'v1') {
  const client = new MeshClient({
    app: 'caller',
    mode: 'direct',
    registry: `bolt://${addresses}`,
    bolt,
    retry: false,
  });
  closing.push(() => client.close());
  return client.service(People);
}

/** A steady load of a service whose providers name themselves. */
export function loadOf(service: { echo(text: string): Promise<string | null> }): Load {
  return new Load(PER_SECOND, async () => (await service.echo('')) ?? '');
}

export async function providersOf(world: World): Promise<readonly string[]> {
  const { body } = await world.get(`/services/${SERVICE}`);
  return (body as { providers: string[] }).providers;
}
