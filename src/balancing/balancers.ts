import { MeshError } from '../core/errors.js';
import { consistentHash } from './consistent-hash.js';
import { leastLoaded } from './least-loaded.js';
import { localPreference } from './local-preference.js';
import { p2cEwma } from './p2c-ewma.js';
import type { Balancer } from './picker.js';
import { roundRobin } from './round-robin.js';
import { smoothWeightedRoundRobin } from './smooth-weighted-round-robin.js';
import { weightedRandom } from './weighted-random.js';

/** What balancers are made of beside the list. */
interface Surroundings {
  /** This machine's addresses. */
  readonly localHosts: readonly string[];
}

/** The balancers that an option may name: ours, and Java's names for what is nearest to them. */
export type BalancerName =
  | 'p2c'
  | 'leastLoaded'
  | 'weightedRandom'
  | 'smoothWeightedRoundRobin'
  | 'auto'
  | 'random'
  | 'roundRobin'
  | 'weightRoundRobin'
  | 'localPref'
  | 'consistentHash'
  | 'weightConsistentHash';

const byName: Readonly<Record<BalancerName, (surroundings: Surroundings) => Balancer>> = {
  p2c: () => p2cEwma,
  leastLoaded: () => leastLoaded,
  weightedRandom: () => weightedRandom,
  smoothWeightedRoundRobin: () => smoothWeightedRoundRobin,
  auto: () => p2cEwma,
  random: () => weightedRandom,
  roundRobin: () => roundRobin,
  weightRoundRobin: () => smoothWeightedRoundRobin,
  localPref: ({ localHosts }) => localPreference(weightedRandom, localHosts),
  consistentHash: () => consistentHash(),
  weightConsistentHash: () => consistentHash({ weighted: true }),
};

/**
 * The balancer of that name, ours or Java's.
 * @param localHosts this machine's addresses, for `localPref`.
 * @throws MeshError INVALID_ARGUMENT for another name.
 */
export function balancerOf(name: BalancerName, localHosts: readonly string[] = []): Balancer {
  if (!Object.hasOwn(byName, name)) {
    const known = Object.keys(byName).join(', ');
    throw new MeshError(
      'INVALID_ARGUMENT',
      `there is no balancer ${JSON.stringify(name)}; there are ${known}`,
    );
  }
  return byName[name]({ localHosts });
}
