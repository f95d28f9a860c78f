import { createHash } from 'node:crypto';
import { md5 } from '../../../balancing/md5.js';
import type { Address } from '../address.js';
import { type BalancedRequest, LoadBalancer } from './load-balancer.js';

/** Digests of an address; each makes four points. */
const DIGESTS = 32;

/**
 * Requests with the same first argument go to the same address. The ring is that of sofa-rpc-node, so that both choose the
 * same address for the same key. It is not Java's, for its points are in the order of their decimal text; nobody could say
 * what that is good for, but whoever keeps things by it would lose them.
 */
export class ConsistentHashLoadBalancer extends LoadBalancer {
  /** Points in the order of the ring, and whose they are. Declared only: reset() is called by the base's constructor. */
  declare private points: Int32Array;
  declare private owners: readonly Address[];
  /** The lowest point from each position to the end. */
  declare private lowest: Int32Array;

  override reset(addressList: Address[] | null): Address[] | null {
    const chosen = super.reset(addressList);
    const ring = new Map<number, Address>();
    for (const address of chosen ?? []) {
      for (let i = 0; i < DIGESTS; i++) {
        for (const point of md5(`${address.host}${i}`)) ring.set(point, address);
      }
    }
    // No comparer: as text.
    const points = [...ring.keys()].sort();
    this.points = Int32Array.from(points);
    this.owners = points.map((point) => ring.get(point) as Address);
    this.lowest = Int32Array.from(points);
    for (let i = points.length - 2; i >= 0; i--) this.lowest[i] = Math.min(points[i], this.lowest[i + 1]);
    return chosen;
  }

  protected override _doSelect(request: BalancedRequest): Address {
    return this.ownerOf(hashOf(this._buildKeyOfHash(request)));
  }

  /** What requests to the same address have in common: the first argument as JSON. */
  protected _buildKeyOfHash({ args }: BalancedRequest): string {
    return args.length === 0 ? '' : JSON.stringify(args[0]);
  }

  /** The owner of the point behind the last one that is lower than the hash; of the first where there is no such point. */
  private ownerOf(hash: number): Address {
    const { points, owners, lowest } = this;
    if (points[points.length - 1] < hash) return owners[0];
    // The last point that is lower: `lowest` only rises, and is lower than the hash up to that one.
    let [low, high] = [0, points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lowest[middle] < hash) low = middle + 1;
      else high = middle;
    }
    return owners[low];
  }
}

/** A key that is no text (undefined has no JSON) is refused by node:crypto, as it always was. */
function hashOf(key: string): number {
  return typeof key === 'string' ? md5(key)[0] : createHash('md5').update(key).digest().readInt32LE();
}
