import type { Call } from '../core/call.js';
import { type Candidate, wasTried } from './candidate.js';
import type { Lease } from './lease.js';
import type { Balancer, BalancerEnv, Picker } from './picker.js';
import { WeightedList } from './weighted-list.js';

/**
 * Endpoints on this machine first, as Java's `localPref`; the others while none of those is ready. Both by `inner`.
 * @param hosts this machine's addresses, as the registry spells them.
 */
export function localPreference(inner: Balancer, hosts: readonly string[]): Balancer {
  const here = new Set(hosts);
  return (candidates, env) => new LocalPreferencePicker(candidates, env, inner, here);
}

class LocalPreferencePicker implements Picker {
  private readonly list: WeightedList;
  private readonly anywhere: Picker;
  private local: Picker;

  constructor(
    all: readonly Candidate[],
    private readonly env: BalancerEnv,
    private readonly inner: Balancer,
    private readonly here: ReadonlySet<string>,
  ) {
    this.list = new WeightedList(all, env);
    this.anywhere = inner(all, env);
    this.local = this.findLocal();
  }

  pick(call: Call): Lease | undefined {
    const now = this.env.clock.now();
    if (now >= this.list.changesAt) {
      this.list.weigh(now);
      this.local = this.findLocal();
    }
    const lease = this.local.pick(call);
    return lease === undefined || wasTried(call, lease.endpoint) ? this.anywhere.pick(call) : lease;
  }

  targets(call: Call): readonly Candidate[] {
    return this.anywhere.targets(call);
  }

  /** Without those that are being drained: alone among themselves, they would get calls. */
  private findLocal(): Picker {
    const { candidates } = this.list;
    return this.inner(
      candidates.filter(({ endpoint }) => this.here.has(endpoint.host)),
      this.env,
    );
  }
}
