import type { Balancer, Lease, Picker } from '../balancing/picker.js';
import { type Call, chain, type Handler, type Interceptor, type Reply } from '../core/call.js';
import type { Endpoint } from '../core/endpoint.js';
import { addContext, MeshError } from '../core/errors.js';
import type { Resolver } from '../discovery/resolver.js';
import { withinDeadline } from '../resilience/deadline.js';
import { ClientExchange } from './client-exchange.js';
import type { Peer } from './peer.js';
import type { ClientRuntime } from './runtime.js';

/** A call that a connection was picked for. Interceptors of the attempt see it as a Call, with its endpoint. */
interface Attempt extends Call {
  endpoint: Endpoint | undefined;
  lease: Lease | undefined;
}

export interface RouteOptions {
  readonly service: string;
  readonly resolver: Resolver;
  readonly balancer: Balancer;
  readonly attemptInterceptors: readonly Interceptor[];
  readonly runtime: ClientRuntime;
  /** The client's peer for an endpoint: shared by its services. */
  readonly peerOf: (endpoint: Endpoint) => Peer;
}

/** One way to a service: a resolver, a balancer and the attempt chain. */
export class Route {
  private readonly options: RouteOptions;
  private readonly attempt: Handler;
  private readonly stop = new AbortController();
  private peers: readonly Peer[] = [];
  private picker: Picker | undefined;
  /** Settled by the first list of endpoints. */
  private opened: Promise<void> | undefined;

  constructor(options: RouteOptions) {
    this.options = options;
    this.attempt = chain(options.attemptInterceptors, (call) => this.send(call as Attempt));
  }

  /** Picks a connection and makes the attempt; waits for a connection where none is ready. */
  readonly handle: Handler = (call) => {
    const lease = this.picker?.pick(call);
    return lease === undefined ? this.handleWhenReady(call) : this.attemptOn(lease, call as Attempt);
  };

  private attemptOn(lease: Lease, call: Attempt): Promise<Reply> {
    call.lease = lease;
    call.endpoint = lease.endpoint;
    return this.attempt(call);
  }

  private send(call: Attempt): Promise<Reply> {
    return new Promise((resolve, reject) => {
      new ClientExchange(call, call.lease as Lease, this.options.runtime, resolve, reject).start();
    });
  }

  private async handleWhenReady(call: Call): Promise<Reply> {
    const { service, runtime } = this.options;
    let lease: Lease | undefined;
    try {
      while (lease === undefined) {
        const waitingFor = `no connection to a provider of ${service} was ready yet`;
        await withinDeadline(this.ready(), call, { wheel: runtime.wheel, waitingFor }, nothing);
        lease = this.picker?.pick(call);
      }
    } catch (error) {
      const { method } = call;
      throw addContext(error, {
        service,
        method,
        path: 'direct',
        sent: false,
        retry: MeshError.is(error) && error.code === 'CANCELLED' ? 'never' : 'safe',
      });
    }
    return this.attemptOn(lease, call as Attempt);
  }

  private async ready(): Promise<void> {
    this.opened ??= this.open();
    await this.opened;
    const { service } = this.options;
    if (this.peers.length === 0) {
      throw new MeshError(
        'NO_ENDPOINT',
        `no endpoint is known for ${service}; is its provider up and published?`,
      );
    }
    try {
      await Promise.any(this.peers.map((peer) => peer.ready()));
    } catch (error) {
      throw noneReachable(service, (error as AggregateError).errors);
    }
  }

  /** Waits for the first list. A resolver that fails is asked again when a call finds no connection. */
  private async open(): Promise<void> {
    const { resolver, service } = this.options;
    try {
      const lists = resolver.watch(service, this.stop.signal)[Symbol.asyncIterator]();
      const first = await lists.next();
      this.update(first.done ? [] : first.value);
      this.follow(lists).catch(() => {
        // The last known endpoints stay in use.
        this.opened = undefined;
      });
    } catch (error) {
      this.opened = undefined;
      throw MeshError.is(error) ? error : resolverFailed(service, error);
    }
  }

  private async follow(lists: AsyncIterator<readonly Endpoint[]>): Promise<void> {
    for (let next = await lists.next(); !next.done; next = await lists.next()) {
      const known = new Set(this.peers);
      this.update(next.value);
      // No call would ask for these: it finds the others connected. One that fails tries again by itself.
      for (const peer of this.peers) if (!known.has(peer)) peer.ready().catch(() => undefined);
    }
  }

  private update(endpoints: readonly Endpoint[]): void {
    this.peers = endpoints.map(this.options.peerOf);
    this.picker = this.options.balancer(this.peers);
  }

  close(): void {
    this.stop.abort();
  }
}

function resolverFailed(service: string, cause: unknown): MeshError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MeshError('NO_ENDPOINT', `the resolver could not tell the endpoints of ${service}: ${why}`, {
    cause,
  });
}

const nothing = () => undefined;

/** One failed address is its own error; of several, the message lists each. */
function noneReachable(service: string, errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  const causes = errors.map((error) => (error as Error).message).join('; ');
  return new MeshError(
    'CONNECT_FAILED',
    `none of the ${errors.length} endpoints of ${service} can be reached: ${causes}`,
    {
      cause: errors[0],
    },
  );
}
