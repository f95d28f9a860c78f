import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { pause } from '../core/pause.js';
import type { Message } from '../framing/framing.js';
import type { Relay } from '../framing/relay.js';
import { DevConnection } from './dev-connection.js';
import type { DevFaults } from './dev-faults.js';
import type { DevGate } from './dev-gate.js';
import type { DevUpstreams } from './dev-upstream.js';

/** MOSN closes a connection on which nothing came for so long. */
const IDLE_MS = 90_000;
/** As MOSN, of several providers that refuse no more are tried. */
const MAX_TRIES = 3;
/** A drained connection is closed when nothing has come for so long: a request may still have been on its way. */
const QUIET_MS = 100;
/** MOSN's limit for calls in flight that do not end. */
const DRAIN_MS = 15_000;
/** How long callers may take to close a connection that was ended. */
const LINGER_MS = 1_000;
const POLL_MS = 10;

export interface DevForwarderOptions {
  readonly relay: Relay;
  readonly maxRequests: number;
  readonly clock: Clock;
  readonly gate: DevGate;
  readonly upstreams: DevUpstreams;
  readonly faults: DevFaults;
  /** Aborted when the sidecar is killed. */
  readonly signal: AbortSignal;
  /** Where a service is served, as far as this side may know. */
  readonly providers: (service: string) => readonly Endpoint[];
}

/** One caller's connection. */
interface Downstream {
  readonly connection: DevConnection;
  /** Its calls in flight: what gives each up. */
  readonly calls: Set<() => void>;
  lastReadAt: number;
  isOutOfStep: boolean;
}

/** A call on its way through. */
interface Transit {
  readonly downstream: Downstream;
  readonly requestId: number;
  readonly service: string;
  readonly timeout: number;
  readonly bytes: Buffer;
}

/** One Bolt listener of a sidecar: what comes in goes to a provider of the service that its `service` header names. */
export class DevForwarder {
  /** Requests and oneways that came. */
  calls = 0;
  private readonly downstreams = new Set<Downstream>();
  /** Calls in flight, by service. */
  private readonly active = new Map<string, number>();
  private readonly turns = new Map<string, number>();

  constructor(private readonly options: DevForwarderOptions) {}

  accept(stream: Duplex): void {
    const { relay, gate, clock } = this.options;
    const connection: DevConnection = new DevConnection(
      stream,
      relay.open(),
      gate,
      (message) => this.onMessage(downstream, message),
      () => {
        idle.cancel();
        this.downstreams.delete(downstream);
        for (const giveUp of downstream.calls) giveUp();
      },
    );
    const downstream: Downstream = {
      connection,
      calls: new Set(),
      lastReadAt: clock.now(),
      isOutOfStep: false,
    };
    let idle = clock.schedule(() => checkIdle(), IDLE_MS).unref();
    const checkIdle = () => {
      // Who stands still does not notice that nothing comes.
      if (gate.isHung) downstream.lastReadAt = clock.now();
      const left = downstream.lastReadAt + IDLE_MS - clock.now();
      if (left <= 0) connection.destroy();
      else idle = clock.schedule(checkIdle, left).unref();
    };
    this.downstreams.add(downstream);
  }

  hang(): void {
    for (const { connection } of this.downstreams) connection.hang();
  }

  /** Says go-away, waits for the calls in flight, and closes. */
  async drain(): Promise<void> {
    const { relay, clock, signal } = this.options;
    const startedAt = clock.now();
    for (const { connection } of this.downstreams) connection.write(relay.goAway());
    while (!this.isQuiet(startedAt) && clock.now() - startedAt < DRAIN_MS) {
      if (!(await pause(clock, POLL_MS, signal))) return;
    }
    for (const { connection } of this.downstreams) connection.end();
    const endedAt = clock.now();
    // What was written has left when the other side has closed, too.
    while (this.downstreams.size > 0 && clock.now() - endedAt < LINGER_MS) {
      if (!(await pause(clock, POLL_MS, signal))) return;
    }
  }

  private isQuiet(since: number): boolean {
    if (this.active.size > 0) return false;
    const last = Math.max(since, ...[...this.downstreams].map(({ lastReadAt }) => lastReadAt));
    return this.downstreams.size === 0 || this.options.clock.now() - last >= QUIET_MS;
  }

  private onMessage(downstream: Downstream, message: Message): void {
    const { connection } = downstream;
    const { clock, relay } = this.options;
    const { kind } = message;
    downstream.lastReadAt = clock.now();
    // MOSN reads what follows a message with a checksum from the wrong byte on.
    if (downstream.isOutOfStep) connection.destroy();
    else if (kind === 'heartbeat') connection.write(relay.heartbeatAck(message.requestId));
    else if (kind === 'request' || kind === 'oneway') {
      downstream.isOutOfStep = relay.putsOutOfStep(message);
      this.onRequest(downstream, message);
    }
  }

  private onRequest(downstream: Downstream, request: Message): void {
    this.calls++;
    const { relay } = this.options;
    const { statuses } = relay;
    const { requestId, timeoutMs: timeout } = request;
    const isOneway = request.kind === 'oneway';
    const refuse = (status: number) => {
      if (!isOneway) downstream.connection.write(relay.answer(requestId, status));
    };
    let service: string | undefined;
    try {
      service = relay.serviceIdOf(request);
    } catch {
      // MOSN does not answer what it cannot read, and keeps the connection.
      return;
    }
    const fault = this.options.faults.next();
    if (fault !== undefined) refuse(fault);
    else if (service === undefined) refuse(statuses.noProvider);
    else if ((this.active.get(service) ?? 0) >= this.options.maxRequests) refuse(statuses.busy);
    else {
      const transit = { downstream, requestId, service, timeout, bytes: relay.copy(request) };
      if (isOneway) void this.passOneway(transit);
      else void this.pass(transit);
    }
  }

  private async passOneway({ service, bytes }: Transit): Promise<void> {
    const upstream = await this.connected(service);
    upstream?.send(bytes, undefined);
  }

  private async pass({ downstream, requestId, service, timeout, bytes }: Transit): Promise<void> {
    const { clock, relay, faults } = this.options;
    let timer: Timer | undefined;
    let forget = () => {};
    const end = () => {
      timer?.cancel();
      this.count(service, -1);
      downstream.calls.delete(giveUp);
    };
    const giveUp = () => {
      end();
      forget();
    };
    const answer = (frame: Buffer) => {
      if (!downstream.calls.has(giveUp)) return;
      end();
      downstream.connection.write(frame);
    };
    const refuse = (status: number) => answer(relay.answer(requestId, status));

    this.count(service, 1);
    downstream.calls.add(giveUp);
    if (timeout > 0) {
      timer = clock.schedule(() => {
        refuse(relay.statuses.timeout);
        forget();
      }, timeout);
    }
    const upstream = await this.connected(service);
    if (!downstream.calls.has(giveUp)) return;
    if (upstream === undefined) {
      refuse(relay.statuses.noProvider);
      return;
    }
    const id = upstream.send(bytes, {
      onAnswer: (received) => {
        const frame = faults.onAnswer?.(received) ?? received;
        relay.setRequestId(frame, requestId);
        if (faults.slowMs === 0) answer(frame);
        else clock.schedule(() => answer(frame), faults.slowMs);
      },
      onLost: refuse,
    });
    forget = () => upstream.forget(id);
  }

  /** A connection to the provider whose turn it is, or to the next one that can be reached. */
  private async connected(service: string) {
    const providers = this.options.providers(service);
    const turn = this.turns.get(service) ?? 0;
    this.turns.set(service, turn + 1);
    for (let i = 0; i < Math.min(providers.length, MAX_TRIES); i++) {
      const provider = providers[(turn + i) % providers.length] as Endpoint;
      try {
        const upstream = await this.options.upstreams.to(provider, this.options.signal);
        if (!upstream.isClosed) return upstream;
      } catch {
        // Nothing was sent: the next one may have it.
      }
    }
    return undefined;
  }

  private count(service: string, by: number): void {
    const now = (this.active.get(service) ?? 0) + by;
    if (now > 0) this.active.set(service, now);
    else this.active.delete(service);
  }
}
