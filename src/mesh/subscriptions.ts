import { backoffMs } from '../core/backoff.js';
import type { Endpoint } from '../core/endpoint.js';
import type { CallAddress } from './call-address.js';
import type { MeshApi } from './mesh-api.js';
import { Registration, type RegistrationEnv } from './registration.js';
import type { SubscribedStatus } from './sidecar-status.js';

export interface SubscriptionsEnv extends RegistrationEnv {
  readonly api: MeshApi;
  readonly timeoutMs: number;
  /** Where calls go, of what the sidecar said. */
  readonly addressOf: (datas: readonly string[]) => CallAddress;
}

/** One user's subscription of a service at the sidecar. */
export interface Subscription {
  /** Where the service's calls go; undefined while it is not subscribed at a sidecar that is ready. */
  readonly endpoint: Endpoint | undefined;
  /**
   * Resolves when the endpoint is known, or it is certain that there is none for now: no sidecar, or one that did not take
   * the subscription, which is tried again. Never rejects.
   */
  ready(): Promise<void>;
  /** The last user's ends the subscription at the sidecar. May be called more than once. */
  release(): void;
}

/** Calls that find no provider come by the thousand. */
const AGAIN_MS = 1_000;
const AGAIN = { firstMs: 2_000, maxMs: 30_000 };
/** After that long without such a call, the next is taken for something new. */
const FORGIVEN_MS = 60_000;

class Subscribed {
  users = 0;
  readonly registration: Registration<CallAddress>;
  private repeats = 0;
  private askedAt = Number.NEGATIVE_INFINITY;
  private pauseMs = 0;

  constructor(
    service: string,
    private readonly env: SubscriptionsEnv,
  ) {
    const { api, timeoutMs, addressOf } = env;
    this.registration = new Registration(env, {
      service,
      operation: 'watch',
      tell: async () => addressOf(await api.subscribe(service, timeoutMs)),
      takeBack: () => api.unsubscribe(service, timeoutMs),
    });
  }

  again(): void {
    const { clock, random } = this.env;
    const now = clock.now();
    if (now - this.askedAt < this.pauseMs) return;
    if (now - this.askedAt > FORGIVEN_MS) this.repeats = 0;
    this.askedAt = now;
    this.pauseMs = Math.max(AGAIN_MS, backoffMs(AGAIN, ++this.repeats, random));
    // One that is not taken yet is asked again by itself.
    if (this.registration.isMade) this.registration.again();
  }
}

/** The services that the sidecar is asked for, each once, however many users it has. */
export class Subscriptions {
  private readonly all = new Map<string, Subscribed>();
  private readonly env: SubscriptionsEnv;
  private isOpen = false;

  constructor(env: SubscriptionsEnv) {
    const onChange = () => {
      this.tidy();
      env.onChange();
    };
    this.env = { ...env, onChange };
  }

  /** @param isThere resolves, once it is known, to whether there is a sidecar. */
  subscribe(service: string, isThere: () => Promise<boolean>): Subscription {
    const subscribed = this.all.get(service) ?? this.create(service);
    const { registration } = subscribed;
    if (subscribed.users++ === 0) registration.want();
    let isHeld = true;
    return {
      get endpoint() {
        return isHeld ? registration.result?.endpoint : undefined;
      },
      ready: async () => {
        if (registration.result === undefined && (await isThere()) && isHeld) await registration.known();
      },
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        if (--subscribed.users === 0) registration.unwant();
        this.env.onChange();
      },
    };
  }

  /** The sidecar did not know where a call of this service goes. */
  again(service: string): void {
    this.all.get(service)?.again();
  }

  /** Subscribes everything at a sidecar that knows nothing. Resolves when each was taken or refused. */
  async open(): Promise<void> {
    this.isOpen = true;
    await Promise.all([...this.all.values()].map(({ registration }) => registration.open()));
  }

  reset(): void {
    this.isOpen = false;
    for (const { registration } of [...this.all.values()]) registration.close();
    this.tidy();
  }

  /** Ends what everyone has subscribed. Resolves when the sidecar has answered. */
  async takeAllBack(): Promise<void> {
    const all = [...this.all.values()];
    for (const { registration } of all) registration.unwant();
    await Promise.all(all.map(({ registration }) => registration.known()));
  }

  /** What of the sidecar's addresses is not used, in words. */
  doubts(): string[] {
    return [...this.all].flatMap(([service, { registration }]) => {
      const { doubt, endpoint } = registration.result ?? {};
      return doubt === undefined ? [] : [`asked for ${service}, ${doubt}: ${endpoint?.address} is used`];
    });
  }

  status(): SubscribedStatus[] {
    return [...this.all]
      .filter(([, { users }]) => users > 0)
      .map(
        ([
          service,
          {
            users,
            registration: { result, failure },
          },
        ]) => {
          return { service, endpoint: result?.endpoint.address, users, failure };
        },
      );
  }

  private create(service: string): Subscribed {
    const subscribed = new Subscribed(service, this.env);
    this.all.set(service, subscribed);
    if (this.isOpen) void subscribed.registration.open();
    return subscribed;
  }

  /** Forgets what nobody wants and the sidecar does not know. */
  private tidy(): void {
    for (const [service, { registration }] of this.all) if (registration.isOver) this.all.delete(service);
  }
}
