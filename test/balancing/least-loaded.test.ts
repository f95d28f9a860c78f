import { describe, expect, test } from 'vitest';
import { leastLoaded } from '../../src/balancing/least-loaded.js';
import { alike, attempt, callOf, picks, weighing } from './candidates.js';

describe('leastLoaded', () => {
  test('calls in flight stay level, whatever the latency', () => {
    const candidates = alike(20);
    attempt(candidates[0].lease(), 'answered', 5_000, 0);
    const { picker } = picks(leastLoaded, candidates);
    for (let i = 0; i < 200; i++) picker.pick(callOf())?.start();
    const inFlight = candidates.map((one) => one.inFlight);
    expect([Math.min(...inFlight), Math.max(...inFlight)]).toEqual([10, 10]);
  });

  test('level by weight', () => {
    const [a, b] = weighing(1, 4);
    const { picker } = picks(leastLoaded, [a, b]);
    for (let i = 0; i < 500; i++) picker.pick(callOf())?.start();
    expect(a.inFlight).toBeGreaterThan(90);
    expect(a.inFlight).toBeLessThan(110);
  });
});
