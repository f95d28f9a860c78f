import { expect, test } from 'vitest';
import { ConsistentHashLoadBalancer } from '../../../../src/compat/client/load-balancer/consistent-hash.js';
import { createLoadBalancer } from '../../../../src/compat/client/load-balancer/create-load-balancer.js';
import { LoadBalancer } from '../../../../src/compat/client/load-balancer/load-balancer.js';
import { RandomLoadBalancer } from '../../../../src/compat/client/load-balancer/random.js';
import { RoundRobinLoadBalancer } from '../../../../src/compat/client/load-balancer/round-robin.js';
import { FakeGroup } from './fake-group.js';

class Own extends LoadBalancer {}

test.each([
  ['roundRobin', RoundRobinLoadBalancer],
  ['random', RandomLoadBalancer],
  ['consistentHash', ConsistentHashLoadBalancer],
  [Own, Own],
] as const)('%s', (chosen, expected) => {
  const group = new FakeGroup();
  const balancer = createLoadBalancer(chosen, group);
  expect(balancer.constructor).toBe(expected);
  expect(balancer.addressGroup).toBe(group);
});

test.each(['leastActive', 'toString', undefined])('%s is none', (chosen) => {
  expect(() => createLoadBalancer(chosen as never, new FakeGroup())).toThrow(
    `loadbalancerClass:${chosen} invalid`,
  );
});
