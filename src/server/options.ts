import type { Interceptor } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import type { Random } from '../core/random.js';
import type { RegistryFactories, RegistryOption } from '../discovery/registries.js';
import type { Publisher } from '../discovery/resolver.js';
import type { Framing } from '../framing/framing.js';
import type { Mode } from '../mesh/mode.js';
import type { Sidecar } from '../mesh/sidecar.js';
import type { Announce } from './announce-mode.js';
import type { CreateListener } from './listener.js';

export interface MeshServerOptions {
  /** The name of this application. */
  app: string;
  /** Default 12200; 0 takes a free one, which `start()` returns. */
  port?: number;
  /** Default: all interfaces, IPv4 and IPv6, as Java's server. */
  host?: string;
  /** Where the services are announced: a URL such as `zookeeper://127.0.0.1:2181`, a Publisher of your own, or several. Default: nowhere. */
  registry?: RegistryOption<Publisher>;
  /** Registries of your own by the schemes of their URLs, beside the built-in ones. Default: none. */
  registries?: RegistryFactories;
  /**
   * `direct`: no sidecar is looked for. `mesh`: the sidecar alone is told of the services. `auto`: as `announce` says.
   * Default: the environment's SOFA_MESH_MODE, else `auto`.
   */
  mode?: Mode;
  /**
   * Where the services are announced in mode `auto`. `auto`: at the sidecar while there is one, in the registry otherwise;
   * it moves live, and the new place is told before the old one is left. `both`: in the registry, and at the sidecar while there
   * is one. `registry` or `sidecar`: there alone. Default `auto`.
   */
  announce?: Announce;
  /** The session with the sidecar, where it is shared; you close it, after the server. Default: the server makes and closes its own. */
  sidecar?: Sidecar;
  /**
   * The host that registries are told. Default: the environment's SOFA_MESH_PUBLISH_HOST, else `host`, else the address of
   * the interface that leads to the registry.
   */
  publishHost?: string;
  /** The port that registries are told, where it is another one outside. Default: the port that is listened on. */
  publishPort?: number;
  /** The share of calls that clients send here, beside those of the other providers; 0 asks for none. Default 100, as Java's. */
  weight?: number;
  /** For `timeMs` milliseconds after the start, clients take `weight` instead of the weight above. Default: none. */
  warmup?: { timeMs: number; weight: number };
  /** More that registries are told of this server, as text: tags, a zone. */
  attributes?: Readonly<Record<string, string>>;
  /** A small HTTP server for probes: `GET /live` and `GET /ready`. `host` is the server's where it is left out, `port` 0 takes a free one. Default: none. */
  health?: { port: number; host?: string };
  /** Calls that may run at once; more wait. Default 10,000, which are 20 MB of small calls: a bound for memory, not for what handlers share. */
  maxConcurrency?: number;
  /** Calls that may wait; more are answered BUSY, which clients take for unexecuted. Default 1,000. */
  maxQueue?: number;
  /** Around every method; the first is the outermost. */
  interceptors?: readonly Interceptor[];
  /** More protocols that clients may speak on the same port, told apart by their first bytes; one named `bolt` takes the place of the built-in. Default: none. */
  framings?: readonly Framing[];
  /** Makes the listener: for TLS, say. Default: TCP. */
  createListener?: CreateListener;
  /** Largest frame that is accepted. Default 16 MiB. */
  maxFrameBytes?: number;
  /** Told why a connection was refused or cut, and that a registry is down. Default: console. */
  logger?: Logger;
  /** Default: the machine's. */
  clock?: Clock;
  /** Default: the machine's. */
  random?: Random;
}

/** How long `stop()` takes over what. */
export interface StopOptions {
  /**
   * Milliseconds for which calls are still served as ever after the services were withdrawn: clients learn from their
   * registries that this server goes, and leave it by themselves. Default 1,000 where a registry or a sidecar was told, which
   * ZooKeeper's and Nacos's watchers need a fraction of; 0 otherwise. Choose more where clients ask from time to time (DNS).
   */
  quietMs?: number;
  /** Milliseconds that calls may run on after that. Default 10,000. */
  timeoutMs?: number;
}

/** @throws MeshError INVALID_ARGUMENT for the first option that is out of range. */
export function checkOptions(options: MeshServerOptions): void {
  const { maxFrameBytes, maxConcurrency, maxQueue, weight, warmup, publishPort, health } = options;
  check('maxFrameBytes', maxFrameBytes, (value) => value > 0, 'a positive number');
  check(
    'maxConcurrency',
    maxConcurrency,
    (value) => isCount(value) && value > 0,
    'a positive integer or Infinity',
  );
  check('maxQueue', maxQueue, isCount, 'zero, a positive integer or Infinity');
  check('weight', weight, isInteger, 'zero or a positive integer');
  check('warmup.timeMs', warmup?.timeMs, isInteger, 'zero or a positive integer');
  check('warmup.weight', warmup?.weight, isInteger, 'zero or a positive integer');
  check('publishPort', publishPort, (value) => isPort(value) && value > 0, 'a port');
  check('health.port', health?.port, isPort, 'a port, or 0 for a free one');
  for (const [key, value] of Object.entries(options.attributes ?? {})) {
    if (key === '' || typeof value !== 'string')
      throw invalidOption(`attributes[${JSON.stringify(key)}]`, value, 'text, under a key that is not empty');
  }
}

/** Times that `stop()` is given. @throws MeshError INVALID_ARGUMENT. */
export function checkStopOptions({ quietMs, timeoutMs }: StopOptions): void {
  check('quietMs', quietMs, (value) => value >= 0, 'zero or a positive number');
  check('timeoutMs', timeoutMs, (value) => value >= 0, 'zero or a positive number');
}

const isInteger = (value: number) => Number.isSafeInteger(value) && value >= 0;
const isCount = (value: number) => value === Number.POSITIVE_INFINITY || isInteger(value);
const isPort = (value: number) => isInteger(value) && value <= 65_535;

function check(
  name: string,
  value: number | undefined,
  isRight: (value: number) => boolean,
  wanted: string,
): void {
  if (value !== undefined && !isRight(value)) throw invalidOption(name, value, wanted);
}

function invalidOption(name: string, value: unknown, wanted: string): MeshError {
  return new MeshError('INVALID_ARGUMENT', `MeshServer: ${name} is ${String(value)}, it must be ${wanted}`);
}
