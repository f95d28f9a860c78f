import { AsyncResource } from 'node:async_hooks';
import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { Latch } from '../core/latch.js';
import type { Random } from '../core/random.js';
import { TimerWheel } from '../core/timer-wheel.js';
import { TurnClock } from '../core/turn-clock.js';
import type { Framing } from '../framing/framing.js';
import {
  type BusyHeartbeat,
  ClientConnection,
  type HeartbeatOptions,
} from '../transport/client-connection.js';
import { LivenessRound } from '../transport/liveness.js';
import { OutputPool } from '../transport/output-pool.js';
import type { Connect } from '../transport/socket.js';

/** What the connections to one kind of other side have in common. */
export interface ConnectionTraits {
  /** Opens them. */
  readonly connect: Connect;
  /** What an endpoint speaks. @throws MeshError INVALID_ARGUMENT where that is not known. */
  framingOf(endpoint: Endpoint): Framing;
  readonly heartbeat: BusyHeartbeat;
  readonly introducesItself: boolean;
}

/** How often connections with `busyIdleMs` are looked at: what hangs is found out within 500 + 1,000 ms and two rounds. */
const CLOSE_ROUND_MS = 100;

export interface ClientRuntimeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly connect: Connect;
  readonly connectTimeoutMs: number;
  readonly connectionsPerEndpoint: number;
  readonly heartbeat: HeartbeatOptions;
  readonly maxFrameBytes: number;
  /** What an endpoint speaks. */
  readonly framingOf: (endpoint: Endpoint) => Framing;
  /** Told of responses that nobody waits for any more. */
  readonly onLateResponse?: (endpoint: Endpoint, requestId: number) => void;
}

/** What all connections of one client share: time, buffers, and the round that looks for dead peers. */
export class ClientRuntime {
  readonly clock: Clock;
  /** For what every call asks for: picks, latencies, circuits. */
  readonly turnClock: TurnClock;
  readonly random: Random;
  readonly connectTimeoutMs: number;
  readonly connectionsPerEndpoint: number;
  readonly wheel: TimerWheel;
  /** Responses that came when nobody waited for them any more. */
  lateResponses = 0;
  /** What was current when the client was made. */
  private readonly origin = new AsyncResource('sofa-mesh-sdk.client');
  private readonly pool = new OutputPool();
  private readonly connections = new Set<ClientConnection>();
  /** Of these, the ones that are looked at more often. */
  private readonly closelyWatched = new Set<ClientConnection>();
  private readonly liveness: LivenessRound;
  private readonly closeLiveness: LivenessRound;
  /** Of connections to providers. */
  readonly traits: ConnectionTraits;
  private readonly whenEmpty = new Latch();

  constructor(private readonly options: ClientRuntimeOptions) {
    this.clock = options.clock;
    this.turnClock = new TurnClock(options.clock);
    this.random = options.random;
    this.connectTimeoutMs = options.connectTimeoutMs;
    this.connectionsPerEndpoint = options.connectionsPerEndpoint;
    this.wheel = new TimerWheel(options.clock);
    this.liveness = new LivenessRound(options.clock, this.connections);
    this.closeLiveness = new LivenessRound(options.clock, this.closelyWatched, CLOSE_ROUND_MS);
    const { connect, framingOf, heartbeat } = options;
    this.traits = { connect, framingOf, heartbeat, introducesItself: true };
  }

  /**
   * Does what outlives the call that asks for it: a connection would keep the async stores of the call that was waiting for
   * it, for as long as it lives.
   */
  outsideOfCalls<T>(work: () => T): T {
    return this.origin.runInAsyncScope(work);
  }

  /** Open connections. */
  get connectionCount(): number {
    return this.connections.size;
  }

  /** Calls that wait for a response. */
  get pendingCount(): number {
    let pending = 0;
    for (const connection of this.connections) pending += connection.pendingCount;
    return pending;
  }

  /** Makes a stream a connection. `onUnusable` is called when no new call may use it. */
  track(
    stream: Duplex,
    endpoint: Endpoint,
    framing: Framing,
    traits: ConnectionTraits,
    onUnusable: (connection: ClientConnection, reason: string) => void,
  ): ClientConnection {
    const { clock, maxFrameBytes } = this.options;
    const { heartbeat, introducesItself } = traits;
    const connection = new ClientConnection({
      heartbeat,
      introducesItself,
      framing,
      stream,
      endpoint,
      clock,
      pool: this.pool,
      maxFrameBytes,
      onUnusable,
      onClosed: (closed) => {
        this.connections.delete(closed);
        this.closelyWatched.delete(closed);
        if (this.connections.size === 0) this.whenEmpty.open();
      },
      onLateResponse: (requestId) => {
        this.lateResponses++;
        this.options.onLateResponse?.(endpoint, requestId);
      },
    });
    this.connections.add(connection);
    this.liveness.start();
    if (heartbeat.busyIdleMs !== undefined) {
      this.closelyWatched.add(connection);
      this.closeLiveness.start();
    }
    return connection;
  }

  /** Lets calls in flight finish for up to `timeoutMs`, then closes every connection. */
  async close(timeoutMs: number): Promise<void> {
    const { connections } = this;
    if (connections.size > 0) {
      const empty = this.whenEmpty.wait(false);
      for (const connection of [...connections]) connection.drain();
      const limit = this.clock.schedule(() => {
        for (const connection of [...connections]) {
          connection.close(
            new MeshError('SHUTTING_DOWN', 'the client was closed while the call was in flight'),
          );
        }
      }, timeoutMs);
      await empty;
      limit.cancel();
    }
  }
}
