import type { Call } from '../core/call.js';
import type { Endpoint } from '../core/endpoint.js';
import type { Lease } from './lease.js';
import type { Weight } from './weight.js';

/**
 * One endpoint to pick from, with what is known of it. It stays the same object as long as its endpoint is in the service's
 * list. Times are those of {@link BalancerEnv.clock}.
 */
export interface Candidate {
  /** Another object where the registry says something new of the same address. */
  readonly endpoint: Endpoint;
  /** By the endpoint's attributes. */
  readonly weight: Weight;
  /** Attempts that were started and have not ended. */
  readonly inFlight: number;
  /**
   * What one more attempt is expected to cost, to compare candidates by: latency times one more than `inFlight`, dearer
   * after failures, 0 where nothing is known. `inFlight` is the candidate's own, perhaps divided by its weight.
   */
  cost(inFlight: number, now: number): number;
  /** Whether it is not ejected, or may be probed. Asking changes nothing. */
  admits(now: number): boolean;
  /** A lease where the call may go there now and has not been there before; undefined otherwise. */
  leaseFor(call: Call, now: number): Lease | undefined;
  /** A lease on a connection that is ready, whatever else is known of the endpoint; undefined where none is. */
  lease(): Lease | undefined;
}

/** Whether the call was at this address before. */
export function wasTried(call: Call, endpoint: Endpoint): boolean {
  for (const { address } of call.tried) if (address === endpoint.address) return true;
  return false;
}
