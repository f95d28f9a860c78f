import { expect, test } from 'vitest';
import { TurnClock } from '../../src/core/turn-clock.js';
import { FakeClock } from '../../src/testing/fake-clock.js';

/** A clock that moves on whenever it is read. */
function ticking() {
  let reads = 0;
  const fake = new FakeClock(5_000);
  return {
    clock: {
      ...fake,
      now: () => ++reads,
      wallTime: () => fake.wallTime(),
      schedule: fake.schedule.bind(fake),
    },
    fake,
  };
}

test('is read once for all that is done in one go, the reactions that wait included', async () => {
  const turn = new TurnClock(ticking().clock);
  const waiting = Array.from({ length: 3 }, () => Promise.resolve().then(() => turn.now()));
  expect([turn.now(), turn.now()]).toEqual([1, 1]);
  expect(await Promise.all(waiting)).toEqual([1, 1, 1]);
});

test('is read again in the next turn', async () => {
  const turn = new TurnClock(ticking().clock);
  expect(turn.now()).toBe(1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(turn.now()).toBe(2);
});

test('tells the wall time and sets timers as the clock behind it', async () => {
  const { clock, fake } = ticking();
  const turn = new TurnClock(clock);
  let ran = false;
  turn.schedule(() => {
    ran = true;
  }, 10);
  await fake.advance(10);
  expect(ran).toBe(true);
  expect(turn.wallTime()).toBe(5_010);
});
