import type { Candidate, Lease } from '../balancing/picker.js';
import type { Endpoint } from '../core/endpoint.js';
import type { MeshError } from '../core/errors.js';
import type { ClientConnection } from '../transport/client-connection.js';
import { ConnectionSlot } from './connection-slot.js';
import type { ClientRuntime } from './runtime.js';

class ConnectionLease implements Lease {
  constructor(
    readonly endpoint: Endpoint,
    readonly connection: ClientConnection,
  ) {}

  release(): void {
    // Round robin keeps no account of outcomes.
  }
}

/** One endpoint with its connections: one by default, `connectionsPerEndpoint` of them in turn otherwise. */
export class Peer implements Candidate {
  private readonly slots: ConnectionSlot[];
  private turn = 0;
  private lastLease: ConnectionLease | undefined;

  constructor(
    readonly endpoint: Endpoint,
    runtime: ClientRuntime,
  ) {
    this.slots = Array.from(
      { length: runtime.connectionsPerEndpoint },
      () => new ConnectionSlot(endpoint, runtime),
    );
  }

  lease(): Lease | undefined {
    const { slots } = this;
    for (let step = 0; step < slots.length; step++) {
      this.turn = this.turn + 1 < slots.length ? this.turn + 1 : 0;
      const { connection } = slots[this.turn];
      if (connection === undefined) continue;
      if (this.lastLease?.connection !== connection)
        this.lastLease = new ConnectionLease(this.endpoint, connection);
      return this.lastLease;
    }
    return undefined;
  }

  /** Resolves when any of the connections is there. @throws MeshError CONNECT_FAILED when none can be opened. */
  ready(): Promise<void> {
    if (this.slots.length === 1) return this.slots[0].ready();
    return Promise.any(this.slots.map((slot) => slot.ready())).catch((error: AggregateError) => {
      throw error.errors[0];
    });
  }

  close(reason: MeshError): void {
    for (const slot of this.slots) slot.close(reason);
  }
}
