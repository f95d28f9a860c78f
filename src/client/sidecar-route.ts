import { type Call, chain, type Handler, type Interceptor, type Reply } from '../core/call.js';
import type { Endpoint } from '../core/endpoint.js';
import { addContext, MeshError } from '../core/errors.js';
import type { Sidecar } from '../mesh/sidecar.js';
import type { SidecarPath } from '../mesh/started-call.js';
import { withinDeadline } from '../resilience/deadline.js';
import type { ClientConnection } from '../transport/client-connection.js';
import { type Attempt, sendOn } from './client-exchange.js';
import type { Peer } from './peer.js';
import type { Peers } from './peers.js';
import type { ClientRuntime } from './runtime.js';
import { UnmeasuredLease } from './unmeasured-lease.js';

export interface SidecarRouteOptions {
  readonly service: string;
  readonly sidecar: Sidecar;
  /** Knows where the sidecar takes calls of the service, and whether there is another way. */
  readonly migration: SidecarPath;
  /** Connections to sidecars: shared by all services. */
  readonly peers: Peers;
  readonly attemptInterceptors: readonly Interceptor[];
  readonly runtime: ClientRuntime;
  readonly readyTimeoutMs: number;
}

/**
 * The way through the sidecar: one address and nothing else. Balancing, retrying and breaking circuits are the sidecar's;
 * doing them twice would multiply the load.
 */
export class SidecarRoute {
  private readonly attempt: Handler;
  private held: { readonly address: string; readonly peer: Peer } | undefined;
  /** How calls end there is the migration's to judge; a sidecar that says it stops a provider lives on, and knows others. */
  private lease: UnmeasuredLease | undefined;

  constructor(private readonly options: SidecarRouteOptions) {
    this.attempt = chain(options.attemptInterceptors, sendOn(options.runtime));
  }

  /** Makes the attempt on a connection to the sidecar; where none is ready, as {@link handleWhenReady}. Never throws. */
  readonly handle: Handler = (call) => {
    const connection = this.peer()?.connection();
    return connection === undefined
      ? this.handleWhenReady(call)
      : this.attemptOn(connection, call as Attempt);
  };

  private attemptOn(connection: ClientConnection, call: Attempt): Promise<Reply> {
    if (this.lease?.connection !== connection) this.lease = new UnmeasuredLease(connection);
    call.lease = this.lease;
    call.endpoint = connection.endpoint;
    return this.attempt(call);
  }

  /**
   * Opens a connection. Where the sidecar is the only way, waits for one that is lost or not there yet, up to the call's
   * deadline and `readyTimeoutMs`; else fails at once, for the call may go directly.
   */
  private async handleWhenReady(call: Call): Promise<Reply> {
    const { service, migration, runtime, readyTimeoutMs } = this.options;
    const until = Math.min(call.deadline, runtime.clock.now() + readyTimeoutMs);
    let connection: ClientConnection | undefined;
    try {
      for (;;) {
        connection = await this.connect(call, until);
        if (connection !== undefined) break;
        if (migration.mayGoDirect || runtime.clock.now() >= until) throw this.nobody(call);
        await this.changed({ ...call, deadline: until });
      }
    } catch (error) {
      const retry = MeshError.is(error) && error.code === 'CANCELLED' ? 'never' : 'safe';
      const { method, via } = call;
      throw addContext(error, { service, method, ...via, sent: false, retry });
    }
    return this.attemptOn(connection, call as Attempt);
  }

  /** Undefined where nobody answers now. */
  private async connect(call: Call, until: number): Promise<ClientConnection | undefined> {
    const { migration, runtime, sidecar } = this.options;
    const bound = { wheel: runtime.wheel, waitingFor: 'a connection to the sidecar was opened' };
    const bounded = { ...call, deadline: until };
    try {
      await withinDeadline(migration.decided(), bounded, bound, nothing);
      const peer = this.peer();
      if (peer === undefined) return undefined;
      await withinDeadline(peer.ready(), bounded, bound, nothing);
      return peer.connection() ?? (migration.mayGoDirect ? undefined : peer.lastResort());
    } catch (error) {
      if (!MeshError.is(error) || error.code === 'CANCELLED') throw error;
      if (error.code === 'CONNECT_FAILED') sidecar.report({ kind: 'connection-lost', reason: error.message });
      return undefined;
    }
  }

  /** Resolves when something is known that was not, or a moment later: connections are not opened more often. */
  private async changed(call: Call): Promise<void> {
    const { sidecar, runtime } = this.options;
    let forget = nothing;
    const news = new Promise<void>((resolve) => {
      const timer = runtime.clock.schedule(resolve, RECHECK_MS);
      const ended = sidecar.onChange(resolve);
      forget = () => {
        timer.cancel();
        ended();
      };
    });
    try {
      const bound = { wheel: runtime.wheel, waitingFor: 'no sidecar was ready' };
      await withinDeadline(news, call, bound, nothing);
    } catch (error) {
      if (!MeshError.is(error) || error.code !== 'DEADLINE_EXCEEDED') throw error;
    } finally {
      forget();
    }
  }

  private nobody(call: Call): MeshError {
    const { service, sidecar, migration, readyTimeoutMs, runtime } = this.options;
    const reasons = sidecar.reasons.join('; ');
    const endpoint = this.held?.address;
    if (runtime.clock.now() >= call.deadline) {
      const message = `the deadline passed while no sidecar was ready for ${service}: ${reasons}`;
      return new MeshError('DEADLINE_EXCEEDED', message, { endpoint });
    }
    if (migration.mayGoDirect) {
      const message = `the sidecar takes no calls of ${service} right now: ${reasons}`;
      return new MeshError('CONNECT_FAILED', message, { endpoint });
    }
    const message = `no sidecar was ready for ${service} within ${readyTimeoutMs} ms: ${reasons}. Start the sidecar, or name a registry for direct connections and use mode auto`;
    return new MeshError('CONNECT_FAILED', message, { endpoint });
  }

  /** The sidecar's address may be another one after its restart. */
  private peer(): Peer | undefined {
    const { endpoint } = this.options.migration;
    if (endpoint === undefined) return undefined;
    if (this.held?.address !== endpoint.address) this.move(endpoint);
    return this.held?.peer;
  }

  private move(endpoint: Endpoint): void {
    const { peers } = this.options;
    const before = this.held;
    this.held = { address: endpoint.address, peer: peers.acquire(endpoint) };
    if (before !== undefined) peers.release(before.address);
  }
}

const RECHECK_MS = 100;
const nothing = () => undefined;
