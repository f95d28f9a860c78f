import { type Backoff, backoffMs } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import { Deferred } from '../core/deferred.js';
import { MeshError } from '../core/errors.js';
import { pause } from '../core/pause.js';
import type { Random } from '../core/random.js';
import type { ClientConnection } from '../transport/client-connection.js';
import type { Found, NotFound, SentinelEnv } from './probe.js';
import type { SidecarState } from './sidecar-status.js';

export interface SearchEnv {
  readonly clock: Clock;
  readonly random: Random;
  /** Looks once; takes less than a second and never rejects. */
  readonly look: (sentinel: SentinelEnv) => Promise<Found | NotFound>;
  /** Nobody is to look more than once. */
  readonly isDisabled: boolean;
  /** There is one, new or again; it knows nothing of us. */
  readonly onFound: () => void;
  /** It is gone. Called at once, once for each time that it was found. */
  readonly onLost: (reason: string) => void;
  /** It asked to go away, and is still there. */
  readonly onLeaving: (reason: string) => void;
  /** State or reasons are others now. */
  readonly onChange: () => void;
}

const ABSENT: Backoff = { firstMs: 1_000, maxMs: 5_000 };
/** One that was there is most likely being restarted. */
const LOST: Backoff = { firstMs: 100, maxMs: 1_000 };
/** One that is lost again sooner than that is not looked for at once. */
const SETTLED_MS = 5_000;
/** Whoever asks to go away still answers for a while (mosn#2220), and must not be taken for its successor. */
const LEAVING_MS = 1_000;

/**
 * Looks for the sidecar for as long as it takes, and watches the one that it has found by a connection of its own to the
 * egress: when that ends, the sidecar is gone.
 */
export class SidecarSearch {
  state: SidecarState = 'unknown';
  /** What was looked at, what it said, what was decided. */
  reasons: readonly string[] = ['nobody has looked for a sidecar yet'];
  /** Milliseconds since 1970, when the state began. */
  since: number;
  private sentinel: ClientConnection | undefined;
  private isStarted = false;
  private isLeaving = false;
  /** Ends when the sidecar that was found is lost. */
  private held = new AbortController();
  private release = new Deferred();
  private readonly closing = new AbortController();

  constructor(private readonly env: SearchEnv) {
    this.since = env.clock.wallTime();
  }

  /** Begins to look; after that it does nothing. */
  start(): void {
    if (this.isStarted || this.isClosed) return;
    this.isStarted = true;
    void this.run();
  }

  /** The sidecar is gone: somebody has seen it, or the sentinel has. */
  lose(reason: string): void {
    if (this.state !== 'ready' || this.isClosed) return;
    this.dismiss();
    this.become('lost', [`the sidecar was there, and was lost: ${reason}`], () => this.env.onLost(reason));
    this.held.abort();
    this.release.resolve();
  }

  /** The sidecar asked to go away. */
  leave(reason: string): void {
    if (this.state !== 'ready' || this.isLeaving || this.isClosed) return;
    this.isLeaving = true;
    this.dismiss();
    this.env.onLeaving(reason);
    this.release.resolve();
  }

  /** Looks no more. The state is `absent` from then on. */
  close(reason: string): void {
    if (this.isClosed) return;
    this.closing.abort();
    this.dismiss();
    this.become('absent', [reason]);
    this.held.abort();
    this.release.resolve();
  }

  private get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    const { clock, random, look, isDisabled } = this.env;
    let failures = 0;
    while (!this.isClosed) {
      const looked = await look({
        onUnusable: () => undefined,
        onClosed: (connection, reason) => this.onSentinelClosed(connection, reason),
      });
      // Whoever closes this closes the streams that were opened for it, too.
      if (this.isClosed) return;
      const foundAt = clock.now();
      if (looked.found) await this.hold(looked);
      else this.foundNothing(looked.reasons);
      if (isDisabled) return;
      failures = clock.now() - foundAt < SETTLED_MS ? failures + 1 : 0;
      if (failures === 0) continue;
      const backoff = this.state === 'absent' ? ABSENT : LOST;
      await pause(clock, backoffMs(backoff, failures, random), this.closing.signal, { isIdle: true });
    }
  }

  /** Resolves when the sidecar is lost, or has been given the time to go away. */
  private async hold({ connection, reasons }: Found): Promise<void> {
    const { clock, random, onFound } = this.env;
    this.sentinel = connection;
    this.isLeaving = false;
    this.held = new AbortController();
    const release = new Deferred();
    this.release = release;
    this.become('ready', reasons, onFound);
    await release.promise;
    const jittered = LEAVING_MS * (1 + random() / 4);
    if (this.isLeaving) await pause(clock, jittered, this.held.signal, { isIdle: true });
  }

  private foundNothing(reasons: readonly string[]): void {
    if (this.state === 'ready') this.lose('it asked to go away, and went');
    const [why] = this.reasons;
    if (this.state === 'lost') this.become('lost', [why, ...reasons]);
    else this.become('absent', reasons);
  }

  private onSentinelClosed(connection: ClientConnection, reason: MeshError): void {
    if (connection !== this.sentinel) return;
    // Nothing waits on the sentinel: go-away closes it at once.
    if (reason.code === 'SHUTTING_DOWN') this.leave('it sent go-away');
    else this.lose(reason.message);
  }

  private dismiss(): void {
    const { sentinel } = this;
    this.sentinel = undefined;
    sentinel?.close(notNeeded());
  }

  private become(state: SidecarState, reasons: readonly string[], then?: () => void): void {
    if (this.state !== state) this.since = this.env.clock.wallTime();
    this.state = state;
    this.reasons = reasons;
    then?.();
    this.env.onChange();
  }
}

function notNeeded(): MeshError {
  return new MeshError('SHUTTING_DOWN', 'the session of the sidecar does not need this connection any more');
}
