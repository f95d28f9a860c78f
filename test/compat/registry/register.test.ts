import { expect, test } from 'vitest';
import { ZookeeperRegistry } from '../../../src/compat/registry/zookeeper.js';
import { settled } from '../../../src/testing/fake-clock.js';
import { FakeZookeeper } from '../../discovery/zookeeper/fake-zookeeper.js';
import { fakeRegistry, HELLO, PROVIDERS, urlOf } from './fake-registry.js';

const provider = { ...HELLO, url: urlOf('10.0.0.1') };
const NO_OWNER = '0'.repeat(16);

/** The session of the only connection. */
function sessionOf(zookeeper: FakeZookeeper): string | undefined {
  const [connection] = zookeeper.connections;
  return connection?.key.id.toString('hex');
}

test.each([
  ['zk1:2181,zk2:2181/mesh', '/mesh/com.acme.Hello/providers'],
  ['zk1/mesh/', '/mesh/com.acme.Hello/providers'],
  ['zk1/a/b', '/a/b/com.acme.Hello/providers'],
  ['zk1', '/sofa-rpc/com.acme.Hello/providers'],
  ['zk1/', '/com.acme.Hello/providers'],
])('at %s a provider is an empty ephemeral node in %s, whose parents stay', async (address, directory) => {
  const { registry, zookeeper } = fakeRegistry({ address });
  await registry.register(provider);
  const name = encodeURIComponent(provider.url);
  expect(zookeeper.childrenOf(directory)).toEqual([name]);
  expect(zookeeper.dataOf(`${directory}/${name}`)).toEqual(Buffer.alloc(0));
  expect(zookeeper.owners(directory)).toEqual([sessionOf(zookeeper)]);
  for (let at = directory; at !== ''; at = at.slice(0, at.lastIndexOf('/')))
    expect(zookeeper.stat(at)?.owner).toBe(NO_OWNER);
});

test('without ephemeralNode the node stays when the registry is closed, and goes when it is unregistered', async () => {
  const { registry, zookeeper, clock } = fakeRegistry({ ephemeralNode: false });
  await registry.register(provider);
  expect(zookeeper.owners(PROVIDERS)).toEqual([NO_OWNER]);
  const before = zookeeper.stat(`${PROVIDERS}/${encodeURIComponent(provider.url)}`);
  await clock.advance(60_000);
  expect(zookeeper.stat(`${PROVIDERS}/${encodeURIComponent(provider.url)}`)).toEqual(before);
  await registry.close();
  expect(zookeeper.list(PROVIDERS)).toEqual([provider.url]);

  const next = fakeRegistry({ ephemeralNode: false, zookeeper, clock });
  await next.registry.register(provider);
  await next.registry.unRegister(provider);
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
});

test.each([
  [true, NO_OWNER],
  [false, 'f'.repeat(16)],
])('ephemeralNode %j: a node of another session, %s, is replaced', async (ephemeralNode, owner) => {
  const { registry, zookeeper } = fakeRegistry({ ephemeralNode });
  zookeeper.put(`${PROVIDERS}/${encodeURIComponent(provider.url)}`, owner);
  await registry.register(provider);
  expect(zookeeper.owners(PROVIDERS)).toEqual([ephemeralNode ? sessionOf(zookeeper) : NO_OWNER]);
});

test('a provider that another process has registered is shared: it is there until the last of them is gone', async () => {
  const one = fakeRegistry();
  const { zookeeper, clock } = one;
  const two = fakeRegistry({ zookeeper, clock });
  await Promise.all([one.registry.register(provider), two.registry.register(provider)]);
  const [owner] = zookeeper.owners(PROVIDERS);
  await clock.advance(60_000);
  expect(zookeeper.owners(PROVIDERS)).toEqual([owner]);
  zookeeper.endSession(owner);
  await settled();
  expect(zookeeper.list(PROVIDERS)).toEqual([provider.url]);
  expect(zookeeper.owners(PROVIDERS)).not.toEqual([owner]);
  await Promise.all([one.registry.unRegister(provider), two.registry.unRegister(provider)]);
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
});

test('registered twice it is there once, and not taken away in between', async () => {
  const { registry, zookeeper } = fakeRegistry();
  await registry.register(provider);
  const stat = zookeeper.stat(PROVIDERS);
  await Promise.all([registry.register(provider), registry.register({ ...provider })]);
  expect(zookeeper.stat(PROVIDERS)).toEqual(stat);
  await registry.unRegister(provider);
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
});

test.each(['cut', 'expire', 'wipe'] as const)('after a %s everything is there within 10 s', async (how) => {
  const { registry, zookeeper, clock, subscribed } = fakeRegistry();
  await registry.register(provider);
  await registry.register({ ...provider, url: urlOf('10.0.0.2') });
  await subscribed();
  await clock.advance(60_000);
  const consumers = zookeeper.list('/mesh/com.acme.Hello/consumers');
  expect(consumers).toHaveLength(1);
  zookeeper[how]();
  await clock.advance(10_000);
  expect(zookeeper.list(PROVIDERS).sort()).toEqual([provider.url, urlOf('10.0.0.2')]);
  expect(new Set(zookeeper.owners(PROVIDERS))).toEqual(new Set([sessionOf(zookeeper)]));
  expect(zookeeper.list('/mesh/com.acme.Hello/consumers')).toEqual(consumers);
});

test('what was unregistered is not registered again', async () => {
  const { registry, zookeeper, clock } = fakeRegistry();
  await registry.register(provider);
  await registry.unRegister(provider);
  zookeeper.expire();
  await clock.advance(60_000);
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
});

test('unregistering what is not there, or what another process registered, is no error', async () => {
  const { registry, zookeeper, put } = fakeRegistry();
  await registry.unRegister({ interfaceName: 'com.acme.Nothing', url: 'bolt://h:1' });
  put(provider.url);
  await registry.unRegister(provider);
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
  await registry.register(provider);
  zookeeper.take('/mesh');
  await registry.unRegister(provider);
});

test('registered anew while it is being unregistered, it is there', async () => {
  const { registry, zookeeper, clock } = fakeRegistry();
  await registry.register(provider);
  const gone = registry.unRegister(provider);
  await registry.register(provider);
  await gone;
  await clock.advance(1_000);
  expect(zookeeper.list(PROVIDERS)).toEqual([provider.url]);
  void registry.unRegister(provider);
  void registry.register(provider);
  await registry.unRegister(provider);
  await clock.advance(60_000);
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
});

test('register() waits for a registry that is down, and is quiet where it was taken back meanwhile', async () => {
  const { registry, zookeeper, clock } = fakeRegistry({ isDown: true });
  const ended: string[] = [];
  const ending = (name: string) => () => void ended.push(name);
  registry.register(provider).then(ending('first'));
  registry.register({ ...provider, url: urlOf('10.0.0.2') }).then(ending('second'));
  await clock.advance(60_000);
  expect(ended).toEqual([]);
  const withdrawn = registry.unRegister({ ...provider, url: urlOf('10.0.0.2') });
  await clock.advance(3_000);
  await withdrawn;
  expect(ended).toEqual(['second']);
  zookeeper.refusing.clear();
  await clock.advance(10_000);
  expect(ended).toEqual(['second', 'first']);
  expect(zookeeper.list(PROVIDERS)).toEqual([provider.url]);
});

test('register() is quiet where the registry is closed meanwhile', async () => {
  const { registry, clock } = fakeRegistry({ isDown: true });
  const registered = registry.register(provider);
  await clock.advance(1_000);
  await registry.close();
  await registered;
  expect(clock.pendingTimers).toBe(0);
});

test('what the registry refuses, register() and unRegister() reject with; it may be tried again', async () => {
  const { registry, zookeeper } = fakeRegistry();
  await registry.ready();
  zookeeper.refusal = new Error('Exception: NO_AUTH[-102]');
  const refused = { code: 'CONNECT_FAILED', message: expect.stringContaining('NO_AUTH') };
  await expect(registry.register(provider)).rejects.toMatchObject(refused);
  await expect(registry.unRegister(provider)).rejects.toMatchObject(refused);
  zookeeper.refusal = undefined;
  await registry.register(provider);
  expect(zookeeper.list(PROVIDERS)).toEqual([provider.url]);
});

test('what is refused later is an error event, for as long as it is', async () => {
  const { registry, zookeeper, clock, events, warnings } = fakeRegistry();
  await registry.register(provider);
  zookeeper.refusal = new Error('Exception: NO_AUTH[-102]');
  await clock.advance(7_000);
  expect(events).toEqual(['connected', expect.stringMatching(/^error: .*\/mesh refused: .*NO_AUTH/)]);
  expect(warnings).toEqual([]);
});

test.each([
  ['register', undefined, 'register(config) config.interfaceName is required'],
  ['register', {}, 'register(config) config.interfaceName is required'],
  ['register', { interfaceName: 'a' }, 'register(config) config.url is required'],
  ['unRegister', {}, 'unRegister(config) config.interfaceName is required'],
  ['unRegister', { interfaceName: 'a' }, 'unRegister(config) config.url is required'],
] as const)('%s(%j) rejects', async (method, config, message) => {
  const { registry } = fakeRegistry();
  const error = { name: 'AssertionError', message: `[ZookeeperRegistry] ${message}` };
  await expect(registry[method](config as never)).rejects.toMatchObject(error);
});

test('closing ends the session with its nodes, once, and leaves no timer', async () => {
  const { registry, zookeeper, clock, events, subscribed } = fakeRegistry();
  await registry.register(provider);
  await subscribed();
  await Promise.all([registry.close(), registry.close()]);
  await registry.close();
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
  expect(zookeeper.list('/mesh/com.acme.Hello/consumers')).toEqual([]);
  expect(zookeeper.sessionCount).toBe(0);
  expect(clock.pendingTimers).toBe(0);
  expect(events).toEqual(['connected', 'disconnected', 'close']);
  await expect(registry.register(provider)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  await expect(registry.unRegister(provider)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
});

test('two registries of one process are two: each has its own address and session', async () => {
  const zookeeper = new FakeZookeeper();
  const one = fakeRegistry({ zookeeper, address: 'zk1/one' });
  const two = fakeRegistry({ zookeeper, address: 'zk2/two', clock: one.clock });
  await one.registry.register(provider);
  await two.registry.register(provider);
  expect(zookeeper.attempts.map(({ server }) => server)).toEqual(['zk1:2181', 'zk2:2181']);
  await one.registry.close();
  expect(zookeeper.list('/one/com.acme.Hello/providers')).toEqual([]);
  expect(zookeeper.list('/two/com.acme.Hello/providers')).toEqual([provider.url]);
});

test('DataClient, options and logger are what old code expects', async () => {
  const options = { logger: { info() {}, warn() {} }, address: 'zk1', cluster: {} };
  const { connect } = new FakeZookeeper();
  const registry = new ZookeeperRegistry(options, { connect });
  expect(registry.options).toBe(options);
  expect(registry.logger).toBe(options.logger);
  expect(registry.DataClient).toBe(ZookeeperRegistry);
  expect(ZookeeperRegistry.prototype.DataClient).toBe(ZookeeperRegistry);
  expect(registry.isClusterClientLeader).toBe(true);
  await registry.ready();
  await registry.close();
  await settled();
});
