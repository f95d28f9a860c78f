import assert from 'node:assert';
import type { Duplex } from 'node:stream';
import { type Clock, systemClock, type Timer } from '../../core/clock.js';
import { Base } from '../base.js';
import { bolt } from '../bolt/protocol.js';
import type { Logger } from '../logger.js';
import type { Address } from './address.js';
import { ConnectionCore } from './connection-core.js';
import { coreOf } from './core-of.js';
import type { Line } from './line.js';
import type { Answer } from './old-calls.js';
import { rpcError, socketClosed } from './old-errors.js';
import type { RpcRequest } from './rpc-request.js';

export interface RpcConnectionOptions {
  /** Required. */
  logger: Logger;
  /** Required: what `url.parse(address, true)` gives. */
  address: Address;
  /** Default: the bolt of `sofa-mesh-sdk/compat/bolt`; sofa-bolt-node is recognised, too. */
  protocol?: unknown;
  /** For hessian2. Default: the protocol's. */
  // biome-ignore lint/suspicious/noExplicitAny: the user's class map
  classMap?: any;
  /** For protobuf: a protobufjs Root. Default: the protocol's. */
  // biome-ignore lint/suspicious/noExplicitAny: whichever version of protobufjs made it
  proto?: any;
  /** Default true: output is not held back by Nagle's algorithm. */
  noDelay?: boolean;
  /** Milliseconds. Default 3,000. */
  connectTimeout?: number;
  /** Milliseconds without output after which `heartbeat()` sends one. Default 30,000. */
  maxIdleTime?: number;
  // biome-ignore lint/suspicious/noExplicitAny: subclasses have options of their own
  [key: string]: any;
}

/** A request that has no response yet. */
export interface SentRequest {
  readonly req: RpcRequest;
  readonly resPromise: Promise<Answer>;
  /** Ends it at its timeout; undefined where the core does. */
  readonly timer: Timer | undefined;
}

const defaults = { protocol: bolt, noDelay: true, maxIdleTime: 30_000, connectTimeout: 3_000 };
const MAX_ID = 2 ** 30;

/**
 * A connection to one address. Consumers need none to make calls; this is for who asks for one, and for subclasses: one that
 * overrides `_connect` and sets an `_encoder` of its own is written to as ever.
 */
export class RpcConnection extends Base {
  declare options: RpcConnectionOptions &
    Required<Pick<RpcConnectionOptions, 'protocol' | 'noDelay' | 'maxIdleTime' | 'connectTimeout'>>;
  /** Requests without a response, by id. */
  readonly _sentReqs = new Map<number, SentRequest>();
  /** Of a subclass that connects in its own way. */
  // biome-ignore lint/suspicious/noExplicitAny: an encoder of whichever protocol
  _encoder: any;
  /** Of a subclass that connects in its own way. */
  // biome-ignore lint/suspicious/noExplicitAny: a decoder of whichever protocol
  _decoder: any;
  protected _connected = false;
  protected _isClosing = false;
  protected _lastError: Error | null = null;
  protected _lastActiveTime = -1;
  protected _lastInvokeTime = -1;
  protected readonly _key: string;
  private line: Line | undefined;
  /** Of a connection that no manager made. */
  private ownCore: ConnectionCore | undefined;
  private ownSocket: Duplex | undefined;
  private lastId = 0;

  /** @throws AssertionError without logger or address. */
  constructor(options: RpcConnectionOptions) {
    assert(options.logger, '[RpcConnection] options.logger is required');
    assert(options.address, '[RpcConnection] options.address is required');
    super({ ...defaults, ...options });
    this._key = `RpcConnection@${this.address.host}`;
    this._connect();
  }

  get key(): string {
    return this._key;
  }

  get url(): string {
    return this.address.href;
  }

  get address(): Address {
    return this.options.address;
  }

  get protocol(): unknown {
    return this.options.protocol;
  }

  get logger(): Logger {
    return this.options.logger;
  }

  /** Whether it takes calls. */
  get isOk(): boolean {
    return this._connected && !this._closed;
  }

  get isClosed(): boolean {
    return this._closed;
  }

  get isConnected(): boolean {
    return this._connected;
  }

  /** When a call was made last, in milliseconds since 1970; -1 before the first. */
  get lastInvokeTime(): number {
    return this._lastInvokeTime;
  }

  /** The stream: the core's, or what a subclass made. */
  get _socket(): Duplex | undefined {
    return this.ownSocket ?? this.line?.stream;
  }

  set _socket(socket: Duplex | undefined) {
    this.ownSocket = socket;
  }

  /** Connects. A subclass that overrides it calls `this.ready(true)` when it can be used. */
  protected _connect(): void {
    const { protocol, proto, classMap } = this.options;
    const shared = coreOf(this.options);
    this.ownCore = shared === undefined ? new ConnectionCore({ ...this.options, mode: 'direct' }) : undefined;
    const wire = { protocol, proto, classMap };
    this.line = ((shared ?? this.ownCore) as ConnectionCore).lineTo(this.address, wire, {
      onConnected: () => {
        this._connected = true;
        this.ready(true);
      },
      onFailed: (error) => {
        if (this._closed && this._readyCallbacks.length === 0) return;
        if (error.name === 'RpcSocketConnectTimeoutError') this.end(error);
        this.ready(error);
        process.nextTick(() => this._handleClose());
      },
      onLost: () => {
        // It is drained then; what is on its way still counts.
        if (!this._isClosing) this._handleClose();
      },
      onError: (error) => this._handleSocketError(error),
    });
  }

  /** Sends a heartbeat where nothing was sent for a while. Nobody needs to: the core keeps its connections alive by itself. */
  heartbeat(): void {
    const now = this.clock.wallTime();
    if (now - this._lastActiveTime <= this.options.maxIdleTime) return;
    this._lastActiveTime = now;
    if (this._encoder === undefined) this.line?.heartbeat();
    else this._encoder.writeHeartbeat(this.nextId(), { timeout: 3_000 });
  }

  /** Makes a call. Resolves to what came of it, an error included. `_settings` is for connections of your own. */
  async invoke(req: RpcRequest, _settings?: object): Promise<Answer> {
    assert(req?.timeout, '[RpcConnection] req.timeout is required');
    this._lastActiveTime = this._lastInvokeTime = this.clock.wallTime();
    req.meta.address = this.address;
    if (this._encoder !== undefined) return this.invokeOwn(req);
    const line = this.line as Line;
    const called = line.call(req);
    // The frame's, where it was written at once; else one that no frame has.
    const id = req.meta.id ?? -this.nextId();
    const answered = (this.await(`response_${id}`) as Promise<OwnResponse>).then(({ data }) => data);
    const resPromise = Promise.race([called, answered]);
    this._sentReqs.set(id, { req, resPromise, timer: undefined });
    const answer = await resPromise;
    this._sentReqs.delete(id);
    this.removeAllListeners(`response_${id}`);
    // What it was closed with says more than that it was closed.
    if (this._lastError === null || answer.error?.name !== 'RpcSocketCloseError') return answer;
    return { error: this._lastError, appResponse: null };
  }

  /** Through the encoder of a subclass; `_handleResponse` ends it. */
  private async invokeOwn(req: RpcRequest): Promise<Answer> {
    const { meta } = req;
    const id = this.nextId();
    meta.id = id;
    const resPromise = this.await(`response_${id}`) as Promise<OwnResponse>;
    const timer = this.clock.schedule(() => {
      const rt = this.clock.wallTime() - meta.start;
      const error = rpcError('RpcResponseTimeoutError', `no response in ${rt}ms, address:${this.url}`);
      meta.resultCode = '03';
      this._handleRpcError(id, Object.assign(error, { req, timeout: req.timeout }));
    }, req.timeout);
    const answer = resPromise.then(({ data }) => data);
    this._sentReqs.set(id, { req, resPromise: answer, timer });
    this._encoder.writeRequest(id, req, (error: Error | null) => {
      if (!error) return;
      error.name = 'RpcRequestEncodeError';
      meta.resultCode = '02';
      process.nextTick(() => this._handleRpcError(id, error));
    });
    const response = await resPromise;
    meta.responseDecodeStart = response.meta.start;
    meta.responseDecodeRT = response.meta.rt;
    meta.resSize = response.meta.size;
    meta.rt = this.clock.wallTime() - meta.start;
    return response.data;
  }

  /** Ends the call that a response belongs to. */
  _handleResponse(response: OwnResponse): void {
    const sent = this._sentReqs.get(response.packetId);
    if (sent === undefined) {
      // Never the response itself: it may be of any size.
      this.logger.warn(
        `[RpcConnection] nobody waits for the response ${response.packetId} from ${this.url}; perhaps its call timed out`,
      );
      return;
    }
    sent.timer?.cancel();
    this._sentReqs.delete(response.packetId);
    this.emit(`response_${response.packetId}`, response);
  }

  protected _handleRpcError(id: number, error: Error): void {
    const data = { error, appResponse: null };
    this._handleResponse({ packetId: id, packetType: 'response', data, meta: { size: 0, start: 0, rt: 0 } });
  }

  protected _handleSocketError(error: Error): void {
    if (this._closed || this._isClosing) {
      this.logger.warn(`[RpcConnection] ${this.url} failed after it was closed: ${error.message}`);
      return;
    }
    error.message += ` (address: ${this.url})`;
    this.emit('error', error);
  }

  protected _handleClose(): void {
    if (this._closed) return;
    this._closed = true;
    this._isClosing = false;
    this.line?.release();
    void this.ownCore?.close();
    if (this._lastError) this.emit('error', this._lastError);
    const error = this._lastError ?? socketClosed(this.url);
    if (this._encoder !== undefined) for (const id of this._sentReqs.keys()) this._handleRpcError(id, error);
    this.emit('close');
  }

  private end(error: Error | undefined): void {
    this._lastError = error ?? null;
    this._socket?.destroy();
    this._handleClose();
  }

  /** Closes at once, without waiting for calls. `error` is what they end with. */
  async forceClose(error?: Error): Promise<void> {
    if (this._closed) return;
    const closed = this.await('close');
    process.nextTick(() => this.end(error));
    await closed;
  }

  /** Closes when the calls that were made have ended. */
  override async close(error?: Error): Promise<void> {
    this._isClosing = true;
    await Promise.all([...this._sentReqs.values()].map(({ resPromise }) => resPromise));
    await this.line?.drained();
    await this.forceClose(error);
  }

  private get clock(): Clock {
    return this.options.clock ?? systemClock;
  }

  private nextId(): number {
    this.lastId = this.lastId + 1 < MAX_ID ? this.lastId + 1 : 1;
    return this.lastId;
  }
}

/** What a subclass's decoder tells. */
export interface OwnResponse {
  packetId: number;
  packetType: string;
  data: Answer;
  meta: { size: number; start: number; rt: number };
}
