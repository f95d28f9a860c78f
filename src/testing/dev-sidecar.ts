import type { Duplex } from 'node:stream';
import { type Clock, systemClock } from '../core/clock.js';
import { DEFAULT_PORT, parseEndpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { type Random, systemRandom } from '../core/random.js';
import { type Connect, connectFailed, connectTcp } from '../transport/socket.js';
import { DevFaults } from './dev-faults.js';
import { DevListener } from './dev-listener.js';
import type { DevRequest } from './dev-mesh-api.js';
import type { DevApplication, DevPublished } from './dev-mesh-bodies.js';
import { DevRegistry } from './dev-registry.js';
import { DevRun } from './dev-run.js';

export interface DevSidecarOptions {
  /** Where it listens, and where its app is; a name for addresses in memory. Default `127.0.0.1`, in memory `sidecar`. */
  readonly host?: string;
  /** Port of the mesh API. Default: a free one, kept over restarts; in memory 13330. */
  readonly apiPort?: number;
  /** Port where its app calls. Default: a free one, kept over restarts; in memory 12220. */
  readonly egressPort?: number;
  /** Port where others call. Default: a free one, kept over restarts; in memory 12201. */
  readonly ingressPort?: number;
  /** Where an app that publishes no port is assumed to listen. Default 12200. */
  readonly appPort?: number;
  /** Where providers are found and announced: share one between sidecars for a double hop. Default: one of its own. */
  readonly registry?: DevRegistry;
  /** How long a subscription waits for a provider, in milliseconds. Default 3000. */
  readonly subscribeWaitMs?: number;
  /** The version of Bolt that it answers in itself. Default `v1`. */
  readonly bolt?: 'v1' | 'v2';
  /** Calls of one service in flight, on each side; more are answered BUSY. Default: no limit. */
  readonly maxRequests?: number;
  /** No ports at all: {@link DevSidecar.connect} leads to it. For tests in simulated time. Default false. */
  readonly memory?: boolean;
  /** How it reaches providers, its app and other sidecars. Default TCP. */
  readonly connect?: Connect;
  readonly clock?: Clock;
  /** Which free ports are tried first. */
  readonly random?: Random;
}

/**
 * A small sidecar for tests and demonstrations, with nothing but Node: it serves the mesh API, forwards Bolt by the
 * `service` header, and answers as MOSN does. A test can kill, hang, slow and restart it.
 */
export class DevSidecar implements AsyncDisposable {
  readonly kind = 'dev';
  private readonly host: string;
  private readonly registry: DevRegistry;
  private readonly faults = new DevFaults();
  private readonly listeners: Readonly<Record<'api' | 'egress' | 'ingress', DevListener>>;
  /** The last one that was started. */
  private run: DevRun | undefined;
  private isRunning = false;
  private isClosed = false;

  private constructor(private readonly options: DevSidecarOptions) {
    const { memory = false, clock = systemClock, random = systemRandom } = options;
    const host = options.host ?? (memory ? 'sidecar' : '127.0.0.1');
    this.host = host;
    this.registry = options.registry ?? new DevRegistry();
    const listener = (port: number, take: (run: DevRun, stream: Duplex) => void) => {
      const onStream = (stream: Duplex) => {
        if (this.run !== undefined && this.isRunning) take(this.run, stream);
        else stream.destroy();
      };
      return new DevListener({ host, port, memory, clock, random, onStream });
    };
    this.listeners = {
      api: listener(options.apiPort ?? (memory ? 13_330 : 0), ({ http }, stream) => {
        http.emit('connection', stream);
      }),
      egress: listener(options.egressPort ?? (memory ? 12_220 : 0), ({ egress }, stream) => {
        egress.accept(stream);
      }),
      ingress: listener(options.ingressPort ?? (memory ? 12_201 : 0), ({ ingress }, stream) => {
        ingress.accept(stream);
      }),
    };
  }

  /** @throws MeshError CONNECT_FAILED where a port is taken. */
  static async start(options: DevSidecarOptions = {}): Promise<DevSidecar> {
    const sidecar = new DevSidecar(options);
    await sidecar.start();
    return sidecar;
  }

  /** The mesh API, `host:port`. */
  get api(): string {
    return this.listeners.api.address;
  }

  /** Where its app calls, `host:port`. */
  get egress(): string {
    return this.listeners.egress.address;
  }

  /** Where others call what its app published, `host:port`. */
  get ingress(): string {
    return this.listeners.ingress.address;
  }

  /** The requests to the mesh API since the last start, in order. */
  get requests(): readonly DevRequest[] {
    return this.run?.api.requests ?? [];
  }

  /** Calls that came to its egress since the last start, forwarded or not. */
  get calls(): number {
    return this.run?.egress.calls ?? 0;
  }

  /** Who its app says it is; undefined before that. */
  get application(): DevApplication | undefined {
    return this.knowledge?.application;
  }

  /** What its app has published and not taken back. */
  get published(): readonly DevPublished[] {
    return [...(this.knowledge?.published.values() ?? [])];
  }

  /** The services that its app has subscribed to and not left. */
  get subscribed(): readonly string[] {
    return [...(this.knowledge?.subscribed ?? [])];
  }

  private get knowledge() {
    return this.isRunning ? this.run?.api : undefined;
  }

  /** Leads to this sidecar where it is in memory; other addresses are left to the option `connect`. */
  readonly connect: Connect = async (endpoint, signal) => {
    const { memory = false, connect = connectTcp } = this.options;
    const listener = memory
      ? Object.values(this.listeners).find(({ address }) => address === endpoint.address)
      : undefined;
    if (listener === undefined) return connect(endpoint, signal);
    signal.throwIfAborted();
    const stream = listener.connect();
    if (stream !== undefined) return stream;
    const refused = new Error(`connect ECONNREFUSED ${endpoint.address}`);
    throw connectFailed(endpoint, Object.assign(refused, { code: 'ECONNREFUSED' }));
  };

  /**
   * Starts it again after `kill()` or `stop()`: at the same addresses, and knowing nothing.
   * @throws MeshError SHUTTING_DOWN after `close()`, CONNECT_FAILED where a port is taken.
   */
  async start(): Promise<void> {
    if (this.isClosed) {
      throw new MeshError('SHUTTING_DOWN', 'the dev sidecar was closed for good: start a new one');
    }
    if (this.isRunning) return;
    const { api, egress, ingress } = this.listeners;
    this.run = new DevRun({
      host: this.host,
      egress: () => egress.address,
      ingress: () => parseEndpoint(ingress.address),
      appPort: this.options.appPort ?? DEFAULT_PORT,
      registry: this.registry,
      subscribeWaitMs: this.options.subscribeWaitMs ?? 3_000,
      version: this.options.bolt ?? 'v1',
      maxRequests: this.options.maxRequests ?? Number.POSITIVE_INFINITY,
      connect: this.options.memory === true ? this.connect : (this.options.connect ?? connectTcp),
      clock: this.options.clock ?? systemClock,
      faults: this.faults,
    });
    this.isRunning = true;
    try {
      // The API last: who finds it may call at once.
      await Promise.all([egress.open(), ingress.open()]);
      await api.open();
      // Killed in the middle of it.
      if (!this.isRunning) await this.kill();
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** As SIGKILL: every connection ends at once, later ones are refused, and what it knew and announced is gone. */
  async kill(): Promise<void> {
    this.isRunning = false;
    this.run?.end();
    for (const listener of Object.values(this.listeners)) listener.close();
  }

  /**
   * As SIGTERM: takes back what it announced, accepts nothing new, says go-away on the connections it has, lets the calls in
   * flight finish (15 s at most) and closes. One that stands still goes on for that.
   */
  async stop(): Promise<void> {
    this.resume();
    const { api, egress, ingress } = this.listeners;
    api.close();
    egress.refuse();
    ingress.refuse();
    await this.run?.drain();
    await this.kill();
  }

  /** As SIGSTOP: connections stay and new ones are accepted, but nothing is read, answered or closed. */
  hang(): void {
    if (this.isRunning) this.run?.hang();
  }

  /** As SIGCONT: what came in the meantime is read now. */
  resume(): void {
    this.run?.gate.resume();
  }

  /** Kills it for good. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Sets the providers of a service that its registry knows besides what is published: `host:port`. */
  provide(service: string, addresses: readonly string[]): void {
    this.registry.provide(service, addresses);
  }

  /** Holds every forwarded answer back for so long; 0 ends it. Its own answers are not late. */
  slow(ms: number): void {
    this.faults.slowMs = ms;
  }

  /**
   * Answers a share of the calls (0 to 1, every nth) itself instead of forwarding them, with a bare Bolt status.
   * @param status default 6, NO_PROCESSOR.
   */
  failing(share: number, status: number = 6): void {
    this.faults.fail(share, status);
  }

  /**
   * Shows every forwarded answer, a whole Bolt frame, to `change` and passes on what that returns, with the caller's request
   * id. undefined ends it.
   */
  tamper(change: ((frame: Buffer) => Buffer) | undefined): void {
    this.faults.onAnswer = change;
  }

  /** Closes the mesh API alone, connections included, or opens it again. */
  async apiUp(on: boolean): Promise<void> {
    await this.setUp(this.listeners.api, on);
  }

  /** Closes the egress alone, connections included, or opens it again. */
  async egressUp(on: boolean): Promise<void> {
    await this.setUp(this.listeners.egress, on);
  }

  private async setUp(listener: DevListener, on: boolean): Promise<void> {
    if (!on) listener.close();
    else if (this.isRunning) await listener.open();
  }
}
