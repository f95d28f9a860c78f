import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/core/call.js';
import { TimerWheel } from '../../src/core/timer-wheel.js';
import { withinDeadline } from '../../src/resilience/deadline.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { later } from '../support/people.js';

const same = <T>(value: T): T => value;

function setUp(deadline: number, signal?: AbortSignal, insideFirst = false) {
  const clock = new FakeClock();
  const wheel = new TimerWheel(clock);
  const work = later<number>();
  const bound = { wheel, waitingFor: 'the test waited', insideFirst: insideFirst ? clock : undefined };
  const guarded = watched(withinDeadline(work.promise, { deadline, signal } as Call, bound, same));
  return { clock, work, guarded };
}

describe('withinDeadline', () => {
  test('settles as the work does, and leaves no timer', async () => {
    const done = setUp(100);
    done.work.resolve(7);
    await done.clock.advance(20);
    expect(done.guarded.value).toBe(7);
    expect(done.clock.pendingTimers).toBe(0);
    const failed = setUp(100);
    failed.work.reject(new Error('of its own'));
    await settled();
    expect(failed.guarded.error).toMatchObject({ message: 'of its own' });
  });

  test('ends at the deadline with what it waited for; what the work does later is not heard', async () => {
    const { clock, work, guarded } = setUp(100);
    await clock.advance(99);
    expect(guarded.state).toBe('pending');
    await clock.advance(17);
    expect(guarded.error).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'the deadline passed while the test waited',
    });
    work.reject(new Error('too late'));
    await settled();
    expect(guarded.error).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  test('no deadline: it waits as long as it takes, with no timer', async () => {
    const { clock, work, guarded } = setUp(Number.POSITIVE_INFINITY);
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(1e9);
    work.resolve(1);
    await settled();
    expect(guarded.value).toBe(1);
  });

  test('ends when the signal is aborted, or was before', async () => {
    const abort = new AbortController();
    const running = setUp(100, abort.signal);
    abort.abort('why');
    await settled();
    expect(running.guarded.error).toMatchObject({
      code: 'CANCELLED',
      cause: 'why',
      message: 'the caller cancelled while the test waited',
    });
    const before = setUp(100, AbortSignal.abort());
    await before.clock.advance(20);
    expect(before.guarded.error).toMatchObject({ code: 'CANCELLED' });
    expect(before.clock.pendingTimers).toBe(0);
  });

  test('where what is inside ends at the same moment, its own error is the one that counts', async () => {
    const { clock, work, guarded } = setUp(100, undefined, true);
    clock.schedule(() => work.reject(new Error('knows more')), 104);
    await clock.advance(200);
    expect(guarded.error).toMatchObject({ message: 'knows more' });
  });

  test('what select throws is the outcome', async () => {
    const clock = new FakeClock();
    const bound = { wheel: new TimerWheel(clock), waitingFor: 'x' };
    const select = () => {
      throw new TypeError('cannot take that');
    };
    await expect(
      withinDeadline(Promise.resolve(1), { deadline: 100 } as Call, bound, select),
    ).rejects.toThrow('cannot take that');
  });
});
