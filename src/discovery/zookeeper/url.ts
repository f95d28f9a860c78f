import { MeshError } from '../../core/errors.js';
import { registryName } from '../registry-name.js';

const DEFAULT_PORT = 2181;
const DEFAULT_SESSION_TIMEOUT_MS = 30_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 3_000;
/** What ZooKeeper's protocol has room for. */
const MAX_TIMEOUT_MS = 0x7fff_ffff;
const OPTIONS = ['sessionTimeoutMs', 'connectTimeoutMs', 'auth'];

const URL_FORM = /^zookeeper:\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/i;
const SERVER_FORM = /^(?:\[([0-9a-f:.]+)\]|([^\s:@[\]]+))(?::(\d{1,5}))?$/i;

export interface ZkServer {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Where a ZooKeeper registry is and how to talk to it. */
export interface ZkTarget {
  readonly servers: readonly ZkServer[];
  /** The path that everything is under: `/a/b`, or nothing. */
  readonly chroot: string;
  /** How long the server keeps our nodes after it has last heard of us. */
  readonly sessionTimeoutMs: number;
  /** How long a watch or a publication waits for a first connection. */
  readonly connectTimeoutMs: number;
  /** `user:password` of the digest scheme. */
  readonly digest: string | undefined;
  /** Nodes are made for everybody, although a user is named. */
  readonly nodesForAll?: boolean;
  /** The URL without its options, for messages: it holds no password. */
  readonly name: string;
}

/**
 * Reads `zookeeper://host:port,host:port/root?option=value`. The port is 2181 and the root is `/` where they are left
 * out. Options: `sessionTimeoutMs` (30000), `connectTimeoutMs` (3000), `auth=digest:user:password`.
 * @throws MeshError INVALID_ARGUMENT with the reason; the message never shows the password.
 */
export function parseZookeeperUrl(url: string): ZkTarget {
  const [, authority, path = '', query = ''] =
    URL_FORM.exec(url.trim()) ?? refuse(url, 'it is not a URL of this form');
  if (`${authority}${path}`.includes('@'))
    refuse(url, 'a user is named by the option auth=digest:user:password');
  const servers = (authority ?? '').split(',').map((text) => readServer(url, text.trim()));
  const chroot = path.replace(/\/+$/, '');
  if (/\/(\/|\.{1,2}(\/|$))/.test(chroot)) refuse(url, 'its root has an empty name or dots in it');
  const options = readOptions(url, query);
  return {
    servers,
    chroot,
    sessionTimeoutMs: milliseconds(url, options, 'sessionTimeoutMs', DEFAULT_SESSION_TIMEOUT_MS),
    connectTimeoutMs: milliseconds(url, options, 'connectTimeoutMs', DEFAULT_CONNECT_TIMEOUT_MS),
    digest: readDigest(url, options.get('auth')),
    name: registryName(url),
  };
}

function readServer(url: string, text: string): ZkServer {
  const match = SERVER_FORM.exec(text);
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  if (!match || port === 0 || port > 65_535) refuse(url, `${JSON.stringify(text)} is not host:port`);
  return { host: (match[1] ?? match[2]) as string, port };
}

function readOptions(url: string, query: string): Map<string, string> {
  // A plus is a plus, as in a password; only forms make it a space.
  const options = new Map(new URLSearchParams(query.replaceAll('+', '%2B')));
  for (const name of options.keys()) {
    if (!OPTIONS.includes(name)) {
      const named = /^\w+$/.test(name) ? JSON.stringify(name) : 'what follows the question mark';
      refuse(url, `${named} is not an option; there are ${OPTIONS.join(', ')}`);
    }
  }
  return options;
}

function milliseconds(url: string, options: Map<string, string>, name: string, byDefault: number): number {
  const text = options.get(name);
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value === 0 || value > MAX_TIMEOUT_MS) {
    refuse(url, `${name} takes whole milliseconds from 1 to ${MAX_TIMEOUT_MS}`);
  }
  return value;
}

function readDigest(url: string, auth: string | undefined): string | undefined {
  if (auth === undefined) return undefined;
  const match = /^digest:([^:]+:.+)$/s.exec(auth);
  return match?.[1] ?? refuse(url, 'auth is not of the form digest:user:password');
}

function refuse(url: string, reason: string): never {
  // Neither the options nor a user before the hosts are shown: there may be a password in them.
  const shown = url.replace(/[?#].*$/s, '').replace(/^([a-z]+:\/\/)?.*@/is, '$1');
  throw new MeshError(
    'INVALID_ARGUMENT',
    `registry ${JSON.stringify(shown)}: ${reason}; expected zookeeper://host:port,host:port/root?sessionTimeoutMs=30000`,
  );
}
