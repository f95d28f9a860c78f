import { describe, expect, test } from 'vitest';
import type { Candidate, Lease } from '../../src/balancing/picker.js';
import { roundRobin } from '../../src/balancing/round-robin.js';
import type { Call } from '../../src/core/call.js';
import { type Endpoint, endpointOf } from '../../src/core/endpoint.js';

const callAfter = (...tried: Endpoint[]) => ({ tried }) as unknown as Call;

function candidate(host: string, ready = () => true): Candidate {
  const endpoint = endpointOf(host, 1);
  return { endpoint, lease: () => (ready() ? ({ endpoint } as Lease) : undefined) };
}

function picks(candidates: Candidate[], count: number, call = callAfter()): (string | undefined)[] {
  const picker = roundRobin(candidates);
  return Array.from({ length: count }, () => picker.pick(call)?.endpoint.host);
}

describe('roundRobin', () => {
  test('each candidate in turn', () => {
    expect(picks([candidate('a'), candidate('b'), candidate('c')], 7)).toEqual([
      'a',
      'b',
      'c',
      'a',
      'b',
      'c',
      'a',
    ]);
  });

  test('one without a connection is passed over, and has its turn again when it is back', () => {
    let ready = false;
    const picker = roundRobin([candidate('a'), candidate('b', () => ready)]);
    const host = () => picker.pick(callAfter())?.endpoint.host;
    expect([host(), host(), host()]).toEqual(['a', 'a', 'a']);
    ready = true;
    expect([host(), host()].sort()).toEqual(['a', 'b']);
  });

  test('nothing where none has a connection, or there is none', () => {
    expect(picks([candidate('a', () => false)], 2)).toEqual([undefined, undefined]);
    expect(picks([], 1)).toEqual([undefined]);
  });

  test('one that was tried before is chosen only where no other is left', () => {
    const a = candidate('a');
    const b = candidate('b');
    expect(picks([a, b], 4, callAfter(a.endpoint))).toEqual(['b', 'b', 'b', 'b']);
    expect(picks([a, b], 1, callAfter(a.endpoint, b.endpoint))).not.toEqual([undefined]);
    expect(picks([a, candidate('c', () => false)], 1, callAfter(a.endpoint))).toEqual(['a']);
  });
});
