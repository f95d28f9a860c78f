import { expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { LivenessRound } from '../../src/transport/liveness.js';

/** A clock whose timers run when the test says so, late where it wants that. */
function lateClock() {
  let now = 0;
  let run: (() => void) | undefined;
  const timer = { cancel: () => undefined, unref: () => timer };
  const clock: Clock = {
    now: () => now,
    wallTime: () => now,
    schedule: (then) => {
      run = then;
      return timer;
    },
  };
  return {
    clock,
    /** The timer that was set last runs now, at `at`. */
    runAt: (at: number) => {
      now = at;
      const due = run;
      run = undefined;
      due?.();
    },
    isSet: () => run !== undefined,
  };
}

function watching(roundMs?: number) {
  const { clock, runAt, isSet } = lateClock();
  const looks: number[] = [];
  const connections = new Set([{ checkLiveness: (now: number) => looks.push(now) }]);
  const round = new LivenessRound(clock, connections, roundMs);
  round.start();
  return { runAt, isSet, looks, connections, round };
}

test('every connection is looked at once a second, or as often as is said', () => {
  const { runAt, looks } = watching();
  for (const at of [1_000, 2_000, 3_000]) runAt(at);
  expect(looks).toEqual([1_000, 2_000, 3_000]);
});

test('a round that comes more than a round late lets what was received be read first; the next one looks', () => {
  const { runAt, looks } = watching(100);
  runAt(100);
  runAt(900);
  expect(looks).toEqual([100]);
  runAt(1_000);
  expect(looks).toEqual([100, 1_000]);
});

test('a program that is always late looks every other time: it must not overlook a dead peer', () => {
  const { runAt, looks } = watching(100);
  for (const at of [500, 1_000, 1_500, 2_000]) runAt(at);
  expect(looks).toEqual([1_000, 2_000]);
});

test('no timer runs while there is no connection', () => {
  const { runAt, isSet, connections, round } = watching();
  connections.clear();
  runAt(1_000);
  expect(isSet()).toBe(false);
  round.start();
  expect(isSet()).toBe(true);
});
