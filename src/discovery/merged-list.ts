import type { Endpoint } from '../core/endpoint.js';

/** What a merge found new. */
export interface MergedChange {
  readonly endpoints: readonly Endpoint[];
  /** Addresses that were not there before. */
  readonly added: readonly string[];
  /** Addresses that are not there any more. */
  readonly removed: readonly string[];
}

/** An endpoint, and the last merge that it was part of. */
interface Entry {
  endpoint: Endpoint;
  round: number;
}

/**
 * Several lists as one, by address: the first list that has an address says its attributes. An endpoint that stays as it
 * was is the same object from merge to merge. A merge looks each address up once: there may be ten thousand of them.
 */
export class MergedList {
  private readonly entries = new Map<string, Entry>();
  private round = 0;

  /** Undefined where nothing is different, the order apart. */
  merge(lists: readonly (readonly Endpoint[])[]): MergedChange | undefined {
    const { entries } = this;
    const round = ++this.round;
    const endpoints: Endpoint[] = [];
    const added: string[] = [];
    let isSame = true;
    for (const list of lists) {
      for (const endpoint of list) {
        const { address } = endpoint;
        let entry = entries.get(address);
        if (entry?.round === round) continue;
        if (entry === undefined) {
          entry = { endpoint, round };
          entries.set(address, entry);
          added.push(address);
        } else if (!hasSameAttributes(entry.endpoint, endpoint)) {
          entry.endpoint = endpoint;
          isSame = false;
        }
        entry.round = round;
        endpoints.push(entry.endpoint);
      }
    }
    const removed = endpoints.length < entries.size ? this.forget(round) : [];
    if (isSame && added.length === 0 && removed.length === 0) return undefined;
    return { endpoints, added, removed };
  }

  /** The addresses that were not part of a merge. */
  private forget(round: number): string[] {
    const removed: string[] = [];
    for (const [address, entry] of this.entries) {
      if (entry.round === round) continue;
      this.entries.delete(address);
      removed.push(address);
    }
    return removed;
  }
}

function hasSameAttributes(a: Endpoint, b: Endpoint): boolean {
  if (a === b) return true;
  let count = 0;
  for (const name in a.attributes) {
    if (a.attributes[name] !== b.attributes[name]) return false;
    count++;
  }
  for (const _ in b.attributes) count--;
  return count === 0;
}
