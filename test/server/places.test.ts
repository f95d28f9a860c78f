import { afterEach, describe, expect, test, vi } from 'vitest';
import { defineService } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { People, people } from '../support/people.js';
import { FakePublisher } from './fake-publisher.js';
import { FakeSession } from './fake-session.js';

const Greeter = defineService('com.acme.Greeter', { greet: { args: [t.String], returns: t.String } });
const greeter = { greet: (name: string | null) => name };

const made: { server: MeshServer; clock: FakeClock }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const { server, clock } of made.splice(0)) {
    void server.stop({ quietMs: 0, timeoutMs: 0 });
    await clock.advance(10_000);
  }
});

/** A server in simulated time on a real port, a registry and a sidecar. */
function setUp(options: Partial<MeshServerOptions> = {}) {
  const clock = new FakeClock(1_700_000_000_000);
  const registry = new FakePublisher();
  const session = new FakeSession();
  const warnings: string[] = [];
  const server = new MeshServer({
    app: 'test',
    mode: 'auto',
    host: '127.0.0.1',
    port: 0,
    registry,
    sidecar: session.asSidecar,
    logger: { warn: (text: string) => warnings.push(text) },
    clock,
    ...options,
  }).add(People, people());
  made.push({ server, clock });
  /** Everything that the two were asked, in order. */
  const asked: string[] = [];
  for (const [name, { asked: own }] of [
    ['registry', registry],
    ['sidecar', session.announcements],
  ] as const) {
    vi.spyOn(own, 'push').mockImplementation((what) => asked.push(`${name}: ${what}`));
  }
  const listed = () => ({
    registry: [...registry.listed.keys()],
    sidecar: session.state === 'ready' ? [...session.announcements.listed.keys()] : [],
  });
  return { clock, registry, session, sidecar: session.announcements, server, warnings, asked, listed };
}

/** Started, with a sidecar or without. */
async function started(state: 'ready' | 'absent', options: Partial<MeshServerOptions> = {}) {
  const all = setUp(options);
  const starting = all.server.start();
  await vi.waitFor(() => expect(all.session.isStarted).toBe(true));
  all.session.become(state);
  const { port } = await starting;
  return { ...all, port };
}

const PUBLISH = `publish ${People.id}`;
const WITHDRAW = `withdraw ${People.id}`;
const AT_SIDECAR = { registry: [], sidecar: [People.id] };
const IN_REGISTRY = { registry: [People.id], sidecar: [] };

describe('announce auto', () => {
  test('a sidecar that is there is told, the registry is not', async () => {
    const { server, asked, sidecar, port, clock } = await started('ready', { attributes: { zone: 'north' } });
    await clock.advance(60_000);
    expect(asked).toEqual([`sidecar: ${PUBLISH}`]);
    expect(sidecar.listed.get(People.id)).toMatchObject({
      port,
      attributes: { weight: '100', startTime: '1700000000000', serialization: 'hessian2', zone: 'north' },
    });
    expect(server.health()).toMatchObject({
      ready: true,
      services: [{ id: People.id, announced: true }],
      mode: 'mesh',
      reason: 'announce is auto: the sidecar at 127.0.0.1:13330 is ready',
    });
  });

  test('the sidecar is told the port that is listened on: it is inside of what publishes another one', async () => {
    const { sidecar, server } = await started('ready', { publishPort: 4_711 });
    expect(sidecar.listed.get(People.id)?.port).not.toBe(4_711);
    expect(sidecar.listed.get(People.id)?.port).toBeGreaterThan(0);
    expect(server.health().ready).toBe(true);
  });

  test('nobody is told before it is known whether there is a sidecar', async () => {
    const { server, session, asked, clock } = setUp();
    const starting = watched(server.start());
    await vi.waitFor(() => expect(session.isStarted).toBe(true));
    await clock.advance(700);
    expect([asked, starting.state]).toEqual([[], 'pending']);
    expect(server.health()).toMatchObject({
      ready: false,
      reasons: [expect.stringContaining('a sidecar is looked for first')],
    });
    session.become('absent');
    await clock.advance(0);
    expect(starting.state).toBe('resolved');
  });

  test('without a sidecar the registry is told', async () => {
    const { server, asked, session } = await started('absent');
    expect(asked).toEqual([`registry: ${PUBLISH}`]);
    session.become('absent', 0, 'nobody listens at 127.0.0.1:13330');
    expect(server.health()).toMatchObject({
      ready: true,
      mode: 'direct',
      reason: 'announce is auto: the sidecar at 127.0.0.1:13330 is absent; nobody listens at 127.0.0.1:13330',
    });
  });

  test('one that comes later is told first; a second after it has taken everything, the registry is left', async () => {
    const { server, session, asked, listed, clock } = await started('absent');
    await clock.advance(3_600_000);
    session.become('ready', 0.01);
    await clock.advance(999);
    expect(listed()).toEqual({ registry: [People.id], sidecar: [People.id] });
    expect(server.health()).toMatchObject({
      ready: true,
      mode: 'both',
      reason: expect.stringContaining('the registry is left soon'),
    });
    await clock.advance(1);
    expect(asked).toEqual([`registry: ${PUBLISH}`, `sidecar: ${PUBLISH}`, `registry: ${WITHDRAW}`]);
    expect(server.health().mode).toBe('mesh');
  });

  test('it is not left for a sidecar that is there and gets no calls yet', async () => {
    const { server, session, asked, clock } = await started('absent');
    session.become('ready', 0, 'it is told everything again');
    await clock.advance(60_000);
    expect(asked).toEqual([`registry: ${PUBLISH}`]);
    expect(server.health().reason).toContain('gets no calls: it is told everything again');
  });

  test('when the sidecar is lost the registry is told at once; at its return it is left again', async () => {
    const { server, session, asked, listed, clock } = await started('ready');
    session.become('lost', 0, 'its connection closed');
    await settled();
    expect(listed()).toEqual(IN_REGISTRY);
    expect(server.health()).toMatchObject({
      ready: true,
      mode: 'direct',
      reason: expect.stringContaining('is lost; its connection closed'),
    });
    await clock.advance(60_000);
    session.become('ready', 0.01);
    await clock.advance(999);
    expect(listed().registry).toEqual([People.id]);
    await clock.advance(1);
    expect(listed()).toEqual(AT_SIDECAR);
    // The session repeats by itself what it was told.
    expect(asked.filter((what) => what.startsWith('sidecar'))).toEqual([`sidecar: ${PUBLISH}`]);
  });

  test('a sidecar that asks to go away is as one that is lost', async () => {
    const { session, listed } = await started('ready');
    session.become('ready', 0, 'the sidecar asked to go away');
    await settled();
    expect(listed().registry).toEqual([People.id]);
  });

  test('one that returns and has not taken everything again does not end the stay in the registry', async () => {
    const { server, session, listed, clock } = await started('ready');
    session.become('lost');
    await settled();
    session.untaken.add(People.id);
    session.become('ready', 0.01);
    await clock.advance(30_000);
    expect(listed().registry).toEqual([People.id]);
    expect(server.health()).toMatchObject({
      mode: 'both',
      reason: expect.stringMatching(/PersonService:1.0 is not announced again at .*: refused for now/),
    });
    session.untaken.clear();
    session.changed();
    await clock.advance(1_000);
    expect(listed()).toEqual(AT_SIDECAR);
  });

  test('a sidecar that is lost again in the quiet second does not take the server out of the registry', async () => {
    const { session, asked, clock } = await started('absent');
    session.become('ready');
    await clock.advance(900);
    session.become('lost');
    await clock.advance(60_000);
    expect(asked).toEqual([`registry: ${PUBLISH}`, `sidecar: ${PUBLISH}`]);
    session.become('ready');
    await clock.advance(900);
    session.become('lost');
    session.become('ready');
    await clock.advance(900);
    expect(asked).toHaveLength(2);
    await clock.advance(100);
    expect(asked.at(-1)).toBe(`registry: ${WITHDRAW}`);
  });

  test('one that is lost while the registry is being left: it is told anew when it has forgotten', async () => {
    const { session, registry, asked, listed, clock } = await started('absent');
    session.become('ready');
    registry.mute = true;
    await clock.advance(1_000);
    registry.mute = false;
    session.become('lost');
    await clock.advance(999);
    expect(asked.at(-1)).toBe(`registry: ${WITHDRAW}`);
    await clock.advance(1);
    expect(asked.at(-1)).toBe(`registry: ${PUBLISH}`);
    expect(listed()).toEqual(IN_REGISTRY);
  });

  test('a sidecar that refuses a service at the start: the registry is told, until it takes it', async () => {
    const { server, sidecar, session, listed, clock, warnings } = setUp();
    sidecar.down = new Error('the registry module is not up');
    const starting = server.start();
    await vi.waitFor(() => expect(session.isStarted).toBe(true));
    session.become('ready');
    await starting;
    await settled();
    expect(listed()).toEqual(IN_REGISTRY);
    expect(server.health()).toMatchObject({
      ready: true,
      mode: 'both',
      reason: expect.stringMatching(/is not announced at the sidecar at .*: the registry module is not up/),
    });
    expect(warnings).toEqual([expect.stringContaining('the registry module is not up')]);
    sidecar.down = undefined;
    await clock.advance(2_000);
    expect(listed()).toEqual(AT_SIDECAR);
  });

  test('one that does not answer keeps it from the registry for a second', async () => {
    const { server, sidecar, session, listed, clock } = setUp();
    sidecar.mute = true;
    const starting = watched(server.start());
    await vi.waitFor(() => expect(session.isStarted).toBe(true));
    session.become('ready');
    await clock.advance(999);
    expect([listed(), starting.state]).toEqual([{ registry: [], sidecar: [] }, 'pending']);
    await clock.advance(1);
    expect([listed(), starting.state]).toEqual([IN_REGISTRY, 'resolved']);
  });

  test('nothing holds the start for more than 3 s', async () => {
    const { server, session, clock } = setUp();
    const starting = watched(server.start());
    await vi.waitFor(() => expect(session.isStarted).toBe(true));
    await clock.advance(2_999);
    expect(starting.state).toBe('pending');
    await clock.advance(1);
    expect(starting.state).toBe('resolved');
  });

  test('a registry that is down when the sidecar is lost does not make the server unready', async () => {
    const { server, session, registry, clock } = await started('ready');
    registry.down = new Error('down');
    session.become('lost');
    await clock.advance(10_000);
    expect(server.health()).toMatchObject({ ready: true, services: [{ announced: true }] });
  });

  test('a service that is added later is told to the sidecar alone', async () => {
    const { server, asked, clock } = await started('ready');
    server.add(Greeter, greeter);
    expect(server.health().ready).toBe(false);
    await clock.advance(10_000);
    expect(asked).toEqual([`sidecar: ${PUBLISH}`, `sidecar: publish ${Greeter.id}`]);
    expect(server.health().ready).toBe(true);
  });

  test('one that is added while the sidecar is lost is told to the registry, and to the sidecar at its return', async () => {
    const { server, session, listed, clock, warnings } = await started('ready');
    session.become('lost');
    server.add(Greeter, greeter);
    await clock.advance(10_000);
    expect(listed()).toEqual({ registry: [People.id, Greeter.id], sidecar: [] });
    expect([server.health().ready, warnings]).toEqual([true, []]);
    session.become('ready');
    await clock.advance(1_000);
    expect(listed()).toEqual({ registry: [], sidecar: [People.id, Greeter.id] });
  });

  test('what could not be announced is tried at once when the sidecar returns', async () => {
    const { server, session, sidecar, listed, clock } = await started('ready');
    sidecar.down = new Error('the API is down');
    server.add(Greeter, greeter);
    await clock.advance(60_000);
    session.become('lost');
    sidecar.down = undefined;
    session.become('ready');
    await settled();
    expect(listed().sidecar).toEqual([People.id, Greeter.id]);
  });

  test('one that is added in the quiet second, and not taken yet, is waited for in the registry', async () => {
    const { server, session, sidecar, listed, asked, clock } = await started('absent');
    session.become('ready');
    await clock.advance(900);
    sidecar.mute = true;
    server.add(Greeter, greeter);
    await clock.advance(60_000);
    expect(listed().registry).toEqual([People.id, Greeter.id]);
    expect(asked).not.toContain(`registry: ${WITHDRAW}`);
  });

  test('one that is added in the quiet second, and refused, stays in the registry', async () => {
    const { server, session, sidecar, listed, clock } = await started('absent');
    session.become('ready');
    await clock.advance(900);
    sidecar.down = new Error('refused');
    server.add(Greeter, greeter);
    await clock.advance(5_000);
    expect(listed().registry).toEqual([People.id, Greeter.id]);
    sidecar.down = undefined;
    await clock.advance(10_000);
    expect(listed()).toEqual({ registry: [], sidecar: [People.id, Greeter.id] });
  });

  test('with no registry and no sidecar there is nobody to tell', async () => {
    const { server } = await started('absent', { registry: undefined });
    expect(server.health()).toMatchObject({ ready: true, mode: 'direct' });
  });

  test('with no registry a sidecar must have taken everything', async () => {
    const { server, sidecar, session, clock } = setUp({ registry: undefined });
    sidecar.down = new Error('not now');
    const starting = server.start();
    await vi.waitFor(() => expect(session.isStarted).toBe(true));
    session.become('ready');
    await starting;
    expect(server.health()).toMatchObject({
      ready: false,
      reasons: [expect.stringContaining('not now')],
      mode: 'mesh',
    });
    sidecar.down = undefined;
    await clock.advance(1_000);
    expect(server.health().ready).toBe(true);
  });
});

describe('announce both', () => {
  test('the registry is told at once, and the sidecar when it is there; neither is left', async () => {
    const { server, session, asked, listed, clock } = setUp({ announce: 'both' });
    void server.start();
    await vi.waitFor(() => expect(asked).toEqual([`registry: ${PUBLISH}`]));
    session.become('ready');
    await clock.advance(60_000);
    expect(listed()).toEqual({ registry: [People.id], sidecar: [People.id] });
    expect(server.health()).toMatchObject({
      ready: true,
      mode: 'both',
      reason: expect.stringContaining('both'),
    });
    session.become('lost');
    await clock.advance(60_000);
    expect(asked).toHaveLength(2);
    expect(server.health()).toMatchObject({ ready: true, mode: 'direct' });
  });

  test('a service that is added while the sidecar is looked for is told, too', async () => {
    const { server, session, asked, listed } = setUp({ announce: 'both' });
    void server.start();
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    server.add(Greeter, greeter);
    session.become('ready');
    await settled();
    expect(listed()).toEqual({ registry: [People.id, Greeter.id], sidecar: [People.id, Greeter.id] });
  });

  test('it is ready when both have taken everything', async () => {
    const { server, session, registry, sidecar, clock } = setUp({ announce: 'both' });
    sidecar.down = new Error('not now');
    void server.start();
    await vi.waitFor(() => expect(registry.listed.size).toBe(1));
    session.become('ready');
    await settled();
    expect(server.health()).toMatchObject({ ready: false, reasons: [expect.stringContaining('not now')] });
    sidecar.down = undefined;
    await clock.advance(1_000);
    expect(server.health().ready).toBe(true);
  });

  test('without a sidecar the registry is enough', async () => {
    const { server } = await started('absent', { announce: 'both' });
    expect(server.health()).toMatchObject({ ready: true, mode: 'direct' });
  });
});

describe('the sidecar alone', () => {
  test.each<Partial<MeshServerOptions>>([{ mode: 'mesh' }, { announce: 'sidecar' }])(
    '%o: the registry is never told; it is ready when the sidecar has taken everything',
    async (options) => {
      const { server, session, asked, clock } = await started('absent', options);
      await clock.advance(60_000);
      session.become('absent', 0, 'nobody listens there');
      expect(asked).toEqual([]);
      expect(server.health()).toMatchObject({
        ready: false,
        reasons: [
          expect.stringContaining('is not announced yet: the sidecar at 127.0.0.1:13330 is absent; nobody'),
        ],
        mode: 'mesh',
      });
      session.become('ready');
      await settled();
      expect(server.health()).toMatchObject({ ready: true, reasons: [] });
      session.become('lost');
      await clock.advance(60_000);
      expect(asked).toEqual([`sidecar: ${PUBLISH}`]);
      expect(server.health()).toMatchObject({
        ready: true,
        mode: 'mesh',
        reason: expect.stringContaining('lost'),
      });
    },
  );

  test('the environment may say so', async () => {
    vi.stubEnv('SOFA_MESH_MODE', 'mesh');
    const { asked } = await started('ready', { mode: undefined });
    expect(asked).toEqual([`sidecar: ${PUBLISH}`]);
  });
});

describe('the registry alone', () => {
  test.each<Partial<MeshServerOptions>>([{ mode: 'direct' }, { announce: 'registry' }])(
    '%o: no sidecar is looked for',
    async (options) => {
      const { server, session, asked } = setUp(options);
      await server.start();
      expect(asked).toEqual([`registry: ${PUBLISH}`]);
      expect([session.isStarted, session.hasListeners]).toEqual([false, false]);
      expect(server.health()).toMatchObject({
        ready: true,
        mode: 'direct',
        reason: expect.stringMatching(/is (direct|registry): the registry is told/),
      });
    },
  );

  test('the environment says so against the code, which may not contradict itself', async () => {
    vi.stubEnv('SOFA_MESH_MODE', 'direct');
    const { server, asked } = setUp({ mode: undefined, announce: 'sidecar' });
    await server.start();
    expect(asked).toEqual([`registry: ${PUBLISH}`]);
  });
});

test.each<[string, object]>([
  ['mode is fast, it must be auto, mesh, direct', { mode: 'fast' }],
  ['announce is nowhere, it must be auto, registry, sidecar, both', { announce: 'nowhere' }],
  ['mode is direct, .* announce is sidecar: leave one', { mode: 'direct', announce: 'sidecar' }],
  ['mode is direct, .* announce is both: leave one', { mode: 'direct', announce: 'both' }],
  ['mode is mesh, .* announce is registry: leave one', { mode: 'mesh', announce: 'registry' }],
])('refused: %s', (message, options) => {
  expect(() => setUp(options)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
  );
});

describe('stop', () => {
  test('takes everything back; what the sidecar does after that is nothing to the server', async () => {
    const { server, session, listed, clock, asked } = await started('ready', { announce: 'both' });
    void server.stop();
    await clock.advance(0);
    expect(listed()).toEqual({ registry: [], sidecar: [] });
    expect(server.health().services).toEqual([{ id: People.id, announced: false }]);
    session.become('lost');
    await clock.advance(10_000);
    session.become('ready');
    await clock.advance(10_000);
    expect(asked).toHaveLength(4);
    expect([session.hasListeners, session.isClosed]).toEqual([false, false]);
  });

  test('while the sidecar is looked for', async () => {
    const { server, session, asked, clock } = setUp();
    const starting = watched(server.start());
    await vi.waitFor(() => expect(session.isStarted).toBe(true));
    void server.stop();
    await settled();
    session.become('absent');
    await clock.advance(60_000);
    expect([asked, starting.state]).toEqual([[], 'resolved']);
  });

  test('while the sidecar has not answered', async () => {
    const { server, session, sidecar, asked, clock } = setUp();
    sidecar.mute = true;
    void server.start();
    await vi.waitFor(() => expect(session.isStarted).toBe(true));
    session.become('ready');
    await clock.advance(500);
    void server.stop();
    await clock.advance(60_000);
    expect(asked).toEqual([`sidecar: ${PUBLISH}`]);
  });
});

test('a server that is not started looks for nothing', async () => {
  const { server, session, clock } = setUp();
  await clock.advance(60_000);
  expect([session.isStarted, session.hasListeners]).toEqual([false, false]);
  expect(server.health()).toMatchObject({ ready: false, reason: 'the server has not been started' });
});
