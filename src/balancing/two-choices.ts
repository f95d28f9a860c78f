import type { Call } from '../core/call.js';
import type { Candidate } from './candidate.js';
import type { Lease } from './lease.js';
import { PairWalk } from './pair-walk.js';
import type { Balancer, BalancerEnv, Picker } from './picker.js';
import { firstReady, WeightedList } from './weighted-list.js';

/** So many pairs are looked at: where neither of one is ready, or both are dear. After them the list is looked through. */
const PAIRS = 4;
/**
 * Dear is what costs more than this many times what the last pick cost. Where one endpoint in ten is slow, one pair in a
 * hundred is of two slow ones: without a second look those would be the slowest hundredth of all calls.
 */
const DEAR = 2;

/** What one more attempt costs. `inFlight` is what the candidate has on its way, divided by its share of the weights. */
type Cost = (candidate: Candidate, inFlight: number, now: number) => number;

/**
 * The cheaper of two candidates: nearly as even as looking at all of them, at a price that does not grow with their number,
 * and without every client choosing the same one.
 */
export const twoChoices =
  (cost: Cost): Balancer =>
  (candidates, env) =>
    new TwoChoicesPicker(candidates, env, cost);

class TwoChoicesPicker implements Picker {
  private readonly list: WeightedList;
  private walk: PairWalk;
  /** Weights on a scale of one for each candidate; undefined where all weigh the same. */
  private shares: Float64Array | undefined;
  /** What the candidate that was looked at last costs. */
  private price = 0;
  /** What the last pick cost: how dear candidates are these days. */
  private lastPrice = Number.POSITIVE_INFINITY;

  constructor(
    all: readonly Candidate[],
    private readonly env: BalancerEnv,
    private readonly cost: Cost,
  ) {
    this.list = new WeightedList(all, env);
    this.walk = this.readWeights();
  }

  pick(call: Call): Lease | undefined {
    const { list } = this;
    const { clock, random } = this.env;
    const now = clock.now();
    if (now >= list.changesAt) {
      list.weigh(now);
      this.walk = this.readWeights();
    }
    const { walk } = this;
    const { candidates } = list;
    if (candidates.length === 0) return undefined;
    const dear = DEAR * this.lastPrice;
    let best: Lease | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (let pair = 0; pair < PAIRS; pair++) {
      walk.next();
      const lease = this.cheaper(call, now);
      if (lease === undefined) {
        // Those that are not ready may stand side by side: the next pair is looked for elsewhere.
        walk.jump();
        continue;
      }
      if (best === undefined || this.price < lowest) {
        best = lease;
        lowest = this.price;
      }
      if (lowest <= dear) break;
    }
    if (best === undefined)
      return firstReady(candidates, Math.floor(random() * candidates.length), call, now);
    this.lastPrice = lowest;
    return best;
  }

  targets(): readonly Candidate[] {
    return this.list.candidates;
  }

  /** The cheaper one of the pair that the walk is at; the other one where that is not ready. */
  private cheaper(call: Call, now: number): Lease | undefined {
    const { cost, shares } = this;
    const { candidates } = this.list;
    const { first, second } = this.walk;
    const a = candidates[first];
    const b = candidates[second];
    const costOfA = cost(a, shares === undefined ? a.inFlight : a.inFlight / shares[first], now);
    const costOfB = cost(b, shares === undefined ? b.inFlight : b.inFlight / shares[second], now);
    const isA = costOfA <= costOfB;
    this.price = isA ? costOfA : costOfB;
    const lease = (isA ? a : b).leaseFor(call, now);
    if (lease !== undefined) return lease;
    this.price = isA ? costOfB : costOfA;
    return (isA ? b : a).leaseFor(call, now);
  }

  private readWeights(): PairWalk {
    const { candidates, weights } = this.list;
    this.shares = weights && sharesOf(weights);
    return new PairWalk(candidates.length, weights, this.env.random);
  }
}

function sharesOf(weights: Float64Array): Float64Array {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.map((weight) => weight / mean);
}
