import type { Call } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import type { Random } from '../core/random.js';
import type { Candidate } from './candidate.js';
import type { Lease } from './lease.js';

/** Chooses where an attempt goes. */
export interface Picker {
  /**
   * Undefined where no candidate is ready. One of `call.tried` only where nothing else is.
   * @throws MeshError INVALID_ARGUMENT where a function of the user's, for a route or a key, fails.
   */
  pick(call: Call): Lease | undefined;
  /**
   * All the candidates that this call may go to, ready or not: what to wait for where `pick` finds nothing. Empty where
   * there is none, because the list is empty or because a routing function named none.
   */
  targets(call: Call): readonly Candidate[];
}

/** What balancers need of the outside. */
export interface BalancerEnv {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Makes a picker of a list of candidates; again on every change of the list. What is known of an endpoint lives in its
 * candidate, which stays the same from list to list: a picker may keep a position or a table, no measurement.
 */
export type Balancer = (candidates: readonly Candidate[], env: BalancerEnv) => Picker;
