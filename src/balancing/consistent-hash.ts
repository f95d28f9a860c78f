import type { Call } from '../core/call.js';
import { MeshError } from '../core/errors.js';
import type { Candidate } from './candidate.js';
import { HashRing, hashOf, pointsOf } from './hash-ring.js';
import type { Lease } from './lease.js';
import type { Balancer, BalancerEnv, Picker } from './picker.js';
import { firstReady, WeightedList } from './weighted-list.js';

export interface ConsistentHashOptions {
  /**
   * What calls that belong together have in common; a call without a key goes anywhere. Default: the first argument as
   * text, as in Java.
   */
  key?: (call: Call) => string | undefined;
  /** Each endpoint gets keys by its weight: Java's `weightConsistentHash`. Default false. */
  weighted?: boolean;
}

/** Points of an endpoint, and of each unit of its weight (Java's). */
const POINTS = 128;
const POINTS_BY_WEIGHT = 32;
/** A ring by weight that would be larger is made of fewer points: no weight in a registry may fill the memory. */
const MAX_POINTS_BY_WEIGHT = 2 ** 19;
/** So far along the ring another endpoint is looked for. */
const MAX_STEPS = 256;

/**
 * Calls with the same key go to the same endpoint while that is ready, and a change of the list moves few keys. It is
 * Java's ring: Java's consumers choose the same provider for the same key.
 */
export function consistentHash(options: ConsistentHashOptions = {}): Balancer {
  const points = new Points();
  return (candidates, env) => new ConsistentHashPicker(candidates, env, options, points);
}

/** The points of each endpoint: kept from list to list, for they cost more than all the rest. */
class Points {
  private readonly known = new WeakMap<Candidate, Uint32Array>();

  of(candidate: Candidate, count: number): Uint32Array {
    let points = this.known.get(candidate);
    if (points === undefined || points.length < count) {
      points = pointsOf(candidate.endpoint.host, candidate.endpoint.port, count);
      this.known.set(candidate, points);
    }
    return points.subarray(0, count);
  }
}

class ConsistentHashPicker implements Picker {
  private readonly list: WeightedList;
  private ring: HashRing;

  constructor(
    all: readonly Candidate[],
    private readonly env: BalancerEnv,
    private readonly options: ConsistentHashOptions,
    private readonly points: Points,
  ) {
    this.list = new WeightedList(all, env);
    this.ring = this.makeRing();
  }

  pick(call: Call): Lease | undefined {
    const { list } = this;
    const now = this.env.clock.now();
    if (now >= list.changesAt) {
      list.weigh(now);
      this.ring = this.makeRing();
    }
    const { ring } = this;
    if (ring.size === 0) return undefined;
    const key = keyOf(call, this.options.key);
    const start = key === undefined ? Math.floor(this.env.random() * ring.size) : ring.find(hashOf(key));
    let last = -1;
    for (let step = 0; step < MAX_STEPS; step++) {
      const owner = ring.ownerAt(start + step);
      if (owner === last) continue;
      last = owner;
      const lease = list.candidates[owner].leaseFor(call, now);
      if (lease !== undefined) return lease;
    }
    return firstReady(list.candidates, ring.ownerAt(start), call, now);
  }

  targets(): readonly Candidate[] {
    return this.list.candidates;
  }

  private makeRing(): HashRing {
    const { candidates, weights, highest } = this.list;
    if (!this.options.weighted || highest === 0)
      return new HashRing(candidates.map((candidate) => this.points.of(candidate, POINTS)));
    const counts = candidates.map((_, i) => (weights?.[i] ?? highest) * POINTS_BY_WEIGHT);
    const excess = counts.reduce((sum, count) => sum + count, 0) / MAX_POINTS_BY_WEIGHT;
    return new HashRing(
      candidates.map((candidate, i) =>
        this.points.of(candidate, excess > 1 ? Math.ceil(counts[i] / excess) : counts[i]),
      ),
    );
  }
}

/** @throws MeshError INVALID_ARGUMENT where the key cannot be told. */
function keyOf(call: Call, key: ConsistentHashOptions['key']): string | undefined {
  if (key === undefined) return firstArgument(call);
  try {
    return key(call);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalid(call, `the key function of consistentHash failed: ${why}`, error);
  }
}

function firstArgument(call: Call): string | undefined {
  const [first] = call.args;
  if (first === undefined || first === null) return undefined;
  if (typeof first !== 'object') return String(first);
  // An argument of an untyped call says its Java type beside its value.
  const value: unknown = '$java' in first && 'value' in first ? first.value : first;
  const text = String(value);
  if (text.startsWith('[object ')) {
    const hint = 'pass consistentHash({ key: (call) => .. })';
    throw invalid(call, `consistentHash cannot make a key of the first argument, an object: ${hint}`);
  }
  return text;
}

function invalid(call: Call, message: string, cause?: unknown): MeshError {
  const { service, method } = call;
  return new MeshError('INVALID_ARGUMENT', message, { service, method, cause });
}
