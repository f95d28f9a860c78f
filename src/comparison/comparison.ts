import type { Clock } from '../core/clock.js';
import { outcomeOf } from '../core/outcome.js';
import type { Random } from '../core/random.js';
import { type DifferentValues, differences, shown } from './difference.js';
import { IgnorePaths } from './ignore-paths.js';
import { snapshot, type Taken } from './snapshot.js';

const MAX_IN_FLIGHT = 16;
const MAX_SAMPLES = 20;
/** Of one pair of answers: where they differ in more places, these say enough. */
const MAX_DIFFERENCES = 10;

/** How a call ended. A Reply is one, too. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** Where two answers differed that should have been alike. */
export interface DifferenceSample {
  readonly method: string;
  /** `$.items[3].name`; `$` for an exception instead of a result. At most 10. */
  readonly paths: readonly string[];
  /** What was there, in a few words: only where the rule asks for values. */
  readonly values?: readonly DifferentValues[];
}

export interface ComparisonStats {
  /** Calls that both paths answered. */
  readonly compared: number;
  readonly different: number;
  /** Calls that one of the paths did not answer: lost, refused, too late, cancelled. These say nothing. */
  readonly unanswered: number;
  /** At most 20, each with other paths or of another method. */
  readonly samples: readonly DifferenceSample[];
}

/** What is compared: `percent` of the calls to `methods`, or to all, but for what `ignore` masks. */
export interface ComparisonRule {
  readonly percent: number;
  readonly methods?: readonly string[];
  readonly ignore: readonly string[];
  /** Whether samples hold the values that differ. */
  readonly values: boolean;
}

export interface ComparisonEnv {
  readonly clock: Clock;
  readonly random: Random;
  /** Told of every call whose answers differ. */
  onDifference(sample: DifferenceSample): void;
}

/** An answer, in a form that the caller cannot change any more. */
interface Answer {
  readonly isError: boolean;
  readonly value: Taken;
}

/** Sends some of a service's calls down the other path, too, and sees whether both paths answer alike. */
export class Comparison {
  private readonly ignore: IgnorePaths;
  private inFlight = 0;
  private compared = 0;
  private different = 0;
  private unanswered = 0;
  private readonly samples = new Map<string, DifferenceSample>();

  /** @throws MeshError INVALID_ARGUMENT for an ignore path that is none. */
  constructor(
    private readonly rule: ComparisonRule,
    private readonly env: ComparisonEnv,
  ) {
    this.ignore = new IgnorePaths(rule.ignore);
  }

  /** Whether this call is to be compared: by chance, only where the method may run twice, and not while 16 are under way. */
  wants(method: string, idempotent: boolean): boolean {
    if (!idempotent || this.inFlight >= MAX_IN_FLIGHT) return false;
    const { percent, methods } = this.rule;
    if (methods !== undefined && !methods.includes(method)) return false;
    return this.env.random() * 100 < percent;
  }

  /**
   * Calls `other` in a turn of its own and compares what it gives with what the caller got. Neither throws nor rejects.
   * @param mine the call's own promise, before anyone else waits for it: its value is copied as soon as it is there,
   * for the caller may change it.
   */
  compare(method: string, mine: Promise<Outcome>, other: () => Promise<Outcome>): void {
    this.inFlight++;
    const first = this.answerOf(mine);
    const second = this.answerOf(this.nextTurn().then(other));
    void Promise.all([first, second]).then(async ([a, b]) => {
      // The caller has its result now: it goes first.
      await this.nextTurn();
      this.inFlight--;
      this.judge(method, a, b);
    });
  }

  stats(): ComparisonStats {
    const { compared, different, unanswered, samples } = this;
    return { compared, different, unanswered, samples: [...samples.values()] };
  }

  private nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.env.clock.schedule(resolve, 0).unref();
    });
  }

  /** Undefined where there was no answer, and where it cannot be looked at. */
  private answerOf(outcome: Promise<Outcome>): Promise<Answer | undefined> {
    const taken = (ended: Outcome): Answer | undefined => {
      if (!('error' in ended)) return { isError: false, value: snapshot(ended.value, this.ignore.start) };
      if (outcomeOf(ended.error) !== 'answered') return undefined;
      return { isError: true, value: snapshot(ended.error, this.ignore.start) };
    };
    return outcome.then(taken, (error) => taken({ error })).catch(() => undefined);
  }

  private judge(method: string, mine: Answer | undefined, other: Answer | undefined): void {
    if (mine === undefined || other === undefined) {
      this.unanswered++;
      return;
    }
    this.compared++;
    const found = differencesOf(mine, other);
    if (found.length === 0) return;
    this.different++;
    const paths = found.map(({ path }) => path);
    const sample = this.rule.values ? { method, paths, values: found } : { method, paths };
    // The third item and the fourth are one finding.
    const key = `${method} ${paths.join(' ').replace(/\[\d+\]/g, '[*]')}`;
    if (this.samples.size < MAX_SAMPLES && !this.samples.has(key)) this.samples.set(key, sample);
    this.env.onDifference(sample);
  }
}

function differencesOf(mine: Answer, other: Answer): DifferentValues[] {
  if (mine.isError === other.isError) return differences(mine.value, other.value, MAX_DIFFERENCES);
  return [{ path: '$', kind: 'type', mine: shown(mine.value), other: shown(other.value) }];
}
