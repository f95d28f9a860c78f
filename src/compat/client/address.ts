import assert from 'node:assert';
import nodeUrl, { type UrlWithParsedQuery } from 'node:url';
import { DEFAULT_PORT, type Endpoint, endpointOf } from '../../core/endpoint.js';

const MAX_PRINTED = 20;

/** A provider's address, as `url.parse(address, true)` of Node gives it. */
export interface Address
  extends Omit<UrlWithParsedQuery, 'host' | 'hostname' | 'port' | 'protocol' | 'query'> {
  /** `host:port`: what connections, weights and the hash ring know an address by. */
  host: string;
  /** Without port, and without the brackets of an IPv6 address. */
  hostname: string;
  /** A number where the address named none. */
  port: string | number;
  /** `bolt:` */
  protocol: string;
  query: Record<string, string | string[] | undefined>;
}

/** What `url.parse` makes and fills. That function itself warns of its use, from Node 24 on (DEP0169). */
const { Url } = nodeUrl as unknown as {
  Url: new () => Address & { parse(text: string, parsesQuery: boolean): void };
};

/**
 * Reads `bolt://host:port?k=v`; the scheme (bolt) and the port (12200) may be left out.
 * @throws AssertionError where `url` is no text.
 */
export function parseAddress(url: string): Address {
  assert(typeof url === 'string', 'parseUrl(url) url should be string');
  const address = new Url();
  address.parse(url.includes('://') ? url : `bolt://${url}`, true);
  if (!address.port) {
    address.port = DEFAULT_PORT;
    address.host += `:${DEFAULT_PORT}`;
  }
  return address;
}

/** The address as the core has it: what its query says are the attributes, of a repeated key the last. */
export function endpointOfAddress(address: Address): Endpoint {
  const attributes = Object.entries(queryOf(address)).map(([key, value]) => [
    key,
    (Array.isArray(value) ? value.at(-1) : value) ?? '',
  ]);
  return endpointOf(address.hostname, Number(address.port), Object.fromEntries(attributes));
}

/** Who makes addresses of his own (`parseUrl` may be overridden) may have left the query out, or unparsed. */
function queryOf({ query }: Address): Address['query'] {
  return typeof query === 'object' && query !== null ? query : {};
}

/** For the log: an address a line, the first 20 of them. */
export function printAddresses(addresses: readonly Address[]): string {
  const lines = addresses.slice(0, MAX_PRINTED).map(({ href }) => `  - ${href}`);
  if (addresses.length > MAX_PRINTED) lines.push(`  .. and ${addresses.length - MAX_PRINTED} more`);
  return `\n${lines.join('\n')}`;
}
