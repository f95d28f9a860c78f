import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { Call, Reply } from '../../src/core/call.js';
import { endpointOf } from '../../src/core/endpoint.js';
import { type MeshError, RemoteError } from '../../src/core/errors.js';
import { circuitBreaker } from '../../src/resilience/circuit-breaker.js';
import type { CircuitBreakerOptions } from '../../src/resilience/circuit-options.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { type Later, later } from '../support/people.js';
import { callOf, failure, published, reply } from './calls.js';

const silence = () => failure('DEADLINE_EXCEEDED', { sent: true });

function setUp(options: CircuitBreakerOptions = {}) {
  const clock = new FakeClock();
  const running: Later<Reply>[] = [];
  const breaking = circuitBreaker(options, { clock })(() => {
    const work = later<Reply>();
    running.push(work);
    return work.promise;
  });
  const a = endpointOf('a', 1);
  const b = endpointOf('b', 1);
  const start = (own: Partial<Call> = {}) => watched(breaking(callOf({ endpoint: a, ...own })));
  /** Calls that end with this, one after the other; returns the last. */
  const end = async (times: number, how: Reply | Error, own: Partial<Call> = {}) => {
    let outcome = start(own);
    for (let i = 1; ; i++) {
      const work = running.pop();
      if (how instanceof Error) work?.reject(how);
      else work?.resolve(how);
      await settled();
      if (i === times) return outcome;
      outcome = start(own);
    }
  };
  /** Whether a call would pass. It stays in flight. */
  const passes = async (own: Partial<Call> = {}) => {
    const outcome = start(own);
    await settled();
    if (outcome.state === 'pending') return true;
    expect(outcome.error).toMatchObject({ code: 'CIRCUIT_OPEN' });
    return false;
  };
  return { clock, running, start, end, passes, a, b };
}

describe('a circuit opens', () => {
  test('when half of twenty calls failed, and says so', async () => {
    const opened = published('circuit.opened');
    const { end, start, passes } = setUp();
    expect((await end(10, reply)).value).toBe(reply);
    const error = silence();
    expect((await end(9, error)).error).toBe(error);
    expect(await passes()).toBe(true);
    expect(opened).toEqual([]);
    await end(1, failure('CONNECTION_LOST', { sent: true }));
    const reason = '10 of 20 calls failed within 10000 ms, the last with CONNECTION_LOST';
    const names = { service: 'com.acme.People:1.0', method: 'find', endpoint: 'a:1' };
    expect(opened).toEqual([{ ...names, reason }]);
    const outcome = start();
    await settled();
    expect(outcome.error).toMatchObject({
      ...names,
      code: 'CIRCUIT_OPEN',
      message: `the circuit of com.acme.People:1.0 find at a:1 is open: ${reason}; it is tried again in 5000 ms, until then call elsewhere or later`,
      sent: false,
      retry: 'safe',
    });
  });

  test('not on fewer calls, not at a smaller part', async () => {
    const few = setUp();
    await few.end(19, silence());
    expect(await few.passes()).toBe(true);
    const many = setUp();
    await many.end(11, reply);
    await many.end(10, silence());
    expect(await many.passes()).toBe(true);
    await many.end(1, silence());
    expect(await many.passes()).toBe(false);
  });

  test('at the numbers of its options', async () => {
    const { end, passes } = setUp({ minimumCalls: 4, failurePercent: 75 });
    await end(1, reply);
    await end(2, silence());
    expect(await passes()).toBe(true);
    await end(1, silence());
    expect(await passes()).toBe(false);
  });

  test('not by what is longer ago than the window', async () => {
    const { clock, end, passes } = setUp({ windowMs: 1_000, minimumCalls: 4 });
    await end(3, silence());
    await clock.advance(1_000);
    await end(1, silence());
    expect(await passes()).toBe(true);
    await clock.advance(899);
    await end(2, silence());
    expect(await passes()).toBe(true);
    await end(1, silence());
    expect(await passes()).toBe(false);
  });

  test('by calls of the whole window, and by the last window alone after a long silence', async () => {
    const { clock, end, passes } = setUp({ windowMs: 1_000, minimumCalls: 4 });
    await end(20, reply);
    await clock.advance(950);
    await end(4, silence());
    expect(await passes()).toBe(true);
    await clock.advance(1_000_000);
    await end(3, silence());
    expect(await passes()).toBe(true);
    await end(1, silence());
    expect(await passes()).toBe(false);
  });

  test.each([
    ['what the method throws', new RemoteError({ className: 'com.acme.NotFound' })],
    ['a body that cannot be read', failure('DECODE_FAILED', { sent: true })],
    ['a method that is not there', failure('METHOD_NOT_FOUND', { sent: true })],
  ])('not by %s, which is an answer', async (_, error) => {
    const { end, passes } = setUp({ minimumCalls: 4 });
    await end(4, error);
    await end(3, silence());
    expect(await passes()).toBe(true);
    await end(1, silence());
    expect(await passes()).toBe(false);
  });

  test.each([
    ['a call that the caller cancelled', failure('CANCELLED', { sent: true })],
    ['a deadline that passed before it was sent', failure('DEADLINE_EXCEEDED')],
    ['an argument of the wrong type', failure('ENCODE_FAILED')],
    ['a bug', new TypeError('a bug')],
  ])('not by %s, which counts as nothing at all', async (_, error) => {
    const { end, passes } = setUp({ minimumCalls: 4 });
    expect((await end(20, error)).error).toBe(error);
    await end(3, silence());
    expect(await passes()).toBe(true);
    await end(1, silence());
    expect(await passes()).toBe(false);
  });

  test('for one method of one service at one endpoint', async () => {
    const { end, passes, a, b } = setUp({ minimumCalls: 4 });
    await end(4, silence());
    expect(await passes()).toBe(false);
    expect(await passes({ method: 'save' })).toBe(true);
    expect(await passes({ service: 'com.acme.Orders:1.0' })).toBe(true);
    expect(await passes({ endpoint: b })).toBe(true);
    // The same address, published anew, is another endpoint.
    expect(await passes({ endpoint: { ...a } })).toBe(true);
  });

  test('never for a call without an endpoint', async () => {
    const { end, passes } = setUp({ minimumCalls: 1 });
    await end(5, silence(), { endpoint: undefined });
    expect(await passes({ endpoint: undefined })).toBe(true);
  });
});

describe('an open circuit', () => {
  test('lets one call through after openMs; its answer closes it', async () => {
    const closed = published('circuit.closed');
    const { clock, running, end, start, passes } = setUp({ minimumCalls: 4, openMs: 500 });
    await end(4, silence());
    await clock.advance(499);
    expect(await passes()).toBe(false);
    await clock.advance(1);
    const probe = start();
    const refused = start();
    await settled();
    expect(probe.state).toBe('pending');
    expect((refused.error as MeshError).message).toMatch(
      /4 of 4 calls failed .*; one call is trying it now, until then/,
    );
    expect(closed).toEqual([]);
    running[0].resolve(reply);
    await settled();
    expect(probe.value).toBe(reply);
    expect(closed).toEqual([{ service: 'com.acme.People:1.0', method: 'find', endpoint: 'a:1' }]);
    expect(await passes()).toBe(true);
    expect(await passes()).toBe(true);
  });

  test('closes by an exception of the method, too', async () => {
    const { clock, end, passes } = setUp({ minimumCalls: 4, openMs: 500 });
    await end(4, silence());
    await clock.advance(500);
    await end(1, new RemoteError({ className: 'com.acme.NotFound' }));
    expect(await passes()).toBe(true);
    expect(await passes()).toBe(true);
  });

  test('counts from zero when it has closed', async () => {
    const { clock, end, passes } = setUp({ minimumCalls: 4, openMs: 500 });
    await end(4, silence());
    await clock.advance(500);
    await end(1, reply);
    await end(3, silence());
    expect(await passes()).toBe(true);
    await end(1, silence());
    expect(await passes()).toBe(false);
  });

  test('stays so twice as long each time that fails, up to maxOpenMs; closing begins anew', async () => {
    const opened = published('circuit.opened');
    const { clock, end, passes, running } = setUp({ minimumCalls: 4, openMs: 500, maxOpenMs: 1_500 });
    const openFor = async (ms: number) => {
      await clock.advance(ms - 1);
      expect(await passes()).toBe(false);
      await clock.advance(1);
    };
    await end(4, silence());
    for (const ms of [500, 1_000, 1_500, 1_500]) {
      await openFor(ms);
      await end(1, failure('OVERLOADED', { sent: true }));
    }
    expect(opened.map(({ reason }) => reason)).toEqual([
      '4 of 4 calls failed within 10000 ms, the last with DEADLINE_EXCEEDED',
      ...Array.from({ length: 4 }, () => 'the call that tried it again failed with OVERLOADED'),
    ]);
    await openFor(1_500);
    await end(1, reply);
    await end(4, silence());
    await openFor(500);
    expect(await passes()).toBe(true);
    expect(running.length).toBe(1);
  });

  test('is tried by the next call where a call said nothing of the endpoint', async () => {
    const { clock, end, passes } = setUp({ minimumCalls: 4, openMs: 500 });
    await end(4, silence());
    await clock.advance(500);
    await end(1, failure('CANCELLED', { sent: true }));
    expect(await passes()).toBe(true);
    expect(await passes()).toBe(false);
  });

  test('a handler that throws is a call that ended', async () => {
    const clock = new FakeClock();
    const endpoint = endpointOf('a', 1);
    let error: Error = silence();
    const breaking = circuitBreaker(
      { minimumCalls: 1, openMs: 500 },
      { clock },
    )(() => {
      throw error;
    });
    expect(() => breaking(callOf({ endpoint }))).toThrow(error);
    await clock.advance(500);
    error = new TypeError('a bug');
    expect(() => breaking(callOf({ endpoint }))).toThrow(error);
    // Twice: the first has not kept the place of the one call that may pass.
    expect(() => breaking(callOf({ endpoint }))).toThrow(error);
  });

  test('is not closed, kept open or opened again by calls from before', async () => {
    const opened = published('circuit.opened');
    const { clock, running, start, end, passes } = setUp({ minimumCalls: 4, openMs: 500 });
    const before = Array.from({ length: 8 }, () => start());
    const calls = running.splice(0);
    await end(4, silence());
    calls[0].resolve(reply);
    calls[1].reject(silence());
    await settled();
    expect(await passes()).toBe(false);
    await clock.advance(500);
    await end(1, reply);
    for (const call of calls.slice(2)) call.reject(silence());
    await settled();
    expect(before.map(({ state }) => state)).toEqual(['resolved', ...Array(7).fill('rejected')]);
    expect(await passes()).toBe(true);
    expect(opened.length).toBe(1);
  });
});

test('what is known of an endpoint is bounded, for the names of methods may come from outside', async () => {
  const { end, passes } = setUp({ minimumCalls: 4 });
  await end(4, silence());
  for (let i = 1; i < 1_000; i++) expect(await passes({ method: `m${i}` })).toBe(true);
  expect(await passes()).toBe(false);
  await passes({ method: 'one too many' });
  expect(await passes()).toBe(true);
});

test('what is known of an endpoint is forgotten with it', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const breaking = circuitBreaker({}, { clock: new FakeClock() })(() => Promise.resolve(reply));
  const callOnce = async (host: string) => {
    const endpoint = endpointOf(host, 1);
    await breaking(callOf({ endpoint }));
    return new WeakRef(endpoint);
  };
  const gone = await callOnce('a');
  await settled();
  collect();
  expect(gone.deref()).toBeUndefined();
  await callOnce('b');
});

test.each<[CircuitBreakerOptions, string]>([
  [{ windowMs: 0 }, 'circuitBreaker.windowMs is 0, it must be a positive number of milliseconds'],
  [{ windowMs: Number.POSITIVE_INFINITY }, 'circuitBreaker.windowMs is Infinity'],
  [{ minimumCalls: 0.5 }, 'circuitBreaker.minimumCalls is 0.5, it must be a positive integer'],
  [{ failurePercent: 0 }, 'circuitBreaker.failurePercent is 0, it must be more than 0 and at most 100'],
  [{ failurePercent: 101 }, 'circuitBreaker.failurePercent is 101'],
  [{ openMs: -1 }, 'circuitBreaker.openMs is -1'],
  [
    { maxOpenMs: 4_999 },
    'circuitBreaker.maxOpenMs is 4999, it must be a number of milliseconds, at least openMs (5000)',
  ],
])('the options %j are refused', (options, message) => {
  expect(() => circuitBreaker(options, { clock: new FakeClock() })).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
  );
});
