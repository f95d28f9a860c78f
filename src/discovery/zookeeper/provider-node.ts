import { type Endpoint, endpointOf } from '../../core/endpoint.js';
import { DEFAULT_VERSION, type ServiceParts } from './service.js';

/** Java's port where a node names none (SOFARPC's ProviderInfo), which is not the port its servers listen on. */
const JAVA_DEFAULT_PORT = 80;
/** What may stand in a value as it is: Java does not decode a value, and takes `/`, `&` and `=` for its own marks. */
const PLAIN = /%(?:2C|3A|3B|40|24)/g;

/** What a provider node says of a server. */
export interface ProviderNode {
  readonly scheme: string;
  readonly endpoint: Endpoint;
  /** Nothing where the node has none: that is how sofa-rpc-node means it. Java itself skips such a node. */
  readonly uniqueId: string;
  /** The service's version; undefined where the node does not say. */
  readonly version: string | undefined;
}

/** What a provider says of itself besides its endpoint's attributes. */
export interface ProviderSelf {
  readonly app: string;
  readonly pid: number;
  /** Tells announcements of one address apart; `rpc-cfg-0` in Java. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
}

/**
 * The name of a provider's node: its URL, encoded, with all that Java's providers write (RegistryUtils of SOFARPC).
 * Unlike Java's, which is 1.0 whatever the service says, the version is the service's own: Java's consumers do not look
 * at it, those of sofa-rpc-node and ours do.
 */
export function providerNodeName(service: ServiceParts, self: Endpoint, by: ProviderSelf): string {
  const attributes: Record<string, string> = {
    version: service.version,
    accepts: '100000',
    appName: by.app,
    weight: '100',
    timeout: '0',
    serialization: 'hessian2',
    delay: '-1',
    dynamic: 'true',
    startTime: String(by.startTime),
    ...self.attributes,
    language: 'nodejs',
    pid: String(by.pid),
    id: by.id,
    // From 50100 on Java takes a provider for one that reads its trace headers. This is 5.13.2.
    rpcVer: '51302',
    interface: service.interfaceName,
    uniqueId: service.uniqueId,
    protocol: 'bolt',
  };
  attributes.version = service.version;
  const pairs = Object.entries(attributes).map(([key, value]) => `${encoded(key)}=${encoded(value)}`);
  return encodeURIComponent(`bolt://${self.address}?${pairs.join('&')}`);
}

function encoded(text: string): string {
  // Half of a surrogate pair cannot be encoded at all.
  const wellFormed = text.replace(/\p{Surrogate}/gu, '\ufffd');
  return encodeURIComponent(wellFormed).replace(PLAIN, decodeURIComponent);
}

/** Reads the name of a provider's node, whoever wrote it; for one that is no provider's, what is wrong with it. */
export function readProviderNode(name: string): ProviderNode | string {
  const url = decodedName(name);
  if (url === undefined) return 'its encoding is broken';
  const [, scheme = 'bolt', address = '', query] =
    /^(?:([^:/?]*):\/\/)?([^/?]*)(?:\/[^?]*)?(?:\?(.*))?$/s.exec(url) ?? [];
  const at = /^(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/i.exec(address);
  const port = at?.[3] === undefined ? JAVA_DEFAULT_PORT : Number(at[3]);
  if (!at || port === 0 || port > 65_535) return `${JSON.stringify(address)} is not host:port`;
  const attributes = readAttributes(query);
  if (typeof attributes === 'string') return attributes;
  return {
    scheme: scheme.toLowerCase(),
    endpoint: endpointOf((at[1] ?? at[2]) as string, port, attributes),
    uniqueId: attributes.uniqueId ?? '',
    version: statedVersion(attributes),
  };
}

/** `+` is a space: Java encodes a name as a form. */
function decodedName(name: string): string | undefined {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function readAttributes(query: string | undefined): Record<string, string> | string {
  const pairs: [string, string][] = [];
  if (query === undefined) return {};
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=');
    if (at < 0) return `its parameter ${JSON.stringify(pair)} has no value`;
    pairs.push([decodedPart(pair.slice(0, at)), decodedPart(pair.slice(at + 1))]);
  }
  // The last of a name counts, as in Java. Also a name such as __proto__ becomes a property like any other.
  return Object.fromEntries(pairs);
}

/** Java does not encode a value for itself, so that a `%` in it may be just that. */
function decodedPart(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Java writes 1.0 into every node, whatever the provider's version is: from Java it says nothing. */
function statedVersion({ version, language }: Readonly<Record<string, string>>): string | undefined {
  if (version === DEFAULT_VERSION && language === 'java') return undefined;
  return version === '' ? undefined : version;
}
