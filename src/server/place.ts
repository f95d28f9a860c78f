import type { Announced, Announcements } from './announcements.js';
import type { AnnouncedService } from './service-record.js';

/** How long a registry may take to confirm that a server was withdrawn. */
const WITHDRAW_MS = 1_000;

export interface PlaceEnv {
  /** Makes the announcements of one stay. Their first try must not come before `left`. */
  readonly enter: (left: Promise<unknown>) => readonly Announcements[];
  readonly recordOf: (service: AnnouncedService) => Announced;
}

/**
 * Somewhere that services are announced from time to time: the registries, or the sidecar. Each stay has announcements of
 * its own, and waits until the last one's were withdrawn, so that a registry never mixes them up.
 */
export class Place {
  /** Of this stay; undefined while nothing is announced. */
  private current: readonly Announcements[] | undefined;
  private readonly announced = new Set<AnnouncedService>();
  private left: Promise<unknown> = Promise.resolve();
  private lastTry: Promise<unknown> = Promise.resolve();

  constructor(private readonly env: PlaceEnv) {}

  get isEntered(): boolean {
    return this.current !== undefined;
  }

  /** Resolves when the first try of what was announced last has ended, however it went. */
  get tried(): Promise<unknown> {
    return this.lastTry;
  }

  /** Announces those of the services that are not yet, until `leave()`. Returns whether there were any. */
  announce(services: readonly AnnouncedService[]): boolean {
    this.current ??= this.env.enter(this.left);
    const added = services.filter((service) => !this.announced.has(service));
    if (added.length === 0) return false;
    for (const service of added) this.announced.add(service);
    const records = added.map((service) => this.env.recordOf(service));
    this.lastTry = Promise.all(this.current.map((registry) => registry.add(records)));
    return true;
  }

  /** Tries what could not be announced, at once. */
  tryNow(): void {
    for (const registry of this.current ?? []) void registry.tryNow();
  }

  /** Takes everything back. Resolves when that is confirmed, or does not seem to be. */
  async leave(): Promise<void> {
    const { current = [] } = this;
    this.current = undefined;
    this.announced.clear();
    const withdrawn = current.map((registry) => registry.withdraw(WITHDRAW_MS));
    this.left = Promise.all([this.left, ...withdrawn]);
    await this.left;
  }

  has(service: string): boolean {
    return this.current?.every((registry) => registry.has(service)) ?? false;
  }

  /** Why a service is not announced there, in words; empty where it is. */
  missing(service: string): string[] {
    const { current = [] } = this;
    return current.map((registry) => registry.missing(service)).filter((reason) => reason !== undefined);
  }
}
