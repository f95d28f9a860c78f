import { type Endpoint, parseAddress } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import type { Resolver } from './resolver.js';

/**
 * The same addresses for every service: `bolt://host:port`, several in an array or separated by commas.
 * @throws MeshError INVALID_ARGUMENT for a bad address or none.
 */
export function staticResolver(
  addresses: string | readonly string[],
  schemes: readonly string[] = ['bolt'],
): Resolver {
  const texts = (typeof addresses === 'string' ? [addresses] : addresses).flatMap((text) => text.split(','));
  const endpoints = texts.map((text) => parseAddress(text, schemes));
  if (endpoints.length === 0) {
    throw new MeshError(
      'INVALID_ARGUMENT',
      'the list of addresses is empty; name at least one, as bolt://127.0.0.1:12200',
    );
  }
  const distinct = [...new Map(endpoints.map((endpoint) => [endpoint.address, endpoint])).values()];
  return {
    async *watch(): AsyncGenerator<readonly Endpoint[]> {
      yield distinct;
    },
  };
}
