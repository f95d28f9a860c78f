import { AliasTable } from './alias-table.js';
import type { Balancer } from './picker.js';
import { firstReady, WeightedList } from './weighted-list.js';

/** After that many draws that were not ready, the list is looked through. */
const DRAWS = 8;

/** By chance, each candidate as often as its weight says: Java's `random`. */
export const weightedRandom: Balancer = (all, env) => {
  const { clock, random } = env;
  const list = new WeightedList(all, env);
  let table = list.weights && new AliasTable(list.weights);
  return {
    pick(call) {
      const now = clock.now();
      if (now >= list.changesAt) {
        list.weigh(now);
        table = list.weights && new AliasTable(list.weights);
      }
      const { candidates } = list;
      if (candidates.length === 0) return undefined;
      for (let draw = 0; draw < DRAWS; draw++) {
        const index = table === undefined ? Math.floor(random() * candidates.length) : table.draw(random);
        const lease = candidates[index].leaseFor(call, now);
        if (lease !== undefined) return lease;
      }
      return firstReady(candidates, Math.floor(random() * candidates.length), call, now);
    },
    targets: () => list.candidates,
  };
};
