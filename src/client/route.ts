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
        await withinDeadline(this.ready(), call, runtime.wheel, waitingFor);
        lease = this.picker?.pick(call);
      }
    } catch (error) {
      const { method } = call;
      throw addContext(error, { service, method, path: 'direct', sent: false, retry: MeshError.is(error) && error.code === 'CANCELLED' ? 'never' : 'safe' });
    }
    return this.attemptOn(lease, call as Attempt);
  }

  private async ready(): Promise<void> {
    this.opened ??= this.open();
    await this.opened;
    const { service } = this.options;
    if (this.peers.length === 0) {
      throw new MeshError('NO_ENDPOINT', `no endpoint is known for ${service}; is its provider up and published?`);
    }
    try {
      await Promise.any(this.peers.map((peer) => peer.ready()));
    } catch (error) {
      throw noneReachable(service, (error as AggregateError).errors);
    }
  }

  private async open(): Promise<void> {
    const lists = this.options.resolver.watch(this.options.service, this.stop.signal)[Symbol.asyncIterator]();
    const first = await lists.next();
    this.update(first.done ? [] : first.value);
    void this.follow(lists);
  }

  private async follow(lists: AsyncIterator<readonly Endpoint[]>): Promise<void> {
    for (let next = await lists.next(); !next.done; next = await lists.next()) this.update(next.value);
  }

  private update(endpoints: readonly Endpoint[]): void {
    this.peers = endpoints.map(this.options.peerOf);
    this.picker = this.options.balancer(this.peers);
  }

  close(): void {
    this.stop.abort();
  }
}

/** One failed address is its own error; of several, the message lists each. */
function noneReachable(service: string, errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  const causes = errors.map((error) => (error as Error).message).join('; ');
  return new MeshError('CONNECT_FAILED', `none of the ${errors.length} endpoints of ${service} can be reached: ${causes}`, {
    cause: errors[0],
  });
}
