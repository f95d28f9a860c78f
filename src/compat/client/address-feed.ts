import type { Endpoint } from '../../core/endpoint.js';
import type { Resolver } from '../../discovery/resolver.js';

/** The addresses that a consumer has chosen, as the core asks for them: at first, and whenever they change. */
export class AddressFeed implements Resolver {
  private endpoints: readonly Endpoint[] | undefined;
  private readonly watchers = new Set<() => void>();

  push(endpoints: readonly Endpoint[]): void {
    this.endpoints = endpoints;
    for (const wake of [...this.watchers]) wake();
  }

  async *watch(_service: string, signal: AbortSignal): AsyncGenerator<readonly Endpoint[]> {
    let told: readonly Endpoint[] | undefined;
    while (!signal.aborted) {
      if (this.endpoints !== undefined && this.endpoints !== told) {
        told = this.endpoints;
        yield told;
      } else await this.changed(signal);
    }
  }

  private changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.watchers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.watchers.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
