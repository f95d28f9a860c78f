import type { Duplex } from 'node:stream';
import type { Endpoint } from '../../src/core/endpoint.js';
import type { MeshServer } from '../../src/server/mesh-server.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import type { Connect } from '../../src/transport/socket.js';
import { RawPeer } from './raw-peer.js';

type Listener = (stream: Duplex) => void;

/** An in-memory network: addresses that servers or raw peers listen on, and that may refuse or swallow connections. */
export class Network {
  /** Each attempt to connect. */
  readonly attempts: string[] = [];
  private readonly listeners = new Map<string, Listener>();
  private readonly blackholes = new Set<string>();

  serve(address: string, server: MeshServer): void {
    this.listeners.set(address, (stream) => server.accept(stream, 'client:1'));
  }

  /** Raw peers of the connections that are made to the address, in order. */
  raw(address: string): RawPeer[] {
    const peers: RawPeer[] = [];
    this.listeners.set(address, (stream) => peers.push(new RawPeer(stream)));
    return peers;
  }

  refuse(address: string): void {
    this.listeners.delete(address);
    this.blackholes.delete(address);
  }

  /** Connections to it are never answered. */
  swallow(address: string): void {
    this.blackholes.add(address);
  }

  readonly connect: Connect = async (endpoint: Endpoint, signal: AbortSignal) => {
    const { address } = endpoint;
    this.attempts.push(address);
    if (this.blackholes.has(address)) {
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    }
    const listener = this.listeners.get(address);
    if (listener === undefined)
      throw Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED' });
    const [near, far] = duplexPair();
    listener(far);
    return near;
  };
}

/** How a promise ended, without waiting for it: 'pending' where it has not. */
export function watched<T>(promise: Promise<T>): {
  value?: T;
  error?: unknown;
  state: 'pending' | 'resolved' | 'rejected';
} {
  const seen: { value?: T; error?: unknown; state: 'pending' | 'resolved' | 'rejected' } = {
    state: 'pending',
  };
  promise.then(
    (value) => Object.assign(seen, { value, state: 'resolved' }),
    (error) => Object.assign(seen, { error, state: 'rejected' }),
  );
  return seen;
}
