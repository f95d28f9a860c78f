import { describe, expect, test } from 'vitest';
import { firstReady, WeightedList } from '../../src/balancing/weighted-list.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { callAfter, callOf, candidate, type TestCandidate, weighing } from './candidates.js';

const START = Date.UTC(2026, 0, 1);

function listOf(candidates: TestCandidate[], clock = new FakeClock(START)) {
  return new WeightedList(candidates, { clock, random: seededRandom(1) });
}

const hosts = ({ candidates }: WeightedList) => candidates.map(({ endpoint }) => endpoint.host);

/** Started `agoMs` before the test. */
const warming = (host: string, agoMs: number, warmupTime: number) =>
  candidate(host, {
    weight: '100',
    startTime: String(START - agoMs),
    warmupTime: String(warmupTime),
    warmupWeight: '10',
  });

describe('WeightedList', () => {
  test('one of weight 0 takes no calls, unless all are 0', () => {
    expect(hosts(listOf(weighing(100, 0, 50)))).toEqual(['a', 'c']);
    expect([...(listOf(weighing(100, 0, 50)).weights ?? [])]).toEqual([100, 50]);
    expect(hosts(listOf(weighing(0, 0)))).toEqual(['a', 'b']);
    expect(listOf(weighing(0, 0)).weights).toBeUndefined();
  });

  test('the same weight for all is no weight', () => {
    expect(listOf(weighing(7, 7, 0)).weights).toBeUndefined();
    expect(listOf(weighing(7, 7, 0)).highest).toBe(7);
  });

  test('one that warms up has its warm-up weight, then its full one, by the wall clock', async () => {
    const clock = new FakeClock(START);
    const list = listOf([...weighing(100), warming('w', 2_000, 10_000)], clock);
    expect([...(list.weights ?? [])]).toEqual([100, 10]);
    await clock.advance(8_000);
    expect(clock.now()).toBeLessThan(list.changesAt);
    await clock.advance(1);
    expect(clock.now()).toBeGreaterThanOrEqual(list.changesAt);
    list.weigh(clock.now());
    expect(list.weights).toBeUndefined();
    expect(list.changesAt).toBe(Number.POSITIVE_INFINITY);
  });

  test('many that warm up are looked at once a second, not one by one', () => {
    const list = listOf([warming('a', 9_999, 10_000), warming('b', 9_998, 10_000), ...weighing(1)]);
    expect(list.changesAt).toBe(1_000);
  });

  test('a warm-up weight of 0 keeps calls away until it is warm', async () => {
    const clock = new FakeClock(START);
    const cold = candidate('cold', { startTime: String(START), warmupTime: '5000', warmupWeight: '0' });
    const list = listOf([...weighing(100), cold], clock);
    expect(hosts(list)).toEqual(['a']);
    await clock.advance(5_001);
    list.weigh(clock.now());
    expect(hosts(list)).toEqual(['a', 'cold']);
  });

  test('what the registry says anew of an address counts from the next list on', () => {
    const [a] = weighing(100);
    a.endpoint = { ...a.endpoint, attributes: { weight: '0' } };
    expect(hosts(listOf([a, ...weighing(50)]))).toEqual(['a']);
    expect(listOf([a, ...weighing(50)]).candidates[0]).not.toBe(a);
  });
});

describe('firstReady', () => {
  const [a, b, c] = weighing(1, 1, 1);
  const from = (start: number, call = callOf()) => firstReady([a, b, c], start, call, 0)?.endpoint.host;

  test('the first from the start on, around the end', () => {
    expect([from(0), from(1), from(2)]).toEqual(['a', 'b', 'c']);
    b.link.current = undefined;
    c.link.current = undefined;
    expect(from(1)).toBe('a');
    a.link.current = undefined;
    expect(from(1)).toBeUndefined();
  });

  test('one that was tried only where no other is ready', () => {
    const [d, e] = weighing(1, 1);
    expect(firstReady([d, e], 0, callAfter(d), 0)?.endpoint.host).toBe('b');
    e.link.current = undefined;
    expect(firstReady([d, e], 0, callAfter(d), 0)?.endpoint.host).toBe('a');
  });
});
