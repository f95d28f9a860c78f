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

interface KeptNode {
  /** Undefined before it is its turn. */
  publication: Publication | undefined;
  isRemoved: boolean;
  made: Promise<void>;
}

const EMPTY = Buffer.alloc(0);

/** The nodes of one registry: each is there from keep() to remove(), as far as the registry lets it. */
export class KeptNodes {
  private readonly nodes = new Map<string, KeptNode>();
  /** Removals that are under way. */
  private readonly leaving = new Map<string, Promise<void>>();

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
      node = { publication: undefined, isRemoved: false, made: Promise.resolve() };
      this.nodes.set(path, node);
      node.made = this.make(node, path, what, kind);
    }
    await node.made;
  }

  /**
   * Removes a node, whoever made it. Resolves when it is gone; for one of our own also when the registry does not answer:
   * it goes later, then.
   * @throws MeshError where the registry refuses. SHUTTING_DOWN once closed.
   */
  async remove(path: string): Promise<void> {
    this.refuseIfClosed();
    const node = this.nodes.get(path);
    if (node === undefined) {
      await this.leaving.get(path);
      await this.env.session.run((requests) => requests.remove(path), new AbortController().signal);
      return;
    }
    this.nodes.delete(path);
    node.isRemoved = true;
    if (node.publication === undefined) return this.leaving.get(path);
    const gone = node.publication.withdraw().finally(() => this.leaving.delete(path));
    this.leaving.set(path, gone);
    await gone;
  }

  private refuseIfClosed(): void {
    const { registry, session } = this.env;
    if (session.closed)
      throw new MeshError('SHUTTING_DOWN', `registry ${registry} is closed; make a new one`);
  }

  private async make(
    node: KeptNode,
    path: string,
    what: string,
    kind: 'ephemeral' | 'persistent',
  ): Promise<void> {
    // What is on its way out must not take the new one along.
    await this.leaving.get(path);
    if (node.isRemoved) return;
    node.publication = new Publication(what, [path], { ...this.env, kind, data: EMPTY, outwaits: true });
    try {
      await node.publication.announce();
    } catch (error) {
      if (node.isRemoved || this.env.session.closed) return;
      if (this.nodes.get(path) === node) this.nodes.delete(path);
      throw error;
    }
  }
}
