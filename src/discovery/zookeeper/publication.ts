import type { Clock } from '../../core/clock.js';
import { MeshError } from '../../core/errors.js';
import { publish as tell } from '../../core/events.js';
import type { ZkRequests, ZkStat } from './connection.js';
import type { LiveConnection } from './live-connection.js';
import type { ZkSession } from './session.js';
import { Wake } from './wake.js';

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
 * Keeps nodes, one in each directory, until it is withdrawn: whenever there is a new connection, and from time to time, it
 * looks whether they are there and are the session's own, or of the kind that stays where that was asked for.
 */
export class Publication {
  private readonly loop: Wake;
  private readonly ending = new AbortController();
  /** Resolves when it no longer does anything. */
  private readonly over: Promise<void>;
  private finish!: () => void;
  /** True from the first request that may have made a node. */
  private mayExist = false;
  private failures = 0;
  private withdrawn: Promise<void> | undefined;

  constructor(
    private readonly service: string,
    private readonly paths: readonly string[],
    private readonly env: PublicationEnv,
  ) {
    this.loop = new Wake(env.clock);
    this.over = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  /**
   * Resolves when the nodes are there; from then on they are kept. Called once.
   * @throws MeshError where that fails; what it may have left behind is removed as soon as it can be.
   */
  async announce(): Promise<void> {
    const { registry, session } = this.env;
    const unlisten = session.listen([], this.loop.wake);
    try {
      await this.ensureFirst();
      if (this.ended)
        throw new MeshError('CANCELLED', `${this.service} is no longer to be announced at ${registry}`);
    } catch (error) {
      this.ending.abort();
      throw error;
    } finally {
      void this.keep().finally(unlisten).finally(this.finish);
    }
  }

  /** Resolves when the nodes are gone, or the registry has not answered for a while: then they go later. */
  withdraw(): Promise<void> {
    this.ending.abort();
    this.loop.wake();
    this.withdrawn ??= this.waitUntilOver();
    return this.withdrawn;
  }

  private async waitUntilOver(): Promise<void> {
    const { service } = this;
    const { clock, patienceMs, warn } = this.env;
    await new Promise<void>((resolve) => {
      const timer = clock.schedule(() => {
        warn(`${service} stays announced until the registry answers again, or the session expires there`);
        resolve();
      }, patienceMs);
      this.over.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  private get ended(): boolean {
    return this.ending.signal.aborted || this.env.session.closed;
  }

  private async keep(): Promise<void> {
    let nextMs = this.env.session.nextLookMs();
    while (!this.ended) {
      await this.loop.sleep(nextMs);
      if (!this.ended) nextMs = await this.look();
    }
    await this.removeAll();
  }

  /** The caller of announce() has long been answered: what fails is told to all who listen. Returns when to look again. */
  private async look(): Promise<number> {
    const { service } = this;
    const { registry, session, warn } = this.env;
    try {
      await this.ensure();
      if (this.failures > 0) tell('registry.recovered', { registry, service, operation: 'publish' });
      this.failures = 0;
      return session.nextLookMs();
    } catch (error) {
      if (this.ended) return 0;
      const failures = ++this.failures;
      const reason = (error as Error).message;
      // More rarely now: a new connection is a reason to look in any case.
      const retryInMs = Math.round(session.nextLookMs() * Math.min(failures, MAX_SLOWDOWN));
      tell('registry.failed', { registry, service, operation: 'publish', reason, failures, retryInMs });
      warn(
        `${service} may be announced no longer: ${reason}; it is tried again in ${retryInMs} ms (failure ${failures})`,
      );
      return retryInMs;
    }
  }

  private async ensureFirst(): Promise<void> {
    const { session, outwaits = false } = this.env;
    for (;;) {
      try {
        return await this.ensure();
      } catch (error) {
        // What the registry refuses, and a package that is missing, do not change by waiting.
        const isDown = !session.isConnected && MeshError.is(error) && error.code === 'CONNECT_FAILED';
        if (!outwaits || !isDown || this.ended) throw error;
      }
    }
  }

  private ensure(): Promise<void> {
    return this.env.session.run(async (requests) => {
      await Promise.all(this.paths.map((path) => this.ensureNode(requests, path)));
    }, this.ending.signal);
  }

  private async ensureNode(requests: LiveConnection, path: string): Promise<void> {
    const { kind = 'ephemeral', data = ONLINE } = this.env;
    for (let tries = 0; tries < MAX_TRIES && !this.ended; tries++) {
      const stat = await requests.exists(path, false);
      if (kind === 'persistent' ? isPersistent(stat) : stat?.owner === requests.owner) {
        this.mayExist = true;
        return;
      }
      // Of a session of ours that was lost, or from a backup: it would go, or stay, when it should not.
      if (stat !== undefined) await requests.remove(path);
      if (this.ended) return;
      this.mayExist = true;
      const result = await requests.create(path, data, kind);
      if (result === 'created') return;
      if (result === 'no-parent') await makeParents(requests, path);
    }
    if (!this.ended) throw new Error(`${path} is changed by others all the time`);
  }

  private async removeAll(): Promise<void> {
    const { session } = this.env;
    const patience = new AbortController().signal;
    while (this.mayExist && !session.closed) {
      try {
        for (const path of this.paths) await session.run((requests) => requests.remove(path), patience);
        this.mayExist = false;
      } catch {
        if (!session.closed) await this.loop.sleep(session.nextLookMs());
      }
    }
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
