import { expect, test } from 'vitest';
import { Complaints, watchProviders } from '../../../src/discovery/zookeeper/directory.js';
import { Publication } from '../../../src/discovery/zookeeper/publication.js';
import { partsOf } from '../../../src/discovery/zookeeper/service.js';
import { ZkSession } from '../../../src/discovery/zookeeper/session.js';
import { parseZookeeperUrl } from '../../../src/discovery/zookeeper/url.js';
import { FakeClock, settled } from '../../../src/testing/fake-clock.js';
import { seededRandom } from '../../../src/testing/seeded-random.js';
import { FakeZookeeper } from './fake-zookeeper.js';

/** What a session remembers of those who use it. */
function usersOf(session: ZkSession): number[] {
  const { waiters, listeners } = session as unknown as Record<'waiters' | 'listeners', Set<unknown>>;
  return [waiters.size, listeners.size];
}

function sessionOf() {
  const clock = new FakeClock();
  const zookeeper = new FakeZookeeper();
  const random = seededRandom(1);
  const session = new ZkSession(parseZookeeperUrl('zookeeper://zk1'), {
    clock,
    random,
    connect: zookeeper.connect,
  });
  const env = {
    session,
    clock,
    warn: () => undefined,
    complaints: new Complaints(() => undefined),
    registry: 'zookeeper://zk1',
    patienceMs: 3_000,
  };
  const watchOnce = async (signal: AbortSignal) => {
    for await (const _ of watchProviders(partsOf('a.B:1.0'), ['/a'], env, signal)) if (signal.aborted) break;
  };
  const publication = () => new Publication('a.B:1.0', ['/a/b'], env);
  return { clock, zookeeper, session, watchOnce, publication };
}

test('watches and announcements that failed leave nothing behind', async () => {
  const { clock, zookeeper, session, watchOnce, publication } = sessionOf();
  zookeeper.refusing.add('all');
  for (let i = 0; i < 20; i++) {
    const failed = [watchOnce(new AbortController().signal), publication().announce()];
    const results = Promise.allSettled(failed);
    await clock.advance(4_000);
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(usersOf(session)).toEqual([0, 0]);
    expect(clock.pendingTimers).toBe(1);
  }
  await session.close();
});

test('those that ended leave nothing behind', async () => {
  const { clock, session, watchOnce, publication } = sessionOf();
  for (let i = 0; i < 20; i++) {
    const stop = new AbortController();
    const watched = watchOnce(stop.signal);
    const announced = publication();
    await announced.announce();
    await clock.advance(10_000);
    expect(usersOf(session)).toEqual([0, 2]);
    stop.abort();
    await Promise.all([watched, announced.withdraw()]);
    await settled();
    expect(usersOf(session)).toEqual([0, 0]);
    expect(clock.pendingTimers).toBe(0);
  }
  await session.close();
});
