import assert from 'node:assert';
import type { Socket } from 'node:net';
import { type Clock, systemClock } from '../../core/clock.js';
import { currentContext } from '../../core/context.js';
import type { MeshError } from '../../core/errors.js';
import { Inbound } from '../../server/inbound.js';
import type { ServerConnection } from '../../transport/server-connection.js';
import { Base, type BaseOptions } from '../base.js';
import { type FrameOptions, type ResponseData, writeResponse } from '../bolt/frames.js';
import { bolt, optionsOf } from '../bolt/protocol.js';
import type { WireSettings } from '../bolt/wire-settings.js';
import type { Logger } from '../logger.js';
import { HOST, Host } from './host.js';
import type { ResponseMeta, ResponsePacket, ServerRequest } from './types.js';

export interface RpcConnectionOptions extends BaseOptions {
  /** Required: the accepted socket. */
  socket: Socket;
  /** Required. */
  logger: Logger;
  /** Default: the bolt of `sofa-mesh-sdk/compat/bolt`; sofa-bolt-node is recognised, too. */
  protocol?: unknown;
  /** For protobuf: a protobufjs Root. Default: the protocol's. */
  proto?: unknown;
  /** For hessian2. Default: the protocol's. */
  // biome-ignore lint/suspicious/noExplicitAny: the user's class map
  classMap?: any;
  /** Milliseconds of silence after which the connection is closed. Default 90,000. */
  maxIdleTime?: number;
}

const defaults = { maxIdleTime: 90_000, protocol: bolt };

/**
 * The connection of one client. It emits `request` for each request and `close` once; whoever takes a request answers with
 * `send`. A server's connections are served together, one that is made alone serves itself.
 */
export class RpcConnection extends Base {
  declare options: RpcConnectionOptions & Required<Pick<RpcConnectionOptions, 'maxIdleTime' | 'protocol'>>;
  protected readonly _remoteAddress: string;
  readonly #clock: Clock;
  readonly #host: Host;
  readonly #connection: ServerConnection;

  /** @throws AssertionError without socket or logger; MeshError INVALID_ARGUMENT for a protocol that is not Bolt. */
  constructor(options: RpcConnectionOptions) {
    assert(options?.socket, '[RpcConnection] options.socket is required');
    assert(options.logger, '[RpcConnection] options.logger is required');
    super({ ...defaults, ...options });
    const { socket } = this;
    this.#clock = this.options.clock ?? systemClock;
    this._remoteAddress = `${socket.remoteAddress}:${socket.remotePort}`;
    const host: Host = this.options[HOST as unknown as string] ?? this.#ownHost();
    this.#host = host;
    // Before the core's own listeners: what it does about an error is to close.
    socket.once('close', () => this._handleClose());
    socket.once('error', (error: NodeJS.ErrnoException) => this._handleSocketError(error));
    this.#connection = host.serving.accept(socket, this._remoteAddress);
    host.adopt(this.#connection, {
      take: (req) => this._handleRequest(req),
      send: (req, res) => this.send(req, res),
      cut: (reason) => this.#cut(reason),
    });
    this.ready(true);
  }

  get socket(): Socket {
    return this.options.socket;
  }

  get protocol(): unknown {
    return this.options.protocol;
  }

  get logger(): Logger {
    return this.options.logger;
  }

  /** When something was read last, in milliseconds since 1970. */
  get lastActiveTime(): number {
    const ago = this.#clock.now() - this.#connection.lastReadAt;
    return Math.round(this.#clock.wallTime() - ago);
  }

  /** `ip:port` of the client. */
  get remoteAddress(): string {
    return this._remoteAddress;
  }

  get isClosed(): boolean {
    return this._closed || this.#connection.closedBecause !== undefined;
  }

  /** Closes when what was written has left; with an error, at once. Resolves when it is closed. */
  override close(error?: Error): Promise<void> {
    if (this._closed) return Promise.resolve();
    const closed = this.await('close');
    if (error === undefined) this.#connection.finish();
    else {
      this._handleSocketError(error);
      this.socket.destroy();
    }
    return closed;
  }

  /**
   * Answers a request. Resolves when the response was written, to what is known of it. While the client does not read what
   * it was sent, this waits.
   * @throws Error what the codec cannot encode; of the name ResponseTimeoutError where the request's timeout has passed;
   * MeshError where the connection has closed.
   */
  send(req: ServerRequest, res: ResponseData): Promise<ResponsePacket> {
    const connection = this.#connection;
    const served = currentContext();
    if (connection.isBlocked) {
      return new Promise((resolve, reject) => {
        connection.hold(() => this.#write(req, res, served).then(resolve, reject));
      });
    }
    return this.#write(req, res, served);
  }

  /** Writes before it returns. */
  async #write(req: ServerRequest, res: ResponseData, served: unknown): Promise<ResponsePacket> {
    const connection = this.#connection;
    if (connection.closedBecause !== undefined) throw connection.closedBecause;
    const { packetId, options, data: asked } = req;
    const began = this.#clock.wallTime();
    const late = began - (req.meta?.start ?? began);
    if (options.timeout && late > options.timeout) throw tooLate(req, late);
    const out = connection.output();
    const start = out.pos;
    try {
      writeResponse(out, packetId, asked, res, this.#frameOptions(req));
    } catch (error) {
      out.pos = start;
      throw error;
    }
    if (isOf(served, connection, packetId)) {
      this.#host.answered(served, res);
      served.trace?.answered(out.pos - start, res.isError ? failureOf(res) : undefined);
    }
    const { protocolType, codecType } = options;
    const data = Buffer.from(out.buf.subarray(start, out.pos));
    const encodeRT = this.#clock.wallTime() - began;
    const meta: ResponseMeta = { data, size: data.length, start: began, encodeRT, codecType, protocolType };
    return { packetId, packetType: 'response', req, res, meta };
  }

  #frameOptions({ options }: ServerRequest): FrameOptions {
    return {
      protocolType: options.protocolType,
      boltVersion: options.boltVersion ?? 1,
      crcEnable: options.crcEnable ?? false,
      codecType: options.codecType,
      proto: options.proto,
      classMap: options.classMap,
      hessianVersion: optionsOf(this.protocol).hessianVersion,
    };
  }

  #ownHost(): Host {
    const { protocol, proto, classMap, maxIdleTime } = this.options;
    const settings: WireSettings = { protocol, proto, classMap };
    optionsOf(protocol);
    const onError = (error: unknown) => this.emit('error', error);
    return new Host({ clock: this.#clock, idleMs: maxIdleTime }, { settings, onError });
  }

  /** A request was read. */
  _handleRequest(req: ServerRequest): void {
    this.emit('request', req);
  }

  protected _handleClose(): void {
    this._closed = true;
    this.emit('close');
  }

  /** The core closed it: for silence, or for what is no Bolt. */
  #cut({ code, message }: MeshError): void {
    const { maxIdleTime } = this.options;
    const silentFor = this.#clock.now() - this.#connection.lastReadAt;
    if (code === 'PROTOCOL_VIOLATION')
      this._handleSocketError(Object.assign(new Error(message), { name: 'BoltDecodeError' }));
    if (code === 'CONNECTION_LOST' && silentFor >= maxIdleTime)
      this.logger.warn('[RpcConnection] socket: %s is idle for %s(ms)', this.remoteAddress, maxIdleTime);
  }

  /** Probes open and reset connections all the time: a reset is worth no line. */
  protected _handleSocketError(error: NodeJS.ErrnoException): void {
    if (error.code === 'ECONNRESET') return;
    this.logger.warn(
      '[RpcConnection] error occured on socket: %s, errName: %s, errMsg: %s',
      this.remoteAddress,
      error.name,
      error.message,
    );
  }
}

/** What a response says went wrong. */
function failureOf({ appResponse, errorMsg }: ResponseData): Error {
  return appResponse instanceof Error ? appResponse : new Error(String(errorMsg));
}

/** Whether it is this request that is being served here. */
function isOf(served: unknown, connection: ServerConnection, packetId: number): served is Inbound {
  return served instanceof Inbound && served.connection === connection && (served.requestId | 0) === packetId;
}

function tooLate({ data, options }: ServerRequest, ms: number): Error {
  const method = `${data.serverSignature}#${data.methodName}`;
  const error = new Error(`service:${method} spends ${ms}(ms), and exceed the ${options.timeout}(ms) limit.`);
  return Object.assign(error, { name: 'ResponseTimeoutError', resultCode: '03' });
}
