import type { ServiceContract } from '../contract/define-service.js';
import type { Client } from '../contract/types.js';
import type { MigrationEvents, MigrationListener } from '../mesh/migration-events.js';
import type { MigrationPolicy } from '../mesh/migration-policy.js';
import type { MigrationStatus } from '../mesh/migration-status.js';
import { ClientCore } from './client-core.js';
import type { ClientServiceOptions, InvokeOptions, MeshClientOptions } from './options.js';
import type { Outbound } from './outbound.js';
import { resultOf, typedProxy } from './typed-proxy.js';
import { UntypedMethods } from './untyped.js';

/** Counts of a client, for health checks and tests. */
export interface ClientStats {
  /** Open connections. */
  readonly connections: number;
  /** Calls that wait for a response. */
  readonly pending: number;
  /** Responses that came after their call had ended, and were dropped. */
  readonly lateResponses: number;
}

const DEFAULT_CLOSE_TIMEOUT_MS = 10_000;

/**
 * Calls services, through the sidecar where there is one and directly otherwise. It looks and connects when it is first
 * needed, shares one connection an endpoint between all services, and reconnects by itself. Two clients in one process
 * share nothing but the call context, and the session with the sidecar where they were given the same one.
 */
export class MeshClient implements AsyncDisposable {
  private readonly core: ClientCore;
  private readonly untyped: UntypedMethods<Outbound>;

  /** @throws MeshError INVALID_ARGUMENT for options out of range or a bad address. */
  constructor(options: MeshClientOptions) {
    this.core = new ClientCore(options);
    this.untyped = new UntypedMethods(({ service, method }) =>
      this.core.outbound(this.core.contractPlan(service, method), {}),
    );
  }

  /**
   * The methods of a contract as functions. Costs no I/O; the first call looks for the sidecar and connects.
   * @throws MeshError INVALID_ARGUMENT where neither the client nor `options` names a registry, and the mode is `direct`.
   */
  service<S extends ServiceContract>(contract: S, options: ClientServiceOptions = {}): Client<S> {
    const { core } = this;
    return typedProxy(contract, (key) =>
      core.outbound(core.contractPlan(contract, contract.methods[key]), options),
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
    return this.core.meshSide.policy;
  }

  /** Which way each service's calls go and why, what is known of the sidecar; `String(mesh.status())` is a table. */
  status(): MigrationStatus {
    return this.core.meshSide.migrations.status();
  }

  /** Calls `listener` when a service's calls go another way, and for what else {@link MigrationEvents} names; the returned function ends that. */
  on<K extends keyof MigrationEvents>(name: K, listener: MigrationListener<K>): () => void {
    return this.core.meshSide.events.on(name, listener);
  }

  /** What the client holds right now. */
  stats(): ClientStats {
    const { connectionCount, pendingCount, lateResponses } = this.core.runtime;
    return { connections: connectionCount, pending: pendingCount, lateResponses };
  }

  /** Refuses new calls, lets those in flight finish for up to `timeoutMs` (default 10,000), and closes every connection. */
  close(options: { timeoutMs?: number } = {}): Promise<void> {
    return this.core.close(options.timeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
