import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ClientCore } from '../../client/client-core.js';
import type { Outbound } from '../../client/outbound.js';
import type { Peer } from '../../client/peer.js';
import type { Clock } from '../../core/clock.js';
import type { Endpoint } from '../../core/endpoint.js';
import { MeshError } from '../../core/errors.js';
import { pause } from '../../core/pause.js';
import type { Hessian2Serializer } from '../../serialization/hessian2.js';
import type { WireSettings } from '../bolt/wire-settings.js';
import type { Address } from './address.js';
import { HeartbeatPlan } from './heartbeat-plan.js';
import { type Answer, OldCalls, waitMsOf } from './old-calls.js';
import { oldErrorOf, type RpcError, rpcError, socketClosed } from './old-errors.js';
import type { RpcRequest } from './rpc-request.js';

/** Told of what becomes of a line. */
export interface LineEvents {
  readonly onConnected: () => void;
  /** There was no connection, and there will be none. */
  readonly onFailed: (error: Error) => void;
  /** It takes no more calls. */
  readonly onLost: () => void;
  /** Its socket failed. It is lost, too. */
  readonly onError: (error: Error) => void;
}

export interface LineOptions {
  readonly client: ClientCore;
  readonly hessian: Hessian2Serializer;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  readonly address: Address;
  readonly endpoint: Endpoint;
  readonly wire: WireSettings;
  readonly events: LineEvents;
  /** The stream of the connection that there is to the address. */
  readonly streamOf: () => Duplex | undefined;
  readonly onReleased: () => void;
}

/** A connection of the core, as seen by who asked for it. Consumers' calls to the address go by the same one. */
export class Line {
  private readonly peer: Peer;
  private readonly calls: OldCalls;
  private readonly opening: Promise<void>;
  private isOpening = true;
  private isReleased = false;
  private connected: Duplex | undefined;
  private heartbeats: Outbound | undefined;

  constructor(private readonly options: LineOptions) {
    const { client, hessian, address, endpoint, wire, events } = options;
    this.peer = client.peers.acquire(endpoint);
    this.opening = this.peer.ready().then(
      () => {
        this.isOpening = false;
        this.connected = options.streamOf();
        events.onConnected();
      },
      (error) => {
        this.isOpening = false;
        events.onFailed(this.connectError(error));
      },
    );
    this.calls = new OldCalls({
      wire,
      hessian,
      outboundOf: (plan) => client.outboundTo(this.peer, plan),
      addressOf: () => address,
      isIdempotent: () => false,
    });
  }

  /** Undefined before there is a connection; afterwards the one that there was. */
  get stream(): Duplex | undefined {
    return this.connected;
  }

  get events(): LineEvents {
    return this.options.events;
  }

  /** Makes a call; one that comes early waits for the connection. Never rejects. */
  async call(request: RpcRequest): Promise<Answer> {
    const { href } = this.options.address;
    const timeoutMs = waitMsOf(request.timeout);
    const leftMs = this.isOpening ? await this.leftWhenOpen(timeoutMs) : timeoutMs;
    const answer = leftMs > 0 ? await this.calls.call(request, leftMs) : this.tooLate(request);
    return MeshError.is(answer) ? { error: socketClosed(href, answer), appResponse: null } : answer;
  }

  /** What is left of the time when the connection is open, or cannot be opened. */
  private async leftWhenOpen(timeoutMs: number): Promise<number> {
    const { clock } = this.options;
    const end = clock.now() + timeoutMs;
    const stop = new AbortController();
    await Promise.race([this.opening, pause(clock, timeoutMs, stop.signal)]);
    stop.abort();
    return end - clock.now();
  }

  private tooLate(request: RpcRequest): Answer {
    const { clock, address } = this.options;
    const late = new MeshError('DEADLINE_EXCEEDED', 'the deadline passed before the connection was open');
    const rt = clock.wallTime() - request.meta.start;
    const error = oldErrorOf(late, { request, url: address.href, rt }) as RpcError;
    return { error, appResponse: null };
  }

  /** Sends a heartbeat, beside those by which the core looks after its connections. */
  heartbeat(): void {
    const { client, wire } = this.options;
    this.heartbeats ??= client.outboundTo(this.peer, new HeartbeatPlan(wire));
    // Where there is no connection there is nothing to keep alive.
    this.heartbeats.call([], undefined, nothing).catch(nothing);
  }

  /** Takes no more calls. Resolves when those that were on their way have ended. */
  async drained(): Promise<void> {
    const { stream } = this;
    const connection = this.peer.lastResort();
    if (this.isReleased || stream === undefined || connection === undefined) return;
    const over = finished(stream, { readable: false }).catch(nothing);
    connection.drain();
    await over;
  }

  /** It is not needed any more. */
  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    this.options.onReleased();
    this.options.client.peers.release(this.options.endpoint.address);
  }

  /** The system's own error where the address refused; where it said nothing, one that says so. */
  private connectError(error: unknown): Error {
    const { address, connectTimeoutMs } = this.options;
    const { cause } = error as MeshError;
    if (this.isReleased) return socketClosed(address.href, error);
    if (cause instanceof Error && 'code' in cause) return cause;
    const message = `socket#${address.href} connect timeout(${connectTimeoutMs}ms)`;
    return rpcError('RpcSocketConnectTimeoutError', message, undefined, error);
  }
}

const nothing = () => undefined;
