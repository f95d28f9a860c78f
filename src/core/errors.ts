/** The closed set of error codes. Branch on these, never on message text. */
export type ErrorCode =
  | 'INVALID_ARGUMENT'
  | 'CANCELLED'
  | 'DEADLINE_EXCEEDED'
  | 'NO_ENDPOINT'
  | 'CIRCUIT_OPEN'
  | 'RATE_LIMITED'
  | 'CONNECT_FAILED'
  | 'CONNECTION_LOST'
  | 'SHUTTING_DOWN'
  | 'ENCODE_FAILED'
  | 'DECODE_FAILED'
  | 'PROTOCOL_VIOLATION'
  | 'METHOD_NOT_FOUND'
  | 'OVERLOADED'
  | 'REMOTE_FAILURE';

/** The way a call took: through the sidecar, straight to a provider, or straight because the sidecar could not take it. */
export type CallPath = 'mesh' | 'direct' | 'fallback';

/**
 * Whether the same call may be made again: `safe` (it was not executed), `if-idempotent` (it may have been),
 * `never` (the answer would be the same).
 */
export type RetryAdvice = 'safe' | 'if-idempotent' | 'never';

/** What is known of the call when something fails; each part is filled in by the layer that knows it. */
export interface ErrorContext {
  service?: string;
  method?: string;
  endpoint?: string;
  path?: CallPath;
  reason?: string;
  sent?: boolean;
  retry?: RetryAdvice;
  cause?: unknown;
}

const BRAND = Symbol.for('sofa-mesh-sdk.MeshError');

const DEFAULT_ADVICE: Record<ErrorCode, RetryAdvice> = {
  INVALID_ARGUMENT: 'never',
  CANCELLED: 'never',
  DEADLINE_EXCEEDED: 'if-idempotent',
  NO_ENDPOINT: 'safe',
  CIRCUIT_OPEN: 'safe',
  RATE_LIMITED: 'safe',
  CONNECT_FAILED: 'safe',
  CONNECTION_LOST: 'if-idempotent',
  SHUTTING_DOWN: 'safe',
  ENCODE_FAILED: 'never',
  DECODE_FAILED: 'never',
  PROTOCOL_VIOLATION: 'never',
  METHOD_NOT_FOUND: 'never',
  OVERLOADED: 'safe',
  REMOTE_FAILURE: 'never',
};

/**
 * Every failure this library reports. Two copies of the package (ESM and CommonJS, or two versions) recognise each
 * other's errors through {@link MeshError.is}; `instanceof` works within one copy.
 */
export class MeshError extends Error {
  override name = 'MeshError';
  /** One of the closed codes. */
  readonly code: ErrorCode;
  /** Service id, `interface:version[:uniqueId]`, once known. */
  readonly service: string | undefined;
  /** Java method name, once known. */
  readonly method: string | undefined;
  /** `host:port` of the endpoint that was tried last, once known. */
  readonly endpoint: string | undefined;
  /** The way the call took, once one was chosen. */
  readonly path: CallPath | undefined;
  /** Why that way, in words. */
  readonly reason: string | undefined;
  /** True where at least one byte of the request may have reached the other side. */
  readonly sent: boolean;
  /** Whether the call may be made again. */
  readonly retry: RetryAdvice;

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    Object.defineProperty(this, BRAND, { value: true });
    this.code = code;
    this.service = context.service;
    this.method = context.method;
    this.endpoint = context.endpoint;
    this.path = context.path;
    this.reason = context.reason;
    this.sent = context.sent ?? false;
    this.retry = context.retry ?? DEFAULT_ADVICE[code];
  }

  /** True for a MeshError of any copy of this package. */
  static is(value: unknown): value is MeshError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** A Java exception as it came over the wire. */
export interface RemoteFailure {
  /** Java class name, such as `java.lang.IllegalStateException`. */
  className: string;
  /** The exception's message; null where Java had none. */
  message?: string | null;
  /** The exception's own fields (not message, cause, stack). */
  fields?: Readonly<Record<string, unknown>>;
  /** Java's stack trace, one `at` line a frame; empty where it was not sent. */
  remoteStack?: string;
  cause?: unknown;
}

/** What the other side threw. `defineError` makes typed subclasses of it. */
export class RemoteError extends MeshError {
  override name = 'RemoteError';
  /** Java class name of what was thrown. */
  readonly className: string;
  /** The exception's own fields. An error of a contract (`defineError`) has them typed, and as properties too. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Java's stack trace, one `at` line a frame; empty where it was not sent. */
  readonly remoteStack: string;

  constructor(failure: RemoteFailure, context: ErrorContext = {}) {
    super('REMOTE_FAILURE', failure.message ?? '', {
      sent: true,
      ...context,
      cause: failure.cause ?? context.cause,
    });
    this.className = failure.className;
    this.fields = failure.fields ?? {};
    this.remoteStack = failure.remoteStack ?? '';
  }

  /** True for a RemoteError of any copy of this package. */
  static override is(value: unknown): value is RemoteError {
    return MeshError.is(value) && 'className' in value && 'fields' in value;
  }
}

/**
 * Completes an error with what an outer layer knows. What an inner layer already said is kept.
 * Anything that is not a MeshError is returned as it is.
 */
export function addContext<E>(error: E, context: ErrorContext): E {
  if (!MeshError.is(error)) return error;
  const open = error as unknown as Record<string, unknown>;
  if (error.service === undefined && context.service !== undefined) open.service = context.service;
  if (error.method === undefined && context.method !== undefined) open.method = context.method;
  if (error.endpoint === undefined && context.endpoint !== undefined) open.endpoint = context.endpoint;
  if (error.path === undefined && context.path !== undefined) {
    open.path = context.path;
    open.reason = context.reason;
  }
  if (context.sent !== undefined) open.sent = context.sent;
  if (context.retry !== undefined) open.retry = context.retry;
  return error;
}
