import type { Endpoint } from '../core/endpoint.js';
import type { Outcome } from '../core/outcome.js';
import type { ClientConnection } from '../transport/client-connection.js';

/** A place on a connection that is ready. Only a candidate can give one; a picker hands it on. */
export interface Lease {
  readonly endpoint: Endpoint;
}

/** The lease as those see it who send on it. Many attempts may hold the same one at once: each starts it and releases it once. */
export interface ConnectionLease extends Lease {
  readonly connection: ClientConnection;
  /** The attempt is about to be sent. */
  start(): void;
  /** The attempt has ended, `elapsedMs` after its start, at `now` of the clock. */
  release(outcome: Outcome, elapsedMs: number, now: number): void;
  /** Whoever answered said that it is stopping. */
  providerStops(): void;
}
