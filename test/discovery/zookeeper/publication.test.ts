import { channel } from 'node:diagnostics_channel';
import { afterEach, expect, test } from 'vitest';
import { endpointOf } from '../../../src/core/endpoint.js';
import { settled } from '../../../src/testing/fake-clock.js';
import { fakeRegistry, HELLO, PROVIDERS } from './fake-registry.js';

const self = endpointOf('10.0.0.1', 12_200, { weight: '7' });
const nobody = new AbortController().signal;
const undo: (() => void)[] = [];

afterEach(() => {
  for (const each of undo.splice(0)) each();
});

/** What is told of a registry by events. */
function eventsOf(...names: string[]): unknown[] {
  const events: unknown[] = [];
  for (const name of names) {
    const listener = (message: unknown) => events.push([name, message]);
    channel(`sofa-mesh-sdk:${name}`).subscribe(listener);
    undo.push(() => channel(`sofa-mesh-sdk:${name}`).unsubscribe(listener));
  }
  return events;
}

test('an announcement is an ephemeral node with data 1, in a directory made for it', async () => {
  const { registry, zookeeper, clock } = fakeRegistry();
  const withdraw = await registry.publish(HELLO, self, nobody);
  const [name] = zookeeper.childrenOf(PROVIDERS);
  expect(decodeURIComponent(name as string)).toMatch(
    /^bolt:\/\/10\.0\.0\.1:12200\?version=1\.0&.*startTime=1700000000000/,
  );
  expect(decodeURIComponent(name as string)).toContain(`appName=shop&weight=7&`);
  expect(zookeeper.owners(PROVIDERS)).toEqual(['1'.padStart(16, '0')]);
  expect(zookeeper.dataOf(`${PROVIDERS}/${name}`)).toEqual(Buffer.from([1]));
  await clock.advance(60_000);
  await withdraw();
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
  await withdraw();
});

test('it is found by a watch, with its attributes', async () => {
  const { registry, watch } = fakeRegistry();
  const watching = await watch();
  await registry.publish(HELLO, self, nobody);
  await settled();
  expect(watching.lists).toEqual([[], ['10.0.0.1:12200']]);
  expect(watching.endpoints[0]?.attributes).toMatchObject({ weight: '7', rpcVer: '51302', uniqueId: '' });
});

test("under a root it is in Java's directory and in that of sofa-rpc-node", async () => {
  const { registry, zookeeper } = fakeRegistry({ url: 'zookeeper://zk1/mesh' });
  const withdraw = await registry.publish(HELLO, self, nobody);
  expect(zookeeper.list('/mesh/sofa-rpc/com.acme.Hello/providers').length).toBe(1);
  expect(zookeeper.list('/mesh/com.acme.Hello/providers').length).toBe(1);
  await withdraw();
  expect(zookeeper.list('/mesh/sofa-rpc/com.acme.Hello/providers')).toEqual([]);
  expect(zookeeper.list('/mesh/com.acme.Hello/providers')).toEqual([]);
});

test('it rejects while the registry is down, and leaves nothing behind', async () => {
  const { registry, zookeeper, clock } = fakeRegistry();
  zookeeper.refusing.add('all');
  const published = registry.publish(HELLO, self, nobody).catch((error) => error);
  await clock.advance(3_000);
  expect(await published).toMatchObject({ code: 'CONNECT_FAILED' });
  zookeeper.refusing.clear();
  await clock.advance(10_000);
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
  await registry.close();
  expect(clock.pendingTimers).toBe(0);
});

test('a node that may have been made by a failed announcement is removed', async () => {
  const { registry, zookeeper, clock } = fakeRegistry();
  const { add } = zookeeper;
  // The server makes the node, and is not heard of any more.
  zookeeper.add = (path, ...rest) => {
    if (path.startsWith(`${PROVIDERS}/`) && zookeeper.stat(PROVIDERS)) zookeeper.silent = true;
    return add.call(zookeeper, path, ...rest);
  };
  const published = registry.publish(HELLO, self, nobody).catch((error) => error);
  await clock.advance(30_000);
  expect(await published).toMatchObject({ code: 'CONNECT_FAILED' });
  expect(zookeeper.list(PROVIDERS).length).toBe(1);
  zookeeper.silent = false;
  await clock.advance(10_000);
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
  await registry.close();
  expect(clock.pendingTimers).toBe(0);
});

test.each([
  ['cut', 'a lost connection'],
  ['expire', 'an expiry'],
  ['wipe', 'a wipe of the data'],
] as const)('after a %s (%s) it is there within 10 s, of the session that lives', async (how, _) => {
  const { registry, zookeeper, clock } = fakeRegistry();
  await registry.publish(HELLO, self, nobody);
  const before = zookeeper.list(PROVIDERS);
  await clock.advance(60_000);
  zookeeper[how]();
  await clock.advance(10_000);
  expect(zookeeper.list(PROVIDERS)).toEqual(before);
  const [connection] = zookeeper.connections;
  expect(zookeeper.owners(PROVIDERS)).toEqual([connection?.key.id.toString('hex')]);
});

test.each(['', '/mesh'])('a node that was removed is back within 10 s, root %j', async (root) => {
  const { registry, zookeeper, clock } = fakeRegistry({ url: `zookeeper://zk1${root}` });
  await registry.publish(HELLO, self, nobody);
  for (const path of [`${root}${PROVIDERS}`, '/mesh/com.acme.Hello', '/sofa-rpc', '/mesh']) {
    zookeeper.take(path, 'silently');
    await clock.advance(10_000);
    expect(zookeeper.list(`${root}${PROVIDERS}`).length).toBe(1);
    if (root !== '') expect(zookeeper.list('/mesh/com.acme.Hello/providers').length).toBe(1);
  }
});

test('a node of the same name that stays is replaced by one of ours', async () => {
  const { registry, zookeeper, clock } = fakeRegistry();
  await registry.publish(HELLO, self, nobody);
  const [name] = zookeeper.childrenOf(PROVIDERS);
  zookeeper.take(`${PROVIDERS}/${name}`);
  zookeeper.put(`${PROVIDERS}/${name}`);
  await clock.advance(10_000);
  expect(zookeeper.childrenOf(PROVIDERS)).toEqual([name]);
  expect(zookeeper.owners(PROVIDERS)).not.toEqual(['0'.repeat(16)]);
});

test('a node of the same name of another session is left to it, and is ours as soon as that session ends', async () => {
  const { registry, zookeeper, clock } = fakeRegistry();
  await registry.publish(HELLO, self, nobody);
  const [name] = zookeeper.childrenOf(PROVIDERS);
  const [own] = zookeeper.owners(PROVIDERS);
  zookeeper.take(`${PROVIDERS}/${name}`);
  zookeeper.put(`${PROVIDERS}/${name}`, 'f'.repeat(16));
  await clock.advance(60_000);
  expect(zookeeper.owners(PROVIDERS)).toEqual(['f'.repeat(16)]);
  zookeeper.endSession('f'.repeat(16));
  await settled();
  expect(zookeeper.childrenOf(PROVIDERS)).toEqual([name]);
  expect(zookeeper.owners(PROVIDERS)).toEqual([own]);
});

test('two registries of one process, on the same ensemble, leave each other alone', async () => {
  const one = fakeRegistry({ seed: 1 });
  const two = fakeRegistry({ seed: 2, zookeeper: one.zookeeper, clock: one.clock });
  await one.registry.publish(HELLO, self, nobody);
  await two.registry.publish(HELLO, self, nobody);
  const owners = one.zookeeper.owners(PROVIDERS);
  expect(new Set(owners).size).toBe(2);
  one.zookeeper.operations.length = 0;
  await one.clock.advance(60_000);
  expect(one.zookeeper.owners(PROVIDERS)).toEqual(owners);
  expect(new Set(one.zookeeper.operations)).toEqual(new Set(['exists']));
  const watching = await one.watch();
  expect(watching.lists).toEqual([['10.0.0.1:12200']]);
});

test('parents that are reaped while the node is made are made again', async () => {
  const { registry, zookeeper } = fakeRegistry();
  const { add } = zookeeper;
  let reaped = false;
  zookeeper.add = (path, ...rest) => {
    if (path.startsWith(`${PROVIDERS}/`) && zookeeper.stat(PROVIDERS) && !reaped) {
      reaped = true;
      zookeeper.take(PROVIDERS);
    }
    return add.call(zookeeper, path, ...rest);
  };
  await registry.publish(HELLO, self, nobody);
  expect(reaped).toBe(true);
  expect(zookeeper.list(PROVIDERS).length).toBe(1);
});

test('a node that others remove as fast as it is made is given up, for now', async () => {
  const { registry, zookeeper } = fakeRegistry();
  zookeeper.add = () => 'no-parent';
  await expect(registry.publish(HELLO, self, nobody)).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    message: expect.stringContaining('is changed by others all the time'),
  });
});

test('while it cannot be kept, each try is told of, more rarely; and once, when it can be again', async () => {
  const events = eventsOf('registry.failed', 'registry.recovered');
  const { registry, zookeeper, clock, warnings } = fakeRegistry();
  await registry.publish(HELLO, self, nobody);
  await clock.advance(60_000);
  expect(events).toEqual([]);
  zookeeper.refusing.add('all');
  zookeeper.expire();
  await clock.advance(600_000);
  const about = { registry: 'zookeeper://zk1', service: HELLO, operation: 'publish' };
  expect(events.length).toBeGreaterThan(15);
  expect(events.length).toBeLessThan(30);
  for (const [i, event] of events.entries()) {
    const told = { ...about, failures: i + 1, reason: expect.stringContaining('does not answer') };
    expect(event).toEqual(['registry.failed', expect.objectContaining(told)]);
  }
  expect(warnings.length).toBe(events.length);
  expect(warnings[0]).toMatch(/may be announced no longer: .* tried again in \d+ ms \(failure 1\)$/);
  events.length = 0;
  zookeeper.refusing.clear();
  await clock.advance(4_000);
  expect(events).toEqual([['registry.recovered', about]]);
  expect(zookeeper.list(PROVIDERS).length).toBe(1);
});

test('a server with many services is no leak of listeners', async () => {
  const { registry } = fakeRegistry();
  const warned: unknown[] = [];
  const listener = (warning: unknown) => warned.push(warning);
  process.on('warning', listener);
  undo.push(() => process.off('warning', listener));
  const { signal } = new AbortController();
  for (let i = 0; i < 12; i++) await registry.publish(`com.acme.Service${i}:1.0`, self, signal);
  await settled();
  expect(warned).toEqual([]);
});

test('the signal withdraws it, as the returned function does', async () => {
  const { registry, zookeeper, clock } = fakeRegistry();
  const abort = new AbortController();
  await registry.publish(HELLO, self, abort.signal);
  abort.abort();
  await settled();
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
  await clock.advance(60_000);
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
  await expect(registry.publish(HELLO, self, abort.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('the signal ends an announcement that is under way, and nothing is left of it', async () => {
  const { registry, zookeeper, clock } = fakeRegistry();
  const { add } = zookeeper;
  const abort = new AbortController();
  zookeeper.add = (path, ...rest) => {
    if (path.startsWith(`${PROVIDERS}/`)) abort.abort();
    return add.call(zookeeper, path, ...rest);
  };
  await expect(registry.publish(HELLO, self, abort.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  await clock.advance(10_000);
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
});

test('withdrawing waits for a registry that is down only so long, and is made up for later', async () => {
  const { registry, zookeeper, clock, warnings } = fakeRegistry();
  const withdraw = await registry.publish(HELLO, self, nobody);
  await clock.advance(60_000);
  zookeeper.refusing.add('all');
  zookeeper.cut();
  let done = false;
  const withdrawn = withdraw().then(() => {
    done = true;
  });
  await clock.advance(2_999);
  expect(done).toBe(false);
  await clock.advance(1);
  await withdrawn;
  expect(warnings).toEqual([
    `registry zookeeper://zk1: ${HELLO} stays announced until the registry answers again, or the session expires there`,
  ]);
  expect(zookeeper.list(PROVIDERS).length).toBe(1);
  await clock.advance(60_000);
  zookeeper.refusing.clear();
  await clock.advance(10_000);
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
  await withdraw();
});

test('a node that somebody else has removed is no error to withdraw', async () => {
  const { registry, zookeeper } = fakeRegistry();
  const withdraw = await registry.publish(HELLO, self, nobody);
  zookeeper.take('/sofa-rpc');
  await withdraw();
  expect(zookeeper.list(PROVIDERS)).toEqual([]);
});

test.each(['answers', 'is silent', 'is down'])(
  'closing takes all announcements along and leaves no timer; the registry %s',
  async (state) => {
    const { registry, zookeeper, clock } = fakeRegistry();
    const withdraw = await registry.publish(HELLO, self, nobody);
    const other = await registry.publish('com.acme.Other:1.0', self, nobody);
    if (state === 'is silent') zookeeper.silent = true;
    if (state === 'is down') {
      zookeeper.refusing.add('all');
      zookeeper.cut();
      await clock.advance(500);
    }
    const withdrawn = other();
    const closed = registry.close();
    await clock.advance(1_000);
    await closed;
    await withdrawn;
    await withdraw();
    expect(clock.pendingTimers).toBe(0);
    if (state === 'answers') expect(zookeeper.list(PROVIDERS)).toEqual([]);
    await expect(registry.publish(HELLO, self, nobody)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  },
);

/** Two processes of one app that started in the same millisecond, where nothing tells their announcements apart. */
async function twins() {
  const one = fakeRegistry({ seed: 1 });
  const two = fakeRegistry({ seed: 1, zookeeper: one.zookeeper, clock: one.clock });
  const withdrawn = await Promise.all([
    one.registry.publish(HELLO, self, nobody),
    two.registry.publish(HELLO, self, nobody),
  ]);
  const { zookeeper, clock } = one;
  const [owner] = zookeeper.owners(PROVIDERS);
  const ids = [...zookeeper.connections].map(({ key }) => key.id.toString('hex'));
  const ownerAt = ids.indexOf(owner);
  return { ...one, two, zookeeper, clock, ids, owner, withdrawn, ownerAt };
}

test('two processes that mean the same node share it: neither removes that of the other', async () => {
  const { zookeeper, clock, owner } = await twins();
  expect(zookeeper.list(PROVIDERS)).toHaveLength(1);
  zookeeper.operations.length = 0;
  await clock.advance(60_000);
  expect(zookeeper.owners(PROVIDERS)).toEqual([owner]);
  expect(new Set(zookeeper.operations)).toEqual(new Set(['exists']));
});

test('a shared node outlives the process that made it: the other one makes it again at once', async () => {
  const { zookeeper, clock, owner, ids } = await twins();
  await clock.advance(60_000);
  zookeeper.endSession(owner);
  await settled();
  const other = ids.find((id) => id !== owner);
  expect(zookeeper.owners(PROVIDERS)).toEqual([other]);
});

test('whoever leaves a shared node takes away its own alone; the last one takes it along', async () => {
  const { zookeeper, withdrawn, ownerAt, owner } = await twins();
  await withdrawn[1 - ownerAt]();
  expect(zookeeper.owners(PROVIDERS)).toEqual([owner]);
  await withdrawn[ownerAt]();
  await settled();
  expect(zookeeper.list(PROVIDERS)).toEqual([]);

  const again = await twins();
  await again.withdrawn[again.ownerAt]();
  await settled();
  expect(again.zookeeper.list(PROVIDERS)).toHaveLength(1);
  await again.withdrawn[1 - again.ownerAt]();
  expect(again.zookeeper.list(PROVIDERS)).toEqual([]);
});
