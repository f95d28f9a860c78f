import { MeshError } from '../core/errors.js';
import type { CandidateState } from './candidate-state.js';
import { EndpointJudge, type Jury } from './endpoint-judge.js';

/** When an endpoint that fails more than the others is left alone, and for how long. */
export interface OutlierOptions {
  /** Failures in a row after which an endpoint is ejected. Default 5. */
  consecutiveFailures?: number;
  /** Milliseconds over which success rates are compared. Default 10,000. */
  intervalMs?: number;
  /** Attempts in that time without which an endpoint is not compared. Default 20. */
  minimumRequests?: number;
  /** So many endpoints with enough attempts are needed to compare them. Default 5. */
  minimumHosts?: number;
  /** How many standard deviations below the mean a success rate is an outlier. Default 1.9, as Envoy's. */
  deviations?: number;
  /** Milliseconds of a first ejection; each further one lasts twice as long. Default 5,000. */
  baseEjectionMs?: number;
  /** Milliseconds of the longest ejection. Default 60,000. */
  maxEjectionMs?: number;
  /** So many percent of the endpoints may be ejected at a time; of two or more always one, never all. Default 50. */
  maxEjectedPercent?: number;
}

const defaults: Required<OutlierOptions> = {
  consecutiveFailures: 5,
  intervalMs: 10_000,
  minimumRequests: 20,
  minimumHosts: 5,
  deviations: 1.9,
  baseEjectionMs: 5_000,
  maxEjectionMs: 60_000,
  maxEjectedPercent: 50,
};

/** Fewer failures in an interval are chance: where the others never fail, a single one would be an outlier. */
const FEWEST_FAILURES = 5;

/**
 * Ejects endpoints of one service: after failures in a row, and, as Envoy does, when an endpoint succeeds far less often
 * than the others do. When its time is over, an ejected endpoint is probed with one call at a time, until one is answered.
 * There are no timers: it looks at the time when an attempt ends.
 */
export class OutlierDetector implements Jury {
  readonly rules: Required<OutlierOptions>;
  private readonly judges = new Map<CandidateState, EndpointJudge>();
  private ejectedCount = 0;
  private intervalEnd = Number.NaN;

  /** @throws MeshError INVALID_ARGUMENT for options out of range. */
  constructor(
    readonly service: string,
    options: OutlierOptions = {},
  ) {
    const rules = { ...defaults };
    for (const name of Object.keys(defaults) as (keyof OutlierOptions)[]) {
      rules[name] = options[name] ?? defaults[name];
      if (!(rules[name] > 0)) throw invalidOption(name, rules[name], 'a positive number');
    }
    if (rules.maxEjectedPercent > 100)
      throw invalidOption('maxEjectedPercent', rules.maxEjectedPercent, 'at most 100');
    if (rules.maxEjectionMs < rules.baseEjectionMs)
      throw invalidOption('maxEjectionMs', rules.maxEjectionMs, 'at least baseEjectionMs');
    this.rules = rules;
  }

  /** Judges these from now on: the whole list, on every change of it. */
  watch(candidates: readonly CandidateState[]): void {
    const { judges } = this;
    const listed = new Set(candidates);
    for (const [candidate, judge] of judges) {
      if (listed.has(candidate)) continue;
      judges.delete(candidate);
      if (judge.isEjected) this.ejectedCount--;
      candidate.judge = undefined;
      candidate.isEjected = false;
    }
    for (const candidate of candidates) {
      if (judges.has(candidate)) continue;
      const judge = new EndpointJudge(candidate, this);
      judges.set(candidate, judge);
      candidate.judge = judge;
    }
  }

  mayEject(): boolean {
    const { size } = this.judges;
    const allowed = Math.max(1, Math.floor((size * this.rules.maxEjectedPercent) / 100));
    return this.ejectedCount < Math.min(allowed, size - 1);
  }

  ejected(): void {
    this.ejectedCount++;
  }

  returned(): void {
    this.ejectedCount--;
  }

  attemptEnded(now: number): void {
    if (now < this.intervalEnd) return;
    // The first attempt opens the first interval.
    if (!Number.isNaN(this.intervalEnd)) this.compare(now);
    this.intervalEnd = now + this.rules.intervalMs;
  }

  /** Ends the interval. */
  private compare(now: number): void {
    const { minimumRequests, minimumHosts, deviations } = this.rules;
    const all = [...this.judges.values()];
    const rated = all.filter((one) => !one.isEjected && one.answered + one.failed >= minimumRequests);
    if (rated.length >= minimumHosts) {
      const rates = rated.map(successRate);
      const mean = average(rates);
      const deviation = Math.sqrt(average(rates.map((rate) => (rate - mean) ** 2)));
      for (const judge of rated) {
        const { answered, failed } = judge;
        if (failed < FEWEST_FAILURES || successRate(judge) >= mean - deviations * deviation) continue;
        const percent = (mean * 100).toFixed(1);
        judge.eject(
          `${failed} of ${answered + failed} attempts failed; on average ${percent} % succeed`,
          now,
        );
      }
    }
    for (const judge of all) {
      judge.answered = 0;
      judge.failed = 0;
    }
  }
}

function successRate({ answered, failed }: EndpointJudge): number {
  return answered / (answered + failed);
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
}

function invalidOption(name: string, value: unknown, wanted: string): MeshError {
  return new MeshError(
    'INVALID_ARGUMENT',
    `outlierEjection: ${name} is ${String(value)}, it must be ${wanted}`,
  );
}
