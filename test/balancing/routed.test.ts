import { describe, expect, test } from 'vitest';
import type { Balancer } from '../../src/balancing/picker.js';
import { roundRobin } from '../../src/balancing/round-robin.js';
import { type RoutingFunction, routed } from '../../src/balancing/routed.js';
import { callAfter, callOf, candidate, picks } from './candidates.js';

const fleet = () => [
  candidate('a', { zone: 'east' }),
  candidate('b', { zone: 'west' }),
  candidate('c', { zone: 'east' }),
];

/** The zone that the call's metadata names. */
const byZone: RoutingFunction = ({ metadata }, endpoints) =>
  endpoints.filter(({ attributes }) => attributes.zone === metadata.zone);

const inZone = (zone: string) => callOf({ metadata: { zone } });

/** Counts the pickers that are made. */
function counting(): { balancer: Balancer; made: () => number } {
  let made = 0;
  const balancer: Balancer = (candidates, env) => {
    made++;
    return roundRobin(candidates, env);
  };
  return { balancer, made: () => made };
}

describe('routed', () => {
  test('picks among the endpoints that the function names', () => {
    const { count } = picks(routed(byZone, roundRobin), fleet());
    expect(count(10, inZone('east'))).toEqual({ a: 5, c: 5 });
    expect(count(10, inZone('west'))).toEqual({ b: 10 });
  });

  test('an empty list picks nothing, and has no targets: nothing to wait for', () => {
    const candidates = fleet();
    const { host, picker } = picks(routed(byZone, roundRobin), candidates);
    expect(host(inZone('north'))).toBeUndefined();
    expect(picker.targets(inZone('north'))).toEqual([]);
    candidates[1].link.current = undefined;
    expect(host(inZone('west'))).toBeUndefined();
    expect(picker.targets(inZone('west'))).toEqual([candidates[1]]);
  });

  test('another attempt stays inside the list', () => {
    const [a, b, c] = fleet();
    const { host } = picks(routed(byZone, roundRobin), [a, b, c]);
    const again = { ...inZone('east'), tried: callAfter(a).tried };
    expect([host(again), host(again)]).toEqual(['c', 'c']);
    expect(host({ ...inZone('west'), tried: callAfter(b).tried })).toBe('b');
  });

  test('the same list again makes no new picker, and keeps its turn', () => {
    const { balancer, made } = counting();
    const { host } = picks(routed(byZone, balancer), fleet(), { random: () => 0 });
    const atFirst = made();
    const turn = Array.from({ length: 6 }, (_, i) => host(inZone(i % 2 === 0 ? 'east' : 'west')));
    expect(turn).toEqual(['a', 'b', 'c', 'b', 'a', 'b']);
    expect(made() - atFirst).toBe(2);
  });

  test('all endpoints are one list that was known before', () => {
    const { balancer, made } = counting();
    const { count } = picks(
      routed((_, endpoints) => endpoints, balancer),
      fleet(),
    );
    expect(count(9)).toEqual({ a: 3, b: 3, c: 3 });
    expect(made()).toBe(1);
  });

  test('copies of endpoints are found by their address, strangers and repetitions ignored', () => {
    const { balancer, made } = counting();
    const route: RoutingFunction = (_, [first]) => [
      { ...first },
      { ...first },
      { ...first, address: 'stranger:1' },
    ];
    const { count } = picks(routed(route, balancer), fleet());
    expect(count(5)).toEqual({ a: 5 });
    expect(made()).toBe(2);
  });

  test('an array that is filled anew each time is read anew', () => {
    const kept: ReturnType<RoutingFunction>[number][] = [];
    let turn = 0;
    const route: RoutingFunction = (_, endpoints) => {
      kept[0] = endpoints[turn++ % 3];
      return kept;
    };
    const { host } = picks(routed(route, roundRobin), fleet());
    expect([host(), host(), host(), host()]).toEqual(['a', 'b', 'c', 'a']);
  });

  test('it keeps a limited number of lists, those that were used last', () => {
    const { balancer, made } = counting();
    const many = Array.from({ length: 80 }, (_, i) => candidate(`h${i}`, { zone: `z${i}` }));
    const { host } = picks(routed(byZone, balancer), many);
    const before = made();
    for (let i = 0; i < 80; i++) host(inZone(`z${i}`));
    expect(made() - before).toBe(80);
    for (let i = 16; i < 80; i++) host(inZone(`z${i}`));
    expect(made() - before).toBe(80);
    host(inZone('z0'));
    expect(made() - before).toBe(81);
  });

  const failures: [string, RegExp, () => unknown][] = [
    [
      'throws',
      /chooseZone .*no such zone/,
      () => {
        throw new Error('no such zone');
      },
    ],
    ['returns a promise', /chooseZone .*did not return an array/, async () => []],
    ['returns nothing', /chooseZone .*did not return an array/, () => undefined],
  ];

  test.each(failures)('a function that %s fails the call, by its name', (_, message, fails) => {
    const chooseZone: RoutingFunction = () => fails() as ReturnType<RoutingFunction>;
    const { host } = picks(routed(chooseZone, roundRobin), fleet());
    expect(() => host()).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        service: 'com.acme.S:1.0',
        method: 'find',
        message: expect.stringMatching(message),
      }),
    );
  });

  test('a new list of candidates is routed anew', () => {
    const balancer = routed(byZone, roundRobin);
    picks(balancer, fleet()).host(inZone('east'));
    const { count } = picks(balancer, [candidate('d', { zone: 'east' })]);
    expect(count(3, inZone('east'))).toEqual({ d: 3 });
  });
});
