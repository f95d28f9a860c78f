import { MeshError } from '../../core/errors.js';

/** The version of services that were given none (SOFARPC). */
export const DEFAULT_VERSION = '1.0';

/** A service id, `interface:version[:uniqueId]`, in its parts. */
export interface ServiceParts {
  readonly interfaceName: string;
  readonly version: string;
  /** Nothing where the service has none. */
  readonly uniqueId: string;
}

/** @throws MeshError INVALID_ARGUMENT where the interface cannot be the name of a node. */
export function partsOf(service: string): ServiceParts {
  const [interfaceName = '', version = DEFAULT_VERSION, ...rest] = service.split(':');
  if (/^\.{0,2}$|[/\0]/.test(interfaceName)) {
    throw new MeshError(
      'INVALID_ARGUMENT',
      `service ${JSON.stringify(service)} does not begin with the name of an interface, as in com.acme.PersonService:1.0`,
      { service },
    );
  }
  return { interfaceName, version, uniqueId: rest.join(':') };
}
