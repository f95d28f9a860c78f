import { describe, expect, test } from 'vitest';
import { attempt, candidate, type TestCandidate } from './candidates.js';

const LONG = 60_000;

const fresh = () => candidate('a');

/** Answered in `ms`, ten times a second for `times` times from `now` on; what it costs then, in milliseconds. */
function feed(one: TestCandidate, ms: number, times: number, now: number): number {
  for (let i = 0; i < times; i++) attempt(one.lease(), 'answered', ms, now + i * 100);
  return costMs(one, now + (times - 1) * 100);
}

function fail(one: TestCandidate, ms: number, now: number): void {
  attempt(one.lease(), 'failed', ms, now);
}

const costMs = (one: TestCandidate, now: number, inFlight = 0) => one.cost(inFlight, now) / 1_000;

describe('what was answered', () => {
  test('the first answer is the latency', () => {
    const one = fresh();
    expect(feed(one, 20, 1, 1_000)).toBe(20);
  });

  test('a slower answer counts at once, faster ones with time', () => {
    const one = fresh();
    feed(one, 20, 100, 0);
    expect(feed(one, 200, 1, 10_000)).toBe(200);
    expect(feed(one, 20, 10, 10_100)).toBeGreaterThan(150);
    expect(feed(one, 20, 300, 12_000)).toBeLessThan(30);
  });

  test('each attempt in flight costs as much again', () => {
    const one = fresh();
    feed(one, 20, 1, 0);
    expect([costMs(one, 0, 1), costMs(one, 0, 3)]).toEqual([40, 80]);
  });

  test('what is known fades while nothing is in flight, and only then', () => {
    const one = fresh();
    feed(one, 200, 1, 0);
    expect(costMs(one, 10_000)).toBeLessThan(100);
    expect(costMs(one, 20_000)).toBeLessThan(20);
    expect(costMs(one, 20_000, 1)).toBe(400);
  });

  test('an answer in no time costs something all the same', () => {
    const one = fresh();
    feed(one, 0, 1, 0);
    expect(one.cost(3, 0)).toBeGreaterThan(one.cost(0, 0));
    expect(one.cost(0, 0)).toBeGreaterThan(0);
  });

  test.each([2 ** 31 - 1, 3e9, 2 ** 33 + 0.5])('the clock may have run for months: %d ms', (now) => {
    const slow = fresh();
    feed(slow, 200, 1, now);
    expect(costMs(slow, now)).toBe(200);
    expect(costMs(slow, now + 20_000)).toBeLessThan(20);
    const failing = fresh();
    fail(failing, 1, now);
    expect(failing.cost(0, now + 1)).toBeGreaterThan(1e9);
    expect(failing.cost(0, now + LONG)).toBe(0);
  });
});

describe('nothing known', () => {
  test('the first attempt costs nothing, more than one at a time more than anything', () => {
    const slow = fresh();
    feed(slow, 3_600_000, 1, 0);
    expect(fresh().cost(0, 0)).toBe(0);
    expect(fresh().cost(1, 0)).toBeGreaterThan(slow.cost(100, 0));
    expect(fresh().cost(2, 0)).toBeGreaterThan(fresh().cost(1, 0));
  });

  test('after a failure it is left alone for a while, then tried again', () => {
    const one = fresh();
    fail(one, 1, 5_000);
    expect(one.cost(0, 6_000)).toBeGreaterThan(1e9);
    expect(one.cost(0, 5_000 + LONG)).toBe(0);
  });

  test('a new connection knows nothing of what was before', () => {
    const one = fresh();
    feed(one, 200, 5, 0);
    fail(one, 3_000, 600);
    one.reset();
    expect(one.cost(0, 600)).toBe(0);
    expect(feed(one, 20, 1, 700)).toBe(20);
  });
});

describe('what failed', () => {
  test('a fast failure never makes an endpoint look fast', () => {
    const one = fresh();
    let cost = feed(one, 20, 50, 0);
    for (let i = 0; i < 50; i++) {
      fail(one, 0.1, 5_000 + i);
      const next = costMs(one, 5_000 + i);
      expect(next).toBeGreaterThanOrEqual(cost);
      cost = next;
    }
    expect(cost).toBeGreaterThan(100);
  });

  test('but a burst of failures does not keep it away for ever', () => {
    const one = fresh();
    feed(one, 20, 50, 0);
    for (let i = 0; i < 1_000; i++) fail(one, 0.1, 5_000);
    expect(costMs(one, 5_000)).toBe(20 * 16);
    expect(costMs(one, 30_000)).toBeLessThan(20);
  });

  test('silence until a timeout counts as a latency', () => {
    const one = fresh();
    feed(one, 20, 50, 0);
    fail(one, 3_000, 8_000);
    expect(costMs(one, 8_000)).toBe(6_000);
  });

  test('answers after it make it as cheap as before, with time', () => {
    const one = fresh();
    feed(one, 20, 50, 0);
    for (let i = 0; i < 10; i++) fail(one, 0.1, 5_000);
    expect(feed(one, 20, 300, 5_100)).toBeLessThan(30);
  });

  test('what says nothing of the endpoint changes nothing', () => {
    const one = fresh();
    feed(one, 20, 1, 0);
    attempt(one.lease(), 'unknown', 5_000, 10);
    expect(costMs(one, 0)).toBe(20);
  });
});
