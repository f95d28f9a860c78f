import { expect, test } from 'vitest';
import type { MeshError } from '../../../src/core/errors.js';
import { ZkSession } from '../../../src/discovery/zookeeper/session.js';
import { parseZookeeperUrl } from '../../../src/discovery/zookeeper/url.js';
import { FakeClock, settled } from '../../../src/testing/fake-clock.js';
import { seededRandom } from '../../../src/testing/seeded-random.js';
import { FakeZookeeper } from './fake-zookeeper.js';

const nobody = new AbortController().signal;

function sessionOf() {
  const clock = new FakeClock();
  const zookeeper = new FakeZookeeper();
  const session = new ZkSession(parseZookeeperUrl('zookeeper://zk1'), {
    clock,
    random: seededRandom(1),
    connect: zookeeper.connect,
  });
  const exists = () => session.run((requests) => requests.exists('/', false), nobody);
  return { clock, zookeeper, session, exists };
}

/** What a promise came to, without waiting for it. */
function watched(promise: Promise<unknown>): { error?: MeshError } {
  const seen: { error?: MeshError } = {};
  promise.catch((error) => Object.assign(seen, { error }));
  return seen;
}

test.each([
  ['connected', 0],
  ['silent', 1_000],
  ['refusing', 0],
])(
  'closing ends the session and everything that waits, while the registry is %s',
  async (state, neededMs) => {
    const { clock, zookeeper, session, exists } = sessionOf();
    await exists();
    if (state === 'refusing') {
      zookeeper.refusing.add('all');
      zookeeper.cut();
      await clock.advance(500);
    }
    zookeeper.silent = true;
    const waiting = watched(exists());
    await settled();
    zookeeper.silent = state === 'silent';
    const closed = Promise.all([session.close(), session.close()]);
    await clock.advance(neededMs);
    await closed;
    expect(waiting.error?.code).toBe('SHUTTING_DOWN');
    await expect(exists()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(clock.pendingTimers).toBe(0);
    expect(zookeeper.connections.size).toBe(0);
    if (state === 'connected') expect(zookeeper.sessionCount).toBe(0);
  },
);

test('closing ends an attempt that is under way', async () => {
  const { clock, zookeeper, session, exists } = sessionOf();
  zookeeper.silent = true;
  const seen = watched(exists());
  await settled();
  await session.close();
  await settled();
  expect(seen.error?.code).toBe('SHUTTING_DOWN');
  expect(clock.pendingTimers).toBe(0);
});

test.each([true, false])(
  'a connection that comes when the session is closed ends; answered: %s',
  async (answered) => {
    const { clock, zookeeper } = sessionOf();
    let accept!: () => void;
    const session = new ZkSession(parseZookeeperUrl('zookeeper://zk1'), {
      clock,
      random: seededRandom(1),
      connect: async (options) => {
        await new Promise<void>((resolve) => {
          accept = resolve;
        });
        const connection = await zookeeper.connect(options);
        zookeeper.silent = !answered;
        return connection;
      },
    });
    const waiting = watched(session.run(async () => 1, nobody));
    await settled();
    const closed = session.close();
    accept();
    await clock.advance(1_000);
    await closed;
    expect(waiting.error?.code).toBe('SHUTTING_DOWN');
    expect(zookeeper.sessionCount).toBe(answered ? 0 : 1);
    expect([zookeeper.connections.size, clock.pendingTimers]).toEqual([0, 0]);
  },
);
