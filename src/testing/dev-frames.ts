import { encodeFrame, type FrameFields } from '../bolt/encode.js';
import {
  CMD_GO_AWAY,
  CMD_HEARTBEAT,
  CMD_RESPONSE,
  CODEC_HESSIAN2,
  type Frame,
  PROTO_V1,
  PROTO_V2,
  STATUS_SUCCESS,
  TYPE_REQUEST,
  TYPE_RESPONSE,
} from '../bolt/frame.js';
import { ByteWriter } from '../core/bytes.js';

// What MOSN v1.3.0 writes (pkg/protocol/xprotocol/bolt and boltv2): its own frames are in the version of the listener that
// they leave through; what it forwards is the bytes that came, whatever their version, with another request id.

export type BoltVersion = 'v1' | 'v2';

const protoOf = (version: BoltVersion) => (version === 'v1' ? PROTO_V1 : PROTO_V2);

function bare(fields: FrameFields): Buffer {
  const out = new ByteWriter(32);
  encodeFrame(out, fields);
  return out.written();
}

/** The sidecar's own answer: no class, no header, no content. */
export function ownAnswer(version: BoltVersion, requestId: number, status: number): Buffer {
  return bare({
    proto: protoOf(version),
    type: TYPE_RESPONSE,
    cmdCode: CMD_RESPONSE,
    requestId,
    codec: CODEC_HESSIAN2,
    status,
  });
}

export function heartbeatAnswer(version: BoltVersion, requestId: number): Buffer {
  return bare({
    proto: protoOf(version),
    type: TYPE_RESPONSE,
    cmdCode: CMD_HEARTBEAT,
    requestId,
    codec: CODEC_HESSIAN2,
    status: STATUS_SUCCESS,
  });
}

/** Of MOSN v1.3.0 in version 1 alone; in version 2 of the agent that the tests build around it, too. */
export function goAway(version: BoltVersion): Buffer {
  return bare({
    proto: protoOf(version),
    type: TYPE_REQUEST,
    cmdCode: CMD_GO_AWAY,
    requestId: 1,
    codec: CODEC_HESSIAN2,
    timeout: 0,
  });
}

/** A copy of the frame's bytes. A CRC stays behind, though the switch still says that there is one. */
export function forwarded(frame: Frame): Buffer {
  return Buffer.from(frame.buf.subarray(frame.start, frame.contentEnd));
}

export function setRequestId(bytes: Buffer, requestId: number): void {
  bytes.writeUInt32BE(requestId, bytes[0] === PROTO_V1 ? 5 : 6);
}
