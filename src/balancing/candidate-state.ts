import type { Call } from '../core/call.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import type { Outcome } from '../core/outcome.js';
import type { ClientConnection } from '../transport/client-connection.js';
import { type Candidate, wasTried } from './candidate.js';
import { costOf, Latency, NOTHING_KNOWN } from './latency.js';
import type { ConnectionLease, Lease } from './lease.js';
import { type Weight, weightOf } from './weight.js';

/** Where a candidate's connections come from. */
export interface ConnectionSource {
  /** A connection that is ready for a call; undefined where none is. */
  connection(): ClientConnection | undefined;
  /** Any connection, though its other side may be dead: for where there is nothing better. */
  lastResort(): ClientConnection | undefined;
}

/** Decides whether a candidate is ejected, and is told how each attempt on it ended. */
export interface Judge {
  /** Whether one that is ejected may be probed. Asking changes nothing. */
  admitsProbe(now: number): boolean;
  probeStarted(): void;
  record(outcome: Outcome, now: number, wasProbe: boolean): void;
  /** A new connection was opened: what is ejected may be probed at once. */
  reset(): void;
}

/** A candidate with all that is known of it. It lives as long as its endpoint is in the service's list. */
export class CandidateState implements Candidate {
  // What a pick reads comes first, and as whole numbers of 32 bits: those lie in the object, fractions elsewhere. With
  // thousands of candidates, a pick costs what it waits for memory.
  inFlight = 0;
  private price = NOTHING_KNOWN;
  /** When an attempt ended last, in milliseconds: of the clock's time the lower 32 bits, for only differences count. */
  private pricedAt = 0;
  /** Set by the judge: it failed too often. From then on an attempt is a probe: its answer ends the ejection. */
  isEjected = false;
  private readonly source: ConnectionSource;
  private lastLease: CandidateLease | undefined = undefined;
  private currentEndpoint: Endpoint;
  private currentWeight: Weight;
  /** None where nothing is ejected. */
  judge: Judge | undefined = undefined;
  private latency = new Latency();

  constructor(endpoint: Endpoint, source: ConnectionSource) {
    this.source = source;
    this.currentEndpoint = endpoint;
    this.currentWeight = weightOf(endpoint.attributes);
  }

  /** Replaced where the registry says something new of the same address. */
  get endpoint(): Endpoint {
    return this.currentEndpoint;
  }

  set endpoint(endpoint: Endpoint) {
    if (endpoint === this.currentEndpoint) return;
    this.currentEndpoint = endpoint;
    this.currentWeight = weightOf(endpoint.attributes);
  }

  get weight(): Weight {
    return this.currentWeight;
  }

  cost(inFlight: number, now: number): number {
    return costOf(this.price, inFlight, ((now | 0) - this.pricedAt) | 0);
  }

  admits(now: number): boolean {
    return !this.isEjected || this.judge?.admitsProbe(now) === true;
  }

  lease(): ConnectionLease | undefined {
    return this.leaseOn(this.source.connection());
  }

  /** A lease on any connection, whatever is known of it; undefined where there is none at all. */
  lastResort(): ConnectionLease | undefined {
    return this.leaseOn(this.source.connection() ?? this.source.lastResort());
  }

  private leaseOn(connection: ClientConnection | undefined): ConnectionLease | undefined {
    if (connection === undefined) return undefined;
    const { currentEndpoint: endpoint } = this;
    if (this.isEjected) return new CandidateLease(this, endpoint, connection, true);
    if (this.lastLease?.connection !== connection || this.lastLease.endpoint !== endpoint)
      this.lastLease = new CandidateLease(this, endpoint, connection, false);
    return this.lastLease;
  }

  leaseFor(call: Call, now: number): ConnectionLease | undefined {
    if (!this.admits(now)) return undefined;
    if (call.tried.length > 0 && wasTried(call, this.currentEndpoint)) return undefined;
    return this.lease();
  }

  /** An attempt has ended. */
  ended(outcome: Outcome, elapsedMs: number, now: number, wasProbe: boolean): void {
    this.inFlight--;
    if (outcome !== 'unknown') {
      const at = now | 0;
      this.price = this.latency.record(outcome, elapsedMs, (at - this.pricedAt) | 0);
      this.pricedAt = at;
    }
    this.judge?.record(outcome, now, wasProbe);
  }

  /** A new connection was opened, perhaps to a new process: what was measured before says nothing of it. */
  reset(): void {
    this.price = NOTHING_KNOWN;
    this.latency = new Latency();
    this.judge?.reset();
  }
}

/** A probe is an attempt at a candidate that is ejected: unlike one that began before, it says whether that is well again. */
class CandidateLease implements ConnectionLease {
  constructor(
    private readonly candidate: CandidateState,
    readonly endpoint: Endpoint,
    readonly connection: ClientConnection,
    private readonly isProbe: boolean,
  ) {}

  start(): void {
    this.candidate.inFlight++;
    if (this.isProbe) this.candidate.judge?.probeStarted();
  }

  release(outcome: Outcome, elapsedMs: number, now: number): void {
    this.candidate.ended(outcome, elapsedMs, now, this.isProbe);
  }

  /** It gets no more calls on this connection. */
  providerStops(): void {
    this.connection.drain();
  }
}

/**
 * What a picker picked, which may be the user's.
 * @throws MeshError INVALID_ARGUMENT where no candidate gave it.
 */
export function connectionLeaseOf(picked: Lease): ConnectionLease {
  if (picked instanceof CandidateLease) return picked;
  const what = picked instanceof Promise ? 'a promise' : 'what is no lease';
  throw new MeshError(
    'INVALID_ARGUMENT',
    `the balancer's picker returned ${what}: pick(call) must return at once, with what lease() or leaseFor(call, now) of one of its candidates gave, or with undefined where none is ready`,
  );
}
