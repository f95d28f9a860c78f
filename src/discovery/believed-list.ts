import type { Clock, Timer } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';

export interface BelievedListOptions {
  readonly clock: Clock;
  /** Milliseconds for which an empty list is not believed. */
  readonly emptyGraceMs: number;
  /** A list that the registry told is in `endpoints` now. */
  readonly onBelieved: () => void;
  /** An empty list came, and is not believed yet. */
  readonly onDoubted: () => void;
}

/**
 * What is believed of the lists that one registry tells. A registry that lost its data, or to which providers are only
 * returning, lists nothing for a while: an empty list after one that was not is held back for a grace time. A list that is
 * not empty ends the doubt; so does a failure of the registry, and its next empty list begins the doubt anew.
 */
export class BelievedList {
  /** Undefined until anything is known. */
  endpoints: readonly Endpoint[] | undefined;
  private doubt: Timer | undefined;

  constructor(private readonly options: BelievedListOptions) {}

  told(list: readonly Endpoint[]): void {
    const { clock, emptyGraceMs, onDoubted } = this.options;
    if (list.length > 0 || !this.endpoints?.length || emptyGraceMs === 0) {
      this.believe(list);
    } else if (this.doubt === undefined) {
      this.doubt = clock.schedule(() => this.believe(list), emptyGraceMs).unref();
      onDoubted();
    }
  }

  /** The registry cannot tell, so nothing confirms the emptiness it told last: that may have been its way down. */
  failed(): void {
    this.doubt?.cancel();
    this.doubt = undefined;
  }

  private believe(list: readonly Endpoint[]): void {
    this.failed();
    this.endpoints = list;
    this.options.onBelieved();
  }
}
