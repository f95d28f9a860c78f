import { describe, expect, test } from 'vitest';
import type { Address } from '../../../../src/compat/client/address.js';
import {
  type BalancedRequest,
  LoadBalancer,
} from '../../../../src/compat/client/load-balancer/load-balancer.js';
import { addressesOf } from '../fake-connections.js';
import { FakeGroup, hostsOf } from './fake-group.js';

const request = { args: [] };

/** Keeps the order of the list, so that a test can say who is chosen. */
class InOrder extends LoadBalancer {
  protected override _sortAddresses(addresses: Address[]): Address[] {
    return addresses;
  }
}

describe('select', () => {
  test('nothing where there is nothing, the only one where there is one, else what _doSelect says', () => {
    class Last extends LoadBalancer {
      protected override _doSelect(_request: BalancedRequest, addresses: readonly Address[]): Address {
        return addresses[addresses.length - 1];
      }
    }
    const group = new FakeGroup();
    const balancer = new Last(group);
    expect(balancer.select(request)).toBe(null);
    const list = addressesOf(3);
    group.use(balancer, list.slice(0, 1));
    expect(balancer.select(request)).toBe(list[0]);
    group.use(balancer, list);
    expect(balancer.select(request)).toBe(group.addressList?.[2]);
    expect([balancer.size, balancer.addressList, balancer.logger]).toEqual([
      3,
      group.addressList,
      group.logger,
    ]);
  });

  test('the base class cannot choose; of one address there is no choice', () => {
    const group = new FakeGroup();
    const balancer = new LoadBalancer(group);
    group.use(balancer, addressesOf(1));
    expect(balancer.select(request)?.hostname).toBe('h0');
    group.use(balancer, addressesOf(2));
    expect(() => balancer.select(request)).toThrow('not implement');
  });
});

test('it is ready when it is made, and weighs as its group does', async () => {
  const group = new FakeGroup();
  const balancer = new LoadBalancer(group);
  await balancer.ready();
  await balancer.close();
  const [address] = addressesOf(1);
  group.weights.set(address.host, 42);
  expect(balancer.getWeight(address)).toBe(42);
});

describe('reset', () => {
  test('shuffles a new list in place, the same list never again', () => {
    const group = new FakeGroup();
    const balancer = new LoadBalancer(group);
    const list = addressesOf(20);
    const before = hostsOf(list);
    const shuffled = group.use(balancer, list);
    expect(shuffled).not.toEqual(before);
    expect([...shuffled].sort()).toEqual([...before].sort());
    expect(group.allAddressList).toBe(list);
    expect(group.use(balancer, list)).toEqual(shuffled);
  });

  test('every order is as likely', () => {
    const group = new FakeGroup();
    const balancer = new LoadBalancer(group);
    const orders: Record<string, number> = {};
    for (let i = 0; i < 6_000; i++) {
      const order = group.use(balancer, addressesOf(3)).join();
      orders[order] = (orders[order] ?? 0) + 1;
    }
    expect(Object.keys(orders)).toHaveLength(6);
    for (const count of Object.values(orders)) expect(count).toBeGreaterThan(880);
  });

  test('uses up to 50 addresses all', () => {
    const group = new FakeGroup();
    expect(group.use(new InOrder(group), addressesOf(50))).toHaveLength(50);
  });

  test('of more it uses as many as the pool is large: new ones first', () => {
    const group = new FakeGroup();
    const balancer = new InOrder(group);
    expect(group.use(balancer, addressesOf(60))).toEqual(['h0', 'h1', 'h2', 'h3', 'h4', 'h5']);
    // Now 60 to 62 are new, and none is connected.
    expect(group.use(balancer, addressesOf(63))).toEqual(['h60', 'h61', 'h62', 'h59', 'h58', 'h57']);
  });

  test('then the connected ones, then those not known, and last those that fail', () => {
    const group = new FakeGroup();
    const balancer = new InOrder(group);
    const list = addressesOf(60);
    group.use(balancer, list);
    for (const { host } of list) group.healths.set(host, -1);
    group.healths.set('h5:12200', 1);
    group.healths.set('h10:12200', 0);
    group.healths.set('h20:12200', 0);
    expect(group.use(balancer, list)).toEqual(['h5', 'h20', 'h10', 'h0', 'h1', 'h2']);
  });

  test('no more than the highest number of the configuration', () => {
    const group = new FakeGroup();
    group.connectionPoolSize = 20;
    group.connectionPoolConfig.maxAddressCount = 10;
    expect(group.use(new InOrder(group), addressesOf(60))).toHaveLength(10);
    expect(group.lines).toEqual([
      'info [AddressGroup] group com.acme.S:1.0@SOFA uses 10 of 60 addresses: that is the most',
    ]);
  });

  test('all where the pool is to be larger than the list', () => {
    const group = new FakeGroup();
    group.connectionPoolSize = 61;
    expect(group.use(new InOrder(group), addressesOf(60))).toHaveLength(60);
    expect(group.lines).toEqual([
      'warn [AddressGroup] group com.acme.S:1.0@SOFA needs 61 addresses, and there are 60',
    ]);
  });

  test.each([
    ['elasticControl', false],
    ['enableThreshold', 60],
    ['minAddressCount', 61],
  ])('all where %s is %j', (field, value) => {
    const group = new FakeGroup();
    Object.assign(group.connectionPoolConfig, { [field]: value });
    expect(group.use(new InOrder(group), addressesOf(60))).toHaveLength(60);
  });
});

describe('adjustConnectionPoolSize', () => {
  test.each([
    [0, 5],
    [1_500, 5],
    [1_501, 6],
    [15_000, 50],
    [100_000, 50],
  ])('%d requests need %d addresses', (requests, size) => {
    const group = new FakeGroup();
    new LoadBalancer(group).adjustConnectionPoolSize(requests);
    expect(group.connectionPoolSize).toBe(size);
  });

  test('not without elastic control', () => {
    const group = new FakeGroup();
    group.connectionPoolConfig.elasticControl = false;
    new LoadBalancer(group).adjustConnectionPoolSize(100_000);
    expect(group.connectionPoolSize).toBe(6);
  });
});
