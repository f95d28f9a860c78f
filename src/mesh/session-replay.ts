import type { Clock } from '../core/clock.js';
import { within } from '../core/within.js';
import type { Publications } from './publications.js';
import type { Subscriptions } from './subscriptions.js';

export interface SessionReplayEnv {
  readonly clock: Clock;
  readonly publications: Publications;
  readonly subscriptions: Subscriptions;
  /** Says which application this is. */
  readonly application: () => Promise<void>;
}

/** How long the subscriptions wait for the announcements to be answered. */
const PUBLISH_MS = 1_500;
/** A sidecar may wait 3 s for a registry before it answers a subscription. */
const SUBSCRIBE_MS = 3_200;
/** A sidecar that forgets again and again is told everything this often at most. */
const FORGOTTEN_MS = 1_000;

/** Tells a sidecar that knows nothing, in this order: the application, what is published, what is subscribed. */
export class SessionReplay {
  private isThere = false;
  /** Another one for each replay. */
  private current = {};
  private forgottenAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly env: SessionReplayEnv) {}

  /** Whether there is a sidecar to talk to. */
  get isOpen(): boolean {
    return this.isThere;
  }

  /** The application was told. Resolves when the rest was, too, or what is missing has been waited for long enough. */
  async begin(): Promise<void> {
    const { publications, subscriptions } = this.env;
    this.isThere = true;
    const replay = {};
    this.current = replay;
    await this.wait(PUBLISH_MS, publications.open());
    if (this.current === replay) await this.wait(SUBSCRIBE_MS, subscriptions.open());
  }

  /** The sidecar is gone. */
  end(): void {
    this.isThere = false;
    this.current = {};
    this.env.publications.reset();
    this.env.subscriptions.reset();
  }

  /** The sidecar does not know the application any more, so it has lost the rest, too. */
  async forgotten(): Promise<void> {
    const now = this.env.clock.now();
    if (now - this.forgottenAt < FORGOTTEN_MS) return;
    this.forgottenAt = now;
    const replay = this.current;
    try {
      await this.env.application();
    } catch {
      // Whatever was refused is asked again, with backoff, and leads here again.
      return;
    }
    if (this.isThere && this.current === replay) await this.begin();
  }

  private async wait(ms: number, work: Promise<void>): Promise<void> {
    await within(this.env.clock, ms, work).catch(() => undefined);
  }
}
