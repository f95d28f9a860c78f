import { Changes } from '../../core/changes.js';
import type { Endpoint } from '../../core/endpoint.js';
import type { Resolver } from '../../discovery/resolver.js';

/** The addresses that a consumer has chosen, as the core asks for them: at first, and whenever they change. */
export class AddressFeed implements Resolver {
  private endpoints: readonly Endpoint[] | undefined;
  private readonly changes = new Changes();

  push(endpoints: readonly Endpoint[]): void {
    this.endpoints = endpoints;
    this.changes.tell();
  }

  async *watch(_service: string, signal: AbortSignal): AsyncGenerator<readonly Endpoint[]> {
    let told: readonly Endpoint[] | undefined;
    while (!signal.aborted) {
      if (this.endpoints !== undefined && this.endpoints !== told) {
        told = this.endpoints;
        yield told;
      } else await this.changes.next(signal);
    }
  }
}
