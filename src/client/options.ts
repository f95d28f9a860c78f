import { networkInterfaces } from 'node:os';
import { type BalancerName, balancerOf } from '../balancing/balancers.js';
import type { OutlierOptions } from '../balancing/outlier.js';
import type { Balancer } from '../balancing/picker.js';
import type { RoutingFunction } from '../balancing/routed.js';
import type { CallOptions, Interceptor } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import type { Logger } from '../core/logger.js';
import type { Random } from '../core/random.js';
import type { RegistryFactories, RegistryOption } from '../discovery/registries.js';
import type { Framing } from '../framing/framing.js';
import type { Mode } from '../mesh/mode.js';
import type { PolicyDocument } from '../mesh/policy-document.js';
import type { Sidecar } from '../mesh/sidecar.js';
import type { BoltOption } from '../protocol/framings.js';
import type { CircuitBreakerOptions } from '../resilience/circuit-options.js';
import type { RetryChoice } from '../resilience/retry-options.js';
import type { HeartbeatOptions } from '../transport/client-connection.js';
import type { Connect } from '../transport/socket.js';

/** How calls of a service are spread over its endpoints, and what is done about a failed attempt. */
export interface RoutingOptions {
  /**
   * By name, ours or Java's, or one of your own. Default `p2c`: the better of two endpoints chosen by chance, by latency
   * and calls in flight.
   */
  balancer?: BalancerName | Balancer;
  /** Narrows the endpoints of a call, for tags and zones; called for every attempt, so it should be quick. Default: all of them. */
  router?: RoutingFunction;
  /**
   * Default `failover`: up to 3 attempts where that is safe, each on another endpoint, within a budget. `failfast`: one attempt that
   * reaches a provider; false: one attempt at all.
   */
  retry?: RetryChoice;
}

export interface MeshClientOptions extends RoutingOptions {
  /** The name of this application, sent with every call. */
  app: string;
  /** Where providers are found, for services that name no registry of their own. Needed but in mode `mesh`. */
  registry?: RegistryOption;
  /** Registries of your own by the schemes of their URLs, beside the built-in ones. Default: none. */
  registries?: RegistryFactories;
  /**
   * `auto`: through the sidecar where there is one, and directly otherwise, whichever comes or goes while the client runs.
   * `mesh`: through the sidecar alone. `direct`: no sidecar is looked for. Default: the environment's SOFA_MESH_MODE, else
   * `auto`.
   */
  mode?: Mode;
  /** The session with the sidecar, to share between clients and servers of one process; yours to close. Default: one of the client's own. */
  sidecar?: Sidecar;
  /** Which share of each service's calls goes through the sidecar, and what watches over it: a document, or the path of a JSON file that is watched. Default: all of them, while there is a sidecar. */
  policy?: PolicyDocument | string;
  /** Milliseconds that a call waits for a sidecar to be found, or to come back where it is the only way. Default 3,000. */
  readyTimeoutMs?: number;
  /** A folder that keeps the last known addresses of every service, for a start without the registry. Default: none. */
  snapshotDir?: string;
  /** Milliseconds for which a registry that suddenly lists nothing is not believed. Default 60,000; 0 believes it at once. */
  emptyGraceMs?: number;
  /** Milliseconds a call may take where neither the call nor its method says. Default 3,000, as Java's. */
  timeoutMs?: number;
  /** Tells the provider how much time is left, in the property that SOFARPC 5.14 reads (`deadline.enable` there). Default false, as Java's. */
  propagateDeadline?: boolean;
  /** Milliseconds a connection may take to open. Default 1,000, as Java's. */
  connectTimeoutMs?: number;
  /** Connections to each endpoint; calls are multiplexed, so more than one rarely helps. Default 1. */
  connectionsPerEndpoint?: number;
  /** How a silent connection is found out. Default: probe after 15 s without a read, closed after 3 s more without an answer. */
  heartbeat?: Partial<HeartbeatOptions>;
  /** Refuses calls of a method to an endpoint where most of them fail. Default: at 50 % of 20 calls in 10 s. */
  circuitBreaker?: CircuitBreakerOptions | false;
  /** Leaves out, for a while, endpoints that fail more than the others. Default: after 5 failures in a row, or by success rate. */
  outlierEjection?: OutlierOptions | false;
  /** Calls of this client that may be in flight; more are refused with RATE_LIMITED. Default: no limit. */
  maxConcurrency?: number;
  /** Around every call, before an endpoint is picked; the first is the outermost. */
  interceptors?: readonly Interceptor[];
  /** Around every attempt, after an endpoint was picked: they see `call.endpoint`. */
  attemptInterceptors?: readonly Interceptor[];
  /** Default `v1`. */
  bolt?: BoltOption;
  /** More protocols that providers may speak, by the scheme of their addresses; one named `bolt` takes the place of the built-in. Default: none. */
  framings?: readonly Framing[];
  /** Largest frame that is sent or accepted. Default 16 MiB. */
  maxFrameBytes?: number;
  /** Opens the connections to providers: any duplex stream will do. Default: TCP. */
  connect?: Connect;
  /** Opens those to the sidecar, its API included; a `sidecar` of yours has its own. Default: TCP, or a Unix socket. */
  sidecarConnect?: Connect;
  /** Told what an operator should know: a registry that is down, a node in it that cannot be read. Default: console. */
  logger?: Logger;
  /** Default: the machine's. */
  clock?: Clock;
  /** Default: the machine's. */
  random?: Random;
}

/** What one service has of its own; each beats the client's. */
export interface ClientServiceOptions extends RoutingOptions {
  /** Where the providers of this service are found. */
  registry?: RegistryOption;
}

/** What an untyped call may say beside {@link CallOptions}. */
export interface InvokeOptions extends CallOptions {
  /** Nothing is answered. */
  oneway?: boolean;
}

/** @throws MeshError INVALID_ARGUMENT for the first option that is out of range. */
export function checkOptions(options: MeshClientOptions): void {
  const { connectionsPerEndpoint = 1, emptyGraceMs = 0 } = options;
  checkPositive('timeoutMs', options.timeoutMs);
  checkPositive('connectTimeoutMs', options.connectTimeoutMs);
  checkPositive('readyTimeoutMs', options.readyTimeoutMs);
  checkPositive('maxFrameBytes', options.maxFrameBytes);
  if (!Number.isSafeInteger(connectionsPerEndpoint) || connectionsPerEndpoint < 1)
    throw invalidOption('connectionsPerEndpoint', connectionsPerEndpoint, 'a positive integer');
  if (options.sidecar !== undefined && options.sidecarConnect !== undefined) {
    throw new MeshError(
      'INVALID_ARGUMENT',
      'MeshClient: sidecarConnect goes with a session of the client itself; give it to the Sidecar as connect',
    );
  }
  if (!(emptyGraceMs >= 0)) throw invalidOption('emptyGraceMs', emptyGraceMs, 'zero or a positive number');
}

/** The balancer that an option names, or is. @throws MeshError INVALID_ARGUMENT for an unknown name. */
export function balancerOption(option: RoutingOptions['balancer'] = 'p2c'): Balancer {
  if (typeof option === 'function') return option;
  return balancerOf(option, option === 'localPref' ? localHosts() : []);
}

/** This machine's addresses, as registries spell them. */
function localHosts(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.map(({ address }) => address),
  );
}

function checkPositive(name: string, value: number | undefined): void {
  if (value !== undefined && !(value > 0)) throw invalidOption(name, value, 'a positive number');
}

function invalidOption(name: string, value: unknown, wanted: string): MeshError {
  return new MeshError('INVALID_ARGUMENT', `MeshClient: ${name} is ${String(value)}, it must be ${wanted}`);
}
