import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../src/testing/fake-clock.js';

describe('FakeClock', () => {
  test('stands still until it is told to pass', async () => {
    const clock = new FakeClock(1_700_000_000_000);
    expect([clock.now(), clock.wallTime()]).toEqual([0, 1_700_000_000_000]);
    await clock.advance(1234.5);
    expect([clock.now(), clock.wallTime()]).toEqual([1234.5, 1_700_000_001_234.5]);
  });

  test('every timer runs at its own time, in the order of their times, then of their setting', async () => {
    const clock = new FakeClock();
    const ran: [string, number][] = [];
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['never', 31],
    ] as const) {
      clock.schedule(() => ran.push([name, clock.now()]), ms);
    }
    await clock.advance(30);
    expect(ran).toEqual([
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['c', 30],
    ]);
    expect(clock.pendingTimers).toBe(1);
  });

  test('what a timer sets off is done before the next, and a timer that it sets runs in the same advance', async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    clock.schedule(async () => {
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      seen.push('first is done');
      clock.schedule(() => seen.push(`nested at ${clock.now()}`), 5);
    }, 10);
    clock.schedule(() => seen.push('second'), 11);
    await clock.advance(100);
    expect(seen).toEqual(['first is done', 'second', 'nested at 15']);
  });

  test('a cancelled timer never runs, and cancelling again does no harm', async () => {
    const clock = new FakeClock();
    let ran = false;
    const timer = clock.schedule(() => {
      ran = true;
    }, 5);
    timer.unref().cancel();
    timer.cancel();
    await clock.advance(10);
    expect(ran).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  test('time never goes back: a negative delay is now', async () => {
    const clock = new FakeClock();
    await clock.advance(50);
    let at = -1;
    clock.schedule(() => {
      at = clock.now();
    }, -20);
    await clock.advance(0);
    expect(at).toBe(50);
  });
});
