// A plain client of ZooKeeper for the tests: writes what a stranger would write, and deletes.
import { once } from 'node:events';
import zookeeper, { type Client, type ZkException } from 'node-zookeeper-client';

/** One function, whose watches do not add up. */
const unheard = () => {};

export class ZkAdmin {
  private constructor(private readonly client: Client) {}

  /** `address`: `host:port`. */
  static async connect(address: string): Promise<ZkAdmin> {
    const client = zookeeper.createClient(address, { sessionTimeout: 6_000, retries: 3 });
    client.connect();
    await once(client, 'connected');
    return new ZkAdmin(client);
  }

  /** The names of a node's children; none where there is no such node. */
  async children(path: string): Promise<string[]> {
    const { NO_NODE } = zookeeper.Exception;
    return this.#call<string[]>((done) => this.client.getChildren(path, unheard, done), [NO_NODE]).then(
      (names) => names ?? [],
    );
  }

  /** Makes a node and its parents. An ephemeral one lives until `close()`. */
  async create(
    path: string,
    kind: 'ephemeral' | 'persistent' = 'ephemeral',
    data = Buffer.of(1),
  ): Promise<void> {
    for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1))
      await this.#make(path.slice(0, end), Buffer.of(), 'persistent');
    await this.#make(path, data, kind);
  }

  async remove(path: string): Promise<void> {
    await this.#call((done) => this.client.remove(path, done), [zookeeper.Exception.NO_NODE]);
  }

  /** Removes everything below a path, and the node itself. ZooKeeper's own nodes stay. */
  async removeAll(path: string): Promise<void> {
    for (const name of await this.children(path)) {
      const child = path === '/' ? `/${name}` : `${path}/${name}`;
      if (child !== '/zookeeper') await this.removeAll(child);
    }
    if (path !== '/') await this.remove(path);
  }

  /** Ends the session, and its ephemeral nodes with it. */
  async close(): Promise<void> {
    this.client.close();
    await once(this.client, 'disconnected');
  }

  async #make(path: string, data: Buffer, kind: 'ephemeral' | 'persistent'): Promise<void> {
    const { ACL, CreateMode, Exception } = zookeeper;
    const mode = kind === 'ephemeral' ? CreateMode.EPHEMERAL : CreateMode.PERSISTENT;
    await this.#call(
      (done) => this.client.create(path, data, ACL.OPEN_ACL_UNSAFE, mode, done),
      [Exception.NODE_EXISTS],
    );
  }

  /** `expected`: codes that are no failure. */
  #call<T>(
    start: (done: (error: ZkException | null | undefined, value?: T) => void) => void,
    expected: readonly number[],
  ): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      start((error, value) => {
        if (error && !expected.includes(error.getCode())) reject(error);
        else resolve(value);
      });
    });
  }
}
