import { expect, test } from 'vitest';
import { settled } from '../../../src/testing/fake-clock.js';
import { fakeRegistry, HELLO, javaNode, PROVIDERS } from './fake-registry.js';

test('the list comes first, then every change', async () => {
  const { zookeeper, watch } = fakeRegistry();
  zookeeper.put(javaNode('a:1', 'uniqueId=&weight=7'));
  const watching = await watch();
  expect(watching.lists).toEqual([['a:1']]);
  expect(watching.endpoints[0]?.attributes).toMatchObject({ weight: '7', version: '1.0' });
  zookeeper.put(javaNode('b:2'));
  await settled();
  zookeeper.take(javaNode('a:1', 'uniqueId=&weight=7'));
  await settled();
  expect(watching.lists).toEqual([['a:1'], ['a:1', 'b:2'], ['b:2']]);
});

test('an endpoint that stays is the same object, and a change of others is no news', async () => {
  const { zookeeper, watch } = fakeRegistry();
  zookeeper.put(javaNode('a:1'));
  const watching = await watch();
  const [before] = watching.endpoints;
  zookeeper.put(javaNode('b:1', 'uniqueId=blue'));
  await settled();
  expect(watching.lists.length).toBe(1);
  zookeeper.put(javaNode('c:1'));
  await settled();
  expect(watching.lists.length).toBe(2);
  expect(watching.endpoints[0]).toBe(before);
});

test('only the node of a changed endpoint is another one', async () => {
  const { zookeeper, watch } = fakeRegistry();
  zookeeper.put(javaNode('a:1', 'uniqueId=&weight=1'));
  const watching = await watch();
  zookeeper.put(javaNode('a:1', 'uniqueId=&weight=2&startTime=5'));
  await settled();
  expect(watching.endpoints.map(({ attributes }) => attributes.weight)).toEqual(['2']);
});

test('a service without a directory has no endpoints, until the directory is there', async () => {
  const { zookeeper, watch } = fakeRegistry();
  const watching = await watch();
  expect(watching.lists).toEqual([[]]);
  zookeeper.put(javaNode('a:1'));
  await settled();
  expect(watching.lists).toEqual([[], ['a:1']]);
  // The container goes when its last child has gone.
  zookeeper.take(PROVIDERS);
  await settled();
  zookeeper.put(javaNode('b:1'));
  await settled();
  expect(watching.lists).toEqual([[], ['a:1'], [], ['b:1']]);
});

test("under a root Java's directory and that of sofa-rpc-node are one list", async () => {
  const { zookeeper, watch } = fakeRegistry({ url: 'zookeeper://zk1/mesh' });
  const watching = await watch();
  zookeeper.put(`/mesh${javaNode('java:1')}`);
  await settled();
  const node = encodeURIComponent('bolt://node:1?uniqueId=&version=1.0&language=nodejs&group=SOFA');
  zookeeper.put(`/mesh/com.acme.Hello/providers/${node}`);
  await settled();
  expect(watching.lists).toEqual([[], ['java:1'], ['java:1', 'node:1']]);
  zookeeper.put(`/mesh/sofa-rpc/com.acme.Hello/providers/${node}`);
  await settled();
  zookeeper.take('/mesh/com.acme.Hello');
  await settled();
  // The same node in another place is no change.
  expect(watching.lists.length).toBe(3);
});

test('without a root there is one directory', async () => {
  const { zookeeper, watch } = fakeRegistry();
  zookeeper.put(`/com.acme.Hello/providers/${encodeURIComponent('bolt://node:1?uniqueId=')}`);
  expect((await watch()).lists).toEqual([[]]);
});

test('services of one interface differ by version and uniqueId', async () => {
  const { zookeeper, watch } = fakeRegistry();
  zookeeper.put(javaNode('plain:1'));
  zookeeper.put(javaNode('blue:1', 'uniqueId=blue'));
  zookeeper.put(javaNode('two:1', 'uniqueId=&version=2.0'));
  expect((await watch(HELLO)).lists).toEqual([['plain:1']]);
  expect((await watch('com.acme.Hello:1.0:blue')).lists).toEqual([['blue:1']]);
  expect((await watch('com.acme.Hello:2.0')).lists).toEqual([['two:1']]);
});

test('a node that cannot be read is skipped alone, with one warning for as long as it is there', async () => {
  const { zookeeper, warnings, watch, clock } = fakeRegistry();
  zookeeper.put(javaNode('a:1'));
  zookeeper.put(`${PROVIDERS}/${encodeURIComponent('bolt://b:1?uniqueId=&flag')}`);
  zookeeper.put(`${PROVIDERS}/bolt%3A%2F%2Fc%zz`);
  const watching = await watch();
  const blue = await watch('com.acme.Hello:1.0:blue');
  for (const host of ['d', 'e', 'f']) {
    zookeeper.put(javaNode(`${host}:1`));
    await clock.advance(10_000);
  }
  expect(watching.lists.at(-1)).toEqual(['a:1', 'd:1', 'e:1', 'f:1']);
  expect(blue.lists).toEqual([[]]);
  expect(warnings).toEqual([
    `registry zookeeper://zk1: skipped a node of ${PROVIDERS}, its parameter "flag" has no value: "bolt%3A%2F%2Fb%3A1%3FuniqueId%3D%26flag"`,
    `registry zookeeper://zk1: skipped a node of ${PROVIDERS}, its encoding is broken: "bolt%3A%2F%2Fc%zz"`,
  ]);
  zookeeper.take(`${PROVIDERS}/bolt%3A%2F%2Fc%zz`);
  await settled();
  zookeeper.put(`${PROVIDERS}/bolt%3A%2F%2Fc%zz`);
  await settled();
  expect(warnings.length).toBe(3);
});

test('another protocol is warned of once, however many servers speak it', async () => {
  const { zookeeper, warnings, watch } = fakeRegistry();
  for (const host of ['a', 'b', 'c']) {
    zookeeper.put(javaNode(`${host}:1`));
    zookeeper.put(`${PROVIDERS}/${encodeURIComponent(`tri://${host}:2?uniqueId=`)}`);
  }
  expect((await watch()).lists).toEqual([['a:1', 'b:1', 'c:1']]);
  expect(warnings).toEqual([
    `registry zookeeper://zk1: ${PROVIDERS} also lists tri:// addresses; only bolt:// is used`,
  ]);
});

test('a registry that is down at the start is told of, and a later watch finds it', async () => {
  const { zookeeper, watch, clock } = fakeRegistry();
  zookeeper.refusing.add('all');
  zookeeper.put(javaNode('a:1'));
  const first = await watch();
  await clock.advance(3_000);
  expect(first).toMatchObject({ lists: [], error: { code: 'CONNECT_FAILED' }, ended: true });
  expect(first.error?.message).toContain('registry zookeeper://zk1 does not answer');
  zookeeper.refusing.clear();
  const second = await watch();
  await clock.advance(3_000);
  expect(second.lists).toEqual([['a:1']]);
});

test('an outage of less than 10 s goes unnoticed but for what changed in it', async () => {
  const { zookeeper, watch, clock } = fakeRegistry();
  zookeeper.put(javaNode('a:1'));
  zookeeper.put(javaNode('b:1'));
  const watching = await watch();
  await clock.advance(60_000);
  zookeeper.refusing.add('all');
  zookeeper.cut();
  zookeeper.take(javaNode('a:1'));
  await clock.advance(6_000);
  zookeeper.refusing.clear();
  await clock.advance(3_900);
  expect(watching).toMatchObject({ lists: [['a:1', 'b:1'], ['b:1']], error: undefined });
  zookeeper.put(javaNode('c:1'));
  await settled();
  expect(watching.lists.at(-1)).toEqual(['b:1', 'c:1']);
});

test('a longer one is told of after 10 s, and a later watch tells the list anew', async () => {
  const { zookeeper, watch, clock } = fakeRegistry();
  zookeeper.put(javaNode('a:1'));
  const watching = await watch();
  await clock.advance(60_000);
  zookeeper.refusing.add('all');
  zookeeper.cut();
  await clock.advance(9_900);
  expect(watching.error).toBeUndefined();
  await clock.advance(200);
  expect(watching).toMatchObject({ lists: [['a:1']], error: { code: 'CONNECT_FAILED' } });
  zookeeper.refusing.clear();
  const again = await watch();
  await clock.advance(3_000);
  expect(again.lists).toEqual([['a:1']]);
});

test('after an expiry the watch goes on', async () => {
  const { zookeeper, watch, clock } = fakeRegistry();
  zookeeper.put(javaNode('a:1'));
  const watching = await watch();
  zookeeper.expire();
  await clock.advance(2_000);
  zookeeper.put(javaNode('b:1'));
  await settled();
  expect(watching.lists).toEqual([['a:1'], ['a:1', 'b:1']]);
});

test('data that were wiped are noticed, and so is what comes after', async () => {
  const { zookeeper, watch, clock } = fakeRegistry();
  zookeeper.put(javaNode('a:1'));
  const watching = await watch();
  zookeeper.wipe();
  await clock.advance(2_000);
  zookeeper.put(javaNode('b:1'));
  await settled();
  expect(watching.lists).toEqual([['a:1'], [], ['b:1']]);
});

test('what no watch told of is found within 10 s, and watched again', async () => {
  const { zookeeper, watch, clock } = fakeRegistry();
  zookeeper.put(javaNode('a:1'));
  const watching = await watch();
  zookeeper.take('/sofa-rpc', 'silently');
  await clock.advance(10_000);
  expect(watching.lists).toEqual([['a:1'], []]);
  zookeeper.put(javaNode('b:1'));
  await settled();
  expect(watching.lists).toEqual([['a:1'], [], ['b:1']]);
  zookeeper.take(javaNode('b:1'), 'silently');
  zookeeper.put(javaNode('c:1'));
  await clock.advance(10_000);
  expect(watching.lists.at(-1)).toEqual(['c:1']);
});

test('while nothing changes the look from time to time asks for a stat alone', async () => {
  const { zookeeper, watch, clock } = fakeRegistry();
  zookeeper.put(javaNode('a:1'));
  await watch();
  zookeeper.operations.length = 0;
  await clock.advance(60_000);
  expect(new Set(zookeeper.operations)).toEqual(new Set(['exists']));
  expect(zookeeper.operations.length).toBeGreaterThanOrEqual(10);
  expect(zookeeper.operations.length).toBeLessThanOrEqual(15);
});

test('a connection that is dead without a sign is noticed and replaced', async () => {
  const { zookeeper, watch, clock } = fakeRegistry();
  zookeeper.put(javaNode('a:1'));
  const watching = await watch();
  await clock.advance(60_000);
  zookeeper.silent = true;
  zookeeper.put(javaNode('b:1'));
  await clock.advance(16_000);
  expect(zookeeper.connections.size).toBe(0);
  zookeeper.silent = false;
  await clock.advance(9_000);
  expect(watching).toMatchObject({ lists: [['a:1'], ['a:1', 'b:1']], error: undefined });
});

test('a watch ends when it is stopped, connected or not', async () => {
  const { zookeeper, watch, clock, registry } = fakeRegistry();
  const watching = await watch();
  watching.stop();
  await settled();
  expect(watching).toMatchObject({ lists: [[]], error: undefined, ended: true });
  zookeeper.refusing.add('all');
  zookeeper.cut();
  const waiting = await watch();
  waiting.stop();
  await settled();
  expect(waiting).toMatchObject({ lists: [], error: undefined, ended: true });
  await registry.close();
  expect(clock.pendingTimers).toBe(0);
});

test('closing ends all watches and leaves no timer and no session', async () => {
  const { zookeeper, watch, clock, registry } = fakeRegistry();
  const watching = [await watch(), await watch('com.acme.Other:1.0')];
  expect(zookeeper.sessionCount).toBe(1);
  await registry.close();
  await settled();
  for (const each of watching) expect(each).toMatchObject({ lists: [[]], error: undefined, ended: true });
  expect(clock.pendingTimers).toBe(0);
  expect(zookeeper.sessionCount).toBe(0);
  expect(await watch()).toMatchObject({ lists: [], ended: true });
});

test('a registry that was never used is closed without having been connected', async () => {
  const { zookeeper, registry } = fakeRegistry();
  await registry.close();
  expect(zookeeper.attempts).toEqual([]);
});

test('the first host of the URL leads towards the registry', () => {
  expect(fakeRegistry({ url: 'zookeeper://[fd00::1]:2181,zk2' }).registry.towards).toBe('fd00::1');
});
