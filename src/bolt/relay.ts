import { ByteWriter } from '../core/bytes.js';
import { DEFAULT_MAX_FRAME_BYTES } from '../framing/framing.js';
import type { Relay } from '../framing/relay.js';
import { encodeFrame, type FrameFields } from './encode.js';
import {
  CMD_GO_AWAY,
  CMD_HEARTBEAT,
  CMD_RESPONSE,
  CODEC_HESSIAN2,
  type Frame,
  PROTO_V1,
  STATUS_BUSY,
  STATUS_NO_PROCESSOR,
  STATUS_SUCCESS,
  STATUS_TIMEOUT,
  STATUS_UNKNOWN,
  TYPE_REQUEST,
  TYPE_RESPONSE,
} from './frame.js';
import { headerOf } from './headers.js';
import { BoltSession } from './session.js';
import { versionOf } from './version.js';

/**
 * What MOSN v1.3.0 does with Bolt (pkg/protocol/xprotocol/bolt and boltv2): its own frames are in the version of the
 * listener that they leave through; what it forwards is the bytes that came, whatever their version, with another request id.
 */
export class MosnRelay implements Relay {
  readonly statuses = {
    noProvider: STATUS_NO_PROCESSOR,
    busy: STATUS_BUSY,
    timeout: STATUS_TIMEOUT,
    upstreamLost: STATUS_UNKNOWN,
  };

  /** @param version of the listener. */
  constructor(private readonly version: 'v1' | 'v2') {}

  open(): BoltSession {
    // Not as a server: what a request's header says is not looked at before it has to be.
    return new BoltSession('client', versionOf(this.version), { maxFrameBytes: DEFAULT_MAX_FRAME_BYTES });
  }

  serviceIdOf({ buf, headerStart, contentStart }: Frame): string | undefined {
    return headerOf(buf, headerStart, contentStart, 'service');
  }

  /** A CRC stays behind, though the switch still says that there is one. */
  copy({ buf, start, contentEnd }: Frame): Buffer {
    return Buffer.from(buf.subarray(start, contentEnd));
  }

  setRequestId(bytes: Buffer, requestId: number): void {
    bytes.writeUInt32BE(requestId, bytes[0] === PROTO_V1 ? 5 : 6);
  }

  /** What follows a frame with a CRC is read four bytes too early, and is no Bolt then. */
  putsOutOfStep({ hasCrc }: Frame): boolean {
    return hasCrc;
  }

  /** No class, no header, no content. */
  answer(requestId: number, status: number): Buffer {
    return this.bare({ type: TYPE_RESPONSE, cmdCode: CMD_RESPONSE, requestId, status });
  }

  heartbeatAck(requestId: number): Buffer {
    return this.bare({ type: TYPE_RESPONSE, cmdCode: CMD_HEARTBEAT, requestId, status: STATUS_SUCCESS });
  }

  /** MOSN v1.3.0 sends one in version 1 alone; the agent that the tests build around it does in version 2, too. */
  goAway(): Buffer {
    return this.bare({ type: TYPE_REQUEST, cmdCode: CMD_GO_AWAY, requestId: 1, timeout: 0 });
  }

  private bare(fields: Omit<FrameFields, 'proto' | 'codec'>): Buffer {
    const out = new ByteWriter(32);
    encodeFrame(out, { ...fields, proto: versionOf(this.version).proto, codec: CODEC_HESSIAN2 });
    return out.written();
  }
}
