import type { Call } from '../core/call.js';
import type { Endpoint } from '../core/endpoint.js';
import type { ClientConnection } from '../transport/client-connection.js';

/** How an attempt ended, told to the picker that chose it. */
export type Outcome = 'answered' | 'failed';

/** A connection that was picked for one attempt. */
export interface Lease {
  readonly endpoint: Endpoint;
  readonly connection: ClientConnection;
  /** To be called once, when the attempt has ended. */
  release(outcome: Outcome): void;
}

/** One endpoint to pick from. */
export interface Candidate {
  readonly endpoint: Endpoint;
  /** A lease on a connection that is ready now; undefined where none is. */
  lease(): Lease | undefined;
}

/** Chooses where an attempt goes. */
export interface Picker {
  /** Undefined where no candidate has a ready connection. */
  pick(call: Call): Lease | undefined;
}

/** Makes a picker of a list of candidates; again on every change of the list. */
export type Balancer = (candidates: readonly Candidate[]) => Picker;
