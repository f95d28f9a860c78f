import type { Endpoint } from './endpoint.js';
import type { CallPath } from './errors.js';

/** Text pairs that travel with a call: Bolt headers and, for Hessian, SofaRequest's requestProps. */
export type Metadata = Record<string, string>;

/** What a caller may say of one call. */
export interface CallOptions {
  /** Milliseconds from now; beats the method's and the client's. At most what is left of the deadline of the call that is being served. */
  timeoutMs?: number;
  /** Aborting it fails the call with CANCELLED; the request is not recalled from the other side. */
  signal?: AbortSignal;
  /** Sent as Bolt headers and as requestProps. Values are text. */
  metadata?: Readonly<Metadata>;
}

/** The way a call takes, and why. */
export interface PathChoice {
  readonly path: CallPath;
  /** In words. */
  readonly reason: string;
}

/**
 * One call on its way, on either side. An interceptor that wants to change it passes on `{ ...call, .. }`: a copy keeps what
 * the layers below have on it beside what is named here. What an interceptor made from nothing is refused.
 */
export interface Call {
  /** Service id, `interface:version[:uniqueId]`. */
  readonly service: string;
  /** Java's method name. */
  readonly method: string;
  readonly args: readonly unknown[];
  /** Of this call alone: an interceptor may add to it before it passes the call on. */
  readonly metadata: Metadata;
  /** When the call is given up, in the clock's monotonic milliseconds; Infinity for never. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  /** The method may be executed more than once. */
  readonly idempotent: boolean;
  /** Nothing is answered; the reply comes as soon as the request is written. */
  readonly oneway: boolean;
  /** Where it goes: known in the attempt chain, after the pick. */
  readonly endpoint: Endpoint | undefined;
  /** Endpoints that were tried before this attempt. */
  readonly tried: readonly Endpoint[];
  /** The way it takes; before that was chosen, the direct one. */
  readonly via: PathChoice;
}

/** What came back. */
export interface Reply {
  readonly value: unknown;
  /** The response's headers and responseProps. */
  readonly metadata: Readonly<Metadata>;
  readonly path: CallPath;
  /** Why that path, in words. */
  readonly reason: string;
  /** Where it came from: the provider, or the sidecar in front of it. */
  readonly endpoint: Endpoint | undefined;
}

/** The one function type for a call: the client's chain, one attempt, the server's method are all Handlers. */
export type Handler = (call: Call) => Promise<Reply>;

/** Wraps a Handler; the first of a list is the outermost. */
export type Interceptor = (next: Handler) => Handler;

/** Folds interceptors around a handler. */
export function chain(interceptors: readonly Interceptor[], handler: Handler): Handler {
  return interceptors.reduceRight((next, wrap) => wrap(next), handler);
}

/** What a handler of the server is told beside its arguments, and what calls made inside it inherit. */
export interface HandlerContext {
  readonly service: string;
  readonly method: string;
  /** The request's headers and requestProps. */
  readonly metadata: Readonly<Metadata>;
  /** When the caller gives up, in the clock's monotonic milliseconds; Infinity where it set no timeout. */
  readonly deadline: number;
  /** Milliseconds left until the deadline, 0 when it has passed. */
  remainingMs(): number;
  /** Aborted when the deadline passes, the caller's connection is lost or the server is stopped by force. */
  readonly signal: AbortSignal;
  /** Where the request came from; undefined for an in-memory connection. */
  readonly remoteAddress: string | undefined;
  /** Sent back with the response, as headers and responseProps. */
  readonly responseMetadata: Metadata;
}
