import { CMD_GO_AWAY, CMD_HEARTBEAT, type Frame, STATUS_UNKNOWN, TYPE_RESPONSE } from '../bolt/frame.js';
import type { Endpoint } from '../core/endpoint.js';
import type { Connect } from '../transport/socket.js';
import { DevConnection } from './dev-connection.js';
import { forwarded, setRequestId } from './dev-frames.js';
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
    gate: DevGate,
    private readonly onUnusable: () => void,
  ) {
    this.connection = new DevConnection(
      stream,
      gate,
      (frame) => this.onFrame(frame),
      () => this.onClosed(),
    );
  }

  get isClosed(): boolean {
    return this.connection.closed;
  }

  /** `call` is undefined for a oneway. Returns what {@link forget} takes. */
  send(bytes: Buffer, call: ForwardedCall | undefined): number {
    this.lastId = (this.lastId + 1) >>> 0;
    setRequestId(bytes, this.lastId);
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

  private onFrame(frame: Frame): void {
    if (this.isOutOfStep) this.connection.destroy();
    // As with MOSN, it is the provider that closes it.
    else if (frame.cmdCode === CMD_GO_AWAY) this.onUnusable();
    else if (frame.type === TYPE_RESPONSE && frame.cmdCode !== CMD_HEARTBEAT) {
      this.isOutOfStep = frame.hasCrc;
      const call = this.pending.get(frame.requestId);
      this.pending.delete(frame.requestId);
      call?.onAnswer(forwarded(frame));
    }
  }

  private onClosed(): void {
    this.onUnusable();
    const lost = [...this.pending.values()];
    this.pending.clear();
    for (const call of lost) call.onLost(STATUS_UNKNOWN);
  }
}

/** The connections to providers, one an address. */
export class DevUpstreams {
  private readonly open = new Map<string, Promise<DevUpstream>>();
  private readonly all = new Set<DevUpstream>();

  constructor(
    private readonly connect: Connect,
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
    const upstream = new DevUpstream(stream, this.gate, () => {
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
