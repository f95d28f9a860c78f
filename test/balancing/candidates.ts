import type { Candidate } from '../../src/balancing/candidate.js';
import { CandidateState, type ConnectionSource } from '../../src/balancing/candidate-state.js';
import type { ConnectionLease } from '../../src/balancing/lease.js';
import type { Balancer, Picker } from '../../src/balancing/picker.js';
import type { Call } from '../../src/core/call.js';
import { endpointOf } from '../../src/core/endpoint.js';
import type { Random } from '../../src/core/random.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import type { ClientConnection } from '../../src/transport/client-connection.js';

/** A connection that a test takes away, or suspects. */
class TestSource implements ConnectionSource {
  current: ClientConnection | undefined = {} as ClientConnection;
  suspected: ClientConnection | undefined;

  connection(): ClientConnection | undefined {
    return this.current;
  }

  lastResort(): ClientConnection | undefined {
    return this.suspected;
  }
}

export interface TestCandidate extends CandidateState {
  readonly link: TestSource;
}

type Attributes = Readonly<Record<string, string>>;

export function candidate(host: string, attributes: Attributes = {}): TestCandidate {
  const link = new TestSource();
  return Object.assign(new CandidateState(endpointOf(host, 12200, attributes), link), { link });
}

/** One for each weight: `a` for the first, `b`, .. */
export function weighing(...weights: (number | string)[]): TestCandidate[] {
  return weights.map((weight, i) => candidate(String.fromCharCode(97 + i), { weight: String(weight) }));
}

/** The same weight for each. */
export function alike(count: number): TestCandidate[] {
  return Array.from({ length: count }, (_, i) => candidate(`host-${i}`));
}

export function callOf(parts: Partial<Call> = {}): Call {
  return { service: 'com.acme.S:1.0', method: 'find', args: [], metadata: {}, tried: [], ...parts } as Call;
}

/** A call that was at these before. */
export const callAfter = (...candidates: Candidate[]): Call =>
  callOf({ tried: candidates.map(({ endpoint }) => endpoint) });

/** What the leases are to the client's route. */
interface OwnPicker extends Picker {
  pick(call: Call): ConnectionLease | undefined;
}

export interface Picks {
  readonly picker: OwnPicker;
  readonly clock: FakeClock;
  /** The host that is picked; undefined where none is. */
  host(call?: Call): string | undefined;
  /** Hosts of picks that are answered at once, and how often each was picked. */
  count(picks: number, call?: Call): Record<string, number>;
}

/** A picker on a fake clock, with chance that repeats itself. */
export function picks(
  balancer: Balancer,
  candidates: readonly Candidate[],
  { random = seededRandom(1), clock = new FakeClock() }: { random?: Random; clock?: FakeClock } = {},
): Picks {
  const picker = balancer(candidates, { clock, random }) as OwnPicker;
  const host = (call = callOf()) => picker.pick(call)?.endpoint.host;
  return {
    picker,
    clock,
    host,
    count(picks, call) {
      const counts: Record<string, number> = {};
      for (let i = 0; i < picks; i++) {
        const name = host(call) ?? 'none';
        counts[name] = (counts[name] ?? 0) + 1;
      }
      return counts;
    },
  };
}

/** An attempt from start to end. */
export function attempt(
  lease: ConnectionLease | undefined,
  outcome: 'answered' | 'failed' | 'unknown',
  elapsedMs: number,
  now: number,
): void {
  lease?.start();
  lease?.release(outcome, elapsedMs, now);
}

/** Pearson's statistic of how far counts are from what they should be by weight: for n hosts about n, rarely over 2n + 10. */
export function chiSquare(
  counts: Readonly<Record<string, number>>,
  weights: Readonly<Record<string, number>>,
): number {
  const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);
  const picked = sum(Object.values(counts));
  const total = sum(Object.values(weights));
  const missing = Object.keys(counts).filter((host) => !(host in weights));
  if (missing.length > 0) return Number.POSITIVE_INFINITY;
  return sum(
    Object.entries(weights).map(([host, weight]) => {
      const expected = (picked * weight) / total;
      return ((counts[host] ?? 0) - expected) ** 2 / expected;
    }),
  );
}
