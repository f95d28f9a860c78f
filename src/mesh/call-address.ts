import { type Endpoint, parseEndpoint } from '../core/endpoint.js';

/** What is known of the sidecar before it says where calls go. */
export interface KnownSidecar {
  readonly api: Endpoint;
  readonly egress: Endpoint;
  /** Addresses of this machine. */
  readonly own: readonly string[];
}

export interface CallAddress {
  readonly endpoint: Endpoint;
  /** Why what the sidecar said is not used, in words; undefined where it is, or where it said nothing. */
  readonly doubt: string | undefined;
}

/**
 * Where the calls of a service go: to the first address that the sidecar gives for it, which is the sidecar's own. One
 * that cannot be the sidecar would lead past it, to a provider: then the egress is used that answered the probe.
 */
export function callAddress(datas: readonly string[], known: KnownSidecar): CallAddress {
  const [first] = datas;
  const { egress } = known;
  // A mesh API cannot name a socket file; one that is used was given.
  if (first === undefined || egress.host.startsWith('/')) return { endpoint: egress, doubt: undefined };
  const said = addressOf(first);
  if (said === undefined) return { endpoint: egress, doubt: `it gave ${quoted(first)}, which is no address` };
  if (maySidecarBe(said.host, known)) return { endpoint: said, doubt: undefined };
  return { endpoint: egress, doubt: `it gave ${said.address}, which is not the sidecar's` };
}

function addressOf(text: string): Endpoint | undefined {
  // The port that parseEndpoint assumes is a provider's.
  if (!/:\d{1,5}\/?(\?|$)/.test(text)) return undefined;
  try {
    return parseEndpoint(text);
  } catch {
    return undefined;
  }
}

/** Whether the sidecar may have this address, as far as is known from that of its API. */
export function maySidecarBe(host: string, { api, own }: Pick<KnownSidecar, 'api' | 'own'>): boolean {
  if (host === api.host) return true;
  const isHere = (address: string) => isLoopback(address) || own.includes(address);
  // A sidecar elsewhere means itself by a loopback address.
  return isHere(host) && (isHere(api.host) || api.host.startsWith('/'));
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1' || host === 'localhost';
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
