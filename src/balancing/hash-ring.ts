import { md5 } from './md5.js';

/** Indexes that fit beside a 32-bit hash into a number without loss. */
const MAX_OWNERS = 2 ** 21;
/** An MD5 digest makes four points. */
const PER_DIGEST = 4;

/** Where a key is on the ring: the first word of its MD5 (ConsistentHashLoadBalancer of SOFARPC). */
export function hashOf(key: string): number {
  return md5(key)[0] >>> 0;
}

/** Where an endpoint is on the ring: at each word of the MD5 of its host, port and 0, 1, .. (ConsistentHashLoadBalancer). */
export function pointsOf(host: string, port: number, count: number): Uint32Array {
  const points = new Uint32Array(Math.ceil(count / PER_DIGEST) * PER_DIGEST);
  for (let start = 0; start < count; start += PER_DIGEST)
    points.set(md5(`${host}${port}${start / PER_DIGEST}`), start);
  return points.subarray(0, count);
}

/** Owners at points on a ring; a key belongs to the owner at the next point. */
export class HashRing {
  private readonly points: Uint32Array;
  private readonly owners: Uint32Array;

  /** @param pointsOfOwners the points of each owner, by its index. */
  constructor(pointsOfOwners: readonly Uint32Array[]) {
    const count = pointsOfOwners.reduce((sum, points) => sum + points.length, 0);
    // Point and owner in one number: sorting numbers is many times faster than sorting objects.
    const both = new Float64Array(count);
    let end = 0;
    for (const [owner, points] of pointsOfOwners.entries()) {
      for (let i = 0; i < points.length; i++) both[end++] = points[i] * MAX_OWNERS + owner;
    }
    both.sort();
    this.points = new Uint32Array(count);
    this.owners = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const point = Math.floor(both[i] / MAX_OWNERS);
      this.points[i] = point;
      this.owners[i] = both[i] - point * MAX_OWNERS;
    }
  }

  get size(): number {
    return this.points.length;
  }

  /** The position of the first point at `hash` or behind it; the size where there is none. */
  find(hash: number): number {
    const { points } = this;
    let [low, high] = [0, points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle] < hash) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The owner at a position; the ring goes on behind its end. */
  ownerAt(position: number): number {
    return this.owners[position % this.owners.length];
  }
}
