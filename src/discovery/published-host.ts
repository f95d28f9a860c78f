import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import { pause } from '../core/pause.js';

/** What is known of the machine; replaced in tests. */
export interface Machine {
  /** Addresses of its interfaces, in the system's order. */
  interfaces(): readonly { readonly address: string; readonly internal: boolean }[];
  /** Its own address on packets to `host`; undefined where there is no way, or the name does not resolve. */
  addressTowards(host: string): Promise<string | undefined>;
}

/** What decides which address others are told. */
export interface HostQuestion {
  /** What the option or the environment says: {@link hostOption}. */
  readonly wanted: string | undefined;
  /** The address that the server listens on. */
  readonly bound: string;
  /** A host of the registry: whoever can ask it is in that network, most likely. */
  readonly towards: string | undefined;
}

/** The variable that names the published host where no option does: for images that run in more than one network. */
export const HOST_VARIABLE = 'SOFA_MESH_PUBLISH_HOST';

/** Addresses for documentation (RFC 5737, RFC 3849): the way to them is the default route. Nothing is sent there. */
const ANYWHERE = ['192.0.2.1', '2001:db8::1'];
const ROUTE_LIMIT_MS = 2_000;
/** Any port will do: a UDP socket that is connected learns its own address and sends nothing. */
const NO_PORT = 9;

/**
 * The host that is published by force: the option, or else the variable {@link HOST_VARIABLE}.
 * @throws MeshError INVALID_ARGUMENT for what is no host.
 */
export function hostOption(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const fromEnv = env[HOST_VARIABLE];
  const host = option ?? (fromEnv === '' ? undefined : fromEnv);
  if (host === undefined || isIP(host) > 0 || /^[\w-]+(\.[\w-]+)*\.?$/.test(host)) return host;
  throw new MeshError(
    'INVALID_ARGUMENT',
    `${option === undefined ? HOST_VARIABLE : 'publishHost'} is ${JSON.stringify(host)}, it must be a host name or an IP address, without brackets, scheme or port`,
  );
}

/**
 * The host that others are told to connect to: what was asked for, else the address that the server is bound to, else that
 * of the interface which leads to the registry, else that of the default route, else the first that leads out of this
 * machine, IPv4 before IPv6. Never fails: a machine without a network is told of as 127.0.0.1.
 */
export async function publishedHost(question: HostQuestion, machine: Machine): Promise<string> {
  const { wanted, bound, towards } = question;
  if (wanted !== undefined) return wanted;
  if (!isWildcard(bound)) return bound;
  const isReachable = (address: string | undefined): address is string =>
    address !== undefined && leadsOut(address) && !(isIPv6(address) && bound === '0.0.0.0');
  for (const host of towards === undefined ? ANYWHERE : [towards, ...ANYWHERE]) {
    const address = await machine.addressTowards(host);
    if (isReachable(address)) return address;
  }
  const addresses = machine.interfaces().filter(({ internal }) => !internal);
  const reachable = addresses.map(({ address }) => address).filter(isReachable);
  return reachable.find((address) => !isIPv6(address)) ?? reachable[0] ?? '127.0.0.1';
}

/** What may be wrong with a published host, in words; undefined where nothing is. `towards`: a host of the registry. */
export function doubtsOf(host: string, towards: string | undefined): string | undefined {
  if (isLoopback(host) && towards !== undefined && !isLoopback(towards))
    return `${host} is published, which only this machine reaches: bind another host, or set publishHost`;
  if (isIPv6(host))
    return `${host} is published, an IPv6 address: SOFARPC's Java cannot read those in a registry; set publishHost to an IPv4 address or a name if Java calls this server`;
  return undefined;
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address === 'localhost';
}

/** Link-local addresses work on one cable only, and those of IPv6 need the name of an interface of whoever uses them. */
function leadsOut(address: string): boolean {
  return !isWildcard(address) && !isLoopback(address) && !/^(169\.254\.|fe[89ab][0-9a-f]:)/i.test(address);
}

/** This machine. */
export function thisMachine(clock: Clock): Machine {
  return {
    interfaces: () => Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []),
    addressTowards: (host) => {
      const found = new AbortController();
      const late = pause(clock, ROUTE_LIMIT_MS, found.signal, { isIdle: true }).then(() => undefined);
      return Promise.race([ownAddressTowards(host), late]).finally(() => found.abort());
    },
  };
}

async function ownAddressTowards(host: string): Promise<string | undefined> {
  try {
    // Loaded when used: a client publishes nothing.
    const { lookup } = process.getBuiltinModule('node:dns/promises');
    const { createSocket } = process.getBuiltinModule('node:dgram');
    const { address, family } = await lookup(host);
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4').unref();
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject).once('connect', resolve).connect(NO_PORT, address);
      });
      return socket.address().address;
    } finally {
      socket.close();
    }
  } catch {
    return undefined;
  }
}
