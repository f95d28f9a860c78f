import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import type { ByteWriter } from '../core/bytes.js';
import type { Metadata } from '../core/call.js';
import { MeshError } from '../core/errors.js';
import type { Interner } from '../core/interner.js';
import type { FramedRequest, ReplyAddress, ServiceFraming } from '../framing/framing.js';
import type { InboundProps, Serializer, ServerServiceCodec } from '../serialization/serializer.js';
import { endFrame } from './encode.js';
import { className, classNameIs, type Frame, STATUS_SUCCESS } from './frame.js';
import { findHeader, headerOf, headerText } from './headers.js';
import { HEADER_DEADLINE, HEADER_METHOD, REQUEST_CLASS_PATTERN, RESPONSE_CLASS } from './names.js';
import { type Refusals, unreadableCodec } from './refusals.js';
import { requestMetadata } from './request-metadata.js';
import { beginReply, writeReplyHeaders } from './response.js';

const METHOD_BYTES = Buffer.from(HEADER_METHOD);
const DEADLINE_BYTES = Buffer.from(HEADER_DEADLINE);
const INTEGER = /^-?\d{1,10}$/;

/** The requests and responses of one contract in Bolt frames, in the serialization that the contract names. */
export class BoltService implements ServiceFraming<Frame> {
  private readonly codec: ServerServiceCodec;

  constructor(
    private readonly service: ServiceContract,
    private readonly serializer: Serializer,
    private readonly refusals: Refusals,
    private readonly texts: Interner,
    private readonly maxFrameBytes: number,
  ) {
    this.codec = serializer.server(service);
  }

  readRequest(frame: Frame): FramedRequest {
    if (frame.codec !== this.serializer.codecId) throw this.wrongCodec(frame.codec);
    if (!classNameIs(frame, REQUEST_CLASS_PATTERN)) {
      throw new MeshError(
        'PROTOCOL_VIOLATION',
        `no processor for a request of class ${JSON.stringify(className(frame))}`,
      );
    }
    const { buf, headerStart, contentStart, contentEnd } = frame;
    // A Hessian body names the method itself.
    const methodName = this.serializer.namesMethod
      ? undefined
      : headerText(buf, findHeader(buf, headerStart, contentStart, METHOD_BYTES), this.texts);
    const { method, args, props } = this.codec.readRequest(buf, contentStart, contentEnd, methodName);
    const timeoutMs = frame.timeout > 0 ? undefined : remainingMsOf(frame, props);
    return { method, args, metadata: requestMetadata(buf, headerStart, contentStart, props), timeoutMs };
  }

  private wrongCodec(codec: number): MeshError {
    if (!this.refusals.reads(codec)) return unreadableCodec(codec);
    const { id } = this.service;
    const message = `${id} is served with codec ${this.serializer.codecId}, the request uses ${codec}`;
    return new MeshError('DECODE_FAILED', message);
  }

  writeReply(
    out: ByteWriter,
    to: ReplyAddress,
    method: MethodContract,
    value: unknown,
    metadata: Readonly<Metadata>,
  ): unknown {
    const frame = beginReply(out, to, STATUS_SUCCESS, RESPONSE_CLASS);
    try {
      const headerLength = writeReplyHeaders(out, false, metadata);
      this.codec.writeValue(out, method, value, metadata);
      this.endReply(out, frame, headerLength);
      return undefined;
    } catch (error) {
      out.pos = frame;
      this.refusals.unencodable(out, to, `cannot encode the result of ${method.name}: ${messageOf(error)}`);
      return error;
    }
  }

  writeError(
    out: ByteWriter,
    to: ReplyAddress,
    method: MethodContract,
    error: unknown,
    metadata: Readonly<Metadata>,
  ): void {
    const frame = beginReply(out, to, STATUS_SUCCESS, RESPONSE_CLASS);
    try {
      const headerLength = writeReplyHeaders(out, true, metadata);
      this.codec.writeThrown(out, method, error, metadata);
      this.endReply(out, frame, headerLength);
    } catch (failure) {
      out.pos = frame;
      this.refusals.unencodable(out, to, `cannot encode what ${method.name} threw: ${messageOf(failure)}`);
    }
  }

  private endReply(out: ByteWriter, frame: number, headerLength: number): void {
    endFrame(out, frame, RESPONSE_CLASS.length, headerLength);
    if (out.pos - frame > this.maxFrameBytes) throw tooLarge(out.pos - frame, this.maxFrameBytes);
  }
}

/**
 * The milliseconds that the request says are left to its caller, in the header or, where that has none, among the props;
 * undefined where it does not say. It matters only where the frame has no timeout of its own, as a oneway request: Java
 * makes that the smaller of both (AbstractCluster, 5.14.3).
 */
export function remainingMsOf(frame: Frame, props: InboundProps | undefined): number | undefined {
  const { buf, headerStart, contentStart } = frame;
  const text = headerOf(buf, headerStart, contentStart, HEADER_DEADLINE) ?? deadlineIn(props);
  return text !== undefined && INTEGER.test(text) ? Number(text) : undefined;
}

function deadlineIn(props: InboundProps | undefined): string | undefined {
  if (!props?.mention(DEADLINE_BYTES)) return undefined;
  const pairs = props.read();
  for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === HEADER_DEADLINE) return pairs[i + 1];
  return undefined;
}

function tooLarge(bytes: number, limit: number): MeshError {
  return new MeshError(
    'ENCODE_FAILED',
    `the response has ${bytes} bytes, the limit is ${limit}; return less, or raise maxFrameBytes on both sides`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
