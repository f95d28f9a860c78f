import type { Endpoint } from '../core/endpoint.js';
import type { Outcome } from '../core/outcome.js';
import type { ClientConnection } from '../transport/client-connection.js';

/** A connection that was picked. Many attempts may hold the same one at once: each starts it and releases it once. */
export interface Lease {
  readonly endpoint: Endpoint;
  readonly connection: ClientConnection;
  /** The attempt is about to be sent. */
  start(): void;
  /** The attempt has ended, `elapsedMs` after its start, at `now` of the clock. */
  release(outcome: Outcome, elapsedMs: number, now: number): void;
  /** Whoever answered said that it is stopping. */
  providerStops(): void;
}
