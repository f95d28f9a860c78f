import { type Backoff, backoffMs } from '../core/backoff.js';
import type { Timer } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { pause } from '../core/pause.js';
import type { ClientConnection } from '../transport/client-connection.js';
import { connectFailed } from '../transport/socket.js';
import type { ClientRuntime, ConnectionTraits } from './runtime.js';

/** A call that finds no connection starts an attempt at once, but attempts keep this distance. */
const MIN_SPACING_MS = 100;
/** With the time a connection may take to open, less than 5 s: a network that is whole again is used again by then. */
const RECONNECT: Backoff = { firstMs: 200, maxMs: 3_500 };

/** Told of a connection that takes no more calls, and why, in words. */
export type OnLost = (lost: ClientConnection, reason: string) => void;

/**
 * Keeps one connection to one endpoint: opens it when first asked for, and again, with jittered backoff, whenever it
 * is lost or the other side sends go-away.
 */
export class ConnectionSlot {
  /** Ready for calls; undefined while there is none. */
  connection: ClientConnection | undefined;
  private attempt: Promise<void> | undefined;
  private lastAttemptAt = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private retry: Timer | undefined;
  /** The last connection died in silence: the next one may lead into the same hole. */
  private suspicious = false;
  private readonly closing = new AbortController();

  constructor(
    private readonly endpoint: Endpoint,
    private readonly runtime: ClientRuntime,
    private readonly traits: ConnectionTraits,
    private readonly onConnected: () => void,
    private readonly onLost: OnLost,
  ) {}

  /**
   * Resolves when there is a connection.
   * @throws MeshError CONNECT_FAILED when the attempt under way, or one begun for this request, fails.
   */
  ready(): Promise<void> {
    if (this.connection !== undefined) return Promise.resolve();
    if (this.attempt === undefined) {
      this.retry?.cancel();
      this.attempt = this.runtime
        .outsideOfCalls(() => this.open())
        .finally(() => {
          this.attempt = undefined;
        });
    }
    return this.attempt;
  }

  private async open(): Promise<void> {
    const { clock } = this.runtime;
    const wait = this.lastAttemptAt + MIN_SPACING_MS - clock.now();
    if (wait > 0) await pause(clock, wait, undefined);
    this.lastAttemptAt = clock.now();
    try {
      const framing = this.traits.framingOf(this.endpoint);
      const stream = await this.connect();
      this.failures = 0;
      const connection = this.runtime.track(stream, this.endpoint, framing, this.traits, (gone, reason) =>
        this.onUnusable(gone, reason),
      );
      if (this.suspicious) connection.suspect();
      this.suspicious = false;
      this.connection = connection;
      this.onConnected();
    } catch (error) {
      this.failures++;
      this.retryLater();
      throw error;
    }
  }

  /** The connect of its kind, bounded by the connect timeout and by close(). */
  private async connect() {
    const { clock, connectTimeoutMs } = this.runtime;
    const { connect } = this.traits;
    if (this.closing.signal.aborted) throw this.closing.signal.reason;
    const limit = new AbortController();
    const abandon = () => limit.abort(this.closing.signal.reason);
    this.closing.signal.addEventListener('abort', abandon, { once: true });
    const timer = clock.schedule(() => {
      limit.abort(connectFailed(this.endpoint, { message: `no connection after ${connectTimeoutMs} ms` }));
    }, connectTimeoutMs);
    try {
      const stream = await connect(this.endpoint, limit.signal);
      if (!limit.signal.aborted) return stream;
      stream.destroy();
      throw limit.signal.reason;
    } catch (error) {
      // What the limit was aborted for says more than what connect made of it.
      if (limit.signal.aborted) throw limit.signal.reason;
      throw MeshError.is(error) ? error : connectFailed(this.endpoint, error);
    } finally {
      timer.cancel();
      this.closing.signal.removeEventListener('abort', abandon);
    }
  }

  private onUnusable(gone: ClientConnection, reason: string): void {
    if (this.connection !== gone) return;
    this.connection = undefined;
    this.suspicious = !gone.isResponsive;
    this.retryLater();
    if (!this.closing.signal.aborted) this.onLost(gone, reason);
  }

  private retryLater(): void {
    if (this.closing.signal.aborted) return;
    const { clock, random } = this.runtime;
    this.retry = clock.schedule(
      () => {
        // Nobody waits for this attempt: its failure only leads to the next.
        this.ready().catch(() => undefined);
      },
      backoffMs(RECONNECT, this.failures + 1, random),
    );
    this.retry.unref();
  }

  /** No connection is opened any more. One that is open is the runtime's to close. */
  close(reason: MeshError): void {
    this.retry?.cancel();
    this.closing.abort(reason);
  }
}
