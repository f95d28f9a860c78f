import type { Metadata } from './call.js';
import type { CallPath } from './errors.js';

/**
 * The version of what is told on diagnostics_channel, that is of the names and payloads in docs/diagnostics.md. It grows
 * when one of them is taken away or comes to mean something else; what is added later leaves it as it is.
 */
export const DIAGNOSTICS_VERSION = 1;

/** What is told of each operation: the one object of all its events, from `start` to `asyncEnd`. */
export interface TracedOperation {
  /** {@link DIAGNOSTICS_VERSION} of the copy of this package that tells it. */
  readonly version: number;
  /** Service id, `interface:version[:uniqueId]`. */
  readonly service: string;
  /** Java's method name. */
  readonly method: string;
  /** The method may be executed more than once. */
  readonly idempotent: boolean;
  /** Nothing is answered. */
  readonly oneway: boolean;
  /** Milliseconds it may take; Infinity where nobody set a limit. */
  readonly timeoutMs: number;
  /** When it began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** How long it took. Undefined until it is over. */
  readonly durationMs: number | undefined;
  /** Why it failed; a MeshError for all that this library found out. Undefined where it succeeded. */
  readonly error: unknown;
}

/** A call that a client makes, with all its attempts and on both ways: `client.call`. */
export interface CallTrace extends TracedOperation {
  /** Who tells. */
  readonly side: 'client';
  /** Goes out with every attempt: a subscriber of `start` may add to it. Values are text. */
  readonly metadata: Metadata;
  /** Attempts that were begun, those of a comparison included; 0 where nobody could be asked. */
  readonly attempts: number;
  /** The way that the call took, once it is over; undefined where none was chosen. */
  readonly path: CallPath | undefined;
  /** Why that way, in words. */
  readonly reason: string | undefined;
  /** `host:port` of who answered, or was asked last, once it is over. */
  readonly endpoint: string | undefined;
}

/** One attempt of a call, on one connection: `client.attempt`. */
export interface AttemptTrace extends TracedOperation {
  /** Who tells. */
  readonly side: 'client';
  /** What the call itself is told of with. */
  readonly call: CallTrace;
  /** 1 for the first of its call. */
  readonly attempt: number;
  /** Of the call: a subscriber of `start` may add to it before it is encoded. Further attempts see what was added. */
  readonly metadata: Metadata;
  /** The way it takes. */
  readonly path: CallPath;
  /** Why that path, in words. */
  readonly reason: string;
  /** `host:port` that it goes to: of a provider, or of the sidecar. */
  readonly endpoint: string;
  /** Bytes of the request's frame; undefined where it was not encoded. */
  readonly requestBytes: number | undefined;
  /** Bytes of the response's frame; undefined where none came in time. */
  readonly responseBytes: number | undefined;
}

/** A call that a server runs: `server.call`. One that it does not run is told of as `server.refused`. */
export interface ServerCallTrace extends TracedOperation {
  /** Who tells. */
  readonly side: 'server';
  /** What came with the request. It is decoded when it is first looked at. */
  readonly metadata: Readonly<Metadata>;
  /** `host:port` of the caller, or of the sidecar in front of this server. */
  readonly remote: string;
  /** Milliseconds, of `durationMs`, from reading the request to running it: decoding it and waiting for a place. */
  readonly queuedMs: number;
  /** Bytes of the request's frame. */
  readonly requestBytes: number;
  /** Bytes of the response's frame; undefined where none was written: oneway, or the caller was gone. */
  readonly responseBytes: number | undefined;
}

/**
 * Why a request was not run. `busy`: there was no room. `expired`: its caller had given up, or was gone, before its turn
 * came. `stopping`: the server is being stopped. More may be added without a new {@link DIAGNOSTICS_VERSION}.
 */
export type RefusalReason =
  | 'busy'
  | 'expired'
  | 'stopping'
  | 'unknown-service'
  | 'unknown-method'
  | 'undecodable';
