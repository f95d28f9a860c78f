import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import { ByteWriter } from '../core/bytes.js';
import type { Call, Metadata, Reply } from '../core/call.js';
import { MeshError } from '../core/errors.js';
import type { MethodFraming } from '../framing/framing.js';
import { NO_METADATA, replyTo } from '../framing/reply.js';
import type { Hessian2Serializer } from '../serialization/hessian2.js';
import type { ClientMethodCodec, Serializer } from '../serialization/serializer.js';
import { beginRequest, endFrame } from './encode.js';
import {
  CMD_REQUEST,
  CODEC_HESSIAN2,
  type Frame,
  STATUS_SUCCESS,
  TYPE_ONEWAY,
  TYPE_REQUEST,
} from './frame.js';
import { findHeader, HEADER_GO_AWAY, readHeaders, writeHeader, writeHeaderString } from './headers.js';
import { notText } from './metadata.js';
import {
  HEADER_DEADLINE,
  HEADER_METHOD,
  HEADER_SERVICE,
  HEADER_TARGET_SERVICE,
  HEADER_THROWN,
  REQUEST_CLASS,
  RESERVED_HEADERS,
} from './names.js';
import { failureOf } from './status.js';
import type { BoltVersion } from './version.js';

/** The largest timeout a Bolt header can say: with 0 or -1 a sidecar would never answer a call that fails. */
const NO_TIMEOUT = 0x7fff_ffff;
const HEADER_THROWN_BYTES = Buffer.from(HEADER_THROWN);
/**
 * The calls of a contract's method in Bolt frames. Everything that does not change from call to call is made once: the constant beginning
 * of its frames and the codec of its content.
 */
export class BoltMethod implements MethodFraming<Frame> {
  private readonly codec: ClientMethodCodec;
  private readonly codecId: number;
  private readonly type: number;
  /** Class name and constant headers. */
  private readonly opening: Buffer;
  /** The same and the key of one more: how much time is left. Undefined where that is not told. */
  private readonly openingToDeadline: Buffer | undefined;

  /** `propagateDeadline`: requests say how much time is left to the caller, in SOFARPC 5.14's property. */
  constructor(
    app: string,
    private readonly service: ServiceContract,
    private readonly method: MethodContract,
    private readonly version: BoltVersion,
    serializer: Serializer,
    private readonly hessian: Hessian2Serializer,
    propagateDeadline = false,
  ) {
    this.codec = serializer.client(service, method);
    this.codecId = serializer.codecId;
    this.type = method.oneway ? TYPE_ONEWAY : TYPE_REQUEST;
    this.opening = openingOf(app, service, method);
    // A body without requestProps would leave the header alone: Java's server takes its text for the property, finds no
    // Integer, and logs a stack for every call (SofaRpcSerialization.replaceWithHeaderMap, ProviderInvoker; 5.14.3).
    if (propagateDeadline && this.codecId === CODEC_HESSIAN2)
      this.openingToDeadline = withDeadlineKey(this.opening);
  }

  writeRequest(out: ByteWriter, call: Call, requestId: number, timeoutMs: number, isFirst: boolean): void {
    const { proto, ver1, switch: flags } = this.version;
    const leftMs = Math.min(Math.ceil(timeoutMs), NO_TIMEOUT);
    const timeout = this.method.oneway ? -1 : leftMs;
    const openingToDeadline = timeoutMs === Number.POSITIVE_INFINITY ? undefined : this.openingToDeadline;
    const opening = openingToDeadline ?? this.opening;
    const toldMs = openingToDeadline === undefined ? 0 : leftMs;
    const start = beginRequest(
      out,
      proto,
      this.type,
      CMD_REQUEST,
      requestId,
      this.codecId,
      timeout,
      ver1,
      flags,
    );
    out.writeBytes(opening);
    const metadataStart = out.pos;
    if (toldMs > 0) writeHeaderString(out, String(toldMs));
    if (isFirst) writeHeader(out, HEADER_GO_AWAY, '1');
    const metadata = call.metadata;
    for (const key in metadata) {
      if (RESERVED_HEADERS.has(key)) throw reserved(key);
      const value = metadata[key];
      if (typeof value !== 'string') throw notText('metadata', key, value);
      writeHeader(out, key, value);
    }
    const headerLength = opening.length - REQUEST_CLASS.length + (out.pos - metadataStart);
    this.codec.writeRequest(out, call.args, metadata, toldMs);
    endFrame(out, start, REQUEST_CLASS.length, headerLength);
  }

  readReply(frame: Frame, call: Call): Reply {
    const { buf, headerStart, contentStart, contentEnd } = frame;
    if (frame.status !== STATUS_SUCCESS) throw failureOf(frame, this.hessian, this.service.id);
    const hasHeader = contentStart > headerStart;
    const thrown = hasHeader && isThrown(buf, headerStart, contentStart);
    const body = this.codec.readResponse(buf, contentStart, contentEnd, thrown);
    if (body.error !== undefined) throw body.error;
    const metadata = hasHeader || body.props !== undefined ? metadataOf(frame, body.props) : NO_METADATA;
    return replyTo(call, body.value, metadata);
  }
}

function openingOf(app: string, service: ServiceContract, method: MethodContract): Buffer {
  const out = new ByteWriter();
  out.writeBytes(REQUEST_CLASS);
  writeHeader(out, HEADER_TARGET_SERVICE, service.id);
  writeHeader(out, HEADER_SERVICE, service.id);
  writeHeader(out, HEADER_METHOD, method.name);
  if (app !== '') writeHeader(out, 'app', app);
  writeHeader(out, 'protocol', 'bolt');
  writeHeader(out, 'type', method.oneway ? 'oneway' : 'sync');
  return Buffer.from(out.written());
}

function withDeadlineKey(opening: Buffer): Buffer {
  const out = new ByteWriter();
  out.writeBytes(opening);
  writeHeaderString(out, HEADER_DEADLINE);
  return Buffer.from(out.written());
}

function isThrown(buf: Buffer, start: number, end: number): boolean {
  const at = findHeader(buf, start, end, HEADER_THROWN_BYTES);
  // Four bytes of length, then 'true'.
  return at >= 0 && buf[at + 3] === 4 && buf[at + 4] === 0x74;
}

function metadataOf(frame: Frame, props: Metadata | undefined): Metadata {
  const metadata: Metadata = Object.create(null);
  for (const [key, value] of readHeaders(frame.buf, frame.headerStart, frame.contentStart)) {
    if (key !== null && value !== null) metadata[key] = value;
  }
  return props === undefined ? metadata : Object.assign(metadata, props);
}

function reserved(key: string): MeshError {
  return new MeshError(
    'INVALID_ARGUMENT',
    `metadata must not set ${JSON.stringify(key)}: the call itself writes that header; use another key`,
  );
}
