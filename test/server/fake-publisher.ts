import type { Endpoint } from '../../src/core/endpoint.js';
import type { Publisher } from '../../src/discovery/resolver.js';

/** A registry in memory. It does what a test tells it. */
export class FakePublisher implements Publisher {
  /** What is announced right now, by service. */
  readonly listed = new Map<string, Endpoint>();
  /** Everything that was asked of it, in order. */
  readonly asked: string[] = [];
  closed = false;
  /** Announcing fails with this. */
  down: Error | undefined;
  /** Nothing is ever answered. */
  mute = false;
  towards: string | undefined;

  async publish(service: string, self: Endpoint, signal: AbortSignal): Promise<() => Promise<void>> {
    this.asked.push(`publish ${service}`);
    if (this.mute) await new Promise(() => undefined);
    if (this.down) throw this.down;
    if (!signal.aborted) this.listed.set(service, self);
    return async () => {
      this.asked.push(`withdraw ${service}`);
      if (this.mute) await new Promise(() => undefined);
      if (this.down) throw this.down;
      this.listed.delete(service);
    };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
