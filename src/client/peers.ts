import type { Endpoint } from '../core/endpoint.js';
import type { MeshError } from '../core/errors.js';
import type { OnLost } from './connection-slot.js';
import { Peer } from './peer.js';
import type { ClientRuntime } from './runtime.js';

/** The addresses of one client: each has one peer, shared by all services that are served there. */
export class Peers {
  private readonly entries = new Map<string, { readonly peer: Peer; users: number }>();

  /**
   * @param traits of their connections. Default: those of connections to providers.
   * @param onLost called when a connection takes no more calls: it closed, or go-away came.
   */
  constructor(
    private readonly runtime: ClientRuntime,
    private readonly traits = runtime.traits,
    private readonly onLost: OnLost = () => undefined,
  ) {}

  /** The peer of an address, for one more user. */
  acquire(endpoint: Endpoint): Peer {
    const known = this.entries.get(endpoint.address);
    if (known !== undefined) {
      known.users++;
      return known.peer;
    }
    const peer = new Peer(endpoint, this.runtime, this.traits, this.onLost);
    this.entries.set(endpoint.address, { peer, users: 1 });
    return peer;
  }

  /** The last user's leaving retires the peer: calls in flight finish, then its connections close. */
  release(address: string): void {
    const entry = this.entries.get(address);
    if (entry === undefined) return;
    entry.users--;
    if (entry.users > 0) return;
    this.entries.delete(address);
    entry.peer.retire();
  }

  /** No connection is opened any more; those that are open are the runtime's to close. */
  close(reason: MeshError): void {
    for (const { peer } of this.entries.values()) peer.close(reason);
  }
}
