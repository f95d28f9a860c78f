import { expect, test } from 'vitest';
import { parseAddress } from '../../../../src/compat/client/address.js';
import { ConsistentHashLoadBalancer } from '../../../../src/compat/client/load-balancer/consistent-hash.js';
import { FakeGroup } from './fake-group.js';

const list = () => Array.from({ length: 5 }, (_, i) => parseAddress(`10.0.0.${i + 1}:${12200 + i}`));

function balanced(count = 5) {
  const group = new FakeGroup();
  const balancer = new ConsistentHashLoadBalancer(group);
  group.use(balancer, list().slice(0, count));
  return { group, balancer, pick: (...args: unknown[]) => balancer.select({ args })?.hostname.slice(-1) };
}

const keys = [
  ...Array.from({ length: 36 }, (_, i) => (i % 2 === 0 ? i * 7919 : `user-${i}`)),
  ...['', true, '用户', { id: 1 }],
];

test('chooses what sofa-rpc-node 2.10.0 chooses', () => {
  const { pick } = balanced();
  expect(keys.map((key) => pick(key)).join('')).toBe('5135531333333333333513153255313332135135');
  expect(pick()).toBe('3');
});

test('the first argument alone decides, whatever the weights are', () => {
  const { group, pick } = balanced();
  group.weights.set('10.0.0.5:12204', 0);
  expect([pick(0, 'a'), pick(0, 'b'), pick(0)]).toEqual(['5', '5', '5']);
});

test('a list that changes moves the keys of what went', () => {
  const [all, fewer] = [balanced(), balanced(4)];
  for (const key of keys) {
    const before = all.pick(key);
    if (before !== '5') expect(fewer.pick(key)).toBe(before);
  }
});

test('what has no JSON is no key', () => {
  const { pick } = balanced();
  expect(() => pick(undefined)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  expect(() => pick(1n)).toThrow(TypeError);
});

test('a key of your own', () => {
  class ByName extends ConsistentHashLoadBalancer {
    protected override _buildKeyOfHash({ args }: { readonly args: readonly unknown[] }): string {
      return JSON.stringify((args[0] as { name: string }).name);
    }
  }
  const group = new FakeGroup();
  const byName = new ByName(group);
  group.use(byName, list());
  const { pick } = balanced();
  for (const name of ['user-1', 'user-15', 'user-31'])
    expect(byName.select({ args: [{ name }] })?.hostname.slice(-1)).toBe(pick(name));
});
