import type { Duplex } from 'node:stream';
import { ClientCore } from '../../client/client-core.js';
import type { MeshClient } from '../../client/mesh-client.js';
import type { MeshClientOptions } from '../../client/options.js';
import type { Interceptor } from '../../core/call.js';
import type { Endpoint } from '../../core/endpoint.js';
import type { CircuitBreakerOptions } from '../../resilience/circuit-options.js';
import { Hessian2Serializer } from '../../serialization/hessian2.js';
import { connectTcp } from '../../transport/socket.js';
import type { WireSettings } from '../bolt/wire-settings.js';
import type { Logger } from '../logger.js';
import { type Address, endpointOfAddress } from './address.js';
import { DynamicConfig } from './dynamic-config.js';
import { interceptorsOf } from './interceptors.js';
import { Line, type LineEvents } from './line.js';

/** What of the mesh a client of the old interface may say; each is new. */
export interface MeshOptions
  extends Pick<
    MeshClientOptions,
    | 'mode'
    | 'policy'
    | 'sidecar'
    | 'sidecarConnect'
    | 'readyTimeoutMs'
    | 'snapshotDir'
    | 'connect'
    | 'clock'
    | 'random'
  > {
  /**
   * Around every call, inside the middlewares, the first outermost: as MeshClient's. A consumer whose calls go by
   * connections of its own does not pass them. Default: none.
   */
  interceptors?: readonly Interceptor[];
  /** Around every attempt to call a provider directly, where `call.endpoint` is known: as MeshClient's. Default: none. */
  attemptInterceptors?: readonly Interceptor[];
  /** The name of this application, which the sidecar is told. Default `sofa-rpc-node`. */
  appName?: string;
}

/** Which way calls go, to see and to change: as a MeshClient's. */
export type MeshControl = Pick<MeshClient, 'policy' | 'status' | 'on'>;

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
