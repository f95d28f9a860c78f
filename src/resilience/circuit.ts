import type { Reply } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import { publish } from '../core/events.js';
import { outcomeOf } from '../core/outcome.js';
import type { CircuitSettings } from './circuit-options.js';
import { FailureWindow } from './failure-window.js';

/** Which calls a circuit is for. */
export interface CircuitName {
  readonly service: string;
  readonly method: string;
  /** The endpoint's address. */
  readonly endpoint: string;
}

/** Sees how an admitted call ends; both hand on what they were given. */
export interface Watch {
  readonly onReply: (reply: Reply) => Reply;
  readonly onError: (error: unknown) => never;
}

/** Closed (calls pass and are counted), open (calls are refused), then half-open: one call at a time passes, and decides. */
export class Circuit {
  /** Undefined while it is open or half-open. */
  private period: ClosedPeriod | undefined;
  private reason = '';
  private openMs: number;
  private probeAt = 0;
  private probing = false;

  constructor(
    private readonly name: CircuitName,
    private readonly settings: CircuitSettings,
    private readonly clock: Clock,
  ) {
    this.openMs = settings.openMs;
    this.period = new ClosedPeriod(this, settings, clock);
  }

  /** What is to watch the call that may pass; undefined where it is refused. */
  admit(): Watch | undefined {
    if (this.period !== undefined) return this.period;
    if (this.probing || this.clock.now() < this.probeAt) return undefined;
    this.probing = true;
    return new Probe(this);
  }

  /** The error of a call that was refused. */
  refusal(): MeshError {
    const { service, method, endpoint } = this.name;
    const waitMs = Math.ceil(this.probeAt - this.clock.now());
    const next = this.probing ? 'one call is trying it now' : `it is tried again in ${waitMs} ms`;
    return new MeshError(
      'CIRCUIT_OPEN',
      `the circuit of ${service} ${method} at ${endpoint} is open: ${this.reason}; ${next}, until then call elsewhere or later`,
      { service, method, endpoint },
    );
  }

  /** Too much failed in the period: none passes for a while. Calls of an earlier period decide nothing any more. */
  trip(period: ClosedPeriod, reason: string): void {
    if (period === this.period) this.open(reason);
  }

  probeAnswered(): void {
    this.probing = false;
    this.openMs = this.settings.openMs;
    this.period = new ClosedPeriod(this, this.settings, this.clock);
    publish('circuit.closed', this.name);
  }

  probeFailed(code: string): void {
    this.probing = false;
    this.openMs = Math.min(this.openMs * 2, this.settings.maxOpenMs);
    this.open(`the call that tried it again failed with ${code}`);
  }

  /** The probe said nothing of the endpoint: the next call is one. */
  probeSaidNothing(): void {
    this.probing = false;
  }

  private open(reason: string): void {
    this.period = undefined;
    this.reason = reason;
    this.probeAt = this.clock.now() + this.openMs;
    publish('circuit.opened', { ...this.name, reason });
  }
}

/** The calls between one closing and the next opening. Made once a period, so that a call costs no closure. */
class ClosedPeriod implements Watch {
  private readonly window: FailureWindow;

  constructor(
    private readonly circuit: Circuit,
    private readonly settings: CircuitSettings,
    private readonly clock: Clock,
  ) {
    this.window = new FailureWindow(settings.windowMs, clock.now());
  }

  readonly onReply = (reply: Reply): Reply => {
    this.window.add(false, this.clock.now());
    return reply;
  };

  readonly onError = (error: unknown): never => {
    const outcome = outcomeOf(error);
    if (outcome !== 'unknown') this.window.add(outcome === 'failed', this.clock.now());
    if (outcome === 'failed') this.judge((error as MeshError).code);
    throw error;
  };

  private judge(code: string): void {
    const { minimumCalls, failurePercent, windowMs } = this.settings;
    const { calls, failures } = this.window;
    if (calls < minimumCalls || failures * 100 < calls * failurePercent) return;
    this.circuit.trip(
      this,
      `${failures} of ${calls} calls failed within ${windowMs} ms, the last with ${code}`,
    );
  }
}

class Probe implements Watch {
  constructor(private readonly circuit: Circuit) {}

  readonly onReply = (reply: Reply): Reply => {
    this.circuit.probeAnswered();
    return reply;
  };

  readonly onError = (error: unknown): never => {
    const outcome = outcomeOf(error);
    if (outcome === 'answered') this.circuit.probeAnswered();
    else if (outcome === 'failed') this.circuit.probeFailed((error as MeshError).code);
    else this.circuit.probeSaidNothing();
    throw error;
  };
}
