import { describe, expect, onTestFinished, test } from 'vitest';
import type { Address } from '../../../src/compat/client/address.js';
import { AddressGroup, type AddressGroupOptions } from '../../../src/compat/client/address-group.js';
import { DynamicConfig } from '../../../src/compat/client/dynamic-config.js';
import { LoadBalancer } from '../../../src/compat/client/load-balancer/load-balancer.js';
import { FakeClock, settled } from '../../../src/testing/fake-clock.js';
import { seededRandom } from '../../../src/testing/seeded-random.js';
import { addressesOf, FakeConnections, silent } from './fake-connections.js';

function grouped(options: Partial<AddressGroupOptions> = {}) {
  const connections = new FakeConnections();
  const clock = new FakeClock();
  const group = new AddressGroup({
    key: 'com.acme.S:1.0@SOFA',
    logger: silent,
    connectionManager: connections,
    clock,
    random: seededRandom(3),
    ...options,
  });
  onTestFinished(() => group.close());
  const errors: Error[] = [];
  group.on('error', (error) => errors.push(error));
  const request = () => ({ args: [], meta: { connectionGroup: null as string | null } });
  return { group, connections, clock, errors, request };
}

const hostsOf = (list: readonly Address[] | null) => (list ?? []).map(({ host }) => host).sort();

test.each([
  [{ logger: silent }, '[AddressGroup] options.key is required'],
  [{ key: 'k' }, '[AddressGroup] options.logger is required'],
  [{ key: 'k', logger: silent, loadbalancerClass: 'none' }, 'loadbalancerClass:none invalid'],
])('options %j are refused', (options, message) => {
  expect(() => new AddressGroup(options as never)).toThrow(message);
  expect(() => new AddressGroup(undefined as never)).toThrow('options.key');
});

describe('a list of addresses', () => {
  test('is connected to, with the options that were passed; then the group is ready', async () => {
    const connectionOpts = { connectTimeout: 1 };
    const connectionClass = class {};
    const { group, connections } = grouped({ connectionOpts, connectionClass });
    expect([group.addressList, group.allAddressList, group.totalSize, group.choosedSize]).toEqual([
      null,
      null,
      0,
      0,
    ]);
    const list = addressesOf(3);
    const chosen: (readonly Address[])[] = [];
    group.onChosen = (addresses) => chosen.push(addresses);
    group.addressList = list;
    expect(group.isReady).toBe(false);
    await group.ready();
    expect(connections.asked.sort()).toEqual(['h0:12200', 'h1:12200', 'h2:12200']);
    expect(connections.passed).toEqual(Array(3).fill([connectionOpts, connectionClass]));
    expect(chosen).toEqual([group.addressList]);
    expect([group.totalSize, group.choosedSize, group.allAddressList]).toEqual([3, 3, list]);
  });

  test('that is empty makes it ready, too', async () => {
    const { group, request } = grouped();
    group.addressList = [];
    await group.ready();
    expect(group.select(request())).toBe(null);
    expect(await group.getConnection(request())).toBe(null);
  });

  test('whose addresses cannot be reached does not keep it from being ready', async () => {
    const { group, connections } = grouped();
    const list = addressesOf(2);
    connections.down.add('h1:12200');
    group.addressList = list;
    await group.ready();
    expect(addressesOf(2).map((address) => group.checkHealthy(address))).toEqual([1, -1]);
  });

  test('is not waited for where waitConnect is false', async () => {
    const { group, connections } = grouped({ waitConnect: false });
    connections.createAndGet = () => new Promise(() => undefined);
    group.addressList = addressesOf(2);
    expect(group.isReady).toBe(true);
  });

  test('a manager that fails: the first time the group does not become ready, later it emits', async () => {
    const failure = new Error('broken manager');
    const broken = grouped();
    broken.connections.failure = failure;
    broken.group.addressList = addressesOf(2);
    await expect(broken.group.ready()).rejects.toBe(failure);
    expect(broken.errors).toEqual([]);

    const later = grouped();
    later.group.addressList = addressesOf(2);
    await later.group.ready();
    later.connections.failure = failure;
    later.group.addressList = addressesOf(3);
    await settled();
    expect(later.errors).toEqual([failure]);
    expect(later.group.isReady).toBe(true);
  });
});

describe('a request', () => {
  test('gets the connection of the address that the load balancer chooses', async () => {
    const seen: unknown[] = [];
    class First extends LoadBalancer {
      protected override _doSelect(request: { args: unknown[] }, addresses: readonly Address[]): Address {
        seen.push(request);
        return addresses[0];
      }
    }
    const { group, request } = grouped({ loadbalancerClass: First });
    group.addressList = addressesOf(3);
    await group.ready();
    const req = request();
    const connection = await group.getConnection(req);
    expect(connection).toEqual({ host: group.addressList?.[0].host });
    expect(req.meta.connectionGroup).toBe('com.acme.S:1.0@SOFA');
    expect(seen).toEqual([req]);
    expect(seen[0]).toBe(req);
  });

  test('goes round the addresses that are usable', async () => {
    const { group, connections, request } = grouped();
    group.addressList = addressesOf(3);
    await group.ready();
    connections.down.add('h1:12200');
    const chosen = Array.from({ length: 30 }, () => group.select(request())?.host);
    expect(new Set(chosen)).toEqual(new Set(['h0:12200', 'h2:12200']));
    // What the consumer knows counts instead, where it says so.
    group.health = ({ host }) => host === 'h1:12200';
    expect(group.select(request())?.host).toBe('h1:12200');
    expect(addressesOf(3).map((address) => group.getWeight(address))).toEqual([0, 100, 0]);
  });
});

describe('addresses that cannot be reached', () => {
  test('are tried again after each interval, until they are there', async () => {
    const { group, connections, clock } = grouped();
    connections.down.add('h1:12200');
    group.addressList = addressesOf(2);
    await group.ready();
    connections.asked.length = 0;
    await clock.advance(29_999);
    expect(connections.asked).toEqual([]);
    await clock.advance(1);
    expect(connections.asked).toEqual(['h1:12200']);
    connections.down.clear();
    await clock.advance(30_000);
    expect(group.checkHealthy(addressesOf(2)[1])).toBe(1);
    await clock.advance(300_000);
    expect(connections.asked).toEqual(['h1:12200', 'h1:12200']);
  });

  test('there being none, nothing is said of them', async () => {
    const lines: unknown[] = [];
    const { group, clock } = grouped({ logger: { ...silent, debug: (line: unknown) => lines.push(line) } });
    group.addressList = addressesOf(2);
    await group.ready();
    await clock.advance(60_000);
    expect(lines).toEqual([]);
  });

  test('are still known in the next list', async () => {
    const { group, connections } = grouped();
    connections.down.add('h1:12200');
    group.addressList = addressesOf(2);
    await group.ready();
    connections.createAndGet = () => new Promise(() => undefined);
    group.addressList = addressesOf(3);
    expect(addressesOf(3).map((address) => group.checkHealthy(address))).toEqual([1, -1, 0]);
  });

  test('the interval can be set', async () => {
    const { group, connections, clock } = grouped({ retryFaultInterval: 100 });
    connections.down.add('h1:12200');
    group.addressList = addressesOf(2);
    await group.ready();
    connections.asked.length = 0;
    await clock.advance(300);
    expect(connections.asked).toEqual(Array(3).fill('h1:12200'));
  });

  test('are forgotten when they are no longer in use', async () => {
    const { group, connections, clock } = grouped();
    connections.down.add('h1:12200');
    group.addressList = addressesOf(2);
    await group.ready();
    group.addressList = addressesOf(1);
    await settled();
    connections.asked.length = 0;
    await clock.advance(60_000);
    expect(connections.asked).toEqual([]);
    expect(group.checkHealthy(addressesOf(2)[1])).toBe(0);
  });

  test('are replaced by others, until all have been tried, and then again', async () => {
    const { connectionPoolConfig, faultTolerance } = structuredClone(DynamicConfig.instance);
    connectionPoolConfig.minAddressCount = 6;
    faultTolerance.regulationEffective = false;
    const options = { retryFaultInterval: 1_000, connectionPoolConfig, faultTolerance };
    const { group, connections, clock } = grouped(options);
    for (const { host } of addressesOf(60)) connections.down.add(host);
    connections.down.delete('h17:12200');
    group.addressList = addressesOf(60);
    await group.ready();
    expect(group.choosedSize).toBe(6);
    await clock.advance(10_000);
    expect(hostsOf(group.addressList)).toContain('h17:12200');
    expect(new Set(connections.asked).size).toBeGreaterThan(50);
    // Each time the six that are in use, and the six that replace them: not all that ever failed.
    expect(connections.asked.length).toBeLessThanOrEqual(6 + 10 * 12);

    connections.down.delete('h42:12200');
    await clock.advance(12_000);
    expect(hostsOf(group.addressList)).toEqual(expect.arrayContaining(['h17:12200', 'h42:12200']));
    expect(group.choosedSize).toBe(6);
  });

  test('are found where the load balancer does not ask for weights', async () => {
    const { group, connections, clock } = grouped({ loadbalancerClass: 'consistentHash' });
    group.addressList = addressesOf(4);
    await group.ready();
    connections.down.add('h1:12200');
    connections.asked.length = 0;
    await clock.advance(30_000);
    expect(connections.asked).toEqual(['h1:12200']);
  });

  test('more of them than maxIsolatedPercentage: others are chosen at once', async () => {
    const faultTolerance = { ...DynamicConfig.instance.faultTolerance, maxIsolatedPercentage: 0.5 };
    const { group, connections, clock } = grouped({ faultTolerance, retryFaultInterval: 1_000_000 });
    group.addressList = addressesOf(60);
    await group.ready();
    const before = hostsOf(group.addressList);
    const fail = (count: number) => {
      for (const { host } of (group.addressList ?? []).slice(0, count)) connections.down.add(host);
    };
    // A window without many requests needs 5.
    await clock.advance(10_000);
    expect(hostsOf(group.addressList)).toHaveLength(5);
    const five = hostsOf(group.addressList);
    expect(before).toEqual(expect.arrayContaining(five));
    fail(3);
    await clock.advance(10_000);
    expect(hostsOf(group.addressList)).toEqual(five);
    fail(4);
    await clock.advance(10_000);
    for (const { host } of group.addressList ?? []) expect(connections.down).not.toContain(host);
    expect(group.faultToleranceConfig).toBe(faultTolerance);
  });

  test('are not looked for where regulationEffective is false', async () => {
    const faultTolerance = { ...DynamicConfig.instance.faultTolerance, regulationEffective: false };
    const { group, connections, clock } = grouped({ faultTolerance, loadbalancerClass: 'consistentHash' });
    group.addressList = addressesOf(4);
    await group.ready();
    connections.down.add('h1:12200');
    connections.asked.length = 0;
    await clock.advance(60_000);
    expect(connections.asked).toEqual([]);
  });
});

describe('the pool', () => {
  test('grows and shrinks with the requests of the last minute, every 10 s', async () => {
    const { group, clock, request } = grouped();
    const all = addressesOf(100);
    group.addressList = all;
    await group.ready();
    expect(group.connectionPoolSize).toBe(6);
    const six = hostsOf(group.addressList);
    for (let i = 0; i < 3_000; i++) group.select(request());
    await clock.advance(10_000);
    expect([group.connectionPoolSize, group.choosedSize]).toEqual([10, 10]);
    // Those that are connected stay.
    expect(hostsOf(group.addressList)).toEqual(expect.arrayContaining(six));
    await clock.advance(50_000);
    expect(group.choosedSize).toBe(10);
    await clock.advance(10_000);
    expect(group.choosedSize).toBe(5);
    expect(group.totalSize).toBe(100);
  });

  test('of 50 addresses or fewer is all of them', async () => {
    const { group, clock, request } = grouped();
    group.addressList = addressesOf(50);
    await group.ready();
    for (let i = 0; i < 300; i++) group.select(request());
    await clock.advance(60_000);
    expect(group.choosedSize).toBe(50);
  });

  test('has a configuration of its own, or that of the process', async () => {
    const connectionPoolConfig = {
      ...DynamicConfig.instance.connectionPoolConfig,
      enableThreshold: 10,
      initConnectionSize: 3,
    };
    const { group } = grouped({ connectionPoolConfig });
    group.addressList = addressesOf(11);
    await group.ready();
    expect(group.choosedSize).toBe(3);
    expect(group.connectionPoolConfig).toBe(connectionPoolConfig);
    const { group: other } = grouped();
    expect(other.connectionPoolConfig).toBe(DynamicConfig.instance.connectionPoolConfig);
    expect(other.faultToleranceConfig).toBe(DynamicConfig.instance.faultTolerance);
  });

  test('a load balancer that fails is told as an error, and the group goes on', async () => {
    const failure = new Error('no pool');
    class Failing extends LoadBalancer {
      override adjustConnectionPoolSize(): void {
        throw failure;
      }
    }
    const { group, clock, errors } = grouped({ loadbalancerClass: Failing });
    group.addressList = addressesOf(1);
    await group.ready();
    await clock.advance(20_000);
    expect(errors).toEqual([failure, failure]);
  });
});

describe('close', () => {
  test('ends its timers, forgets its addresses and closes the load balancer', async () => {
    let closed = 0;
    class Own extends LoadBalancer {
      override async close(): Promise<void> {
        closed++;
      }
    }
    const { group, clock, request } = grouped({ loadbalancerClass: Own });
    group.addressList = addressesOf(1);
    await group.ready();
    expect(clock.pendingTimers).toBe(2);
    void group.close();
    expect([group.addressList, group.allAddressList, group.select(request()), closed]).toEqual([
      [],
      [],
      null,
      1,
    ]);
    await group.close();
    expect([clock.pendingTimers, closed]).toEqual([0, 1]);
  });

  test('a list that comes too late is not connected to, and nobody is left waiting', async () => {
    const { group, connections, clock } = grouped();
    await group.close();
    group.addressList = addressesOf(2);
    await group.ready();
    expect([connections.asked, group.addressList, clock.pendingTimers]).toEqual([[], [], 0]);
  });
});
