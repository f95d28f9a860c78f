import type { Call } from '../core/call.js';
import type { Candidate } from './candidate.js';
import type { Lease } from './lease.js';
import type { Balancer, BalancerEnv, Picker } from './picker.js';
import { firstReady, WeightedList } from './weighted-list.js';

/**
 * In turn, each candidate as often as its weight says, and well mixed: a, a, b, a, c, a, a for 5, 1 and 1 (nginx's
 * algorithm). A pick looks at every candidate, so it is for lists of some hundreds. A new list begins anywhere in the turn.
 */
export const smoothWeightedRoundRobin: Balancer = (candidates, env) => new SmoothPicker(candidates, env);

class SmoothPicker implements Picker {
  private readonly list: WeightedList;
  private credits = new Float64Array();

  constructor(
    all: readonly Candidate[],
    private readonly env: BalancerEnv,
  ) {
    this.list = new WeightedList(all, env);
    this.beginAnywhere();
  }

  pick(call: Call): Lease | undefined {
    const { list, credits } = this;
    const now = this.env.clock.now();
    if (now >= list.changesAt) {
      list.weigh(now);
      this.beginAnywhere();
    }
    const { candidates, weights } = list;
    let lease: Lease | undefined;
    let best = 0;
    let total = 0;
    for (let i = 0; i < candidates.length; i++) {
      const ready = candidates[i].leaseFor(call, now);
      if (ready === undefined) continue;
      const weight = weights === undefined ? 1 : weights[i];
      total += weight;
      credits[i] += weight;
      if (lease !== undefined && credits[i] <= credits[best]) continue;
      best = i;
      lease = ready;
    }
    if (lease === undefined) return firstReady(candidates, 0, call, now);
    credits[best] -= total;
    return lease;
  }

  targets(): readonly Candidate[] {
    return this.list.candidates;
  }

  private beginAnywhere(): void {
    const { candidates, weights } = this.list;
    this.credits = Float64Array.from(candidates, (_, i) => this.env.random() * (weights?.[i] ?? 1));
  }
}
