import {
  CODEC_HESSIAN2,
  CODEC_PROTOBUF,
  type Frame,
  PROTO_V1,
  SWITCH_CRC,
  type WireFields,
  wireOf,
} from '../../bolt/frame.js';
import { BoltFraming } from '../../bolt/framing.js';
import { requestMetadata } from '../../bolt/request-metadata.js';
import { remainingMsOf } from '../../bolt/service.js';
import { BoltSession } from '../../bolt/session.js';
import { versionOf } from '../../bolt/version.js';
import type { MethodContract } from '../../contract/define-service.js';
import { t } from '../../contract/t.js';
import type { ByteWriter } from '../../core/bytes.js';
import type { Handler, Interceptor, Reply } from '../../core/call.js';
import { type Clock, systemClock } from '../../core/clock.js';
import { MeshError } from '../../core/errors.js';
import type {
  FramedRequest,
  FramingLimits,
  ReplyAddress,
  ServiceFraming,
  Side,
} from '../../framing/framing.js';
import type { Hosted } from '../../server/hosted.js';
import type { Inbound, InboundCall } from '../../server/inbound.js';
import { Serving, type ServingOptions } from '../../server/serving.js';
import type { ServerConnection } from '../../transport/server-connection.js';
import {
  type FrameOptions,
  type ResponseData,
  readPacket,
  writeHeartbeatAck,
  writeResponse,
} from '../bolt/frames.js';
import { type WireSettings, wireOptions } from '../bolt/wire-settings.js';
import { ANSWERED, Intercepted } from './interceptors.js';
import { RequestProps } from './request-props.js';
import type { ServerRequest } from './types.js';

/** The old face of a connection. */
export interface RequestTaker {
  /** Hands a request to whoever listens. */
  take(req: ServerRequest): void;
  /** Answers one. */
  send(req: ServerRequest, res: ResponseData): Promise<unknown>;
  /** The core closed it. */
  cut(reason: MeshError): void;
}

export interface HostEnv {
  /** Asked for each request. */
  readonly settings: WireSettings;
  /** Told of a request that could not be answered. */
  readonly onError: (error: unknown) => void;
  readonly interceptors?: readonly Interceptor[];
}

/** The options under which a server gives its connections what serves them. */
export const HOST = Symbol('host');

const NONE = Object.freeze([]);

/** A method as the core sees it. What it takes and gives, its service knows. */
class NamedMethod implements MethodContract {
  readonly key = '';
  readonly args = NONE;
  readonly returns = t.void.node;
  readonly throws = NONE;
  readonly idempotent = false;
  readonly oneway = false;

  constructor(readonly name: string) {}
}

/**
 * Serves all requests in the old way: each becomes a request object and is handed to its connection, and whoever takes it
 * answers through that connection, or not at all.
 */
export class Host implements Hosted, ServiceFraming<Frame> {
  readonly id = '';
  readonly serving: Serving;
  private readonly clock: Clock;
  private readonly takers = new WeakMap<ServerConnection, RequestTaker>();
  /** Where there are interceptors. */
  private readonly intercepted: Intercepted | undefined;
  private readonly handler: Handler;
  /** True while a request is being handed to its connection. */
  private isHanding = false;
  /** What whoever took the request makes of it. */
  private handling: Promise<unknown> | undefined;

  constructor(
    serving: Omit<ServingOptions, 'warn' | 'framings' | 'onClosed'>,
    private readonly env: HostEnv,
  ) {
    this.clock = serving.clock;
    const serve: Handler = (call) => this.serve(call as InboundCall);
    this.intercepted = env.interceptors?.length
      ? new Intercepted(env.interceptors, {
          serve,
          send: async ({ connection }, req, res) => this.takers.get(connection)?.send(req, res),
          onError: env.onError,
        })
      : undefined;
    this.handler = this.intercepted?.handle ?? serve;
    this.serving = new Serving({
      ...serving,
      warn: nothing,
      framings: [new LegacyFraming(versionOf('v1'))],
      onClosed: (connection, reason) => this.takers.get(connection)?.cut(reason),
    });
    this.serving.dispatcher.addForOthers(this);
  }

  /** From now on, requests of this connection go to `taker`. */
  adopt(connection: ServerConnection, taker: RequestTaker): void {
    this.takers.set(connection, taker);
  }

  /** Says how a request that has just been handed over is being handled. False where nobody here waits for that. */
  handled(handling: Promise<unknown>): boolean {
    if (!this.isHanding) return false;
    this.handling = handling;
    return true;
  }

  on(): this {
    return this;
  }

  /** Says what a request was answered with. */
  answered(context: Inbound, response: ResponseData): void {
    context.isAnswered = true;
    this.intercepted?.note(context, response);
  }

  handlerOf(): Handler {
    return this.handler;
  }

  readRequest(frame: Frame): FramedRequest {
    if (frame.codec !== CODEC_HESSIAN2 && frame.codec !== CODEC_PROTOBUF) throw wrongCodec(frame.codec);
    const { proto, classMap, hessianVersion } = wireOptions(this.env.settings);
    const packet = readPacket(frame, { proto, classMap, hessianVersion }) as ServerRequest;
    if (typeof packet.data?.methodName !== 'string')
      throw new MeshError('DECODE_FAILED', 'the request does not say which method it calls');
    if (this.clock !== systemClock && packet.meta !== null) packet.meta.start = this.clock.wallTime();
    const { methodName, requestProps } = packet.data;
    const { buf, headerStart, contentStart } = frame;
    const props = requestProps ? new RequestProps(requestProps) : undefined;
    const metadata = requestMetadata(buf, headerStart, contentStart, props);
    const timeoutMs = frame.timeout > 0 ? undefined : remainingMsOf(frame, undefined);
    return { method: new NamedMethod(methodName), args: [packet], metadata, timeoutMs };
  }

  private serve({ context, args }: InboundCall): Promise<Reply> {
    this.isHanding = true;
    this.handling = undefined;
    try {
      this.takers.get(context.connection)?.take(args[0] as ServerRequest);
    } catch (error) {
      // One of several listeners; another one may have taken the request.
      if (this.handling === undefined) this.handling = Promise.reject(error);
      else this.env.onError(error);
    } finally {
      this.isHanding = false;
    }
    return this.handling === undefined ? untracked(context) : this.end(context, this.handling);
  }

  private async end(context: Inbound, handling: Promise<unknown>): Promise<Reply> {
    try {
      await handling;
    } catch (error) {
      // Nobody waits for an answer after the deadline.
      if (context.remainingMs() === 0) context.isAnswered = true;
      this.env.onError(error);
      throw error;
    }
    context.isAnswered = true;
    return ANSWERED;
  }

  /** Whoever took the request has answered, or means not to. */
  writeReply(): void {}

  writeError(out: ByteWriter, to: ReplyAddress, method: MethodContract, error: unknown): void {
    const errorMsg = `the server failed before it had answered ${method.name}(): ${nameOf(error)}; its 'error' event says more`;
    const asked = { serverSignature: '', methodName: method.name };
    const { hessianVersion } = wireOptions(this.env.settings);
    const options = frameOptionsOf(wireOf(to), hessianVersion);
    writeResponse(out, to.requestId, asked, { isError: true, errorMsg }, options);
  }
}

/** Nobody says when the request will have been answered. */
async function untracked(context: Inbound): Promise<Reply> {
  context.isAnswered = true;
  return ANSWERED;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'something that is no Error was thrown';
}

/** The predecessor read no JSON either. */
function wrongCodec(codec: number): MeshError {
  return new MeshError(
    'DECODE_FAILED',
    `this server reads hessian2 (1) and protobuf (11), the request uses codec ${codec}`,
  );
}

/** Bolt with sofa-bolt-node's answers to heartbeats. */
class LegacyFraming extends BoltFraming {
  override open(side: Side, limits: FramingLimits): BoltSession {
    return new LegacySession(side, this.version, limits);
  }
}

class LegacySession extends BoltSession {
  /** In the version, the codec and with the checksum that it came in, as sofa-bolt-node answers. */
  override writeHeartbeatAck(out: ByteWriter, heartbeat: Frame): void {
    writeHeartbeatAck(out, heartbeat.requestId, frameOptionsOf(heartbeat, '3.0'));
  }
}

function frameOptionsOf(
  { proto, ver1, switch: flags, codec }: WireFields,
  hessianVersion: FrameOptions['hessianVersion'],
): FrameOptions {
  return {
    protocolType: proto === PROTO_V1 ? 'bolt' : 'bolt2',
    boltVersion: ver1,
    crcEnable: (flags & SWITCH_CRC) !== 0,
    codecType: codec === CODEC_PROTOBUF ? 'protobuf' : 'hessian2',
    hessianVersion,
  };
}

/** The connections themselves tell why they were cut. */
const nothing = () => undefined;
