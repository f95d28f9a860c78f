import type { ConnectionLease } from '../balancing/lease.js';
import type { Endpoint } from '../core/endpoint.js';
import type { ClientConnection } from '../transport/client-connection.js';

/** A lease on a connection that no balancer chose: nothing is measured of it. */
export class UnmeasuredLease implements ConnectionLease {
  readonly endpoint: Endpoint;

  constructor(readonly connection: ClientConnection) {
    this.endpoint = connection.endpoint;
  }

  start(): void {}

  release(): void {}

  providerStops(): void {}
}
