import { describe, expect, test } from 'vitest';
import { localPreference } from '../../src/balancing/local-preference.js';
import { roundRobin } from '../../src/balancing/round-robin.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { callAfter, callOf, candidate, picks, weighing } from './candidates.js';

const balancer = localPreference(roundRobin, ['b', 'c', '10.0.0.1']);

describe('localPreference', () => {
  test('those on this machine, by the inner balancer', () => {
    expect(picks(balancer, weighing(1, 1, 1, 1)).count(10)).toEqual({ b: 5, c: 5 });
  });

  test('the others where none of those is ready, or there is none', () => {
    const candidates = weighing(1, 1, 1, 1);
    for (const one of candidates.slice(1, 3)) one.link.current = undefined;
    expect(picks(balancer, candidates).count(10)).toEqual({ a: 5, d: 5 });
    expect(picks(balancer, [candidate('x'), candidate('y')]).count(4)).toEqual({ x: 2, y: 2 });
  });

  test('another attempt leaves this machine before it repeats itself', () => {
    const [a, b] = weighing(1, 1);
    const { host } = picks(balancer, [a, b]);
    expect(host(callAfter(b))).toBe('a');
    a.link.current = undefined;
    expect(host(callAfter(b))).toBe('b');
  });

  test('one here that is drained gets nothing', async () => {
    expect(picks(balancer, weighing(1, 0)).count(4)).toEqual({ a: 4 });
    const warming = { startTime: '0', warmupTime: '5000', warmupWeight: '0' };
    const clock = new FakeClock();
    const { host } = picks(balancer, [...weighing(1), candidate('10.0.0.1', warming)], { clock });
    expect(host()).toBe('a');
    await clock.advance(5_001);
    expect([host(), host(), host()]).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.1']);
  });

  test('all are targets, wherever they are', () => {
    const candidates = weighing(1, 1);
    expect(picks(balancer, candidates).picker.targets(callOf())).toEqual(candidates);
  });
});
