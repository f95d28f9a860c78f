import { type Frame, TYPE_ONEWAY } from '../bolt/frame.js';
import type { MethodContract } from '../contract/define-service.js';
import type { Metadata } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import { runInContext } from '../core/context.js';
import { MeshError } from '../core/errors.js';
import { Refusals, type ReplyAddress, serviceIdOf } from '../protocol/server-plan.js';
import type { InboundBody } from '../serialization/serializer.js';
import type { Serializers } from '../serialization/serializers.js';
import type { ServerConnection } from '../transport/server-connection.js';
import type { HostedService, InboundCall } from './hosted-service.js';
import { InboundContext } from './inbound-context.js';

const NO_METADATA: Metadata = Object.freeze({});
const UNTRIED = Object.freeze([]);

/** One request being served, and the way back to who asked. */
class Exchange implements ReplyAddress {
  readonly requestId: number;
  readonly proto: number;
  readonly ver1: number;
  readonly switch: number;
  readonly codec: number;
  readonly oneway: boolean;

  constructor(
    readonly connection: ServerConnection,
    frame: Frame,
  ) {
    this.requestId = frame.requestId;
    this.proto = frame.proto;
    this.ver1 = frame.ver1;
    this.switch = frame.switch;
    this.codec = frame.codec;
    this.oneway = frame.type === TYPE_ONEWAY;
  }
}

/** From request frame to response frame: finds the service, reads the arguments, runs the chain, writes the answer. */
export class Dispatcher {
  readonly refusals: Refusals;
  private readonly services = new Map<string, HostedService>();
  /** Calls that are being served, by connection: their signals are aborted when it is lost. */
  private readonly running = new Map<ServerConnection, Set<InboundContext>>();
  private count = 0;
  private whenIdle: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly serializers: Serializers,
  ) {
    this.refusals = new Refusals(serializers.hessian);
  }

  /** Calls that are being served. */
  get runningCount(): number {
    return this.count;
  }

  /** @throws MeshError INVALID_ARGUMENT where a service of that id is there. */
  add(service: HostedService): void {
    const { id } = service.contract;
    if (this.services.has(id)) {
      throw new MeshError('INVALID_ARGUMENT', `${id} was added before; two implementations need different versions or uniqueIds`);
    }
    this.services.set(id, service);
  }

  /** Serves one request. Never throws but for a frame that cannot be Bolt: its headers are broken. */
  dispatch(connection: ServerConnection, frame: Frame): void {
    const exchange = new Exchange(connection, frame);
    const id = serviceIdOf(frame);
    const service = id === undefined ? undefined : this.services.get(id);
    if (service === undefined || service.serializer.codecId !== frame.codec) {
      this.refuse(exchange, id, service);
      return;
    }
    let body: InboundBody;
    try {
      body = service.plan.readRequest(frame);
    } catch (error) {
      if (!exchange.oneway) service.plan.writeRefusal(connection.output(), exchange, asMeshError(error));
      return;
    }
    this.run(exchange, service, body, frame);
  }

  private refuse(exchange: Exchange, id: string | undefined, service: HostedService | undefined): void {
    if (exchange.oneway) return;
    const out = exchange.connection.output();
    const serializer = this.serializers.byCodec(exchange.codec);
    if (serializer === undefined) {
      const message = `no serializer for codec ${exchange.codec}; this server reads 1 (hessian2), 11 (protobuf) and 12 (json)`;
      this.refusals.refused(out, exchange, new MeshError('DECODE_FAILED', message));
    } else if (id === undefined) {
      const message = "the request has no header 'service', so it cannot be routed";
      this.refusals.refused(out, exchange, new MeshError('DECODE_FAILED', message));
    } else if (service === undefined) {
      this.refusals.notFound(out, exchange, serializer, `RPC-020100010: RPC cannot find service: [${id}]`);
    } else {
      const message = `${id} is served with codec ${service.serializer.codecId}, the request uses ${exchange.codec}`;
      this.refusals.refused(out, exchange, new MeshError('DECODE_FAILED', message));
    }
  }

  private run(exchange: Exchange, service: HostedService, { method, args, props }: InboundBody, frame: Frame): void {
    const { connection } = exchange;
    const deadline = frame.timeout > 0 ? this.clock.now() + frame.timeout : Number.POSITIVE_INFINITY;
    const header = { buf: frame.buf, start: frame.headerStart, end: frame.contentStart };
    const context = new InboundContext(
      service.contract.id,
      method.name,
      deadline,
      connection.remote,
      this.clock,
      header,
      props,
    );
    const call: InboundCall = {
      service: service.contract.id,
      method: method.name,
      args,
      get metadata() {
        return context.metadata;
      },
      deadline,
      signal: undefined,
      idempotent: method.idempotent,
      oneway: exchange.oneway,
      endpoint: undefined,
      tried: UNTRIED,
      plan: undefined,
      context,
    };
    this.begin(connection, context);
    runInContext(context, service.handlerOf(method), call).then(
      (reply) => this.answer(exchange, service, method, context, reply.value),
      (error) => this.answerThrown(exchange, service, method, context, error),
    );
  }

  private answer(to: Exchange, service: HostedService, method: MethodContract, context: InboundContext, value: unknown): void {
    if (!to.oneway && !to.connection.isClosed) {
      service.plan.writeValue(to.connection.output(), to, method, value, context.sendBack ?? NO_METADATA);
    }
    this.end(to.connection, context);
  }

  private answerThrown(to: Exchange, service: HostedService, method: MethodContract, context: InboundContext, error: unknown): void {
    if (!to.oneway && !to.connection.isClosed) {
      service.plan.writeThrown(to.connection.output(), to, method, error, context.sendBack ?? NO_METADATA);
    }
    this.end(to.connection, context);
  }

  private begin(connection: ServerConnection, context: InboundContext): void {
    this.count++;
    let contexts = this.running.get(connection);
    if (contexts === undefined) {
      contexts = new Set();
      this.running.set(connection, contexts);
    }
    contexts.add(context);
  }

  private end(connection: ServerConnection, context: InboundContext): void {
    context.end();
    this.running.get(connection)?.delete(context);
    this.count--;
    if (this.count === 0) this.whenIdle?.();
  }

  /** The connection is gone: nobody waits for its calls. */
  connectionLost(connection: ServerConnection, reason: MeshError): void {
    const contexts = this.running.get(connection);
    this.running.delete(connection);
    if (contexts !== undefined) for (const context of contexts) context.abort(reason);
  }

  /** Resolves when no call is being served. */
  idle(): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.whenIdle = resolve;
    });
  }

  /** Tells every running call that the server will not wait for it. */
  abortAll(reason: MeshError): void {
    for (const contexts of this.running.values()) for (const context of contexts) context.abort(reason);
  }
}

function asMeshError(error: unknown): MeshError {
  if (MeshError.is(error)) return error;
  return new MeshError('DECODE_FAILED', error instanceof Error ? error.message : String(error), { cause: error });
}
