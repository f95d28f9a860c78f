import type { ServiceContract } from '../contract/define-service.js';
import type { Announced } from './announcements.js';
import type { MeshServerOptions } from './options.js';

/** As Java's. */
const DEFAULT_WEIGHT = 100;

/** A service, as far as telling others of it goes. */
export type AnnouncedService = Pick<ServiceContract, 'id' | 'serialization' | 'group'>;

/**
 * What registries are told of a service. The attributes have Java's names and forms (RegistryUtils.convertProviderToMap).
 * @param startedAt milliseconds since 1970
 */
export function recordOf(
  service: AnnouncedService,
  options: MeshServerOptions,
  startedAt: number,
): Announced {
  const { id, serialization, group } = service;
  const { weight = DEFAULT_WEIGHT, warmup, attributes } = options;
  return {
    service: id,
    attributes: {
      ...attributes,
      weight: String(weight),
      startTime: String(Math.floor(startedAt)),
      serialization: typeof serialization === 'string' ? serialization : serialization.codec,
      ...(warmup && { warmupTime: String(warmup.timeMs), warmupWeight: String(warmup.weight) }),
      ...(group !== undefined && { group }),
    },
  };
}
