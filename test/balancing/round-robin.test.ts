import { describe, expect, test } from 'vitest';
import { roundRobin } from '../../src/balancing/round-robin.js';
import { alike, callAfter, candidate, picks, weighing } from './candidates.js';

const first = { random: () => 0 };

function hosts(candidates: ReturnType<typeof weighing>, count: number): (string | undefined)[] {
  const { host } = picks(roundRobin, candidates, first);
  return Array.from({ length: count }, () => host());
}

describe('roundRobin', () => {
  test('each candidate in turn, whatever its weight', () => {
    expect(hosts(weighing(1, 200, 30), 7)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a']);
  });

  test('but none of weight 0', () => {
    expect(hosts(weighing(1, 0, 30), 4)).toEqual(['a', 'c', 'a', 'c']);
  });

  test('one that warms up with weight 0 has its turn when it is warm', async () => {
    const cold = candidate('cold', { startTime: '0', warmupTime: '5000', warmupWeight: '0' });
    const { count, clock } = picks(roundRobin, [...weighing(1), cold]);
    expect(count(4)).toEqual({ a: 4 });
    await clock.advance(5_001);
    expect(count(4)).toEqual({ a: 2, cold: 2 });
  });

  test('clients begin at different ones', () => {
    const begun = [0, 0.3, 0.5, 0.99].map((chance) =>
      picks(roundRobin, weighing(1, 1, 1), { random: () => chance }).host(),
    );
    expect(begun).toEqual(['a', 'a', 'b', 'c']);
  });

  test('one without a connection is passed over, and has its turn again when it is back', () => {
    const [a, b] = weighing(1, 1);
    const link = b.link.current;
    b.link.current = undefined;
    const { host } = picks(roundRobin, [a, b], first);
    expect([host(), host(), host()]).toEqual(['a', 'a', 'a']);
    b.link.current = link;
    expect([host(), host()].sort()).toEqual(['a', 'b']);
  });

  test('nothing where none has a connection, or there is none', () => {
    const [a] = weighing(1);
    a.link.current = undefined;
    expect(hosts([a], 2)).toEqual([undefined, undefined]);
    expect(hosts([], 1)).toEqual([undefined]);
  });

  test('one that was tried before is chosen only where no other is left', () => {
    const [a, b] = weighing(1, 1);
    const { host } = picks(roundRobin, [a, b]);
    expect([host(callAfter(a)), host(callAfter(a))]).toEqual(['b', 'b']);
    expect(host(callAfter(a, b))).toBeDefined();
    b.link.current = undefined;
    expect(host(callAfter(a))).toBe('a');
  });

  test('all are targets but those that are drained', () => {
    const candidates = weighing(1, 0, 1);
    expect(picks(roundRobin, candidates).picker.targets(callAfter())).toEqual([candidates[0], candidates[2]]);
    expect(Object.keys(picks(roundRobin, alike(5)).count(5))).toHaveLength(5);
  });
});
