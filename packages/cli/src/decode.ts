import { FrameDecoder } from '../../../src/bolt/decoder.js';
import {
  CODEC_HESSIAN2,
  CODEC_JSON,
  CODEC_PROTOBUF,
  className,
  type Frame,
  PROTO_V2,
  TYPE_RESPONSE,
} from '../../../src/bolt/frame.js';
import { readHeaders } from '../../../src/bolt/headers.js';
import { MeshError } from '../../../src/core/errors.js';
import { canonical, type Json } from '../../../src/hessian/canonical.js';
import { decodeAll, type Grammar } from '../../../src/hessian/public.js';

export interface DecodeSettings {
  grammar: Grammar;
  /** The input is bare Hessian values, not Bolt frames. */
  hessian: boolean;
  /** Bare values: an array even where there is one. */
  multi: boolean;
  /** Objects as Java's generic calls show them. */
  generic: boolean;
}

type Output = { [key: string]: Json };

/**
 * What one line of hex holds, one object for each frame, or one for the values of a Hessian stream. A fault is an
 * object with `error`: beside the fields where the frame is whole and only its body cannot be read.
 */
export function decodeLine(line: string, settings: DecodeSettings): Output[] {
  const outputs: Output[] = [];
  try {
    const bytes = bytesOf(line);
    if (settings.hessian) outputs.push({ body: valuesOf(bytes, settings, settings.multi) });
    else decodeFrames(bytes, settings, outputs);
  } catch (error) {
    outputs.push(failure(error));
  }
  return outputs;
}

function bytesOf(line: string): Buffer {
  const hex = line.replace(/^\s*0x/i, '').replace(/\s+/g, '');
  const bytes = Buffer.from(hex, 'hex');
  // Node stops silently at the first character that is not hex.
  if (bytes.length * 2 !== hex.length) {
    const at = bytes.length * 2;
    throw new MeshError('INVALID_ARGUMENT', `not hex at character ${at + 1}: '${hex.slice(at, at + 8)}'`);
  }
  return bytes;
}

function decodeFrames(bytes: Buffer, settings: DecodeSettings, outputs: Output[]): void {
  const decoder = new FrameDecoder();
  decoder.push(bytes, (frame) => {
    const fields = fieldsOf(frame);
    try {
      outputs.push({ ...fields, body: bodyOf(frame, settings) });
    } catch (error) {
      outputs.push({ ...fields, ...failure(error) });
    }
  });
  if (decoder.pendingBytes > 0) {
    throw new MeshError(
      'PROTOCOL_VIOLATION',
      `the line ends inside a frame, ${decoder.pendingBytes} bytes after its start`,
    );
  }
}

function fieldsOf(frame: Frame): Output {
  const { buf, classStart, headerStart, contentStart, contentEnd } = frame;
  const v2 = frame.proto === PROTO_V2;
  const header = readHeaders(buf, headerStart, contentStart);
  return {
    proto: frame.proto,
    ...(v2 && { ver1: frame.ver1 }),
    type: frame.type,
    cmdCode: frame.cmdCode,
    ver2: frame.ver2,
    requestId: frame.requestId,
    codec: frame.codec,
    ...(v2 && { switch: frame.switch }),
    ...(frame.type === TYPE_RESPONSE ? { status: frame.status } : { timeout: frame.timeout }),
    classLen: headerStart - classStart,
    headerLen: contentStart - headerStart,
    contentLen: contentEnd - contentStart,
    className: className(frame),
    // Of several values of one key the last counts, as in Java's map.
    header: Object.fromEntries(header),
    contentOffset: contentStart - frame.start,
    ...(frame.hasCrc && { crc32: buf.toString('hex', frame.end - 4, frame.end) }),
  };
}

/**
 * A request's body is the array of SofaRequest and its arguments, a response's the one value. A protobuf message needs
 * its .proto file: it stays hex. A frame without content has none.
 */
function bodyOf(frame: Frame, settings: DecodeSettings): Json {
  const content = frame.buf.subarray(frame.contentStart, frame.contentEnd);
  if (content.length === 0) return null;
  switch (frame.codec) {
    case CODEC_HESSIAN2:
      return valuesOf(content, settings, frame.type !== TYPE_RESPONSE);
    case CODEC_PROTOBUF:
      return { protobuf: content.toString('hex') };
    case CODEC_JSON:
      return { json: jsonOf(content) };
    default:
      throw new MeshError(
        'DECODE_FAILED',
        `body: unknown codec ${frame.codec} (known: 1 hessian2, 11 protobuf, 12 json)`,
      );
  }
}

function jsonOf(content: Buffer): Json {
  try {
    return JSON.parse(content.toString('utf8')) as Json;
  } catch (error) {
    throw new MeshError('DECODE_FAILED', `body: not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** A SofaRequest is followed by its arguments, none too: its stream is always an array. */
function valuesOf(bytes: Buffer, { grammar, generic }: DecodeSettings, always: boolean): Json {
  const values = decodeAll(bytes, { grammar, lossless: true });
  if (values.length === 0) throw new MeshError('DECODE_FAILED', 'no value');
  const shown = values.map((value) => canonical(value, { generic }));
  return always || shown.length > 1 || isRequest(values[0]) ? shown : shown[0];
}

function isRequest(value: unknown): boolean {
  return (value as { class?: unknown } | null)?.class === 'com.alipay.sofa.rpc.core.request.SofaRequest';
}

function failure(error: unknown): Output {
  if (MeshError.is(error)) return { error: error.message, code: error.code };
  throw error;
}
