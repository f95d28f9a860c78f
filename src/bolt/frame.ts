/**
 * The parts of a Bolt frame. Version 1 (`proto` 1): a request has 22 fixed bytes, a response 20. Version 2 (`proto` 2)
 * inserts `ver1` after `proto` and a switch byte after the codec: 24 and 22. After the fixed part: class name, header
 * (pairs of strings), content, and a CRC32 where `ver1` is 2 and the switch has bit 0.
 */

import type { BytePattern } from '../core/byte-pattern.js';
import type { Message, MessageKind, ReplyAddress } from '../framing/framing.js';

export const PROTO_V1 = 1;
export const PROTO_V2 = 2;

export const TYPE_RESPONSE = 0;
export const TYPE_REQUEST = 1;
export const TYPE_ONEWAY = 2;

export const CMD_HEARTBEAT = 0;
export const CMD_REQUEST = 1;
export const CMD_RESPONSE = 2;
export const CMD_GO_AWAY = 100;

/** The `ver1` that may carry a CRC, and the bit of the switch byte that says it does. */
export const VER1_CRC = 2;
export const SWITCH_CRC = 1;

export const CODEC_HESSIAN2 = 1;
export const CODEC_PROTOBUF = 11;
export const CODEC_JSON = 12;

/** The statuses that a Java client knows: at any other it closes the connection. */
export const STATUS_SUCCESS = 0;
export const STATUS_ERROR = 1;
export const STATUS_SERVER_EXCEPTION = 2;
export const STATUS_UNKNOWN = 3;
export const STATUS_BUSY = 4;
export const STATUS_ERROR_COMM = 5;
export const STATUS_NO_PROCESSOR = 6;
export const STATUS_TIMEOUT = 7;
export const STATUS_CLIENT_SEND_ERROR = 8;
export const STATUS_CODEC_EXCEPTION = 9;
export const STATUS_CONNECTION_CLOSED = 16;
export const STATUS_SERVER_SERIALIZE = 17;
export const STATUS_SERVER_DESERIALIZE = 18;

/** Java reads the class and header lengths as signed shorts: above this it sees a negative length and closes. */
export const MAX_SHORT = 0x7fff;

const EMPTY = Buffer.alloc(0);
const NO_VIEW = new DataView(new ArrayBuffer(0));

/**
 * A frame inside a buffer: numbers, and offsets into `buf`. The decoder has one and fills it anew for every frame, so
 * it holds only until the callback that was given it returns.
 */
export class Frame implements Message {
  buf: Buffer = EMPTY;
  /** The same bytes as `buf`. */
  view: DataView = NO_VIEW;
  /** Where the frame begins in `buf`, and where the next one may. */
  start = 0;
  end = 0;
  proto = 0;
  /** 0 in version 1, which has no such byte. */
  ver1 = 0;
  type = 0;
  cmdCode = 0;
  ver2 = 0;
  /** Unsigned 32 bits. */
  requestId = 0;
  codec = 0;
  /** 0 in version 1, which has no such byte. */
  switch = 0;
  /** Milliseconds; -1 for oneway and heartbeat. Of a request only. */
  timeout = 0;
  /** Of a response only. */
  status = 0;
  /** Class name: from here up to `headerStart`. */
  classStart = 0;
  /** Header: from here up to `contentStart`. */
  headerStart = 0;
  contentStart = 0;
  contentEnd = 0;

  get kind(): MessageKind {
    const { cmdCode, type } = this;
    if (cmdCode === CMD_RESPONSE) return type === TYPE_RESPONSE ? 'response' : 'unknown';
    if (cmdCode === CMD_REQUEST) {
      if (type === TYPE_REQUEST) return 'request';
      return type === TYPE_ONEWAY ? 'oneway' : 'unknown';
    }
    if (cmdCode === CMD_HEARTBEAT) return type === TYPE_REQUEST ? 'heartbeat' : 'heartbeat-ack';
    return cmdCode === CMD_GO_AWAY ? 'go-away' : 'unknown';
  }

  get byteLength(): number {
    return this.end - this.start;
  }

  get timeoutMs(): number {
    return this.timeout;
  }

  /** A response is in the version, the codec and with the checksum of its request: see {@link wireOf}. */
  get tag(): number {
    return this.proto | (this.ver1 << 8) | (this.switch << 16) | (this.codec << 24);
  }

  /** True where the last four bytes are a CRC32. */
  get hasCrc(): boolean {
    return this.ver1 === VER1_CRC && (this.switch & SWITCH_CRC) !== 0;
  }
}

/** What of a request its response repeats besides the id. */
export interface WireFields {
  readonly proto: number;
  readonly ver1: number;
  readonly switch: number;
  readonly codec: number;
}

/** The fields that are packed into a frame's tag. */
export function wireOf({ tag }: ReplyAddress): WireFields {
  return { proto: tag & 0xff, ver1: (tag >> 8) & 0xff, switch: (tag >> 16) & 0xff, codec: tag >>> 24 };
}

/** The class name that the frame declares; empty where there is none. Compare with {@link classNameIs} on a hot path. */
export function className(frame: Frame): string {
  return frame.buf.toString('utf8', frame.classStart, frame.headerStart);
}

/** Whether the frame's class name is `name`, without decoding it. */
export function classNameIs(frame: Frame, name: BytePattern): boolean {
  const { classStart } = frame;
  return frame.headerStart - classStart === name.length && name.matches(frame.view, classStart);
}
