import {
  CMD_HEARTBEAT,
  CODEC_HESSIAN2,
  CODEC_PROTOBUF,
  className,
  classNameIs,
  type Frame,
  PROTO_V2,
  STATUS_SUCCESS,
  TYPE_RESPONSE,
} from '../../bolt/frame.js';
import { readHeaders } from '../../bolt/headers.js';
import { HEADER_THROWN } from '../../bolt/names.js';
import { BytePattern } from '../../core/byte-pattern.js';
import { systemClock } from '../../core/clock.js';
import { MeshError } from '../../core/errors.js';
import { textOf } from '../values/text-of.js';
import { hessianBodies, withoutStack } from './hessian-body.js';
import type { CodecName, Packet, PacketOptions, ReadContext } from './options.js';
import { type Headers, readProtobufRequest, readProtobufResponse } from './protobuf-body.js';
import { statusText } from './statuses.js';

const REQUEST_CLASS = 'com.alipay.sofa.rpc.core.request.SofaRequest';
const RESPONSE_CLASS = 'com.alipay.sofa.rpc.core.response.SofaResponse';
const REQUEST_PATTERN = new BytePattern(Buffer.from(REQUEST_CLASS));
const RESPONSE_PATTERN = new BytePattern(Buffer.from(RESPONSE_CLASS));

/** Bytes. */
const SMALL = 16_384;

/**
 * Reads a frame as the predecessor gives it.
 *
 * @throws MeshError DECODE_FAILED or PROTOCOL_VIOLATION, whatever the bytes; what a `proto` throws where it has no such
 * method; an AssertionError where nothing asked for a response of protobuf.
 */
export function readPacket(frame: Frame, context: ReadContext): Packet {
  const start = systemClock.wallTime();
  const packet = frame.type === TYPE_RESPONSE ? readResponse(frame, context) : readRequest(frame, context);
  const size = frame.end - frame.start;
  // A small one takes no millisecond: not worth another look at the clock.
  packet.meta = { size, start, rt: size < SMALL ? 0 : systemClock.wallTime() - start };
  return packet;
}

function readRequest(frame: Frame, context: ReadContext): Packet {
  const options = requestOptions(frame);
  const packetId = frame.requestId | 0;
  if (frame.cmdCode === CMD_HEARTBEAT) return { packetId, packetType: 'heartbeat', options, meta: null };
  options.proto = context.proto;
  options.classMap = context.classMap;
  const isKnown = classNameIs(frame, REQUEST_PATTERN);
  const name = isKnown ? REQUEST_CLASS : className(frame);
  const isProtobuf = options.codecType === 'protobuf';
  const data = isProtobuf
    ? readProtobufRequest(context.proto, headersOf(frame), contentOf(frame))
    : readHessian(frame, name, context);
  return { packetId, packetType: 'request', data, className: name, options, meta: null };
}

function readResponse(frame: Frame, context: ReadContext): Packet {
  const options = responseOptions(frame);
  const packetId = frame.requestId | 0;
  if (frame.cmdCode === CMD_HEARTBEAT) return { packetId, packetType: 'heartbeat_ack', options, meta: null };
  const isKnown = classNameIs(frame, RESPONSE_PATTERN);
  const name = isKnown ? RESPONSE_CLASS : className(frame);
  let data: unknown;
  if (frame.status !== STATUS_SUCCESS) data = { error: withoutStack(failureText(frame, context)) };
  else if (options.codecType !== 'protobuf') data = readHessian(frame, name, context);
  else if (isThrown(frame)) data = { error: withoutStack(contentOf(frame)), appResponse: null };
  else data = readProtobufResponse(context, packetId, contentOf(frame));
  return { packetId, packetType: 'response', data, className: name, options, meta: null };
}

/** Java's way of an exception in protobuf: a success by its status, whose content is the message. */
function isThrown(frame: Frame): boolean {
  return headersOf(frame)[HEADER_THROWN] === 'true';
}

/** The class name says what is in the frame, whatever the frame is. */
function readHessian(frame: Frame, frameClass: string, context: ReadContext): unknown {
  const bodies = hessianBodies(context.hessianVersion);
  const { buf, contentStart, contentEnd } = frame;
  const name = frameClass.trim();
  if (name === REQUEST_CLASS) return bodies.readRequest(buf, contentStart, contentEnd);
  if (name === RESPONSE_CLASS) return bodies.readResponse(buf, contentStart, contentEnd);
  return bodies.readValue(buf, contentStart, contentEnd);
}

function failureText(frame: Frame, context: ReadContext): string {
  const { buf, status, codec, contentStart, contentEnd } = frame;
  if (contentEnd === contentStart)
    return 'Server exception when invoke with callback.Please check the server log!';
  if (codec === CODEC_PROTOBUF) return `Error: ${contentOf(frame)}`;
  const failure = hessianBodies(context.hessianVersion).readValue(buf, contentStart, contentEnd);
  return failure ? textOf(failure) : statusText(status);
}

function responseOptions({ proto, ver1, switch: switchByte, codec }: Frame): PacketOptions {
  const codecType = codecName(codec);
  if (proto !== PROTO_V2) return { protocolType: 'bolt', codecType };
  return { protocolType: 'bolt2', boltVersion: ver1, codecType, crcEnable: switchByte === 1 };
}

/** Of a request, with which it is answered. A heartbeat needs no more than its timeout. */
function requestOptions(frame: Frame): PacketOptions {
  const { proto, ver1: boltVersion, timeout } = frame;
  const codecType = codecName(frame.codec);
  if (proto !== PROTO_V2) return { protocolType: 'bolt', codecType, timeout };
  return { protocolType: 'bolt2', boltVersion, codecType, timeout, crcEnable: frame.switch === 1 };
}

function codecName(codec: number): CodecName {
  if (codec === CODEC_HESSIAN2) return 'hessian2';
  if (codec === CODEC_PROTOBUF) return 'protobuf';
  throw new MeshError(
    'PROTOCOL_VIOLATION',
    `Bolt frame: codec ${codec} is not known here (known: 1 hessian2, 11 protobuf)`,
  );
}

function contentOf(frame: Frame): Buffer {
  return frame.buf.subarray(frame.contentStart, frame.contentEnd);
}

function headersOf(frame: Frame): Headers {
  const headers: Headers = Object.create(null);
  for (const [key, value] of readHeaders(frame.buf, frame.headerStart, frame.contentStart))
    headers[key ?? ''] = value;
  return headers;
}
