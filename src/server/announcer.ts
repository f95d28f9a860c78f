import type { ServiceContract } from '../contract/define-service.js';
import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { doubtsOf, hostOption, publishedHost, thisMachine } from '../discovery/published-host.js';
import type { OpenRegistry } from '../discovery/registries.js';
import { type Announced, Announcements } from './announcements.js';
import type { Address } from './listener.js';
import type { MeshServerOptions } from './options.js';
import { within } from './within.js';

/** As Java's. */
const DEFAULT_WEIGHT = 100;
/** How long `start()` waits for a registry that does not answer. */
const FIRST_TRY_MS = 3_000;
/** The same for `stop()`. */
const WITHDRAW_MS = 1_000;

/** Tells the registries of a server where its services are. */
export class Announcer {
  private readonly registries: readonly Announcements[];
  private readonly wantedHost: string | undefined;
  private readonly services: ServiceContract[] = [];
  private readonly doubts = new Set<string>();
  /** Where the server listens; undefined before `start()`. */
  private bound: Address | undefined;
  /** Milliseconds since 1970. */
  private startedAt = 0;

  /** @throws MeshError INVALID_ARGUMENT for a registry that nothing can be announced at, or a published host that is none. */
  constructor(
    private readonly options: MeshServerOptions,
    registries: readonly OpenRegistry[],
    private readonly clock: Clock,
    random: Random,
    private readonly warn: (text: string) => void,
  ) {
    this.wantedHost = hostOption(options.publishHost, process.env);
    this.registries = registries.map(({ name: registry, publisher }) => {
      if (publisher === undefined) throw notAnnounceable(registry);
      const whereabouts = () => this.addressFor(publisher.towards);
      return new Announcements({ registry, publisher, clock, random, warn, whereabouts });
    });
  }

  /** Whether others may have been told of this server. */
  get hasTold(): boolean {
    return this.bound !== undefined && this.registries.length > 0;
  }

  /** Announces a service: at once where the server has started, otherwise then. */
  add(service: ServiceContract): void {
    this.services.push(service);
    if (this.bound !== undefined) void this.announce([service]);
  }

  /** Announces what was added. Resolves when every registry has answered, or does not seem to. */
  async start(bound: Address): Promise<void> {
    this.bound = bound;
    this.startedAt = this.clock.wallTime();
    if (this.hasTold) await within(this.clock, FIRST_TRY_MS, this.announce(this.services));
  }

  /** Takes everything back. Resolves when the registries have confirmed it, or do not seem to. */
  async withdraw(): Promise<void> {
    await Promise.all(this.registries.map((registry) => registry.withdraw(WITHDRAW_MS)));
  }

  /** The services that were added; `announced`: at every registry, at least once. */
  states(): { id: string; announced: boolean }[] {
    const isAnnounced = (id: string) =>
      this.bound !== undefined && this.registries.every((registry) => registry.has(id));
    return this.services.map(({ id }) => ({ id, announced: isAnnounced(id) }));
  }

  /** What is not announced yet, and why, in words. */
  missing(): string[] {
    return this.registries.flatMap((registry) => registry.missing());
  }

  private async announce(services: readonly ServiceContract[]): Promise<void> {
    const announced = services.map((service) => this.announcedOf(service));
    await Promise.all(this.registries.map((registry) => registry.add(announced)));
  }

  /** The attributes have Java's names and forms (RegistryUtils.convertProviderToMap). */
  private announcedOf({ id, serialization, group }: ServiceContract): Announced {
    const { weight = DEFAULT_WEIGHT, warmup, attributes } = this.options;
    return {
      service: id,
      attributes: {
        ...attributes,
        weight: String(weight),
        startTime: String(Math.floor(this.startedAt)),
        serialization: typeof serialization === 'string' ? serialization : serialization.codec,
        ...(warmup && { warmupTime: String(warmup.timeMs), warmupWeight: String(warmup.weight) }),
        ...(group !== undefined && { group }),
      },
    };
  }

  private async addressFor(towards: string | undefined): Promise<Address> {
    const { wantedHost: wanted, options } = this;
    const bound = this.bound as Address;
    const host = await publishedHost({ wanted, bound: bound.host, towards }, thisMachine(this.clock));
    this.warnOnce(doubtsOf(host, towards));
    return { host, port: options.publishPort ?? bound.port };
  }

  private warnOnce(doubt: string | undefined): void {
    if (doubt === undefined || this.doubts.has(doubt)) return;
    this.doubts.add(doubt);
    this.warn(doubt);
  }
}

function notAnnounceable(registry: string): MeshError {
  return new MeshError(
    'INVALID_ARGUMENT',
    `MeshServer: nothing can be announced at ${registry}: it only tells addresses. Leave it out of the server's registry, or name one such as zookeeper://host:2181`,
  );
}
