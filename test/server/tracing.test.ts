import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { MeshError } from '../../src/core/errors.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { connectTo } from '../../src/testing/memory-pair.js';
import { later, NotFound, People, people } from '../support/people.js';
import { RawPeer, type RequestParts, request } from '../support/raw-peer.js';
import { channelsOf, FAILS, payloads, SUCCEEDS, stepsOf, stillServer } from '../support/traced.js';

const SLOW: RequestParts = { method: 'slow' };

describe('a call that is run', () => {
  test('is told of from its turn to its answer, by one object', async () => {
    const answer = later<string>();
    const { clock, told, refused, peer, ask } = stillServer({ slow: () => answer.promise });
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
    const { clock, told, ask } = stillServer(
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
    const { ask } = stillServer();
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
    const { told, peer, ask } = stillServer(own);
    await ask(request(parts));
    const [trace] = payloads(told, 'server.call');
    expect(trace.error).toMatchObject(error);
    expect(trace.responseBytes).toBeGreaterThan(20);
    expect(stepsOf(told, trace)).toEqual(FAILS);
    expect(peer.frames).toHaveLength(1);
  });

  test('is over without a response where it is oneway', async () => {
    const { told, ask } = stillServer();
    await ask(request({ method: 'note', fields: { type: 2, timeout: -1 } }));
    const [trace] = payloads(told, 'server.call');
    expect(trace).toMatchObject({ method: 'note', oneway: true, timeoutMs: Number.POSITIVE_INFINITY });
    expect([trace.error, trace.responseBytes]).toEqual([undefined, undefined]);
    expect(stepsOf(told, trace)).toEqual(SUCCEEDS);
  });

  test('is over without a response where its caller has gone', async () => {
    const answer = later<string>();
    const { told, peer, ask } = stillServer({ slow: () => answer.promise });
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
    const { told, peer, refused, ask } = stillServer(
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
