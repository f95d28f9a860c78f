import { createServer } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { defineService } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { People, people } from '../support/people.js';
import { bodyOf, RawPeer, request } from '../support/raw-peer.js';
import { FakePublisher } from './fake-publisher.js';

const Greeter = defineService(
  'com.acme.Greeter',
  { greet: { args: [t.String], returns: t.String } },
  { version: '2.0', uniqueId: 'loud', serialization: 'json', group: 'blue' },
);

const started: { server: MeshServer; clock: FakeClock }[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const { server, clock } of started.splice(0)) {
    void server.stop({ quietMs: 0, timeoutMs: 0 });
    await clock.advance(10_000);
  }
});

/** A server in simulated time on a real port, and the registry that it announces itself at. */
function setUp(options: Partial<MeshServerOptions> = {}) {
  const clock = new FakeClock(1_700_000_000_000.5);
  const publisher = new FakePublisher();
  const warnings: string[] = [];
  const server = new MeshServer({
    app: 'test',
    mode: 'direct',
    host: '127.0.0.1',
    port: 0,
    registry: publisher,
    logger: { warn: (text: string) => warnings.push(text) },
    clock,
    ...options,
  }).add(People, people());
  started.push({ server, clock });
  const connect = () => {
    const [near, far] = duplexPair();
    server.accept(near);
    return new RawPeer(far);
  };
  return { clock, publisher, warnings, server, connect };
}

describe('start', () => {
  test('announces every service where it listens, once it listens', async () => {
    const { server, publisher } = setUp();
    server.add(Greeter, { greet: (name) => name });
    expect(publisher.asked).toEqual([]);
    const { port } = await server.start();
    expect([...publisher.listed.keys()]).toEqual([People.id, Greeter.id]);
    expect(publisher.listed.get(People.id)).toEqual({
      host: '127.0.0.1',
      port,
      address: `127.0.0.1:${port}`,
      attributes: { weight: '100', startTime: '1700000000000', serialization: 'hessian2' },
    });
    expect(publisher.listed.get(Greeter.id)?.attributes).toMatchObject({
      serialization: 'json',
      group: 'blue',
    });
  });

  test('says of the server what the options say', async () => {
    const { server, publisher } = setUp({
      weight: 0,
      warmup: { timeMs: 30_000, weight: 5 },
      attributes: { zone: 'north', weight: 'beaten by the option' },
      publishHost: 'people.acme',
      publishPort: 4_711,
    });
    await server.start();
    expect(publisher.listed.get(People.id)).toMatchObject({
      address: 'people.acme:4711',
      attributes: {
        zone: 'north',
        weight: '0',
        warmupTime: '30000',
        warmupWeight: '5',
        startTime: '1700000000000',
      },
    });
  });

  test('the environment may name the published host', async () => {
    vi.stubEnv('SOFA_MESH_PUBLISH_HOST', '10.7.7.7');
    const { server, publisher } = setUp();
    await server.start();
    expect(publisher.listed.get(People.id)?.host).toBe('10.7.7.7');
  });

  test('an address that others cannot use is a warning, once', async () => {
    const { server, publisher, warnings } = setUp({ publishHost: '2001:db8::1' });
    publisher.towards = 'zk.acme';
    await server.start();
    server.add(Greeter, { greet: (name) => name });
    await settled();
    expect(publisher.listed.get(Greeter.id)?.address).toMatch(/^\[2001:db8::1\]:\d+$/);
    expect(warnings).toEqual([expect.stringContaining('Java cannot read')]);
  });

  test('a port that is taken is announced nowhere', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void blocker.close());
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { server, publisher } = setUp({ port: (blocker.address() as { port: number }).port });
    await expect(server.start()).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    expect(publisher.asked).toEqual([]);
  });

  test('a registry that is down does not fail it: the server serves, says so, and announces itself later', async () => {
    const { server, publisher, clock, warnings, connect } = setUp();
    publisher.down = new Error('connect ECONNREFUSED 10.0.0.1:2181');
    await server.start();
    const peer = connect();
    peer.write(request());
    await peer.received(1);
    expect(server.health()).toMatchObject({
      ready: false,
      reasons: [
        expect.stringMatching(/PersonService:1.0 is not announced at FakePublisher yet: .*ECONNREFUSED/),
      ],
      services: [{ id: People.id, announced: false }],
    });
    expect(warnings).toEqual([expect.stringContaining('ECONNREFUSED')]);
    publisher.down = undefined;
    await clock.advance(1_000);
    expect(server.health()).toMatchObject({
      ready: true,
      reasons: [],
      services: [{ id: People.id, announced: true }],
    });
  });

  test('a registry that does not answer holds it for 3 s', async () => {
    const { server, publisher, clock } = setUp();
    publisher.mute = true;
    const starting = watched(server.start());
    await vi.waitFor(() => expect(publisher.asked).toHaveLength(1));
    await clock.advance(2_999);
    expect(starting.state).toBe('pending');
    await clock.advance(1);
    expect(starting.state).toBe('resolved');
    expect(server.health().reasons).toEqual([expect.stringContaining('it has not answered')]);
  });

  test('several registries, each by itself', async () => {
    const [one, other] = [new FakePublisher(), new FakePublisher()];
    other.down = new Error('down');
    const { server } = setUp({ registry: [one, other] });
    await server.start();
    expect(one.listed.has(People.id)).toBe(true);
    expect(server.health()).toMatchObject({ ready: false, services: [{ announced: false }] });
  });

  test('a service that is added later is announced then', async () => {
    const { server, publisher } = setUp();
    await server.start();
    server.add(Greeter, { greet: (name) => name });
    expect(server.health().ready).toBe(false);
    await settled();
    expect(publisher.listed.has(Greeter.id)).toBe(true);
    expect(server.health().ready).toBe(true);
  });

  test.each(['bolt://10.0.0.1:12200', '10.0.0.1', 'dns://people.acme:12200'])(
    'nothing can be announced at %s: the server is not even made',
    (registry) => {
      expect(() => setUp({ registry })).toThrow(
        expect.objectContaining({
          code: 'INVALID_ARGUMENT',
          message: expect.stringMatching(/nothing can be announced at .*only tells addresses/),
        }),
      );
    },
  );

  test.each<[string, Partial<MeshServerOptions>]>([
    ['weight', { weight: -1 }],
    ['weight', { weight: 1.5 }],
    ['warmup.timeMs', { warmup: { timeMs: -1, weight: 1 } }],
    ['warmup.weight', { warmup: { timeMs: 1, weight: Number.NaN } }],
    ['publishPort', { publishPort: 0 }],
    ['publishPort', { publishPort: 65_536 }],
    ['publishHost', { publishHost: 'http://people' }],
    ['attributes["a"]', { attributes: { a: 1 as unknown as string } }],
    ['attributes[""]', { attributes: { '': 'x' } }],
    ['health.port', { health: { port: -1 } }],
  ])('%s is refused out of range', (name, options) => {
    expect(() => setUp(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(name) }),
    );
  });
});

describe('stop', () => {
  const knowing = (requestId: number) =>
    request({
      fields: { requestId },
      header: [
        ['service', People.id],
        ['sofa_mesh_go_away', '1'],
      ],
    });

  test('withdraws, serves as ever for a while, then sends go-away, and closes last', async () => {
    const { server, publisher, clock, connect } = setUp();
    await server.start();
    const peer = connect();
    peer.write(knowing(1));
    await peer.received(1);
    const stopping = watched(server.stop());
    await settled();
    expect(publisher.listed.size).toBe(0);
    expect(server.health()).toMatchObject({ live: true, ready: false, reasons: ['the server is stopping'] });
    await clock.advance(999);
    peer.write(knowing(2));
    const late = connect();
    late.write(knowing(3));
    await settled();
    expect(peer.frames.map(({ cmdCode, requestId }) => [cmdCode, requestId])).toEqual([
      [2, 1],
      [2, 2],
    ]);
    expect(bodyOf(late.frames[0]).appResponse).toBe('hi');
    await clock.advance(1);
    expect(peer.frames.at(-1)?.cmdCode).toBe(100);
    expect(late.frames.at(-1)?.cmdCode).toBe(100);
    expect(stopping.state).toBe('pending');
    await clock.advance(300);
    expect(stopping.state).toBe('resolved');
    expect(server.health()).toMatchObject({ live: false, ready: false, reasons: ['the server has stopped'] });
  });

  test('quietMs says how long; 0 does without', async () => {
    const { server, clock, connect } = setUp();
    await server.start();
    const peer = connect();
    peer.write(knowing(1));
    await peer.received(1);
    void server.stop({ quietMs: 0 });
    await clock.advance(0);
    expect(peer.frames.at(-1)?.cmdCode).toBe(100);
  });

  test('without a registry there is nobody who must hear of it first', async () => {
    const { server, clock } = setUp({ registry: undefined });
    await server.start();
    const stopping = watched(server.stop());
    await clock.advance(0);
    expect(stopping.state).toBe('resolved');
  });

  test('nor before anything was announced', async () => {
    const { server, clock } = setUp();
    const stopping = watched(server.stop());
    await clock.advance(0);
    expect(stopping.state).toBe('resolved');
  });

  test('the timeout for running calls begins after the quiet time', async () => {
    const { server, clock, connect } = setUp();
    server.add(
      { ...People, id: 'com.acme.Endless:1.0' },
      people({ slow: () => new Promise(() => undefined) }),
    );
    await server.start();
    const peer = connect();
    peer.write(
      request({ service: 'com.acme.Endless:1.0', method: 'slow', fields: { requestId: 1, timeout: 60_000 } }),
    );
    await settled();
    const stopping = watched(server.stop({ quietMs: 2_000, timeoutMs: 500 }));
    await clock.advance(2_499);
    expect(stopping.state).toBe('pending');
    await clock.advance(1);
    expect(stopping.state).toBe('resolved');
    await peer.closed();
  });

  test('a registry that does not answer holds it for a second, no longer', async () => {
    const { server, publisher, clock, warnings } = setUp();
    await server.start();
    publisher.mute = true;
    const stopping = watched(server.stop({ quietMs: 0 }));
    await clock.advance(999);
    expect(stopping.state).toBe('pending');
    await clock.advance(1);
    expect(stopping.state).toBe('resolved');
    expect(warnings).toEqual([expect.stringContaining('did not confirm')]);
  });

  test("a Publisher of the user's is not closed: others may use it", async () => {
    const { server, publisher, clock } = setUp();
    await server.start();
    void server.stop();
    await clock.advance(2_000);
    expect(publisher.closed).toBe(false);
  });

  test('a server that is being started by another part of the program does not listen on', async () => {
    const { server, publisher } = setUp();
    const starting = server.start();
    const stopping = server.stop({ quietMs: 0 });
    await expect(starting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await stopping;
    expect(publisher.listed.size).toBe(0);
  });

  test.each([{ quietMs: -1 }, { timeoutMs: Number.NaN }])('%o is refused', async (times) => {
    const { server } = setUp();
    await server.start();
    await expect(server.stop(times)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(server.health().ready).toBe(true);
  });

  test('`await using` withdraws, too', async () => {
    const { server, publisher, clock } = setUp();
    await server.start();
    void server[Symbol.asyncDispose]();
    await clock.advance(2_000);
    expect(publisher.asked).toEqual([`publish ${People.id}`, `withdraw ${People.id}`]);
  });
});
