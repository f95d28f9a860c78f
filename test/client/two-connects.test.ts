import { afterEach, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import type { Endpoint } from '../../src/core/endpoint.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { DevSidecar } from '../../src/testing/dev-sidecar.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { Network, watched } from '../support/network.js';
import { People, people } from '../support/people.js';

const saved = { ...process.env };

afterEach(() => {
  process.env = { ...saved };
});

test('providers and the sidecar are reached by different streams: TLS to one is not TLS to the other', async () => {
  const clock = new FakeClock(1_700_000_000_000);
  const network = new Network();
  const server = new MeshServer({ app: 'people', mode: 'direct', clock });
  server.add(People, people());
  network.serve('provider:12200', server);
  const dev = await DevSidecar.start({ memory: true, clock, connect: network.connect, subscribeWaitMs: 100 });
  dev.provide(People.id, ['provider:12200']);
  process.env.SOFA_MESH_API = dev.api;
  process.env.SOFA_MESH_EGRESS = dev.egress;

  const reached: Record<'provider' | 'sidecar', string[]> = { provider: [], sidecar: [] };
  const seen =
    (who: 'provider' | 'sidecar', connect: typeof network.connect) => (to: Endpoint, signal: AbortSignal) => {
      reached[who].push(to.address);
      return connect(to, signal);
    };
  const client = new MeshClient({
    app: 'test',
    registry: 'bolt://provider:12200',
    clock,
    connect: seen('provider', network.connect),
    sidecarConnect: seen('sidecar', dev.connect),
  });
  const echo = client.service(People).echo;
  const passing = async <T>(promise: Promise<T>) => {
    const call = watched(promise);
    for (let i = 0; i < 1_000 && call.state === 'pending'; i++) await clock.advance(1);
    return promise;
  };
  expect((await passing(echo.withReply('x'))).reply.path).toBe('mesh');
  client.policy.set({ mode: 'direct' });
  expect((await passing(echo.withReply('x'))).reply.path).toBe('direct');

  expect(new Set(reached.provider)).toEqual(new Set(['provider:12200']));
  expect(new Set(reached.sidecar)).toEqual(new Set([dev.api, dev.egress]));
  const closing = watched(client.close());
  for (let i = 0; i < 100 && closing.state === 'pending'; i++) await clock.advance(50);
  await dev.close();
});
