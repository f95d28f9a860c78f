import { named } from '../named.js';
import { ZookeeperRegistry } from './zookeeper.js';

/** What sofa-rpc-node exports as `registry`. */
export const registry = named({ ZookeeperRegistry });
