import { channel } from 'node:diagnostics_channel';
import { afterEach, expect, test, vi } from 'vitest';
import { ZookeeperRegistry } from '../../../src/compat/registry/zookeeper.js';
import { MeshError } from '../../../src/core/errors.js';
import type { ZkConnectOptions } from '../../../src/discovery/zookeeper/connection.js';
import { FakeClock, settled } from '../../../src/testing/fake-clock.js';
import { FakeZookeeper } from '../../discovery/zookeeper/fake-zookeeper.js';
import { fakeRegistry, HELLO, PROVIDERS, urlOf } from './fake-registry.js';

afterEach(() => vi.restoreAllMocks());

const logger = { info() {}, warn() {} };

test('it connects at once, and tells so before it is ready', async () => {
  const { registry, zookeeper, events } = fakeRegistry();
  expect(registry.isReady).toBe(false);
  await registry.await('connected');
  registry.ready(() => events.push('ready'));
  await settled();
  expect(events).toEqual(['connected', 'ready']);
  expect(zookeeper.sessionCount).toBe(1);
});

test('each loss and each new connection is told of', async () => {
  const { registry, zookeeper, clock, events } = fakeRegistry();
  await registry.ready();
  zookeeper.cut();
  await clock.advance(9_000);
  zookeeper.expire();
  await clock.advance(9_000);
  expect(events).toEqual(['connected', 'disconnected', 'connected', 'disconnected', 'connected']);
});

test('ready() rejects, and an error event tells why, when there is no connection within 10 s', async () => {
  const { registry, clock, events } = fakeRegistry({ isDown: true, address: 'zk1:2182/mesh' });
  const failures: Error[] = [];
  registry.ready().catch((error) => failures.push(error));
  await clock.advance(8_000);
  expect({ failures, events }).toEqual({ failures: [], events: [] });
  await clock.advance(2_000);
  expect(failures).toEqual([expect.objectContaining({ code: 'CONNECT_FAILED' })]);
  expect(failures[0]?.message).toContain('zookeeper://zk1:2182/mesh');
  expect(failures[0]?.message).toContain('ECONNREFUSED zk1:2182');
  expect(events).toEqual([`error: ${failures[0]?.message}`]);
  await expect(registry.ready()).rejects.toThrow('ECONNREFUSED');
});

test('it is told of once where nobody waits, and ever more rarely', async () => {
  const { clock, events } = fakeRegistry({ isDown: true });
  await clock.advance(10_000);
  expect(events).toHaveLength(1);
  await clock.advance(590_000);
  expect(events.length).toBeGreaterThan(5);
  expect(events.length).toBeLessThan(10);
});

test('it goes on trying: ready() resolves as soon as there is a connection', async () => {
  const { registry, zookeeper, clock, events } = fakeRegistry({ isDown: true });
  registry.ready().catch(() => undefined);
  await clock.advance(60_000);
  zookeeper.refusing.clear();
  await clock.advance(10_000);
  await registry.ready();
  const called = vi.fn();
  registry.ready(called);
  await settled();
  expect(called.mock.calls).toEqual([[null]]);
  expect(events.at(-1)).toBe('connected');
  expect(registry.isReady).toBe(true);
});

test('a later outage is an error event after 10 s, and it stays ready', async () => {
  const { registry, zookeeper, clock, events } = fakeRegistry();
  await registry.ready();
  zookeeper.refusing.add('all');
  zookeeper.cut();
  await clock.advance(9_999);
  expect(events).toEqual(['connected', 'disconnected']);
  await clock.advance(1);
  expect(events[2]).toMatch(/^error: .*zk1\/mesh does not answer, the connection was lost 10000 ms ago/);
  await registry.ready();
});

test('closing ends the wait for a connection', async () => {
  const { registry, clock, events } = fakeRegistry({ isDown: true });
  const ready = registry.ready().catch((error) => error);
  await clock.advance(1_000);
  await registry.close();
  expect(await ready).toMatchObject({ code: 'SHUTTING_DOWN' });
  expect(events).toEqual(['close']);
  expect(clock.pendingTimers).toBe(0);
});

test('closing is quiet where nobody waits', async () => {
  const { registry, clock, events } = fakeRegistry({ isDown: true });
  await clock.advance(1_000);
  await registry.close();
  await settled();
  expect(events).toEqual(['close']);
});

test('without the package ready() rejects at once, and so does what needs it', async () => {
  const missing = new MeshError('INVALID_ARGUMENT', 'npm install node-zookeeper-client');
  const connect = async () => {
    throw missing;
  };
  const clock = new FakeClock();
  const registry = new ZookeeperRegistry({ logger, address: 'zk1' }, { connect, clock });
  const errors: Error[] = [];
  registry.on('error', (error) => errors.push(error));
  await expect(registry.ready()).rejects.toBe(missing);
  await expect(registry.register({ interfaceName: 'a', url: 'bolt://h:1' })).rejects.toBe(missing);
  await clock.advance(60_000);
  expect(errors).toEqual([missing]);
});

test.each([
  [undefined, { name: 'AssertionError', message: '[ZookeeperRegistry] options.logger is required' }],
  [{ address: 'zk1' }, { name: 'AssertionError', message: '[ZookeeperRegistry] options.logger is required' }],
  [{ logger }, { name: 'AssertionError', message: '[ZookeeperRegistry] options.address is required' }],
  [
    { logger, address: 'zk1:99999' },
    { code: 'INVALID_ARGUMENT', message: /"zk1:99999" is not host:port/ },
  ],
  [
    { logger, address: 'zk1', zookeeper: {} },
    { code: 'INVALID_ARGUMENT', message: /options\.zookeeper is another client library/ },
  ],
  [
    { logger, address: 'zk1', authInfo: { scheme: 'sasl', auth: 'x' } },
    { code: 'INVALID_ARGUMENT', message: /options\.authInfo\.scheme is "sasl"/ },
  ],
])('the options %j are refused', (options, { message, ...error }) => {
  const told = typeof message === 'string' ? message : expect.stringMatching(message);
  expect(() => new ZookeeperRegistry(options as never)).toThrow(
    expect.objectContaining({ ...error, message: told }),
  );
});

test.each([
  [{ scheme: 'digest', auth: 'mesh:secret' }, 'mesh:secret'],
  [{ scheme: 'digest', auth: Buffer.from('mesh:secret') }, 'mesh:secret'],
  [{ scheme: 'digest' }, undefined],
  [undefined, undefined],
])('authInfo %j is the session`s user, and its nodes are for everybody', async (authInfo, digest) => {
  const zookeeper = new FakeZookeeper();
  const asked: ZkConnectOptions[] = [];
  const connect = (options: ZkConnectOptions) => {
    asked.push(options);
    return zookeeper.connect(options);
  };
  const registry = new ZookeeperRegistry({ logger, address: 'zk1', authInfo }, { connect });
  await registry.ready();
  expect(asked).toEqual([expect.objectContaining({ digest, nodesForAll: true })]);
  await registry.close();
});

test.each(['connected', 'disconnected', 'error'])(
  'what a listener of %s throws harms nothing',
  async (event) => {
    const thrown: (() => void)[] = [];
    const { nextTick } = process;
    vi.spyOn(process, 'nextTick').mockImplementation((run, ...args) => {
      if (/throw error/.test(String(run))) thrown.push(run as () => void);
      else nextTick(run, ...args);
    });
    const { registry, zookeeper, clock, subscribed, put } = fakeRegistry({ isDown: event === 'error' });
    registry.on(event, () => {
      throw new Error('mine');
    });
    const url = urlOf('10.0.0.1');
    void registry.register({ ...HELLO, url });
    const { lists } = await subscribed();
    await clock.advance(60_000);
    zookeeper.refusing.clear();
    await clock.advance(10_000);
    zookeeper.refusal = new Error('Exception: NO_AUTH[-102]');
    await clock.advance(60_000);
    zookeeper.refusal = undefined;
    zookeeper.expire();
    await clock.advance(20_000);
    expect(thrown.length).toBeGreaterThan(0);
    for (const one of thrown) expect(one).toThrow('mine');
    expect(zookeeper.list(PROVIDERS)).toEqual([url]);
    put(urlOf('10.0.0.2'));
    await settled();
    expect(lists.at(-1)).toEqual(['10.0.0.1', '10.0.0.2']);
    await registry.ready();
  },
);

test('a watch that fails is an event for telemetry, and so is its end', async () => {
  const told: string[] = [];
  const names = ['registry.failed', 'registry.recovered'];
  const hear = (message: unknown, name: string | symbol) => {
    const { registry, service, operation } = message as Record<string, string>;
    if (operation === 'watch') told.push(`${String(name)} ${registry} ${service}`);
  };
  for (const name of names) channel(`sofa-mesh-sdk:${name}`).subscribe(hear);
  const { zookeeper, clock, subscribed } = fakeRegistry();
  await subscribed();
  zookeeper.refusing.add('all');
  zookeeper.cut();
  await clock.advance(16_000);
  zookeeper.refusing.clear();
  await clock.advance(10_000);
  for (const name of names) channel(`sofa-mesh-sdk:${name}`).unsubscribe(hear);
  const about = 'zookeeper://zk1/mesh com.acme.Hello';
  expect([...new Set(told)]).toEqual(names.map((name) => `sofa-mesh-sdk:${name} ${about}`));
});
