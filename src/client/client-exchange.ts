import type { ConnectionLease } from '../balancing/lease.js';
import type { ByteWriter } from '../core/bytes.js';
import type { Call, Handler, Reply } from '../core/call.js';
import type { Endpoint } from '../core/endpoint.js';
import { addContext, type ErrorContext, MeshError } from '../core/errors.js';
import { type Outcome, outcomeOf } from '../core/outcome.js';
import { TracedAttempt, type TracedCall } from '../core/tracing.js';
import type { CallPlan } from '../framing/call-plan.js';
import type { Message, MethodFraming } from '../framing/framing.js';
import { replyTo } from '../framing/reply.js';
import { Exchange } from '../transport/exchange.js';
import type { ClientRuntime } from './runtime.js';

/** A call that a connection was picked for. Interceptors of the attempt see it as a Call, with its endpoint. */
export interface Attempt extends Call {
  endpoint: Endpoint | undefined;
  lease: ConnectionLease | undefined;
  /** How to encode and decode it: made once a method. */
  readonly plan: CallPlan;
  /** Of its call, where somebody listens. */
  readonly trace: TracedCall | undefined;
}

/** The end of an attempt chain: sends what was picked for on the connection of its lease. */
export function sendOn(runtime: ClientRuntime): Handler {
  return (call) => {
    const { plan, lease, trace } = call as Partial<Attempt>;
    if (plan === undefined || lease === undefined) return Promise.reject(unknownCall(call));
    const attempt = call as Attempt;
    return trace === undefined
      ? send(attempt, lease, runtime, undefined)
      : sendTraced(attempt, lease, runtime, trace);
  };
}

/** By itself: a closure here costs nothing where nobody listens. */
function sendTraced(
  call: Attempt,
  lease: ConnectionLease,
  runtime: ClientRuntime,
  trace: TracedCall,
): Promise<Reply> {
  const attempt = new TracedAttempt(trace, call, lease.endpoint.address, runtime.clock);
  return attempt.follow(() => send(call, lease, runtime, attempt));
}

function send(
  call: Attempt,
  lease: ConnectionLease,
  runtime: ClientRuntime,
  trace: TracedAttempt | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    new ClientExchange(call, lease, runtime, trace, resolve, reject).start();
  });
}

function unknownCall({ service, method }: Call): MeshError {
  return new MeshError(
    'INVALID_ARGUMENT',
    'an interceptor passed on a call that it made itself: it must pass on the one that it was given, or a copy, { ...call, .. }',
    { service, method },
  );
}

/** One attempt of a call on one connection, and the promise of its reply. */
export class ClientExchange extends Exchange {
  readonly oneway: boolean;
  private startedAt = 0;
  /** How it looks on the connection that it is sent on. */
  private framed: MethodFraming | undefined = undefined;

  constructor(
    private readonly call: Attempt,
    private readonly lease: ConnectionLease,
    private readonly runtime: ClientRuntime,
    private readonly trace: TracedAttempt | undefined,
    private readonly resolve: (reply: Reply) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    super();
    this.oneway = call.oneway;
    this.deadline = call.deadline;
  }

  /** Sends the request, or rejects. */
  start(): void {
    const { signal, deadline } = this.call;
    this.startedAt = this.runtime.turnClock.now();
    this.lease.start();
    if (signal?.aborted) {
      this.settle(cancelled(signal), false);
      return;
    }
    try {
      this.lease.connection.send(this);
    } catch (error) {
      this.settle(error, false);
      return;
    }
    if (this.oneway) {
      // Nothing is learnt of a provider that does not answer.
      this.release('unknown');
      this.resolve(replyTo(this.call, undefined));
      return;
    }
    if (deadline !== Number.POSITIVE_INFINITY) this.runtime.wheel.add(this);
    signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  encode(out: ByteWriter, requestId: number): void {
    const left = this.deadline - this.startedAt;
    if (left <= 0)
      throw new MeshError('DEADLINE_EXCEEDED', 'the deadline had passed before the request was written');
    const { framing, isFresh } = this.lease.connection;
    const start = out.pos;
    this.framed = this.call.plan.on(framing);
    this.framed.writeRequest(out, this.call, requestId, left, isFresh);
    if (this.trace !== undefined) this.trace.requestBytes = out.pos - start;
  }

  complete(response: Message): void {
    this.leave();
    if (this.trace !== undefined) this.trace.responseBytes = response.byteLength;
    let reply: Reply;
    try {
      reply = (this.framed as MethodFraming).readReply(response, this.call);
    } catch (error) {
      this.settle(error, true);
      // A server that refuses because it stops (Java: RPC-019990009) closes soon.
      if (MeshError.is(error) && error.code === 'SHUTTING_DOWN') this.lease.providerStops();
      return;
    }
    this.release('answered');
    this.resolve(reply);
  }

  fail(error: MeshError, sent: boolean): void {
    this.leave();
    // Every call gets an error of its own: they differ in what they say of the call.
    this.settle(new MeshError(error.code, error.message, { cause: error, retry: 'if-idempotent' }), sent);
  }

  onDeadline(): void {
    this.call.signal?.removeEventListener('abort', this.onAbort);
    const sent = this.lease.connection.expire(this, this.startedAt);
    const { address } = this.lease.endpoint;
    const what = `${this.call.service} ${this.call.method}`;
    this.settle(
      new MeshError('DEADLINE_EXCEEDED', `no response from ${address} to ${what} before its deadline`),
      sent,
    );
  }

  private readonly onAbort = (): void => {
    this.leave();
    const sent = this.lease.connection.forget(this);
    this.settle(cancelled(this.call.signal), sent);
  };

  private leave(): void {
    if (this.deadline !== Number.POSITIVE_INFINITY) this.runtime.wheel.remove(this);
    this.call.signal?.removeEventListener('abort', this.onAbort);
  }

  private settle(error: unknown, sent: boolean): void {
    const { service, method } = this.call;
    const context: ErrorContext = {
      service,
      method,
      endpoint: this.lease.endpoint.address,
      path: this.call.via.path,
      reason: this.call.via.reason,
      sent,
    };
    // What never left this process was not executed.
    if (!sent && MeshError.is(error) && error.retry === 'if-idempotent') context.retry = 'safe';
    const failure = addContext(error, context);
    this.release(outcomeOf(failure));
    this.reject(failure);
  }

  private release(outcome: Outcome): void {
    const now = this.runtime.turnClock.now();
    this.lease.release(outcome, now - this.startedAt, now);
  }
}

function cancelled(signal: AbortSignal | undefined): MeshError {
  return new MeshError('CANCELLED', 'the caller cancelled the call', { cause: signal?.reason });
}
