import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import type { MeshApi } from './mesh-api.js';
import type { Publication } from './mesh-api-bodies.js';
import { Registration, type RegistrationEnv } from './registration.js';
import type { PublishedStatus } from './sidecar-status.js';

export interface PublicationsEnv extends RegistrationEnv {
  readonly api: MeshApi;
  readonly app: string;
  readonly timeoutMs: number;
}

interface Published {
  /** Of everyone who has published it, the newest last: that is the one that the sidecar is told. */
  readonly held: Publication[];
  readonly registration: Registration<void>;
}

/** The services that are announced at the sidecar. */
export class Publications {
  private readonly all = new Map<string, Published>();

  constructor(private readonly env: PublicationsEnv) {}

  /**
   * Announces `self`; resolves when the sidecar has taken it, to what takes it back. There must be a sidecar.
   * @param isHandedOver whether another process has announced the same, so that the sidecar is to keep it.
   * @throws MeshError why the sidecar did not take it, where it has never had this service.
   */
  async publish(service: string, self: Endpoint, isHandedOver: () => boolean): Promise<() => Promise<void>> {
    const publication = this.publicationOf(service, self);
    const published = this.all.get(service) ?? this.create(service);
    published.held.push(publication);
    published.registration.want();
    await published.registration.known();
    if (published.registration.isMade || published.registration.wasEverMade)
      return () => this.withdraw(service, published, publication, isHandedOver());
    const error = published.registration.error ?? this.lost(service);
    this.drop(published, publication, isHandedOver());
    throw error;
  }

  private lost(service: string): MeshError {
    return new MeshError('CONNECTION_LOST', `${this.env.name} was lost before it had taken ${service}`);
  }

  /** Takes back what everyone has published. Resolves when the sidecar has answered. */
  async takeAllBack(): Promise<void> {
    const all = [...this.all.values()];
    for (const { held, registration } of all) {
      held.length = 0;
      registration.unwant();
    }
    await Promise.all(all.map(({ registration }) => registration.known()));
  }

  /** Announces everything at a sidecar that knows nothing. Resolves when each was taken or refused. */
  async open(): Promise<void> {
    await Promise.all([...this.all.values()].map(({ registration }) => registration.open()));
  }

  reset(): void {
    for (const { registration } of [...this.all.values()]) registration.close();
    this.tidy();
  }

  status(): PublishedStatus[] {
    return [...this.all]
      .filter(([, { held }]) => held.length > 0)
      .map(
        ([
          service,
          {
            held,
            registration: { isMade, failure },
          },
        ]) => {
          const { port } = held[held.length - 1];
          return { service, port, announced: isMade, failure };
        },
      );
  }

  private create(service: string): Published {
    const { api, timeoutMs } = this.env;
    const held: Publication[] = [];
    const registration = new Registration<void>(
      { ...this.env, onChange: () => this.onChange() },
      {
        service,
        operation: 'publish',
        tell: () => api.publish(held[held.length - 1], timeoutMs),
        takeBack: () => api.unpublish(service, timeoutMs),
      },
    );
    const published = { held, registration };
    this.all.set(service, published);
    void registration.open();
    return published;
  }

  private onChange(): void {
    this.tidy();
    this.env.onChange();
  }

  /** Forgets what nobody wants and the sidecar does not know. */
  private tidy(): void {
    for (const [service, { registration }] of this.all) if (registration.isOver) this.all.delete(service);
  }

  private async withdraw(
    service: string,
    published: Published,
    publication: Publication,
    isHandedOver: boolean,
  ): Promise<void> {
    this.drop(published, publication, isHandedOver);
    const { registration } = published;
    if (this.all.get(service) !== published) return;
    await registration.known();
    if (registration.error !== undefined && published.held.length === 0) throw registration.error;
  }

  private drop({ held, registration }: Published, publication: Publication, isHandedOver: boolean): void {
    const at = held.indexOf(publication);
    if (at < 0) return;
    const wasNewest = at === held.length - 1;
    held.splice(at, 1);
    if (held.length === 0 && isHandedOver) registration.release();
    else if (held.length === 0) registration.unwant();
    else if (wasNewest) registration.want();
    this.onChange();
  }

  private publicationOf(service: string, { port, attributes }: Endpoint): Publication {
    const { group, serialization = 'hessian2' } = attributes;
    return {
      service,
      appName: this.env.app,
      port,
      serializeType: serialization,
      protocol: 'bolt',
      ...(group !== undefined && { group }),
      properties: attributes,
    };
  }
}
