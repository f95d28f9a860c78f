import { describe, expect, test } from 'vitest';
import { attempt, callAfter, callOf, candidate, type TestCandidate } from './candidates.js';

function judge(one: TestCandidate, admitsProbe = true): string[] {
  const seen: string[] = [];
  one.judge = {
    admitsProbe: () => admitsProbe,
    probeStarted: () => seen.push('probe'),
    record: (outcome, now, wasProbe) => seen.push(`${outcome} at ${now}${wasProbe ? ' of a probe' : ''}`),
    reset: () => seen.push('reset'),
  };
  return seen;
}

describe('Candidate', () => {
  test('attempts are counted from start to release', () => {
    const one = candidate('a');
    const lease = one.lease();
    lease?.start();
    lease?.start();
    expect(one.inFlight).toBe(2);
    lease?.release('answered', 5, 5);
    lease?.release('unknown', 5, 5);
    expect(one.inFlight).toBe(0);
  });

  test('one lease serves all attempts on a connection, until endpoint or connection is another', () => {
    const one = candidate('a');
    const first = one.lease();
    expect(one.lease()).toBe(first);
    one.endpoint = { ...one.endpoint, attributes: { weight: '1' } };
    expect(one.lease()).not.toBe(first);
    expect(one.lease()?.endpoint.attributes).toEqual({ weight: '1' });
    const second = one.lease();
    one.link.current = { ...second!.connection } as typeof one.link.current;
    expect(one.lease()?.connection).toBe(one.link.current);
  });

  test('a call gets a lease where a connection is ready and the judge admits it', () => {
    const one = candidate('a');
    expect(one.leaseFor(callOf(), 0)).toBeDefined();
    judge(one, false);
    expect(one.leaseFor(callOf(), 0)).toBeDefined();
    one.isEjected = true;
    expect(one.leaseFor(callOf(), 0)).toBeUndefined();
    expect(one.lease()).toBeDefined();
    judge(one, true);
    expect(one.leaseFor(callOf(), 0)).toBeDefined();
    one.link.current = undefined;
    expect(one.leaseFor(callOf(), 0)).toBeUndefined();
    expect(one.lease()).toBeUndefined();
  });

  test('the last resort is any connection, a ready one before one that is suspected to be dead', () => {
    const one = candidate('a');
    const ready = one.link.current;
    one.link.suspected = { ...ready } as typeof ready;
    expect(one.lastResort()?.connection).toBe(ready);
    one.link.current = undefined;
    expect(one.lastResort()?.connection).toBe(one.link.suspected);
    one.link.suspected = undefined;
    expect(one.lastResort()).toBeUndefined();
  });

  test('a call gets no lease where it was before, by the address', () => {
    const one = candidate('a');
    const call = callAfter(one);
    one.endpoint = { ...one.endpoint };
    expect(one.leaseFor(call, 0)).toBeUndefined();
    expect(one.leaseFor(callOf(), 0)).toBeDefined();
  });

  test('its judge hears of every attempt; those that began while it was ejected are probes', () => {
    const one = candidate('a');
    const seen = judge(one);
    const before = one.lease();
    before?.start();
    one.isEjected = true;
    attempt(one.lease(), 'answered', 1, 3);
    before?.release('failed', 4, 4);
    expect(seen).toEqual(['probe', 'answered at 3 of a probe', 'failed at 4']);
    expect(one.inFlight).toBe(0);
  });

  test('a new connection forgets what was measured', () => {
    const one = candidate('a');
    const seen = judge(one);
    attempt(one.lease(), 'answered', 50, 1);
    expect(one.cost(0, 1)).toBe(50_000);
    one.reset();
    expect(one.cost(0, 1)).toBe(0);
    attempt(one.lease(), 'answered', 20, 2);
    expect(one.cost(0, 2)).toBe(20_000);
    expect(seen).toEqual(['answered at 1', 'reset', 'answered at 2']);
  });
});
