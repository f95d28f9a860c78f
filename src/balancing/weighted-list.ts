import type { Call } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import type { Candidate } from './candidate.js';
import { wasTried } from './candidate.js';
import type { Lease } from './lease.js';
import type { BalancerEnv } from './picker.js';

/** Where many warm up at once, their weights are looked at this often, and not for each of them. */
const LOOKS_APART_MS = 1_000;

/** A list of candidates by their weights as they are right now: those that take calls, and how many each. */
export class WeightedList {
  /** Without those of weight 0, which are being drained; all where every weight is 0. */
  candidates: readonly Candidate[] = [];
  /** Of `candidates`, in their order; undefined where all weigh the same. */
  weights: Float64Array | undefined;
  /** The highest weight of them. */
  highest = 0;
  /** When the weights will change without a change of the list: the next warm-up is over. In the clock's time. */
  changesAt = Number.POSITIVE_INFINITY;
  private readonly clock: Clock;

  constructor(
    private readonly all: readonly Candidate[],
    env: BalancerEnv,
  ) {
    this.clock = env.clock;
    this.weigh(env.clock.now());
  }

  /** Works out the weights anew. */
  weigh(now: number): void {
    const { all } = this;
    const wallTime = this.clock.wallTime();
    const weights = new Float64Array(all.length);
    let [used, lowest, highest, warmUntil] = [0, Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY];
    for (let i = 0; i < all.length; i++) {
      const { weight } = all[i];
      const isWarmingUp = wallTime <= weight.warmUntil;
      if (isWarmingUp) warmUntil = Math.min(warmUntil, weight.warmUntil);
      const current = isWarmingUp ? weight.warmingUp : weight.full;
      weights[i] = current;
      if (current === 0) continue;
      used++;
      lowest = Math.min(lowest, current);
      highest = Math.max(highest, current);
    }
    const isDraining = used > 0 && used < all.length;
    this.candidates = isDraining ? all.filter((_, i) => weights[i] > 0) : all;
    this.highest = highest;
    this.weights =
      used === 0 || lowest === highest ? undefined : isDraining ? weights.filter((one) => one > 0) : weights;
    // Java, too, still warms up in the last millisecond.
    this.changesAt = now + Math.max(LOOKS_APART_MS, warmUntil + 1 - wallTime);
  }
}

/**
 * Looks at each candidate in turn, from `start` on: a lease on the first that is ready, on one that was tried before only
 * where no other is.
 */
export function firstReady(
  candidates: readonly Candidate[],
  start: number,
  call: Call,
  now: number,
): Lease | undefined {
  let tried: Candidate | undefined;
  for (let step = 0; step < candidates.length; step++) {
    const candidate = candidates[(start + step) % candidates.length];
    const lease = candidate.leaseFor(call, now);
    if (lease !== undefined) return lease;
    if (tried === undefined && call.tried.length > 0 && candidate.admits(now)) {
      if (wasTried(call, candidate.endpoint) && candidate.lease() !== undefined) tried = candidate;
    }
  }
  return tried?.lease();
}
