import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import type { Interceptor } from '../../src/core/call.js';
import { MeshError, RemoteError } from '../../src/core/errors.js';
import type { AttemptTrace, CallTrace } from '../../src/core/operations.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { meshWorld } from '../support/mesh-world.js';
import { Network, watched } from '../support/network.js';
import { onePeer } from '../support/one-peer.js';
import { later, People, people } from '../support/people.js';
import { response } from '../support/raw-peer.js';
import { channelsOf, FAILS, payloads, SUCCEEDS, stepsOf, stillPair, traced } from '../support/traced.js';

const BOTH = ['client.call', 'client.attempt'] as const;
const PROVIDER = 'provider:12200';

describe('a call that succeeds', () => {
  test('is told of with its one attempt inside, and by one object each from start to end', async () => {
    const told = traced(...BOTH);
    const { clock, service } = stillPair({ echo: () => answer.promise });
    const answer = later<string>();
    clock.advance(5);
    await settled();
    const call = service.echo('hi', { metadata: { tenant: 'a' }, timeoutMs: 500 });
    await settled();
    await clock.advance(20);
    answer.resolve('hi');
    await call;
    expect(told.map(({ step }) => step)).toEqual([
      'client.call start',
      'client.call end',
      'client.attempt start',
      'client.attempt end',
      'client.attempt asyncStart',
      'client.attempt asyncEnd',
      'client.call asyncStart',
      'client.call asyncEnd',
    ]);
    const common = {
      version: 1,
      side: 'client',
      service: People.id,
      method: 'echo',
      idempotent: true,
      oneway: false,
      metadata: { tenant: 'a' },
      timeoutMs: 500,
      startedAt: 1_700_000_000_005,
      error: undefined,
    };
    const [callTrace] = payloads(told, 'client.call');
    const [attempt] = payloads(told, 'client.attempt');
    expect(told[0].was).toEqual({
      ...common,
      durationMs: undefined,
      attempts: 0,
      path: undefined,
      reason: undefined,
      endpoint: undefined,
    });
    expect(told[2].was).toEqual({
      ...common,
      durationMs: undefined,
      call: callTrace,
      attempt: 1,
      path: 'direct',
      reason: 'the mode is direct',
      endpoint: 'memory:12200',
      requestBytes: undefined,
      responseBytes: undefined,
    });
    expect(told[5].was).toMatchObject({ durationMs: 20, error: undefined });
    expect(told[7].was).toEqual({
      ...common,
      durationMs: 20,
      attempts: 1,
      path: 'direct',
      reason: 'the mode is direct',
      endpoint: 'memory:12200',
    });
    expect(stepsOf(told, callTrace)).toEqual(SUCCEEDS);
    expect(stepsOf(told, attempt)).toEqual(SUCCEEDS);
  });

  test('says how many bytes its frames have', async () => {
    const told = traced('client.attempt');
    const { peers, service } = onePeer();
    const call = service.echo('x'.repeat(1_000));
    await settled();
    const answer = response(peers[0].frames[0].requestId, 'y'.repeat(500));
    peers[0].write(answer);
    await call;
    const [attempt] = payloads(told, 'client.attempt');
    expect(attempt.responseBytes).toBe(answer.length);
    expect(attempt.requestBytes).toBeGreaterThan(1_000);
    expect(attempt.requestBytes).toBeLessThan(1_500);
  });

  test('is told of where only its attempts are listened to, and the other way round', async () => {
    const ends: (CallTrace | AttemptTrace)[] = [];
    const listen = { asyncEnd: (message: CallTrace | AttemptTrace) => void ends.push(message) };
    for (const name of BOTH) {
      channelsOf(name).subscribe(listen as never);
      const { service } = stillPair();
      await service.ping();
      channelsOf(name).unsubscribe(listen as never);
    }
    expect(ends).toMatchObject([{ attempts: 1 }, { attempt: 1, call: { attempts: 1 } }]);
  });

  test('and is oneway is over when it was written', async () => {
    const told = traced(...BOTH);
    const { peers, service } = onePeer();
    await service.note('x');
    await settled();
    expect(peers[0].frames).toHaveLength(1);
    const [callTrace] = payloads(told, 'client.call');
    const [attempt] = payloads(told, 'client.attempt');
    expect(callTrace).toMatchObject({ oneway: true, path: 'direct', endpoint: 'a:1' });
    expect(attempt).toMatchObject({
      oneway: true,
      requestBytes: expect.any(Number),
      responseBytes: undefined,
    });
    expect([stepsOf(told, callTrace), stepsOf(told, attempt)]).toEqual([SUCCEEDS, SUCCEEDS]);
  });

  test('without a contract is told of as any other', async () => {
    const told = traced('client.call');
    const { client } = stillPair();
    expect(await client.invoke(People.id, 'echo', ['hi'])).toBe('hi');
    expect(payloads(told, 'client.call')).toMatchObject([
      { service: People.id, method: 'echo', attempts: 1 },
    ]);
  });
});

describe('a call that fails', () => {
  /** The call's and its attempts' payloads, once it has failed. */
  async function failed(told: ReturnType<typeof traced>, call: Promise<unknown>) {
    const error = await call.then(
      () => expect.unreachable('it should have failed'),
      (thrown: MeshError) => thrown,
    );
    const [trace] = payloads(told, 'client.call');
    expect(stepsOf(told, trace)).toEqual(FAILS);
    expect(trace.error).toBe(error);
    const attempts = payloads(told, 'client.attempt');
    return { error, trace, attempts, steps: attempts.map((attempt) => stepsOf(told, attempt)) };
  }

  test('with what the provider threw', async () => {
    const told = traced(...BOTH);
    const { service } = stillPair();
    const { error, trace, attempts, steps } = await failed(told, service.find(404n));
    expect(error).toBeInstanceOf(RemoteError);
    expect(trace).toMatchObject({ path: 'direct', endpoint: 'memory:12200', attempts: 1 });
    expect(attempts).toMatchObject([{ error, responseBytes: expect.any(Number) }]);
    expect(steps).toEqual([FAILS]);
  });

  test('at its deadline', async () => {
    const told = traced(...BOTH);
    const { clock, service } = stillPair({ slow: () => later<string>().promise });
    const call = service.slow('x');
    call.catch(() => undefined);
    await settled();
    await clock.advance(800);
    const { trace, attempts } = await failed(told, call);
    expect(trace.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', sent: true });
    expect(trace).toMatchObject({ timeoutMs: 700, endpoint: 'memory:12200' });
    expect(trace.durationMs).toBeGreaterThanOrEqual(700);
    expect(attempts).toMatchObject([
      { error: trace.error, requestBytes: expect.any(Number), responseBytes: undefined },
    ]);
  });

  test('because it was cancelled', async () => {
    const told = traced(...BOTH);
    const { service } = stillPair({ echo: () => later<string>().promise });
    const abort = new AbortController();
    const call = service.echo('x', { signal: abort.signal });
    call.catch(() => undefined);
    await settled();
    abort.abort();
    const { trace, attempts } = await failed(told, call);
    expect(trace.error).toMatchObject({ code: 'CANCELLED' });
    expect(attempts).toHaveLength(1);
  });

  test('because nobody can be reached: there is no attempt', async () => {
    const told = traced(...BOTH);
    const clock = new FakeClock();
    const { connect } = new Network();
    const client = new MeshClient({ app: 't', mode: 'direct', registry: 'bolt://a:1', connect, clock });
    const { trace, attempts } = await failed(told, client.service(People).echo('x'));
    expect(trace).toMatchObject({ attempts: 0, path: 'direct', error: { code: 'CONNECT_FAILED' } });
    expect(attempts).toEqual([]);
  });

  test('because a value cannot be encoded: its attempt was never sent', async () => {
    const told = traced(...BOTH);
    const { service } = stillPair();
    const { attempts } = await failed(told, service.add('one' as never, 2));
    expect(attempts).toMatchObject([
      { error: { code: 'ENCODE_FAILED', sent: false }, requestBytes: undefined },
    ]);
  });

  test('with wrong options is none', async () => {
    const told = traced(...BOTH);
    const { service } = stillPair();
    await expect(service.echo('x', { timeoutMs: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(told).toEqual([]);
  });
});

describe('attempts', () => {
  test('that are retried are told of one by one, with their number and their endpoint', async () => {
    const told = traced(...BOTH);
    const clock = new FakeClock();
    const network = new Network();
    let refusals = 0;
    const refuseFirst: Interceptor = (next) => async (call) => {
      if (refusals++ === 0) throw new MeshError('OVERLOADED', 'no room');
      return next(call);
    };
    for (const address of ['a:1', 'b:1']) {
      const server = new MeshServer({ app: 't', mode: 'direct', clock, interceptors: [refuseFirst] });
      network.serve(address, server.add(People, people()));
    }
    const { connect } = network;
    const registry = ['bolt://a:1', 'bolt://b:1'];
    const client = new MeshClient({ app: 't', mode: 'direct', registry, connect, clock });
    const call = watched(client.service(People).echo('x'));
    while (call.state === 'pending') await clock.advance(10);
    expect(call.value).toBe('x');
    const [trace] = payloads(told, 'client.call');
    const attempts = payloads(told, 'client.attempt');
    expect(trace).toMatchObject({ attempts: 2, error: undefined, endpoint: attempts[1].endpoint });
    expect(attempts.map(({ attempt, call: of }) => [attempt, of === trace])).toEqual([
      [1, true],
      [2, true],
    ]);
    expect(attempts[0]).toMatchObject({ error: { code: 'OVERLOADED' } });
    expect(attempts[1].error).toBe(undefined);
    expect(attempts.map(({ endpoint }) => endpoint).sort()).toEqual(['a:1', 'b:1']);
  });

  test('on both ways belong to one call, and say which way each took', async () => {
    const { service, passing, dev, way } = await meshWorld();
    await way();
    const told = traced(...BOTH);
    dev.failing(1, 4);
    const { reply } = await passing(service.echo.withReply('hi'));
    const [trace] = payloads(told, 'client.call');
    expect(trace).toMatchObject({ path: 'fallback', reason: reply.reason, endpoint: PROVIDER, attempts: 2 });
    expect(payloads(told, 'client.attempt')).toMatchObject([
      { attempt: 1, path: 'mesh', error: { code: 'OVERLOADED' } },
      { attempt: 2, path: 'fallback', endpoint: PROVIDER, error: undefined },
    ]);
  });

  test('of a comparison say so', async () => {
    const compare = { percent: 100, methods: ['echo'] };
    const { service, passing, pass, way } = await meshWorld({
      client: { policy: { services: { [People.id]: { mesh: 100, compare } } } },
    });
    await way();
    await pass(10);
    const told = traced(...BOTH);
    await passing(service.echo('hi'));
    await pass(10);
    const [trace] = payloads(told, 'client.call');
    expect(trace).toMatchObject({ path: 'mesh', attempts: 2 });
    expect(payloads(told, 'client.attempt').map(({ path, reason }) => [path, reason])).toEqual([
      ['mesh', 'a sidecar is there'],
      ['direct', 'a comparison'],
    ]);
  });
});
