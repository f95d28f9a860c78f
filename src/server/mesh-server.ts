import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServiceContract } from '../contract/define-service.js';
import type { Handlers } from '../contract/types.js';
import { type Clock, systemClock } from '../core/clock.js';
import { DEFAULT_PORT, endpointOf } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { pause } from '../core/pause.js';
import { systemRandom } from '../core/random.js';
import { boltFraming } from '../protocol/framings.js';
import { Announcing } from './announcing.js';
import type { ServerHealth } from './health.js';
import { HealthEndpoint } from './health-endpoint.js';
import { HostedService } from './hosted-service.js';
import { listen, remoteOf, tcpListener } from './listener.js';
import { checkOptions, checkStopOptions, type MeshServerOptions, type StopOptions } from './options.js';
import { Serving } from './serving.js';

const DEFAULT_QUIET_MS = 1_000;
const DEFAULT_STOP_TIMEOUT_MS = 10_000;

/** Where a server listens, and where its probes are answered. */
export interface StartedAt {
  readonly host: string;
  readonly port: number;
  /** Where `health` was asked for. */
  readonly health?: { readonly host: string; readonly port: number };
}

type Phase = 'new' | 'started' | 'stopping' | 'stopped';

/** Serves contracts over Bolt, to Java and Node.js clients alike, and tells registries or the sidecar where. */
export class MeshServer implements AsyncDisposable {
  private readonly options: MeshServerOptions;
  private readonly clock: Clock;
  private readonly warn: (text: string) => void;
  private readonly serving: Serving;
  private readonly announcing: Announcing;
  private readonly healthEndpoint: HealthEndpoint | undefined;
  private listener: Server | undefined;
  private listening: Promise<StartedAt> | undefined;
  /** Where it listens, or else the application, for messages. */
  private name: string;
  private phase: Phase = 'new';
  private stopping: Promise<void> | undefined;

  /** @throws MeshError INVALID_ARGUMENT for options out of range or against each other, or a registry that nothing can be announced at. */
  constructor(options: MeshServerOptions) {
    checkOptions(options);
    const { app, clock = systemClock, random = systemRandom, logger = console } = options;
    this.options = options;
    this.name = app;
    this.clock = clock;
    this.warn = (text) => logger.warn(text);
    const { warn } = this;
    const framings = [boltFraming(), ...(options.framings ?? [])];
    this.serving = new Serving({ ...options, framings, clock, warn });
    this.announcing = new Announcing(options, { clock, random, warn });
    if (options.health !== undefined)
      this.healthEndpoint = new HealthEndpoint(() => this.health(), this.warn);
  }

  /**
   * Adds a service; before or after `start()`. Once the server has started, it is announced as well.
   * @throws MeshError INVALID_ARGUMENT where the implementation lacks a method, or a service of that id is there.
   */
  add<S extends ServiceContract>(contract: S, implementation: NoInfer<Handlers<S>>): this {
    const { interceptors = [] } = this.options;
    this.serving.dispatcher.add(new HostedService(contract, implementation, interceptors));
    this.announcing.announcer.add(contract);
    return this;
  }

  /**
   * Listens, then announces the services. Resolves to the address that is listened on when the registries, or the sidecar,
   * have answered; one that fails, or does not answer for 3 s, does not fail the start: the announcement is repeated until it
   * is made, and `health()` says what is missing.
   * @throws MeshError CONNECT_FAILED where a port is taken or must not be used; INVALID_ARGUMENT where it was started before.
   */
  async start(): Promise<StartedAt> {
    if (this.phase !== 'new' || this.listening !== undefined) {
      throw new MeshError(
        'INVALID_ARGUMENT',
        'the server was started before; make a new MeshServer to start again',
      );
    }
    this.listening = this.listen();
    const at = await this.listening;
    if (this.phase !== 'new')
      throw new MeshError('SHUTTING_DOWN', 'the server was stopped before it had started');
    this.phase = 'started';
    await this.announcing.announcer.start(at);
    return at;
  }

  private async listen(): Promise<StartedAt> {
    const { host, port = DEFAULT_PORT, health } = this.options;
    const { createListener = tcpListener } = this.options;
    const listener = createListener((stream) => this.accept(stream, remoteOf(stream)));
    this.listener = listener;
    try {
      const bound = await listen(listener, host, port, this.warn);
      this.name = endpointOf(bound.host, bound.port).address;
      const probed = health && (await this.healthEndpoint?.listen(health.host ?? host, health.port));
      return probed === undefined ? bound : { ...bound, health: probed };
    } catch (error) {
      listener.close();
      this.listening = undefined;
      throw error;
    }
  }

  /** Serves a stream that was not accepted by `start()`: an in-memory pair, a connection that was handed over. */
  accept(stream: Duplex, remote = 'an in-memory connection'): void {
    this.serving.accept(stream, remote);
  }

  /** How the server is right now. */
  health(): ServerHealth {
    const { admission, connections, dispatcher } = this.serving;
    const { announcer } = this.announcing;
    const reasons = this.reasons();
    const { mode, reason } = announcer.whereabouts();
    return {
      live: this.phase !== 'stopped',
      ready: reasons.length === 0,
      reasons,
      mode,
      reason: this.phase === 'started' ? reason : reasons[0],
      services: announcer.states(),
      connections: connections.count,
      running: admission.runningCount,
      queued: admission.queuedCount,
      refused: dispatcher.refused,
      expired: dispatcher.expired,
    };
  }

  private reasons(): string[] {
    if (this.phase === 'new') return ['the server has not been started'];
    if (this.phase === 'stopping') return ['the server is stopping'];
    if (this.phase === 'stopped') return ['the server has stopped'];
    return this.announcing.announcer.missing();
  }

  /**
   * Stops without failing a call: withdraws the services from the registries and the sidecar, serves for another `quietMs` whoever has not
   * heard of that yet, then stops listening and asks the clients that understand it to go away. Calls that are on their way
   * are still served, later ones are answered "RPC server stopped", as Java's server does. Running calls, and those that
   * wait for a place, may finish for up to `timeoutMs`, then every connection is closed: calls that still run are aborted
   * through `ctx.signal`, and their callers see the connection close. Where other workers of node:cluster go on to serve the
   * port, nothing is withdrawn, and connections are closed between calls before any call is refused. A registry that is down costs two seconds at most.
   *
   * When to stop is the application's to say: `process.once('SIGTERM', () => server.stop())`.
   * @throws MeshError INVALID_ARGUMENT for times out of range.
   */
  async stop(options: StopOptions = {}): Promise<void> {
    checkStopOptions(options);
    this.stopping ??= this.shutDown(options);
    await this.stopping;
  }

  private async shutDown(options: StopOptions): Promise<void> {
    const { announcer } = this.announcing;
    this.phase = 'stopping';
    // A listener that is closed before it listens never says so: the start would wait for ever.
    await this.listening?.catch(() => undefined);
    const { quietMs = announcer.hasTold ? DEFAULT_QUIET_MS : 0 } = options;
    await announcer.withdraw();
    if (quietMs > 0) await pause(this.clock, quietMs, undefined);
    this.listener?.close();
    const { timeoutMs = DEFAULT_STOP_TIMEOUT_MS } = options;
    await this.serving.connections.drain(this.name, timeoutMs, announcer.shared);
    await this.announcing.close();
    this.phase = 'stopped';
    this.healthEndpoint?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
