import { setMaxListeners } from 'node:events';
import { registryBackoffMs } from '../core/backoff.js';
import type { Clock, Timer } from '../core/clock.js';
import { endpointOf } from '../core/endpoint.js';
import type { Random } from '../core/random.js';
import { reasonOf } from '../core/reason.js';
import { Reconciler } from '../core/reconciler.js';
import { within } from '../core/within.js';
import { everMoreRarely, FailureReporter } from '../discovery/failure-reporter.js';
import type { Publisher } from '../discovery/resolver.js';
import type { Address } from './listener.js';

/** A service as a registry is told of it. */
export interface Announced {
  /** `interface:version[:uniqueId]` */
  readonly service: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface AnnouncementsOptions {
  /** The registry, for messages: its URL without passwords. */
  readonly registry: string;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly random: Random;
  readonly warn: (text: string) => void;
  /** Where others reach this server. Asked again for every try: the network may come later than the process. Never rejects. */
  readonly whereabouts: () => Promise<Address>;
  /** A try of a service has ended, either way. */
  readonly onTried: () => void;
}

interface Announcement {
  readonly service: string;
  readonly state: Reconciler<() => Promise<void>>;
  readonly reporter: FailureReporter;
}

const LINGERS = 'clients may try this address until the registry drops it';
const UNFOUND = 'clients that look there do not find this server';

/**
 * The services of a server at one registry. What cannot be announced is tried again, all together, with backoff, for as long
 * as it takes: a registry that is down must not keep a server from serving those who know it. What was announced is the
 * publisher's to keep.
 */
export class Announcements {
  private readonly all: Announcement[] = [];
  private readonly ended = new AbortController();
  private timer: Timer | undefined;
  /** Tries in a row that left something unannounced. */
  private failures = 0;
  private at: Promise<Address> | undefined;

  constructor(private readonly options: AnnouncementsOptions) {
    // A publisher listens once for each service; Node takes more than ten listeners for a leak.
    setMaxListeners(0, this.ended.signal);
  }

  /** Announces services; resolves after the first try, however that went. */
  async add(services: readonly Announced[]): Promise<void> {
    if (this.ended.signal.aborted) return;
    this.all.push(...services.map((announced) => this.announcementOf(announced)));
    await this.tryNow();
  }

  /** Whether the service was announced. What the registry loses later is the publisher's to repair. */
  has(service: string): boolean {
    return this.all.some((one) => one.service === service && one.state.isMade);
  }

  /** Why a service is not announced yet, in words; undefined where it is. */
  missing(service: string): string | undefined {
    const state = this.all.find((one) => one.service === service)?.state;
    if (state?.isMade) return undefined;
    const why = state?.error === undefined ? 'it has not answered' : reasonOf(state.error);
    return `${service} is not announced at ${this.options.registry} yet: ${why}`;
  }

  /**
   * Takes everything back. Resolves when the registry has confirmed it, at the latest after `limitMs`: one that is down
   * must not keep a server from stopping.
   */
  async withdraw(limitMs: number): Promise<void> {
    const { clock, registry, warn } = this.options;
    this.timer?.cancel();
    for (const { state } of this.all) state.unwant();
    this.ended.abort();
    // A try that is on its way takes back by itself what it announces now.
    const withdrawn = Promise.all(this.all.map(({ state }) => state.known()));
    await within(clock, limitMs, withdrawn, () =>
      warn(`${registry} did not confirm within ${limitMs} ms that this server was withdrawn; ${LINGERS}`),
    );
  }

  /** Tries what is not announced, at once; resolves when that has ended, however it went. */
  async tryNow(): Promise<void> {
    this.timer?.cancel();
    const due = this.all.filter(({ state }) => !state.isMade && !state.isTrying);
    if (due.length === 0) return;
    this.at = this.options.whereabouts();
    for (const { state } of due) state.want();
    await Promise.all(due.map(({ state }) => state.known()));
    if (this.ended.signal.aborted) return;
    const failed = due.filter(({ state }) => !state.isMade);
    if (failed.length > 0) this.tryAgain(failed);
    else if (this.all.every(({ state }) => state.isMade)) this.failures = 0;
  }

  private announcementOf({ service, attributes }: Announced): Announcement {
    const { clock, publisher, registry, warn, onTried } = this.options;
    const { signal } = this.ended;
    const state: Announcement['state'] = new Reconciler({
      clock,
      apply: async () => {
        const { host, port } = (await this.at) as Address;
        signal.throwIfAborted();
        const withdraw = await publisher.publish(service, endpointOf(host, port, attributes), signal);
        if (typeof withdraw !== 'function') throw new Error('its publish() did not resolve to a function');
        return withdraw;
      },
      revert: async () => {
        const withdraw = state.result;
        try {
          await withdraw?.();
        } catch (error) {
          warn(`cannot withdraw ${service} from ${registry}: ${reasonOf(error)}; ${LINGERS}`);
        }
      },
      // A publisher sees to what it may have left.
      leaves: () => false,
      // All that failed are tried together.
      retryMs: () => undefined,
      onRecovered: () => reporter.recovered(),
      onSettled: () => {
        if (!signal.aborted) onTried();
      },
    });
    void state.open();
    const subject = { registry, service, operation: 'publish' } as const;
    const reporter = new FailureReporter(subject, everMoreRarely(warn));
    return { service, state, reporter };
  }

  private tryAgain(failed: readonly Announcement[]): void {
    const { clock, random, registry } = this.options;
    const failures = ++this.failures;
    const retryInMs = registryBackoffMs(failures, random);
    const more = failed.length === 1 ? '' : ` and ${failed.length - 1} more`;
    for (const [i, { service, state, reporter }] of failed.entries()) {
      // All of them are one line.
      const what = i === 0 ? `cannot announce ${service}${more} at ${registry}` : undefined;
      reporter.failed({ reason: reasonOf(state.error), failures, retryInMs }, what, UNFOUND);
    }
    this.timer?.cancel();
    this.timer = clock.schedule(() => void this.tryNow(), retryInMs).unref();
  }
}
