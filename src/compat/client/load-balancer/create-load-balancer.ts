import assert from 'node:assert';
import { ConsistentHashLoadBalancer } from './consistent-hash.js';
import type { BalancedGroup, LoadBalancer } from './load-balancer.js';
import { RandomLoadBalancer } from './random.js';
import { RoundRobinLoadBalancer } from './round-robin.js';

export type LoadBalancerName = 'roundRobin' | 'random' | 'consistentHash';

// biome-ignore lint/suspicious/noExplicitAny: a class of the user's may ask for more of the group than the base does
export type LoadBalancerClass = new (addressGroup: any) => LoadBalancer;

const builtIn = new Map<unknown, LoadBalancerClass>([
  ['roundRobin', RoundRobinLoadBalancer],
  ['random', RandomLoadBalancer],
  ['consistentHash', ConsistentHashLoadBalancer],
]);

/** @throws AssertionError where `chosen` is neither a name nor a class. */
export function createLoadBalancer(
  chosen: LoadBalancerName | LoadBalancerClass,
  addressGroup: BalancedGroup,
): LoadBalancer {
  const loadBalancerClass = builtIn.get(chosen) ?? chosen;
  assert(typeof loadBalancerClass === 'function', `loadbalancerClass:${chosen} invalid`);
  return new loadBalancerClass(addressGroup);
}
