import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import type { ByteWriter } from '../core/bytes.js';
import type { Metadata } from '../core/call.js';
import type { MeshError } from '../core/errors.js';

/** What a response's content says: a value, or what the other side threw or reported. */
export interface ResponseBody {
  readonly value: unknown;
  /** Set where the other side failed; `value` means nothing then. */
  readonly error: MeshError | undefined;
  /** The body's responseProps; undefined where it has none. */
  readonly props: Metadata | undefined;
}

/** The content of one method's frames, as a client writes and reads it. */
export interface ClientMethodCodec {
  /**
   * Appends the request's content. `remainingMs`: what is left to the caller, where the other side is told; otherwise 0.
   * @throws MeshError ENCODE_FAILED with the path of the wrong value.
   */
  writeRequest(
    out: ByteWriter,
    args: readonly unknown[],
    props: Readonly<Metadata>,
    remainingMs: number,
  ): void;
  /**
   * Reads a response's content, `buf[start..end)`. `thrown`: the header says that it is an exception.
   * @throws MeshError DECODE_FAILED with the path of the wrong value.
   */
  readResponse(buf: Buffer, start: number, end: number, thrown: boolean): ResponseBody;
}

/** The body's requestProps, read when asked for. */
export interface InboundProps {
  /** False where these bytes, a key, are not among them: then they need not be read for it. */
  mention(text: Buffer): boolean;
  /** Key, value, key, value; values that are no text, as text. */
  read(): readonly string[];
}

/** A request as its content tells it. */
export interface InboundBody {
  readonly method: MethodContract;
  readonly args: unknown[];
  /** Undefined where there are none. */
  readonly props: InboundProps | undefined;
}

/** The content of one service's frames, as a server reads and writes it. */
export interface ServerServiceCodec {
  /**
   * Reads a request's content. `methodName` is the header's, undefined where it has none.
   * @throws MeshError METHOD_NOT_FOUND, DECODE_FAILED.
   */
  readRequest(buf: Buffer, start: number, end: number, methodName: string | undefined): InboundBody;
  /** Appends the content for a value. @throws MeshError ENCODE_FAILED with the path of the wrong value. */
  writeValue(out: ByteWriter, method: MethodContract, value: unknown, props: Readonly<Metadata>): void;
  /** Appends the content for what a handler threw: an exception that the other side throws in its turn. */
  writeThrown(out: ByteWriter, method: MethodContract, error: unknown, props: Readonly<Metadata>): void;
}

/** One way of turning calls into content, known on the wire by its codec id. */
export interface Serializer {
  readonly codecId: number;
  /** The content names its method; otherwise the header does. */
  readonly namesMethod: boolean;
  /** Appends the content for a failure of the framework: unknown service or method. */
  writeFailure(out: ByteWriter, message: string): void;
  client(service: ServiceContract, method: MethodContract): ClientMethodCodec;
  server(service: ServiceContract): ServerServiceCodec;
}
