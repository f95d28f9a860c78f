import { wasTried } from './candidate.js';
import type { Lease } from './lease.js';
import type { Balancer } from './picker.js';
import { WeightedList } from './weighted-list.js';

/** Each candidate in turn, whatever its weight; only one of weight 0 gets nothing. It begins anywhere: not all clients with the first. */
export const roundRobin: Balancer = (all, env) => {
  const list = new WeightedList(all, env);
  let last = Math.floor(env.random() * all.length) - 1;
  return {
    pick(call) {
      const now = env.clock.now();
      if (now >= list.changesAt) list.weigh(now);
      const { candidates } = list;
      let tried: Lease | undefined;
      for (let step = 0; step < candidates.length; step++) {
        last = last + 1 < candidates.length ? last + 1 : 0;
        const candidate = candidates[last];
        if (!candidate.admits(now)) continue;
        const lease = candidate.lease();
        if (lease === undefined) continue;
        if (!wasTried(call, lease.endpoint)) return lease;
        tried ??= lease;
      }
      return tried;
    },
    targets: () => list.candidates,
  };
};
