import { setMaxListeners } from 'node:events';
import type { Clock } from '../../core/clock.js';
import { MeshError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import type { Publisher, Resolver } from '../resolver.js';
import { zookeeperConnect } from './adapter.js';
import type { ZkConnect } from './connection.js';
import { Complaints, watchProviders } from './directory.js';
import { providerNodeName } from './provider-node.js';
import { Publication } from './publication.js';
import { partsOf } from './service.js';
import { ZkSession } from './session.js';
import { parseZookeeperUrl } from './url.js';

export interface ZookeeperRegistryEnv {
  readonly clock: Clock;
  readonly random: Random;
  /** The app's name, for the nodes of its services. */
  readonly app: string;
  /** Is told what an operator should look at, such as a node that cannot be read. */
  readonly warn: (message: string) => void;
  /** How a server is connected to; by way of the package node-zookeeper-client where it is left out. */
  readonly connect?: ZkConnect;
}

/**
 * A registry in ZooKeeper, as Java SOFARPC and sofa-rpc-node use it. All watches and publications share one session,
 * which is begun by the first of them.
 * @param url `zookeeper://host:port,host:port/root?sessionTimeoutMs=30000`
 * @throws MeshError INVALID_ARGUMENT for a bad URL.
 */
export function zookeeperRegistry(
  url: string,
  env: ZookeeperRegistryEnv,
): Resolver & Publisher & { close(): Promise<void> } {
  const target = parseZookeeperUrl(url);
  const { clock, random } = env;
  const warn = (message: string): void => env.warn(`registry ${target.name}: ${message}`);
  const session = new ZkSession(target, { clock, random, connect: env.connect ?? zookeeperConnect() });
  const watchEnv = { session, clock, complaints: new Complaints(warn) };
  const publicationEnv = {
    session,
    clock,
    warn,
    registry: target.name,
    patienceMs: target.connectTimeoutMs,
  };

  return {
    towards: target.servers[0]?.host as string,

    watch(service, signal) {
      const parts = partsOf(service);
      return watchProviders(parts, directoriesOf(target.chroot, parts.interfaceName), watchEnv, signal);
    },

    async publish(service, self, signal) {
      const parts = partsOf(service);
      const name = providerNodeName(parts, self, {
        app: env.app,
        pid: process.pid,
        // Two registries of one process may be the same ensemble: they must not take each other's nodes for their own.
        id: `rpc-cfg-${Math.floor(random() * 1e9)}`,
        startTime: clock.wallTime(),
      });
      const paths = directoriesOf(target.chroot, parts.interfaceName).map(
        (directory) => `${directory}/${name}`,
      );
      const publication = new Publication(service, paths, publicationEnv);
      const withdraw = () => publication.withdraw();
      // A server gives all its services one signal; more than ten listeners would be warned of as a leak.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', withdraw, { once: true });
      try {
        if (signal.aborted) throw new MeshError('CANCELLED', `${service} is no longer to be announced`);
        await publication.announce();
      } catch (error) {
        signal.removeEventListener('abort', withdraw);
        throw error;
      }
      return () => {
        signal.removeEventListener('abort', withdraw);
        return withdraw();
      };
    },

    close: () => session.close(),
  };
}

/**
 * Where the providers of an interface are. Under a root, sofa-rpc-node leaves `sofa-rpc` out, so that it and Java do not
 * see each other there; we are in both places.
 */
function directoriesOf(chroot: string, interfaceName: string): string[] {
  const java = `${chroot}/sofa-rpc/${interfaceName}/providers`;
  return chroot === '' ? [java] : [java, `${chroot}/${interfaceName}/providers`];
}
