import type { ConnectionLease } from '../balancing/lease.js';
import type { Call, CallOptions, Handler, Metadata, PathChoice, Reply } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import { currentContext } from '../core/context.js';
import type { Endpoint } from '../core/endpoint.js';
import { addContext, type CallPath, MeshError } from '../core/errors.js';
import type { TimerWheel } from '../core/timer-wheel.js';
import { areCallsHeard, TracedCall } from '../core/tracing.js';
import type { CallPlan, PlannedMethod } from '../framing/call-plan.js';
import { type Bound, withinDeadline } from '../resilience/deadline.js';

/** A call as it leaves the caller. A class, and every field there from the start: all calls have one hidden class. */
class OutboundCall implements Call {
  endpoint: Endpoint | undefined = undefined;
  lease: ConnectionLease | undefined = undefined;
  readonly tried: readonly Endpoint[] = NONE_TRIED;
  via: PathChoice = NOT_CHOSEN;
  /** Where somebody listens to calls: what they are told, and what attempts are told with. */
  trace: TracedCall | undefined = undefined;

  constructor(
    readonly service: string,
    readonly method: string,
    readonly args: readonly unknown[],
    readonly metadata: Metadata,
    readonly deadline: number,
    readonly signal: AbortSignal | undefined,
    readonly idempotent: boolean,
    readonly oneway: boolean,
    readonly plan: CallPlan,
  ) {}
}

const NONE_TRIED: readonly Endpoint[] = Object.freeze([]);
/** Until `migrate` has chosen. */
const NOT_CHOSEN: PathChoice = Object.freeze({ path: 'direct', reason: 'no way was chosen yet' });

/** What a caller gets of a reply. */
type Select<T> = (reply: Reply) => T;

/** How one method is called: its plan, its chain, the client's default timeout. */
export class Outbound {
  private readonly method: PlannedMethod;
  private readonly service: string;
  private readonly bound: Bound | undefined;

  constructor(
    private readonly plan: CallPlan,
    private readonly handler: Handler,
    private readonly clock: Clock,
    private readonly defaultTimeoutMs: number,
    /** Where interceptors may keep a call waiting: ends it at its deadline all the same. */
    guard: TimerWheel | undefined,
    /** Told of each call that failed on a way. */
    private readonly onFailed: (path: CallPath) => void,
  ) {
    this.method = plan.method;
    this.service = plan.serviceId;
    const context = { service: this.service, method: this.method.name };
    this.bound = guard && {
      wheel: guard,
      waitingFor: 'the call was on its way',
      context,
      insideFirst: clock,
    };
  }

  /** Starts a call and resolves to what `select` takes of its reply. Never throws: what is wrong with the options rejects. */
  call<T>(args: readonly unknown[], options: CallOptions | undefined, select: Select<T>): Promise<T> {
    const { name, idempotent, oneway } = this.method;
    try {
      const deadline = this.deadlineOf(options);
      const metadata = options?.metadata === undefined ? {} : { ...options.metadata };
      const signal = options?.signal;
      const call = new OutboundCall(
        this.service,
        name,
        args,
        metadata,
        deadline,
        signal,
        idempotent,
        oneway,
        this.plan,
      );
      return areCallsHeard() && this.service !== '' ? this.traced(call, select) : this.send(call, select);
    } catch (error) {
      return Promise.reject(addContext(error, { service: this.service, method: name }));
    }
  }

  private send<T>(call: OutboundCall, select: Select<T>): Promise<T> {
    try {
      const work = this.handler(call);
      if (this.bound === undefined) return work.then(select, this.count);
      return withinDeadline(work, call, this.bound, select).then(undefined, this.count);
    } catch (error) {
      return Promise.reject(addContext(error, { service: this.service, method: call.method }));
    }
  }

  private traced<T>(call: OutboundCall, select: Select<T>): Promise<T> {
    const trace = new TracedCall(call, this.clock);
    call.trace = trace;
    const selectSeen = (reply: Reply) => {
      trace.answered(reply);
      return select(reply);
    };
    return trace.follow(() => this.send(call, selectSeen));
  }

  private readonly count = (error: unknown): never => {
    if (MeshError.is(error) && error.path !== undefined) this.onFailed(error.path);
    throw error;
  };

  private deadlineOf(options: CallOptions | undefined): number {
    const timeoutMs = options?.timeoutMs ?? this.method.timeoutMs ?? this.defaultTimeoutMs;
    if (!(timeoutMs > 0)) {
      throw new MeshError(
        'INVALID_ARGUMENT',
        `timeoutMs is ${timeoutMs}: it must be a positive number of milliseconds`,
      );
    }
    const own = this.clock.now() + timeoutMs;
    if (!this.plan.inheritsDeadline) return own;
    const inherited = currentContext()?.deadline;
    return inherited !== undefined && inherited < own ? inherited : own;
  }
}
