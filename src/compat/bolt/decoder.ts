import { Writable, type WritableOptions } from 'node:stream';
import { FrameDecoder } from '../../bolt/decoder.js';
import { CMD_GO_AWAY, type Frame } from '../../bolt/frame.js';
import type { ClassMap } from '../values/class-map.js';
import { readPacket } from './frames.js';
import type { Asked } from './options.js';
import { hessianVersion } from './state.js';

/** Requests that were sent, by id: only they say how a response of protobuf is to be read. */
export interface SentRequests {
  get(id: number): { readonly req?: Asked } | undefined;
}

export interface ProtocolDecoderOptions extends WritableOptions {
  readonly proto?: unknown;
  readonly classMap?: ClassMap;
  readonly sentReqs?: SentRequests;
  readonly classCache?: unknown;
  /** Larger frames end the stream. Default 16 MiB. */
  readonly maxFrameBytes?: number;
}

/**
 * Reads frames of Bolt and emits `request`, `response`, `heartbeat` and `heartbeat_ack`, each with its packet. Bytes that
 * are no frames end the stream with an error named BoltDecodeError, whose `data` is the last chunk in base64.
 */
export class ProtocolDecoder extends Writable {
  private readonly frames: FrameDecoder;

  constructor(readonly options: ProtocolDecoderOptions = {}) {
    super(options);
    this.frames = new FrameDecoder(options);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    try {
      this.frames.push(chunk, this.onFrame);
    } catch (error) {
      const data = chunk.toString('base64');
      callback(Object.assign(error as Error, { name: 'BoltDecodeError', data }));
      return;
    }
    callback();
  }

  private readonly onFrame = (frame: Frame): void => {
    // Ours alone: who reads with these streams finds out when the connection closes.
    if (frame.cmdCode === CMD_GO_AWAY) return;
    const { proto, classMap, sentReqs } = this.options;
    const packet = readPacket(frame, {
      proto,
      classMap,
      hessianVersion: hessianVersion(),
      asked: (id) => sentReqs?.get(id)?.req,
    });
    this.emit(packet.packetType, packet);
  };
}
