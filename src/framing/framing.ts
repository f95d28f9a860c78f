import type { MethodContract, ServiceContract } from '../contract/define-service.js';
import type { ByteWriter } from '../core/bytes.js';
import type { Call, Metadata, Reply } from '../core/call.js';
import type { MeshError } from '../core/errors.js';

/** What a message is to its connection. `unknown` closes it: the stream is out of step, or speaks another protocol. */
export type MessageKind =
  | 'request'
  /** A request that nobody answers. */
  | 'oneway'
  | 'response'
  | 'heartbeat'
  | 'heartbeat-ack'
  /** The peer takes no new calls on this connection. */
  | 'go-away'
  | 'unknown';

/**
 * One message of a stream, as far as a connection looks at it. A session may fill the same object anew for each message:
 * it is valid until the callback that receives it returns.
 */
export interface Message {
  readonly kind: MessageKind;
  /** Correlates a response with its request: an unsigned 32-bit integer that the client chose; this library's own use 31 bits. */
  readonly requestId: number;
  /** Of a request: the milliseconds that its caller waits, counted from its arrival. 0 or less: it does not say. */
  readonly timeoutMs: number;
  /** Its size on the wire. */
  readonly byteLength: number;
  /** What a response must repeat of its request besides the id, in one 32-bit integer of the framing's own. */
  readonly tag: number;
}

/** Largest message that is sent or accepted by default: 16 MiB. */
export const DEFAULT_MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** What is kept of a request until it is answered. */
export interface ReplyAddress {
  readonly requestId: number;
  /** See {@link Message.tag}. */
  readonly tag: number;
}

/** Which end of a connection this process is. */
export type Side = 'client' | 'server';

/** Bounds of one connection. */
export interface FramingLimits {
  /** Largest message in bytes; a larger one must be refused as soon as its length is known. */
  readonly maxFrameBytes: number;
}

/**
 * The state of one connection: cuts what arrives into messages, and writes the messages that belong to the connection
 * itself. `out` is always positioned behind what was written before; a message is appended whole or not at all.
 */
export interface FramingSession<M extends Message = Message> {
  /** Bytes held of a message whose end has not arrived; 0 where there is none. */
  readonly pendingBytes: number;
  /**
   * Calls `onMessage` for each message that ends in `chunk`.
   * @throws MeshError PROTOCOL_VIOLATION where the bytes are not of this framing; the connection is closed then.
   */
  push(chunk: Buffer, onMessage: (message: M) => void): void;
  /** Whether the peer leaves when it is sent a go-away; where it would not, none is sent. */
  readonly understandsGoAway: boolean;
  writeHeartbeat(out: ByteWriter, requestId: number): void;
  writeHeartbeatAck(out: ByteWriter, heartbeat: M): void;
  writeGoAway(out: ByteWriter): void;
}

/** How the calls of one method are written and their responses read. */
export interface MethodFraming<M extends Message = Message> {
  /**
   * Appends the request.
   * @param timeoutMs what is left until the call's deadline; Infinity for never.
   * @param isFirst it is the first on its connection, and no proxy shares that connection with other clients.
   * @throws MeshError ENCODE_FAILED, INVALID_ARGUMENT; what was appended is taken back, and nothing is sent.
   */
  writeRequest(out: ByteWriter, call: Call, requestId: number, timeoutMs: number, isFirst: boolean): void;
  /**
   * Reads a response: `replyTo(call, value, metadata)`.
   * @throws MeshError whatever the other side answered instead of a value; DECODE_FAILED.
   */
  readReply(response: M, call: Call): Reply;
}

/** One client's half of a framing. */
export interface ClientFraming<M extends Message = Message> {
  /** Called once a method, not once a call. @throws MeshError INVALID_ARGUMENT for a contract that it cannot carry. */
  method(service: ServiceContract, method: MethodContract): MethodFraming<M>;
}

/** A request as its message tells it. */
export interface FramedRequest {
  readonly method: MethodContract;
  /** One for each argument of the method. */
  readonly args: unknown[];
  readonly metadata: Metadata;
  /** Milliseconds that the caller waits, where only the body says so; undefined where {@link Message.timeoutMs} says it, or nothing does. */
  readonly timeoutMs: number | undefined;
}

/** How the requests of one service are read and its responses written. */
export interface ServiceFraming<M extends Message = Message> {
  /** @throws MeshError METHOD_NOT_FOUND, DECODE_FAILED, PROTOCOL_VIOLATION: answered with {@link ServerFraming.writeRefusal}. */
  readRequest(request: M): FramedRequest;
  /**
   * Appends the response with a value. Never throws: a value that cannot be encoded is answered with a failure that says so.
   * @returns why the value could not be encoded; undefined where it was.
   */
  writeReply(
    out: ByteWriter,
    to: ReplyAddress,
    method: MethodContract,
    value: unknown,
    metadata: Readonly<Metadata>,
  ): unknown;
  /** Appends the response for what the method threw. Never throws. */
  writeError(
    out: ByteWriter,
    to: ReplyAddress,
    method: MethodContract,
    error: unknown,
    metadata: Readonly<Metadata>,
  ): void;
}

/** Why a request reaches no method. The union may grow: answer a kind that you do not know with a plain failure. */
export type Refusal =
  /** There is no room; the call was not executed. */
  | { readonly kind: 'busy' }
  /** No service of that id is served here; undefined: the request names none. */
  | { readonly kind: 'unknown-service'; readonly service: string | undefined }
  /** The server at `address` has stopped. */
  | { readonly kind: 'stopped'; readonly address: string }
  /** The request cannot be read, or its service has no such method. */
  | { readonly kind: 'rejected'; readonly error: MeshError };

/** One server's half of a framing. */
export interface ServerFraming<M extends Message = Message> {
  /** The id of the service that a request asks for; undefined where it names none. @throws MeshError PROTOCOL_VIOLATION closes the connection. */
  serviceIdOf(request: M): string | undefined;
  /** Called once a service. @throws MeshError INVALID_ARGUMENT for a contract that it cannot carry. */
  service(contract: ServiceContract): ServiceFraming<M>;
  /** Appends the response to a request that reached no method. Never throws. */
  writeRefusal(out: ByteWriter, to: ReplyAddress, refusal: Refusal): void;
}

/** What a framing may know of the client that it belongs to. */
export interface ClientFramingEnv {
  /** The application's name. */
  readonly app: string;
  /** Tell the provider how much time is left, where there is a place for it besides the timeout. */
  readonly propagateDeadline: boolean;
}

/** What a framing may know of the server that it belongs to. */
export type ServerFramingEnv = FramingLimits;

/**
 * How calls travel over a byte stream: one wire protocol. Bolt is built in; `framings` of MeshClient and MeshServer adds
 * others. Connections, correlation, deadlines, heartbeats, retries and drains are the library's, whatever the framing.
 * A framing is shared by clients and servers, so it keeps no state itself: its sessions and halves do.
 *
 * @typeParam M what a session cuts the stream into.
 * @example
 * A whole one, JSON behind its length, is examples/custom-framing/framing.ts.
 * ```ts
 * const server = new MeshServer({ app: 'greeter', framings: [jsonFraming] });
 * const mesh = new MeshClient({ app: 'caller', framings: [jsonFraming], registry: 'json://127.0.0.1:12200' });
 * ```
 */
export interface Framing<M extends Message = Message> {
  /** The scheme of its addresses, in lower case: `bolt` in `bolt://host:port`. */
  readonly name: string;
  /**
   * Whether a stream that begins with `head` is in this framing; undefined: more bytes are needed. Asked where a port takes
   * several framings, of at most the first 64 bytes.
   */
  detects(head: Buffer): boolean | undefined;
  /** The state of a new connection, on the side that opened it (`client`) or accepted it. */
  open(side: Side, limits: FramingLimits): FramingSession<M>;
  /** The half of one client. */
  client(env: ClientFramingEnv): ClientFraming<M>;
  /** The half of one server. */
  server(env: ServerFramingEnv): ServerFraming<M>;
}
