import { MeshError } from '../../core/errors.js';
import { parseZookeeperUrl, type ZkTarget } from '../../discovery/zookeeper/url.js';

export interface RegistryTarget {
  readonly zookeeper: ZkTarget;
  /** What the directories of the interfaces are in, with a slash at its end. */
  readonly root: string;
}

/** Where the registry is, of the options as users give them. @throws MeshError INVALID_ARGUMENT */
export function registryTarget(options: {
  readonly address: string;
  readonly authInfo?: { readonly scheme?: string; readonly auth?: string | Buffer } | null;
  readonly zookeeper?: unknown;
}): RegistryTarget {
  const { address, authInfo, zookeeper } = options;
  if (zookeeper !== undefined)
    throw refused(
      'zookeeper is another client library, and this registry works with node-zookeeper-client alone; leave it out',
    );
  const { scheme, auth } = authInfo ?? {};
  const isNamed = Boolean(scheme && auth);
  if (isNamed && scheme !== 'digest')
    throw refused(`authInfo.scheme is ${JSON.stringify(scheme)}, it can be "digest" only`);
  const target = parseZookeeperUrl(`zookeeper://${address}`);
  return {
    // Nodes are for everybody also where a user is named: those who read them have never needed one.
    zookeeper: { ...target, digest: isNamed ? String(auth) : undefined, nodesForAll: true },
    // Java's directory is left out where there is a root, which is why Java finds nothing there.
    root: address.includes('/') ? `${target.chroot}/` : '/sofa-rpc/',
  };
}

function refused(reason: string): MeshError {
  return new MeshError('INVALID_ARGUMENT', `[ZookeeperRegistry] options.${reason}`);
}
