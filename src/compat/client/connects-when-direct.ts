import type { ServiceMigration } from '../../mesh/service-migration.js';
import type { Address } from './address.js';
import type { ConnectionSource } from './address-group.js';

/**
 * A connection manager that leaves providers alone while a service's calls go through a sidecar: an address is only noted
 * then. The first call that goes directly connects to it.
 */
export function connectsWhenDirect(manager: ConnectionSource, migration: ServiceMigration): ConnectionSource {
  return {
    doGetConn: (address) => manager.doGetConn(address),
    get: (address) => manager.get(address),
    async createAndGet(address: Address, options, connectionClass) {
      if (await goesThroughSidecar(migration)) return NOTED;
      return manager.createAndGet(address, options, connectionClass);
    },
  };
}

const NOTED = Object.freeze({});

/** Whether a service's calls go through a sidecar, when that is known. */
export async function goesThroughSidecar(migration: ServiceMigration): Promise<boolean> {
  await migration.decided();
  return migration.choose()?.path === 'mesh';
}

/** Resolves when they do; never, where that is not how it begins. */
export async function throughSidecar(migration: ServiceMigration): Promise<void> {
  if (!(await goesThroughSidecar(migration))) await new Promise<never>(() => undefined);
}
