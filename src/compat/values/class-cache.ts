import { type WireClass, WireClassCache } from '../../hessian/wire-class.js';

const SETS = 128;
/** So many definitions may share a set before one is forgotten. */
const WAYS = 4;
/** A longer definition is not kept: what a peer can make us hold stays bounded (512 definitions of 4 KiB). */
const LONGEST_KEPT = 4096;

/**
 * Class definitions seen before, by their bytes. An application's classes come in any combination: where two of one message
 * fell into one slot, each would be parsed again and again.
 */
export class ClassCache extends WireClassCache {
  private readonly sets: WireClass[][] = Array.from({ length: SETS }, () => []);
  private next = 0;

  override find(buf: Buffer, view: DataView, at: number, end: number): WireClass | undefined {
    const set = this.sets[setOf(buf, at, end)];
    for (let i = 0; i < set.length; i++) {
      const { pattern } = set[i];
      if (at + pattern.length <= end && pattern.matches(view, buf.byteOffset + at)) return set[i];
    }
    return undefined;
  }

  override keep(known: WireClass): void {
    const { bytes } = known.pattern;
    if (bytes.length > LONGEST_KEPT) return;
    const set = this.sets[setOf(bytes, 0, bytes.length)];
    if (set.length < WAYS) set.push(known);
    else set[this.next++ % WAYS] = known;
  }
}

/** By the length of the class name and its last characters. */
function setOf(buf: Uint8Array, at: number, end: number): number {
  const first = buf[at];
  let start = at + 1;
  let length = 0;
  if (first < 0x20) length = first;
  else if (first >= 0x90 && first <= 0xbf) length = first - 0x90;
  else if (first >= 0xc8 && first <= 0xcf) length = ((first - 0xc8) << 8) + buf[start++];
  else if (first >= 0x30 && first <= 0x33) length = ((first - 0x30) << 8) + buf[start++];
  let hash = length;
  const last = start + length;
  // A name has at least as many bytes: what is looked at is always a part of it.
  if (last <= end)
    for (let i = Math.max(start, last - 8); i < last; i++) hash = (Math.imul(hash, 31) + buf[i]) | 0;
  return (hash ^ (hash >>> 7)) & (SETS - 1);
}
