import type { Duplex } from 'node:stream';
import { ClientCore } from '../../client/client-core.js';
import type { Interceptor } from '../../core/call.js';
import type { Clock } from '../../core/clock.js';
import type { Endpoint } from '../../core/endpoint.js';
import type { Random } from '../../core/random.js';
import type { MigrationEvents, MigrationListener } from '../../mesh/migration-events.js';
import type { MigrationPolicy } from '../../mesh/migration-policy.js';
import type { MigrationStatus } from '../../mesh/migration-status.js';
import type { Mode } from '../../mesh/mode.js';
import type { PolicyDocument } from '../../mesh/policy-document.js';
import type { Sidecar } from '../../mesh/sidecar.js';
import type { CircuitBreakerOptions } from '../../resilience/circuit-options.js';
import { Hessian2Serializer } from '../../serialization/hessian2.js';
import { type Connect, connectTcp } from '../../transport/socket.js';
import type { WireSettings } from '../bolt/wire-settings.js';
import type { Logger } from '../logger.js';
import { type Address, endpointOfAddress } from './address.js';
import { DynamicConfig } from './dynamic-config.js';
import { interceptorsOf } from './interceptors.js';
import { Line, type LineEvents } from './line.js';

/** What of the mesh and of the core a client of the old interface may say; each is new, and as a MeshClient's. */
export interface MeshOptions {
  /** The name of this application, which the sidecar is told. Default `sofa-rpc-node`. */
  appName?: string;
  /**
   * `auto`: through the sidecar where there is one, and directly otherwise, whichever comes or goes while the client runs.
   * `mesh`: through the sidecar alone. `direct`: no sidecar is looked for. Default: the environment's SOFA_MESH_MODE, else
   * `auto`.
   */
  mode?: Mode;
  /** Which share of each service's calls goes through the sidecar: a document, or the path of a JSON file that is watched. Default: all, while there is a sidecar. */
  policy?: PolicyDocument | string;
  /** The session with the sidecar, where it is shared; you close it, after the client. Default: one of the client's own. */
  sidecar?: Sidecar;
  /** Milliseconds that a call waits for a sidecar to be found, or to come back where it is the only way. Default 3,000. */
  readyTimeoutMs?: number;
  /** A folder that keeps the last known addresses of every service, for a start without the registry. Default: none. */
  snapshotDir?: string;
  /**
   * Around every call, inside the middlewares, the first outermost. A consumer whose calls go by connections of its own does
   * not pass them. Default: none.
   */
  interceptors?: readonly Interceptor[];
  /** Around every attempt, where `call.endpoint` is known. Default: none. */
  attemptInterceptors?: readonly Interceptor[];
  /** Opens connections to providers. Default: TCP. */
  connect?: Connect;
  /** Opens those to the sidecar, its API included; a `sidecar` of yours has its own. Default: TCP, or a Unix socket. */
  sidecarConnect?: Connect;
  /** Default: the machine's. */
  clock?: Clock;
  /** Default: the machine's. */
  random?: Random;
}

/** Which way calls go, to see and to change: as a MeshClient's. */
export interface MeshControl {
  /** `policy.set(..)` changes, while calls run, which share of them goes through the sidecar. */
  readonly policy: MigrationPolicy;
  /** Which way each service's calls go and why, what is known of the sidecar; as text it is a table. */
  status(): MigrationStatus;
  /** Tells of what happens to the services' calls. The returned function ends it. */
  on<K extends keyof MigrationEvents>(name: K, listener: MigrationListener<K>): () => void;
}

export interface ConnectionCoreOptions extends MeshOptions {
  readonly logger: Logger;
  /** Milliseconds. Default 3,000. */
  readonly connectTimeout?: number;
  /** Default true. */
  readonly noDelay?: boolean;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 3_000;
const CLOSE_TIMEOUT_MS = 10_000;

/** The core's client under the connections and consumers of the old interface: one for each connection manager. */
export class ConnectionCore {
  readonly client: ClientCore;
  readonly hessian = new Hessian2Serializer();
  private readonly connectTimeoutMs: number;
  private readonly streams = new Map<string, Duplex>();
  private readonly lines = new Map<string, Set<Line>>();

  /** @throws MeshError INVALID_ARGUMENT for a mode, a policy or a number that is none. */
  constructor(options: ConnectionCoreOptions) {
    const { logger, mode, policy, sidecar, sidecarConnect, readyTimeoutMs, snapshotDir, clock, random } =
      options;
    const { connect = connectTcp, noDelay = true } = options;
    this.connectTimeoutMs = options.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT_MS;
    this.client = new ClientCore(
      {
        app: options.appName ?? 'sofa-rpc-node',
        mode,
        policy,
        sidecar,
        sidecarConnect,
        readyTimeoutMs,
        snapshotDir,
        connectTimeoutMs: this.connectTimeoutMs,
        clock,
        random,
        interceptors: interceptorsOf(options.interceptors),
        attemptInterceptors: interceptorsOf(options.attemptInterceptors),
        connect: async (endpoint, signal) => this.adopt(await connect(endpoint, signal), endpoint, noDelay),
        circuitBreaker: circuitOptions(),
        // A call reaches one provider once, as ever; what no connection could be had for goes to the next address.
        retry: 'failfast',
        // What the registry, or the user's own, says of the addresses was always believed.
        emptyGraceMs: 0,
        logger: { warn: (message: string) => logger.warn(message) },
      },
      {
        onLost: ({ endpoint }) => this.onLost(endpoint.address),
        // Never the response itself: it may be of any size.
        onLateResponse: ({ address }, id) =>
          logger.warn(
            `[RpcConnection] can not find invoke request for response ${id} from ${address}, maybe it's timeout.`,
          ),
      },
    );
  }

  /** Connects to an address, for who asks for a connection by itself. */
  lineTo(address: Address, wire: WireSettings, events: LineEvents): Line {
    const { client, hessian, lines, streams, connectTimeoutMs } = this;
    const endpoint = endpointOfAddress(address);
    const known = lines.get(endpoint.address) ?? new Set();
    const line = new Line({
      client,
      hessian,
      clock: client.runtime.clock,
      connectTimeoutMs,
      address,
      endpoint,
      wire,
      events,
      streamOf: () => streams.get(endpoint.address),
      onReleased: () => {
        known.delete(line);
        if (known.size === 0 && lines.get(endpoint.address) === known) lines.delete(endpoint.address);
      },
    });
    lines.set(endpoint.address, known.add(line));
    return line;
  }

  get control(): MeshControl {
    const { policy, migrations, events } = this.client.meshSide;
    return { policy, status: () => migrations.status(), on: (name, listener) => events.on(name, listener) };
  }

  close(): Promise<void> {
    return this.client.close(CLOSE_TIMEOUT_MS);
  }

  private adopt(stream: Duplex, { address }: Endpoint, noDelay: boolean): Duplex {
    if (!noDelay && 'setNoDelay' in stream) (stream as import('node:net').Socket).setNoDelay(false);
    this.streams.set(address, stream);
    stream.once('error', (error: NodeJS.ErrnoException) => {
      // Connections that are reset are everyday.
      if (error.code === 'ECONNRESET') return;
      for (const { events } of this.lines.get(address) ?? [])
        events.onError(Object.assign(error, { name: 'RpcSocketError' }));
    });
    stream.once('close', () => {
      if (this.streams.get(address) === stream) this.streams.delete(address);
    });
    return stream;
  }

  private onLost(address: string): void {
    for (const { events } of [...(this.lines.get(address) ?? [])]) events.onLost();
  }
}

function circuitOptions(): CircuitBreakerOptions | false {
  const { forceClosed, requestVolumeThreshold, errorThresholdPercentage, sleepWindowInMilliseconds } =
    DynamicConfig.instance.circuitBreaker;
  if (forceClosed) return false;
  return {
    minimumCalls: requestVolumeThreshold,
    failurePercent: errorThresholdPercentage,
    openMs: sleepWindowInMilliseconds,
  };
}
