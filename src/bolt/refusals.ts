import type { ByteWriter } from '../core/bytes.js';
import { MeshError } from '../core/errors.js';
import type { Refusal, ReplyAddress } from '../framing/framing.js';
import { NO_METADATA } from '../framing/reply.js';
import type { Serializers } from '../serialization/serializers.js';
import { endFrame } from './encode.js';
import {
  CODEC_HESSIAN2,
  STATUS_BUSY,
  STATUS_SERVER_DESERIALIZE,
  STATUS_SERVER_EXCEPTION,
  STATUS_SERVER_SERIALIZE,
  STATUS_SUCCESS,
  wireOf,
} from './frame.js';
import { RESPONSE_CLASS, SERVER_EXCEPTION_CLASS } from './names.js';
import { beginReply, writeReplyHeaders } from './response.js';

/** The responses to requests that reach no method, in the statuses and classes that Java uses for them. */
export class Refusals {
  constructor(private readonly serializers: Serializers) {}

  /** Whether a request in this codec can be read at all. */
  reads(codec: number): boolean {
    return this.serializers.byCodec(codec) !== undefined;
  }

  write(out: ByteWriter, to: ReplyAddress, refusal: Refusal): void {
    switch (refusal.kind) {
      case 'busy':
        this.busy(out, to);
        return;
      case 'stopped':
        this.report(out, to, `RPC-019990009: RPC server stopped: [${refusal.address}]`);
        return;
      case 'unknown-service': {
        const { service } = refusal;
        if (service !== undefined)
          this.report(out, to, `RPC-020100010: RPC cannot find service: [${service}]`);
        else this.unreadable(out, to, "the request has no header 'service', so it cannot be routed");
        return;
      }
      case 'rejected':
        this.reject(out, to, refusal.error);
    }
  }

  private reject(out: ByteWriter, to: ReplyAddress, { code, message }: MeshError): void {
    if (code === 'METHOD_NOT_FOUND') this.report(out, to, message);
    else if (code === 'OVERLOADED') this.busy(out, to);
    else if (code === 'PROTOCOL_VIOLATION') this.exception(out, to, STATUS_SERVER_EXCEPTION, message);
    else this.unreadable(out, to, message);
  }

  /** The method ran, but what it returned or threw has no form on the wire. */
  unencodable(out: ByteWriter, to: ReplyAddress, message: string): void {
    this.exception(out, to, STATUS_SERVER_SERIALIZE, message);
  }

  /** Unknown service or method, stopped server: a SofaResponse that reports it, in the request's serialization (vectors, v1-error/unknownService). */
  private report(out: ByteWriter, to: ReplyAddress, message: string): void {
    const { codec } = wireOf(to);
    const serializer = this.serializers.byCodec(codec);
    if (serializer === undefined) {
      this.unreadable(out, to, unreadableCodec(codec).message);
      return;
    }
    const frame = beginReply(out, to, STATUS_SUCCESS, RESPONSE_CLASS);
    const headerLength = writeReplyHeaders(out, true, NO_METADATA);
    serializer.writeFailure(out, message);
    endFrame(out, frame, RESPONSE_CLASS.length, headerLength);
  }

  private unreadable(out: ByteWriter, to: ReplyAddress, message: string): void {
    this.exception(out, to, STATUS_SERVER_DESERIALIZE, message);
  }

  /** There is no room: the fixed part alone, as Java sends it. */
  private busy(out: ByteWriter, to: ReplyAddress): void {
    endFrame(out, beginReply(out, to, STATUS_BUSY, undefined), 0, 0);
  }

  /** Hessian whatever the request was in (vectors, v1-error/unknownCodec.resp, v1-protobuf/pb.empty.resp). */
  private exception(out: ByteWriter, to: ReplyAddress, status: number, message: string): void {
    const frame = beginReply(out, to, status, SERVER_EXCEPTION_CLASS, CODEC_HESSIAN2);
    this.serializers.hessian.writeServerException(out, message);
    endFrame(out, frame, SERVER_EXCEPTION_CLASS.length, 0);
  }
}

/** DECODE_FAILED for a codec that no serializer reads. */
export function unreadableCodec(codec: number): MeshError {
  return new MeshError(
    'DECODE_FAILED',
    `no serializer for codec ${codec}; this server reads 1 (hessian2), 11 (protobuf) and 12 (json)`,
  );
}
