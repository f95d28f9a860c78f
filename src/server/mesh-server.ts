import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DEFAULT_MAX_FRAME_BYTES } from '../bolt/frame.js';
import type { ServiceContract } from '../contract/define-service.js';
import type { Handlers } from '../contract/types.js';
import type { Interceptor } from '../core/call.js';
import { type Clock, systemClock } from '../core/clock.js';
import { DEFAULT_PORT, endpointOf } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { Serializers } from '../serialization/serializers.js';
import { LivenessRound } from '../transport/liveness.js';
import { OutputPool } from '../transport/output-pool.js';
import { ServerConnection } from '../transport/server-connection.js';
import { Dispatcher } from './dispatcher.js';
import { HostedService } from './hosted-service.js';

export interface MeshServerOptions {
  /** The name of this application. */
  app: string;
  /** Default 12200; 0 takes a free one, which `start()` returns. */
  port?: number;
  /** Default: all interfaces, IPv4 and IPv6, as Java's server. */
  host?: string;
  /** Around every method; the first is the outermost. */
  interceptors?: readonly Interceptor[];
  /** Largest frame that is accepted. Default 16 MiB. */
  maxFrameBytes?: number;
  /** Told why a connection was refused or cut. Default: console. */
  logger?: Pick<Console, 'warn'>;
  /** Default: the machine's. */
  clock?: Clock;
}

const DEFAULT_STOP_TIMEOUT_MS = 10_000;
/** After go-away, time for requests that were already on their way, and for clients to leave by themselves. */
const DRAIN_MS = 200;
/**
 * Between the last reply and the end of a connection: a Java client hands replies to other threads, and fails the calls
 * whose replies these have not reached yet when it sees the connection end (seen with bolt 1.6.10).
 */
const LAST_REPLY_MS = 100;

/** Serves contracts over Bolt, to Java and Node.js clients alike. */
export class MeshServer implements AsyncDisposable {
  private readonly options: MeshServerOptions;
  private readonly clock: Clock;
  private readonly logger: Pick<Console, 'warn'>;
  private readonly pool = new OutputPool();
  private readonly serializers = new Serializers();
  private readonly dispatcher: Dispatcher;
  private readonly connections = new Set<ServerConnection>();
  private readonly liveness: LivenessRound;
  private listener: Server | undefined;
  private stopping: Promise<void> | undefined;
  private whenEmpty: (() => void) | undefined;

  /** @throws MeshError INVALID_ARGUMENT for options out of range. */
  constructor(options: MeshServerOptions) {
    const { maxFrameBytes } = options;
    if (maxFrameBytes !== undefined && !(maxFrameBytes > 0)) {
      throw new MeshError(
        'INVALID_ARGUMENT',
        `MeshServer: maxFrameBytes is ${maxFrameBytes}, it must be a positive number`,
      );
    }
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.logger = options.logger ?? console;
    this.liveness = new LivenessRound(this.clock, this.connections);
    this.dispatcher = new Dispatcher(this.clock, this.serializers);
  }

  /**
   * Adds a service; before or after `start()`.
   * @throws MeshError INVALID_ARGUMENT where the implementation lacks a method, or a service of that id is there.
   */
  add<S extends ServiceContract>(contract: S, implementation: NoInfer<Handlers<S>>): this {
    const { interceptors = [], maxFrameBytes = DEFAULT_MAX_FRAME_BYTES } = this.options;
    const { refusals, texts } = this.dispatcher;
    const serializer = this.serializers.of(contract);
    this.dispatcher.add(
      new HostedService(contract, implementation, serializer, refusals, texts, interceptors, maxFrameBytes),
    );
    return this;
  }

  /**
   * Listens. Resolves to the address that is listened on.
   * @throws MeshError CONNECT_FAILED where the port is taken or must not be used; INVALID_ARGUMENT where it was started before.
   */
  async start(): Promise<{ host: string; port: number }> {
    if (this.listener !== undefined || this.stopping !== undefined) {
      throw new MeshError(
        'INVALID_ARGUMENT',
        'the server was started before; make a new MeshServer to start again',
      );
    }
    const { host, port = DEFAULT_PORT } = this.options;
    const listener = createServer({ noDelay: true }, (socket) => this.accept(socket, remoteOf(socket)));
    this.listener = listener;
    try {
      await listen(listener, host, port);
    } catch (error) {
      this.listener = undefined;
      throw listenFailed(host, port, error);
    }
    listener.on('error', (error) => this.logger.warn(`cannot accept a connection: ${error.message}`));
    const bound = listener.address() as AddressInfo;
    return { host: bound.address, port: bound.port };
  }

  /** Serves a stream that was not accepted by `start()`: an in-memory pair, a connection that was handed over. */
  accept(stream: Duplex, remote = 'an in-memory connection'): void {
    const connection = new ServerConnection({
      stream,
      remote,
      clock: this.clock,
      pool: this.pool,
      maxFrameBytes: this.options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
      onRequest: (from, frame) => this.dispatcher.dispatch(from, frame),
      onClosed: (closed, reason) => this.onClosed(closed, reason),
    });
    this.connections.add(connection);
    if (this.stopping !== undefined) connection.sendGoAway();
    this.liveness.start();
  }

  private onClosed(connection: ServerConnection, reason: MeshError): void {
    this.connections.delete(connection);
    if (reason.code === 'PROTOCOL_VIOLATION')
      this.logger.warn(`connection from ${connection.remote} closed: ${reason.message}`);
    if (this.connections.size === 0) this.whenEmpty?.();
  }

  /**
   * Stops listening and asks the clients that understand it to go away; for a moment, calls that were on their way are
   * still served, then new ones are answered "RPC server stopped", as Java's server does. Running calls may finish for up
   * to `timeoutMs` (default 10,000), then every connection is closed. Calls that still run then are aborted through
   * `ctx.signal`; their callers see the connection close.
   */
  stop(options: { timeoutMs?: number } = {}): Promise<void> {
    this.stopping ??= this.shutDown(options.timeoutMs ?? DEFAULT_STOP_TIMEOUT_MS);
    return this.stopping;
  }

  private async shutDown(timeoutMs: number): Promise<void> {
    const { connections, dispatcher } = this;
    const { name } = this;
    this.listener?.close();
    for (const connection of connections) connection.sendGoAway();
    const limit = new Promise<void>((resolve) => this.clock.schedule(resolve, timeoutMs).unref());
    const drained = Promise.race([this.empty(), this.delay(Math.min(DRAIN_MS, timeoutMs))]);
    const idle = drained.then(() => {
      dispatcher.refuseNew(name);
      return dispatcher.idle();
    });
    await Promise.race([idle.then(() => this.lastRepliesRead()), limit]);
    if (dispatcher.runningCount > 0) {
      const reason = new MeshError(
        'SHUTTING_DOWN',
        `the server stopped and did not wait longer than ${timeoutMs} ms`,
      );
      for (const connection of connections) connection.abort(reason);
    }
    for (const connection of [...connections]) connection.finish();
  }

  private async lastRepliesRead(): Promise<void> {
    if ([...this.connections].every((connection) => connection.understandsGoAway)) return;
    await Promise.race([this.empty(), this.delay(LAST_REPLY_MS)]);
  }

  /** Where it listens, for messages. */
  private get name(): string {
    const bound = this.listener?.address();
    return typeof bound === 'object' && bound !== null
      ? endpointOf(bound.address, bound.port).address
      : this.options.app;
  }

  private empty(): Promise<void> {
    if (this.connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.whenEmpty = resolve;
    });
  }

  private delay(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.schedule(resolve, ms));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function listen(listener: Server, host: string | undefined, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host, port }, () => {
      listener.removeListener('error', reject);
      resolve();
    });
  });
}

function listenFailed(host: string | undefined, port: number, cause: unknown): MeshError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const where = host === undefined ? `port ${port}` : endpointOf(host, port).address;
  const hint =
    code === 'EADDRINUSE'
      ? 'another process listens there; stop it, or choose another port (0 takes a free one)'
      : code === 'EACCES'
        ? 'ports below 1024 need a privilege; choose a higher one'
        : 'check host and port';
  return new MeshError('CONNECT_FAILED', `cannot listen on ${where}: ${message}; ${hint}`, { cause });
}

function remoteOf(socket: Socket): string {
  return endpointOf(socket.remoteAddress ?? 'unknown', socket.remotePort ?? 0).address;
}
