import type { Candidate } from '../balancing/candidate.js';
import { CandidateState, connectionLeaseOf } from '../balancing/candidate-state.js';
import type { ConnectionLease } from '../balancing/lease.js';
import type { OutlierDetector } from '../balancing/outlier.js';
import type { Balancer, Picker } from '../balancing/picker.js';
import { type Call, chain, type Handler, type Interceptor, type Reply } from '../core/call.js';
import type { Endpoint } from '../core/endpoint.js';
import { addContext, MeshError } from '../core/errors.js';
import { EndpointWatch } from '../discovery/endpoint-watch.js';
import type { Snapshot } from '../discovery/snapshot.js';
import type { WatchSource } from '../discovery/watch-loop.js';
import { withinDeadline } from '../resilience/deadline.js';
import { type Attempt, sendOn } from './client-exchange.js';
import type { Peer } from './peer.js';
import type { Peers } from './peers.js';
import type { ClientRuntime } from './runtime.js';

export interface RouteOptions {
  readonly service: string;
  readonly sources: readonly WatchSource[];
  readonly emptyGraceMs: number;
  readonly snapshot?: Snapshot;
  readonly warn: (message: string) => void;
  readonly balancer: Balancer;
  readonly outliers: OutlierDetector | undefined;
  readonly attemptInterceptors: readonly Interceptor[];
  readonly runtime: ClientRuntime;
  /** The client's peers: shared by its services. */
  readonly peers: Peers;
}

/** An endpoint of the list: what the balancer sees of it, and its connections. */
interface Member {
  readonly candidate: CandidateState;
  readonly peer: Peer;
  readonly forget: () => void;
}

/** One way to a service: its endpoints, a balancer and the attempt chain. */
export class Route {
  private readonly options: RouteOptions;
  private readonly attempt: Handler;
  private readonly watch: EndpointWatch;
  private readonly members = new Map<string, Member>();
  private picker: Picker | undefined;
  /** The wait for a first connection, shared by all calls that may go to the same endpoints. */
  private connecting: { readonly targets: readonly Candidate[]; readonly done: Promise<void> } | undefined;

  constructor(options: RouteOptions) {
    const { service, sources, emptyGraceMs, snapshot, warn, runtime } = options;
    this.options = options;
    this.attempt = chain(options.attemptInterceptors, sendOn(options.runtime));
    this.watch = new EndpointWatch({
      service,
      sources,
      emptyGraceMs,
      snapshot,
      warn,
      clock: runtime.clock,
      random: runtime.random,
      onEndpoints: (endpoints) => this.update(endpoints),
    });
  }

  /** Picks a connection and makes the attempt; waits for a connection where none is ready. Never throws. */
  readonly handle: Handler = (call) => {
    let lease: ConnectionLease | undefined;
    try {
      lease = this.pick(call);
    } catch (error) {
      // A balancer, a router or a key function of the user's failed.
      return Promise.reject(error);
    }
    return lease === undefined ? this.handleWhenReady(call) : this.attemptOn(lease, call as Attempt);
  };

  /** The one place where what a balancer hands back, which may be the user's, becomes ours. */
  private pick(call: Call): ConnectionLease | undefined {
    const picked = this.picker?.pick(call);
    return picked === undefined ? undefined : connectionLeaseOf(picked);
  }

  private attemptOn(lease: ConnectionLease, call: Attempt): Promise<Reply> {
    call.lease = lease;
    call.endpoint = lease.endpoint;
    return this.attempt(call);
  }

  private async handleWhenReady(call: Call): Promise<Reply> {
    const { service, runtime } = this.options;
    let lease: ConnectionLease | undefined;
    try {
      while (lease === undefined) {
        const waitingFor = `no connection to a provider of ${service} was ready yet`;
        await withinDeadline(this.ready(call), call, { wheel: runtime.wheel, waitingFor }, nothing);
        lease = this.pick(call) ?? this.lastResort(call);
      }
    } catch (error) {
      const { method } = call;
      throw addContext(error, {
        service,
        method,
        path: call.via.path,
        reason: call.via.reason,
        sent: false,
        retry: MeshError.is(error) && neverAgain(error) ? 'never' : 'safe',
      });
    }
    return this.attemptOn(lease, call as Attempt);
  }

  /** Every endpoint that is connected is ejected or does not answer: one of them is better than none. */
  private lastResort(call: Call): ConnectionLease | undefined {
    const targets = this.picker?.targets(call) ?? [];
    const first = Math.floor(this.options.runtime.random() * targets.length);
    for (let i = 0; i < targets.length; i++) {
      const { address } = targets[(first + i) % targets.length].endpoint;
      const lease = this.members.get(address)?.candidate.lastResort();
      if (lease !== undefined) return lease;
    }
    return undefined;
  }

  /** Resolves when one of the endpoints that the call may go to is connected. */
  private async ready(call: Call): Promise<void> {
    await this.watch.ready();
    const { picker } = this;
    const targets = picker?.targets(call) ?? [];
    if (targets.length === 0) throw this.nowhere();
    if (this.connecting?.targets !== targets) this.connecting = { targets, done: this.connect(targets) };
    try {
      await this.connecting.done;
    } catch (error) {
      // The list is another one by now: what could not be reached may not be in it any more.
      if (picker === this.picker) throw error;
    }
  }

  private async connect(targets: readonly Candidate[]): Promise<void> {
    try {
      const members = targets.flatMap(({ endpoint }) => this.members.get(endpoint.address) ?? []);
      await Promise.any(members.map(({ peer }) => peer.ready()));
    } catch (error) {
      throw noneReachable(this.options.service, (error as AggregateError).errors);
    } finally {
      this.connecting = undefined;
    }
  }

  private nowhere(): MeshError {
    const { service } = this.options;
    const message =
      this.members.size === 0
        ? `no endpoint is known for ${service}; is its provider up and published?`
        : `the router leaves none of the ${this.members.size} endpoints of ${service} for this call; compare what it looks for with their attributes`;
    return new MeshError('NO_ENDPOINT', message);
  }

  private update(endpoints: readonly Endpoint[]): void {
    const { balancer, runtime, outliers } = this.options;
    const listed = new Set(endpoints.map(({ address }) => address));
    for (const [address, member] of this.members) if (!listed.has(address)) this.remove(address, member);
    const candidates = endpoints.map((endpoint) => {
      const known = this.members.get(endpoint.address);
      if (known !== undefined) {
        known.candidate.endpoint = endpoint;
        return known.candidate;
      }
      const { candidate, peer } = this.add(endpoint);
      // Perhaps no call would ask for this one: others are connected. A call that waits shares the attempt, and says why it failed.
      peer.ready().catch(nothing);
      return candidate;
    });
    outliers?.watch(candidates);
    this.picker = balancer(candidates, { clock: runtime.turnClock, random: runtime.random });
  }

  private add(endpoint: Endpoint): Member {
    const { peers } = this.options;
    const peer = peers.acquire(endpoint);
    const candidate = new CandidateState(endpoint, peer);
    // It may have been started anew.
    const forget = peer.onConnected(() => candidate.reset());
    const member = { candidate, peer, forget };
    this.members.set(endpoint.address, member);
    return member;
  }

  private remove(address: string, { forget }: Member): void {
    forget();
    this.members.delete(address);
    this.options.peers.release(address);
  }

  close(): void {
    this.watch.close();
  }
}

const nothing = () => undefined;

function neverAgain({ code }: MeshError): boolean {
  return code === 'CANCELLED' || code === 'INVALID_ARGUMENT';
}

const LISTED_CAUSES = 5;

/** One failed address is its own error; of several, the message lists the first. */
function noneReachable(service: string, errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  const causes = errors.slice(0, LISTED_CAUSES).map((error) => (error as Error).message);
  if (errors.length > LISTED_CAUSES) causes.push(`and ${errors.length - LISTED_CAUSES} more`);
  return new MeshError(
    'CONNECT_FAILED',
    `none of the ${errors.length} endpoints of ${service} can be reached: ${causes.join('; ')}`,
    { cause: errors[0] },
  );
}
