import type { Publisher } from '../../discovery/resolver.js';
import type { RpcService } from './rpc-service.js';

/** How a service is announced in the registry. */
export class ServiceAnnouncement {
  /** Every try tells the same address: a registry may keep what a failed one has told. */
  url: string | undefined;
  /** The try that is on its way; never rejects. */
  trying: Promise<void> | undefined;
  /** Of the last try. */
  failure: { readonly error: unknown } | undefined;
  isMade = false;

  constructor(readonly service: RpcService) {}

  async follow(publishing: Promise<unknown>): Promise<void> {
    try {
      await publishing;
      this.isMade = true;
    } catch (error) {
      this.failure = { error };
    }
    this.trying = undefined;
  }
}

/** The registry as the core sees it. The services tell it of themselves. */
export class ServiceRegistry implements Publisher {
  readonly announcements = new Map<string, ServiceAnnouncement>();
  /** Services that have taken themselves back. */
  readonly withdrawn = new Set<RpcService>();

  /** @param url the server's address, with what is known of the server as its query. */
  constructor(private readonly url: () => string) {}

  async publish(id: string): Promise<() => Promise<void>> {
    const announcement = this.announcements.get(id) as ServiceAnnouncement;
    const { service } = announcement;
    announcement.url ??= this.url();
    const publishing = service.publish(announcement.url);
    const told = service.publishUrl;
    announcement.trying = announcement.follow(publishing);
    await publishing;
    return async () => {
      announcement.isMade = false;
      this.withdrawn.add(service);
      await withdraw(service, told);
    };
  }
}

/** A try that ends late must not take back what the service has announced since. */
function withdraw(service: RpcService, told: string | undefined): Promise<unknown> {
  const latest = service.publishUrl;
  service.publishUrl = told ?? latest;
  const withdrawn = service.unPublish();
  service.publishUrl = latest;
  return withdrawn;
}
