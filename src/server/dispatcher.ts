import type { Frame } from '../bolt/frame.js';
import type { MethodContract } from '../contract/define-service.js';
import type { Handler, Metadata, Reply } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import { runInContext } from '../core/context.js';
import { MeshError } from '../core/errors.js';
import { publishRefused } from '../core/events.js';
import { Interner } from '../core/interner.js';
import { areServerCallsHeard, TracedServerCall } from '../core/tracing.js';
import { Refusals, remainingMsOf, type ServerPlan, serviceIdOf } from '../protocol/server-plan.js';
import type { InboundBody } from '../serialization/serializer.js';
import type { Serializers } from '../serialization/serializers.js';
import type { ServerConnection } from '../transport/server-connection.js';
import type { Admission, Waiting } from './admission.js';
import type { Hosted } from './hosted.js';
import { Inbound, InboundCall } from './inbound.js';
import { requestMetadata } from './request-metadata.js';
import { RoughClock } from './rough-clock.js';

const NO_METADATA: Metadata = Object.freeze({});

/** From request frame to response frame: finds the service, reads the arguments, runs the chain, writes the answer. */
export class Dispatcher {
  readonly refusals: Refusals;
  /** Service ids and method names that repeat. */
  readonly texts = new Interner();
  private readonly time: RoughClock;
  private readonly services = new Map<string, Hosted>();
  /** Answers for what no service was added for; undefined where nobody does. */
  private others: Hosted | undefined;
  private count = 0;
  private refusedCount = 0;
  private expiredCount = 0;
  private whenIdle: (() => void) | undefined;
  private stopped: string | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly serializers: Serializers,
    private readonly admission: Admission,
  ) {
    this.refusals = new Refusals(serializers.hessian);
    this.time = new RoughClock(clock);
  }

  /** Calls that were taken and have not ended: they run, wait for a place, or wait until their answer can be written. */
  get openCount(): number {
    return this.count;
  }

  /** Calls that there was no place for, since the start. */
  get refused(): number {
    return this.refusedCount;
  }

  /** Calls that were not run because their caller had given up, since the start. */
  get expired(): number {
    return this.expiredCount;
  }

  /** @throws MeshError INVALID_ARGUMENT where a service of that id is there. */
  add(service: Hosted): void {
    const { id } = service;
    if (this.services.has(id)) {
      throw new MeshError(
        'INVALID_ARGUMENT',
        `${id} was added before; two implementations need different versions or uniqueIds`,
      );
    }
    this.services.set(id, service);
  }

  /** Hands over every request that no service was added for. */
  addForOthers(hosted: Hosted): void {
    this.others = hosted;
  }

  /** Serves one request. Never throws but for a frame whose headers are broken: it cannot be Bolt. */
  dispatch(connection: ServerConnection, frame: Frame): void {
    const inbound = new Inbound(connection, frame, this.clock);
    const id = serviceIdOf(frame, this.texts);
    if (this.stopped !== undefined) {
      publishRefused('stopping', connection.remote, id);
      this.refuseStopped(inbound, this.stopped);
      return;
    }
    const service = (id === undefined ? undefined : this.services.get(id)) ?? this.others;
    if (service === undefined || !service.reads(frame.codec)) {
      this.refuse(inbound, id, service);
      return;
    }
    this.take(inbound, frame, id, service);
  }

  private take(inbound: Inbound, frame: Frame, id: string | undefined, service: Hosted): void {
    const { connection } = inbound;
    if (this.isLate(inbound)) {
      publishRefused('expired', connection.remote, id);
      return;
    }
    // Before anything is decoded: a server that is busy must refuse cheaply.
    if (!this.admission.hasRoom()) {
      this.refusedCount++;
      publishRefused('busy', connection.remote, id);
      if (!inbound.oneway) this.refusals.busy(connection.output(), inbound);
      return;
    }
    let body: InboundBody;
    try {
      body = service.plan.readRequest(frame);
    } catch (thrown) {
      const error = asMeshError(thrown);
      const reason = error.code === 'METHOD_NOT_FOUND' ? 'unknown-method' : 'undecodable';
      publishRefused(reason, connection.remote, id, error.method, error);
      if (!inbound.oneway) service.plan.writeRefusal(connection.output(), inbound, error);
      return;
    }
    const { method } = body;
    inbound.service = id ?? service.id;
    inbound.method = method.name;
    inbound.metadata = requestMetadata(frame.buf, frame.headerStart, frame.contentStart, body.props);
    if (frame.timeout <= 0) {
      inbound.allow(remainingMsOf(frame, body.props));
      if (this.isLate(inbound)) {
        publishRefused('expired', connection.remote, inbound.service, inbound.method);
        return;
      }
    }
    const call = new InboundCall(inbound, method, body.args);
    if (areServerCallsHeard()) {
      const { remote, lastReadAt } = connection;
      inbound.trace = new TracedServerCall(call, remote, frame.end - frame.start, this.clock, lastReadAt);
    }
    this.admit(inbound, service, method, call);
  }

  /** Whether the caller has given up. Nobody waits for an answer then, and none is sent, as by Java (bolt's RpcRequestProcessor). */
  private isLate(inbound: Inbound): boolean {
    const { deadline, connection } = inbound;
    if (deadline === Number.POSITIVE_INFINITY || this.time.now(connection.lastReadAt) < deadline)
      return false;
    this.expiredCount++;
    return true;
  }

  private admit(inbound: Inbound, service: Hosted, method: MethodContract, call: InboundCall): void {
    this.count++;
    if (this.admission.enter()) this.run(inbound, service, method, call);
    else {
      const run = () => this.run(inbound, service, method, call);
      const drop = () => {
        this.expiredCount++;
        publishRefused('expired', inbound.connection.remote, inbound.service, inbound.method);
        inbound.trace = undefined;
        this.end(inbound);
      };
      this.admission.wait(new QueuedCall(inbound, run, drop));
    }
  }

  /** From now on every request is answered as a Java server answers when it was stopped: with RPC-019990009. */
  refuseNew(address: string): void {
    this.stopped = `RPC-019990009: RPC server stopped: [${address}]`;
  }

  private refuseStopped(inbound: Inbound, message: string): void {
    const serializer = this.serializers.byCodec(inbound.codec);
    if (serializer === undefined || inbound.oneway) return;
    this.refusals.reported(inbound.connection.output(), inbound, serializer, message);
  }

  private refuse(inbound: Inbound, id: string | undefined, service: Hosted | undefined): void {
    const { connection, codec, oneway } = inbound;
    const serializer = this.serializers.byCodec(codec);
    if (serializer !== undefined && id !== undefined && service === undefined) {
      publishRefused('unknown-service', connection.remote, id);
      const message = `RPC-020100010: RPC cannot find service: [${id}]`;
      if (!oneway) this.refusals.reported(connection.output(), inbound, serializer, message);
      return;
    }
    let message: string;
    if (serializer === undefined)
      message = `no serializer for codec ${codec}; this server reads 1 (hessian2), 11 (protobuf) and 12 (json)`;
    else if (id === undefined) message = "the request has no header 'service', so it cannot be routed";
    else message = `${id} is served with ${service?.codecs}, the request uses ${codec}`;
    const error = new MeshError('DECODE_FAILED', message);
    publishRefused('undecodable', connection.remote, id, undefined, error);
    if (!oneway) this.refusals.refused(connection.output(), inbound, error);
  }

  private run(inbound: Inbound, service: Hosted, method: MethodContract, call: InboundCall): void {
    const { plan } = service;
    this.serve(inbound, service.handlerOf(method), call).then(
      (reply) => {
        const { connection } = inbound;
        if (connection.isBlocked) connection.hold(() => this.answer(inbound, plan, method, reply));
        else this.answer(inbound, plan, method, reply);
        this.admission.leave();
      },
      (error) => {
        const { connection } = inbound;
        if (connection.isBlocked) connection.hold(() => this.answerThrown(inbound, plan, method, error));
        else this.answerThrown(inbound, plan, method, error);
        this.admission.leave();
      },
    );
  }

  private answer(inbound: Inbound, plan: ServerPlan, method: MethodContract, reply: Reply | undefined): void {
    if (reply === undefined) {
      this.answerThrown(inbound, plan, method, noReply());
      return;
    }
    if (this.awaitsAnswer(inbound)) {
      const out = inbound.connection.output();
      const start = out.pos;
      const failure = plan.writeValue(out, inbound, method, reply.value, inbound.sendBack ?? NO_METADATA);
      inbound.trace?.answered(out.pos - start, failure);
    }
    this.end(inbound);
  }

  private answerThrown(inbound: Inbound, plan: ServerPlan, method: MethodContract, error: unknown): void {
    inbound.trace?.failed(error);
    if (this.awaitsAnswer(inbound)) {
      const out = inbound.connection.output();
      const start = out.pos;
      if (isRefusal(error)) plan.writeRefusal(out, inbound, error);
      else plan.writeThrown(out, inbound, method, error, inbound.sendBack ?? NO_METADATA);
      inbound.trace?.answered(out.pos - start);
    }
    this.end(inbound);
  }

  /** What an interceptor throws, or returns instead of a promise, concerns its own call alone. */
  private serve(inbound: Inbound, handler: Handler, call: InboundCall): Promise<Reply> {
    try {
      const { trace } = inbound;
      const replying =
        trace === undefined ? runInContext(inbound, handler, call) : serveTraced(trace, handler, call);
      return replying instanceof Promise ? replying : Promise.resolve(replying);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private awaitsAnswer(inbound: Inbound): boolean {
    return !inbound.oneway && !inbound.isAnswered && inbound.connection.closedBecause === undefined;
  }

  private end(inbound: Inbound): void {
    inbound.end();
    inbound.trace?.finish();
    this.count--;
    if (this.count === 0) this.whenIdle?.();
  }

  /** Resolves when every call that was taken has ended. */
  idle(): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.whenIdle = resolve;
    });
  }
}

/** By itself: a closure here costs nothing where nobody listens. */
function serveTraced(trace: TracedServerCall, handler: Handler, call: InboundCall): Promise<Reply> {
  return trace.run(() => runInContext(call.context, handler, call));
}

/** A call in the queue. */
class QueuedCall implements Waiting {
  next: Waiting | undefined = undefined;

  constructor(
    private readonly inbound: Inbound,
    readonly run: () => void,
    readonly drop: () => void,
  ) {}

  isWanted(now: number): boolean {
    return this.inbound.isAwaited(now);
  }
}

/**
 * An interceptor of the server had no room for the call: BUSY, which callers take for unexecuted. Not what a call made
 * inside a handler came back with: that one knows its service.
 */
function isRefusal(error: unknown): error is MeshError {
  return MeshError.is(error) && error.code === 'OVERLOADED' && error.service === undefined;
}

function noReply(): Error {
  return new Error(
    'an interceptor of the server returned no reply: it must return what next(call) resolves to',
  );
}

function asMeshError(error: unknown): MeshError {
  if (MeshError.is(error)) return error;
  return new MeshError('DECODE_FAILED', error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}
