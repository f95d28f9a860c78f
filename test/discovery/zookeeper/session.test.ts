import { afterEach, expect, test } from 'vitest';
import { MeshError } from '../../../src/core/errors.js';
import { ZkSession } from '../../../src/discovery/zookeeper/session.js';
import { parseZookeeperUrl } from '../../../src/discovery/zookeeper/url.js';
import { FakeClock, settled } from '../../../src/testing/fake-clock.js';
import { seededRandom } from '../../../src/testing/seeded-random.js';
import { FakeZookeeper } from './fake-zookeeper.js';

const opened: ZkSession[] = [];
const nobody = new AbortController().signal;

function sessionOf(url = 'zookeeper://zk1', zookeeper = new FakeZookeeper(), random = seededRandom(1)) {
  const clock = new FakeClock();
  const session = new ZkSession(parseZookeeperUrl(url), { clock, random, connect: zookeeper.connect });
  opened.push(session);
  const exists = (path = '/') => session.run((requests) => requests.exists(path, false), nobody);
  return { clock, zookeeper, session, exists };
}

/** What a promise came to, without waiting for it. */
function watched<T>(promise: Promise<T>): { value?: T; error?: MeshError } {
  const seen: { value?: T; error?: MeshError } = {};
  promise.then(
    (value) => Object.assign(seen, { value }),
    (error) => Object.assign(seen, { error }),
  );
  return seen;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((session) => session.close()));
});

test('nothing is connected before the first operation; all share one connection', async () => {
  const { zookeeper, exists } = sessionOf();
  await settled();
  expect(zookeeper.attempts).toEqual([]);
  await Promise.all([exists(), exists(), exists()]);
  expect(zookeeper.attempts.length).toBe(1);
});

test('a registry that refuses connections is told of after the connect timeout, with the reason', async () => {
  const { clock, zookeeper, exists } = sessionOf('zookeeper://zk1/root?auth=digest:mesh:secret');
  zookeeper.refusing.add('all');
  const seen = watched(exists());
  await clock.advance(2_999);
  expect(seen).toEqual({});
  await clock.advance(1);
  expect(seen.error).toMatchObject({
    code: 'CONNECT_FAILED',
    message:
      'registry zookeeper://zk1/root does not answer, there was no connection within 3000 ms: connect ECONNREFUSED zk1:2181; see that ZooKeeper runs there and lets this client in',
  });
});

test('a server that accepts and says nothing is given up, and more slowly the next time', async () => {
  const { clock, zookeeper, exists } = sessionOf('zookeeper://zk1?connectTimeoutMs=1000');
  zookeeper.silent = true;
  const seen = watched(exists());
  await clock.advance(1_000);
  expect(seen.error?.message).toContain('zk1:2181 says nothing for 1000 ms');
  await clock.advance(1_000);
  expect(zookeeper.attempts.length).toBe(2);
  // The second attempt has 2 s: the registry may be slow only.
  await clock.advance(1_000);
  expect(zookeeper.attempts.length).toBe(2);
  zookeeper.silent = false;
  await clock.advance(1_500);
  expect(await exists()).toBeUndefined();
});

test('a server that takes connections before it serves is not waited for any longer after a long outage', async () => {
  const { clock, zookeeper, exists } = sessionOf();
  await exists();
  zookeeper.refusing.add('all');
  zookeeper.cut();
  await clock.advance(600_000);
  zookeeper.refusing.clear();
  zookeeper.silent = true;
  await clock.advance(3_000);
  zookeeper.silent = false;
  // It hangs on one that was taken too early for 3 s, and then pauses.
  await clock.advance(6_000);
  expect(zookeeper.connections.size).toBe(1);
});

test('while the registry is down tries keep their distance, and nothing piles up', async () => {
  const { clock, zookeeper, session, exists } = sessionOf();
  zookeeper.refusing.add('all');
  await Promise.all([watched(exists()), clock.advance(60_000)]);
  const after = zookeeper.attempts.length;
  await clock.advance(3_600_000);
  const perHour = zookeeper.attempts.length - after;
  expect(perHour).toBeGreaterThan(3_600 / 3);
  expect(perHour).toBeLessThan(3_600 / 1.5);
  expect(clock.pendingTimers).toBe(1);
  zookeeper.refusing.clear();
  await clock.advance(3_000);
  await exists();
  await session.close();
  expect(clock.pendingTimers).toBe(0);
});

test('clients do not come back in step', async () => {
  const moments = await Promise.all(
    [1, 2, 3].map(async (seed) => {
      const { clock, zookeeper, exists } = sessionOf(
        'zookeeper://zk1',
        new FakeZookeeper(),
        seededRandom(seed),
      );
      zookeeper.refusing.add('all');
      watched(exists());
      let at = 0;
      for (; zookeeper.attempts.length < 4; at++) await clock.advance(1);
      return at;
    }),
  );
  expect(new Set(moments).size).toBe(3);
});

test('of an ensemble every server is tried, and a dead one costs a share of the connect timeout', async () => {
  const { clock, zookeeper, exists } = sessionOf('zookeeper://zk1,zk2,zk3', new FakeZookeeper(), () => 0);
  zookeeper.refusing.add('zk1:2181').add('zk2:2181');
  const seen = watched(exists());
  await clock.advance(300);
  expect(seen).toHaveProperty('value');
  expect(zookeeper.attempts.map(({ server }) => server)).toEqual(['zk1:2181', 'zk2:2181', 'zk3:2181']);
});

test('processes begin with different servers', async () => {
  const { zookeeper, exists } = sessionOf('zookeeper://zk1,zk2,zk3', new FakeZookeeper(), () => 0.5);
  await exists();
  expect(zookeeper.attempts.map(({ server }) => server)).toEqual(['zk2:2181']);
});

test('a lost connection is followed by another one of the same session, and an operation is made again', async () => {
  const { clock, zookeeper, session, exists } = sessionOf();
  await exists();
  const [first] = zookeeper.attempts;
  zookeeper.silent = true;
  const seen = watched(session.run((requests) => requests.exists('/', false), nobody));
  await clock.advance(100);
  zookeeper.silent = false;
  zookeeper.cut();
  await clock.advance(500);
  expect(seen).toHaveProperty('value');
  expect(first?.session).toBeUndefined();
  expect(zookeeper.attempts[1]?.session).toBe('1'.padStart(16, '0'));
  expect(zookeeper.sessionCount).toBe(1);
});

test('after an expiry there is a new session', async () => {
  const { clock, zookeeper, exists } = sessionOf();
  await exists();
  zookeeper.expire();
  await clock.advance(1_000);
  await exists();
  expect(zookeeper.attempts.map(({ session }) => session !== undefined)).toEqual([false, true, false]);
});

test('a connection that is missing is waited for, up to 10 s from its loss', async () => {
  const { clock, zookeeper, exists } = sessionOf();
  await exists();
  zookeeper.refusing.add('all');
  zookeeper.cut();
  await clock.advance(4_000);
  const seen = watched(exists());
  await clock.advance(5_999);
  expect(seen).toEqual({});
  await clock.advance(1);
  expect(seen.error?.message).toContain('the connection was lost 10000 ms ago: connect ECONNREFUSED');
  const later = watched(exists());
  await clock.advance(3_000);
  expect(later.error?.message).toContain('the connection was lost 13000 ms ago: connect ECONNREFUSED');
});

test('a connection that does not answer is given up after a third of the session', async () => {
  const { clock, zookeeper, exists } = sessionOf('zookeeper://zk1?sessionTimeoutMs=30000');
  await exists();
  zookeeper.silent = true;
  const seen = watched(exists());
  await clock.advance(9_999);
  expect(zookeeper.connections.size).toBe(1);
  await clock.advance(1);
  expect(zookeeper.connections.size).toBe(0);
  zookeeper.silent = false;
  await clock.advance(7_000);
  expect(seen).toHaveProperty('value');
});

test('an operation that kills every connection is not made for ever', async () => {
  const { clock, zookeeper, session } = sessionOf();
  const seen = watched(
    session.run(async (requests) => {
      zookeeper.cut();
      await requests.exists('/', false);
    }, nobody),
  );
  await clock.advance(10_000);
  expect(seen.error).toMatchObject({
    code: 'CONNECT_FAILED',
    message: expect.stringContaining('does not answer: read ECONNRESET'),
  });
  expect(zookeeper.attempts.length).toBeLessThanOrEqual(4);
});

test('connections that are lost at once are not made anew without a pause', async () => {
  const { clock, zookeeper, session, exists } = sessionOf();
  session.listen([], () => zookeeper.cut());
  watched(exists());
  await clock.advance(60_000);
  expect(zookeeper.attempts.length).toBeLessThan(60);
});

test('what the server refuses is told, and the connection stays', async () => {
  const { zookeeper, exists } = sessionOf();
  zookeeper.refusal = new Error('Exception: NO_AUTH[-102]');
  await expect(exists()).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    message: expect.stringContaining('registry zookeeper://zk1 refused: Exception: NO_AUTH[-102]'),
  });
  expect(zookeeper.connections.size).toBe(1);
});

test('the failures of the several addresses of a name are told by the first', async () => {
  const { clock, session } = sessionOf();
  const refused = new Error('connect ECONNREFUSED ::1:2181');
  const failing = new ZkSession(parseZookeeperUrl('zookeeper://localhost'), {
    clock,
    random: seededRandom(1),
    connect: () => Promise.reject(new AggregateError([refused])),
  });
  opened.push(failing, session);
  const seen = watched(failing.run(async () => 1, nobody));
  await clock.advance(3_000);
  expect(seen.error?.message).toContain('connect ECONNREFUSED ::1:2181');
});

test('a missing package is told at once, and looked for again by the next one who needs it', async () => {
  const clock = new FakeClock();
  let tries = 0;
  const session = new ZkSession(parseZookeeperUrl('zookeeper://zk1'), {
    clock,
    random: seededRandom(1),
    connect: async () => {
      tries++;
      throw new MeshError('INVALID_ARGUMENT', 'npm install node-zookeeper-client');
    },
  });
  for (let i = 1; i <= 2; i++) {
    await expect(session.run(async () => 1, nobody)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(tries).toBe(i);
  }
  expect(clock.pendingTimers).toBe(0);
});

test('whoever no longer waits is let go, and an operation that has begun is not cut short', async () => {
  const { clock, zookeeper, session, exists } = sessionOf();
  const gone = new AbortController();
  zookeeper.refusing.add('all');
  const seen = watched(session.run((requests) => requests.exists('/', false), gone.signal));
  await settled();
  gone.abort();
  await settled();
  expect(seen.error?.code).toBe('CANCELLED');
  await expect(session.run(async () => 1, gone.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  zookeeper.refusing.clear();
  await clock.advance(1_000);
  await exists();
  expect(await session.run(async () => 1, gone.signal)).toBe(1);
});

test('listeners hear of changes on their paths, of each new connection and of the end', async () => {
  const { clock, zookeeper, session } = sessionOf();
  zookeeper.put('/a/b');
  const heard: string[] = [];
  session.listen(['/a'], () => heard.push('a'));
  const unlisten = session.listen(['/x'], () => heard.push('x'));
  await session.run((requests) => requests.children('/a'), nobody);
  expect(heard.splice(0)).toEqual(['a', 'x']);
  zookeeper.put('/a/c');
  expect(heard.splice(0)).toEqual(['a']);
  unlisten();
  zookeeper.cut();
  await clock.advance(500);
  expect(heard.splice(0)).toEqual(['a']);
  await session.close();
  expect(heard).toEqual(['a']);
});
