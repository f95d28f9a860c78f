import { type Clock, systemClock } from '../core/clock.js';
import { Deferred } from '../core/deferred.js';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { systemRandom } from '../core/random.js';
import { reasonOf } from '../core/reason.js';
import { within } from '../core/within.js';
import { oncePerReason } from '../discovery/failure-reporter.js';
import { thisMachine } from '../discovery/published-host.js';
import type { Publisher } from '../discovery/resolver.js';
import { boltFraming } from '../protocol/framings.js';
import { type Connect, connectTcp } from '../transport/socket.js';
import { type CallAddress, callAddress, maySidecarBe } from './call-address.js';
import { ChangeListeners } from './change-listeners.js';
import { MeshApi } from './mesh-api.js';
import { PathHealth } from './path-health.js';
import { type Places, placesOf } from './places.js';
import { probe } from './probe.js';
import { Publications } from './publications.js';
import type { RegistrationEnv } from './registration.js';
import { SessionReplay } from './session-replay.js';
import { SessionStreams } from './session-streams.js';
import type { SidecarOptions } from './sidecar-options.js';
import { SidecarSearch } from './sidecar-search.js';
import type { SidecarState, SidecarStatus } from './sidecar-status.js';
import { type Subscription, Subscriptions } from './subscriptions.js';

/** What a client has seen of the sidecar: it notices sooner than the session, which only watches. */
export type SidecarReport =
  /** A connection to the egress closed, or died in silence. */
  | { readonly kind: 'connection-lost'; readonly reason: string }
  /** The egress asked to go away. */
  | { readonly kind: 'go-away'; readonly reason: string }
  /** The sidecar itself answered that it does not know where the service's calls go. */
  | { readonly kind: 'no-processor'; readonly service: string };

/** What an answer of the mesh API may take: a subscription may wait 3 s for a registry. */
const API_MS = 5_000;
/** The application is told within that, as when the sidecar is looked for. */
const APPLICATION_MS = 800;
const CLOSE_MS = 1_000;

/**
 * The session with the sidecar: looks for it, keeps what this process announces and subscribes there, tells it all again
 * when the sidecar was restarted, and knows what share of the calls it can be trusted with. One session may be shared by
 * several clients and servers; what one of them gives up, the others keep.
 */
export class Sidecar implements AsyncDisposable {
  /** Opens streams to the sidecar; its clients use it for their calls. */
  readonly connect: Connect;
  private readonly clock: Clock;
  private readonly warn: (text: string) => void;
  private readonly places: Places;
  private readonly name: string;
  private readonly streams: SessionStreams;
  private readonly search: SidecarSearch;
  private readonly health: PathHealth;
  private readonly publications: Publications;
  private readonly subscriptions: Subscriptions;
  private readonly replay: SessionReplay;
  private readonly listeners: ChangeListeners;
  private readonly firstDecision = new Deferred();
  private isDecided = false;
  /** Another one each time that the sidecar is found. */
  private session = {};
  private closing: Promise<void> | undefined;

  /** Costs no I/O. @throws MeshError INVALID_ARGUMENT naming the option or the variable. */
  constructor(options: SidecarOptions) {
    const { app, application, clock = systemClock, random = systemRandom, logger = console } = options;
    if (typeof app !== 'string' || app === '')
      throw new MeshError('INVALID_ARGUMENT', 'Sidecar: app must be the name of this application');
    this.clock = clock;
    this.warn = (text) => logger.warn(text);
    this.listeners = new ChangeListeners(this.warn);
    this.places = placesOf(options, options.env ?? process.env);
    this.name = `the sidecar at ${this.places.api.address}`;
    this.connect = options.connect ?? connectTcp;
    this.streams = new SessionStreams(this.connect);
    const { connect } = this.streams;
    const api = new MeshApi({ endpoint: this.places.api, connect, clock });
    const config = { ...application, appName: app };
    const { bolt = 'v1' } = options;
    const framing = boltFraming(bolt);
    const protocol = `Bolt ${bolt}`;
    this.search = new SidecarSearch({
      clock,
      random,
      isDisabled: this.places.isDisabled,
      look: (sentinel) => probe(this.places, api, config, { connect, clock, framing, protocol, ...sentinel }),
      onFound: () => this.onFound(),
      onLost: (reason) => this.onLost(reason),
      onLeaving: (reason) => this.onLeaving(reason),
      onChange: () => this.onSearched(),
    });
    this.health = new PathHealth({ clock, random, onChange: () => this.listeners.tell() });
    const env: RegistrationEnv = {
      clock,
      random,
      name: this.name,
      log: oncePerReason(clock, this.warn),
      onChange: () => this.listeners.tell(),
      onForgotten: () => void this.replay.forgotten(),
    };
    this.publications = new Publications({ ...env, api, app, timeoutMs: API_MS });
    this.subscriptions = new Subscriptions({
      ...env,
      api,
      timeoutMs: API_MS,
      addressOf: (datas) => this.addressOf(datas),
    });
    this.replay = new SessionReplay({
      clock,
      publications: this.publications,
      subscriptions: this.subscriptions,
      application: () => api.application(config, APPLICATION_MS),
    });
  }

  /** Begins to look for the sidecar; whoever uses the session does so, too. After that it does nothing. */
  start(): void {
    this.search.start();
  }

  get state(): SidecarState {
    return this.search.state;
  }

  /** What was looked at, what it said, what was decided. @internal */
  get reasons(): readonly string[] {
    return [...this.search.reasons, ...this.subscriptions.doubts()];
  }

  /** Resolves, after `start()`, when it is known whether there is a sidecar: in less than a second. Never rejects. */
  decided(): Promise<void> {
    return this.firstDecision.promise;
  }

  /** 0 to 1: the part of the calls that its health allows. Grows step by step after it was absent or lost. @internal */
  get share(): number {
    return this.state === 'ready' ? this.health.share : 0;
  }

  /** Why that share, in words. @internal */
  get healthReason(): string {
    const { state, reasons } = this.search;
    if (state === 'ready') return this.health.reason;
    return (state === 'lost' ? reasons[0] : reasons.at(-1)) ?? state;
  }

  /** Whether the next call may go through the sidecar, by its health: chance where that allows a part of them. @internal */
  admits(): boolean {
    return this.state === 'ready' && this.health.admits();
  }

  /** Asks the sidecar for a service, for as long as anybody who did so has not released it. @internal */
  subscribe(service: string): Subscription {
    if (this.closing !== undefined) return NONE;
    this.start();
    return this.subscriptions.subscribe(service, () => this.isThere());
  }

  /**
   * Announces services at the sidecar. Its `publish()` rejects where there is no sidecar (CONNECT_FAILED), or it does not
   * take the service. What was taken once is announced again by itself, until it is withdrawn.
   * @param isHandedOver asked when something is withdrawn: whether another process has announced the same. The sidecar is
   * then not told, for it knows one announcement of a service, whoever made it. Default: no.
   * @internal
   */
  publisher(isHandedOver = () => false): Publisher {
    return { publish: (service, self, signal) => this.publish(service, self, signal, isHandedOver) };
  }

  /** Whether who connects from this address may be the sidecar. @internal */
  mayBeAt(host: string): boolean {
    return maySidecarBe(host, { api: this.places.api, own: this.ownAddresses() });
  }

  /** Tells the session what a client has seen. @internal */
  report(report: SidecarReport): void {
    if (report.kind === 'connection-lost') this.search.lose(report.reason);
    else if (report.kind === 'go-away') this.search.leave(report.reason);
    else this.subscriptions.again(report.service);
  }

  /**
   * Calls `listener` when what `status()` says has changed, or the endpoint of a subscription.
   * @returns what ends that.
   */
  onChange(listener: () => void): () => void {
    return this.listeners.add(listener);
  }

  /** What is known of the sidecar, as plain data. */
  status(): SidecarStatus {
    const { api, egress } = this.places;
    return {
      state: this.state,
      since: this.search.since,
      share: this.share,
      healthReason: this.healthReason,
      api: api.address,
      egress: egress.address,
      reasons: this.reasons,
      published: this.publications.status(),
      subscribed: this.subscriptions.status(),
    };
  }

  /**
   * Takes back what was announced and subscribed, and looks for the sidecar no more. Resolves when that is confirmed, or
   * after a second. Whoever uses the session after that is told that there is no sidecar.
   */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async shutDown(): Promise<void> {
    const takeBack = () => Promise.all([this.publications.takeAllBack(), this.subscriptions.takeAllBack()]);
    const late = () =>
      this.warn(
        `${this.name} did not confirm within ${CLOSE_MS} ms that everything was taken back; it may keep what it knows of this application`,
      );
    try {
      if (this.replay.isOpen) await within(this.clock, CLOSE_MS, takeBack(), late);
    } catch (error) {
      this.warn(reasonOf(error));
    }
    this.session = {};
    this.search.close('the session with the sidecar was closed');
    this.health.close();
    this.replay.end();
    this.streams.close();
  }

  private async isThere(): Promise<boolean> {
    await this.decided();
    return this.replay.isOpen;
  }

  private async publish(
    service: string,
    self: Endpoint,
    signal: AbortSignal,
    isHandedOver: () => boolean,
  ): Promise<() => Promise<void>> {
    this.start();
    const isThere = await this.isThere();
    if (this.closing !== undefined)
      throw new MeshError('SHUTTING_DOWN', 'the session was closed', { service });
    if (!isThere) {
      const why = this.reasons.join('; ');
      throw new MeshError('CONNECT_FAILED', `there is no sidecar to announce ${service} at: ${why}`, {
        service,
      });
    }
    const withdraw = await this.publications.publish(service, self, isHandedOver);
    const abandon = () => void withdraw().catch(() => undefined);
    if (signal.aborted) abandon();
    else signal.addEventListener('abort', abandon, { once: true });
    return withdraw;
  }

  private onFound(): void {
    const session = {};
    this.session = session;
    void this.replay.begin().then(() => {
      if (this.session === session) this.health.recover(`${this.name} answers again`);
    });
  }

  /** Whoever answers at its address from now on may be its successor, which knows nothing yet. */
  private onLeaving(reason: string): void {
    this.session = {};
    this.replay.end();
    this.health.degrade(`the sidecar asked to go away: ${reason}`);
  }

  private onLost(reason: string): void {
    const wasHealthy = this.health.state === 'healthy';
    this.session = {};
    this.replay.end();
    this.health.degrade(reason);
    if (wasHealthy)
      this.warn(`${this.name} is lost: ${reason}; it is looked for, and used again when it is back`);
  }

  private onSearched(): void {
    if (!this.isDecided) {
      this.isDecided = true;
      if (this.state === 'absent') this.health.degrade(this.healthReason);
      this.firstDecision.resolve();
    }
    this.listeners.tell();
  }

  private addressOf(datas: readonly string[]): CallAddress {
    const { api, egress } = this.places;
    return callAddress(datas, { api, egress, own: this.ownAddresses() });
  }

  private ownAddresses(): string[] {
    return thisMachine(this.clock)
      .interfaces()
      .map(({ address }) => address);
  }
}

/** Of a session that was closed. */
const NONE: Subscription = {
  endpoint: undefined,
  ready: () => Promise.resolve(),
  release: () => undefined,
};
