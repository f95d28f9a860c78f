import type { Clock } from '../../core/clock.js';
import { MeshError } from '../../core/errors.js';
import { Publication } from '../../discovery/zookeeper/publication.js';
import type { ZkSession } from '../../discovery/zookeeper/session.js';

export interface KeptNodesEnv {
  readonly session: ZkSession;
  readonly clock: Clock;
  /** The registry's name, for messages. */
  readonly registry: string;
  readonly warn: (message: string) => void;
  /** How long a removal waits for the registry. */
  readonly patienceMs: number;
}

const EMPTY = Buffer.alloc(0);

/** The nodes of one registry: each is there from keep() to remove(), as far as the registry lets it. */
export class KeptNodes {
  private readonly nodes = new Map<string, Publication>();

  constructor(private readonly env: KeptNodesEnv) {}

  /**
   * Resolves when the node is there, after an outage where there is one, or when nobody wants it any more.
   * @param what is in the node, for messages.
   * @throws MeshError where the registry refuses; the node is then not tried again. SHUTTING_DOWN once closed.
   */
  async keep(path: string, what: string, kind: 'ephemeral' | 'persistent'): Promise<void> {
    this.refuseIfClosed();
    let node = this.nodes.get(path);
    if (node === undefined) {
      node = new Publication(what, [path], { ...this.env, kind, data: EMPTY, outwaits: true });
      this.nodes.set(path, node);
    }
    try {
      await node.announce();
    } catch (error) {
      const isTakenBack = MeshError.is(error) && error.code === 'CANCELLED';
      if (!isTakenBack && !this.env.session.closed) throw error;
    }
  }

  /**
   * Removes a node, whoever made it. Resolves when it is gone; for one that was kept also when the registry does not answer:
   * it goes later, then; and when another process keeps it, too: it goes with that.
   * @throws MeshError where the registry refuses. SHUTTING_DOWN once closed.
   */
  async remove(path: string): Promise<void> {
    this.refuseIfClosed();
    const node = this.nodes.get(path);
    const wasKept = node?.isAnnounced ?? false;
    await node?.withdraw();
    if (!wasKept)
      await this.env.session.run((requests) => requests.remove(path), new AbortController().signal);
  }

  private refuseIfClosed(): void {
    const { registry, session } = this.env;
    if (session.closed)
      throw new MeshError('SHUTTING_DOWN', `registry ${registry} is closed; make a new one`);
  }
}
