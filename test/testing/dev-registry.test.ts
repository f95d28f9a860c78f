import { expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { endpointOf, parseEndpoint } from '../../src/core/endpoint.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { DevRegistry } from '../../src/testing/dev-registry.js';
import { People, people } from '../support/people.js';

const SERVICE = 'com.acme.PersonService:1.0';
const addresses = (list: readonly { address: string }[]) => list.map(({ address }) => address);

test('a watch tells the list, and every later one', async () => {
  const registry = new DevRegistry();
  const stop = new AbortController();
  const lists = registry.watch(SERVICE, stop.signal);
  const next = async () => addresses((await lists.next()).value ?? []);
  expect(await next()).toEqual([]);
  registry.provide(SERVICE, ['a:1', 'bolt://b:2?weight=5']);
  expect(await next()).toEqual(['a:1', 'b:2']);
  expect(registry.endpoints(SERVICE)[1].attributes).toEqual({ weight: '5' });

  const waiting = next();
  const withdraw = await registry.publish(SERVICE, endpointOf('c', 3), new AbortController().signal);
  expect(await waiting).toEqual(['a:1', 'b:2', 'c:3']);
  // Between two looks: both changes are in the next list.
  registry.provide(SERVICE, ['a:1']);
  await withdraw();
  expect(await next()).toEqual(['a:1']);

  const last = lists.next();
  stop.abort();
  expect((await last).done).toBe(true);
});

test('an announcement goes when its signal is aborted, and when it is taken back', async () => {
  const registry = new DevRegistry();
  const life = new AbortController();
  const twice = endpointOf('a', 1);
  await registry.publish(SERVICE, twice, life.signal);
  await (await registry.publish(SERVICE, twice, life.signal))();
  const withdraw = await registry.publish(SERVICE, endpointOf('b', 2), life.signal);
  expect(addresses(registry.endpoints(SERVICE))).toEqual(['a:1', 'b:2']);
  await withdraw();
  await withdraw();
  expect(addresses(registry.endpoints(SERVICE))).toEqual(['a:1']);
  life.abort();
  expect(registry.endpoints(SERVICE)).toEqual([]);
});

test('it is a registry for clients and servers', async () => {
  const registry = new DevRegistry();
  await using server = new MeshServer({ app: 'people', host: '127.0.0.1', port: 0, registry });
  server.add(People, people());
  const { port } = await server.start();
  expect(registry.endpoints(People.id)).toMatchObject([
    { ...parseEndpoint(`127.0.0.1:${port}`), attributes: {} },
  ]);
  await using client = new MeshClient({ app: 'checkout', registry });
  expect(await client.service(People).find(7n)).toMatchObject({ id: 7n });
  await client.close();
  await server.stop({ quietMs: 0 });
  expect(registry.endpoints(People.id)).toEqual([]);
});
