import { describe, expect, test } from 'vitest';
import { p2cEwma } from '../../src/balancing/p2c-ewma.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { alike, attempt, callAfter, callOf, candidate, chiSquare, picks, weighing } from './candidates.js';

const START = Date.UTC(2026, 0, 1);

describe('p2cEwma', () => {
  test('evenly over those that nothing is known of', () => {
    expect(picks(p2cEwma, alike(10)).count(1_000)).toEqual(
      Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`host-${i}`, 100])),
    );
  });

  test('by weight where latency is the same', () => {
    const { count } = picks(p2cEwma, weighing(100, 300, 50, 50));
    expect(chiSquare(count(10_000), { a: 100, b: 300, c: 50, d: 50 })).toBeLessThan(15);
    expect(chiSquare(picks(p2cEwma, weighing(1, 3)).count(10_000), { a: 1, b: 3 })).toBeLessThan(8);
  });

  test('by weight also where calls are in flight: the heavier may hold more of them', () => {
    const [a, b] = weighing(1, 3);
    const { picker } = picks(p2cEwma, [a, b]);
    for (const one of [a, b]) attempt(one.lease(), 'answered', 10, 0);
    for (let i = 0; i < 400; i++) picker.pick(callOf())?.start();
    expect(a.inFlight).toBeGreaterThan(85);
    expect(a.inFlight).toBeLessThan(115);
  });

  test('a warm-up that ends changes the shares', async () => {
    const warming = { startTime: String(START), warmupTime: '5000', warmupWeight: '12' };
    const clock = new FakeClock(START);
    const candidates = [...weighing(100), candidate('new', { weight: '100', ...warming })];
    const { count } = picks(p2cEwma, candidates, { clock });
    expect(chiSquare(count(5_000), { a: 100, new: 12 })).toBeLessThan(8);
    await clock.advance(5_001);
    expect(count(5_000)).toEqual({ a: 2_500, new: 2_500 });
  });

  test('the faster one of two, as long as it has not much more in flight', () => {
    const [a, b] = weighing(1, 1);
    attempt(a.lease(), 'answered', 10, 0);
    attempt(b.lease(), 'answered', 35, 0);
    const { picker } = picks(p2cEwma, [a, b]);
    for (let i = 0; i < 4; i++) picker.pick(callOf())?.start();
    expect([a.inFlight, b.inFlight]).toEqual([3, 1]);
  });

  test('one that nothing is known of gets one call at a time until it has answered', () => {
    const candidates = alike(10);
    for (const one of candidates.slice(1)) attempt(one.lease(), 'answered', 10, 0);
    const { picker } = picks(p2cEwma, candidates);
    const leases = Array.from({ length: 200 }, () => {
      const lease = picker.pick(callOf());
      lease?.start();
      return lease;
    });
    expect(candidates[0].inFlight).toBe(1);
    leases.find((lease) => lease?.endpoint.host === 'host-0')?.release('answered', 10, 0);
    for (let i = 0; i < 20; i++) picker.pick(callOf())?.start();
    expect(candidates[0].inFlight).toBeGreaterThan(3);
  });

  test('one that fails fast gets next to nothing', () => {
    const candidates = alike(10);
    for (const one of candidates) attempt(one.lease(), 'answered', 10, 0);
    const { picker, clock } = picks(p2cEwma, candidates);
    let failures = 0;
    for (let i = 0; i < 1_000; i++) {
      const lease = picker.pick(callOf());
      const isBad = lease?.endpoint.host === 'host-0';
      if (isBad) failures++;
      attempt(lease, isBad ? 'failed' : 'answered', isBad ? 0.1 : 10, clock.now());
    }
    expect(failures).toBeLessThan(3);
  });

  test('two slow ones side by side are not good enough: the next pair is looked at', () => {
    const candidates = alike(100);
    for (const [i, one] of candidates.entries()) attempt(one.lease(), 'answered', i % 5 === 0 ? 100 : 10, 0);
    const { count } = picks(p2cEwma, candidates);
    const slow = Object.entries(count(10_000)).filter(([host]) => Number(host.slice(5)) % 5 === 0);
    // By pairs alone it would be 1 of 25.
    expect(slow.reduce((sum, [, picked]) => sum + picked, 0)).toBeLessThan(40);
  });

  test('where all have become slow, they are used', () => {
    const candidates = alike(10);
    const { host, picker, clock } = picks(p2cEwma, candidates);
    for (const one of candidates) attempt(one.lease(), 'answered', 10, 0);
    attempt(picker.pick(callOf()), 'answered', 10, clock.now());
    for (const one of candidates) attempt(one.lease(), 'answered', 1_000, 0);
    expect(new Set(Array.from({ length: 50 }, () => host())).size).toBe(10);
  });

  test('one that is not ready gets nothing, wherever the ready ones are', () => {
    const candidates = alike(1_000);
    for (const one of candidates.slice(3)) one.link.current = undefined;
    const { count } = picks(p2cEwma, candidates);
    const counts = count(300);
    expect(Object.keys(counts).sort()).toEqual(['host-0', 'host-1', 'host-2']);
    for (const one of candidates) one.link.current = undefined;
    expect(count(1)).toEqual({ none: 1 });
  });

  test('ready ones behind a row of others that are not share the calls', () => {
    const candidates = alike(100);
    for (const one of candidates.slice(0, 50)) one.link.current = undefined;
    const counts = Object.values(picks(p2cEwma, candidates).count(5_000));
    expect(counts).toHaveLength(50);
    expect(Math.max(...counts)).toBeLessThan(250);
  });

  test('the other one of its pair takes the call of one that is not ready: no new draw', () => {
    const candidates = alike(10);
    candidates[4].link.current = undefined;
    for (const one of candidates) attempt(one.lease(), 'answered', 10, 0);
    let draws = 0;
    const seeded = seededRandom(1);
    const random = () => {
      draws++;
      return seeded();
    };
    picks(p2cEwma, candidates, { random }).count(10);
    expect(draws).toBe(2);
  });

  test('one that was tried before only where no other is left', () => {
    const [a, b, c] = weighing(1, 1, 1);
    for (const one of [b, c]) attempt(one.lease(), 'answered', 500, 0);
    attempt(a.lease(), 'answered', 1, 0);
    const { host, count } = picks(p2cEwma, [a, b, c]);
    expect(Object.keys(count(30, callAfter(a))).sort()).toEqual(['b', 'c']);
    expect(host(callAfter(a, b))).toBe('c');
    b.link.current = undefined;
    c.link.current = undefined;
    expect(host(callAfter(a))).toBe('a');
  });

  test('one alone, and none', () => {
    expect(picks(p2cEwma, alike(1)).count(3)).toEqual({ 'host-0': 3 });
    expect(picks(p2cEwma, []).count(3)).toEqual({ none: 3 });
    expect(picks(p2cEwma, []).picker.targets(callOf())).toEqual([]);
  });
});
