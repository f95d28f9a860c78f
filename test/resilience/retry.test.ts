import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/core/call.js';
import { type MeshError, RemoteError } from '../../src/core/errors.js';
import { retry } from '../../src/resilience/retry.js';
import type { RetryOptions } from '../../src/resilience/retry-options.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { watched } from '../support/network.js';
import { callOf, failure, published, reply, route } from './calls.js';

type Steps = Parameters<typeof route>[1];

const busy = () => failure('OVERLOADED', { sent: true, endpoint: 'a:1' });
const lost = () => failure('CONNECTION_LOST', { sent: true, endpoint: 'a:1' });
const open = () => failure('CIRCUIT_OPEN', { endpoint: 'a:1' });

function setUp(steps: Steps, options: RetryOptions = {}, random = () => 0.5, addresses?: string[]) {
  const clock = new FakeClock();
  const { handler, attempts, endpoints } = route(clock, steps, addresses);
  const retrying = retry(options, { clock, random })(handler);
  const start = (own: Partial<Call> = {}) => watched(retrying(callOf(own)));
  /** Starts a call and lets enough time pass for whatever it waits for. */
  const run = async (own: Partial<Call> = {}) => {
    const outcome = start(own);
    await clock.advance(1_000);
    return outcome;
  };
  return { clock, handler, retrying, attempts, endpoints, start, run };
}

const fails = (outcome: { error?: unknown }) => outcome.error as MeshError;

describe('what is tried again', () => {
  test('a call that is answered is passed on as it is, without a timer', async () => {
    const { clock, retrying, attempts } = setUp([reply]);
    const call = callOf();
    await expect(retrying(call)).resolves.toBe(reply);
    expect(attempts.map((attempt) => attempt.call)).toEqual([call]);
    expect(attempts[0].call).toBe(call);
    expect(clock.pendingTimers).toBe(0);
  });

  test('what was not executed is, on another endpoint, with a copy of the call', async () => {
    const { retrying, attempts, endpoints, clock } = setUp([busy(), busy(), reply]);
    const call = callOf();
    const outcome = watched(retrying(call));
    await clock.advance(1_000);
    expect(outcome.value).toBe(reply);
    const [a, b, c] = endpoints;
    expect(attempts.map(({ call }) => call.endpoint)).toEqual([a, b, c]);
    expect(attempts.map(({ call }) => call.tried)).toEqual([[], [a], [a, b]]);
    for (const attempt of attempts)
      expect({ ...attempt.call, endpoint: undefined, tried: [] }).toEqual({ ...call, endpoint: undefined });
  });

  test('an attempt begins without an endpoint', async () => {
    const seen: unknown[] = [];
    const look = (call: Call) => {
      seen.push(call.endpoint);
      (call as { endpoint: unknown }).endpoint = { address: 'x:1' };
      return Promise.reject(busy());
    };
    const clock = new FakeClock();
    const retrying = retry({}, { clock, random: () => 0 })(look);
    retrying(callOf()).catch(() => undefined);
    await clock.advance(1_000);
    expect(seen).toEqual([undefined, undefined, undefined]);
  });

  test('what may have been executed is where the method is idempotent', async () => {
    const other = setUp([lost(), reply]);
    const error = fails(await other.run({ idempotent: false }));
    expect(error).toMatchObject({ code: 'CONNECTION_LOST', message: 'CONNECTION_LOST it is' });
    expect(other.attempts.length).toBe(1);
    const idempotent = setUp([lost(), reply]);
    expect((await idempotent.run({ idempotent: true })).value).toBe(reply);
  });

  test.each([
    ['what the method threw', new RemoteError({ className: 'com.acme.NotFound', message: 'no such person' })],
    ['what would be refused again', failure('ENCODE_FAILED')],
    ['what the caller cancelled', failure('CANCELLED')],
    ['what is no error of this library', new TypeError('a bug')],
  ])('%s is not, and is handed out untouched', async (_, error) => {
    const { run, attempts } = setUp([error, reply]);
    expect((await run({ idempotent: true })).error).toBe(error);
    expect(attempts.length).toBe(1);
  });

  test('a oneway call is while nothing of it was sent', async () => {
    const sent = setUp([busy(), reply]);
    expect(fails(await sent.run({ oneway: true, idempotent: true })).code).toBe('OVERLOADED');
    expect(sent.attempts.length).toBe(1);
    const unsent = setUp([failure('CONNECTION_LOST', { retry: 'safe' }), reply]);
    expect((await unsent.run({ oneway: true })).value).toBe(reply);
  });

  test.each(['NO_ENDPOINT', 'CONNECT_FAILED', 'SHUTTING_DOWN'] as const)(
    '%s is not where no endpoint was picked: it is of all of them, or of the client',
    async (code) => {
      const none = setUp([failure(code), reply], {}, undefined, []);
      expect(fails(await none.run({ idempotent: true })).code).toBe(code);
      expect(none.attempts.length).toBe(1);
      const one = setUp([failure(code, { sent: true }), reply]);
      expect((await one.run()).value).toBe(reply);
    },
  );

  test('what was refused before an endpoint was picked may be otherwise later: after a wait', async () => {
    const { clock, start, attempts } = setUp([failure('RATE_LIMITED'), reply], {}, undefined, []);
    const outcome = start();
    await settled();
    expect(attempts.length).toBe(1);
    await clock.advance(5);
    expect(outcome.value).toBe(reply);
    expect(attempts[1].call.tried).toEqual([]);
  });

  test('one endpoint alone is tried again, and once on the list', async () => {
    const { run, attempts, endpoints } = setUp([busy()], {}, undefined, ['a']);
    await run();
    expect(attempts.map(({ call }) => call.tried)).toEqual([[], endpoints, endpoints]);
  });

  test('every retry is published', async () => {
    const retries = published('call.retried');
    const { run } = setUp([busy(), open(), reply]);
    await run();
    const names = { service: 'com.acme.People:1.0', method: 'find' };
    expect(retries).toEqual([
      { ...names, endpoint: 'a:1', code: 'OVERLOADED', attempt: 1 },
      { ...names, endpoint: 'b:1', code: 'CIRCUIT_OPEN', attempt: 2 },
    ]);
  });
});

describe('how often and when', () => {
  test('three attempts, or as many as the option says', async () => {
    const three = setUp([busy()]);
    await three.run();
    expect(three.attempts.length).toBe(3);
    const five = setUp([busy()], { attempts: 5 });
    await five.run();
    expect(five.attempts.length).toBe(5);
    const one = setUp([busy(), reply], { attempts: 1 });
    expect(fails(await one.run()).message).toBe('OVERLOADED it is');
    expect(one.attempts.length).toBe(1);
  });

  test('the wait doubles from firstMs to maxMs', async () => {
    const { clock, start, attempts } = setUp(
      [busy()],
      { attempts: 6, backoff: { firstMs: 10, maxMs: 60 } },
      () => 1 - 2 ** -52,
    );
    start();
    await clock.advance(1_000);
    const waits = attempts.slice(1).map(({ at }, i) => at - attempts[i].at);
    expect(waits.map(Math.round)).toEqual([10, 20, 40, 60, 60]);
  });

  test('the default wait is at most 10 ms, then 20, .. 250, and any part of it', async () => {
    const random = seededRandom(7);
    const waits: number[][] = [[], [], [], [], [], [], []];
    for (let round = 0; round < 200; round++) {
      const { clock, start, attempts } = setUp([busy()], { attempts: 8 }, random);
      start();
      await clock.advance(2_000);
      for (let i = 1; i < attempts.length; i++) waits[i - 1].push(attempts[i].at - attempts[i - 1].at);
    }
    const limits = [10, 20, 40, 80, 160, 250, 250];
    for (const [i, limit] of limits.entries()) {
      expect(waits[i].length).toBe(200);
      expect(Math.max(...waits[i])).toBeLessThan(limit);
      expect(Math.max(...waits[i])).toBeGreaterThan(0.9 * limit);
      expect(Math.min(...waits[i])).toBeLessThan(0.1 * limit);
    }
  });

  test('never past the deadline: it fails at once where the wait would end there', async () => {
    const { clock, start, attempts } = setUp([busy()], { backoff: { firstMs: 10, maxMs: 10 } }, () => 0.999);
    const outcome = start({ deadline: 15 });
    await clock.advance(9.99);
    expect(attempts.length).toBe(2);
    expect(fails(outcome)).toMatchObject({
      code: 'OVERLOADED',
      message: 'OVERLOADED it is (after 2 attempts; there was no time for another before the deadline)',
    });
    expect(clock.pendingTimers).toBe(0);
  });

  test('an attempt that took all the time of the call is handed out untouched', async () => {
    const error = failure('DEADLINE_EXCEEDED', { sent: true });
    const { run, attempts } = setUp([error]);
    expect((await run({ deadline: 0, idempotent: true })).error).toBe(error);
    expect(attempts.length).toBe(1);
  });

  test('each attempt has its own deadline, no later than that of the call; one that passes is a failure like another', async () => {
    const { clock, start, attempts } = setUp(
      [
        (call) =>
          new Promise((_, reject) => {
            clock.schedule(
              () => reject(failure('DEADLINE_EXCEEDED', { sent: true })),
              call.deadline - clock.now(),
            );
          }),
      ],
      { attemptTimeoutMs: 100, attempts: 4 },
      () => 0,
    );
    const outcome = start({ deadline: 250, idempotent: true });
    await clock.advance(249);
    expect(attempts.map(({ call }) => call.deadline)).toEqual([100, 200, 250]);
    expect(outcome.state).toBe('pending');
    await clock.advance(1);
    expect(fails(outcome)).toMatchObject({ code: 'DEADLINE_EXCEEDED', sent: true, retry: 'if-idempotent' });
    expect(fails(outcome).message).toBe('DEADLINE_EXCEEDED it is (after 3 attempts)');
  });

  test('without that option an attempt has all the time of the call', async () => {
    const { run, attempts } = setUp([busy(), reply]);
    await run({ deadline: 500 });
    expect(attempts.map(({ call }) => call.deadline)).toEqual([500, 500]);
  });
});

describe('an attempt that cost nobody anything', () => {
  test('goes on to the next endpoint at once, and is not counted', async () => {
    const { start, attempts } = setUp([open(), open(), reply], { attempts: 1 });
    const outcome = start();
    await settled();
    expect(outcome.value).toBe(reply);
    expect(attempts.map(({ call }) => call.endpoint?.address)).toEqual(['a:1', 'b:1', 'c:1']);
  });

  test('takes nothing from the budget', async () => {
    const { start, run, attempts } = setUp([open(), open(), reply], { budgetPercent: 1 });
    const outcomes = Array.from({ length: 30 }, () => start());
    await settled();
    expect(outcomes.every(({ state }) => state === 'resolved')).toBe(true);
    attempts.length = 0;
    await run();
    expect(attempts.length).toBe(3);
  });

  test('ends when there is no endpoint left that was not tried', async () => {
    const { clock, start, attempts } = setUp([open()]);
    const outcome = start();
    await settled();
    expect(attempts.length).toBe(4);
    expect(fails(outcome)).toMatchObject({
      code: 'CIRCUIT_OPEN',
      message: 'CIRCUIT_OPEN it is (after 4 attempts)',
      sent: false,
      retry: 'safe',
    });
    expect(clock.pendingTimers).toBe(0);
  });

  test('ends after eight, however many endpoints there are', async () => {
    const many = Array.from({ length: 50 }, (_, i) => `h${i}`);
    const { start, attempts } = setUp([open()], {}, undefined, many);
    const outcome = start();
    await settled();
    expect(outcome.state).toBe('rejected');
    expect(attempts.length).toBe(9);
  });

  test('ends at the deadline', async () => {
    const { start, attempts } = setUp([failure('DEADLINE_EXCEEDED', { retry: 'safe' })]);
    const outcome = start({ deadline: 0 });
    await settled();
    expect(outcome.state).toBe('rejected');
    expect(attempts.length).toBe(1);
  });

  test('is one that ends before anything was written, too; on an endpoint that was tried it waits like others', async () => {
    const unsent = failure('CONNECTION_LOST', { retry: 'safe' });
    const { clock, start, attempts } = setUp([unsent], {}, () => 0.5, ['a']);
    const outcome = start();
    await clock.advance(1_000);
    expect(attempts.map(({ at }) => at)).toEqual([0, 0, 5, 15]);
    expect(fails(outcome)).toMatchObject({ code: 'CONNECTION_LOST', sent: false, retry: 'safe' });
  });
});

describe('a wait', () => {
  test('ends when the caller cancels', async () => {
    const abort = new AbortController();
    const { clock, start, attempts } = setUp([lost()]);
    const outcome = start({ signal: abort.signal, idempotent: true });
    await settled();
    expect(clock.pendingTimers).toBe(1);
    const reason = new Error('no longer wanted');
    abort.abort(reason);
    await settled();
    expect(fails(outcome)).toMatchObject({
      code: 'CANCELLED',
      message:
        'the caller cancelled between two attempts; attempt 1 had failed with CONNECTION_LOST: CONNECTION_LOST it is',
      service: 'com.acme.People:1.0',
      method: 'find',
      endpoint: 'a:1',
      sent: true,
      retry: 'never',
      cause: reason,
    });
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(1_000);
    expect(attempts.length).toBe(1);
  });

  test('does not begin where the caller has cancelled already', async () => {
    const { clock, start } = setUp([busy()]);
    const outcome = start({ signal: AbortSignal.abort('early') });
    await settled();
    expect(fails(outcome)).toMatchObject({ code: 'CANCELLED', cause: 'early' });
    expect(clock.pendingTimers).toBe(0);
  });

  test('leaves nothing on the signal', async () => {
    const abort = new AbortController();
    const { run } = setUp([busy(), busy(), reply]);
    expect((await run({ signal: abort.signal })).value).toBe(reply);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });
});

describe('the error of a call that was tried several times', () => {
  test('says how often, and has what the last attempt knew', async () => {
    const last = failure('OVERLOADED', {
      service: 'com.acme.People:1.0',
      method: 'find',
      sent: true,
      endpoint: 'c:1',
      path: 'direct',
      cause: 'why',
    });
    const { run } = setUp([busy(), busy(), last]);
    const error = fails(await run());
    expect(error).toMatchObject({
      code: 'OVERLOADED',
      message: 'OVERLOADED it is (after 3 attempts)',
      service: 'com.acme.People:1.0',
      method: 'find',
      endpoint: 'c:1',
      path: 'direct',
      cause: 'why',
      sent: true,
      retry: 'safe',
    });
    expect(last.message).toBe('OVERLOADED it is');
  });

  test('was sent where any attempt was, and is only as safe as the least safe', async () => {
    const { run } = setUp([lost(), open()], { attempts: 2 }, undefined, ['a', 'b']);
    expect(fails(await run({ idempotent: true }))).toMatchObject({
      code: 'CIRCUIT_OPEN',
      sent: true,
      retry: 'if-idempotent',
    });
    const never = setUp([lost(), failure('ENCODE_FAILED')]);
    expect(fails(await never.run({ idempotent: true }))).toMatchObject({
      code: 'ENCODE_FAILED',
      sent: true,
      retry: 'never',
    });
    const cancelled = setUp([lost(), failure('CANCELLED', { cause: 'enough' })]);
    expect(fails(await cancelled.run({ idempotent: true }))).toMatchObject({
      code: 'CANCELLED',
      sent: true,
      retry: 'never',
      cause: 'enough',
    });
  });

  test('is what the other side threw, where that is the last', async () => {
    const thrown = new RemoteError({ className: 'com.acme.NotFound', message: 'no such person' });
    const { run } = setUp([busy(), thrown]);
    const { error } = await run();
    expect(error).toBe(thrown);
    expect(thrown.message).toBe('no such person');
  });
});
