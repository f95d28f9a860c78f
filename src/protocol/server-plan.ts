import { beginResponse, endFrame } from '../bolt/encode.js';
import {
  CMD_RESPONSE,
  CODEC_HESSIAN2,
  className,
  classNameIs,
  type Frame,
  STATUS_BUSY,
  STATUS_SERVER_DESERIALIZE,
  STATUS_SERVER_EXCEPTION,
  STATUS_SERVER_SERIALIZE,
  STATUS_SUCCESS,
} from '../bolt/frame.js';
import { findHeader, headerOf, headerText, writeHeader } from '../bolt/headers.js';
import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import type { ByteWriter } from '../core/bytes.js';
import type { Metadata } from '../core/call.js';
import { MeshError } from '../core/errors.js';
import type { Interner } from '../core/interner.js';
import type { Hessian2Serializer } from '../serialization/hessian2.js';
import type {
  InboundBody,
  InboundProps,
  Serializer,
  ServerServiceCodec,
} from '../serialization/serializer.js';
import { notText } from './metadata.js';
import {
  HEADER_DEADLINE,
  HEADER_METHOD,
  HEADER_SERVICE,
  HEADER_TARGET_SERVICE,
  HEADER_THROWN,
  REQUEST_CLASS_PATTERN,
  RESPONSE_CLASS,
  SERVER_EXCEPTION_CLASS,
} from './names.js';

const SERVICE_BYTES = Buffer.from(HEADER_SERVICE);
const TARGET_SERVICE_BYTES = Buffer.from(HEADER_TARGET_SERVICE);
const METHOD_BYTES = Buffer.from(HEADER_METHOD);
const DEADLINE_BYTES = Buffer.from(HEADER_DEADLINE);
const INTEGER = /^-?\d{1,10}$/;

/** What of a request its response repeats: id, version, CRC switch, codec. Kept while the method runs. */
export interface ReplyAddress {
  readonly requestId: number;
  readonly proto: number;
  readonly ver1: number;
  readonly switch: number;
  readonly codec: number;
}

/** The service that a request asks for; undefined where it does not say. `texts` knows the ids that repeat. */
export function serviceIdOf(frame: Frame, texts: Interner): string | undefined {
  const { buf, headerStart, contentStart } = frame;
  return (
    headerText(buf, findHeader(buf, headerStart, contentStart, SERVICE_BYTES), texts) ??
    headerText(buf, findHeader(buf, headerStart, contentStart, TARGET_SERVICE_BYTES), texts)
  );
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

/** Reads requests and writes their responses. */
export interface ServerPlan {
  /** @throws MeshError METHOD_NOT_FOUND, DECODE_FAILED, PROTOCOL_VIOLATION: answered on the request's id. */
  readRequest(frame: Frame): InboundBody;
  /** Appends a response with a value; where that cannot be encoded, a failure that says so. Returns why it could not be. */
  writeValue(
    out: ByteWriter,
    to: ReplyAddress,
    method: MethodContract,
    value: unknown,
    props: Metadata,
  ): unknown;
  /** Appends a response that the other side throws as an exception. */
  writeThrown(
    out: ByteWriter,
    to: ReplyAddress,
    method: MethodContract,
    error: unknown,
    props: Metadata,
  ): void;
  /** Appends the response to a request that could not be handed to a method. */
  writeRefusal(out: ByteWriter, to: ReplyAddress, error: MeshError): void;
}

/** The plan of a contract: its frames in one serialization. */
export class ContractServerPlan implements ServerPlan {
  private readonly codec: ServerServiceCodec;

  constructor(
    service: ServiceContract,
    private readonly serializer: Serializer,
    private readonly refusals: Refusals,
    private readonly texts: Interner,
    private readonly maxFrameBytes: number,
  ) {
    this.codec = serializer.server(service);
  }

  readRequest(frame: Frame): InboundBody {
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
    return this.codec.readRequest(buf, contentStart, contentEnd, methodName);
  }

  writeValue(
    out: ByteWriter,
    to: ReplyAddress,
    method: MethodContract,
    value: unknown,
    props: Metadata,
  ): unknown {
    const frame = begin(out, to, to.codec, STATUS_SUCCESS, RESPONSE_CLASS);
    try {
      const headerLength = writeHeaders(out, false, props);
      this.codec.writeValue(out, method, value, props);
      this.endResponse(out, frame, headerLength);
      return undefined;
    } catch (error) {
      out.pos = frame;
      this.refusals.unencodable(out, to, `cannot encode the result of ${method.name}: ${messageOf(error)}`);
      return error;
    }
  }

  writeThrown(
    out: ByteWriter,
    to: ReplyAddress,
    method: MethodContract,
    error: unknown,
    props: Metadata,
  ): void {
    const frame = begin(out, to, to.codec, STATUS_SUCCESS, RESPONSE_CLASS);
    try {
      const headerLength = writeHeaders(out, true, props);
      this.codec.writeThrown(out, method, error, props);
      this.endResponse(out, frame, headerLength);
    } catch (failure) {
      out.pos = frame;
      this.refusals.unencodable(out, to, `cannot encode what ${method.name} threw: ${messageOf(failure)}`);
    }
  }

  private endResponse(out: ByteWriter, frame: number, headerLength: number): void {
    endFrame(out, frame, RESPONSE_CLASS.length, headerLength);
    if (out.pos - frame > this.maxFrameBytes) throw tooLarge(out.pos - frame, this.maxFrameBytes);
  }

  writeRefusal(out: ByteWriter, to: ReplyAddress, error: MeshError): void {
    if (error.code === 'METHOD_NOT_FOUND') this.refusals.reported(out, to, this.serializer, error.message);
    else this.refusals.refused(out, to, error);
  }
}

/** The responses to requests that reach no method, in the statuses and classes that Java uses for them. */
export class Refusals {
  constructor(private readonly hessian: Hessian2Serializer) {}

  /** Unknown service or method, stopped server: a SofaResponse that reports it, in the request's serialization (vectors, v1-error/unknownService). */
  reported(out: ByteWriter, to: ReplyAddress, serializer: Serializer, message: string): void {
    const frame = begin(out, to, to.codec, STATUS_SUCCESS, RESPONSE_CLASS);
    const headerLength = writeHeaders(out, true, NO_PROPS);
    serializer.writeFailure(out, message);
    endFrame(out, frame, RESPONSE_CLASS.length, headerLength);
  }

  /** A request that cannot be read, or that an interceptor refuses for want of room. */
  refused(out: ByteWriter, to: ReplyAddress, error: MeshError): void {
    if (error.code === 'OVERLOADED') this.busy(out, to);
    else if (error.code === 'PROTOCOL_VIOLATION')
      this.exception(out, to, STATUS_SERVER_EXCEPTION, error.message);
    else this.exception(out, to, STATUS_SERVER_DESERIALIZE, error.message);
  }

  unencodable(out: ByteWriter, to: ReplyAddress, message: string): void {
    this.exception(out, to, STATUS_SERVER_SERIALIZE, message);
  }

  /** There is no room: the fixed part alone, as Java sends it. */
  busy(out: ByteWriter, to: ReplyAddress): void {
    endFrame(out, begin(out, to, to.codec, STATUS_BUSY, undefined), 0, 0);
  }

  /** Hessian whatever the request was in (vectors, v1-error/unknownCodec.resp, v1-protobuf/pb.empty.resp). */
  private exception(out: ByteWriter, to: ReplyAddress, status: number, message: string): void {
    const frame = begin(out, to, CODEC_HESSIAN2, status, SERVER_EXCEPTION_CLASS);
    this.hessian.writeServerException(out, message);
    endFrame(out, frame, SERVER_EXCEPTION_CLASS.length, 0);
  }
}

const NO_PROPS: Metadata = Object.freeze({});

function begin(
  out: ByteWriter,
  to: ReplyAddress,
  codec: number,
  status: number,
  name: Buffer | undefined,
): number {
  const start = beginResponse(out, to.proto, CMD_RESPONSE, to.requestId, codec, status, to.ver1, to.switch);
  if (name !== undefined) out.writeBytes(name);
  return start;
}

/** Returns how many bytes the header takes. */
function writeHeaders(out: ByteWriter, thrown: boolean, props: Metadata): number {
  const start = out.pos;
  if (thrown) writeHeader(out, HEADER_THROWN, 'true');
  for (const key in props) {
    const value = props[key];
    if (typeof value !== 'string') throw notText('responseMetadata', key, value);
    writeHeader(out, key, value);
  }
  return out.pos - start;
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
