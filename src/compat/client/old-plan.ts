import type { Frame } from '../../bolt/frame.js';
import { STATUS_SUCCESS } from '../../bolt/frame.js';
import { failureOf } from '../../bolt/status.js';
import type { ByteWriter } from '../../core/bytes.js';
import type { Call, Reply } from '../../core/call.js';
import { systemClock } from '../../core/clock.js';
import type { Endpoint } from '../../core/endpoint.js';
import { type ErrorCode, MeshError } from '../../core/errors.js';
import type { CallPlan, PlannedMethod } from '../../framing/call-plan.js';
import type { MethodFraming } from '../../framing/framing.js';
import { replyTo } from '../../framing/reply.js';
import type { Hessian2Serializer } from '../../serialization/hessian2.js';
import { failureOfText } from '../../serialization/text-failure.js';
import { type CodecName, type FrameOptions, type Packet, readPacket, writeRequest } from '../bolt/frames.js';
import { BOLT_V1, type WireSettings, wireOptions } from '../bolt/wire-settings.js';
import { answeredWith } from './answered.js';
import type { RpcRequest } from './rpc-request.js';

export interface OldPlanOptions {
  readonly serviceId: string;
  readonly method: PlannedMethod;
  readonly wire: WireSettings;
  /** The codec that the addresses of the service ask for, where the way is one that does not say. */
  readonly codecOfService: () => string | undefined;
  readonly hessian: Hessian2Serializer;
}

/** What a sidecar says by a status alone where it has no answer of a provider's. Without it, the core would say so. */
const SAID_BY_SIDECARS: ReadonlySet<ErrorCode> = new Set([
  'DEADLINE_EXCEEDED',
  'NO_ENDPOINT',
  'CONNECTION_LOST',
]);

/**
 * A method's calls in the frames of sofa-bolt-node. The one argument of a call is its RpcRequest, whose `meta` is filled on
 * the way; the value of a reply is the response's Packet.
 */
export class OldPlan implements CallPlan, MethodFraming<Frame> {
  readonly serviceId: string;
  readonly method: PlannedMethod;
  /** It never was so: what a handler starts may outlive it. */
  readonly inheritsDeadline = false;
  private readonly asked: { serverSignature: string; methodName: string };

  constructor(private readonly options: OldPlanOptions) {
    this.serviceId = options.serviceId;
    this.method = options.method;
    this.asked = { serverSignature: options.serviceId, methodName: options.method.name };
  }

  /** Its frames are the predecessor's, whatever version of Bolt the connection speaks by itself. */
  on(): this {
    return this;
  }

  writeRequest(out: ByteWriter, call: Call, requestId: number): void {
    const request = call.args[0] as RpcRequest;
    const { meta } = request;
    // What was added on the way; the props themselves may be the user's.
    for (const key in call.metadata)
      request.requestProps = { ...request.requestProps, [key]: call.metadata[key] };
    const options = this.frameOptions(request, call.endpoint);
    const start = out.pos;
    meta.id = requestId;
    meta.codecType = options.codecType;
    meta.boltVersion = options.boltVersion;
    meta.sofaVersion = undefined;
    meta.crcEnable = options.crcEnable;
    meta.requestEncodeStart = systemClock.wallTime();
    if (request.timeout < 0) throw new MeshError('DEADLINE_EXCEEDED', 'nobody waits for a response');
    try {
      writeRequest(out, requestId, request, options);
    } catch (cause) {
      // A MeshError is kept, too: what matters is that nothing was sent, and that trying again would fail again.
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new MeshError('ENCODE_FAILED', message, { cause });
    }
    meta.requestEncodeRT = systemClock.wallTime() - meta.requestEncodeStart;
    meta.reqSize = out.pos - start;
  }

  readReply(frame: Frame, call: Call): Reply {
    const { proto, classMap, hessianVersion } = wireOptions(this.options.wire);
    const asked = () => this.asked;
    const packet = readPacket(frame, { proto, classMap, hessianVersion, asked });
    const { error } = packet.data as { error: Error | null };
    if (frame.status !== STATUS_SUCCESS) {
      const failure = failureOf(frame, this.options.hessian, this.serviceId);
      const isSidecars = call.via.path === 'mesh' && frame.contentEnd === frame.contentStart;
      throw isSidecars && SAID_BY_SIDECARS.has(failure.code) ? failure : answeredWith(failure, packet);
    }
    if (error != null) throwIfRefused(error, packet);
    return replyTo(call, packet);
  }

  private frameOptions(request: RpcRequest, endpoint: Endpoint | undefined): FrameOptions {
    const options = wireOptions(this.options.wire);
    const codecType =
      request.codecType ??
      options.codecType ??
      endpoint?.attributes.serialization ??
      this.options.codecOfService() ??
      'hessian2';
    const { proto, classMap, hessianVersion } = options;
    return { ...BOLT_V1, codecType: codecType as CodecName, proto, classMap, hessianVersion };
  }
}

/** A server that stops, or does not know the service, says so in a response that looks like any other. */
function throwIfRefused({ message }: Error, packet: Packet): void {
  const failure = failureOfText(message);
  if (failure.code !== 'REMOTE_FAILURE') throw answeredWith(failure, packet);
}
