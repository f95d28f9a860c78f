import { OutlierDetector } from '../balancing/outlier.js';
import { routed } from '../balancing/routed.js';
import { DEFAULT_MAX_FRAME_BYTES } from '../bolt/frame.js';
import type { ServiceContract } from '../contract/define-service.js';
import type { Client } from '../contract/types.js';
import { chain, type Handler, type Interceptor } from '../core/call.js';
import { systemClock } from '../core/clock.js';
import { addContext, MeshError } from '../core/errors.js';
import { systemRandom } from '../core/random.js';
import { Registries, type RegistryOption } from '../discovery/registries.js';
import { SnapshotStore } from '../discovery/snapshot.js';
import type { WatchSource } from '../discovery/watch-loop.js';
import { ClientPlan } from '../protocol/client-plan.js';
import { circuitBreaker } from '../resilience/circuit-breaker.js';
import { concurrencyLimit } from '../resilience/concurrency-limit.js';
import { retry } from '../resilience/retry.js';
import { retryOptionsOf } from '../resilience/retry-options.js';
import { Serializers } from '../serialization/serializers.js';
import { DEFAULT_HEARTBEAT } from '../transport/client-connection.js';
import { connectTcp } from '../transport/socket.js';
import { versionOf } from './bolt-option.js';
import {
  balancerOption,
  type ClientServiceOptions,
  checkOptions,
  type InvokeOptions,
  type MeshClientOptions,
} from './options.js';
import { Outbound } from './outbound.js';
import { Peers } from './peers.js';
import { Route } from './route.js';
import { ClientRuntime } from './runtime.js';
import { resultOf, typedProxy } from './typed-proxy.js';
import { type UntypedMethod, UntypedMethods } from './untyped.js';

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
const DEFAULT_EMPTY_GRACE_MS = 60_000;

/** The handler of a service's calls, with the options it was made for. */
interface Service {
  readonly options: ClientServiceOptions;
  readonly route: Route;
  readonly handler: Handler;
}

/**
 * Calls services. It connects when it is first needed, shares one connection an endpoint between all services, and
 * reconnects by itself. Two clients in one process share nothing but the call context.
 */
export class MeshClient implements AsyncDisposable {
  private readonly options: MeshClientOptions;
  private readonly runtime: ClientRuntime;
  private readonly serializers = new Serializers();
  private readonly peers: Peers;
  private readonly registries: Registries;
  private readonly snapshots: SnapshotStore | undefined;
  private readonly services = new Map<string, Service[]>();
  private readonly untyped: UntypedMethods<Outbound>;
  /** The client's own part of each attempt's chain, inside the user's: it judges what really happened. */
  private readonly attemptInterceptors: readonly Interceptor[];
  /** Around each call, before the user's interceptors are through. */
  private readonly limits: readonly Interceptor[];
  private closing: Promise<void> | undefined;

  /** @throws MeshError INVALID_ARGUMENT for options out of range or a bad address. */
  constructor(options: MeshClientOptions) {
    checkOptions(options);
    this.options = options;
    const { clock = systemClock, random = systemRandom, logger = console, maxConcurrency } = options;
    const warn = (message: string) => logger.warn(message);
    this.runtime = new ClientRuntime({
      clock,
      random,
      connect: options.connect ?? connectTcp,
      connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
      connectionsPerEndpoint: options.connectionsPerEndpoint ?? 1,
      heartbeat: { ...DEFAULT_HEARTBEAT, ...options.heartbeat },
      maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
      version: versionOf(options.bolt ?? 'v1'),
    });
    this.peers = new Peers(this.runtime);
    this.registries = new Registries({ clock, random, app: options.app, warn });
    if (options.registry !== undefined) this.sourcesOf(options.registry);
    if (options.snapshotDir !== undefined)
      this.snapshots = new SnapshotStore(options.snapshotDir, { clock, random, warn });
    const { attemptInterceptors = [], circuitBreaker: breaker = {} } = options;
    this.attemptInterceptors =
      breaker === false
        ? attemptInterceptors
        : [...attemptInterceptors, circuitBreaker(breaker, { clock: this.runtime.turnClock })];
    this.limits = maxConcurrency === undefined ? [] : [concurrencyLimit(maxConcurrency)];
    // Unknown names and numbers out of range fail here, not with the first call.
    this.chainOf(options, () => Promise.reject(closed()));
    balancerOption(options.balancer);
    this.outliersOf('');
    this.untyped = new UntypedMethods((untyped) =>
      this.outboundOf(untyped, this.handlerOf(untyped.service, {})),
    );
  }

  /**
   * The methods of a contract as functions. Costs no I/O; the first call connects.
   * @throws MeshError INVALID_ARGUMENT where neither the client nor `options` names a registry.
   */
  service<S extends ServiceContract>(contract: S, options: ClientServiceOptions = {}): Client<S> {
    const handler = this.handlerOf(contract, options);
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
    for (const services of this.services.values()) for (const { route } of services) route.close();
    this.peers.close(closed());
    await Promise.all([this.runtime.close(timeoutMs), this.registries.close(), this.snapshots?.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private outboundOf({ service, method }: UntypedMethod, handler: Handler): Outbound {
    const { hessian } = this.serializers;
    const { app, propagateDeadline } = this.options;
    const plan = new ClientPlan(
      app,
      service,
      method,
      this.serializers.of(service),
      hessian,
      propagateDeadline,
    );
    const { clock, wheel } = this.runtime;
    const { interceptors = [], attemptInterceptors = [] } = this.options;
    const guard = interceptors.length + attemptInterceptors.length > 0 ? wheel : undefined;
    return new Outbound(plan, handler, clock, this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS, guard);
  }

  private handlerOf({ id }: ServiceContract, options: ClientServiceOptions): Handler {
    const services = this.services.get(id) ?? [];
    this.services.set(id, services);
    let service = services.find((known) => sameOptions(known.options, options));
    if (service === undefined) {
      service = this.serviceOf(id, options);
      services.push(service);
    }
    return service.handler;
  }

  private serviceOf(id: string, own: ClientServiceOptions): Service {
    const options = { ...this.options, ...own };
    const route = this.routeOf(id, options);
    const open: Handler = (call) => {
      if (this.closing === undefined) return route.handle(call);
      return Promise.reject(addContext(closed(), { service: id, method: call.method }));
    };
    return { options: own, route, handler: this.chainOf(options, open) };
  }

  /** The user's interceptors see one call; what is inside of the retries sees every attempt. */
  private chainOf({ retry: option }: ClientServiceOptions, handler: Handler): Handler {
    const { interceptors = [] } = this.options;
    const options = retryOptionsOf(option ?? 'failover');
    const retries = options === undefined ? [] : [retry(options, this.runtime)];
    return chain([...interceptors, ...this.limits, ...retries], handler);
  }

  private routeOf(service: string, options: MeshClientOptions): Route {
    const { registry, router, emptyGraceMs = DEFAULT_EMPTY_GRACE_MS, logger = console } = options;
    if (registry === undefined) {
      throw new MeshError(
        'INVALID_ARGUMENT',
        `no registry for ${service}: pass { registry: 'bolt://host:port' } to the client or to service()`,
        { service },
      );
    }
    const balancer = balancerOption(options.balancer);
    const sources = this.sourcesOf(registry);
    return new Route({
      service,
      sources,
      emptyGraceMs,
      snapshot: this.snapshots?.of(
        service,
        sources.map(({ name }) => name),
      ),
      warn: (message) => logger.warn(message),
      balancer: router === undefined ? balancer : routed(router, balancer),
      outliers: this.outliersOf(service),
      attemptInterceptors: this.attemptInterceptors,
      runtime: this.runtime,
      peers: this.peers,
    });
  }

  private sourcesOf(registry: RegistryOption): readonly WatchSource[] {
    return this.registries.open(registry).map(({ name, resolver }) => {
      if (resolver !== undefined) return { name, resolver };
      throw new MeshError(
        'INVALID_ARGUMENT',
        `the registry ${name} tells no endpoints: it has no watch(); a client needs a Resolver`,
      );
    });
  }

  private outliersOf(service: string): OutlierDetector | undefined {
    const { outlierEjection = {} } = this.options;
    return outlierEjection === false ? undefined : new OutlierDetector(service, outlierEjection);
  }
}

function sameOptions(a: ClientServiceOptions, b: ClientServiceOptions): boolean {
  return (
    a.registry === b.registry && a.balancer === b.balancer && a.router === b.router && a.retry === b.retry
  );
}

function closed(): MeshError {
  return new MeshError('SHUTTING_DOWN', 'the client was closed; make a new MeshClient');
}
