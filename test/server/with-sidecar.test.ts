import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { Sidecar } from '../../src/mesh/sidecar.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { DevSidecar } from '../../src/testing/dev-sidecar.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { later, People, people } from '../support/people.js';
import { RawPeer, request } from '../support/raw-peer.js';
import { FakePublisher } from './fake-publisher.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const slow = (requestId: number) =>
  request({
    method: 'slow',
    fields: { requestId, timeout: 60_000 },
    header: [
      ['service', People.id],
      ['sofa_head_method_name', 'slow'],
      ['sofa_mesh_go_away', '1'],
    ],
  });

/** Answers of the mesh API take turns of the event loop, however much simulated time passes. */
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 1 });

/** A server at a dev sidecar and in a registry, in simulated time but for its port, with a call that runs. */
async function setUp(options: Partial<MeshServerOptions> = {}) {
  const clock = new FakeClock(1_700_000_000_000);
  const agent = await DevSidecar.start({ memory: true, clock });
  const { api, egress, connect } = agent;
  const logger = { warn: () => undefined };
  const session = new Sidecar({ app: 'test', api, egress, connect, clock, logger, env: {} });
  const registry = new FakePublisher();
  const gate = later<string>();
  const shared = { announce: 'both', registry, sidecar: session, clock, logger } as const;
  const server = new MeshServer({ app: 'test', host: '127.0.0.1', port: 0, ...shared, ...options }).add(
    People,
    people({ slow: () => gate.promise }),
  );
  onTestFinished(async () => {
    gate.resolve('late');
    void server.stop({ quietMs: 0, timeoutMs: 0 });
    void session.close();
    await clock.advance(10_000);
    await agent.close();
  });
  const starting = watched(server.start());
  await eventually(async () => {
    await clock.advance(1);
    expect(starting.state).toBe('resolved');
  });
  const connectTo = () => {
    const [near, far] = duplexPair();
    server.accept(near);
    return new RawPeer(far);
  };
  return { clock, agent, session, registry, server, gate, connectTo };
}

test('withdraws from the sidecar and the registry, serves for a while, asks to go away, lets calls finish, closes', async () => {
  const { clock, agent, session, registry, server, gate, connectTo } = await setUp();
  expect(agent.published).toEqual([expect.objectContaining({ service: People.id })]);
  expect(registry.listed.has(People.id)).toBe(true);
  const peer = connectTo();
  peer.write(slow(1));
  const stopping = watched(server.stop());
  expect(server.health()).toMatchObject({ ready: false, reason: 'the server is stopping' });
  await eventually(async () => {
    await clock.advance(0);
    expect([agent.published, registry.listed.size]).toEqual([[], 0]);
  });
  expect(peer.frames).toEqual([]);
  await clock.advance(900);
  peer.write(request({ fields: { requestId: 2 } }));
  await clock.advance(0);
  expect(peer.frames.map(({ cmdCode, requestId }) => [cmdCode, requestId])).toEqual([[2, 2]]);
  await clock.advance(100);
  expect(peer.frames.at(-1)?.cmdCode).toBe(100);
  await clock.advance(5_000);
  expect(stopping.state).toBe('pending');
  gate.resolve('finished');
  await clock.advance(0);
  expect(peer.frames.at(-1)).toMatchObject({ cmdCode: 2, requestId: 1 });
  await clock.advance(300);
  await peer.closed();
  expect(stopping.state).toBe('resolved');
  // It is the user's, and others may use it.
  expect(session.state).toBe('ready');
});

test('it moves to the registry while the sidecar is dead, and back when that returns', async () => {
  const { clock, agent, registry, server } = await setUp({ announce: 'auto' });
  expect([agent.published.length, registry.listed.size]).toEqual([1, 0]);
  await agent.kill();
  await eventually(async () => {
    await clock.advance(0);
    expect(registry.listed.size).toBe(1);
  });
  expect(server.health()).toMatchObject({ ready: true, mode: 'direct' });
  await clock.advance(60_000);
  await agent.start();
  const returned = clock.now();
  await eventually(async () => {
    await clock.advance(100);
    expect([agent.published.length, registry.listed.size]).toEqual([1, 0]);
  });
  expect(clock.now() - returned).toBeLessThan(5_000);
  expect(server.health()).toMatchObject({ ready: true, mode: 'mesh' });
});

test('a sidecar that has died holds the stop for a second at most', async () => {
  const { clock, agent, server } = await setUp({ registry: undefined, announce: 'sidecar' });
  agent.hang();
  const stopping = watched(server.stop({ quietMs: 0 }));
  await clock.advance(999);
  expect(stopping.state).toBe('pending');
  await clock.advance(1);
  expect(stopping.state).toBe('resolved');
});

test('what becomes of the sidecar during the stop changes nothing', async () => {
  const { clock, agent, registry, server } = await setUp({ announce: 'auto' });
  const stopping = watched(server.stop());
  await agent.kill();
  await clock.advance(500);
  await agent.start();
  await clock.advance(10_000);
  expect(stopping.state).toBe('resolved');
  expect([registry.asked, agent.published]).toEqual([[], []]);
});

test('the session that the server made is closed last', async () => {
  const agent = await DevSidecar.start();
  onTestFinished(() => agent.close());
  vi.stubEnv('SOFA_MESH_API', agent.api);
  vi.stubEnv('SOFA_MESH_EGRESS', agent.egress);
  const server = new MeshServer({ app: 'people', host: '127.0.0.1', port: 0 }).add(People, people());
  const { port } = await server.start();
  expect(agent.application).toMatchObject({ appName: 'people' });
  expect(agent.published).toEqual([expect.objectContaining({ service: People.id, port })]);
  expect(server.health()).toMatchObject({ ready: true, mode: 'mesh' });
  const closed: unknown[] = [];
  const close = Sidecar.prototype.close;
  vi.spyOn(Sidecar.prototype, 'close').mockImplementation(function (this: Sidecar) {
    closed.push([agent.published, server.health().connections, this.state]);
    return close.call(this);
  });
  const [near, far] = duplexPair();
  server.accept(near);
  const peer = new RawPeer(far);
  await server.stop({ quietMs: 0 });
  await peer.closed();
  expect(closed).toEqual([[[], 0, 'ready']]);
});
