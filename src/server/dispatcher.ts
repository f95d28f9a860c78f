import type { MethodContract } from '../contract/define-service.js';
import type { Handler, Reply } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import { runInContext } from '../core/context.js';
import { MeshError } from '../core/errors.js';
import { publishRefused } from '../core/events.js';
import { Latch } from '../core/latch.js';
import { areServerCallsHeard, TracedServerCall } from '../core/tracing.js';
import type {
  FramedRequest,
  Framing,
  Message,
  Refusal,
  ServerFraming,
  ServerFramingEnv,
} from '../framing/framing.js';
import { NO_METADATA } from '../framing/reply.js';
import type { ServerConnection } from '../transport/server-connection.js';
import type { Admission, Waiting } from './admission.js';
import { type FramedService, FramedServices } from './framed-services.js';
import type { Hosted } from './hosted.js';
import { Inbound, InboundCall } from './inbound.js';
import { RoughClock } from './rough-clock.js';

const NO_SERVICE = new MeshError('DECODE_FAILED', 'the request names no service, so it cannot be routed');
const BUSY: Refusal = Object.freeze({ kind: 'busy' });

/** From request to response: finds the service, reads the arguments, runs the chain, writes the answer. */
export class Dispatcher {
  /** What is served in each framing. */
  readonly sinks: readonly FramedServices[];
  private readonly time: RoughClock;
  private readonly ids = new Set<string>();
  private count = 0;
  private refusedCount = 0;
  private expiredCount = 0;
  private readonly whenIdle = new Latch();
  private stopped: string | undefined;

  constructor(
    private readonly clock: Clock,
    framings: readonly Framing[],
    env: ServerFramingEnv,
    private readonly admission: Admission,
  ) {
    this.sinks = framings.map((framing) => new FramedServices(framing, env, this.dispatch));
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
    if (this.ids.has(id)) {
      throw new MeshError(
        'INVALID_ARGUMENT',
        `${id} was added before; two implementations need different versions or uniqueIds`,
      );
    }
    const framed = this.sinks.map((sink) => sink.framed(service));
    this.sinks.forEach((sink, i) => {
      sink.add(framed[i]);
    });
    this.ids.add(id);
  }

  /** Hands over every request that no service was added for. */
  addForOthers(hosted: Hosted): void {
    for (const sink of this.sinks) sink.addForOthers(sink.framed(hosted));
  }

  /** Serves one request. Never throws but for one that cannot be of its framing. */
  private readonly dispatch = (
    connection: ServerConnection,
    request: Message,
    services: FramedServices,
  ): void => {
    const { server } = services;
    const inbound = new Inbound(connection, request, this.clock);
    const id = server.serviceIdOf(request);
    if (this.stopped !== undefined) {
      publishRefused('stopping', connection.remote, id);
      this.refuse(inbound, server, { kind: 'stopped', address: this.stopped });
      return;
    }
    const service = services.of(id);
    if (service !== undefined) {
      this.take(inbound, request, id, service);
      return;
    }
    if (id === undefined) publishRefused('undecodable', connection.remote, id, undefined, NO_SERVICE);
    else publishRefused('unknown-service', connection.remote, id);
    this.refuse(inbound, server, { kind: 'unknown-service', service: id });
  };

  private take(inbound: Inbound, request: Message, id: string | undefined, service: FramedService): void {
    const { connection } = inbound;
    if (this.isLate(inbound)) {
      publishRefused('expired', connection.remote, id);
      return;
    }
    // Before anything is decoded: a server that is busy must refuse cheaply.
    if (!this.admission.hasRoom()) {
      this.refusedCount++;
      publishRefused('busy', connection.remote, id);
      this.refuse(inbound, service.server, BUSY);
      return;
    }
    let body: FramedRequest;
    try {
      body = service.framed.readRequest(request);
    } catch (thrown) {
      const error = asMeshError(thrown);
      const reason = error.code === 'METHOD_NOT_FOUND' ? 'unknown-method' : 'undecodable';
      publishRefused(reason, connection.remote, id, error.method, error);
      this.refuse(inbound, service.server, { kind: 'rejected', error });
      return;
    }
    const { method } = body;
    inbound.service = id ?? service.hosted.id;
    inbound.method = method.name;
    inbound.metadata = body.metadata;
    if (body.timeoutMs !== undefined) {
      inbound.allow(body.timeoutMs);
      if (this.isLate(inbound)) {
        publishRefused('expired', connection.remote, inbound.service, inbound.method);
        return;
      }
    }
    const call = new InboundCall(inbound, method, body.args);
    if (areServerCallsHeard()) {
      const { remote, lastReadAt } = connection;
      inbound.trace = new TracedServerCall(call, remote, request.byteLength, this.clock, lastReadAt);
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

  private admit(inbound: Inbound, service: FramedService, method: MethodContract, call: InboundCall): void {
    this.count++;
    inbound.connection.running++;
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

  /** From now on every request is told that the server at `address` was stopped. */
  refuseNew(address: string): void {
    this.stopped = address;
  }

  private refuse(inbound: Inbound, server: ServerFraming, refusal: Refusal): void {
    if (!inbound.oneway) server.writeRefusal(inbound.connection.output(), inbound, refusal);
  }

  private run(inbound: Inbound, service: FramedService, method: MethodContract, call: InboundCall): void {
    this.serve(inbound, service.hosted.handlerOf(method), call).then(
      (reply) => {
        const { connection } = inbound;
        if (connection.isBlocked) connection.hold(() => this.answer(inbound, service, method, reply));
        else this.answer(inbound, service, method, reply);
        this.admission.leave();
      },
      (error) => {
        const { connection } = inbound;
        if (connection.isBlocked) connection.hold(() => this.answerThrown(inbound, service, method, error));
        else this.answerThrown(inbound, service, method, error);
        this.admission.leave();
      },
    );
  }

  private answer(
    inbound: Inbound,
    service: FramedService,
    method: MethodContract,
    reply: Reply | undefined,
  ): void {
    if (reply === undefined) {
      this.answerThrown(inbound, service, method, noReply());
      return;
    }
    if (this.awaitsAnswer(inbound)) {
      const out = inbound.connection.output();
      const start = out.pos;
      const { value } = reply;
      const failure = service.framed.writeReply(out, inbound, method, value, inbound.sendBack ?? NO_METADATA);
      inbound.trace?.answered(out.pos - start, failure);
    }
    this.end(inbound);
  }

  private answerThrown(
    inbound: Inbound,
    service: FramedService,
    method: MethodContract,
    error: unknown,
  ): void {
    inbound.trace?.failed(error);
    if (this.awaitsAnswer(inbound)) {
      const out = inbound.connection.output();
      const start = out.pos;
      if (isRefusal(error)) service.server.writeRefusal(out, inbound, { kind: 'rejected', error });
      else service.framed.writeError(out, inbound, method, error, inbound.sendBack ?? NO_METADATA);
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
    inbound.connection.running--;
    if (this.count === 0) this.whenIdle.open();
  }

  /** Resolves when every call that was taken has ended. */
  idle(): Promise<void> {
    return this.whenIdle.wait(this.count === 0);
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
