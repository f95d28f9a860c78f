import { MeshError } from './errors.js';

/** The port Bolt servers listen on where none is named (SOFARPC's default). */
export const DEFAULT_PORT = 12200;

/** One address that serves a service, with what its registry said of it. */
export interface Endpoint {
  /** Host name or IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** `host:port`, with brackets around an IPv6 address: the endpoint's identity in messages and maps. */
  readonly address: string;
  /** The scheme of its address, which names what it speaks: `bolt`, or that of a framing of yours. Default `bolt`. */
  readonly scheme?: string;
  /** The query of the address or the attributes of the registry's record: weight, uniqueId, rpcVer, ... */
  readonly attributes: Readonly<Record<string, string>>;
}

const BOLT = ['bolt'];

const ADDRESS =
  /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^\s:/?#[\]]+))(?::(\d{1,5}))?\/?(?:\?(.*))?$/i;

/** Makes an endpoint of its parts. `scheme`: what it speaks where that is not `bolt`. */
export function endpointOf(
  host: string,
  port: number,
  attributes: Readonly<Record<string, string>> = {},
  scheme: string | undefined = undefined,
): Endpoint {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return { host, port, address, scheme, attributes };
}

/**
 * Reads `bolt://host:port?k=v`; scheme, port (12200) and query may be left out, an IPv6 address needs brackets.
 * @throws MeshError INVALID_ARGUMENT for anything else.
 */
export function parseEndpoint(text: string): Endpoint {
  return parseAddress(text, BOLT);
}

/** The same for addresses that may have any of these schemes. */
export function parseAddress(text: string, schemes: readonly string[]): Endpoint {
  const match = ADDRESS.exec(text.trim());
  const port = match?.[4] === undefined ? DEFAULT_PORT : Number(match[4]);
  if (!match || port > 65_535 || port === 0) {
    throw new MeshError(
      'INVALID_ARGUMENT',
      `address ${JSON.stringify(text)} is not of the form bolt://host:port; an IPv6 address needs brackets, as in bolt://[::1]:12200`,
    );
  }
  const scheme = match[1]?.toLowerCase();
  if (scheme !== undefined && !schemes.includes(scheme)) {
    const known = schemes.length === 1 ? `only ${schemes[0]} is` : `${schemes.join(', ')} are`;
    throw new MeshError(
      'INVALID_ARGUMENT',
      `address ${JSON.stringify(text)} has the scheme ${scheme}: ${known} supported`,
    );
  }
  return endpointOf(
    match[2] ?? (match[3] as string),
    port,
    Object.fromEntries(new URLSearchParams(match[5] ?? '')),
    scheme === 'bolt' ? undefined : scheme,
  );
}
