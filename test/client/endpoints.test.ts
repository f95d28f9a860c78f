import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import type { MeshClientOptions } from '../../src/client/options.js';
import { type Endpoint, parseEndpoint } from '../../src/core/endpoint.js';
import type { Resolver } from '../../src/discovery/resolver.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { Network, watched } from '../support/network.js';
import { plain } from '../support/one-peer.js';
import { People, people } from '../support/people.js';
import { bodyOf, frameOf, response } from '../support/raw-peer.js';

function setUp(addresses: string[], options: Partial<MeshClientOptions> = {}) {
  const network = new Network();
  const clock = new FakeClock();
  const client = new MeshClient({
    mode: 'direct',
    app: 'test',
    registry: addresses.map((address) => `bolt://${address}`),
    connect: network.connect,
    clock,
    random: seededRandom(1),
    ...plain,
    ...options,
  });
  return { network, clock, client, service: client.service(People) };
}

function serverNamed(name: string): MeshServer {
  return new MeshServer({ app: name }).add(People, people({ echo: () => name }));
}

describe('several addresses', () => {
  test('calls go round, and each reply says where it went', async () => {
    const { network, client, service } = setUp(['a:1', 'b:2', '[::1]:3']);
    network.serve('a:1', serverNamed('a'));
    network.serve('b:2', serverNamed('b'));
    network.serve('[::1]:3', serverNamed('c'));
    await service.ping();
    await settled();
    const answers = await Promise.all(Array.from({ length: 9 }, () => service.echo.withReply('')));
    expect(answers.map((answer) => answer.value).sort()).toEqual([
      'a',
      'a',
      'a',
      'b',
      'b',
      'b',
      'c',
      'c',
      'c',
    ]);
    const where = new Map(answers.map(({ value, reply }) => [value, reply.endpoint?.address]));
    expect(Object.fromEntries(where)).toEqual({ a: 'a:1', b: 'b:2', c: '[::1]:3' });
    expect(answers[0].reply).toMatchObject({ path: 'direct', reason: 'the mode is direct' });
    expect(client.stats().connections).toBe(3);
    expect(network.attempts).toHaveLength(3);
  });

  test('one that is down is left out, and taken in again when it is back', async () => {
    const { network, clock, service } = setUp(['a:1', 'b:2']);
    network.serve('a:1', serverNamed('a'));
    expect(await Promise.all([service.echo(''), service.echo(''), service.echo('')])).toEqual([
      'a',
      'a',
      'a',
    ]);
    network.serve('b:2', serverNamed('b'));
    await clock.advance(20_000);
    expect(new Set(await Promise.all([service.echo(''), service.echo('')]))).toEqual(new Set(['a', 'b']));
  });

  test('where all are down the error names each', async () => {
    const { service } = setUp(['a:1', 'b:2']);
    await expect(service.echo('')).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      sent: false,
      retry: 'safe',
      service: People.id,
      method: 'echo',
      message: expect.stringMatching(
        /none of the 2 endpoints of com.acme.PersonService:1.0 can be reached:.*a:1.*b:2/,
      ),
    });
  });

  test('the services of a client share its connections', async () => {
    const { network, client } = setUp(['a:1']);
    network.serve('a:1', serverNamed('a'));
    await client.service(People).ping();
    await client.service(People, { registry: 'bolt://a:1' }).ping();
    await client.invoke(People.id, 'ping', []);
    expect(network.attempts).toEqual(['a:1']);
  });

  test('connectionsPerEndpoint: so many, used in turn', async () => {
    const { network, client, service } = setUp(['a:1'], { connectionsPerEndpoint: 3 });
    const peers = network.raw('a:1');
    const first = service.echo('warm');
    await settled();
    expect(peers).toHaveLength(3);
    const calls = Array.from({ length: 5 }, (_, i) => service.echo(String(i)));
    await settled();
    expect(peers.map((peer) => peer.frames.length)).toEqual([2, 2, 2]);
    for (const peer of peers) for (const frame of peer.frames) peer.write(response(frame.requestId, 'ok'));
    expect(await Promise.all([first, ...calls])).toEqual(Array(6).fill('ok'));
    expect(client.stats()).toMatchObject({ connections: 3, pending: 0 });
  });
});

describe('connecting', () => {
  test('nothing is opened before the first call', async () => {
    const { network } = setUp(['a:1']);
    network.serve('a:1', serverNamed('a'));
    await settled();
    expect(network.attempts).toEqual([]);
  });

  test('calls that come while it connects share the one attempt', async () => {
    const { network, service } = setUp(['a:1']);
    network.serve('a:1', serverNamed('a'));
    await Promise.all(Array.from({ length: 50 }, () => service.ping()));
    expect(network.attempts).toEqual(['a:1']);
  });

  test('a refused connection is an error that names address, cause and what to look at', async () => {
    const { service } = setUp(['a:1']);
    const error = await service.echo('').catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'CONNECT_FAILED',
      endpoint: 'a:1',
      sent: false,
      retry: 'safe',
      path: 'direct',
      cause: { code: 'ECONNREFUSED' },
    });
    expect(error.message).toBe(
      'cannot connect to a:1: connect ECONNREFUSED a:1; nothing listens there; is the provider running?',
    );
  });

  test('one that is never answered is given up after connectTimeoutMs', async () => {
    const { network, clock, service } = setUp(['a:1'], { connectTimeoutMs: 400 });
    network.swallow('a:1');
    const call = watched(service.echo('', { timeoutMs: 10_000 }));
    await clock.advance(399);
    expect(call.state).toBe('pending');
    await clock.advance(1);
    expect(call.error).toMatchObject({
      code: 'CONNECT_FAILED',
      endpoint: 'a:1',
      message: expect.stringContaining('no connection after 400 ms'),
    });
  });

  test('a stream that comes after the time is up is closed, not kept', async () => {
    const { network, clock, client } = setUp(['a:1'], { connectTimeoutMs: 100 });
    const peers = network.raw('a:1');
    const slow = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://a:1',
      clock,
      connectTimeoutMs: 100,
      connect: async (endpoint) => {
        await new Promise<void>((resolve) => clock.schedule(resolve, 500));
        return network.connect(endpoint, new AbortController().signal);
      },
    });
    const call = watched(slow.service(People).echo('', { timeoutMs: 50 }));
    await clock.advance(100);
    await slow.close();
    await clock.advance(1000);
    expect(call.state).toBe('rejected');
    expect(slow.stats().connections).toBe(0);
    expect(peers.every((peer) => peer.ended)).toBe(true);
    await client.close();
  });
});

describe('reconnecting', () => {
  /** When attempts were made, in milliseconds since the connection was lost. */
  async function attemptsAfterLoss(seed: number): Promise<number[]> {
    const { network, clock, service } = setUp(['a:1'], { random: seededRandom(seed) });
    const peers = network.raw('a:1');
    void service.note('x');
    await settled();
    const times: number[] = [];
    network.refuse('a:1');
    peers[0].stream.destroy();
    await settled();
    const lostAt = clock.now();
    let known = network.attempts.length;
    for (let i = 0; i < 4000; i++) {
      await clock.advance(10);
      for (; known < network.attempts.length; known++) times.push(clock.now() - lostAt);
    }
    return times;
  }

  test('with a backoff that doubles to 3.5 s, half of it chance', { timeout: 20_000 }, async () => {
    const times = await attemptsAfterLoss(7);
    const waits = times.map((time, i) => time - (times[i - 1] ?? 0));
    const full = [200, 400, 800, 1600, 3200, 3500];
    expect(waits.length).toBeGreaterThanOrEqual(6);
    waits.forEach((wait, i) => {
      expect(wait).toBeGreaterThanOrEqual(full[Math.min(i, 5)] / 2 - 10);
      expect(wait).toBeLessThanOrEqual(full[Math.min(i, 5)] + 20);
    });
    expect(await attemptsAfterLoss(7)).toEqual(times);
    expect(await attemptsAfterLoss(8)).not.toEqual(times);
  });

  test('a call does not wait for the backoff, but attempts keep a distance', async () => {
    const { network, clock, service } = setUp(['a:1']);
    await expect(service.echo('')).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    network.serve('a:1', serverNamed('back'));
    const call = watched(service.echo(''));
    await clock.advance(99);
    expect(call.state).toBe('pending');
    await clock.advance(1);
    expect(call.value).toBe('back');
  });

  test('a lost connection fails its calls with what is known, and the next call has a new one', async () => {
    const { network, clock, service, client } = setUp(['a:1']);
    const peers = network.raw('a:1');
    const call = watched(service.find(1n));
    await settled();
    peers[0].stream.destroy();
    await settled();
    expect(call.error).toMatchObject({
      code: 'CONNECTION_LOST',
      endpoint: 'a:1',
      service: People.id,
      method: 'find',
      path: 'direct',
      sent: true,
      retry: 'if-idempotent',
    });
    await clock.advance(300);
    expect(peers).toHaveLength(2);
    const again = service.echo('hi');
    await settled();
    peers[1].write(response(peers[1].frames[0].requestId, 'yes'));
    expect(await again).toBe('yes');
    expect(client.stats().connections).toBe(1);
  });

  test('a dead peer is noticed by its silence and replaced within twenty seconds', async () => {
    const { network, clock, service } = setUp(['a:1']);
    const peers = network.raw('a:1');
    const call = watched(service.echo('', { timeoutMs: 60_000 }));
    await clock.advance(19_999);
    expect(call.error).toMatchObject({
      code: 'CONNECTION_LOST',
      sent: true,
      message: expect.stringContaining('3 heartbeats'),
    });
    expect(peers).toHaveLength(2);
  });

  test('go-away: calls in flight finish there, new ones go to a new connection', async () => {
    const { network, clock, service, client } = setUp(['a:1']);
    const peers = network.raw('a:1');
    const inFlight = service.echo('old');
    await settled();
    peers[0].write(frameOf({ proto: 1, type: 1, cmdCode: 100, requestId: 0, codec: 1, timeout: -1 }));
    await clock.advance(100);
    const next = service.echo('new');
    await clock.advance(200);
    expect(peers).toHaveLength(2);
    expect(peers[0].frames).toHaveLength(1);
    peers[1].write(response(peers[1].frames[0].requestId, 'there'));
    peers[0].write(response(peers[0].frames[0].requestId, 'here'));
    expect(await Promise.all([inFlight, next])).toEqual(['here', 'there']);
    await settled();
    expect(peers[0].ended).toBe(true);
    expect(client.stats().connections).toBe(1);
  });
});

describe('a resolver of the user', () => {
  /** A resolver whose lists a test gives out one by one; an Error makes it fail. */
  class Scripted implements Resolver {
    watches = 0;
    private readonly lists: (string[] | Error)[] = [];
    private wake: () => void = () => undefined;

    tell(list: string[] | Error): void {
      this.lists.push(list);
      this.wake();
    }

    async *watch(): AsyncGenerator<readonly Endpoint[]> {
      this.watches++;
      for (;;) {
        while (this.lists.length === 0) {
          await new Promise<void>((resolve) => {
            this.wake = resolve;
          });
        }
        const list = this.lists.shift() as string[] | Error;
        if (list instanceof Error) throw list;
        yield list.map(parseEndpoint);
      }
    }
  }

  function scripted() {
    const resolver = new Scripted();
    return { resolver, ...setUp([], { registry: resolver, logger: { warn() {} } }) };
  }

  test('a new list is followed: calls go to what it names', async () => {
    const { resolver, network, clock, service } = scripted();
    network.serve('a:1', serverNamed('a'));
    network.serve('b:2', serverNamed('b'));
    resolver.tell(['a:1']);
    expect(await service.echo('')).toBe('a');
    resolver.tell(['a:1', 'b:2']);
    await clock.advance(500);
    expect(new Set([await service.echo(''), await service.echo('')])).toEqual(new Set(['a', 'b']));
    resolver.tell(['b:2']);
    await settled();
    expect([await service.echo(''), await service.echo('')]).toEqual(['b', 'b']);
  });

  test('an empty list is NO_ENDPOINT', async () => {
    const { resolver, service } = scripted();
    resolver.tell([]);
    await expect(service.echo('')).rejects.toMatchObject({
      code: 'NO_ENDPOINT',
      retry: 'safe',
      service: People.id,
      message: expect.stringContaining(People.id),
    });
  });

  test('one that fails at first fails that call alone: it is asked again, and the next one waits for that', async () => {
    const { resolver, network, clock, service } = scripted();
    network.serve('a:1', serverNamed('a'));
    resolver.tell(new Error('the registry is down'));
    const error = await service.echo('').catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'NO_ENDPOINT',
      service: People.id,
      message: expect.stringContaining('the registry is down'),
    });
    resolver.tell(['a:1']);
    const next = service.echo('');
    await clock.advance(300);
    expect(await next).toBe('a');
  });

  test('one that fails later leaves the last known addresses, and brings nothing else down', async () => {
    const { resolver, network, service } = scripted();
    network.serve('a:1', serverNamed('a'));
    resolver.tell(['a:1']);
    expect(await service.echo('')).toBe('a');
    resolver.tell(new Error('the registry went away'));
    await settled();
    expect(await service.echo('')).toBe('a');
  });

  test('a call that waits for the first list ends by its deadline', async () => {
    const { clock, service } = scripted();
    const call = watched(service.echo('', { timeoutMs: 50 }));
    await clock.advance(70);
    expect(call.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', sent: false, retry: 'safe' });
  });
});

test('what goes over the wire: one request with its class, headers and body', async () => {
  const { network, service } = setUp(['a:1']);
  const peers = network.raw('a:1');
  const call = service.echo('hi', { timeoutMs: 1234 });
  await settled();
  const [frame] = peers[0].frames;
  expect(frame).toMatchObject({
    proto: 1,
    type: 1,
    cmdCode: 1,
    ver2: 1,
    codec: 1,
    timeout: 1234,
    className: 'com.alipay.sofa.rpc.core.request.SofaRequest',
  });
  expect(Object.fromEntries(frame.header)).toEqual({
    sofa_head_target_service: People.id,
    service: People.id,
    sofa_head_method_name: 'echo',
    app: 'test',
    protocol: 'bolt',
    type: 'sync',
    // Once a connection: this client obeys go-away, which Java's do not know.
    sofa_mesh_go_away: '1',
  });
  expect(bodyOf(frame)).toMatchObject({
    methodName: 'echo',
    targetServiceUniqueName: People.id,
    methodArgSigs: ['java.lang.String'],
  });
  peers[0].write(response(frame.requestId, 'there'));
  expect(await call).toBe('there');
  watched(service.echo('again'));
  await settled();
  expect(Object.fromEntries(peers[0].frames[1].header).sofa_mesh_go_away).toBeUndefined();
});
