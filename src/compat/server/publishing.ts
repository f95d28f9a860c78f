import type { Clock } from '../../core/clock.js';
import { Deferred } from '../../core/deferred.js';
import { MeshError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import { within } from '../../core/within.js';
import type { Announcer } from '../../server/announcer.js';
import { Announcing } from '../../server/announcing.js';
import type { SharedPort } from '../../server/connections.js';
import type { Address } from '../../server/listener.js';
import type { MeshServerOptions } from '../../server/options.js';
import { RpcService } from './rpc-service.js';
import { ServiceAnnouncement, ServiceRegistry } from './service-registry.js';

/** How long a place that does not answer may take for its first try. */
const FIRST_TRY_MS = 3_000;
/** How long a registry may take to forget what was not announced by the server itself. */
const CONFIRM_MS = 1_000;

export interface PublishingEnv {
  readonly options: Pick<MeshServerOptions, 'app' | 'mode' | 'announce' | 'sidecar'>;
  /** In which codec the services are served. */
  readonly serialization: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly warn: (text: string) => void;
  /** The server's address as a registry is told it, with what is known of the server as its query. */
  readonly url: () => string;
  /** Where a sidecar reaches the server. */
  readonly bound: () => Address;
}

/** Where the services of a server are announced: in the registry, as they do it themselves, or at the sidecar. */
export class Publishing {
  private stay: Stay | undefined;
  private left: Promise<unknown> = Promise.resolve();
  /** Of the last stay; undefined before its end. */
  private lastAnnouncer: Announcer | undefined;

  constructor(private readonly env: PublishingEnv) {}

  /**
   * Announces those of the services that are not yet. Resolves when all are; rejects with why one is not. Either way it is
   * tried again until it is, or is withdrawn.
   */
  async publish(services: readonly RpcService[]): Promise<unknown[]> {
    await this.left;
    this.lastAnnouncer = undefined;
    this.stay ??= new Stay(this.env, services.some(tellsRegistry));
    await this.stay.announce(services);
    return services.map(() => undefined);
  }

  /**
   * Takes everything back. Resolves when that is confirmed, or does not seem to be; rejects as a service does that was not
   * announced by the server.
   */
  unPublish(services: readonly RpcService[]): Promise<unknown[]> {
    const leaving = this.leave(services);
    this.left = leaving.catch(() => undefined);
    return leaving;
  }

  /** After `unPublish()`, where other processes go on to serve at this port, so that nobody was told to leave it. */
  get shared(): SharedPort | undefined {
    return this.lastAnnouncer?.shared;
  }

  private async leave(services: readonly RpcService[]): Promise<unknown[]> {
    const { stay } = this;
    const { clock, warn } = this.env;
    this.stay = undefined;
    const withdrawn = await stay?.withdraw();
    this.lastAnnouncer = stay?.announcer ?? this.lastAnnouncer;
    const others = services.filter((service) => !withdrawn?.has(service));
    const left = Promise.all(others.map((service) => service.unPublish()));
    await within(clock, CONFIRM_MS, left, () =>
      warn(`the registry did not confirm within ${CONFIRM_MS} ms that the services were withdrawn`),
    );
    return services.map(() => undefined);
  }
}

/** Whether it has a registry, or announces itself in a way of its own. */
function tellsRegistry(service: RpcService): boolean {
  return service.registry !== undefined || service.publish !== RpcService.prototype.publish;
}

/** From `publish()` to `unPublish()`. */
class Stay {
  private readonly announcing: Announcing;
  private readonly registry: ServiceRegistry;
  private starting: Promise<void> | undefined;
  private readonly ended = new Deferred();

  constructor(
    private readonly env: PublishingEnv,
    hasRegistry: boolean,
  ) {
    const { options, clock, random, warn, url } = env;
    this.registry = new ServiceRegistry(url);
    const registry = hasRegistry ? this.registry : undefined;
    this.announcing = new Announcing({ ...options, registry, logger: { warn } }, { clock, random, warn });
  }

  async announce(services: readonly RpcService[]): Promise<void> {
    const { announcer } = this.announcing;
    const { announcements } = this.registry;
    const { serialization, bound, clock } = this.env;
    const added = services.filter(({ id }) => !announcements.has(id));
    for (const service of added) {
      const { id, group } = service;
      announcements.set(id, new ServiceAnnouncement(service));
      announcer.add({ id, group, serialization: serialization as 'hessian2' });
    }
    if (this.starting === undefined) {
      this.starting = announcer.start(bound());
      await this.starting;
    } else {
      await this.starting;
      await within(clock, FIRST_TRY_MS, announcer.tried());
    }
    await Promise.all([...announcements.keys()].map((id) => this.whenMade(id)));
  }

  get announcer(): Announcer {
    return this.announcing.announcer;
  }

  private async whenMade(id: string): Promise<void> {
    const announcement = this.registry.announcements.get(id) as ServiceAnnouncement;
    if (this.isMade(id)) return;
    if (announcement.trying !== undefined) await Promise.race([announcement.trying, this.ended.promise]);
    if (this.isMade(id)) return;
    if (announcement.failure !== undefined) throw announcement.failure.error;
    const why = this.announcing.announcer.missing().join('; ');
    throw new MeshError('NO_ENDPOINT', `cannot announce ${id}: ${why}`);
  }

  private isMade(id: string): boolean {
    if (this.registry.announcements.get(id)?.isMade) return true;
    return this.announcing.announcer.states().some((state) => state.id === id && state.announced);
  }

  /** Resolves, in two seconds at most, to the services that have taken themselves back. */
  async withdraw(): Promise<ReadonlySet<RpcService>> {
    this.ended.resolve();
    await this.announcing.announcer.withdraw();
    await this.announcing.close();
    return this.registry.withdrawn;
  }
}
