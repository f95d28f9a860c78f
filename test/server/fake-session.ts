import type { Sidecar } from '../../src/mesh/sidecar.js';
import type { PublishedStatus, SidecarState } from '../../src/mesh/sidecar-status.js';
import type { Session } from '../../src/server/sidecar-place.js';
import { FakePublisher } from './fake-publisher.js';

/** A session with a sidecar that does what a test tells it. What it was told once, it repeats at the sidecar's return. */
export class FakeSession implements Session {
  state: SidecarState = 'unknown';
  share = 0;
  reasons: string[] = [];
  healthReason = '';
  isStarted = false;
  isClosed = false;
  /** The sidecar's own announcements. */
  readonly announcements = new FakePublisher();
  /** Services that the sidecar which is there now has not taken. */
  readonly untaken = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private decide = () => {};
  private readonly decision = new Promise<void>((resolve) => {
    this.decide = resolve;
  });

  /** As the option `sidecar` takes it. */
  get asSidecar(): Sidecar {
    return this as unknown as Sidecar;
  }

  /** The first time, it is the decision that `start()` leads to. */
  become(state: SidecarState, share = state === 'ready' ? 1 : 0, ...reasons: string[]): void {
    Object.assign(this, { state, share, reasons, healthReason: reasons[0] ?? '' });
    this.decide();
    this.changed();
  }

  changed(): void {
    for (const listener of [...this.listeners]) listener();
  }

  get hasListeners(): boolean {
    return this.listeners.size > 0;
  }

  start(): void {
    this.isStarted = true;
  }

  decided(): Promise<void> {
    return this.decision;
  }

  publisher() {
    return this.announcements;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  mayBeAt(host: string): boolean {
    return host === '127.0.0.1';
  }

  status() {
    const published = [...this.announcements.listed].map(
      ([service, { port }]): PublishedStatus => ({
        service,
        port,
        announced: this.state === 'ready' && !this.untaken.has(service),
        failure: this.untaken.has(service) ? 'refused for now' : undefined,
      }),
    );
    const { state, share, healthReason, reasons } = this;
    const [api, egress] = ['127.0.0.1:13330', '127.0.0.1:12220'];
    return { state, since: 0, share, healthReason, api, egress, reasons, published, subscribed: [] };
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}
