import { format } from 'node:util';
import { ZookeeperRegistry } from '../../../src/compat/registry/zookeeper.js';
import { FakeClock, settled } from '../../../src/testing/fake-clock.js';
import { seededRandom } from '../../../src/testing/seeded-random.js';
import { FakeZookeeper } from '../../discovery/zookeeper/fake-zookeeper.js';

export const ROOT = '/mesh/com.acme.Hello';
export const PROVIDERS = `${ROOT}/providers`;
export const HELLO = { interfaceName: 'com.acme.Hello', version: '1.0', group: 'SOFA' };

/** A provider's URL. */
export function urlOf(host: string, query = 'interface=com.acme.Hello&version=1.0&group=SOFA'): string {
  return `bolt://${host}:12200?${query}`;
}

export interface FakeRegistryOptions {
  address?: string;
  zookeeper?: FakeZookeeper;
  clock?: FakeClock;
  ephemeralNode?: boolean;
  /** ZooKeeper is down from the start. */
  isDown?: boolean;
}

/** A registry on a fake ZooKeeper, in simulated time. `told`: its events in order, and the lines of its logger. */
export function fakeRegistry(options: FakeRegistryOptions = {}) {
  const {
    address = 'zk1/mesh',
    zookeeper = new FakeZookeeper(),
    clock = new FakeClock(1_700_000_000_000),
    isDown = false,
    ...more
  } = options;
  if (isDown) zookeeper.refusing.add('all');
  const events: string[] = [];
  const infos: string[] = [];
  const warnings: string[] = [];
  const logger = {
    info: (...message: unknown[]) => infos.push(format(...message)),
    warn: (...message: unknown[]) => warnings.push(format(...message)),
  };
  const registry = new ZookeeperRegistry(
    { logger, address, ...more },
    { clock, random: seededRandom(1), connect: zookeeper.connect, host: async () => '10.9.9.9' },
  );
  for (const event of ['connected', 'disconnected', 'close']) registry.on(event, () => events.push(event));
  registry.on('error', (error: Error) => events.push(`error: ${error.message}`));

  /** A listener that keeps what it is told. */
  const listening = () => {
    const lists: string[][] = [];
    const hosts = (urls: string[]) => urls.map((url) => new URL(url).hostname).sort();
    return { lists, listener: (urls: string[]) => void lists.push(hosts(urls)) };
  };
  const subscribed = async (config: Parameters<typeof registry.subscribe>[0] = HELLO) => {
    const { lists, listener } = listening();
    registry.subscribe(config, listener);
    await settled();
    return { lists, listener };
  };
  /** A provider of somebody else. */
  const put = (url: string) => zookeeper.put(`${PROVIDERS}/${encodeURIComponent(url)}`);
  const take = (url: string) => zookeeper.take(`${PROVIDERS}/${encodeURIComponent(url)}`);
  return { registry, zookeeper, clock, events, infos, warnings, listening, subscribed, put, take };
}
