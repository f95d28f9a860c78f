import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { currentContext } from '../../src/core/context.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { connectTo, memoryPair } from '../../src/testing/memory-pair.js';
import { Network, watched } from '../support/network.js';
import { onePeer } from '../support/one-peer.js';
import { later, People, people } from '../support/people.js';
import { response } from '../support/raw-peer.js';

describe('which timeout counts', () => {
  /** When the call ended, and what the frame said. */
  async function ended(clientMs: number | undefined, method: 'echo' | 'slow', callMs: number | undefined) {
    const { clock, peers, service } = onePeer(clientMs === undefined ? {} : { timeoutMs: clientMs });
    const call = watched(service[method]('x', callMs === undefined ? undefined : { timeoutMs: callMs }));
    await settled();
    const said = peers[0].frames[0].timeout;
    await clock.advance(said - 1);
    expect(call.state).toBe('pending');
    await clock.advance(17);
    expect(call.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    return said;
  }

  test("the call's, then the method's, then the client's, then Java's 3,000 ms", async () => {
    expect(await ended(500, 'slow', 250)).toBe(250);
    expect(await ended(500, 'slow', undefined)).toBe(700);
    expect(await ended(500, 'echo', undefined)).toBe(500);
    expect(await ended(undefined, 'echo', undefined)).toBe(3000);
  });

  test.each([0, -1, Number.NaN])('a timeout of %s is refused before anything is sent', async (timeoutMs) => {
    const { service, network } = onePeer();
    await expect(service.echo('x', { timeoutMs })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      service: People.id,
      method: 'echo',
      message: expect.stringContaining(String(timeoutMs)),
    });
    expect(network.attempts).toEqual([]);
    expect(() => new MeshClient({ mode: 'direct', app: 'test', timeoutMs })).toThrow(/timeoutMs/);
  });

  test('a fraction of a millisecond is rounded up: 0 on the wire would mean for ever', async () => {
    const { service, peers } = onePeer();
    watched(service.echo('x', { timeoutMs: 0.3 }));
    await settled();
    expect(peers[0].frames[0].timeout).toBe(1);
  });

  test('a timeout beyond what Bolt can say is said as its largest', async () => {
    const { service, peers } = onePeer();
    const call = watched(service.echo('x', { timeoutMs: Number.POSITIVE_INFINITY }));
    await settled();
    expect(peers[0].frames[0].timeout).toBe(0x7fff_ffff);
    expect(call.state).toBe('pending');
  });
});

describe('a deadline that passes', () => {
  test('names where it waited, says that it was sent, and the late response is dropped and counted', async () => {
    const { clock, peers, service, client } = onePeer();
    const call = watched(service.echo('x', { timeoutMs: 100 }));
    await clock.advance(120);
    expect(call.error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      endpoint: 'a:1',
      service: People.id,
      method: 'echo',
      path: 'direct',
      sent: true,
      retry: 'if-idempotent',
      message: expect.stringMatching(/^no response from a:1 to com\.acme\.\S+ \w+ before its deadline$/),
    });
    expect(client.stats()).toMatchObject({ pending: 0, lateResponses: 0 });
    peers[0].write(response(peers[0].frames[0].requestId, 'too late'));
    await settled();
    expect(client.stats().lateResponses).toBe(1);
    const next = service.echo('y');
    await settled();
    peers[0].write(response(peers[0].requests[1].requestId, 'in time'));
    expect(await next).toBe('in time');
  });

  test('before there is a connection: not sent, safe to repeat', async () => {
    const { clock, network, service } = onePeer();
    network.swallow('a:1');
    const call = watched(service.echo('x', { timeoutMs: 100 }));
    await clock.advance(120);
    expect(call.error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      sent: false,
      retry: 'safe',
      service: People.id,
      method: 'echo',
      message: expect.stringContaining(
        'no connection to a provider of com.acme.PersonService:1.0 was ready yet',
      ),
    });
  });

  test('while the connection opened: nothing is written', async () => {
    const clock = new FakeClock();
    const network = new Network();
    const peers = network.raw('a:1');
    const gate = later<void>();
    const client = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://a:1',
      clock,
      interceptors: [],
      attemptInterceptors: [(next) => (call) => gate.promise.then(() => next(call))],
      connect: network.connect,
    });
    const call = watched(client.service(People).echo('x', { timeoutMs: 100 }));
    await clock.advance(100);
    gate.resolve();
    await clock.advance(20);
    expect(call.error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      sent: false,
      retry: 'safe',
      endpoint: 'a:1',
    });
    expect(peers[0].frames).toEqual([]);
  });

  test('an answered call leaves no timer behind', async () => {
    const { clock, peers, service } = onePeer();
    const calls = Array.from({ length: 10 }, () => service.echo('x'));
    await settled();
    const whileWaiting = clock.pendingTimers;
    for (const frame of peers[0].frames) peers[0].write(response(frame.requestId, 'ok'));
    await Promise.all(calls);
    await clock.advance(10);
    expect(clock.pendingTimers).toBe(whileWaiting - 1);
  });

  test('thousands at once', async () => {
    const { clock, service, client } = onePeer();
    const calls = Array.from({ length: 3000 }, (_, i) =>
      watched(service.echo('x', { timeoutMs: 50 + (i % 100) })),
    );
    await clock.advance(200);
    expect(calls.every((call) => (call.error as { code?: string })?.code === 'DEADLINE_EXCEEDED')).toBe(true);
    expect(client.stats().pending).toBe(0);
  });
});

describe('inside a handler', () => {
  async function nested(outerMs: number, innerMs: number | undefined) {
    const clock = new FakeClock();
    const remaining: number[] = [];
    const inner = memoryPair({ client: { clock }, server: { clock } });
    inner.server.add(
      People,
      people({
        slow: (text, ctx) => {
          remaining.push(ctx.remainingMs());
          return text;
        },
        echo: (text, ctx) => {
          remaining.push(ctx.remainingMs());
          return text;
        },
      }),
    );
    const outer = memoryPair({ client: { clock }, server: { clock } });
    outer.server.add(
      People,
      people({
        echo: async (text) => {
          await new Promise<void>((resolve) => clock.schedule(resolve, 40));
          return inner.client
            .service(People)
            .echo(text, innerMs === undefined ? undefined : { timeoutMs: innerMs });
        },
      }),
    );
    const call = watched(outer.client.service(People).echo('through', { timeoutMs: outerMs }));
    await clock.advance(60);
    expect(call.value).toBe('through');
    return remaining[0];
  }

  test("a call inherits what is left of the caller's deadline, and cannot have more", async () => {
    expect(await nested(100, undefined)).toBe(60);
    expect(await nested(100, 5000)).toBe(60);
  });

  test('it may have less', async () => {
    expect(await nested(5000, 30)).toBe(30);
  });

  test('when the deadline has passed already, nothing is sent any more', async () => {
    const clock = new FakeClock();
    const network = new Network();
    const peers = network.raw('a:1');
    const inner = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://a:1',
      connect: network.connect,
      clock,
    }).service(People);
    watched(inner.ping());
    await settled();
    let innerError: unknown;
    const outer = memoryPair({ client: { clock }, server: { clock } });
    outer.server.add(
      People,
      people({
        echo: async (text) => {
          await new Promise<void>((resolve) => clock.schedule(resolve, 150));
          innerError = await inner.echo(text).catch((error) => error);
          return text;
        },
      }),
    );
    watched(outer.client.service(People).echo('x', { timeoutMs: 100 }));
    await clock.advance(200);
    expect(innerError).toMatchObject({ code: 'DEADLINE_EXCEEDED', sent: false, retry: 'safe' });
    expect(peers[0].frames).toHaveLength(1);
  });

  test('a caller without a timeout sets no bound, and outside of a handler there is none', async () => {
    const clock = new FakeClock();
    const seen: unknown[] = [];
    const pair = memoryPair({ client: { clock }, server: { clock } });
    pair.server.add(
      People,
      people({
        note: (_text, ctx) => {
          seen.push(ctx.deadline, currentContext() === ctx);
        },
      }),
    );
    await pair.client.service(People).note('x');
    await settled();
    expect(seen).toEqual([Number.POSITIVE_INFINITY, true]);
    expect(currentContext()).toBeUndefined();
  });
});

test('a client of another build inherits the deadline, too: the context is shared through its symbol', async () => {
  const clock = new FakeClock();
  const { vi } = await import('vitest');
  vi.resetModules();
  const copy = (await import(
    '../../src/client/mesh-client.js'
  )) as typeof import('../../src/client/mesh-client.js');
  expect(copy.MeshClient).not.toBe(MeshClient);
  const pair = memoryPair({ client: { clock }, server: { clock } });
  let left = 0;
  const otherClient = new copy.MeshClient({
    mode: 'direct',
    app: 'other',
    registry: 'bolt://memory:1',
    connect: connectTo(pair.server),
    clock,
  });
  pair.server.add(
    People,
    people({
      echo: async (text) => otherClient.service(People).slow(text, { timeoutMs: 9000 }),
      slow: (text, ctx) => {
        left = ctx.remainingMs();
        return text;
      },
    }),
  );
  expect(await pair.client.service(People).echo('x', { timeoutMs: 80 })).toBe('x');
  expect(left).toBe(80);
});
