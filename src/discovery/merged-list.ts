import type { Endpoint } from '../core/endpoint.js';
import { type FrontedInstance, instanceBehind } from './instance.js';

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
 * Several lists as one, by address: the first list that has an address says its attributes. An instance that is listed at
 * its own address and at that of the sidecar in front of it is in the result once, at its own. An endpoint that stays as
 * it was is the same object from merge to merge. A merge looks each address up once: there may be ten thousand of them.
 */
export class MergedList {
  private readonly entries = new Map<string, Entry>();
  private round = 0;
  private endpoints: Endpoint[] = [];
  private added: string[] = [];
  private isSame = true;

  /** Undefined where nothing is different, the order apart. */
  merge(lists: readonly (readonly Endpoint[])[]): MergedChange | undefined {
    this.round++;
    this.endpoints = [];
    this.added = [];
    this.isSame = true;
    const fronted: [Endpoint, FrontedInstance][] = [];
    for (const list of lists) {
      for (const endpoint of list) {
        // Most endpoints have no such attribute, and cost no more than this look.
        const instance = endpoint.attributes.port === undefined ? undefined : instanceBehind(endpoint);
        if (instance === undefined) this.take(endpoint);
        else fronted.push([endpoint, instance]);
      }
    }
    if (fronted.length > 0) this.takeFronted(fronted);
    const { endpoints, added, isSame } = this;
    const removed = endpoints.length < this.entries.size ? this.forget() : [];
    if (isSame && added.length === 0 && removed.length === 0) return undefined;
    return { endpoints, added, removed };
  }

  private take(endpoint: Endpoint): void {
    const { entries, round } = this;
    const { address } = endpoint;
    let entry = entries.get(address);
    if (entry?.round === round) return;
    if (entry === undefined) {
      entry = { endpoint, round };
      entries.set(address, entry);
      this.added.push(address);
    } else if (!hasSameAttributes(entry.endpoint, endpoint)) {
      entry.endpoint = endpoint;
      this.isSame = false;
    }
    entry.round = round;
    this.endpoints.push(entry.endpoint);
  }

  /** Takes those whose instance is not in the merge yet. To be called when every instance of its own address is. */
  private takeFronted(fronted: readonly (readonly [Endpoint, FrontedInstance])[]): void {
    const taken = new Set<string>();
    for (const [endpoint, { address, startTime }] of fronted) {
      const own = this.entries.get(address);
      if (own?.round === this.round && own.endpoint.attributes.startTime === startTime) continue;
      const identity = `${address} ${startTime}`;
      if (taken.has(identity)) continue;
      taken.add(identity);
      this.take(endpoint);
    }
  }

  /** The addresses that were not part of a merge. */
  private forget(): string[] {
    const removed: string[] = [];
    for (const [address, entry] of this.entries) {
      if (entry.round === this.round) continue;
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
