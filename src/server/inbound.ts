import type { MethodContract } from '../contract/define-service.js';
import type { Call, HandlerContext, Metadata, PathChoice } from '../core/call.js';
import type { Clock, Timer } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import type { TracedServerCall } from '../core/tracing.js';
import type { Message, ReplyAddress } from '../framing/framing.js';
import type { ServerConnection } from '../transport/server-connection.js';

/**
 * One request that is being served: the way back to who asked, and what its handler is told. The signal, its timer and
 * the response's metadata are made when a handler asks for them: most never do.
 */
export class Inbound implements HandlerContext, ReplyAddress {
  readonly requestId: number;
  readonly tag: number;
  readonly oneway: boolean;
  deadline = Number.POSITIVE_INFINITY;
  /**
   * Nothing is to be written for what the handler returns: it has answered by itself, or was told that its caller gave up
   * at the deadline, with whose own failure an answer would only race.
   */
  isAnswered = false;
  service = '';
  method = '';
  metadata!: Metadata;
  /** Where somebody listens: what they are told of the call. */
  trace: TracedServerCall | undefined = undefined;
  private sentBack: Metadata | undefined = undefined;
  private aborter: AbortController | undefined = undefined;
  private timer: Timer | undefined = undefined;

  constructor(
    readonly connection: ServerConnection,
    request: Message,
    private readonly clock: Clock,
  ) {
    this.requestId = request.requestId;
    this.tag = request.tag;
    this.oneway = request.kind === 'oneway';
    if (request.timeoutMs > 0) this.deadline = connection.lastReadAt + request.timeoutMs;
  }

  /** Sets the deadline by what the request itself says is left. Undefined: it does not say. */
  allow(remainingMs: number | undefined): void {
    if (remainingMs !== undefined) this.deadline = this.connection.lastReadAt + remainingMs;
  }

  /** Whether it is still worth running. A oneway call is, without anybody there. */
  isAwaited(now: number): boolean {
    return now < this.deadline && (this.oneway || this.connection.closedBecause === undefined);
  }

  get remoteAddress(): string {
    return this.connection.remote;
  }

  remainingMs(): number {
    return Math.max(0, this.deadline - this.clock.now());
  }

  get responseMetadata(): Metadata {
    this.sentBack ??= Object.create(null) as Metadata;
    return this.sentBack;
  }

  /** What the handler wants sent back; undefined where it did not ask. */
  get sendBack(): Metadata | undefined {
    return this.sentBack;
  }

  get signal(): AbortSignal {
    this.aborter ??= this.watch();
    return this.aborter.signal;
  }

  private watch(): AbortController {
    const aborter = new AbortController();
    const { closedBecause } = this.connection;
    if (closedBecause !== undefined) aborter.abort(closedBecause);
    else {
      this.connection.abortables.add(this);
      if (this.deadline !== Number.POSITIVE_INFINITY) {
        const late = () => {
          this.isAnswered = true;
          this.abort(
            new MeshError('DEADLINE_EXCEEDED', `the caller of ${this.method} gave up at its deadline`),
          );
        };
        this.timer = this.clock.schedule(late, this.remainingMs()).unref();
      }
    }
    return aborter;
  }

  /** The caller is gone, its deadline has passed, or the server gives up. */
  abort(reason: MeshError): void {
    this.end();
    this.aborter?.abort(reason);
  }

  /** The call has ended: nothing is left to abort. */
  end(): void {
    if (this.aborter === undefined) return;
    this.timer?.cancel();
    this.connection.abortables.delete(this);
  }
}

const UNTRIED: readonly Endpoint[] = Object.freeze([]);
/** The way of every call that ends in this process, and of its reply. */
export const SERVED_HERE: PathChoice = Object.freeze({ path: 'direct', reason: 'served here' });

/** The call that an {@link Inbound} is about, as the server's chain sees it. */
export class InboundCall implements Call {
  readonly service: string;
  readonly method: string;
  readonly metadata: Metadata;
  readonly deadline: number;
  readonly signal = undefined;
  readonly idempotent: boolean;
  readonly oneway: boolean;
  readonly endpoint = undefined;
  readonly tried = UNTRIED;
  readonly via = SERVED_HERE;

  constructor(
    readonly context: Inbound,
    method: MethodContract,
    readonly args: readonly unknown[],
  ) {
    this.service = context.service;
    this.method = context.method;
    this.metadata = context.metadata;
    this.deadline = context.deadline;
    this.idempotent = method.idempotent;
    this.oneway = context.oneway;
  }
}
