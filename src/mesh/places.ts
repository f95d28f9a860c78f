import { type Endpoint, endpointOf } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';

/** Where the sidecar is: `host:port`, or `unix:/path`. What is left out, the environment says, or the field's custom. */
export interface PlacesOptions {
  readonly api?: string | undefined;
  readonly egress?: string | undefined;
}

/** Where a sidecar is looked for, and what said so. */
export interface Places {
  /** Its mesh API, over HTTP. */
  readonly api: Endpoint;
  /** Where its app calls, over Bolt. */
  readonly egress: Endpoint;
  /** An option or a variable names the egress; false where it is the default, or taken from the API's host. */
  readonly egressIsGiven: boolean;
  /** MOSN_ENABLE says that there is none, and nothing names one. */
  readonly isDisabled: boolean;
  /** In words: what named each address. */
  readonly reasons: readonly string[];
}

const LOOPBACK = '127.0.0.1';
/** The ports of MOSN in SOFA's deployments; Java SOFARPC has the egress's built in. */
const API_PORT = 13330;
const EGRESS_PORT = 12220;

const HOST_PORT = /^(?:\[([0-9a-f:.]+(?:%[\w.-]+)?)\]|([^\s:/?#[\]]+)):(\d{1,5})$/i;
const OFF = ['false', '0', 'no', 'off'];

interface Named {
  readonly endpoint: Endpoint;
  /** What named it. */
  readonly by: string;
}

/**
 * The sidecar's addresses: from options, else SOFA_MESH_API and SOFA_MESH_EGRESS, else the ports that MOSN's own
 * variables MOSN_REGISTRY_PORT and MOSN_EGRESS_PORT say, else 127.0.0.1:13330 and :12220. Where only the API is named,
 * the egress is on its host.
 * @throws MeshError INVALID_ARGUMENT naming the option or the variable that is no address or no port.
 */
export function placesOf(options: PlacesOptions, env: Readonly<Record<string, string | undefined>>): Places {
  const namedApi = named('api', options.api, 'SOFA_MESH_API', env);
  const namedEgress = named('egress', options.egress, 'SOFA_MESH_EGRESS', env);
  const apiPort = portOf('MOSN_REGISTRY_PORT', env);
  const egressPort = portOf('MOSN_EGRESS_PORT', env);
  const api = namedApi ?? onHost(LOOPBACK, apiPort, 'MOSN_REGISTRY_PORT', API_PORT);
  const egress = namedEgress ?? egressBeside(namedApi, egressPort);
  const isOff = OFF.includes(env.MOSN_ENABLE?.trim().toLowerCase() ?? '');
  const isDisabled = isOff && namedApi === undefined && namedEgress === undefined;
  return {
    api: api.endpoint,
    egress: egress.endpoint,
    egressIsGiven: namedEgress !== undefined || egressPort !== undefined,
    isDisabled,
    reasons: [
      `api ${api.endpoint.address}: ${api.by}`,
      `egress ${egress.endpoint.address}: ${egress.by}`,
      ...(isOff ? [whatOffMeans(env.MOSN_ENABLE as string, isDisabled)] : []),
    ],
  };
}

function whatOffMeans(value: string, isDisabled: boolean): string {
  const means = isDisabled ? 'no sidecar is looked for' : 'but an address is given, so it is looked for';
  return `MOSN_ENABLE is ${value}: ${means}`;
}

function egressBeside(api: Named | undefined, port: number | undefined): Named {
  const isSocket = api?.endpoint.host.startsWith('/') ?? true;
  if (isSocket) return onHost(LOOPBACK, port, 'MOSN_EGRESS_PORT', EGRESS_PORT);
  const { endpoint, by } = onHost((api as Named).endpoint.host, port, 'MOSN_EGRESS_PORT', EGRESS_PORT);
  return { endpoint, by: `the api's host, ${port === undefined ? 'the default port' : by}` };
}

function onHost(host: string, port: number | undefined, variable: string, otherwise: number): Named {
  return { endpoint: endpointOf(host, port ?? otherwise), by: port === undefined ? 'the default' : variable };
}

function named(
  option: string,
  text: string | undefined,
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
): Named | undefined {
  if (text !== undefined) return { endpoint: addressOf(`option ${option}`, text), by: `option ${option}` };
  const fromEnv = env[variable]?.trim();
  return fromEnv ? { endpoint: addressOf(variable, fromEnv), by: variable } : undefined;
}

function addressOf(name: string, text: string): Endpoint {
  if (text.startsWith('unix:/')) {
    return { host: text.slice('unix:'.length), port: 0, address: text, attributes: {} };
  }
  const match = HOST_PORT.exec(text);
  const port = Number(match?.[3]);
  if (match && isPort(port)) return endpointOf(match[1] ?? (match[2] as string), port);
  throw new MeshError(
    'INVALID_ARGUMENT',
    `the sidecar's address: ${name} is ${JSON.stringify(text)}, it must be host:port, as in ${LOOPBACK}:${API_PORT} or [::1]:${API_PORT}, or unix:/path`,
  );
}

function portOf(variable: string, env: Readonly<Record<string, string | undefined>>): number | undefined {
  const text = env[variable]?.trim();
  if (!text) return undefined;
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (isPort(port)) return port;
  throw new MeshError(
    'INVALID_ARGUMENT',
    `the sidecar's address: ${variable} is ${JSON.stringify(text)}, it must be a port, from 1 to 65535`,
  );
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
