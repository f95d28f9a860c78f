import { expect, test } from 'vitest';
import { settled } from '../../../src/testing/fake-clock.js';
import { FakeZookeeper } from '../../discovery/zookeeper/fake-zookeeper.js';
import { fakeRegistry, HELLO, PROVIDERS, urlOf } from './fake-registry.js';

const CONSUMERS = '/mesh/com.acme.Hello/consumers';
const A = '10.0.0.1';
const B = '10.0.0.2';
const C = '10.0.0.3';
const provider = (host: string, more = {}) => ({ ...HELLO, url: urlOf(host), ...more });
const ofVersion = (version: string) => `interface=com.acme.Hello&version=${version}&group=SOFA`;

test('a listener is told the decoded URLs, at first and after every change', async () => {
  const { registry, put, take, clock } = fakeRegistry();
  const url = `${urlOf(A)}&note=a%20b%2Bc`;
  const lists: string[][] = [];
  registry.subscribe(HELLO, (list) => lists.push(list));
  await settled();
  put(url);
  await settled();
  put(urlOf(B));
  await settled();
  take(url);
  await clock.advance(60_000);
  expect(lists).toEqual([[], [url], [url, urlOf(B)], [urlOf(B)]]);
});

test('subscribing makes the directories, and an entry of the consumer in one of them', async () => {
  const { registry, zookeeper, clock, listening } = fakeRegistry();
  registry.subscribe({ ...HELLO, appName: 'shop', timeout: 3000, uniqueId: 'u' }, listening().listener);
  registry.subscribe({ ...HELLO, version: '2.0', appName: 'other' }, listening().listener);
  await settled();
  expect(zookeeper.stat(PROVIDERS)).toBeDefined();
  expect(zookeeper.list(CONSUMERS)).toEqual([
    `bolt://10.9.9.9?uniqueId=u&version=1.0&pid=${process.pid}&timeout=3000&appName=shop&serialization=1700000000000&startTime=`,
  ]);
  expect(zookeeper.owners(CONSUMERS)).not.toContain('0'.repeat(16));
  const before = zookeeper.childrenOf(CONSUMERS);
  await clock.advance(60_000);
  registry.unSubscribe(HELLO);
  await clock.advance(60_000);
  expect(zookeeper.childrenOf(CONSUMERS)).toEqual(before);
});

test('without more than an interface the entry says what there is', async () => {
  const { registry, zookeeper, listening } = fakeRegistry();
  registry.subscribe({ interfaceName: 'com.acme.Hello', protocol: 'tr' }, listening().listener);
  await settled();
  expect(zookeeper.list(CONSUMERS)[0]).toMatch(/^tr:.*uniqueId=&version=1\.0&.*&timeout=undefined&appName=&/);
});

test('an entry that cannot be made is a warning, and no more', async () => {
  const zookeeper = new FakeZookeeper();
  const { add } = zookeeper;
  zookeeper.add = (path, ...rest) =>
    path.startsWith(CONSUMERS) ? 'no-parent' : add.call(zookeeper, path, ...rest);
  const { warnings, subscribed, put, events } = fakeRegistry({ zookeeper });
  const { lists } = await subscribed();
  put(urlOf(A));
  await settled();
  expect(lists).toEqual([[], [A]]);
  expect(warnings).toEqual([
    expect.stringMatching(/create consumerPath: \/mesh\/com\.acme\.Hello\/consumers failed, caused by /),
  ]);
  expect(events).toEqual(['connected']);
});

test('each subscriber is told what it wants, whatever the first one wanted', async () => {
  const { put, subscribed } = fakeRegistry();
  put(urlOf(A));
  put(urlOf(B, ofVersion('2.0')));
  const one = await subscribed();
  const two = await subscribed({ ...HELLO, version: '2.0' });
  const any = await subscribed({ interfaceName: 'com.acme.Hello' });
  const none = await subscribed({ ...HELLO, group: 'OTHER' });
  put(urlOf(C, ofVersion('2.0')));
  await settled();
  expect(one.lists).toEqual([[A], [A]]);
  expect(two.lists).toEqual([[B], [B, C]]);
  expect(any.lists).toEqual([
    [A, B],
    [A, B, C],
  ]);
  expect(none.lists).toEqual([[], []]);
});

test('a later subscriber is told what is known, in a later turn', async () => {
  const { registry, put, subscribed, listening, zookeeper } = fakeRegistry();
  put(urlOf(A));
  await subscribed();
  const { lists, listener } = listening();
  zookeeper.operations.length = 0;
  registry.subscribe(HELLO, listener);
  registry.subscribe(HELLO, listener);
  await Promise.resolve();
  expect(lists).toEqual([]);
  await settled();
  expect(lists).toEqual([[A], [A]]);
  expect(zookeeper.operations).toEqual([]);
});

test('each listener may do with its array what it wants', async () => {
  const { registry, put, subscribed } = fakeRegistry();
  put(urlOf(A));
  registry.subscribe(HELLO, (list) => list.pop());
  expect((await subscribed()).lists).toEqual([[A]]);
  expect((await subscribed()).lists).toEqual([[A]]);
});

test('one that leaves before that turn is told nothing', async () => {
  const { registry, put, subscribed, listening } = fakeRegistry();
  put(urlOf(A));
  await subscribed();
  const { lists, listener } = listening();
  registry.subscribe(HELLO, listener);
  registry.unSubscribe(HELLO, listener);
  await settled();
  expect(lists).toEqual([]);
});

test('unsubscribing takes the one listener, with an equal config, or all listeners of that config', async () => {
  const { registry, put, subscribed } = fakeRegistry();
  const first = await subscribed();
  const second = await subscribed({ ...HELLO });
  const other = await subscribed({ ...HELLO, version: '2.0' });
  registry.unSubscribe({ ...HELLO, version: '3.0' }, first.listener);
  registry.unSubscribe({ interfaceName: 'com.acme.Unknown' });
  put(urlOf(A));
  await settled();
  registry.unSubscribe({ ...HELLO }, first.listener);
  put(urlOf(B));
  await settled();
  registry.unSubscribe(HELLO);
  put(urlOf(C, ofVersion('2.0')));
  await settled();
  expect(first.lists).toEqual([[], [A]]);
  expect(second.lists).toEqual([[], [A], [A, B]]);
  expect(other.lists).toEqual([[], [], [], [C]]);
});

test('a listener that unsubscribes others while it is told is heeded', async () => {
  const { registry, put, listening } = fakeRegistry();
  const { lists, listener } = listening();
  registry.subscribe(HELLO, () => registry.unSubscribe(HELLO, listener));
  registry.subscribe(HELLO, listener);
  put(urlOf(A));
  await settled();
  expect(lists).toEqual([]);
});

test('when nobody listens any more the registry is left alone; who comes then is told anew', async () => {
  const { registry, put, take, subscribed, zookeeper, clock } = fakeRegistry();
  put(urlOf(A));
  const first = await subscribed();
  registry.unSubscribe(HELLO, first.listener);
  await clock.advance(60_000);
  put(urlOf(B));
  zookeeper.operations.length = 0;
  await clock.advance(60_000);
  // That of the consumer's entry.
  expect(new Set(zookeeper.operations)).toEqual(new Set(['exists']));
  expect(zookeeper.operations.length).toBeLessThan(20);
  const second = await subscribed();
  expect(second.lists).toEqual([[A, B]]);
  registry.unSubscribe(HELLO, second.listener);
  take(urlOf(A));
  take(urlOf(B));
  const third = await subscribed();
  expect(third.lists).toEqual([[]]);
  expect(first.lists).toEqual([[A]]);
});

test('one who comes back at once hears of everything', async () => {
  const { registry, put, listening } = fakeRegistry();
  const { lists, listener } = listening();
  for (let i = 0; i < 3; i++) {
    registry.subscribe(HELLO, listener);
    registry.unSubscribe(HELLO, listener);
  }
  registry.subscribe(HELLO, listener);
  await settled();
  put(urlOf(A));
  await settled();
  expect(lists).toEqual([[], [A]]);
});

test('one who comes back while the registry is down is told what was known', async () => {
  const { registry, put, subscribed, zookeeper, clock } = fakeRegistry();
  put(urlOf(A));
  registry.unSubscribe(HELLO, (await subscribed()).listener);
  zookeeper.refusing.add('all');
  zookeeper.cut();
  const { lists } = await subscribed();
  expect(lists).toEqual([]);
  await clock.advance(10_000);
  expect(lists).toEqual([[A]]);
  zookeeper.refusing.clear();
  put(urlOf(B));
  await clock.advance(10_000);
  expect(lists).toEqual([[A], [A, B]]);
});

test('a change that no watch tells of is found within 10 s', async () => {
  const { subscribed, put, clock, zookeeper } = fakeRegistry();
  const { lists } = await subscribed();
  put(urlOf(A));
  put(urlOf(B));
  await settled();
  zookeeper.take(`${PROVIDERS}/${encodeURIComponent(urlOf(A))}`, 'silently');
  await clock.advance(10_000);
  expect(lists).toEqual([[], [A, B], [B]]);
});

test('nothing is told twice while nothing changes, and the list is not read again', async () => {
  const { subscribed, put, clock, zookeeper } = fakeRegistry();
  put(urlOf(A));
  const { lists } = await subscribed();
  zookeeper.operations.length = 0;
  await clock.advance(120_000);
  zookeeper.cut();
  await clock.advance(120_000);
  expect(lists).toEqual([[A]]);
  expect(zookeeper.operations.filter((name) => name === 'children')).toHaveLength(1);
});

test('the last list is kept while the registry is down, and changes are told when it is back', async () => {
  const { subscribed, put, clock, zookeeper } = fakeRegistry();
  put(urlOf(A));
  const { lists } = await subscribed();
  const late = { lists: [] as string[][] };
  zookeeper.refusing.add('all');
  zookeeper.cut();
  await clock.advance(120_000);
  late.lists = (await subscribed()).lists;
  expect([lists, late.lists]).toEqual([[[A]], [[A]]]);
  put(urlOf(B));
  zookeeper.refusing.clear();
  await clock.advance(10_000);
  expect(lists).toEqual([[A], [A, B]]);
});

test.each(['loudly', 'silently'] as const)(
  'data that are wiped %s take no provider from the list',
  async (how) => {
    const { subscribed, put, clock, zookeeper, warnings } = fakeRegistry();
    put(urlOf(A));
    put(urlOf(B));
    const { lists } = await subscribed();
    zookeeper.take('/mesh', how);
    await clock.advance(60_000);
    const late = await subscribed();
    // Somebody else makes the directory again, before the first provider is back.
    zookeeper.put(PROVIDERS);
    await clock.advance(60_000);
    expect(lists).toEqual([[A, B]]);
    expect(late.lists).toEqual([[A, B]]);
    expect(warnings).toEqual([
      `[ZookeeperRegistry] zookeeper://zk1/mesh has lost what was in ${PROVIDERS}: the last 2 providers are kept until it lists others`,
    ]);
    put(urlOf(B));
    await clock.advance(10_000);
    expect(lists).toEqual([[A, B], [B]]);
  },
);

test('a wipe that removes the providers one after another leaves the last of them', async () => {
  const { subscribed, put, take, clock, zookeeper } = fakeRegistry();
  put(urlOf(A));
  put(urlOf(B));
  const { lists } = await subscribed();
  take(urlOf(A));
  await settled();
  take(urlOf(B));
  await clock.advance(200);
  zookeeper.take('/mesh');
  await clock.advance(60_000);
  expect(lists).toEqual([[A, B], [B]]);
});

test('a restart without data takes no provider from the list', async () => {
  const { registry, subscribed, put, clock, zookeeper } = fakeRegistry();
  await registry.register(provider(A));
  put(urlOf(B));
  const { lists } = await subscribed();
  zookeeper.wipe();
  await clock.advance(10_000);
  // Ours is back, the other one is not.
  expect(lists).toEqual([[A, B], [A]]);
});

test('the last provider that leaves leaves an empty list, a moment later', async () => {
  const { registry, subscribed, clock } = fakeRegistry();
  await registry.register(provider(A));
  const { lists } = await subscribed();
  await registry.unRegister(provider(A));
  await clock.advance(299);
  expect(lists).toEqual([[A]]);
  await clock.advance(1);
  expect(lists).toEqual([[A], []]);
  await registry.register(provider(A));
  await registry.unRegister(provider(A));
  await registry.register(provider(B));
  await clock.advance(60_000);
  expect(lists.slice(2)).toEqual([[A], [B]]);
});

test('a node that cannot be read is skipped alone, and warned of once while it is there', async () => {
  const { subscribed, put, clock, zookeeper, warnings } = fakeRegistry();
  zookeeper.put(`${PROVIDERS}/%E4%`);
  put('no url');
  put(urlOf(A));
  const { lists } = await subscribed();
  put(urlOf(B));
  await settled();
  zookeeper.cut();
  await clock.advance(60_000);
  expect(lists).toEqual([[A], [A, B]]);
  expect(warnings).toEqual([
    expect.stringMatching(/^\[ZookeeperRegistry\] skipped a node of \/mesh\/.*\/providers, .*: %E4%$/),
    expect.stringMatching(/skipped a node .* Invalid URL: no%20url$/i),
  ]);
});

test('a listener that throws is an error event, and the others are told', async () => {
  const { registry, subscribed, put, events } = fakeRegistry();
  registry.subscribe(HELLO, () => {
    throw new Error('mine');
  });
  const { lists } = await subscribed();
  put(urlOf(A));
  await settled();
  expect(lists).toEqual([[], [A]]);
  expect(events).toEqual(['connected', 'error: mine', 'error: mine']);
});

test('each change is a line of the log for each kind of subscriber', async () => {
  const { subscribed, put, infos } = fakeRegistry();
  put(urlOf(A));
  await subscribed();
  await subscribed();
  put(urlOf(B, ofVersion('2.0')));
  await settled();
  const [a, b] = [`  - ${urlOf(A)}`, `  - ${urlOf(B, ofVersion('2.0'))}`];
  const what = '[ZookeeperRegistry] receive interface:com.acme.Hello:1.0@SOFA address list';
  expect(infos).toEqual([
    `${what} (1):\n${a}\nvalid providers (1):\n${a}`,
    `${what} (2):\n${a}\n${b}\nvalid providers (1):\n${a}`,
  ]);
});

test('what the registry refuses to tell is an error event, more and more rarely', async () => {
  const zookeeper = new FakeZookeeper();
  const { registry, subscribed, clock, events, put } = fakeRegistry({ zookeeper });
  await registry.ready();
  zookeeper.refusal = new Error('Exception: NO_AUTH[-102]');
  const { lists } = await subscribed();
  await clock.advance(120_000);
  const refusals = events.filter((event) => /NO_AUTH/.test(event));
  expect(refusals.length).toBeGreaterThan(2);
  expect(refusals.length).toBeLessThan(8);
  zookeeper.refusal = undefined;
  put(urlOf(A));
  await clock.advance(10_000);
  expect(lists).toEqual([[A]]);
});

test.each([
  [
    HELLO,
    undefined,
    '[ClusterClient:ZookeeperRegistry] subscribe(reg, listener) listener should be a function',
  ],
  [{}, () => {}, '[ZookeeperRegistry] subscribe(config, listener) config.interfaceName is required'],
  [undefined, () => {}, '[ZookeeperRegistry] subscribe(config, listener) config.interfaceName is required'],
])('subscribe(%j, %j) throws', (config, listener, message) => {
  const { registry } = fakeRegistry();
  const call = () => registry.subscribe(config as never, listener as never);
  expect(call).toThrow(expect.objectContaining({ name: 'AssertionError', message }));
});

test('unSubscribe() without an interface throws', () => {
  const { registry } = fakeRegistry();
  const message = '[ZookeeperRegistry] unSubscribe(config, listener) config.interfaceName is required';
  for (const config of [undefined, {}])
    expect(() => registry.unSubscribe(config as never)).toThrow(
      expect.objectContaining({ name: 'AssertionError', message }),
    );
});

test('a config that refers to itself is one like any other', async () => {
  const { registry, put, subscribed } = fakeRegistry();
  const config: Record<string, unknown> & typeof HELLO = { ...HELLO };
  config.self = config;
  const { lists, listener } = await subscribed(config);
  registry.unSubscribe(config, listener);
  put(urlOf(A));
  await settled();
  expect(lists).toEqual([[]]);
});

test('after closing nobody is told anything', async () => {
  const { registry, put, subscribed, clock } = fakeRegistry();
  const { lists } = await subscribed();
  await registry.close();
  put(urlOf(A));
  expect((await subscribed()).lists).toEqual([]);
  await clock.advance(60_000);
  expect(lists).toEqual([[]]);
  expect(clock.pendingTimers).toBe(0);
});
