import type { ConnectionSource } from '../balancing/candidate-state.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import type { ClientConnection } from '../transport/client-connection.js';
import { ConnectionSlot, type OnLost } from './connection-slot.js';
import type { ClientRuntime, ConnectionTraits } from './runtime.js';

/** One address with its connections, for all services: one by default, `connectionsPerEndpoint` of them in turn otherwise. */
export class Peer implements ConnectionSource {
  private readonly slots: ConnectionSlot[];
  /** The one slot there is by default: picks look at thousands of peers, and each step to another object counts. */
  private readonly only: ConnectionSlot | undefined;
  private readonly listeners = new Set<() => void>();
  private turn = 0;

  constructor(
    private readonly endpoint: Endpoint,
    runtime: ClientRuntime,
    traits: ConnectionTraits,
    onLost: OnLost,
  ) {
    const onConnected = () => {
      for (const listener of this.listeners) listener();
    };
    this.slots = Array.from(
      { length: runtime.connectionsPerEndpoint },
      () => new ConnectionSlot(endpoint, runtime, traits, onConnected, onLost),
    );
    this.only = this.slots.length === 1 ? this.slots[0] : undefined;
  }

  /** A connection that takes calls and whose other side is not suspected to be dead; undefined where none is. */
  connection(): ClientConnection | undefined {
    const connection = this.next();
    if (connection === undefined || connection.isResponsive) return connection;
    for (let step = 1; step < this.slots.length; step++) {
      const other = this.next();
      if (other?.isResponsive) return other;
    }
    return undefined;
  }

  /** Any connection that takes calls: for when there is nothing better. */
  lastResort(): ClientConnection | undefined {
    return this.next();
  }

  private next(): ClientConnection | undefined {
    if (this.only !== undefined) return this.only.connection;
    const { slots } = this;
    for (let step = 0; step < slots.length; step++) {
      this.turn = this.turn + 1 < slots.length ? this.turn + 1 : 0;
      const { connection } = slots[this.turn];
      if (connection !== undefined) return connection;
    }
    return undefined;
  }

  /** Calls `listener` whenever a connection was opened; the returned function ends that. */
  onConnected(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when any of the connections is there. @throws MeshError CONNECT_FAILED when none can be opened. */
  ready(): Promise<void> {
    if (this.only !== undefined) return this.only.ready();
    return Promise.any(this.slots.map((slot) => slot.ready())).catch((error: AggregateError) => {
      throw error.errors[0];
    });
  }

  /** The address is not listed any more: calls in flight finish, no connection is opened. */
  retire(): void {
    const { address } = this.endpoint;
    this.close(new MeshError('CONNECT_FAILED', `${address} is not listed any more`, { endpoint: address }));
    for (const slot of this.slots) slot.connection?.drain();
  }

  close(reason: MeshError): void {
    for (const slot of this.slots) slot.close(reason);
  }
}
