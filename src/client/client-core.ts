import { OutlierDetector } from '../balancing/outlier.js';
import { routed } from '../balancing/routed.js';
import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import { chain, type Handler, type Interceptor, type PathChoice } from '../core/call.js';
import { systemClock } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { addContext, type CallPath, MeshError } from '../core/errors.js';
import { systemRandom } from '../core/random.js';
import { Registries, type RegistryOption } from '../discovery/registries.js';
import { SnapshotStore } from '../discovery/snapshot.js';
import type { WatchSource } from '../discovery/watch-loop.js';
import type { CallPlan } from '../framing/call-plan.js';
import { DEFAULT_MAX_FRAME_BYTES } from '../framing/framing.js';
import { type Mode, modeOf } from '../mesh/mode.js';
import type { ServiceMigration } from '../mesh/service-migration.js';
import { boltFraming } from '../protocol/framings.js';
import { circuitBreaker } from '../resilience/circuit-breaker.js';
import { concurrencyLimit } from '../resilience/concurrency-limit.js';
import { retry } from '../resilience/retry.js';
import { retryOptionsOf } from '../resilience/retry-options.js';
import { DEFAULT_HEARTBEAT } from '../transport/client-connection.js';
import { connectTcp } from '../transport/socket.js';
import type { OnLost } from './connection-slot.js';
import { ContractPlan } from './contract-plan.js';
import { ClientFramings } from './framings.js';
import { MeshSide } from './mesh-side.js';
import { migrate } from './migrate.js';
import {
  balancerOption,
  type ClientServiceOptions,
  checkOptions,
  type MeshClientOptions,
} from './options.js';
import { Outbound } from './outbound.js';
import type { Peer } from './peer.js';
import { callsOn } from './peer-calls.js';
import { Peers } from './peers.js';
import { Route } from './route.js';
import { ClientRuntime } from './runtime.js';

const DEFAULT_TIMEOUT_MS = 3_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 1_000;
const DEFAULT_EMPTY_GRACE_MS = 60_000;

/** What one service has of its own. */
export interface ServiceRouting extends ClientServiceOptions {
  /** No sidecar takes its calls, whatever the client's mode. Default false. */
  readonly directOnly?: boolean;
}

/** Told of what happens to connections beside their calls. */
export interface ConnectionObserver {
  /** A direct connection takes no more calls. */
  readonly onLost?: OnLost;
  /** A response came that nobody waits for any more. */
  readonly onLateResponse?: (endpoint: Endpoint, requestId: number) => void;
}

/** The handler of a service's calls, with the options it was made for. */
interface Service {
  readonly options: ServiceRouting;
  /** Undefined where no registry is named. */
  readonly route: Route | undefined;
  readonly migration: ServiceMigration;
  readonly handler: Handler;
}

/**
 * What makes calls, under the faces for users: one runtime, one set of peers, the ways of each service. A face brings the
 * plans, which know how its calls look on the wire.
 */
export class ClientCore {
  readonly runtime: ClientRuntime;
  /** The addresses that are called directly; see {@link outboundTo}. */
  readonly peers: Peers;
  readonly meshSide: MeshSide;
  private readonly options: MeshClientOptions;
  private readonly framings: ClientFramings;
  private readonly registries: Registries;
  private readonly snapshots: SnapshotStore | undefined;
  private readonly mode: Mode;
  private readonly services = new Map<string, Service[]>();
  /** The client's own part of each attempt's chain, inside the user's: it judges what really happened. */
  private readonly attemptInterceptors: readonly Interceptor[];
  /** Around each call, before the user's interceptors are through. */
  private readonly limits: readonly Interceptor[];
  private closing: Promise<void> | undefined;

  /** @throws MeshError INVALID_ARGUMENT for options out of range or a bad address. */
  constructor(options: MeshClientOptions, observer: ConnectionObserver = {}) {
    checkOptions(options);
    this.options = options;
    const { clock = systemClock, random = systemRandom, logger = console, maxConcurrency } = options;
    const warn = (message: string) => logger.warn(message);
    const { app, bolt, framings = [], propagateDeadline = false } = options;
    this.framings = new ClientFramings([boltFraming(bolt), ...framings], { app, propagateDeadline });
    this.runtime = new ClientRuntime({
      clock,
      random,
      connect: options.connect ?? connectTcp,
      connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
      connectionsPerEndpoint: options.connectionsPerEndpoint ?? 1,
      heartbeat: { ...DEFAULT_HEARTBEAT, ...options.heartbeat },
      maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
      framingOf: (endpoint) => this.framings.of(endpoint),
      onLateResponse: observer.onLateResponse,
    });
    this.peers = new Peers(this.runtime, undefined, observer.onLost);
    this.mode = modeOf(options.mode, process.env);
    this.meshSide = new MeshSide(options, this.mode, this.runtime, warn);
    this.registries = new Registries({
      clock,
      random,
      app,
      warn,
      factories: options.registries,
      addressSchemes: this.framings.names,
    });
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
  }

  /** How the calls of a contract's method look on the wire. */
  contractPlan(service: ServiceContract, method: MethodContract): CallPlan {
    return new ContractPlan(service, method, this.framings);
  }

  /**
   * How the calls of a plan are made. Costs no I/O.
   * @throws MeshError INVALID_ARGUMENT where neither the client nor `routing` names a registry, and no sidecar may take them.
   */
  outbound(plan: CallPlan, routing: ServiceRouting): Outbound {
    const { handler, migration } = this.serviceFor(plan.serviceId, routing);
    const { interceptors = [], attemptInterceptors = [] } = this.options;
    const mayKeepWaiting = interceptors.length + attemptInterceptors.length > 0;
    return this.outboundOf(plan, handler, migration, mayKeepWaiting);
  }

  /** How the calls of a plan are made on one peer of {@link peers}, whatever is known of others. */
  outboundTo(peer: Peer, plan: CallPlan): Outbound {
    const migration = this.meshSide.migrations.of(plan.serviceId, true);
    return this.outboundOf(plan, callsOn(peer, this.runtime), migration, false);
  }

  private outboundOf(
    plan: CallPlan,
    handler: Handler,
    migration: ServiceMigration,
    mayKeepWaiting: boolean,
  ): Outbound {
    const { clock, wheel } = this.runtime;
    const timeoutMs = this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const onFailed = (path: CallPath) => migration.callFailed(path);
    return new Outbound(plan, handler, clock, timeoutMs, mayKeepWaiting ? wheel : undefined, onFailed);
  }

  /** Whether no call of a service with this routing goes through a sidecar. */
  isDirect({ directOnly = false }: ServiceRouting): boolean {
    return directOnly || this.mode === 'direct';
  }

  /** The state of a service on its way between the sidecar and direct connections. */
  migrationOf(serviceId: string, routing: ServiceRouting): ServiceMigration {
    return this.serviceFor(serviceId, routing).migration;
  }

  /** Ends the ways of a service that are made for this routing: its addresses are watched no more. */
  forget(serviceId: string, routing: ServiceRouting): void {
    const services = this.services.get(serviceId) ?? [];
    const at = services.findIndex((known) => sameRouting(known.options, routing));
    if (at < 0) return;
    services[at].route?.close();
    services.splice(at, 1);
    if (services.length === 0) this.services.delete(serviceId);
  }

  /** Refuses new calls, lets those in flight finish for up to `timeoutMs`, and closes every connection. */
  close(timeoutMs: number): Promise<void> {
    this.closing ??= this.shutDown(timeoutMs);
    return this.closing;
  }

  private async shutDown(timeoutMs: number): Promise<void> {
    for (const services of this.services.values()) for (const { route } of services) route?.close();
    this.peers.close(closed());
    this.meshSide.stop(closed());
    const running = this.runtime.close(timeoutMs);
    await Promise.all([running, this.registries.close(), this.snapshots?.close(), this.meshSide.close()]);
  }

  private serviceFor(id: string, routing: ServiceRouting): Service {
    const services = this.services.get(id) ?? [];
    this.services.set(id, services);
    let service = services.find((known) => sameRouting(known.options, routing));
    if (service === undefined) {
      service = this.serviceOf(id, routing);
      services.push(service);
    }
    return service;
  }

  private serviceOf(id: string, own: ServiceRouting): Service {
    const options = { ...this.options, ...own };
    const route = options.registry === undefined ? undefined : this.routeOf(id, options.registry, options);
    const isDirect = this.isDirect(own);
    if (route === undefined && isDirect) throw noRegistry(id);
    const migration = this.meshSide.migrations.of(id, route !== undefined);
    const directOnce = route?.handle ?? (() => Promise.reject(noRegistry(id)));
    const direct = chain(this.retriesOf(options), directOnce);
    const way = own.directOnly ? byItself(direct) : this.bothWays(id, migration, { direct, directOnce });
    const open: Handler = (call) => {
      if (this.closing === undefined) return way(call);
      return Promise.reject(addContext(closed(), { service: id, method: call.method }));
    };
    const { interceptors = [] } = this.options;
    return { options: own, route, migration, handler: chain([...interceptors, ...this.limits], open) };
  }

  private bothWays(
    id: string,
    migration: ServiceMigration,
    { direct, directOnce }: { direct: Handler; directOnce: Handler },
  ): Handler {
    const mesh = this.meshSide.routeOf(id, migration).handle;
    const { clock, wheel } = this.runtime;
    const { readyTimeoutMs } = this.meshSide;
    return migrate(migration, { mesh, direct, directOnce }, { clock, wheel, readyTimeoutMs });
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

const DIRECT_ONLY: PathChoice = Object.freeze({ path: 'direct', reason: 'this service is called directly' });

/** The one way of a service that no sidecar takes. */
function byItself(direct: Handler): Handler {
  return (call) => {
    (call as { via: PathChoice }).via = DIRECT_ONLY;
    return direct(call);
  };
}

function sameRouting(a: ServiceRouting, b: ServiceRouting): boolean {
  return (
    a.registry === b.registry &&
    a.balancer === b.balancer &&
    a.router === b.router &&
    a.retry === b.retry &&
    a.directOnly === b.directOnly
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
