import type { Endpoint } from '../../../src/core/endpoint.js';
import type { MeshError } from '../../../src/core/errors.js';
import { zookeeperRegistry } from '../../../src/discovery/zookeeper/registry.js';
import { FakeClock, settled } from '../../../src/testing/fake-clock.js';
import { seededRandom } from '../../../src/testing/seeded-random.js';
import { FakeZookeeper } from './fake-zookeeper.js';

export const HELLO = 'com.acme.Hello:1.0';
export const PROVIDERS = '/sofa-rpc/com.acme.Hello/providers';

/** What one watch has told so far. */
export interface Watching {
  /** Each list, as its addresses in order. */
  readonly lists: string[][];
  endpoints: readonly Endpoint[];
  error: MeshError | undefined;
  ended: boolean;
  stop(): void;
}

/** A registry on a fake ZooKeeper, in simulated time. */
export function fakeRegistry(
  options: { url?: string; zookeeper?: FakeZookeeper; clock?: FakeClock; seed?: number } = {},
) {
  const {
    url = 'zookeeper://zk1',
    zookeeper = new FakeZookeeper(),
    clock = new FakeClock(1_700_000_000_000),
  } = options;
  const warnings: string[] = [];
  const registry = zookeeperRegistry(url, {
    clock,
    random: seededRandom(options.seed ?? 1),
    app: 'shop',
    warn: (message) => warnings.push(message),
    connect: zookeeper.connect,
  });

  const watch = async (service = HELLO): Promise<Watching> => {
    const abort = new AbortController();
    const watching: Watching = {
      lists: [],
      endpoints: [],
      error: undefined,
      ended: false,
      stop: () => abort.abort(),
    };
    const follow = async () => {
      for await (const endpoints of registry.watch(service, abort.signal)) {
        watching.lists.push(endpoints.map(({ address }) => address).sort());
        watching.endpoints = endpoints;
      }
    };
    follow()
      .catch((error) => {
        watching.error = error;
      })
      .finally(() => {
        watching.ended = true;
      });
    await settled();
    return watching;
  };

  return { registry, zookeeper, clock, warnings, watch };
}

/** A provider's node as Java names it. */
export function javaNode(address: string, query = 'uniqueId='): string {
  return `${PROVIDERS}/${encodeURIComponent(`bolt://${address}?version=1.0&language=java&${query}`)}`;
}
