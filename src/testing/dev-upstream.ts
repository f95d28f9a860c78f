import type { Endpoint } from '../core/endpoint.js';
import type { Message } from '../framing/framing.js';
import type { Relay } from '../framing/relay.js';
import type { Connect } from '../transport/socket.js';
import { DevConnection } from './dev-connection.js';
import type { DevGate } from './dev-gate.js';

/** How a forwarded call ended: with a provider's frame, or with a status of the sidecar's own. */
export interface ForwardedCall {
  onAnswer(frame: Buffer): void;
  onLost(status: number): void;
}

/** The one connection to a provider, shared by the calls of all. */
export class DevUpstream {
  private readonly connection: DevConnection;
  private readonly pending = new Map<number, ForwardedCall>();
  private lastId = 0;
  private isOutOfStep = false;

  constructor(
    stream: ConstructorParameters<typeof DevConnection>[0],
    private readonly relay: Relay,
    gate: DevGate,
    private readonly onUnusable: () => void,
  ) {
    this.connection = new DevConnection(
      stream,
      relay.open(),
      gate,
      (message) => this.onMessage(message),
      () => this.onClosed(),
    );
  }

  get isClosed(): boolean {
    return this.connection.closed;
  }

  /** `call` is undefined for a oneway. Returns what {@link forget} takes. */
  send(bytes: Buffer, call: ForwardedCall | undefined): number {
    this.lastId = (this.lastId + 1) >>> 0;
    this.relay.setRequestId(bytes, this.lastId);
    if (call !== undefined) this.pending.set(this.lastId, call);
    this.connection.write(bytes);
    return this.lastId;
  }

  /** The call's answer, should it come, is dropped. */
  forget(id: number): void {
    this.pending.delete(id);
  }

  hang(): void {
    this.connection.hang();
  }

  destroy(): void {
    this.pending.clear();
    this.connection.destroy();
  }

  private onMessage(message: Message): void {
    const { kind, requestId } = message;
    if (this.isOutOfStep) this.connection.destroy();
    // As with MOSN, it is the provider that closes it.
    else if (kind === 'go-away') this.onUnusable();
    else if (kind === 'response') {
      this.isOutOfStep = this.relay.putsOutOfStep(message);
      const call = this.pending.get(requestId);
      this.pending.delete(requestId);
      call?.onAnswer(this.relay.copy(message));
    }
  }

  private onClosed(): void {
    this.onUnusable();
    const lost = [...this.pending.values()];
    this.pending.clear();
    for (const call of lost) call.onLost(this.relay.statuses.upstreamLost);
  }
}

/** The connections to providers, one an address. */
export class DevUpstreams {
  private readonly open = new Map<string, Promise<DevUpstream>>();
  private readonly all = new Set<DevUpstream>();

  constructor(
    private readonly connect: Connect,
    private readonly relay: Relay,
    private readonly gate: DevGate,
  ) {}

  /** The connection to a provider. Rejects where there is none to be had. */
  to(endpoint: Endpoint, signal: AbortSignal): Promise<DevUpstream> {
    const { address } = endpoint;
    const open = this.open.get(address);
    if (open !== undefined) return open;
    const forget = () => {
      if (this.open.get(address) === opening) this.open.delete(address);
    };
    const opening = this.opened(endpoint, signal, forget);
    this.open.set(address, opening);
    opening.catch(forget);
    return opening;
  }

  private async opened(endpoint: Endpoint, signal: AbortSignal, forget: () => void): Promise<DevUpstream> {
    const stream = await this.connect(endpoint, signal);
    if (signal.aborted) stream.destroy();
    const upstream = new DevUpstream(stream, this.relay, this.gate, () => {
      forget();
      if (upstream.isClosed) this.all.delete(upstream);
    });
    this.all.add(upstream);
    return upstream;
  }

  hang(): void {
    for (const upstream of this.all) upstream.hang();
  }

  /** Every connection is gone at once, with what was in flight on it. */
  destroy(): void {
    for (const upstream of this.all) upstream.destroy();
  }
}
