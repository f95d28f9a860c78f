import type { Clock } from '../core/clock.js';
import { within } from '../core/within.js';
import type { Publisher } from '../discovery/resolver.js';
import type { Sidecar } from '../mesh/sidecar.js';
import type { PublishedStatus } from '../mesh/sidecar-status.js';
import type { Announced, Announcements } from './announcements.js';
import { Place } from './place.js';
import type { AnnouncedService } from './service-record.js';

/** How long a sidecar that does not answer may keep services from the registry. */
const HOPE_MS = 1_000;

/** What a server needs of the session with its sidecar. */
export type Session = Pick<
  Sidecar,
  | 'start'
  | 'decided'
  | 'state'
  | 'share'
  | 'reasons'
  | 'healthReason'
  | 'publisher'
  | 'onChange'
  | 'status'
  | 'mayBeAt'
>;

export interface SidecarPlaceEnv {
  readonly session: Session;
  readonly clock: Clock;
  readonly announcementsAt: (name: string, publisher: Publisher) => Announcements;
  readonly recordOf: (service: AnnouncedService) => Announced;
  readonly onChange: () => void;
}

/**
 * The sidecar, as a place to announce services. It is left when the server stops, or another process announces them, and not
 * before: the session repeats what was announced whenever the sidecar returns.
 */
export class SidecarPlace {
  /** For messages. */
  readonly name: string;
  private readonly place: Place;
  private readonly session: Session;
  private wasUp = false;
  private hopes = 0;
  private lastTry: Promise<void> = Promise.resolve();
  private stopListening: (() => void) | undefined;
  /** Another process has announced the same. */
  private isHandedOver = false;

  constructor(private readonly env: SidecarPlaceEnv) {
    const { session, recordOf } = env;
    this.session = session;
    this.name = `the sidecar at ${session.status().api}`;
    const enter = () => [
      env.announcementsAt(
        this.name,
        session.publisher(() => this.isHandedOver),
      ),
    ];
    this.place = new Place({ enter, recordOf });
  }

  /** Whether calls come through it now. */
  get isUp(): boolean {
    const { state, share } = this.session;
    return state === 'ready' && share > 0;
  }

  get isEntered(): boolean {
    return this.place.isEntered;
  }

  /** Whether services were announced a moment ago, and may still be taken. */
  get isHopeful(): boolean {
    return this.hopes > 0;
  }

  /** How it is, in words. */
  get condition(): string {
    const { state, reasons, healthReason } = this.session;
    if (this.isUp) return `${this.name} is ready`;
    if (state === 'ready') return `${this.name} gets no calls: ${healthReason}`;
    return [`${this.name} is ${state}`, ...reasons].join('; ');
  }

  /** Begins to look for it. Resolves when it is known whether it is there. */
  look(): Promise<void> {
    this.stopListening?.();
    this.stopListening = this.session.onChange(this.env.onChange);
    this.isHandedOver = false;
    this.session.start();
    return this.session.decided();
  }

  /** Announces what is not announced yet, where it is up. To be called whenever something has changed. */
  follow(services: readonly AnnouncedService[]): void {
    const { isUp, place } = this;
    const hasComeUp = isUp && !this.wasUp;
    this.wasUp = isUp;
    if (!isUp) return;
    if (hasComeUp) place.tryNow();
    if (place.announce(services)) this.lastTry = this.hopeFor(place.tried);
  }

  /** Whether who is connected from `remote`, `host:port`, may be the sidecar. */
  mayBeAt(remote: string): boolean {
    const host = remote.replace(/\]?:\d+$/, '').replace(/^\[?(::ffff:)?/i, '');
    return this.session.mayBeAt(host);
  }

  /** Resolves when what was announced last is there, or nothing says that it soon will be. */
  get tried(): Promise<void> {
    return this.lastTry;
  }

  /** @param isHandedOver another process has announced the same: the sidecar is not told that this one leaves. */
  leave(isHandedOver: boolean): Promise<void> {
    this.stopListening?.();
    this.wasUp = false;
    this.isHandedOver = isHandedOver;
    return this.place.leave();
  }

  /** Whether the sidecar that is there now was told of the service. */
  has(service: string): boolean {
    return this.place.has(service) && this.statusOf(service)?.announced === true;
  }

  /** Why a service is not announced there, in words. */
  missing(service: string): string[] {
    if (!this.isUp) return [`${service} is not announced yet: ${this.condition}`];
    const missing = this.place.missing(service);
    if (missing.length > 0) return missing;
    const why = this.statusOf(service)?.failure ?? 'it has not answered';
    return [`${service} is not announced again at ${this.name} yet: ${why}`];
  }

  private statusOf(service: string): PublishedStatus | undefined {
    return this.session.status().published.find((one) => one.service === service);
  }

  private async hopeFor(first: Promise<unknown>): Promise<void> {
    this.hopes++;
    await within(this.env.clock, HOPE_MS, first);
    this.hopes--;
    this.env.onChange();
  }
}
