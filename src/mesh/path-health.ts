import type { Clock, Timer } from '../core/clock.js';
import type { Random } from '../core/random.js';

/** `degraded`: no calls. `recovering`: a part of them, which grows. */
export type HealthState = 'healthy' | 'degraded' | 'recovering';

export interface PathHealthEnv {
  readonly clock: Clock;
  readonly random: Random;
  /** The state or the share is another one now. */
  readonly onChange: (state: HealthState, reason: string) => void;
  /**
   * For a path that nobody probes but its calls: being degraded ends by itself after the hold, and the ramp leaves its
   * first step only once a call succeeded. Default false: `recover()` says when.
   */
  readonly autoRecover?: boolean;
}

const RAMP = [0.01, 0.05, 0.25, 0.5];
const STEP_MS = 300;
/** A path that is whole again must not get all callers of a fleet in the same moment: each goes up at its own pace. */
const JITTER = 0.25;
const FAILURES_IN_A_ROW = 5;
const FIRST_HOLD_MS = 1_000;
/** With its jitter, 10 s. */
const MAX_HOLD_MS = 8_000;
const RELAPSE_MS = 60_000;
/** How often a path that is recovering is tried, however few its calls are. */
const PROBE_MS = 1_000;

/**
 * What share of its calls a path may get: none at once when it fails, more and more when it is back. One that fails again
 * soon after is kept back twice as long, so that nothing flaps.
 */
export class PathHealth {
  private current: HealthState = 'healthy';
  private why = 'nothing has failed';
  /** Index into the ramp while recovering. */
  private step = 0;
  private isProven = false;
  private failures = 0;
  private holdMs = FIRST_HOLD_MS;
  private isHeld = false;
  /** Why it may recover when the hold is over; undefined while nobody said so. */
  private wanted: string | undefined;
  private rampedAt = Number.NEGATIVE_INFINITY;
  private admittedAt = Number.NEGATIVE_INFINITY;
  private timer: Timer | undefined;
  private isClosed = false;

  constructor(private readonly env: PathHealthEnv) {}

  get state(): HealthState {
    return this.current;
  }

  /** Why it is in its state, in words. */
  get reason(): string {
    return this.why;
  }

  /** 0 to 1. */
  get share(): number {
    if (this.current === 'healthy') return 1;
    return this.current === 'degraded' ? 0 : RAMP[this.step];
  }

  /** Whether the next call may take this path. While it recovers, that is chance, but for one call a second that is always let through. */
  admits(): boolean {
    if (this.current !== 'recovering') return this.current === 'healthy';
    const now = this.env.clock.now();
    if (now - this.admittedAt < PROBE_MS && this.env.random() >= RAMP[this.step]) return false;
    this.admittedAt = now;
    return true;
  }

  /** No calls from now on. Where it is degraded already, the hold begins anew, no longer than before. */
  degrade(reason: string): void {
    if (this.isClosed) return;
    if (this.current !== 'degraded') {
      const isRelapse = this.env.clock.now() - this.rampedAt < RELAPSE_MS;
      this.holdMs = isRelapse ? Math.min(2 * this.holdMs, MAX_HOLD_MS) : FIRST_HOLD_MS;
    }
    this.failures = 0;
    this.wanted = this.env.autoRecover ? `it was kept back after this: ${reason}` : undefined;
    this.isHeld = true;
    this.after(this.holdMs * (1 + JITTER * this.env.random()), () => {
      this.isHeld = false;
      if (this.wanted !== undefined) this.ramp(this.wanted);
    });
    this.become('degraded', reason);
  }

  /** Where it is degraded: the ramp begins, as soon as the hold is over. */
  recover(reason: string): void {
    if (this.isClosed || this.current !== 'degraded') return;
    if (this.isHeld) this.wanted = reason;
    else this.ramp(reason);
  }

  /** A call on this path failed in a way that the path is to blame for. */
  failed(reason: string): void {
    if (this.current === 'degraded') return;
    this.failures++;
    if (this.current === 'recovering') this.degrade(`a call failed while it recovered: ${reason}`);
    else if (this.failures >= FAILURES_IN_A_ROW)
      this.degrade(`${FAILURES_IN_A_ROW} calls in a row failed, the last one so: ${reason}`);
  }

  /** A call on this path was answered. */
  succeeded(): void {
    this.failures = 0;
    this.isProven = true;
  }

  /** Ends its timer; the share stays as it is. */
  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  private ramp(reason: string): void {
    this.rampedAt = this.env.clock.now();
    this.step = 0;
    this.isProven = !this.env.autoRecover;
    this.admittedAt = Number.NEGATIVE_INFINITY;
    this.climbLater();
    this.become('recovering', reason);
  }

  private climbLater(): void {
    this.after(STEP_MS * (1 - JITTER + 2 * JITTER * this.env.random()), () => this.climb());
  }

  private climb(): void {
    if (this.isProven) this.step++;
    if (this.step === RAMP.length) {
      this.become('healthy', this.why);
      return;
    }
    this.climbLater();
    if (this.isProven) this.become('recovering', this.why);
  }

  private after(ms: number, run: () => void): void {
    this.timer?.cancel();
    this.timer = this.env.clock.schedule(run, ms).unref();
  }

  private become(state: HealthState, reason: string): void {
    this.current = state;
    this.why = reason;
    this.env.onChange(state, reason);
  }
}
