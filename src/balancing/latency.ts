import type { Outcome } from '../core/outcome.js';

/**
 * What was learnt of an endpoint fades: that long after the last answer, a third of it is left. One that was ten times
 * slower than the others is tried again after 18 s.
 */
const FADES_IN_MS = 8_000;
/** A failure doubles the cost of an endpoint, up to this many times. */
const MAX_PENALTY = 16;
/** Beats every latency that was measured. */
const UNKNOWN_COST = 1e12;
const MAX_INT = 2 ** 31 - 1;

/** What is left after every 256 ms, for a minute: a pick needs it twice, and Math.exp would cost as much as all the rest. */
const STEP_BITS = 8;
const FADING = Float64Array.from({ length: 256 }, (_, step) => remaining(step << STEP_BITS));

/** The price of an endpoint that nothing is known of. */
export const NOTHING_KNOWN = 0;
/** The price of an endpoint that never answered, and failed. */
const ONLY_FAILURES = -1;

/**
 * What one more attempt at an endpoint is expected to cost, with `inFlight` on their way: an endpoint of this price that
 * was attempted last `idleMs` ago. What is known fades only while there is none: an endpoint that was slow is tried again,
 * and the one attempt that finds out keeps the others away until it is answered. So it is with one that nothing is known
 * of: it gets one attempt at a time, and none for a while after a failure.
 */
export function costOf(price: number, inFlight: number, idleMs: number): number {
  if (inFlight > 0) return price > 0 ? price * (inFlight + 1) : UNKNOWN_COST * inFlight;
  if (price === NOTHING_KNOWN) return 0;
  if (price === ONLY_FAILURES) return idleMs < FADES_IN_MS ? UNKNOWN_COST : 0;
  return price * FADING[Math.min(FADING.length - 1, Math.max(0, idleMs >> STEP_BITS))];
}

/**
 * The latency of one endpoint, as the peak EWMA of finagle has it: a slower answer counts at once, a faster one by the time
 * that has passed since the last. A failure is no answer: however fast it came, it only makes the endpoint dearer.
 */
export class Latency {
  /** NaN while no answer is known. */
  private ms = Number.NaN;
  private penalty = 1;

  /** Learns from an attempt that ended `idleMs` after the last one did. Answers the price, a whole number of microseconds. */
  record(outcome: Exclude<Outcome, 'unknown'>, elapsedMs: number, idleMs: number): number {
    const left = remaining(idleMs);
    const { ms } = this;
    this.penalty = 1 + (this.penalty - 1) * left;
    if (outcome === 'answered') this.ms = elapsedMs < ms ? ms * left + elapsedMs * (1 - left) : elapsedMs;
    else {
      this.penalty = Math.min(MAX_PENALTY, this.penalty * 2);
      // Silence until a timeout is a latency, too.
      if (elapsedMs > ms) this.ms = elapsedMs;
    }
    if (Number.isNaN(this.ms)) return ONLY_FAILURES;
    return Math.min(MAX_INT, Math.max(1, this.ms * this.penalty * 1_000)) | 0;
  }
}

function remaining(idleMs: number): number {
  return idleMs > 0 ? Math.exp(-idleMs / FADES_IN_MS) : 1;
}
