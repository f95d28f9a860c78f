import { Changes } from '../core/changes.js';
import { type Endpoint, parseEndpoint } from '../core/endpoint.js';
import type { Publisher, Resolver } from '../discovery/resolver.js';

/**
 * A registry in memory, for tests: dev sidecars that share one make a double hop, and clients and servers can have it as
 * their `registry` too. A sidecar that is killed takes along what it announced, and nothing else.
 */
export class DevRegistry implements Resolver, Publisher {
  private readonly provided = new Map<string, readonly Endpoint[]>();
  private readonly announced = new Map<string, Set<Endpoint>>();
  private readonly changes = new Changes();

  /**
   * Sets the providers of a service that are known without being announced: `host:port`, with attributes as a query.
   * @throws MeshError INVALID_ARGUMENT for what is no address.
   */
  provide(service: string, addresses: readonly string[]): void {
    this.provided.set(service, addresses.map(parseEndpoint));
    this.changes.tell();
  }

  /** Everything that is provided or announced for a service. */
  endpoints(service: string): readonly Endpoint[] {
    return [...(this.provided.get(service) ?? []), ...(this.announced.get(service) ?? [])];
  }

  async publish(service: string, self: Endpoint, signal: AbortSignal): Promise<() => Promise<void>> {
    const announcements = this.announced.get(service) ?? new Set();
    this.announced.set(service, announcements);
    // A copy: the same endpoint may be announced twice, and each of them is taken back by itself.
    const own = { ...self };
    const withdraw = async () => {
      signal.removeEventListener('abort', withdraw);
      announcements.delete(own);
      this.changes.tell();
    };
    announcements.add(own);
    signal.addEventListener('abort', withdraw, { once: true });
    this.changes.tell();
    return withdraw;
  }

  async *watch(service: string, signal: AbortSignal): AsyncGenerator<readonly Endpoint[]> {
    while (!signal.aborted) {
      // Listens before the list is handed out: what changes while the watcher looks at it is in the next one.
      const changed = this.changes.next(signal);
      yield this.endpoints(service);
      await changed;
    }
  }
}
