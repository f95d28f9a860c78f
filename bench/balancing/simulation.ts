import type { Candidate } from '../../src/balancing/candidate.js';
import {
  CandidateState,
  type ConnectionSource,
  connectionLeaseOf,
} from '../../src/balancing/candidate-state.js';
import type { ConnectionLease, Lease } from '../../src/balancing/lease.js';
import { OutlierDetector, type OutlierOptions } from '../../src/balancing/outlier.js';
import type { Balancer, Picker } from '../../src/balancing/picker.js';
import type { Call } from '../../src/core/call.js';
import type { Clock } from '../../src/core/clock.js';
import { endpointOf } from '../../src/core/endpoint.js';
import type { Random } from '../../src/core/random.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import type { ClientConnection } from '../../src/transport/client-connection.js';
import { EventQueue } from './event-queue.js';

/** A provider, by what it does at a time. Times are milliseconds since the start. */
export interface Provider {
  readonly attributes?: Readonly<Record<string, string>>;
  /** When it comes into the list. Default: from the start. */
  readonly listedAt?: number;
  /** How many times its usual time a call takes it. Default 1. */
  readonly slowness?: (now: number) => number;
  /** Whether it refuses the next call, at once. Default: never. */
  readonly refuses?: (now: number, random: Random) => boolean;
}

export interface World {
  readonly seed: number;
  readonly providers: readonly Provider[];
  readonly durationMs: number;
  readonly requestsPerSecond: number;
  /** Mean of a lognormal distribution. */
  readonly serviceMs: number;
  /** Calls that a provider works on at once; more wait in its queue. */
  readonly workers: number;
  readonly timeoutMs: number;
  readonly balancer: Balancer;
  /** Undefined for no ejection. */
  readonly outliers: OutlierOptions | undefined;
}

export interface Attempt {
  /** Its index. */
  readonly provider: number;
  readonly startedAt: number;
  readonly tookMs: number;
  readonly succeeded: boolean;
}

/** The spread of the service times: the slowest of a hundred takes four times as long as the usual one. */
const SIGMA = 0.6;
const REFUSED_AFTER_MS = 1;
/** Different first arguments, for balancers that go by it. */
const KEYS = 20_000;

/**
 * One client that calls many providers, each with its workers and its queue. All chance comes from the seed, and what the
 * calls are does not depend on the balancer: each balancer is given the same ones. Attempts that have not ended with the
 * time are left out.
 */
export function simulate(world: World, onAttempt: (attempt: Attempt) => void): void {
  const events = new EventQueue(world.timeoutMs);
  const clock: Clock = {
    now: () => events.now,
    wallTime: () => events.now,
    schedule: () => {
      throw new Error('nothing that is simulated here sets a timer');
    },
  };
  const chance = seededRandom(world.seed);
  const env = { clock, random: seededRandom(world.seed + 1) };
  const outliers = world.outliers && new OutlierDetector('simulated:1.0', world.outliers);
  const servers = world.providers.map((provider) => new Server(provider, events, world.workers));
  const candidates = servers.map(
    ({ provider }, i) => new CandidateState(endpointFor(i, provider), CONNECTED),
  );

  let picker: Picker;
  const list = () => {
    const listed = candidates.filter((_, i) => (world.providers[i].listedAt ?? 0) <= events.now);
    outliers?.watch(listed);
    picker = world.balancer(listed, env);
  };
  for (const at of new Set(world.providers.map(({ listedAt = 0 }) => listedAt))) events.at(at, list);

  const attempt = (lease: ConnectionLease, workMs: number, luck: number) => {
    const startedAt = events.now;
    const provider = lease.endpoint.port;
    let isOver = false;
    const end = (succeeded: boolean) => {
      if (isOver) return;
      isOver = true;
      const tookMs = events.now - startedAt;
      lease.release(succeeded ? 'answered' : 'failed', tookMs, events.now);
      onAttempt({ provider, startedAt, tookMs, succeeded });
    };
    lease.start();
    events.afterDelay(() => end(false));
    servers[provider].take(workMs, () => luck, end);
  };
  const arrive = () => {
    events.at(events.now + exponential(chance) * (1_000 / world.requestsPerSecond), arrive);
    const workMs = world.serviceMs * lognormal(chance);
    const luck = chance();
    const call = { ...CALL, args: [Math.floor(chance() * KEYS)] };
    const lease = picker.pick(call) ?? lastResort(picker.targets(call));
    if (lease !== undefined) attempt(connectionLeaseOf(lease), workMs, luck);
    else onAttempt({ provider: -1, startedAt: events.now, tookMs: 0, succeeded: false });
  };
  events.at(0, arrive);
  events.runUntil(world.durationMs);
}

/** Work is done by so many workers, first come, first served. */
class Server {
  private busy = 0;
  private readonly queue: (() => void)[] = [];

  constructor(
    readonly provider: Provider,
    private readonly events: EventQueue,
    private readonly workers: number,
  ) {}

  take(workMs: number, random: Random, end: (succeeded: boolean) => void): void {
    const { events, provider } = this;
    if (provider.refuses?.(events.now, random)) {
      events.at(events.now + REFUSED_AFTER_MS, () => end(false));
      return;
    }
    const work = () => {
      this.busy++;
      events.at(events.now + workMs * (provider.slowness?.(events.now) ?? 1), () => {
        this.busy--;
        end(true);
        this.queue.shift()?.();
      });
    };
    if (this.busy < this.workers) work();
    else this.queue.push(work);
  }
}

const CONNECTION = {} as ClientConnection;
const CONNECTED: ConnectionSource = { connection: () => CONNECTION, lastResort: () => CONNECTION };
const CALL = { metadata: {}, tried: [] as Call['tried'] } as Call;

/** The port is the provider's index. */
function endpointFor(index: number, { attributes }: Provider) {
  return endpointOf('provider', index, attributes);
}

/** As the client does where all are ejected. */
function lastResort(candidates: readonly Candidate[]): Lease | undefined {
  return candidates[0]?.lease();
}

const exponential = (random: Random) => -Math.log(1 - random());

/** Its mean is 1. */
function lognormal(random: Random): number {
  const normal = Math.sqrt(2 * exponential(random)) * Math.cos(2 * Math.PI * random());
  return Math.exp(SIGMA * normal - SIGMA ** 2 / 2);
}
