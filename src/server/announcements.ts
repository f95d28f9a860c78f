import { setMaxListeners } from 'node:events';
import type { Clock, Timer } from '../core/clock.js';
import { endpointOf } from '../core/endpoint.js';
import { publish } from '../core/events.js';
import type { Random } from '../core/random.js';
import { isWorthALine, registryBackoffMs } from '../discovery/backoff.js';
import { reasonOf } from '../discovery/reason.js';
import type { Publisher } from '../discovery/resolver.js';
import type { Address } from './listener.js';
import { within } from './within.js';

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

class Announcement {
  /** Set while it is announced. */
  withdraw: (() => Promise<void>) | undefined = undefined;
  /** The try that is on its way. */
  trying: Promise<void> | undefined = undefined;
  /** Why the last try failed. */
  failure: string | undefined = undefined;

  constructor(readonly announced: Announced) {}
}

const LINGERS = 'clients may try this address until the registry drops it';

/**
 * The services of a server at one registry. What cannot be announced is tried again, with backoff, for as long as it takes:
 * a registry that is down must not keep a server from serving those who know it.
 */
export class Announcements {
  private readonly all: Announcement[] = [];
  private readonly ended = new AbortController();
  private timer: Timer | undefined;
  /** Tries in a row that left something unannounced. */
  private failures = 0;

  constructor(private readonly options: AnnouncementsOptions) {
    // A publisher listens once for each service; Node takes more than ten listeners for a leak.
    setMaxListeners(0, this.ended.signal);
  }

  /** Announces services; resolves after the first try, however that went. */
  add(services: readonly Announced[]): Promise<void> {
    this.all.push(...services.map((announced) => new Announcement(announced)));
    return this.tryNow();
  }

  /** Whether the service was announced. What the registry loses later is the publisher's to repair. */
  has(service: string): boolean {
    return this.all.some(
      ({ announced, withdraw }) => announced.service === service && withdraw !== undefined,
    );
  }

  /** Why a service is not announced yet, in words; undefined where it is. */
  missing(service: string): string | undefined {
    const one = this.all.find(({ announced }) => announced.service === service);
    if (one?.withdraw !== undefined) return undefined;
    return `${service} is not announced at ${this.options.registry} yet: ${one?.failure ?? 'it has not answered'}`;
  }

  /**
   * Takes everything back. Resolves when the registry has confirmed it, at the latest after `limitMs`: one that is down
   * must not keep a server from stopping.
   */
  async withdraw(limitMs: number): Promise<void> {
    const { clock, registry, warn } = this.options;
    this.timer?.cancel();
    const withdrawn = Promise.all(this.all.map((one) => this.withdrawOne(one)));
    this.ended.abort();
    if (await within(clock, limitMs, withdrawn)) return;
    warn(`${registry} did not confirm within ${limitMs} ms that this server was withdrawn; ${LINGERS}`);
  }

  /** Never rejects. */
  private async withdrawOne(one: Announcement): Promise<void> {
    const { registry, warn } = this.options;
    const { withdraw } = one;
    one.withdraw = undefined;
    try {
      await withdraw?.();
    } catch (error) {
      warn(`cannot withdraw ${one.announced.service} from ${registry}: ${reasonOf(error)}; ${LINGERS}`);
    }
    // A try that is on its way takes back by itself what it announces now.
    await one.trying;
  }

  /** Tries what is not announced, at once; resolves when that has ended, however it went. */
  async tryNow(): Promise<void> {
    this.timer?.cancel();
    const due = this.all.filter(({ withdraw, trying }) => withdraw === undefined && trying === undefined);
    if (due.length === 0) return;
    const at = this.options.whereabouts();
    for (const one of due) one.trying = this.tryOne(one, at);
    await Promise.all(due.map(({ trying }) => trying));
    const failed = due.filter(({ withdraw }) => withdraw === undefined);
    if (this.ended.signal.aborted) return;
    if (failed.length > 0) this.tryAgain(failed);
    else if (this.all.every(({ withdraw }) => withdraw !== undefined)) this.failures = 0;
  }

  /** Never rejects. */
  private async tryOne(one: Announcement, at: Promise<Address>): Promise<void> {
    const { publisher, registry } = this.options;
    const { service, attributes } = one.announced;
    const { signal } = this.ended;
    try {
      const { host, port } = await at;
      if (signal.aborted) return;
      const withdraw = await publisher.publish(service, endpointOf(host, port, attributes), signal);
      if (typeof withdraw !== 'function') throw new Error('its publish() did not resolve to a function');
      one.withdraw = withdraw;
    } catch (error) {
      one.failure = reasonOf(error);
    }
    one.trying = undefined;
    if (one.withdraw === undefined) this.options.onTried();
    else if (signal.aborted) await this.withdrawOne(one);
    else {
      const hadFailed = one.failure !== undefined;
      one.failure = undefined;
      if (hadFailed) publish('registry.recovered', { registry, service, operation: 'publish' });
      this.options.onTried();
    }
  }

  private tryAgain(failed: readonly Announcement[]): void {
    const { clock, random, registry, warn } = this.options;
    const failures = ++this.failures;
    const retryInMs = registryBackoffMs(failures, random);
    for (const { announced, failure: reason = '' } of failed) {
      const { service } = announced;
      publish('registry.failed', { registry, service, operation: 'publish', reason, failures, retryInMs });
    }
    const [{ announced, failure }] = failed;
    const more = failed.length === 1 ? '' : ` and ${failed.length - 1} more`;
    if (isWorthALine(failures))
      warn(
        `cannot announce ${announced.service}${more} at ${registry}: ${failure}; clients that look there do not find this server. It is tried again in ${retryInMs} ms (failure ${failures})`,
      );
    this.timer?.cancel();
    this.timer = clock.schedule(() => void this.tryNow(), retryInMs).unref();
  }
}
