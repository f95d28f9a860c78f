import type { Duplex } from 'node:stream';
import { FrameDecoder } from '../../src/bolt/decoder.js';
import { encodeFrame, type FrameFields } from '../../src/bolt/encode.js';
import { className, type Frame } from '../../src/bolt/frame.js';
import { type HeaderPair, readHeaders } from '../../src/bolt/headers.js';
import { ByteWriter } from '../../src/core/bytes.js';
import { decodeAll, encode, encodeAll } from '../../src/hessian/public.js';
import { java } from '../../src/values/java.js';

/** A copy of the frame's content, to keep after the callback. */
export function copyContent(frame: Frame): Buffer {
  return Buffer.from(frame.buf.subarray(frame.contentStart, frame.contentEnd));
}

export const REQUEST = 'com.alipay.sofa.rpc.core.request.SofaRequest';
export const RESPONSE = 'com.alipay.sofa.rpc.core.response.SofaResponse';
export const SERVER_EXCEPTION = 'com.alipay.remoting.rpc.exception.RpcServerException';

/** A frame, copied. */
export interface Seen {
  readonly proto: number;
  readonly ver1: number;
  readonly type: number;
  readonly cmdCode: number;
  readonly ver2: number;
  readonly requestId: number;
  readonly codec: number;
  readonly switch: number;
  readonly timeout: number;
  readonly status: number;
  readonly className: string;
  readonly header: readonly HeaderPair[];
  readonly content: Buffer;
}

export function seen(frame: Frame): Seen {
  const { proto, ver1, type, cmdCode, ver2, requestId, codec, timeout, status } = frame;
  return {
    proto,
    ver1,
    type,
    cmdCode,
    ver2,
    requestId,
    codec,
    switch: frame.switch,
    timeout,
    status,
    className: className(frame),
    header: readHeaders(frame.buf, frame.headerStart, frame.contentStart),
    content: copyContent(frame),
  };
}

/** A frame's bytes. */
export function frameOf(
  fields: FrameFields,
  name = '',
  header: readonly HeaderPair[] = [],
  content: Uint8Array = Buffer.alloc(0),
): Buffer {
  const out = new ByteWriter();
  encodeFrame(out, fields, name, header, content);
  return Buffer.from(out.written());
}

export interface RequestParts {
  fields?: Partial<FrameFields>;
  className?: string;
  header?: readonly HeaderPair[];
  service?: string;
  method?: string;
  sigs?: readonly string[];
  args?: readonly unknown[];
  content?: Uint8Array;
}

export function requestBody({
  service = 'com.acme.PersonService:1.0',
  method = 'echo',
  sigs = ['java.lang.String'],
  args = ['hi'],
}: RequestParts = {}): Buffer {
  const head = java.object(REQUEST, {
    targetAppName: null,
    methodName: method,
    targetServiceUniqueName: service,
    requestProps: null,
    methodArgSigs: java.array('java.lang.String', [...sigs]),
  });
  return encodeAll([head, ...args]);
}

/** A request of the echo method, changed where a test says so. */
export function request(parts: RequestParts = {}): Buffer {
  const { service = 'com.acme.PersonService:1.0', method = 'echo' } = parts;
  const header = parts.header ?? [
    ['sofa_head_target_service', service],
    ['service', service],
    ['sofa_head_method_name', method],
  ];
  const fields = { proto: 1, type: 1, cmdCode: 1, requestId: 1, codec: 1, timeout: 3000, ...parts.fields };
  return frameOf(fields, parts.className ?? REQUEST, header, parts.content ?? requestBody(parts));
}

/** What a server answers with a value. */
export function response(requestId: number, value: unknown, fields: Partial<FrameFields> = {}): Buffer {
  const body = java.object(RESPONSE, {
    isError: false,
    errorMsg: null,
    appResponse: value,
    responseProps: null,
  });
  return frameOf(
    { proto: 1, type: 0, cmdCode: 2, requestId, codec: 1, status: 0, ...fields },
    RESPONSE,
    [],
    encode(body),
  );
}

export interface SofaResponseBody {
  isError: boolean;
  errorMsg: string | null;
  appResponse: unknown;
  responseProps: unknown;
}

/** A SofaResponse's content, untyped. */
export function bodyOf(frame: Seen): SofaResponseBody {
  return decodeAll(frame.content)[0] as SofaResponseBody;
}

/** One end of a stream, frame by frame. */
export class RawPeer {
  readonly frames: Seen[] = [];
  /** How many chunks came. */
  chunks = 0;
  ended = false;
  private readonly decoder = new FrameDecoder({ maxFrameBytes: 2 ** 30 });
  private waiting: (() => void)[] = [];

  constructor(readonly stream: Duplex) {
    stream.on('data', (chunk: Buffer) => {
      this.chunks++;
      this.decoder.push(chunk, (frame) => this.frames.push(seen(frame)));
      this.wake();
    });
    stream.on('error', () => undefined);
    const over = () => {
      this.ended = true;
      this.wake();
    };
    stream.on('end', over);
    stream.on('close', over);
  }

  /** The frames without heartbeats. */
  get requests(): readonly Seen[] {
    return this.frames.filter(({ cmdCode }) => cmdCode === 1);
  }

  private wake(): void {
    for (const go of this.waiting.splice(0)) go();
  }

  write(...bytes: Uint8Array[]): void {
    this.stream.write(Buffer.concat(bytes));
  }

  /** Waits until `count` frames have come. Throws when the stream ends before. */
  async received(count: number): Promise<Seen[]> {
    while (this.frames.length < count) {
      if (this.ended) throw new Error(`the stream ended after ${this.frames.length} of ${count} frames`);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return this.frames;
  }

  /** Waits until the other side has closed. */
  async closed(): Promise<void> {
    while (!this.ended) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
