import { expect, test } from 'vitest';
import { pause } from '../../src/core/pause.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';

test('ends when its time has passed, with true', async () => {
  const clock = new FakeClock();
  const waiting = watched(pause(clock, 100, undefined));
  await clock.advance(99);
  expect(waiting.state).toBe('pending');
  await clock.advance(1);
  expect(waiting.value).toBe(true);
});

test('ends when it is aborted, with false, and leaves no timer', async () => {
  const clock = new FakeClock();
  const abort = new AbortController();
  const waiting = watched(pause(clock, 100, abort.signal));
  abort.abort();
  await clock.advance(0);
  expect(waiting.value).toBe(false);
  expect(clock.pendingTimers).toBe(0);
  expect(await pause(clock, 100, abort.signal)).toBe(false);
});

test('keeps the process alive unless it is idle', async () => {
  for (const isIdle of [true, false]) {
    const unreferenced: boolean[] = [];
    const timer = {
      cancel: () => undefined,
      unref: () => {
        unreferenced.push(true);
        return timer;
      },
    };
    const clock = { now: () => 0, wallTime: () => 0, schedule: () => timer };
    void pause(clock, 100, undefined, { isIdle });
    expect(unreferenced).toHaveLength(isIdle ? 1 : 0);
  }
});
