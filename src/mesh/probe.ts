import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { reasonOf } from '../core/reason.js';
import { within } from '../core/within.js';
import { DEFAULT_MAX_FRAME_BYTES, type Framing } from '../framing/framing.js';
import { ClientConnection, DEFAULT_HEARTBEAT } from '../transport/client-connection.js';
import { LivenessRound } from '../transport/liveness.js';
import { OutputPool } from '../transport/output-pool.js';
import type { Connect } from '../transport/socket.js';
import type { MeshApi } from './mesh-api.js';
import type { ApplicationConfig } from './mesh-api-bodies.js';
import type { Places } from './places.js';
import { reach } from './reach.js';

export interface ProbeEnv {
  readonly connect: Connect;
  readonly clock: Clock;
  /** What the egress is asked in: a listener of MOSN speaks one version of Bolt, and answers no other. */
  readonly framing: Framing;
  /** The same in words. */
  readonly protocol: string;
}

/** Told of the connection of a {@link Found}, and of no other. */
export interface SentinelEnv {
  /** The egress asked to go away; `onClosed` follows at once. Not called where the connection is lost or closed without that. */
  onUnusable(connection: ClientConnection): void;
  /** Whoever closed it, this side included. Once. */
  onClosed(connection: ClientConnection, reason: MeshError): void;
}

export interface Found {
  readonly found: true;
  readonly egress: Endpoint;
  /** Open, answered a heartbeat, and asks again by itself when it is idle: whoever gets it holds it and closes it. */
  readonly connection: ClientConnection;
  readonly reasons: readonly string[];
}

export interface NotFound {
  readonly found: false;
  readonly reasons: readonly string[];
}

/** Both halves are asked at once, so this bounds a decision: less than a second, whatever hangs. */
const LOOK_MS = 800;

interface Look<T> {
  /** Undefined where it is not there. */
  readonly value: T | undefined;
  /** In words. */
  readonly said: string;
}

/**
 * Whether there is a sidecar: its API must take the application, and its egress answer a Bolt heartbeat. Takes less than a
 * second of the clock, opens nothing that it does not hand over or close, and never rejects.
 */
export async function probe(
  places: Places,
  api: MeshApi,
  application: ApplicationConfig,
  env: ProbeEnv & SentinelEnv,
): Promise<Found | NotFound> {
  if (places.isDisabled)
    return { found: false, reasons: [...places.reasons, 'no sidecar: it is switched off'] };
  const { egress } = places;
  const sentinel = new Sentinel(egress, env);
  const [atApi, atEgress] = await Promise.all([
    look('the mesh API', 'the application', places.api, env.clock, async () => {
      await api.application(application, LOOK_MS);
      return true;
    }),
    look('the egress', `a ${env.protocol} heartbeat`, egress, env.clock, () => sentinel.open()),
  ]);
  // It may have gone while the API was still being waited for.
  const connection = atEgress.value?.isUsable ? atEgress.value : undefined;
  const gone = connection === atEgress.value ? [] : [`the egress at ${egress.address} has gone again`];
  const reasons = [...places.reasons, atApi.said, atEgress.said, ...gone];
  if (atApi.value && connection !== undefined) {
    sentinel.handOver();
    return { found: true, egress, connection, reasons: [...reasons, 'there is a sidecar'] };
  }
  const verdict = `no sidecar: ${missing(atApi.value === true, connection !== undefined)}`;
  connection?.close(new MeshError('SHUTTING_DOWN', verdict));
  return { found: false, reasons: [...reasons, verdict] };
}

function missing(hasApi: boolean, hasEgress: boolean): string {
  if (hasApi) return 'a mesh API without an egress';
  return hasEgress ? 'an egress without a mesh API' : 'neither a mesh API nor an egress';
}

async function look<T>(
  what: string,
  asked: string,
  { address }: Endpoint,
  clock: Clock,
  ask: () => Promise<T>,
): Promise<Look<T>> {
  const start = clock.now();
  try {
    const value = await ask();
    return {
      value,
      said: `${what} at ${address} answered ${asked} in ${Math.round(clock.now() - start)} ms`,
    };
  } catch (error) {
    return { value: undefined, said: reasonOf(error) };
  }
}

/** The connection that asks the egress; once it was handed over, its end is told. */
class Sentinel {
  private isHandedOver = false;
  private readonly watched = new Set<ClientConnection>();
  private readonly liveness: LivenessRound;

  constructor(
    private readonly egress: Endpoint,
    private readonly env: ProbeEnv & SentinelEnv,
  ) {
    this.liveness = new LivenessRound(env.clock, this.watched);
  }

  /** Resolves when the egress has answered a heartbeat. */
  open(): Promise<ClientConnection> {
    const { egress, env } = this;
    const asked = `a ${env.protocol} heartbeat`;
    let isConnected = false;
    const late = () => {
      throw this.failure(
        isConnected
          ? `accepted the connection, but did not answer ${asked} within ${LOOK_MS} ms: it hangs, is no Bolt listener, or speaks another version`
          : `did not accept a connection within ${LOOK_MS} ms`,
      );
    };
    const ask = async (signal: AbortSignal) => {
      const connection = this.connectionOn(await reach(env.connect, 'the egress', egress, signal));
      isConnected = true;
      signal.addEventListener('abort', () => connection.close(signal.reason), { once: true });
      await connection.alive().catch((error: MeshError) => {
        const hint =
          error.code === 'CONNECTION_LOST' ? '; it is no Bolt listener, or speaks another version' : '';
        throw this.failure(`did not answer ${asked}: ${error.message}${hint}`);
      });
      return connection;
    };
    return within(env.clock, LOOK_MS, ask, late);
  }

  /** From here on the connection is watched, and its end is told. */
  handOver(): void {
    this.isHandedOver = true;
    this.liveness.start();
  }

  private connectionOn(stream: Duplex): ClientConnection {
    const connection = new ClientConnection({
      stream,
      endpoint: this.egress,
      clock: this.env.clock,
      pool: new OutputPool(),
      maxFrameBytes: DEFAULT_MAX_FRAME_BYTES,
      heartbeat: DEFAULT_HEARTBEAT,
      framing: this.env.framing,
      onUnusable: (unusable) => {
        if (this.isHandedOver && unusable.toldToGo) this.env.onUnusable(unusable);
      },
      onClosed: (closed, reason) => {
        this.watched.delete(closed);
        if (this.isHandedOver) this.env.onClosed(closed, reason);
      },
      // No call is made on it.
      introducesItself: false,
      onLateResponse: () => undefined,
    });
    this.watched.add(connection);
    return connection;
  }

  private failure(what: string): MeshError {
    const { address } = this.egress;
    return new MeshError('CONNECT_FAILED', `the egress at ${address} ${what}`, { endpoint: address });
  }
}
