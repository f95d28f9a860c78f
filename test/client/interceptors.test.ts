import { describe, expect, test } from 'vitest';
import type { Call, Interceptor } from '../../src/core/call.js';
import { MeshError } from '../../src/core/errors.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { watched } from '../support/network.js';
import { onePeer } from '../support/one-peer.js';
import { People, people } from '../support/people.js';
import { response } from '../support/raw-peer.js';

describe('interceptors', () => {
  test('run in order: the call chain, the attempt chain, the server', async () => {
    const steps: string[] = [];
    const trace =
      (name: string): Interceptor =>
      (next) =>
      async (call) => {
        steps.push(`${name} sees ${call.endpoint?.address ?? 'no endpoint'}`);
        const reply = await next(call);
        steps.push(`${name} done`);
        return reply;
      };
    const pair = memoryPair({
      client: {
        interceptors: [trace('call 1'), trace('call 2')],
        attemptInterceptors: [trace('attempt 1'), trace('attempt 2')],
      },
      server: { interceptors: [trace('server 1'), trace('server 2')] },
    });
    pair.server.add(People, people());
    await pair.client.service(People).ping();
    expect(steps).toEqual([
      'call 1 sees no endpoint',
      'call 2 sees no endpoint',
      'attempt 1 sees memory:12200',
      'attempt 2 sees memory:12200',
      'server 1 sees no endpoint',
      'server 2 sees no endpoint',
      'server 2 done',
      'server 1 done',
      'attempt 2 done',
      'attempt 1 done',
      'call 2 done',
      'call 1 done',
    ]);
  });

  test('on both sides they see what the call is', async () => {
    const seen: Call[] = [];
    const look: Interceptor = (next) => (call) => {
      seen.push({ ...call });
      return next(call);
    };
    const pair = memoryPair({ client: { interceptors: [look] }, server: { interceptors: [look] } });
    pair.server.add(People, people());
    await pair.client.service(People).echo('hi', { metadata: { tenant: 'a' } });
    expect(seen[0]).toMatchObject({
      service: People.id,
      method: 'echo',
      args: ['hi'],
      metadata: { tenant: 'a' },
      idempotent: true,
      oneway: false,
      tried: [],
    });
    expect(seen[1]).toMatchObject({
      service: People.id,
      method: 'echo',
      args: ['hi'],
      idempotent: true,
      oneway: false,
    });
    expect(seen[1].metadata.tenant).toBe('a');
  });

  test('one may change the call that it passes on, and the reply that it gives back', async () => {
    const change: Interceptor = (next) => async (call) => {
      call.metadata.added = 'yes';
      const reply = await next({ ...call, args: [`${call.args[0]}!`] });
      return { ...reply, value: `<${reply.value}>` };
    };
    const pair = memoryPair({ client: { interceptors: [change] } });
    pair.server.add(People, people({ echo: (text, ctx) => `${text} ${ctx.metadata.added}` }));
    expect(await pair.client.service(People).echo('hi')).toBe('<hi! yes>');
  });

  test('a copy of the call, of a copy, is as good as the call; one made from nothing is refused', async () => {
    const copied: Interceptor = (next) => (call) => next({ ...call, tried: [] });
    const made: Interceptor = (next) => (call) => {
      const { service, method, args, metadata, deadline, signal, idempotent, oneway, endpoint, tried, via } =
        call;
      // All that a Call has, as far as its type says.
      const own = { service, method, args, metadata, deadline, signal, idempotent, oneway, endpoint, tried };
      return next({ ...own, via } satisfies Call);
    };
    for (const place of ['interceptors', 'attemptInterceptors'] as const) {
      const fine = memoryPair({ client: { [place]: [copied, copied] } });
      fine.server.add(People, people());
      expect(await fine.client.service(People).echo('hi')).toBe('hi');
      const wrong = memoryPair({ client: { [place]: [made] } });
      wrong.server.add(People, people());
      await expect(wrong.client.service(People).echo('hi')).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message:
          'an interceptor passed on a call that it made itself: it must pass on the one that it was given, or a copy, { ...call, .. }',
        service: People.id,
        method: 'echo',
        sent: false,
        retry: 'never',
      });
    }
  });

  test('one may answer by itself, and one may make the call again', async () => {
    let served = 0;
    const again: Interceptor = (next) => (call) =>
      next(call).catch(() => next({ ...call, tried: [...call.tried] }));
    const pair = memoryPair({ client: { interceptors: [again] } });
    pair.server.add(
      People,
      people({
        echo: (text) => {
          served++;
          if (served === 1) throw new Error('not yet');
          return text;
        },
      }),
    );
    expect(await pair.client.service(People).echo('second try')).toBe('second try');
    const cached = memoryPair({
      client: {
        interceptors: [
          () => async () => ({
            value: 'cached',
            metadata: {},
            path: 'direct',
            reason: 'cache',
            endpoint: undefined,
          }),
        ],
      },
    });
    expect(await cached.client.service(People).echo('')).toBe('cached');
  });

  test('what one throws is what the caller gets, thrown at once or later', async () => {
    const refusal = new MeshError('RATE_LIMITED', 'slow down');
    for (const interceptor of [
      () => () => {
        throw refusal;
      },
      () => async () => {
        throw refusal;
      },
    ] as Interceptor[]) {
      const pair = memoryPair({ client: { interceptors: [interceptor] } });
      await expect(pair.client.service(People).echo('')).rejects.toBe(refusal);
    }
  });

  test('one that never calls back does not keep the call beyond its deadline', async () => {
    for (const chain of ['interceptors', 'attemptInterceptors'] as const) {
      const clock = new FakeClock();
      const stuck: Interceptor = () => () => new Promise(() => undefined);
      const other: Interceptor = (next) => (call) => next(call);
      const pair = memoryPair({
        client: { clock, interceptors: [other], [chain]: [stuck] },
        server: { clock },
      });
      pair.server.add(People, people());
      const call = watched(pair.client.service(People).echo('', { timeoutMs: 100 }));
      await clock.advance(99);
      expect(call.state).toBe('pending');
      await clock.advance(30);
      expect(call.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', service: People.id, method: 'echo' });
    }
  });

  test('one that never calls back in the attempt chain alone does not, either', async () => {
    const clock = new FakeClock();
    const pair = memoryPair({
      client: { clock, attemptInterceptors: [() => () => new Promise(() => undefined)] },
      server: { clock },
    });
    pair.server.add(People, people());
    const call = watched(pair.client.service(People).echo('', { timeoutMs: 100 }));
    await clock.advance(130);
    expect(call.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  test('one that never calls back does not survive its signal, either', async () => {
    const clock = new FakeClock();
    const pair = memoryPair({ client: { clock, interceptors: [() => () => new Promise(() => undefined)] } });
    const abort = new AbortController();
    const call = watched(pair.client.service(People).echo('', { signal: abort.signal }));
    await settled();
    abort.abort();
    await clock.advance(1);
    expect(call.error).toMatchObject({ code: 'CANCELLED' });
  });

  test('with an interceptor an error says as much of the call as without one', async () => {
    const pass: Interceptor = (next) => async (call) => {
      const reply = await next(call);
      return reply;
    };
    const { clock, peers, service } = onePeer({ interceptors: [pass] });
    const timedOut = watched(service.echo('', { timeoutMs: 100 }));
    const abort = new AbortController();
    const cancelled = watched(service.echo('', { signal: abort.signal }));
    await clock.advance(130);
    expect(timedOut.error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      endpoint: 'a:1',
      sent: true,
      service: People.id,
      method: 'echo',
    });
    abort.abort();
    await clock.advance(1);
    expect(cancelled.error).toMatchObject({
      code: 'CANCELLED',
      endpoint: 'a:1',
      sent: true,
      service: People.id,
    });
    const fine = service.echo('');
    await settled();
    peers[0].write(response(peers[0].requests[2].requestId, 'ok'));
    expect(await fine).toBe('ok');
  });
});
