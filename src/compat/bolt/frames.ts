import assert from 'node:assert';
import { crc32 } from 'node:zlib';
import { beginRequest, beginResponse, endFrame } from '../../bolt/encode.js';
import {
  CMD_HEARTBEAT,
  CMD_REQUEST,
  CMD_RESPONSE,
  CODEC_HESSIAN2,
  CODEC_PROTOBUF,
  PROTO_V1,
  PROTO_V2,
  STATUS_SERVER_EXCEPTION,
  STATUS_SUCCESS,
  TYPE_ONEWAY,
  TYPE_REQUEST,
  VER1_CRC,
} from '../../bolt/frame.js';
import { writeHeader } from '../../bolt/headers.js';
import type { ByteWriter } from '../../core/bytes.js';
import { hessianBodies } from './hessian-body.js';
import type { Asked, FrameOptions, RequestData, ResponseData } from './options.js';
import { addProps, type Headers, writeProtobufRequest, writeProtobufResponse } from './protobuf-body.js';
import { writeText } from './request-opening.js';
import { statusText } from './statuses.js';

export type * from './options.js';
export { readPacket } from './packets.js';

const REQUEST_CLASS = Buffer.from('com.alipay.sofa.rpc.core.request.SofaRequest');
const RESPONSE_CLASS = Buffer.from('com.alipay.sofa.rpc.core.response.SofaResponse');
/** The predecessor named the response's class here, which a Java client then cast the exception to. */
const EXCEPTION_CLASS = Buffer.from('com.alipay.remoting.rpc.exception.RpcServerException');

/** How a frame begins, whatever its body is. */
type Opening = Pick<FrameOptions, 'protocolType' | 'boltVersion' | 'crcEnable'>;

/**
 * Appends the frame of a request.
 *
 * @throws what the predecessor throws for a value that has no form. `out` then holds a part of the frame: set `out.pos`
 * back to where it was.
 */
export function writeRequest(out: ByteWriter, id: number, req: RequestData, options: FrameOptions): void {
  assert(typeof req?.timeout === 'number', '[RpcRequestCommand] req.timeout should be a number');
  const codecType = req.codecType || options.codecType;
  const type = req.oneway ? TYPE_ONEWAY : TYPE_REQUEST;
  const start = begin(out, type, CMD_REQUEST, id, codecOf(codecType), req.timeout, options);
  let headerLength: number;
  if (codecType === 'protobuf') {
    out.writeBytes(REQUEST_CLASS);
    headerLength = writeRequestHeaders(out, req);
    writeProtobufRequest(out, options.proto, req);
  } else {
    const bodies = hessianBodies(options.hessianVersion);
    headerLength = bodies.writeRequest(out, req, req.classMap || options.classMap);
  }
  end(out, start, REQUEST_CLASS.length, headerLength, options);
}

function writeRequestHeaders(out: ByteWriter, req: RequestData): number {
  const start = out.pos;
  const headers: Headers = Object.create(null);
  headers.service = req.serverSignature;
  headers.sofa_head_method_name = req.methodName;
  headers.sofa_head_target_app = req.targetAppName || '';
  headers.sofa_head_target_service = req.serverSignature;
  if (req.requestProps) addProps('', req.requestProps, headers);
  for (const key in headers) writeText(out, key, headers[key]);
  return out.pos - start;
}

/**
 * Appends the frame of a response to the request `asked`, whose id is `id`. Sets `res.isError` where it is not set.
 *
 * @throws as {@link writeRequest}.
 */
export function writeResponse(
  out: ByteWriter,
  id: number,
  asked: Asked,
  res: ResponseData,
  options: FrameOptions,
): void {
  res.isError ??= !!res.errorMsg;
  const isProtobuf = options.codecType === 'protobuf';
  const failed = res.isError || (isProtobuf && res.appResponse instanceof Error);
  const status = res.status || (failed ? STATUS_SERVER_EXCEPTION : STATUS_SUCCESS);
  const start = begin(out, undefined, CMD_RESPONSE, id, codecOf(options.codecType), status, options);
  // Java casts what is in a hessian body to the class that the frame names; it reads no exception from a protobuf one.
  const isException = status !== STATUS_SUCCESS && options.codecType !== 'protobuf';
  const className = isException ? EXCEPTION_CLASS : RESPONSE_CLASS;
  out.writeBytes(className);
  const headerStart = out.pos;
  if (isProtobuf) writeHeader(out, 'sofa_head_response_error', res.isError ? 'true' : 'false');
  const headerLength = out.pos - headerStart;
  if (status !== STATUS_SUCCESS) writeFailure(out, failureOf(res, status), options);
  else if (isProtobuf) writeProtobufResponse(out, options.proto, asked, res.appResponse);
  else hessianBodies(options.hessianVersion).writeResponse(out, res, res.classMap || options.classMap);
  end(out, start, className.length, headerLength, options);
}

type Failure = Pick<Error, 'name' | 'message'>;

function failureOf({ appResponse, errorMsg }: ResponseData, status: number): Failure {
  if (appResponse instanceof Error) return appResponse;
  return { name: 'Error', message: errorMsg ? String(errorMsg) : statusText(status) };
}

function writeFailure(out: ByteWriter, failure: Failure, options: FrameOptions): void {
  if (options.codecType === 'protobuf') out.writeBytes(Buffer.from(failure.message));
  else hessianBodies(options.hessianVersion).writeServerException(out, failure);
}

/** Appends a heartbeat. */
export function writeHeartbeat(
  out: ByteWriter,
  id: number,
  timeoutMs: number | undefined,
  options: FrameOptions,
): void {
  const codec = codecOf(options.codecType);
  const start = begin(out, TYPE_REQUEST, CMD_HEARTBEAT, id, codec, timeoutMs || HEARTBEAT_TIMEOUT, options);
  end(out, start, 0, 0, options);
}

/** Milliseconds that a heartbeat says where its sender does not. */
const HEARTBEAT_TIMEOUT = 3000;

/** Appends the answer to the heartbeat whose id is `id`. */
export function writeHeartbeatAck(out: ByteWriter, id: number, options: FrameOptions): void {
  const codec = codecOf(options.codecType);
  const start = begin(out, undefined, CMD_HEARTBEAT, id, codec, STATUS_SUCCESS, options);
  end(out, start, 0, 0, options);
}

function codecOf(name: string): number {
  if (name === 'hessian2') return CODEC_HESSIAN2;
  if (name === 'protobuf') return CODEC_PROTOBUF;
  throw new TypeError(`codecType ${name} is not known: there are hessian2 and protobuf`);
}

/** Appends the fixed part: of a request, whose `type` is given, with its timeout, of a response with its status. */
function begin(
  out: ByteWriter,
  type: number | undefined,
  cmdCode: number,
  id: number,
  codec: number,
  timeoutOrStatus: number,
  options: Opening,
): number {
  const proto = options.protocolType === 'bolt2' ? PROTO_V2 : PROTO_V1;
  const version = Number(options.boltVersion);
  const crc = options.crcEnable ? 1 : 0;
  if (type === undefined) return beginResponse(out, proto, cmdCode, id, codec, timeoutOrStatus, version, crc);
  const timeout = timeoutOrStatus || 0;
  if ((timeout | 0) !== timeout) refuseWord(timeout);
  return beginRequest(out, proto, type, cmdCode, id, codec, timeout, version, crc);
}

/** Refuses what is too large for four bytes, in Node's words. */
function refuseWord(value: number): void {
  Buffer.allocUnsafe(4).writeInt32BE(value);
}

function end(
  out: ByteWriter,
  start: number,
  classLength: number,
  headerLength: number,
  options: Opening,
): void {
  endFrame(out, start, classLength, headerLength);
  if (!options.crcEnable || options.protocolType !== 'bolt2') return;
  // Java's bolt and ours add a checksum to version 2 alone, the predecessor to what was asked for.
  if (Number(options.boltVersion) !== VER1_CRC) writeCrc(out, start);
}

function writeCrc(out: ByteWriter, start: number): void {
  const crc = crc32(out.buf.subarray(start, out.pos));
  const at = out.reserve(4);
  out.view.setUint32(at, crc);
  out.pos = at + 4;
}
