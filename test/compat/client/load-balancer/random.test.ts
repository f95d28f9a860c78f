import { expect, test } from 'vitest';
import { RandomLoadBalancer } from '../../../../src/compat/client/load-balancer/random.js';
import { addressesOf } from '../fake-connections.js';
import { counted, FakeGroup } from './fake-group.js';

/** How often each is chosen of 30,000 requests, in thousands; those of the weight 0 must not be at all. */
function shares(...weights: number[]): number[] {
  const group = new FakeGroup();
  const balancer = new RandomLoadBalancer(group);
  group.use(balancer, addressesOf(weights.length));
  for (const [i, weight] of weights.entries()) group.weights.set(`h${i}:12200`, weight);
  const counts = counted(balancer, 30_000);
  if (Math.max(...weights) > 0)
    for (const [i, weight] of weights.entries()) if (weight === 0) expect(counts).not.toHaveProperty(`h${i}`);
  return weights.map((_, i) => Math.round((counts[`h${i}`] ?? 0) / 1_000));
}

test('addresses of the same weight are as likely', () => {
  expect(shares(100, 100, 100)).toEqual([10, 10, 10]);
  expect(shares(0, 0, 0)).toEqual([10, 10, 10]);
  expect(shares(40, 40, 40)).toEqual([10, 10, 10]);
});

test('others by their weight', () => {
  expect(shares(100, 0, 100)).toEqual([15, 0, 15]);
  expect(shares(100, 50, 0, 50)).toEqual([15, 8, 0, 8].map((n) => expect.toBeOneOf([n, n - 1])));
  expect(shares(0, 0, 1)).toEqual([0, 0, 30]);
});
