import { isIP } from 'node:net';
import { DEFAULT_PORT } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { registryName } from './registry-name.js';

/** What a URL asks for: the addresses of a name with a port, or the SRV records of a name without. */
export interface DnsUrl {
  readonly name: string;
  readonly port: number | undefined;
  /** Name servers to ask, `ip` or `ip:port`; the machine's where there are none. */
  readonly servers: readonly string[];
}

const NAME = /^[\w-]+(?:\.[\w-]+)*\.?$/;

/** @throws MeshError INVALID_ARGUMENT for what is not `dns://name:port` or `dns+srv://name`, with servers or without. */
export function parseDnsUrl(text: string): DnsUrl {
  const { protocol, hostname: name, port, username, password, pathname, searchParams } = urlOf(text);
  const isSrv = protocol === 'dns+srv:';
  if (isIP(name) !== 0)
    throw invalid(text, `${name} is an address already: use bolt://${name}:${port || DEFAULT_PORT}`);
  const hasMore = `${username}${password}${pathname.replace(/^\/$/, '')}` !== '';
  if (!NAME.test(name) || hasMore || port === '0') throw malformed(text);
  if (isSrv && port !== '') throw invalid(text, 'the port comes from the SRV records: leave it out');
  const stranger = [...searchParams.keys()].find((key) => key !== 'server');
  if (stranger !== undefined)
    throw invalid(text, `it has a parameter ${stranger}; there is only server=ip:port`);
  return {
    name,
    port: isSrv ? undefined : Number(port || DEFAULT_PORT),
    servers: searchParams.getAll('server'),
  };
}

function urlOf(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw malformed(text);
  }
}

function malformed(text: string): MeshError {
  return invalid(
    text,
    'it must be of the form dns://name:port or dns+srv://_bolt._tcp.name, one name in each',
  );
}

/** A registry URL that DNS cannot use. */
export function invalid(text: string, why: string, cause?: unknown): MeshError {
  return new MeshError('INVALID_ARGUMENT', `the registry ${registryName(text)} cannot be used: ${why}`, {
    cause,
  });
}
