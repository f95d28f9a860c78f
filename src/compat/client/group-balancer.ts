import { type Candidate, wasTried } from '../../balancing/candidate.js';
import type { Lease } from '../../balancing/lease.js';
import type { Balancer, BalancerEnv, Picker } from '../../balancing/picker.js';
import type { Call } from '../../core/call.js';
import { MeshError } from '../../core/errors.js';
import type { Address } from './address.js';
import type { AddressGroup } from './address-group.js';
import type { BalancedRequest } from './load-balancer/load-balancer.js';
import type { RpcRequest } from './rpc-request.js';

/**
 * Lets an address group's load balancer, which may be the user's, choose among the core's candidates. What is known of the
 * candidates is the group's weights: an address that is not connected, or that is ejected, weighs nothing.
 */
export function groupBalancer(group: AddressGroup): Balancer {
  return (candidates, env) => new GroupPicker(group, candidates, env);
}

/** What a load balancer reads: the request, or, of a typed call, what a request would hold. */
function requestOf({ args, service, method }: Call): BalancedRequest {
  const [first] = args as [RpcRequest | undefined];
  if (first?.meta !== undefined && first.serverSignature === service) return first;
  return { args, serverSignature: service, methodName: method } as BalancedRequest;
}

/** The list is empty, or the user's load balancer wants none of it: then no other address is a substitute. */
function nobodyChosen({ key, choosedSize }: AddressGroup, { service, method }: Call): MeshError {
  const message = `of the ${choosedSize} addresses of ${key}, none was chosen`;
  return new MeshError('NO_ENDPOINT', message, { service, method, retry: 'safe' });
}

class GroupPicker implements Picker {
  private readonly byHost: ReadonlyMap<string, Candidate>;

  constructor(
    private readonly group: AddressGroup,
    private readonly candidates: readonly Candidate[],
    private readonly env: BalancerEnv,
  ) {
    this.byHost = new Map(candidates.map((candidate) => [candidate.endpoint.address, candidate]));
    group.health = (address) => this.isUsable(address);
  }

  pick(call: Call): Lease | undefined {
    const { group, candidates } = this;
    for (let turn = 0; turn < candidates.length; turn++) {
      const address = group.select(requestOf(call));
      if (address == null) throw nobodyChosen(group, call);
      const candidate = this.byHost.get(address.host);
      if (candidate === undefined) return undefined;
      if (call.tried.length === 0 || !wasTried(call, candidate.endpoint)) return candidate.lease();
    }
    return undefined;
  }

  targets(): readonly Candidate[] {
    return this.candidates;
  }

  private isUsable({ host }: Address): boolean {
    const candidate = this.byHost.get(host);
    return candidate?.admits(this.env.clock.now()) === true && candidate.lease() !== undefined;
  }
}
