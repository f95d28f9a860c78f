import type { ServiceRouting } from '../../client/client-core.js';
import { typedProxy } from '../../client/typed-proxy.js';
import type { ServiceContract } from '../../contract/define-service.js';
import type { Client } from '../../contract/types.js';
import { MeshError } from '../../core/errors.js';
import type { ServiceMigration } from '../../mesh/service-migration.js';
import type { WireSettings } from '../bolt/wire-settings.js';
import { type Address, endpointOfAddress, parseAddress } from './address.js';
import { AddressFeed } from './address-feed.js';
import type { AddressGroup } from './address-group.js';
import type { ConnectionCore } from './connection-core.js';
import { groupBalancer } from './group-balancer.js';
import { type Answer, OldCalls } from './old-calls.js';
import type { RpcRequest } from './rpc-request.js';

export interface ConsumerCoreOptions {
  readonly core: ConnectionCore;
  readonly serviceId: string;
  /** No sidecar takes its calls. */
  readonly directOnly: boolean;
  readonly wire: WireSettings;
  readonly contract: ServiceContract | undefined;
  /** The consumer's; there is one by the time of the first call. */
  readonly group: () => AddressGroup;
}

/** How the calls of one consumer go through the core: its addresses, their balancing, the choice between sidecar and providers. */
export class ConsumerCore {
  private readonly feed = new AddressFeed();
  private readonly routing: ServiceRouting;
  private readonly calls: OldCalls;
  private byHost: ReadonlyMap<string, Address> = new Map();
  private first: Address | null = null;

  constructor(private readonly options: ConsumerCoreOptions) {
    const { core, directOnly, wire, contract, group } = options;
    this.routing = {
      registry: this.feed,
      directOnly,
      balancer: (candidates, env) => groupBalancer(group())(candidates, env),
    };
    this.calls = new OldCalls({
      wire,
      hessian: core.hessian,
      outboundOf: (plan) => core.client.outbound(plan, this.routing),
      addressOf: (endpoint) => this.addressOf(endpoint),
      isIdempotent: (method) => isIdempotent(contract, method),
    });
  }

  /** The addresses that calls may go to from now on. */
  setAddresses(addresses: readonly Address[]): void {
    this.byHost = new Map(addresses.map((address) => [address.host, address]));
    this.first = addresses[0] ?? null;
    this.feed.push(addresses.map(endpointOfAddress));
  }

  /** The choice between sidecar and providers; undefined where there is none, because no sidecar takes the calls. */
  get migration(): ServiceMigration | undefined {
    const { core, serviceId } = this.options;
    return core.client.isDirect(this.routing) ? undefined : core.client.migrationOf(serviceId, this.routing);
  }

  /** As {@link OldCalls.call}. */
  call(request: RpcRequest): Promise<Answer | MeshError> {
    return this.calls.call(request);
  }

  /** The methods of the contract as typed functions. @throws MeshError INVALID_ARGUMENT without contract, or with another service's. */
  typed(): Client<ServiceContract> {
    const { contract, core, serviceId } = this.options;
    if (contract?.id !== serviceId) {
      const given = contract === undefined ? 'none was given' : `the given one is of ${contract.id}`;
      throw new MeshError(
        'INVALID_ARGUMENT',
        `${serviceId}: typed calls need the option contract, and ${given}: createConsumer({ contract, .. })`,
      );
    }
    return typedProxy(contract, (key) =>
      core.client.outbound(core.client.contractPlan(contract, contract.methods[key]), this.routing),
    );
  }

  /** Calls find nobody from now on; those on their way finish. */
  close(): void {
    const { core, serviceId } = this.options;
    this.setAddresses([]);
    // When the core has taken the list, it has let go of the addresses.
    setImmediate(() => core.client.forget(serviceId, this.routing));
  }

  private addressOf(endpoint: string | undefined): Address | null {
    if (endpoint === undefined) return this.first;
    return this.byHost.get(endpoint) ?? parseAddress(endpoint);
  }
}

/** Of overloads, all have to be. */
function isIdempotent(contract: ServiceContract | undefined, name: string): boolean {
  const overloads = Object.values(contract?.methods ?? {}).filter((method) => method.name === name);
  return overloads.length > 0 && overloads.every(({ idempotent }) => idempotent);
}
