import type { ByteWriter } from '../core/bytes.js';
import type { FramingLimits, FramingSession, Side } from '../framing/framing.js';
import { FrameDecoder } from './decoder.js';
import { encodeFrame } from './encode.js';
import {
  CMD_GO_AWAY,
  CMD_HEARTBEAT,
  CODEC_HESSIAN2,
  type Frame,
  PROTO_V1,
  STATUS_SUCCESS,
  TYPE_REQUEST,
  TYPE_RESPONSE,
} from './frame.js';
import { findHeader, HEADER_GO_AWAY } from './headers.js';
import type { BoltVersion } from './version.js';

const GO_AWAY_BYTES = Buffer.from(HEADER_GO_AWAY);

/** One connection that speaks Bolt. What it writes by itself is as Java's (vectors, heartbeat/*). */
export class BoltSession extends FrameDecoder implements FramingSession<Frame> {
  /** Undefined until the first request has come. */
  private knowsGoAway: boolean | undefined;

  /** @param version of the heartbeats; whoever answers takes that of what was asked. */
  constructor(
    side: Side,
    private readonly version: BoltVersion,
    limits: FramingLimits,
  ) {
    super(limits);
    // A server leaves when it is ready to; nobody asks it.
    if (side === 'client') this.knowsGoAway = false;
  }

  override push(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    super.push(chunk, this.knowsGoAway === undefined ? (frame) => this.first(frame, onFrame) : onFrame);
  }

  /** A client says on its first request what it understands. */
  private first(frame: Frame, onFrame: (frame: Frame) => void): void {
    if (frame.kind === 'request' || frame.kind === 'oneway')
      this.knowsGoAway ??= findHeader(frame.buf, frame.headerStart, frame.contentStart, GO_AWAY_BYTES) >= 0;
    onFrame(frame);
  }

  /** A Java client does not: it closes the connection, calls in flight included. */
  get understandsGoAway(): boolean {
    return this.knowsGoAway === true;
  }

  writeHeartbeat(out: ByteWriter, requestId: number): void {
    const { proto, ver1 } = this.version;
    // The switch is 0 even where requests carry a CRC: vectors, heartbeat/v2-ver2-*.
    const fields = { proto, ver1, type: TYPE_REQUEST, cmdCode: CMD_HEARTBEAT, codec: CODEC_HESSIAN2 };
    encodeFrame(out, { ...fields, requestId, timeout: -1 });
  }

  /** The id and version of the heartbeat, codec 1, status 0, switch 0. */
  writeHeartbeatAck(out: ByteWriter, { proto, ver1, requestId }: Frame): void {
    const fields = { proto, ver1, type: TYPE_RESPONSE, cmdCode: CMD_HEARTBEAT, codec: CODEC_HESSIAN2 };
    encodeFrame(out, { ...fields, requestId, status: STATUS_SUCCESS });
  }

  /** In the version that the peer speaks. */
  writeGoAway(out: ByteWriter): void {
    const { proto, ver1 } = this.frame;
    const fields = { proto: proto || PROTO_V1, ver1, type: TYPE_REQUEST, cmdCode: CMD_GO_AWAY };
    encodeFrame(out, { ...fields, requestId: 0, codec: CODEC_HESSIAN2, timeout: -1 });
  }
}
