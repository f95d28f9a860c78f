import type {
  ZkConnect,
  ZkConnection,
  ZkConnectOptions,
  ZkSessionKey,
  ZkStat,
} from '../../../src/discovery/zookeeper/connection.js';

const NO_OWNER = '0'.repeat(16);

interface Node {
  owner: string;
  data: Buffer;
  created: number;
  /** When its list of children last changed. */
  changed: number;
}

/** A tree in memory with sessions and watches, and with everything that can go wrong at the push of a button. */
export class FakeZookeeper {
  /** Every server of the ensemble, as long as it is not in here, answers. Named by `host:port`. */
  readonly refusing = new Set<string>();
  /** Nothing is answered any more, connections are not accepted either; nobody is told. */
  silent = false;
  /** What every operation is answered with, where set. */
  refusal: Error | undefined;
  /** Each try to connect: the server, and the session to take up again. */
  readonly attempts: { server: string; session: string | undefined }[] = [];
  /** Operations by name, since the start. */
  readonly operations: string[] = [];
  readonly connections = new Set<FakeConnection>();
  private readonly nodes = new Map<string, Node>();
  private readonly sessions = new Set<string>();
  private time = 0;

  readonly connect: ZkConnect = async (options) => {
    const server = `${options.server.host}:${options.server.port}`;
    this.attempts.push({ server, session: options.key?.id.toString('hex') });
    if (this.refusing.has(server) || this.refusing.has('all'))
      throw new Error(`connect ECONNREFUSED ${server}`);
    if (this.silent) {
      await new Promise((_, reject) => {
        options.signal.addEventListener('abort', () => reject(options.signal.reason), { once: true });
      });
    }
    return this.accept(options);
  };

  /** Children of a node, decoded. */
  list(path: string): string[] {
    return this.childrenOf(path).map(decodeURIComponent);
  }

  owners(path: string): string[] {
    return this.childrenOf(path).map((name) => this.nodes.get(`${path}/${name}`)?.owner as string);
  }

  dataOf(path: string): Buffer | undefined {
    return this.nodes.get(path)?.data;
  }

  childrenOf(path: string): string[] {
    const prefix = `${path}/`;
    return [...this.nodes.keys()]
      .filter((other) => other.startsWith(prefix) && !other.slice(prefix.length).includes('/'))
      .map((other) => other.slice(prefix.length));
  }

  /** Somebody else makes a node, with its parents. */
  put(path: string, owner = NO_OWNER): void {
    for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1))
      this.add(path.slice(0, end), NO_OWNER);
    this.add(path, owner);
  }

  /** Somebody else removes a node and all below it. `silently`: the watches that are left do not fire. */
  take(path: string, how: 'loudly' | 'silently' = 'loudly'): void {
    for (const name of this.childrenOf(path)) this.take(`${path}/${name}`, how);
    this.delete(path, how === 'loudly');
  }

  /** All connections are lost; the sessions live on. */
  cut(): void {
    for (const connection of [...this.connections]) connection.drop(new Error('read ECONNRESET'));
  }

  /** All sessions end, with their nodes; their connections are lost. */
  expire(): void {
    for (const session of [...this.sessions]) this.endSession(session);
    this.cut();
  }

  /** The servers are started again without their data. */
  wipe(): void {
    this.sessions.clear();
    this.nodes.clear();
    this.cut();
  }

  get sessionCount(): number {
    return this.sessions.size;
  }

  stat(path: string): ZkStat | undefined {
    const node = this.nodes.get(path);
    return node && { owner: node.owner, revision: `${node.created}:${node.changed}` };
  }

  add(path: string, owner: string, data: Buffer = Buffer.alloc(0)): 'created' | 'exists' | 'no-parent' {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (this.nodes.has(path)) return 'exists';
    if (parent !== '' && !this.nodes.has(parent)) return 'no-parent';
    this.time++;
    this.nodes.set(path, { owner, data, created: this.time, changed: this.time });
    this.fire(path, 'exists');
    this.childrenChanged(parent, true);
    return 'created';
  }

  delete(path: string, loudly = true): void {
    if (!this.nodes.delete(path)) return;
    this.time++;
    if (loudly) for (const kind of ['exists', 'children'] as const) this.fire(path, kind);
    this.childrenChanged(path.slice(0, path.lastIndexOf('/')), loudly);
  }

  endSession(session: string): void {
    this.sessions.delete(session);
    for (const [path, { owner }] of [...this.nodes]) if (owner === session) this.delete(path);
  }

  private accept(options: ZkConnectOptions): ZkConnection | 'expired' {
    const id = options.key?.id.toString('hex') ?? (++this.time).toString(16).padStart(16, '0');
    if (options.key !== undefined && !this.sessions.has(id)) return 'expired';
    this.sessions.add(id);
    const key = options.key ?? { id: Buffer.from(id, 'hex'), password: Buffer.alloc(16, this.time) };
    return new FakeConnection(this, key, options);
  }

  private childrenChanged(parent: string, loudly: boolean): void {
    const node = this.nodes.get(parent);
    if (node === undefined) return;
    node.changed = this.time;
    if (loudly) this.fire(parent, 'children');
  }

  private fire(path: string, kind: 'exists' | 'children'): void {
    for (const connection of this.connections) connection.fire(path, kind);
  }
}

export class FakeConnection implements ZkConnection {
  readonly lost: Promise<Error>;
  private lose!: (reason: Error) => void;
  private readonly watches = { exists: new Set<string>(), children: new Set<string>() };

  constructor(
    private readonly zookeeper: FakeZookeeper,
    readonly key: ZkSessionKey,
    private readonly options: ZkConnectOptions,
  ) {
    this.lost = new Promise((resolve) => {
      this.lose = resolve;
    });
    zookeeper.connections.add(this);
  }

  children(path: string) {
    return this.answer('children', () => {
      const stat = this.zookeeper.stat(path);
      if (stat === undefined) return undefined;
      this.watches.children.add(path);
      const [created] = stat.revision.split(':');
      return { names: this.zookeeper.childrenOf(path), revision: stat.revision, created };
    });
  }

  exists(path: string, watch: boolean) {
    return this.answer('exists', () => {
      if (watch) this.watches.exists.add(path);
      return this.zookeeper.stat(path);
    });
  }

  create(path: string, data: Buffer, kind: 'ephemeral' | 'persistent') {
    return this.answer('create', () =>
      this.zookeeper.add(path, kind === 'ephemeral' ? this.key.id.toString('hex') : NO_OWNER, data),
    );
  }

  remove(path: string) {
    return this.answer('remove', () => this.zookeeper.delete(path));
  }

  async end(): Promise<void> {
    await this.answer('end', () => this.zookeeper.endSession(this.key.id.toString('hex')));
    this.drop(new Error('the session has ended'));
  }

  drop(reason: Error): void {
    this.zookeeper.connections.delete(this);
    this.lose(reason);
  }

  fire(path: string, kind: 'exists' | 'children'): void {
    if (this.watches[kind].delete(path) && !this.zookeeper.silent) this.options.onChange(path);
  }

  private answer<T>(name: string, result: () => T): Promise<T> {
    this.zookeeper.operations.push(name);
    return new Promise((resolve, reject) => {
      const isDeaf = () => this.zookeeper.silent || !this.zookeeper.connections.has(this);
      if (isDeaf()) return;
      if (this.zookeeper.refusal !== undefined) return reject(this.zookeeper.refusal);
      const answer = result();
      if (!isDeaf()) resolve(answer);
    });
  }
}
