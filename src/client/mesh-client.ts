import { roundRobin } from '../balancing/round-robin.js';
import { DEFAULT_MAX_FRAME_BYTES } from '../bolt/frame.js';
import type { ServiceContract } from '../contract/define-service.js';
import type { Client } from '../contract/types.js';
import { type CallOptions, chain, type Handler, type Interceptor } from '../core/call.js';
import { type Clock, systemClock } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { addContext, MeshError } from '../core/errors.js';
import { type Random, systemRandom } from '../core/random.js';
import type { Resolver } from '../discovery/resolver.js';
import { staticResolver } from '../discovery/static.js';
import { ClientPlan } from '../protocol/client-plan.js';
import { Serializers } from '../serialization/serializers.js';
import { DEFAULT_HEARTBEAT, type HeartbeatOptions } from '../transport/client-connection.js';
import { type Connect, connectTcp } from '../transport/socket.js';
import { type BoltOption, versionOf } from './bolt-option.js';
import { Outbound } from './outbound.js';
import { Peer } from './peer.js';
import { Route } from './route.js';
import { ClientRuntime } from './runtime.js';
import { resultOf, typedProxy } from './typed-proxy.js';
import { type UntypedMethod, UntypedMethods } from './untyped.js';

/** Where providers are found: `bolt://host:port` (several in an array or separated by commas), or a Resolver of your own. */
export type Registry = string | readonly string[] | Resolver;

export interface MeshClientOptions {
  /** The name of this application, sent with every call. */
  app: string;
  /** Where providers are found, for services that name no registry of their own. */
  registry?: Registry;
  /** Milliseconds a call may take where neither the call nor its method says. Default 3,000, as Java's. */
  timeoutMs?: number;
  /** Milliseconds a connection may take to open. Default 1,000, as Java's. */
  connectTimeoutMs?: number;
  /** Connections to each endpoint; calls are multiplexed, so more than one rarely helps. Default 1. */
  connectionsPerEndpoint?: number;
  /** How a silent connection is found out. Default: probe after 15 s without a read, closed after 3 s more without an answer. */
  heartbeat?: Partial<HeartbeatOptions>;
  /** Around every call, before an endpoint is picked; the first is the outermost. */
  interceptors?: readonly Interceptor[];
  /** Around every attempt, after an endpoint was picked: they see `call.endpoint`. */
  attemptInterceptors?: readonly Interceptor[];
  /** Default `v1`. */
  bolt?: BoltOption;
  /** Largest frame that is sent or accepted. Default 16 MiB. */
  maxFrameBytes?: number;
  /** Opens connections. Default: TCP. */
  connect?: Connect;
  /** Default: the machine's. */
  clock?: Clock;
  /** Default: the machine's. */
  random?: Random;
}

export interface ClientServiceOptions {
  /** Where the providers of this service are found; beats the client's registry. */
  registry?: Registry;
}

/** What an untyped call may say beside {@link CallOptions}. */
export interface InvokeOptions extends CallOptions {
  /** Nothing is answered. */
  oneway?: boolean;
}

/** Counts of a client, for health checks and tests. */
export interface ClientStats {
  /** Open connections. */
  readonly connections: number;
  /** Calls that wait for a response. */
  readonly pending: number;
  /** Responses that came after their call had ended, and were dropped. */
  readonly lateResponses: number;
}

const DEFAULT_TIMEOUT_MS = 3_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 1_000;
const DEFAULT_CLOSE_TIMEOUT_MS = 10_000;

/**
 * Calls services. It connects when it is first needed, shares one connection an endpoint between all services, and
 * reconnects by itself. Two clients in one process share nothing but the call context.
 */
export class MeshClient implements AsyncDisposable {
  private readonly options: MeshClientOptions;
  private readonly runtime: ClientRuntime;
  private readonly serializers = new Serializers();
  private readonly peers = new Map<string, Peer>();
  private readonly routes = new Map<string, Map<Registry, Route>>();
  private readonly untyped: UntypedMethods<Outbound>;
  private closing: Promise<void> | undefined;

  /** @throws MeshError INVALID_ARGUMENT for options out of range or a bad address. */
  constructor(options: MeshClientOptions) {
    this.options = options;
    const { connectionsPerEndpoint = 1 } = options;
    checkPositive('timeoutMs', options.timeoutMs);
    checkPositive('connectTimeoutMs', options.connectTimeoutMs);
    checkPositive('maxFrameBytes', options.maxFrameBytes);
    if (!Number.isSafeInteger(connectionsPerEndpoint) || connectionsPerEndpoint < 1) {
      throw invalidOption('connectionsPerEndpoint', connectionsPerEndpoint, 'a positive integer');
    }
    if (typeof options.registry === 'string' || Array.isArray(options.registry))
      staticResolver(options.registry);
    this.runtime = new ClientRuntime({
      clock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
      connect: options.connect ?? connectTcp,
      connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
      connectionsPerEndpoint,
      heartbeat: { ...DEFAULT_HEARTBEAT, ...options.heartbeat },
      maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
      version: versionOf(options.bolt ?? 'v1'),
    });
    this.untyped = new UntypedMethods((untyped) =>
      this.outboundOf(untyped, this.handlerOf(untyped.service, undefined)),
    );
  }

  /**
   * The methods of a contract as functions. Costs no I/O; the first call connects.
   * @throws MeshError INVALID_ARGUMENT where neither the client nor `options` names a registry.
   */
  service<S extends ServiceContract>(contract: S, options: ClientServiceOptions = {}): Client<S> {
    const handler = this.handlerOf(contract, options.registry);
    return typedProxy(contract, (key) =>
      this.outboundOf({ service: contract, method: contract.methods[key] }, handler),
    );
  }

  /**
   * Calls a method without a contract: `mesh.invoke('com.acme.PersonService:1.0', 'find', [java.long(42n)])`.
   * The types of the arguments are Java's parameter types: wrap what JavaScript cannot tell apart with `java.*`.
   */
  async invoke(
    serviceId: string,
    method: string,
    args: readonly unknown[],
    options: InvokeOptions = {},
  ): Promise<unknown> {
    return this.untyped.get(serviceId, method, args, options.oneway ?? false).call(args, options, resultOf);
  }

  /** What the client holds right now. */
  stats(): ClientStats {
    const { connectionCount, pendingCount, lateResponses } = this.runtime;
    return { connections: connectionCount, pending: pendingCount, lateResponses };
  }

  /** Refuses new calls, lets those in flight finish for up to `timeoutMs` (default 10,000), and closes every connection. */
  close(options: { timeoutMs?: number } = {}): Promise<void> {
    this.closing ??= this.shutDown(options.timeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS);
    return this.closing;
  }

  private async shutDown(timeoutMs: number): Promise<void> {
    const reason = closed();
    for (const routes of this.routes.values()) for (const route of routes.values()) route.close();
    for (const peer of this.peers.values()) peer.close(reason);
    await this.runtime.close(timeoutMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private outboundOf({ service, method }: UntypedMethod, handler: Handler): Outbound {
    const { hessian } = this.serializers;
    const plan = new ClientPlan(this.options.app, service, method, this.serializers.of(service), hessian);
    const { clock, wheel } = this.runtime;
    const { interceptors = [], attemptInterceptors = [] } = this.options;
    const guard = interceptors.length + attemptInterceptors.length > 0 ? wheel : undefined;
    return new Outbound(plan, handler, clock, this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS, guard);
  }

  private handlerOf(service: ServiceContract, own: Registry | undefined): Handler {
    const route = this.routeOf(service.id, own ?? this.options.registry);
    const open: Handler = (call) => {
      if (this.closing === undefined) return route.handle(call);
      return Promise.reject(addContext(closed(), { service: service.id, method: call.method }));
    };
    return chain(this.options.interceptors ?? [], open);
  }

  private routeOf(service: string, registry: Registry | undefined): Route {
    if (registry === undefined) {
      throw new MeshError(
        'INVALID_ARGUMENT',
        `no registry for ${service}: pass { registry: 'bolt://host:port' } to the client or to service()`,
        { service },
      );
    }
    const routes = this.routes.get(service) ?? new Map<Registry, Route>();
    this.routes.set(service, routes);
    const known = routes.get(registry);
    if (known !== undefined) return known;
    const route = new Route({
      service,
      resolver: resolverOf(registry),
      balancer: roundRobin,
      attemptInterceptors: this.options.attemptInterceptors ?? [],
      runtime: this.runtime,
      peerOf: (endpoint) => this.peerOf(endpoint),
    });
    routes.set(registry, route);
    return route;
  }

  private peerOf(endpoint: Endpoint): Peer {
    const known = this.peers.get(endpoint.address);
    if (known !== undefined) return known;
    const peer = new Peer(endpoint, this.runtime);
    this.peers.set(endpoint.address, peer);
    return peer;
  }
}

function resolverOf(registry: Registry): Resolver {
  return typeof registry === 'object' && 'watch' in registry ? registry : staticResolver(registry);
}

function closed(): MeshError {
  return new MeshError('SHUTTING_DOWN', 'the client was closed; make a new MeshClient');
}

function checkPositive(name: string, value: number | undefined): void {
  if (value !== undefined && !(value > 0)) throw invalidOption(name, value, 'a positive number');
}

function invalidOption(name: string, value: unknown, wanted: string): MeshError {
  return new MeshError('INVALID_ARGUMENT', `MeshClient: ${name} is ${String(value)}, it must be ${wanted}`);
}
