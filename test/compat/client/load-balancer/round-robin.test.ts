import { expect, test } from 'vitest';
import { RoundRobinLoadBalancer } from '../../../../src/compat/client/load-balancer/round-robin.js';
import { addressesOf } from '../fake-connections.js';
import { counted, FakeGroup } from './fake-group.js';

function balanced(count: number) {
  const group = new FakeGroup();
  const balancer = new RoundRobinLoadBalancer(group);
  const order = group.use(balancer, addressesOf(count));
  return { group, balancer, order, next: () => balancer.select({ args: [] })?.hostname as string };
}

test('each address in its turn', () => {
  const { order, next } = balanced(4);
  const first = order.indexOf(next());
  for (let i = 1; i < 12; i++) expect(next()).toBe(order[(first + i) % 4]);
});

test('begins anywhere', () => {
  const group = new FakeGroup();
  const balancer = new RoundRobinLoadBalancer(group);
  const list = addressesOf(4);
  const begun = new Set<string>();
  for (let i = 0; i < 40; i++) {
    group.use(balancer, list);
    begun.add(balancer.select({ args: [] })?.hostname as string);
  }
  expect(begun.size).toBe(4);
});

test('an address of the weight 0 is passed over', () => {
  const { group, balancer } = balanced(4);
  group.weights.set('h2:12200', 0);
  expect(counted(balancer, 300)).toEqual({ h0: 100, h1: 100, h3: 100 });
});

test('an address of a low weight is taken as rarely', () => {
  const { group, balancer } = balanced(2);
  group.weights.set('h0:12200', 9);
  const { h0, h1 } = counted(balancer, 11_000);
  expect(h0 / h1).toBeGreaterThan(0.08);
  expect(h0 / h1).toBeLessThan(0.12);
});

test('where all have the weight 0, one of them is taken all the same', () => {
  const { group, next, order } = balanced(3);
  for (const host of order) group.weights.set(`${host}:12200`, 0);
  expect(order).toContain(next());
});
