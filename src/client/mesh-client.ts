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
import type { MigrationEvents, MigrationListener } from '../mesh/migration-events.js';
import type { MigrationPolicy } from '../mesh/migration-policy.js';
import type { MigrationStatus } from '../mesh/migration-status.js';
import { type Mode, modeOf } from '../mesh/mode.js';
import type { ServiceMigration } from '../mesh/service-migration.js';
import { ClientPlan } from '../protocol/client-plan.js';
import { circuitBreaker } from '../resilience/circuit-breaker.js';
import { concurrencyLimit } from '../resilience/concurrency-limit.js';
import { retry } from '../resilience/retry.js';
import { retryOptionsOf } from '../resilience/retry-options.js';
import { Serializers } from '../serialization/serializers.js';
import { DEFAULT_HEARTBEAT } from '../transport/client-connection.js';
import { connectTcp } from '../transport/socket.js';
import { versionOf } from './bolt-option.js';
import { MeshSide } from './mesh-side.js';
import { migrate } from './migrate.js';
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
  /** Undefined where no registry is named. */
  readonly route: Route | undefined;
  readonly migration: ServiceMigration;
  readonly handler: Handler;
}

/**
 * Calls services, through the sidecar where there is one and directly otherwise. It looks and connects when it is first
 * needed, shares one connection an endpoint between all services, and reconnects by itself. Two clients in one process
 * share nothing but the call context, and the session with the sidecar where they were given the same one.
 */
export class MeshClient implements AsyncDisposable {
  private readonly options: MeshClientOptions;
  private readonly runtime: ClientRuntime;
  private readonly serializers = new Serializers();
  private readonly peers: Peers;
  private readonly registries: Registries;
  private readonly snapshots: SnapshotStore | undefined;
  private readonly mode: Mode;
  private readonly meshSide: MeshSide;
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
    this.mode = modeOf(options.mode, process.env);
    this.meshSide = new MeshSide(options, this.mode, this.runtime, warn);
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
    retryOptionsOf(options.retry ?? 'failover');
    balancerOption(options.balancer);
    this.outliersOf('');
    this.untyped = new UntypedMethods((untyped) =>
      this.outboundOf(untyped, this.serviceFor(untyped.service, {})),
    );
  }

  /**
   * The methods of a contract as functions. Costs no I/O; the first call looks for the sidecar and connects.
   * @throws MeshError INVALID_ARGUMENT where neither the client nor `options` names a registry, and the mode is `direct`.
   */
  service<S extends ServiceContract>(contract: S, options: ClientServiceOptions = {}): Client<S> {
    const service = this.serviceFor(contract, options);
    return typedProxy(contract, (key) =>
      this.outboundOf({ service: contract, method: contract.methods[key] }, service),
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

  /** Which share of each service's calls goes through the sidecar: `mesh.policy.set(..)` changes it while calls run. */
  get policy(): MigrationPolicy {
    return this.meshSide.policy;
  }

  /** Which way each service's calls go and why, what is known of the sidecar; `String(mesh.status())` is a table. */
  status(): MigrationStatus {
    return this.meshSide.migrations.status();
  }

  /** Calls `listener` when a service's calls go another way, and for what else {@link MigrationEvents} names; the returned function ends that. */
  on<K extends keyof MigrationEvents>(name: K, listener: MigrationListener<K>): () => void {
    return this.meshSide.events.on(name, listener);
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
    for (const services of this.services.values()) for (const { route } of services) route?.close();
    this.peers.close(closed());
    this.meshSide.stop(closed());
    const running = this.runtime.close(timeoutMs);
    await Promise.all([running, this.registries.close(), this.snapshots?.close(), this.meshSide.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private outboundOf({ service, method }: UntypedMethod, { handler, migration }: Service): Outbound {
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
    return new Outbound(
      plan,
      handler,
      clock,
      this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      guard,
      migration.failed,
    );
  }

  private serviceFor({ id }: ServiceContract, options: ClientServiceOptions): Service {
    const services = this.services.get(id) ?? [];
    this.services.set(id, services);
    let service = services.find((known) => sameOptions(known.options, options));
    if (service === undefined) {
      service = this.serviceOf(id, options);
      services.push(service);
    }
    return service;
  }

  private serviceOf(id: string, own: ClientServiceOptions): Service {
    const options = { ...this.options, ...own };
    const route = options.registry === undefined ? undefined : this.routeOf(id, options.registry, options);
    if (route === undefined && this.mode === 'direct') throw noRegistry(id);
    const migration = this.meshSide.migrations.of(id, route !== undefined);
    const directOnce = route?.handle ?? (() => Promise.reject(noRegistry(id)));
    const direct = chain(this.retriesOf(options), directOnce);
    const mesh = this.meshSide.routeOf(id, migration).handle;
    const { clock, turnClock, wheel } = this.runtime;
    const { readyTimeoutMs } = this.meshSide;
    const both = migrate(
      migration,
      { mesh, direct, directOnce },
      { clock, turnClock, wheel, readyTimeoutMs },
    );
    const open: Handler = (call) => {
      if (this.closing === undefined) return both(call);
      return Promise.reject(addContext(closed(), { service: id, method: call.method }));
    };
    const { interceptors = [] } = this.options;
    return { options: own, route, migration, handler: chain([...interceptors, ...this.limits], open) };
  }

  /** Only where calls go directly: the sidecar has retries of its own. */
  private retriesOf({ retry: option }: ClientServiceOptions): readonly Interceptor[] {
    const options = retryOptionsOf(option ?? 'failover');
    return options === undefined ? [] : [retry(options, this.runtime)];
  }

  private routeOf(service: string, registry: RegistryOption, options: MeshClientOptions): Route {
    const { router, emptyGraceMs = DEFAULT_EMPTY_GRACE_MS, logger = console } = options;
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

function noRegistry(service: string): MeshError {
  return new MeshError(
    'INVALID_ARGUMENT',
    `no registry for ${service}: pass { registry: 'bolt://host:port' } to the client or to service(); without one, only a sidecar can take its calls, and the mode is direct`,
    { service },
  );
}

function closed(): MeshError {
  return new MeshError('SHUTTING_DOWN', 'the client was closed; make a new MeshClient');
}
