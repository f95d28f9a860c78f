import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OutlierDetector, type OutlierOptions } from '../../src/balancing/outlier.js';
import { roundRobin } from '../../src/balancing/round-robin.js';
import type { EventMessages } from '../../src/core/events.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { alike, attempt, callOf, picks, type TestCandidate } from './candidates.js';

type Ejected = EventMessages['endpoint.ejected'];
let events: string[] = [];
const onEjected = (message: unknown) => {
  const { endpoint, reason, forMs } = message as Ejected;
  events.push(`${endpoint} ejected for ${forMs}: ${reason}`);
};
const onReturned = (message: unknown) => {
  events.push(`${(message as EventMessages['endpoint.returned']).endpoint} returned`);
};

beforeEach(() => {
  events = [];
  subscribe('sofa-mesh-sdk:endpoint.ejected', onEjected);
  subscribe('sofa-mesh-sdk:endpoint.returned', onReturned);
});

afterEach(() => {
  unsubscribe('sofa-mesh-sdk:endpoint.ejected', onEjected);
  unsubscribe('sofa-mesh-sdk:endpoint.returned', onReturned);
});

/** So many endpoints that are judged, and the time. */
function watched(count: number, options: OutlierOptions = {}) {
  const clock = new FakeClock();
  const candidates = alike(count);
  const detector = new OutlierDetector('com.acme.S:1.0', options);
  detector.watch(candidates);
  return {
    clock,
    candidates,
    detector,
    /** Attempts that end now. */
    answer: (one: TestCandidate, times = 1) => {
      for (let i = 0; i < times; i++) attempt(one.lease(), 'answered', 10, clock.now());
    },
    fail: (one: TestCandidate, times = 1) => {
      for (let i = 0; i < times; i++) attempt(one.lease(), 'failed', 10, clock.now());
    },
    admitted: () => candidates.flatMap((one, i) => (one.admits(clock.now()) ? [i] : [])),
  };
}

describe('failures in a row', () => {
  test('the fifth ejects the endpoint, and says so', () => {
    const { candidates, fail, admitted } = watched(4);
    fail(candidates[0], 4);
    expect(admitted()).toEqual([0, 1, 2, 3]);
    fail(candidates[0]);
    expect(admitted()).toEqual([1, 2, 3]);
    expect(events).toEqual(['host-0:12200 ejected for 5000: 5 failures in a row']);
  });

  test('an answer starts the count anew; what says nothing does not', () => {
    const { candidates, clock, fail, answer, admitted } = watched(2, { consecutiveFailures: 3 });
    fail(candidates[0], 2);
    answer(candidates[0]);
    fail(candidates[0], 2);
    attempt(candidates[0].lease(), 'unknown', 1, clock.now());
    expect(admitted()).toEqual([0, 1]);
    fail(candidates[0]);
    expect(admitted()).toEqual([1]);
  });

  test('a picker passes it over, and uses it when it is back', async () => {
    const { candidates, clock, fail } = watched(3);
    const { count, picker } = picks(roundRobin, candidates, { clock });
    fail(candidates[1], 5);
    expect(count(10)).toEqual({ 'host-0': 5, 'host-2': 5 });
    await clock.advance(5_000);
    for (let i = 0; i < 3; i++) attempt(picker.pick(callOf()), 'answered', 1, clock.now());
    expect(Object.keys(count(9))).toHaveLength(3);
  });
});

describe('how many', () => {
  test('at most half of them, by default', () => {
    const { candidates, fail, admitted } = watched(5);
    for (const one of candidates) fail(one, 5);
    expect(admitted()).toEqual([2, 3, 4]);
  });

  test('always one of two, never the only one, never all', () => {
    const one = watched(1);
    one.fail(one.candidates[0], 20);
    expect(one.admitted()).toEqual([0]);
    const two = watched(2, { maxEjectedPercent: 1 });
    for (const each of two.candidates) two.fail(each, 20);
    expect(two.admitted()).toEqual([1]);
    const three = watched(3, { maxEjectedPercent: 100 });
    for (const each of three.candidates) three.fail(each, 20);
    expect(three.admitted()).toEqual([2]);
  });

  test('one that was not ejected for that reason is as soon as another is back', async () => {
    const { candidates, clock, fail, answer, admitted } = watched(2);
    fail(candidates[0], 5);
    fail(candidates[1], 9);
    await clock.advance(5_000);
    answer(candidates[0]);
    fail(candidates[1]);
    expect(admitted()).toEqual([0]);
  });

  test('one that leaves the list makes room, and is judged no more', () => {
    const { candidates, detector, fail, admitted } = watched(4, { maxEjectedPercent: 25 });
    fail(candidates[0], 5);
    fail(candidates[1], 5);
    expect(admitted()).toEqual([1, 2, 3]);
    detector.watch(candidates.slice(1));
    expect(candidates[0].judge).toBeUndefined();
    fail(candidates[0], 5);
    fail(candidates[1]);
    expect(admitted()).toEqual([0, 2, 3]);
  });

  test('a list that changes leaves the others as they are', () => {
    const { candidates, detector, fail, admitted } = watched(4);
    fail(candidates[0], 5);
    fail(candidates[1], 4);
    detector.watch([...candidates].reverse());
    fail(candidates[1]);
    expect(admitted()).toEqual([2, 3]);
  });
});

describe('the way back', () => {
  test('one probe at a time, until one is answered', async () => {
    const { candidates, clock, fail, admitted } = watched(3);
    const [bad] = candidates;
    fail(bad, 5);
    await clock.advance(4_999);
    expect(admitted()).toEqual([1, 2]);
    await clock.advance(1);
    expect(admitted()).toEqual([0, 1, 2]);
    // Asking takes nothing.
    expect(admitted()).toEqual([0, 1, 2]);
    const probe = bad.leaseFor(callOf(), clock.now());
    expect(admitted()).toEqual([0, 1, 2]);
    probe?.start();
    expect(admitted()).toEqual([1, 2]);
    expect(bad.leaseFor(callOf(), clock.now())).toBeUndefined();
    probe?.release('answered', 1, clock.now());
    expect(admitted()).toEqual([0, 1, 2]);
    expect(events.at(-1)).toBe('host-0:12200 returned');
    // The count starts anew.
    fail(bad, 4);
    expect(admitted()).toEqual([0, 1, 2]);
  });

  test('a probe that says nothing makes room for the next', async () => {
    const { candidates, clock, fail, admitted } = watched(3);
    fail(candidates[0], 5);
    await clock.advance(5_000);
    attempt(candidates[0].leaseFor(callOf(), clock.now()), 'unknown', 1, clock.now());
    expect(admitted()).toEqual([0, 1, 2]);
    expect(events).toHaveLength(1);
  });

  test('a probe that fails doubles the time, up to the longest', async () => {
    const { candidates, clock, fail } = watched(3, { maxEjectionMs: 15_000 });
    fail(candidates[0], 5);
    for (const ms of [5_000, 10_000, 15_000]) {
      await clock.advance(ms - 1);
      expect(candidates[0].admits(clock.now())).toBe(false);
      await clock.advance(1);
      expect(candidates[0].admits(clock.now())).toBe(true);
      fail(candidates[0]);
    }
    expect(events.map((event) => /for (\d+)/.exec(event)?.[1])).toEqual(['5000', '10000', '15000', '15000']);
    expect(events.at(-1)).toContain('its probe failed');
  });

  test('so does the next ejection; every interval in health takes one doubling back', async () => {
    const { candidates, clock, fail, answer } = watched(3);
    const [bad] = candidates;
    const eject = async () => {
      fail(bad, 5);
      const ms = Number(/for (\d+)/.exec(events.at(-1) ?? '')?.[1]);
      await clock.advance(ms);
      answer(bad);
      return ms;
    };
    expect([await eject(), await eject(), await eject()]).toEqual([5_000, 10_000, 20_000]);
    await clock.advance(20_000);
    expect(await eject()).toBe(10_000);
    await clock.advance(60_000);
    expect(await eject()).toBe(5_000);
  });

  test('attempts that began before it was ejected neither end nor lengthen it', async () => {
    const { candidates, clock, fail, admitted } = watched(3);
    const [bad] = candidates;
    const early = [bad.lease(), bad.lease()];
    for (const lease of early) lease?.start();
    fail(bad, 5);
    await clock.advance(5_000);
    early[0]?.release('failed', 5_000, clock.now());
    expect(admitted()).toEqual([0, 1, 2]);
    early[1]?.release('answered', 5_000, clock.now());
    expect(events).toHaveLength(1);
  });

  test('used all the same, where nothing else is connected: an answer brings it back, a failure changes nothing', async () => {
    const { candidates, clock, fail, answer, admitted } = watched(2);
    fail(candidates[0], 5);
    await clock.advance(1_000);
    fail(candidates[0], 3);
    expect(events).toHaveLength(1);
    answer(candidates[0]);
    expect(admitted()).toEqual([0, 1]);
    expect(events.at(-1)).toContain('returned');
  });

  test('a new connection: it may be probed at once', () => {
    const { candidates, fail, answer, admitted } = watched(3);
    fail(candidates[0], 5);
    expect(admitted()).toEqual([1, 2]);
    candidates[0].reset();
    expect(admitted()).toEqual([0, 1, 2]);
    answer(candidates[0]);
    expect(events.at(-1)).toContain('returned');
    candidates[1].reset();
    fail(candidates[1], 5);
    expect(admitted()).toEqual([0, 2]);
  });

  test('but one that goes on failing after each new connection is ejected longer and longer', () => {
    const { candidates, fail } = watched(3);
    fail(candidates[0], 5);
    for (let i = 0; i < 2; i++) {
      candidates[0].reset();
      fail(candidates[0]);
    }
    expect(events.map((event) => /for (\d+)/.exec(event)?.[1])).toEqual(['5000', '10000', '20000']);
  });
});

describe('success rate', () => {
  /** In one interval: each endpoint answers 90 attempts and fails as often as it says, never often in a row. */
  async function interval(failures: readonly number[], options: OutlierOptions = {}, answers = 90) {
    const { candidates, clock, fail, answer, admitted } = watched(failures.length, options);
    for (let i = 0; i < answers; i++) {
      for (const [index, one] of candidates.entries()) {
        answer(one);
        if (i < failures[index]) fail(one);
      }
    }
    await clock.advance(10_000);
    answer(candidates.at(-1)!);
    return admitted();
  }

  test('ejects what is far below the others, when the interval is over', async () => {
    expect(await interval([60, 0, 0, 1, 0, 0])).toEqual([1, 2, 3, 4, 5]);
    expect(events).toEqual([
      'host-0:12200 ejected for 5000: 60 of 150 attempts failed; on average 93.2 % succeed',
    ]);
  });

  test('not where all fail alike', async () => {
    expect(await interval([50, 60, 50, 40, 50, 60])).toHaveLength(6);
  });

  test('not for a few failures, although nobody else has any', async () => {
    expect(await interval([4, 0, 0, 0, 0, 0])).toHaveLength(6);
    expect(await interval([5, 0, 0, 0, 0, 0])).toHaveLength(5);
  });

  test('not with too few endpoints or attempts to compare', async () => {
    expect(await interval([60, 0, 0, 0], { deviations: 1.5 })).toHaveLength(4);
    expect(await interval([60, 0, 0, 0], { minimumHosts: 3, deviations: 1.5 })).toHaveLength(3);
    expect(await interval([8, 0, 0, 0, 0, 0], {}, 10)).toHaveLength(6);
    expect(await interval([8, 0, 0, 0, 0, 0], { minimumRequests: 10 }, 10)).toHaveLength(5);
  });

  test('more deviations allow more', async () => {
    expect(await interval([60, 0, 0, 0, 0, 0], { deviations: 3 })).toHaveLength(6);
  });

  test('a longer interval waits longer', async () => {
    expect(await interval([60, 0, 0, 0, 0, 0], { intervalMs: 20_000 })).toHaveLength(6);
  });

  test('each interval counts for itself', async () => {
    const { candidates, clock, fail, answer, admitted } = watched(6);
    for (let half = 0; half < 2; half++) {
      for (let i = 0; i < 19; i++) for (const one of candidates) answer(one);
      fail(candidates[0], 4);
      answer(candidates[0]);
      await clock.advance(10_000);
    }
    answer(candidates[1]);
    expect(admitted()).toHaveLength(6);
  });
});

test.each<[OutlierOptions, string]>([
  [{ consecutiveFailures: 0 }, 'consecutiveFailures is 0'],
  [{ intervalMs: -1 }, 'intervalMs is -1'],
  [{ deviations: Number.NaN }, 'deviations is NaN'],
  [{ maxEjectedPercent: 101 }, 'maxEjectedPercent is 101'],
  [{ baseEjectionMs: 10, maxEjectionMs: 5 }, 'maxEjectionMs is 5'],
])('%o is refused', (options, message) => {
  expect(() => new OutlierDetector('s:1.0', options)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) }),
  );
});

test('an option that is undefined is the default', () => {
  const { rules } = new OutlierDetector('s:1.0', { baseEjectionMs: undefined, intervalMs: 7 });
  expect([rules.baseEjectionMs, rules.intervalMs]).toEqual([5_000, 7]);
});
