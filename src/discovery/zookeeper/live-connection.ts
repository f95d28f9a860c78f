import type { Clock } from '../../core/clock.js';
import type { ZkConnection, ZkListing, ZkRequests, ZkStat } from './connection.js';

/** A connection of which every request ends: with its answer, or with the connection. */
export class LiveConnection implements ZkRequests {
  /** The session that owns what is created here, as a stat names it. */
  readonly owner: string;
  /** Why it can no longer be used; undefined while it can. */
  loss: Error | undefined;
  /** Resolves to that, when all requests have failed with it. */
  readonly lost: Promise<Error>;
  private readonly pending = new Set<(cause: Error) => void>();

  /** @param limitMs a request that takes longer is a sign that the connection is dead: it is given up. */
  constructor(
    private readonly connection: ZkConnection,
    private readonly clock: Clock,
    private readonly limitMs: number,
  ) {
    this.owner = connection.key.id.toString('hex');
    this.lost = connection.lost.then((cause) => {
      this.loss = cause;
      for (const fail of this.pending) fail(cause);
      return cause;
    });
  }

  children(path: string): Promise<ZkListing | undefined> {
    return this.within(this.limitMs, () => this.connection.children(path));
  }

  exists(path: string, watch: boolean): Promise<ZkStat | undefined> {
    return this.within(this.limitMs, () => this.connection.exists(path, watch));
  }

  create(
    path: string,
    data: Buffer,
    kind: 'ephemeral' | 'persistent',
  ): Promise<'created' | 'exists' | 'no-parent'> {
    return this.within(this.limitMs, () => this.connection.create(path, data, kind));
  }

  remove(path: string): Promise<void> {
    return this.within(this.limitMs, () => this.connection.remove(path));
  }

  /** Ends the session, or gives the connection up where that is not answered in time. */
  async end(limitMs: number): Promise<void> {
    // Where it fails, the server ends the session by itself, later.
    await this.within(limitMs, () => this.connection.end()).catch(() => undefined);
    this.connection.drop(new Error('the session has ended'));
  }

  private async within<T>(limitMs: number, request: () => Promise<T>): Promise<T> {
    if (this.loss !== undefined) throw this.loss;
    let fail!: (cause: Error) => void;
    const answer = new Promise<T>((resolve, reject) => {
      fail = reject;
      request().then(resolve, reject);
    });
    const timer = this.clock.schedule(() => {
      this.connection.drop(new Error(`no answer for ${limitMs} ms`));
    }, limitMs);
    this.pending.add(fail);
    try {
      return await answer;
    } finally {
      timer.cancel();
      this.pending.delete(fail);
    }
  }
}
