import { expect, test } from 'vitest';
import { Deferred } from '../../src/core/deferred.js';
import { within } from '../../src/core/within.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';

test('what is done in time counts, and leaves no timer', async () => {
  const clock = new FakeClock();
  expect(await within(clock, 100, Promise.resolve(7))).toBe(7);
  await expect(within(clock, 100, Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(clock.pendingTimers).toBe(0);
});

test('what takes longer is not waited for: late() says what counts, undefined without it', async () => {
  const clock = new FakeClock();
  const never = new Promise<number>(() => undefined);
  const plain = watched(within(clock, 100, never));
  const replaced = within(clock, 100, never, () => 'late');
  const failed = within(clock, 100, never, () => {
    throw new Error('late');
  }).catch((error) => error);
  await clock.advance(99);
  expect(plain.state).toBe('pending');
  await clock.advance(1);
  expect(plain.state).toBe('resolved');
  expect(await replaced).toBe('late');
  expect(await failed).toEqual(new Error('late'));
});

test('work that takes a signal is told when its time is over, with what late() has thrown', async () => {
  const clock = new FakeClock();
  const given = new Deferred<AbortSignal>();
  const late = new Error('late');
  const failed = within(
    clock,
    100,
    (signal) => {
      given.resolve(signal);
      return new Promise(() => undefined);
    },
    () => {
      throw late;
    },
  ).catch((error) => error);
  const signal = await given.promise;
  expect(signal.aborted).toBe(false);
  await clock.advance(100);
  expect([signal.reason, await failed]).toEqual([late, late]);
});

test('what the work comes to after that is nothing to anybody', async () => {
  const clock = new FakeClock();
  const work = new Deferred();
  const waited = within(clock, 100, work.promise);
  await clock.advance(100);
  work.reject(new Error('too late'));
  await waited;
});
