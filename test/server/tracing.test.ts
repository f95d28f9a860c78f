import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { MeshError } from '../../src/core/errors.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { connectTo } from '../../src/testing/memory-pair.js';
import { heard } from '../support/events.js';
import { later, NotFound, People, people } from '../support/people.js';
import { RawPeer, type RequestParts, request } from '../support/raw-peer.js';
import { channelsOf, FAILS, payloads, SUCCEEDS, stepsOf, traced } from '../support/traced.js';

/** A server in time that stands still, its one raw client, and what is told. */
function setUp(own: Parameters<typeof people>[0] = {}, options: Partial<MeshServerOptions> = {}) {
  const clock = new FakeClock(1_700_000_000_000);
  const server = new MeshServer({ app: 'test', mode: 'direct', clock, ...options }).add(People, people(own));
  const told = traced('server.call');
  const refused = heard('server.refused');
  const [near, far] = duplexPair();
  server.accept(near, 'raw:1');
  const peer = new RawPeer(far);
  const ask = async (...requests: Buffer[]) => {
    peer.write(...requests);
    await settled();
  };
  return { clock, server, told, refused: () => refused.map(([, message]) => message), peer, ask };
}

const SLOW: RequestParts = { method: 'slow' };

describe('a call that is run', () => {
  test('is told of from its turn to its answer, by one object', async () => {
    const answer = later<string>();
    const { clock, told, refused, peer, ask } = setUp({ slow: () => answer.promise });
    await clock.advance(7);
    const bytes = request(SLOW);
    await ask(bytes);
    await clock.advance(20);
    answer.resolve('done');
    await settled();
    const common = {
      version: 1,
      side: 'server',
      service: People.id,
      method: 'slow',
      idempotent: false,
      oneway: false,
      metadata: expect.anything(),
      remote: 'raw:1',
      timeoutMs: 3_000,
      startedAt: 1_700_000_000_007,
      queuedMs: 0,
      requestBytes: bytes.length,
      error: undefined,
    };
    expect(told[0].was).toEqual({ ...common, durationMs: undefined, responseBytes: undefined });
    expect(told.at(-1)?.was).toEqual({ ...common, durationMs: 20, responseBytes: expect.any(Number) });
    expect(stepsOf(told, told[0].message)).toEqual(SUCCEEDS);
    const [{ className, header, content }] = peer.frames;
    const texts = header.flat().map((text) => 4 + (text ?? '').length);
    const size = texts.reduce((sum, length) => sum + length, 20 + className.length + content.length);
    expect(told[0].message.responseBytes).toBe(size);
    expect(refused()).toEqual([]);
  });

  test('after it waited for a place says how long', async () => {
    const first = later<string>();
    const { clock, told, ask } = setUp(
      { slow: (text) => (text === 'hi' ? first.promise : 'second') },
      { maxConcurrency: 1 },
    );
    await ask(request(SLOW), request({ ...SLOW, args: ['next'], fields: { requestId: 2 } }));
    expect(told).toHaveLength(2);
    await clock.advance(30);
    first.resolve('first');
    await settled();
    const [one, two] = payloads(told, 'server.call');
    expect([one.queuedMs, two.queuedMs]).toEqual([0, 30]);
    expect(two.startedAt).toBe(one.startedAt);
    expect(two.durationMs).toBe(30);
  });

  test('shows its metadata, key by key or all of it', async () => {
    const seen: unknown[] = [];
    const listen = {
      start: ({ metadata }: { metadata: Readonly<Record<string, string>> }) =>
        void seen.push(metadata.traceparent, { ...metadata }),
    };
    channelsOf('server.call').subscribe(listen as never);
    onTestFinished(() => void channelsOf('server.call').unsubscribe(listen as never));
    const { ask } = setUp();
    const header: [string, string][] = [
      ['service', People.id],
      ['traceparent', '00-1'],
    ];
    await ask(request({ header }));
    expect(seen).toEqual(['00-1', { service: People.id, traceparent: '00-1' }]);
  });

  test.each<[string, Parameters<typeof people>[0], RequestParts, object]>([
    [
      'throws',
      {
        slow: async () => {
          throw new NotFound({ id: 1n, message: 'nobody' });
        },
      },
      SLOW,
      { message: 'nobody' },
    ],
    [
      'throws undefined',
      {
        slow: () => {
          throw undefined;
        },
      },
      SLOW,
      { message: 'undefined was thrown' },
    ],
    ['returns what has no form', { slow: () => 7 as never }, SLOW, { code: 'ENCODE_FAILED' }],
  ])('and %s has failed, and was answered', async (_, own, parts, error) => {
    const { told, peer, ask } = setUp(own);
    await ask(request(parts));
    const [trace] = payloads(told, 'server.call');
    expect(trace.error).toMatchObject(error);
    expect(trace.responseBytes).toBeGreaterThan(20);
    expect(stepsOf(told, trace)).toEqual(FAILS);
    expect(peer.frames).toHaveLength(1);
  });

  test('is over without a response where it is oneway', async () => {
    const { told, ask } = setUp();
    await ask(request({ method: 'note', fields: { type: 2, timeout: -1 } }));
    const [trace] = payloads(told, 'server.call');
    expect(trace).toMatchObject({ method: 'note', oneway: true, timeoutMs: Number.POSITIVE_INFINITY });
    expect([trace.error, trace.responseBytes]).toEqual([undefined, undefined]);
    expect(stepsOf(told, trace)).toEqual(SUCCEEDS);
  });

  test('is over without a response where its caller has gone', async () => {
    const answer = later<string>();
    const { told, peer, ask } = setUp({ slow: () => answer.promise });
    await ask(request(SLOW));
    peer.stream.destroy();
    await settled();
    expect(told.map(({ step }) => step)).toEqual(['server.call start', 'server.call end']);
    answer.resolve('too late');
    await settled();
    const [trace] = payloads(told, 'server.call');
    expect(trace.responseBytes).toBe(undefined);
    expect(stepsOf(told, trace)).toEqual(SUCCEEDS);
  });

  test('and is refused by an interceptor for want of room has failed', async () => {
    const { told, peer, refused, ask } = setUp(
      {},
      {
        interceptors: [
          () => async () => {
            throw new MeshError('OVERLOADED', 'not now');
          },
        ],
      },
    );
    await ask(request());
    expect(peer.frames).toMatchObject([{ status: 4 }]);
    expect(payloads(told, 'server.call')).toMatchObject([
      { error: { code: 'OVERLOADED' }, responseBytes: 20 },
    ]);
    expect(refused()).toEqual([]);
  });
});

describe('a request that is not run is told of as refused, and as nothing else', () => {
  const none = { method: undefined, error: undefined };
  const of = { remote: 'raw:1', service: People.id };

  test.each<[string, RequestParts, object]>([
    [
      'its service is not here',
      { service: 'com.acme.Other:1.0' },
      { ...none, ...of, reason: 'unknown-service', service: 'com.acme.Other:1.0' },
    ],
    [
      'its method is not here',
      { method: 'other' },
      { ...of, reason: 'unknown-method', method: 'other', error: { code: 'METHOD_NOT_FOUND' } },
    ],
    [
      'it does not say which service',
      { header: [] },
      { ...none, ...of, reason: 'undecodable', service: undefined, error: { code: 'DECODE_FAILED' } },
    ],
    [
      'its codec is not known',
      { fields: { codec: 99 } },
      { ...none, ...of, reason: 'undecodable', error: { message: expect.stringContaining('codec 99') } },
    ],
    [
      'its codec is not the one of the service',
      { fields: { codec: 12 } },
      { ...none, ...of, reason: 'undecodable', error: { message: expect.stringContaining('uses 12') } },
    ],
    [
      'its body is broken',
      { content: Buffer.alloc(9, 0xff) },
      { ...of, reason: 'undecodable', error: { code: 'DECODE_FAILED' } },
    ],
  ])('%s', async (_, parts, wanted) => {
    const { told, refused, peer, ask } = setUp();
    await ask(request(parts));
    expect(refused()).toMatchObject([wanted]);
    expect(peer.frames).toHaveLength(1);
    // Of a oneway request, too, which nothing is answered to.
    await ask(request({ ...parts, fields: { ...parts.fields, type: 2, timeout: -1 } }));
    expect(refused()).toMatchObject([wanted, wanted]);
    expect(peer.frames).toHaveLength(1);
    expect(told).toEqual([]);
  });

  test('there is no room', async () => {
    const { told, refused, ask } = setUp(
      { slow: () => later<string>().promise },
      { maxConcurrency: 1, maxQueue: 0 },
    );
    await ask(request(SLOW), request({ ...SLOW, fields: { requestId: 2 } }));
    expect(refused()).toEqual([{ ...none, ...of, reason: 'busy' }]);
    expect(payloads(told, 'server.call')).toHaveLength(1);
  });

  test('its caller gave up while it waited for a place', async () => {
    const first = later<string>();
    const { clock, told, refused, server, ask } = setUp({ slow: () => first.promise }, { maxConcurrency: 1 });
    await ask(request(SLOW), request({ ...SLOW, fields: { requestId: 2, timeout: 10 } }));
    await clock.advance(50);
    first.resolve('first');
    await settled();
    expect(refused()).toEqual([{ ...of, reason: 'expired', method: 'slow', error: undefined }]);
    expect(new Set(told.map(({ message }) => message)).size).toBe(1);
    expect(server.health().expired).toBe(1);
  });

  test.each<[string, RequestParts, object]>([
    ['by the frame', { fields: { requestId: 2, timeout: 10 } }, { method: undefined }],
    [
      'by the property of a oneway request',
      {
        method: 'note',
        fields: { requestId: 2, type: 2, timeout: -1 },
        header: [
          ['service', People.id],
          ['sofa_head_deadline_remain_time', '10'],
        ],
      },
      { method: 'note' },
    ],
  ])('its caller had given up before it was read, %s', async (_, parts, wanted) => {
    let late = 0;
    class Late extends FakeClock {
      override now(): number {
        return super.now() + late;
      }

      override wallTime(): number {
        return super.wallTime() + late;
      }
    }
    const { told, refused, ask } = setUp(
      {
        slow: (text) => {
          late = 100;
          return text;
        },
      },
      { clock: new Late() },
    );
    // Of several requests that come at once, the clock is looked at now and then.
    await ask(...Array.from({ length: 2 }, () => request(SLOW)), request(parts));
    expect(refused()).toEqual([{ ...of, reason: 'expired', error: undefined, ...wanted }]);
    expect(payloads(told, 'server.call')).toMatchObject([
      { startedAt: 0, queuedMs: 0 },
      { startedAt: 0, queuedMs: 100 },
    ]);
  });

  test('the server is being stopped', async () => {
    const first = later<string>();
    const { told, refused, clock, server, ask } = setUp({ slow: () => first.promise });
    await ask(request(SLOW));
    const stopped = server.stop({ timeoutMs: 60_000 });
    await clock.advance(1_000);
    await ask(request({ ...SLOW, fields: { requestId: 2 } }));
    expect(refused()).toEqual([{ ...none, ...of, reason: 'stopping' }]);
    first.resolve('done');
    await clock.advance(60_000);
    await stopped;
    expect(payloads(told, 'server.call')).toHaveLength(1);
  });
});

describe('a store that is bound to the start', () => {
  test('is seen by interceptors, by the handler and by the calls that it makes, and by no other call', async () => {
    const current = new AsyncLocalStorage<string>();
    const bind = (name: 'server.call' | 'client.call') => {
      channelsOf(name).start.bindStore(current, ({ method }) => `${current.getStore() ?? ''}/${method}`);
      onTestFinished(() => void channelsOf(name).start.unbindStore(current));
    };
    const seen: string[] = [];
    const see = (what: string) => void seen.push(`${what} ${current.getStore()}`);
    const clock = new FakeClock();
    const server = new MeshServer({
      app: 'test',
      mode: 'direct',
      clock,
      maxConcurrency: 1,
      interceptors: [
        (next) => (call) => {
          see('interceptor');
          return next(call);
        },
      ],
    });
    const other = new MeshServer({ app: 'other', mode: 'direct', clock }).add(
      People,
      people({ ping: () => see('inner') }),
    );
    const inner = new MeshClient({
      app: 't',
      mode: 'direct',
      registry: 'bolt://a:1',
      connect: connectTo(other),
      clock,
    });
    server.add(
      People,
      people({
        slow: async (text) => {
          see('handler');
          await inner.service(People).ping();
          return text;
        },
      }),
    );
    bind('server.call');
    bind('client.call');
    const [near, far] = duplexPair();
    server.accept(near);
    // The second waits for the place of the first.
    new RawPeer(far).write(request(SLOW), request({ ...SLOW, fields: { requestId: 2 } }));
    await settled();
    await settled();
    const once = ['interceptor /slow', 'handler /slow', 'inner /slow/ping/ping'];
    expect(seen).toEqual([...once, ...once]);
  });
});
