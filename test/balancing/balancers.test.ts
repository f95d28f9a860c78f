import { expect, test } from 'vitest';
import { type BalancerName, balancerOf } from '../../src/balancing/balancers.js';
import { alike, attempt, callOf, chiSquare, picks, weighing } from './candidates.js';

const THIRDS = { a: 100, b: 300 };

test.each<BalancerName>([
  'random',
  'weightedRandom',
  'weightRoundRobin',
  'smoothWeightedRoundRobin',
  'localPref',
  'p2c',
  'auto',
])('%s goes by weight', (name) => {
  expect(chiSquare(picks(balancerOf(name), weighing(100, 300)).count(4_000), THIRDS)).toBeLessThan(8);
});

test('roundRobin goes by turns', () => {
  expect(picks(balancerOf('roundRobin'), weighing(100, 300)).count(100)).toEqual({ a: 50, b: 50 });
});

test('localPref prefers the hosts that it is given', () => {
  expect(picks(balancerOf('localPref', ['b']), weighing(100, 300, 100)).count(10)).toEqual({ b: 10 });
});

test('consistentHash and weightConsistentHash go by the first argument', () => {
  for (const name of ['consistentHash', 'weightConsistentHash'] as const) {
    const { count } = picks(balancerOf(name), weighing(100, 300, 100));
    expect(Object.values(count(20, callOf({ args: ['ann'] })))).toEqual([20]);
  }
});

test('weightConsistentHash gives keys by weight, consistentHash does not', () => {
  const keysOfA = (name: BalancerName) => {
    const { host } = picks(balancerOf(name), weighing(1, 200));
    return Array.from({ length: 200 }, (_, i) => host(callOf({ args: [i] }))).filter((one) => one === 'a')
      .length;
  };
  expect(keysOfA('weightConsistentHash')).toBeLessThan(10);
  expect(keysOfA('consistentHash')).toBeGreaterThan(50);
});

test('leastLoaded goes by calls in flight, p2c and auto by latency', () => {
  const slowAndBusy = (name: BalancerName) => {
    const [slow, busy] = alike(2);
    attempt(slow.lease(), 'answered', 100, 0);
    attempt(busy.lease(), 'answered', 10, 0);
    busy.lease()?.start();
    return picks(balancerOf(name), [slow, busy]).host();
  };
  expect([slowAndBusy('leastLoaded'), slowAndBusy('p2c'), slowAndBusy('auto')]).toEqual([
    'host-0',
    'host-1',
    'host-1',
  ]);
});

test.each(['weightedRound', '', 'toString', '__proto__'])(
  'there is no balancer %o: the error lists those that are',
  (name) => {
    expect(() => balancerOf(name as BalancerName)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/p2c, .*weightConsistentHash/),
      }),
    );
  },
);
