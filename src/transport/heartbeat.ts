import { encodeFrame } from '../bolt/encode.js';
import { CMD_HEARTBEAT, CODEC_HESSIAN2, type Frame, STATUS_SUCCESS, TYPE_RESPONSE } from '../bolt/frame.js';
import type { ByteWriter } from '../core/bytes.js';

/** Appends the acknowledgement of a heartbeat: its id and version, codec 1, status 0, switch 0 (vectors, heartbeat/*). */
export function answerHeartbeat(out: ByteWriter, heartbeat: Frame): void {
  const { proto, ver1, requestId } = heartbeat;
  const codec = CODEC_HESSIAN2;
  encodeFrame(out, {
    proto,
    ver1,
    type: TYPE_RESPONSE,
    cmdCode: CMD_HEARTBEAT,
    requestId,
    codec,
    status: STATUS_SUCCESS,
  });
}
