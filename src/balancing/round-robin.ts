import type { Balancer, Lease } from './picker.js';

/** Each candidate in turn; one without a ready connection, or that was tried before, is passed over while others are left. */
export const roundRobin: Balancer = (candidates) => {
  const count = candidates.length;
  let last = -1;
  return {
    pick(call) {
      let tried: Lease | undefined;
      for (let step = 0; step < count; step++) {
        last = last + 1 < count ? last + 1 : 0;
        const lease = candidates[last].lease();
        if (lease === undefined) continue;
        if (call.tried.length === 0 || !call.tried.includes(lease.endpoint)) return lease;
        tried ??= lease;
      }
      return tried;
    },
  };
};
