import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import type { Call, Metadata, Reply } from './call.js';
import type { Clock } from './clock.js';
import { type CallPath, MeshError } from './errors.js';
import {
  type AttemptTrace,
  type CallTrace,
  DIAGNOSTICS_VERSION,
  type ServerCallTrace,
  type TracedOperation,
} from './operations.js';

type Channels = TracingChannel<unknown, object>;

const calls: Channels = tracingChannel('sofa-mesh-sdk:client.call');
const attempts: Channels = tracingChannel('sofa-mesh-sdk:client.attempt');
const serverCalls: Channels = tracingChannel('sofa-mesh-sdk:server.call');

/** Whether anybody listens to a client's calls or their attempts. */
export function areCallsHeard(): boolean {
  return calls.hasSubscribers || attempts.hasSubscribers;
}

/** Whether anybody listens to the calls that servers run. */
export function areServerCallsHeard(): boolean {
  return serverCalls.hasSubscribers;
}

/**
 * An operation that somebody listens to. It is the payload of its own events; they are published here and not by
 * tracePromise, which costs 17 us a call.
 */
abstract class Traced implements TracedOperation {
  readonly version = DIAGNOSTICS_VERSION;
  readonly service: string;
  readonly method: string;
  readonly idempotent: boolean;
  readonly oneway: boolean;
  readonly timeoutMs: number;
  readonly startedAt: number;
  durationMs: number | undefined = undefined;
  error: unknown = undefined;
  // Not a part of the payload.
  readonly #channels: Channels;
  readonly #clock: Clock;
  readonly #start: number;

  /** `start`: when it began, in the clock's milliseconds; now, where it is left out. */
  constructor(channels: Channels, call: Call, clock: Clock, start?: number) {
    const now = clock.now();
    this.#channels = channels;
    this.#clock = clock;
    this.#start = start ?? now;
    this.service = call.service;
    this.method = call.method;
    this.idempotent = call.idempotent;
    this.oneway = call.oneway;
    this.timeoutMs = call.deadline - this.#start;
    this.startedAt = clock.wallTime() - (now - this.#start);
  }

  /** Milliseconds since it began. */
  protected elapsed(): number {
    return this.#clock.now() - this.#start;
  }

  /** Publishes `start`, runs `work` inside of what is bound to that channel, and publishes `end`. */
  run<T>(work: () => T): T {
    const { start, end } = this.#channels;
    return start.runStores(this, () => {
      try {
        return work();
      } finally {
        end.publish(this);
      }
    });
  }

  /** As {@link run}, and publishes how the promise ends. `work` never throws. */
  follow<T>(work: () => Promise<T>): Promise<T> {
    return this.run(() =>
      work().then(
        (value) => {
          this.finish();
          return value;
        },
        (error) => {
          this.failed(error);
          this.finish();
          throw error;
        },
      ),
    );
  }

  /** Says why it failed. It is over with {@link finish}. */
  failed(error: unknown): void {
    this.error = error === undefined ? new Error('undefined was thrown') : error;
  }

  /** It is over. */
  finish(): void {
    const { asyncStart, asyncEnd, error } = this.#channels;
    this.durationMs = this.elapsed();
    if (this.error !== undefined) error.publish(this);
    asyncStart.publish(this);
    asyncEnd.publish(this);
  }
}

/** A client's call that somebody listens to. */
export class TracedCall extends Traced implements CallTrace {
  readonly side = 'client';
  readonly metadata: Metadata;
  attempts = 0;
  path: CallPath | undefined = undefined;
  reason: string | undefined = undefined;
  endpoint: string | undefined = undefined;

  constructor(call: Call, clock: Clock) {
    super(calls, call, clock);
    this.metadata = call.metadata;
  }

  /** An interceptor may have lost the reply. */
  answered(reply: Reply | undefined): void {
    this.path = reply?.path;
    this.reason = reply?.reason;
    this.endpoint = reply?.endpoint?.address;
  }

  override failed(error: unknown): void {
    super.failed(error);
    if (!MeshError.is(error)) return;
    // What select throws comes after the reply.
    this.path ??= error.path;
    this.reason ??= error.reason;
    this.endpoint ??= error.endpoint;
  }
}

/** An attempt of a {@link TracedCall}. */
export class TracedAttempt extends Traced implements AttemptTrace {
  readonly side = 'client';
  readonly attempt: number;
  readonly metadata: Metadata;
  readonly path: CallPath;
  readonly reason: string;
  requestBytes: number | undefined = undefined;
  responseBytes: number | undefined = undefined;

  constructor(
    readonly call: TracedCall,
    attempt: Call,
    readonly endpoint: string,
    clock: Clock,
  ) {
    super(attempts, attempt, clock);
    this.attempt = ++call.attempts;
    this.metadata = attempt.metadata;
    this.path = attempt.via.path;
    this.reason = attempt.via.reason;
  }
}

/** A call that a server runs and somebody listens to. */
export class TracedServerCall extends Traced implements ServerCallTrace {
  readonly side = 'server';
  readonly metadata: Readonly<Metadata>;
  queuedMs = 0;
  responseBytes: number | undefined = undefined;

  /** `readAt`: when the request was read, in the clock's milliseconds. */
  constructor(
    call: Call,
    readonly remote: string,
    readonly requestBytes: number,
    clock: Clock,
    readAt: number,
  ) {
    super(serverCalls, call, clock, readAt);
    this.metadata = call.metadata;
  }

  /** Its turn has come. */
  override run<T>(work: () => T): T {
    this.queuedMs = this.elapsed();
    return super.run(work);
  }

  /** A response was written; with an error, where it says so. */
  answered(bytes: number, error?: unknown): void {
    this.responseBytes = bytes;
    if (error !== undefined) this.failed(error);
  }
}
