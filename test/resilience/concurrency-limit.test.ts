import { describe, expect, test } from 'vitest';
import type { Reply } from '../../src/core/call.js';
import { concurrencyLimit } from '../../src/resilience/concurrency-limit.js';
import { settled } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { later } from '../support/people.js';
import { callOf, failure, reply } from './calls.js';

describe('concurrencyLimit', () => {
  test('refuses at once what would be one too many; each end, good or bad, makes room for one', async () => {
    const works = [later<Reply>(), later<Reply>(), later<Reply>(), later<Reply>()];
    let started = 0;
    const limited = concurrencyLimit(2)(() => works[started++].promise);
    const first = watched(limited(callOf()));
    const second = watched(limited(callOf()));
    const refused = watched(limited(callOf()));
    await settled();
    expect(started).toBe(2);
    expect(refused.error).toMatchObject({
      code: 'RATE_LIMITED',
      message:
        'com.acme.People:1.0 find was not sent: 2 calls of this client are in flight, its maxConcurrency; call less at once, or raise it',
      service: 'com.acme.People:1.0',
      method: 'find',
      sent: false,
      retry: 'safe',
    });
    works[0].resolve(reply);
    const error = failure('OVERLOADED');
    works[1].reject(error);
    await settled();
    expect(first.value).toBe(reply);
    expect(second.error).toBe(error);
    const more = [watched(limited(callOf())), watched(limited(callOf())), watched(limited(callOf()))];
    await settled();
    expect(more.map(({ state }) => state)).toEqual(['pending', 'pending', 'rejected']);
  });

  test('counts the calls of all that go through it', async () => {
    const limit = concurrencyLimit(1);
    const never = () => new Promise<Reply>(() => undefined);
    const one = watched(limit(never)(callOf()));
    const other = watched(limit(never)(callOf({ service: 'com.acme.Orders:1.0' })));
    await settled();
    expect([one.state, other.state]).toEqual(['pending', 'rejected']);
  });

  test('a handler that throws has ended', () => {
    const bug = new TypeError('a bug');
    const limited = concurrencyLimit(1)(() => {
      throw bug;
    });
    expect(() => limited(callOf())).toThrow(bug);
    expect(() => limited(callOf())).toThrow(bug);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%d is refused', (limit) => {
    expect(() => concurrencyLimit(limit)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: `maxConcurrency is ${limit}, it must be a positive integer`,
      }),
    );
  });
});
