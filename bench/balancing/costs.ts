import { type BalancerName, balancerOf } from '../../src/balancing/balancers.js';
import { CandidateState } from '../../src/balancing/candidate-state.js';
import type { ConnectionLease } from '../../src/balancing/lease.js';
import { OutlierDetector } from '../../src/balancing/outlier.js';
import type { Picker } from '../../src/balancing/picker.js';
import { Peer } from '../../src/client/peer.js';
import type { ClientRuntime } from '../../src/client/runtime.js';
import type { Call } from '../../src/core/call.js';
import { systemClock } from '../../src/core/clock.js';
import { endpointOf } from '../../src/core/endpoint.js';
import { systemRandom } from '../../src/core/random.js';

const CALL = { args: ['key'], metadata: {}, tried: [] as Call['tried'] } as Call;
const env = { clock: systemClock, random: systemRandom };
/** Calls in flight while picks are measured. */
const IN_FLIGHT = 64;

/** A candidate with the client's own peer, whose connection is there. */
function connected(index: number, weight: number): CandidateState {
  const host = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
  const endpoint = endpointOf(host, 12200, { weight: String(weight) });
  const peer = new Peer(endpoint, { connectionsPerEndpoint: 1 } as ClientRuntime);
  const [slot] = Reflect.get(peer, 'slots') as { connection: unknown }[];
  slot.connection = { isResponsive: true };
  return new CandidateState(endpoint, peer);
}

const cpuMicros = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** A list of endpoints that calls go to, and what a pick costs there. */
export class PickCase {
  private readonly picker: Picker;
  private readonly held: ConnectionLease[] = [];

  constructor(name: BalancerName, endpoints: number, weighted: boolean) {
    const candidates = Array.from({ length: endpoints }, (_, i) =>
      connected(i, weighted ? 50 + (i % 100) : 100),
    );
    new OutlierDetector('bench:1.0').watch(candidates);
    this.picker = balancerOf(name)(candidates, env);
  }

  /** Calls that are made and answered, some of them in flight at a time: what the next picks go by. */
  traffic(calls: number): void {
    const { held, picker } = this;
    for (let i = 0; i < calls; i++) {
      const lease = picker.pick(CALL) as ConnectionLease;
      lease.start();
      held.push(lease);
      if (held.length <= IN_FLIGHT) continue;
      const now = systemClock.now();
      for (const one of held) one.release('answered', 5 + (i % 7), now);
      held.length = 0;
    }
  }

  /** CPU nanoseconds of a pick. */
  measure(picks: number): number {
    const started = cpuMicros();
    for (let i = 0; i < picks; i++) this.picker.pick(CALL);
    return ((cpuMicros() - started) * 1_000) / picks;
  }
}

/** A long list of which a hundred change. */
export class UpdateCase {
  private next: number;
  private candidates: readonly CandidateState[];
  private readonly outliers = new OutlierDetector('bench:1.0');

  constructor(
    private readonly name: BalancerName,
    endpoints: number,
    private readonly weighted: boolean,
  ) {
    this.candidates = Array.from({ length: endpoints }, (_, i) => this.connected(i));
    this.next = endpoints;
    this.outliers.watch(this.candidates);
  }

  /** CPU milliseconds until picks go by the new list. */
  measure(changed: number): number {
    const fresh = Array.from({ length: changed }, () => this.connected(this.next++));
    const candidates = [...this.candidates.slice(changed), ...fresh];
    const started = cpuMicros();
    this.outliers.watch(candidates);
    balancerOf(this.name)(candidates, env).pick(CALL);
    this.candidates = candidates;
    return (cpuMicros() - started) / 1_000;
  }

  private connected(index: number): CandidateState {
    return connected(index, this.weighted ? 50 + (index % 100) : 100);
  }
}
