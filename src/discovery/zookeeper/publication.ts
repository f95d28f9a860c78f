import type { Clock } from '../../core/clock.js';
import { Deferred } from '../../core/deferred.js';
import { MeshError } from '../../core/errors.js';
import { reasonOf } from '../../core/reason.js';
import { type FailedTry, Reconciler } from '../../core/reconciler.js';
import { within } from '../../core/within.js';
import { FailureReporter } from '../failure-reporter.js';
import type { ZkRequests, ZkStat } from './connection.js';
import type { LiveConnection } from './live-connection.js';
import type { ZkSession } from './session.js';

/** What Java writes for a provider that is on line. */
const ONLINE = Buffer.from([1]);
const NOTHING = Buffer.alloc(0);
/** How often making a node is begun again where others remove its parents, or make the node, in between. */
const MAX_TRIES = 3;
/** So many times longer is it, at most, to the next look while the registry does not answer. */
const MAX_SLOWDOWN = 6;

export interface PublicationEnv {
  readonly session: ZkSession;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** The registry's name, for messages. */
  readonly registry: string;
  /** How long withdraw() waits for the registry. */
  readonly patienceMs: number;
  /** Default: `ephemeral`. One that is `persistent` outlives the session, unless it is withdrawn. */
  readonly kind?: 'ephemeral' | 'persistent';
  /** The nodes' data. Default: what Java writes for a provider that is on line. */
  readonly data?: Buffer;
  /** announce() waits for a registry that does not answer, as long as it takes. Default false. */
  readonly outwaits?: boolean;
}

/**
 * Keeps nodes, one in each directory, for as long as they are announced: whenever there is a new connection, and from time
 * to time, it looks whether they are there and will stay. A node that another process made is left to it, and made by this
 * one as soon as that process's session has ended: those who announce the same node share it.
 */
export class Publication {
  private readonly nodes: Reconciler;
  private readonly reporter: FailureReporter;
  private announced: Promise<void> | undefined;
  /** They were there: what fails from then on is told to all who listen. */
  private isKept = false;
  /** Ends the wait for a registry to make them at. */
  private ending = new AbortController();
  /** True from the first request that may have made a node. */
  private mayExist = false;
  /** Why they could not be made. */
  private failure: unknown;
  private unlisten: (() => void) | undefined;
  /** Resolves when nothing is left to do. */
  private gone: Deferred | undefined;

  constructor(
    private readonly service: string,
    private readonly paths: readonly string[],
    private readonly env: PublicationEnv,
  ) {
    const { clock, registry, session, warn } = env;
    this.nodes = new Reconciler({
      clock,
      apply: () => this.make(),
      revert: () => this.remove(),
      leaves: () => this.mayExist,
      // More rarely while they cannot be made: a new connection is a reason to look in any case.
      retryMs: (failures, isRevert) =>
        Math.round(session.nextLookMs() * (isRevert ? 1 : Math.min(failures, MAX_SLOWDOWN))),
      lookMs: () => session.nextLookMs(),
      onFailed: (failed) => this.report(failed),
      onRecovered: () => this.reporter.recovered(),
      onSettled: () => this.onSettled(),
    });
    this.reporter = new FailureReporter({ registry, service, operation: 'publish' }, (_, line) => warn(line));
    void this.nodes.open();
  }

  /** Whether they are announced, or about to be. */
  get isAnnounced(): boolean {
    return this.announced !== undefined;
  }

  /**
   * Resolves when the nodes are there; from then on they are kept.
   * @throws MeshError where that fails; what it may have left behind is removed as soon as it can be. CANCELLED where they
   * are withdrawn meanwhile.
   */
  announce(): Promise<void> {
    this.announced ??= this.first();
    return this.announced;
  }

  /** Resolves when the nodes are gone, or the registry has not answered for a while: then they go later. */
  async withdraw(): Promise<void> {
    const { clock, patienceMs, warn } = this.env;
    const late = `${this.service} stays announced until the registry answers again, or the session expires there`;
    await within(clock, patienceMs, this.end(), () => warn(late));
  }

  /** Resolves when nothing is left of them. */
  private end(): Promise<void> {
    this.announced = undefined;
    this.isKept = false;
    this.ending.abort();
    this.nodes.unwant();
    if (this.nodes.isOver) {
      this.onSettled();
      return Promise.resolve();
    }
    this.gone ??= new Deferred();
    return this.gone.promise;
  }

  private async first(): Promise<void> {
    const { registry, session } = this.env;
    this.ending = new AbortController();
    const { signal } = this.ending;
    this.unlisten ??= session.listen(this.paths, () => this.onHeard());
    this.nodes.want();
    await this.nodes.known();
    if (signal.aborted)
      throw new MeshError('CANCELLED', `${this.service} is no longer to be announced at ${registry}`);
    this.isKept = this.nodes.isMade;
    if (this.isKept) return;
    void this.end();
    throw this.failure;
  }

  private onHeard(): void {
    if (this.env.session.closed) this.nodes.unwant();
    else this.nodes.again();
  }

  private onSettled(): void {
    if (this.nodes.isOver) {
      this.unlisten?.();
      this.unlisten = undefined;
    } else if (!this.isAnnounced) return;
    // Also where they are announced anew: what was withdrawn before is gone, or is what is there now.
    this.gone?.resolve();
    this.gone = undefined;
  }

  /** Whoever announced them has long been answered. */
  private report({ error, failures, retryInMs = 0, isRevert }: FailedTry): void {
    const failure = { reason: reasonOf(error), failures, retryInMs };
    const { service } = this;
    if (this.isKept && !isRevert)
      this.reporter.failed(
        failure,
        `${service} may be announced no longer`,
        'clients may not find this server',
      );
  }

  private async make(): Promise<void> {
    const { session, outwaits = false } = this.env;
    const { signal } = this.ending;
    for (;;) {
      try {
        await session.run(async (requests) => {
          await Promise.all(this.paths.map((path) => this.ensureNode(requests, path, signal)));
        }, signal);
        return;
      } catch (error) {
        this.failure = error;
        // What the registry refuses, and a package that is missing, do not change by waiting.
        const isDown = !session.isConnected && MeshError.is(error) && error.code === 'CONNECT_FAILED';
        if (!outwaits || this.isKept || !isDown || signal.aborted) throw error;
      }
    }
  }

  private async ensureNode(requests: LiveConnection, path: string, signal: AbortSignal): Promise<void> {
    const { kind = 'ephemeral', data = ONLINE, session } = this.env;
    for (let tries = 0; tries < MAX_TRIES && !signal.aborted; tries++) {
      const stat = await requests.exists(path, false);
      if (this.isWell(stat, requests)) {
        this.mayExist = true;
        return;
      }
      const isOthers = (one: ZkStat | undefined) =>
        kind === 'ephemeral' && one !== undefined && !isPersistent(one) && !session.owns(one.owner);
      if (isOthers(stat)) {
        // Whoever made it keeps it; the watch tells when it goes.
        if (isOthers(await requests.exists(path, true))) return;
        continue;
      }
      // Of a session of ours that was lost, or from a backup: it would go, or stay, when it should not.
      if (stat !== undefined) await requests.remove(path);
      if (signal.aborted) return;
      this.mayExist = true;
      const result = await requests.create(path, data, kind);
      if (result === 'created') return;
      if (result === 'no-parent') await makeParents(requests, path);
    }
    if (!signal.aborted) throw new Error(`${path} is changed by others all the time`);
  }

  private async remove(): Promise<void> {
    const { session } = this.env;
    const patience = new AbortController().signal;
    try {
      for (const path of this.paths)
        await session.run((requests) => this.removeNode(requests, path), patience);
    } catch (error) {
      // The session takes its nodes along.
      if (!session.closed) throw error;
    }
    this.mayExist = false;
  }

  /** Another process's node stays. */
  private async removeNode(requests: LiveConnection, path: string): Promise<void> {
    const stat = await requests.exists(path, false);
    const isOurs = this.isWell(stat, requests) || (stat !== undefined && this.env.session.owns(stat.owner));
    if (isOurs) await requests.remove(path);
  }

  /** Whether a node is there, and lasts as long as it should. */
  private isWell(stat: ZkStat | undefined, { owner }: LiveConnection): boolean {
    return this.env.kind === 'persistent' ? isPersistent(stat) : stat?.owner === owner;
  }
}

function isPersistent(stat: ZkStat | undefined): boolean {
  return stat !== undefined && /^0*$/.test(stat.owner);
}

/** Java makes container nodes, which vanish with their last child. The client library cannot, so that ours stay. */
export async function makeParents(requests: ZkRequests, path: string): Promise<void> {
  const made: Promise<unknown>[] = [];
  // All at once: a session's requests are carried out in their order, and each answer of a registry far away takes its time.
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1))
    made.push(requests.create(path.slice(0, end), NOTHING, 'persistent'));
  await Promise.all(made);
}
