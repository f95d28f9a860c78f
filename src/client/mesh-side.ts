import type { Interceptor } from '../core/call.js';
import type { MeshError } from '../core/errors.js';
import { MigrationEmitter } from '../mesh/migration-events.js';
import { MigrationPolicy } from '../mesh/migration-policy.js';
import { Migrations } from '../mesh/migrations.js';
import type { Mode } from '../mesh/mode.js';
import { PolicyFile } from '../mesh/policy-file.js';
import { Sidecar } from '../mesh/sidecar.js';
import type { SidecarPath } from '../mesh/started-call.js';
import { boltFraming, sidecarVersion } from '../protocol/framings.js';
import type { ClientConnection } from '../transport/client-connection.js';
import type { MeshClientOptions } from './options.js';
import { Peers } from './peers.js';
import type { ClientRuntime } from './runtime.js';
import { SidecarRoute } from './sidecar-route.js';

/** Nothing read for so long while calls wait: the sidecar is asked whether it lives. */
const BUSY_IDLE_MS = 500;
const DEFAULT_READY_TIMEOUT_MS = 3_000;

/** The sidecar's side of a client: the session, the policy, and the services on their way between the two paths. */
export class MeshSide {
  readonly policy: MigrationPolicy;
  readonly events: MigrationEmitter;
  readonly migrations: Migrations;
  readonly readyTimeoutMs: number;
  private readonly sidecar: Sidecar;
  /** Whether the session is the client's own to close. */
  private readonly ownsSidecar: boolean;
  private readonly file: PolicyFile | undefined;
  private readonly peers: Peers;
  private readonly attemptInterceptors: readonly Interceptor[];

  /** @throws MeshError INVALID_ARGUMENT for a policy or an address that is none. */
  constructor(
    options: MeshClientOptions,
    mode: Mode,
    private readonly runtime: ClientRuntime,
    warn: (message: string) => void,
  ) {
    const { app, sidecarConnect: connect, clock, random, logger, policy, attemptInterceptors = [] } = options;
    this.attemptInterceptors = attemptInterceptors;
    this.readyTimeoutMs = options.readyTimeoutMs ?? DEFAULT_READY_TIMEOUT_MS;
    this.ownsSidecar = options.sidecar === undefined;
    const bolt = sidecarVersion(options.bolt);
    this.sidecar = options.sidecar ?? new Sidecar({ app, bolt, connect, clock, random, logger });
    this.policy = new MigrationPolicy(typeof policy === 'string' ? undefined : policy);
    this.events = new MigrationEmitter(warn);
    this.migrations = new Migrations({
      sidecar: this.sidecar,
      policy: this.policy,
      mode,
      clock: runtime.clock,
      turnClock: runtime.turnClock,
      random: runtime.random,
      events: this.events,
    });
    const framing = boltFraming(bolt);
    const sidecarTraits = {
      connect: this.sidecar.connect,
      framingOf: () => framing,
      heartbeat: { ...runtime.traits.heartbeat, busyIdleMs: BUSY_IDLE_MS },
      // Others share the sidecar's connection to a provider: what this client understands is not true of all of them.
      introducesItself: false,
    };
    this.peers = new Peers(runtime, sidecarTraits, (lost, reason) => this.onLost(lost, reason));
    if (typeof policy === 'string') {
      this.file = new PolicyFile(policy, this.policy, { clock: runtime.clock, warn });
      this.file.start();
    }
  }

  /** The way through the sidecar, for one service. */
  routeOf(service: string, migration: SidecarPath): SidecarRoute {
    const { sidecar, peers, attemptInterceptors, runtime, readyTimeoutMs } = this;
    return new SidecarRoute({
      service,
      sidecar,
      migration,
      peers,
      attemptInterceptors,
      runtime,
      readyTimeoutMs,
    });
  }

  private onLost({ toldToGo }: ClientConnection, reason: string): void {
    this.sidecar.report({ kind: toldToGo ? 'go-away' : 'connection-lost', reason });
  }

  /** No connection is opened any more, no policy read. */
  stop(reason: MeshError): void {
    this.file?.close();
    this.migrations.close();
    this.peers.close(reason);
  }

  /** Leaves the sidecar, where the session is the client's own. */
  async close(): Promise<void> {
    if (this.ownsSidecar) await this.sidecar.close();
  }
}
