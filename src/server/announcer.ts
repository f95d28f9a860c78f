import { Changes } from '../core/changes.js';
import type { Clock, Timer } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { within } from '../core/within.js';
import type { OpenRegistry } from '../discovery/registries.js';
import type { Publisher } from '../discovery/resolver.js';
import type { AnnounceMode } from './announce-mode.js';
import { Announcements } from './announcements.js';
import type { SharedPort } from './connections.js';
import type { Whereabouts } from './health.js';
import type { Address } from './listener.js';
import type { MeshServerOptions } from './options.js';
import { OwnAddress } from './own-address.js';
import { Place } from './place.js';
import { type AnnouncedService, recordOf as recordOfService } from './service-record.js';
import { type Session, SidecarPlace } from './sidecar-place.js';
import type { WorkerGroup } from './worker-group.js';
import type { LeaderState } from './worker-lines.js';

/** How long `start()` waits for a registry that does not answer. */
const FIRST_TRY_MS = 3_000;
/** How long another process that shares the port may take to announce what this one is about to withdraw. */
const HAND_OVER_MS = 2_000;
/** How long clients have to hear of the sidecar's announcement before the registry's is withdrawn. */
const QUIET_MS = 1_000;

export interface AnnouncerEnv {
  readonly options: MeshServerOptions;
  readonly mode: AnnounceMode;
  readonly registries: readonly OpenRegistry[];
  /** Undefined where no sidecar is looked for. */
  readonly session: Session | undefined;
  /** The processes that share the port that is listened on; undefined where it is this one's alone. */
  readonly groupAt?: (bound: Address, onChange: () => void) => WorkerGroup | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly warn: (text: string) => void;
}

/**
 * Tells registries and the sidecar where the services of a server are, and moves them from one to the other while it
 * runs. A place is left only when the other one was told, so that the server can always be found. Of several processes that
 * share its port one announces, for as long as it lives, and then another one.
 */
export class Announcer {
  private readonly registry: Place;
  private readonly sidecar: SidecarPlace | undefined;
  private readonly services: AnnouncedService[] = [];
  /** Those that were where they should be, at least once. */
  private readonly settled = new Set<string>();
  /** Where the server listens; undefined before `start()`. */
  private bound: Address | undefined;
  /** Milliseconds since 1970. */
  private startedAt = 0;
  /** It is known whether there is a sidecar, and the server does not stop. */
  private isFollowing = false;
  private readonly ended = new AbortController();
  private leaving: Timer | undefined;
  private group: WorkerGroup | undefined;
  /** Set by `withdraw()`: other processes go on to serve at this port. */
  private sharedAs: Whereabouts['mode'] | undefined;
  /** Since this process announces; undefined while another one does. */
  private entering: Promise<void> | undefined;
  /** Of the group: who announces, and what. */
  private readonly turns = new Changes();

  /** @throws MeshError INVALID_ARGUMENT for a registry that nothing can be announced at, or a published host that is none. */
  constructor(private readonly env: AnnouncerEnv) {
    const { options, session, clock, warn } = env;
    const registries = env.registries.map(publisherOf);
    const own = new OwnAddress(options, clock, warn);
    const recordOf = (service: AnnouncedService) => recordOfService(service, options, this.startedAt);
    const enter = (left: Promise<unknown>) =>
      registries.map(({ name, publisher }) =>
        this.announcementsAt(name, publisher, async (bound) => {
          await left;
          return own.inRegistry(bound, publisher.towards);
        }),
      );
    this.registry = new Place({ enter, recordOf });
    const announcementsAt = (name: string, publisher: Publisher) =>
      this.announcementsAt(name, publisher, async (bound) => own.atSidecar(bound));
    const onChange = () => this.follow();
    this.sidecar = session && new SidecarPlace({ session, clock, announcementsAt, recordOf, onChange });
  }

  /** Whether others may have been told of this server. */
  get hasTold(): boolean {
    return this.isInRegistry || this.sidecar?.isEntered === true;
  }

  /** Announces a service: at once where the server has started, otherwise then. */
  add(service: AnnouncedService): void {
    this.services.push(service);
    if (this.registry.isEntered) this.registry.announce(this.services);
    this.follow();
  }

  /**
   * Announces what was added. Resolves when every place has answered, or does not seem to; a sidecar is looked for before
   * the registry is told.
   */
  async start(bound: Address): Promise<void> {
    this.bound = bound;
    this.startedAt = this.env.clock.wallTime();
    await within(this.env.clock, FIRST_TRY_MS, this.begin());
  }

  /**
   * Takes everything back; where others share the port, when one of them has announced it. Resolves when that is confirmed,
   * or does not seem to be.
   */
  async withdraw(): Promise<void> {
    this.ended.abort();
    this.isFollowing = false;
    const { group } = this;
    const { mode } = this.whereabouts();
    const isHandedOver = group !== undefined && (await group.handOver(HAND_OVER_MS));
    if (isHandedOver) this.sharedAs = mode;
    await this.leave(isHandedOver);
    group?.close();
  }

  /** After `withdraw()`, where other processes go on to serve at this port, so that nobody was told to leave it. */
  get shared(): SharedPort | undefined {
    const { sharedAs, sidecar } = this;
    if (sharedAs === undefined) return undefined;
    return { isSidecar: (remote) => sharedAs !== 'direct' && sidecar?.mayBeAt(remote) === true };
  }

  /** @param isHandedOver another process announces the same: a sidecar, which knows one of them, is to keep it. */
  private async leave(isHandedOver: boolean): Promise<void> {
    this.isFollowing = false;
    this.leaving?.cancel();
    this.settled.clear();
    await Promise.all([this.registry.leave(), this.sidecar?.leave(isHandedOver)]);
  }

  /** The services that were added; `announced`: where they should be, at least once. */
  states(): { id: string; announced: boolean }[] {
    const { settled, leader } = this;
    const isAnnounced = (id: string) => settled.has(id) || leader?.announced.includes(id) === true;
    return this.services.map(({ id }) => ({ id, announced: isAnnounced(id) }));
  }

  /** What is not announced yet, and why, in words. */
  missing(): string[] {
    const missing = this.states().filter(({ announced }) => !announced);
    if (this.leads || missing.length === 0) return missing.flatMap(({ id }) => this.whyMissing(id));
    const why = this.leader?.missing.join('; ') || 'it has not said that it does';
    return missing.map(({ id }) => `${id} is announced by another process of this port: ${why}`);
  }

  /** Where the server is announced now. */
  whereabouts(): Whereabouts {
    const { sidecar, isInRegistry, leader } = this;
    const { announce, because } = this.env.mode;
    if (leader !== undefined) {
      const { mode, pid, reason } = leader;
      return { mode, reason: `process ${pid} announces for all that share this port; ${reason}` };
    }
    if (sidecar === undefined) {
      const where = isInRegistry ? 'the registry is told' : 'there is no registry to tell';
      return { mode: 'direct', reason: `${because}: ${where}` };
    }
    const reason = `${because}: ${sidecar.condition}`;
    if (announce === 'sidecar') return { mode: 'mesh', reason };
    if (!sidecar.isUp) return { mode: 'direct', reason };
    if (!isInRegistry) return { mode: 'mesh', reason };
    if (announce === 'both') return { mode: 'both', reason };
    const missing = this.services.filter(({ id }) => !sidecar.has(id));
    const why = missing.flatMap(({ id }) => sidecar.missing(id)).join('; ');
    return { mode: 'both', reason: `${reason}; ${why || 'the registry is left soon'}` };
  }

  private async begin(): Promise<void> {
    this.group = this.env.groupAt?.(this.bound as Address, () => this.onTurn());
    if (this.group === undefined) return this.enter();
    await this.group.join();
    await this.tried();
  }

  private get isOver(): boolean {
    return this.ended.signal.aborted;
  }

  /** Whether it is this process that announces. */
  private get leads(): boolean {
    return this.group === undefined || this.group.isLeading;
  }

  /** What another process says that announces for this one. */
  private get leader(): LeaderState | undefined {
    return this.leads ? undefined : this.group?.leader;
  }

  /** Another process of the group announces now, or has said more of that. */
  private onTurn(): void {
    if (this.isOver) return;
    if (this.leads) this.entering ??= this.enter();
    else if (this.entering !== undefined) {
      this.entering = undefined;
      void this.leave(true);
    }
    this.turns.tell();
  }

  /** Says how it is to the processes that this one announces for. */
  private tellGroup(): void {
    if (!this.leads || this.isOver) return;
    const announced = this.states().filter((state) => state.announced);
    const ids = announced.map(({ id }) => id);
    this.group?.tell({ pid: process.pid, announced: ids, missing: this.missing(), ...this.whereabouts() });
  }

  private async enter(): Promise<void> {
    const { sidecar } = this;
    this.tellGroup();
    const { announce } = this.env.mode;
    if (announce === 'registry' || announce === 'both') this.enterRegistry();
    if (sidecar !== undefined) {
      await sidecar.look();
      if (this.isOver || !this.leads) return;
    }
    this.isFollowing = true;
    this.follow();
    await this.placesTried();
  }

  /**
   * Resolves when what was added last was tried, however that went: at the sidecar, and then in the registry; or when
   * another process has announced it.
   */
  async tried(): Promise<void> {
    while (!this.leads && !this.isOver && this.missing().length > 0) await this.turns.next(this.ended.signal);
    await this.entering;
    await this.placesTried();
  }

  private async placesTried(): Promise<void> {
    await this.sidecar?.tried;
    await this.registry.tried;
  }

  /** Does what follows from how the places are now. To be called whenever that changes. */
  private follow(): void {
    if (!this.isFollowing) return;
    this.sidecar?.follow(this.services);
    this.followRegistry();
    for (const { id } of this.services) if (this.isWhereItShouldBe(id)) this.settled.add(id);
    this.tellGroup();
  }

  private followRegistry(): void {
    const { sidecar } = this;
    const { announce } = this.env.mode;
    if (announce === 'sidecar') return;
    if (announce === 'auto' && sidecar?.isUp) {
      if (this.isAllAtSidecar()) {
        this.leaveRegistry();
        return;
      }
      // It was told a moment ago: a registry that is not told yet need not be.
      if (sidecar.isHopeful) return;
    }
    this.enterRegistry();
  }

  private enterRegistry(): void {
    this.leaving?.cancel();
    this.leaving = undefined;
    this.registry.announce(this.services);
  }

  private leaveRegistry(): void {
    if (!this.registry.isEntered || this.leaving !== undefined) return;
    const leave = () => {
      this.leaving = undefined;
      // A service that was added in between has not been taken yet; when it has, this begins anew.
      if (this.isAllAtSidecar()) void this.registry.leave();
    };
    this.leaving = this.env.clock.schedule(leave, QUIET_MS).unref();
  }

  private isAllAtSidecar(): boolean {
    return this.services.every(({ id }) => this.sidecar?.has(id));
  }

  private get isInRegistry(): boolean {
    return this.registry.isEntered && this.env.registries.length > 0;
  }

  private isWhereItShouldBe(id: string): boolean {
    const { registry, sidecar } = this;
    const isAtSidecar = sidecar?.has(id) ?? false;
    switch (this.env.mode.announce) {
      case 'registry':
        return registry.has(id);
      case 'sidecar':
        return isAtSidecar;
      case 'both':
        return registry.has(id) && (isAtSidecar || !sidecar?.isUp);
      case 'auto':
        // Where there is no registry, `registry` has everything; a sidecar that is there must have it then.
        return isAtSidecar || (registry.has(id) && (this.isInRegistry || !sidecar?.isUp));
    }
  }

  private whyMissing(id: string): string[] {
    const { registry, sidecar } = this;
    const isSidecarMeant = sidecar !== undefined && (this.env.mode.announce === 'sidecar' || sidecar.isUp);
    const reasons = [...registry.missing(id), ...(isSidecarMeant ? sidecar.missing(id) : [])];
    return reasons.length > 0 ? reasons : [`${id} is not announced yet: a sidecar is looked for first`];
  }

  private announcementsAt(
    registry: string,
    publisher: Publisher,
    addressOf: (bound: Address) => Promise<Address>,
  ): Announcements {
    const { clock, random, warn } = this.env;
    return new Announcements({
      registry,
      publisher,
      clock,
      random,
      warn,
      whereabouts: () => addressOf(this.bound as Address),
      onTried: () => this.follow(),
    });
  }
}

function publisherOf({ name, publisher }: OpenRegistry): { name: string; publisher: Publisher } {
  if (publisher !== undefined) return { name, publisher };
  throw new MeshError(
    'INVALID_ARGUMENT',
    `MeshServer: nothing can be announced at ${name}: it only tells addresses. Leave it out of the server's registry, or name one such as zookeeper://host:2181`,
  );
}
