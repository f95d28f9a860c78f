// The real ZooKeeper as one scenario sees it: a root and a TCP way of its own. The predecessor keeps one client for each
// host and port, whatever the root, so each scenario gets another port.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { bundledWithOld } from './libraries.mjs';
import { freePort } from './ports.mjs';

let made = 0;

export class ZkLink {
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();
  /** @type {ZkAdmin | undefined} */
  #admin;

  /** @param {string} upstream @param {number} port */
  constructor(upstream, port) {
    this.upstream = upstream;
    this.port = port;
    /** Below which everything of this scenario is. */
    this.root = `/compat-${process.pid}-${++made}`;
    this.isRefusing = false;
    this.server = createServer((socket) => this.#forward(socket));
  }

  /** @param {string} upstream */
  static async open(upstream) {
    const link = new ZkLink(upstream, await freePort());
    await once(link.server.listen(link.port, '127.0.0.1'), 'listening');
    return link;
  }

  /** `host:port/root` */
  get address() {
    return `127.0.0.1:${this.port}${this.root}`;
  }

  /** Ends the connections that are open. The session lives on for as long as its timeout. */
  cut() {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** A plain client below this root, not by this way. */
  async admin() {
    this.#admin ??= await ZkAdmin.connect(this.upstream, this.root);
    return this.#admin;
  }

  /** @returns {Promise<Record<string, string[]>>} */
  async tree() {
    const admin = await this.admin();
    /** @type {Record<string, string[]>} */
    const tree = {};
    for (const service of await admin.children(''))
      for (const kind of await admin.children(`/${service}`))
        tree[`${service}/${kind}`] = (await admin.children(`/${service}/${kind}`))
          .map(decodeURIComponent)
          .sort();
    return tree;
  }

  async close() {
    await this.#admin?.close();
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  /** @param {import('node:net').Socket} socket */
  #forward(socket) {
    if (this.isRefusing) return void socket.destroy();
    const [host, port] = this.upstream.split(':');
    const onward = connect(Number(port), host);
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ]) {
      this.#sockets.add(from);
      from.on('error', () => {});
      from.once('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}

/** A stranger who reads and writes nodes. Paths are below the root: '/com.test.Echo/providers/..'. */
class ZkAdmin {
  #zookeeper = bundledWithOld('node-zookeeper-client');

  /** @param {any} client @param {string} root */
  constructor(client, root) {
    this.client = client;
    this.root = root;
  }

  /** @param {string} address @param {string} root */
  static async connect(address, root) {
    const client = bundledWithOld('node-zookeeper-client').createClient(address, {
      sessionTimeout: 6_000,
      retries: 3,
    });
    client.connect();
    await once(client, 'connected');
    return new ZkAdmin(client, root);
  }

  /** @param {string} path @returns {Promise<string[]>} */
  children(path) {
    return this.childrenOf(this.root + path);
  }

  /** The same of a path from the top. @param {string} path @returns {Promise<string[]>} */
  async childrenOf(path) {
    return (await this.#call((done) => this.client.getChildren(path, done), 'NO_NODE')) ?? [];
  }

  /** What the children of a node hold. @param {string} path @returns {Promise<Buffer[]>} */
  async dataOf(path) {
    const names = await this.children(path);
    return Promise.all(
      names.map((name) =>
        this.#call((done) => this.client.getData(`${this.root}${path}/${name}`, done), 'NO_NODE'),
      ),
    );
  }

  /** Makes a node that lives until the scenario ends, and its parents. @param {string} path @param {Buffer} [data] */
  async create(path, data = Buffer.of(1)) {
    const { ACL, CreateMode } = this.#zookeeper;
    const full = this.root + path;
    await new Promise((resolve, reject) =>
      this.client.mkdirp(full.slice(0, full.lastIndexOf('/')), (/** @type {unknown} */ error) =>
        error ? reject(error) : resolve(undefined),
      ),
    );
    await this.#call(
      (done) => this.client.create(full, data, ACL.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL, done),
      'NODE_EXISTS',
    );
  }

  /** @param {string} path */
  async remove(path) {
    await this.#call((done) => this.client.remove(this.root + path, done), 'NO_NODE');
  }

  /** A provider as another process publishes it. @param {string} service @param {string} url */
  publish(service, url) {
    return this.create(`/${service}/providers/${encodeURIComponent(url)}`);
  }

  /** @param {string} service @param {string} url */
  unpublish(service, url) {
    return this.remove(`/${service}/providers/${encodeURIComponent(url)}`);
  }

  async close() {
    this.client.close();
    await once(this.client, 'disconnected');
  }

  /** @param {(done: (error: any, value?: any) => void) => void} start @param {string} expected @returns {Promise<any>} */
  #call(start, expected) {
    return new Promise((resolve, reject) => {
      start((error, value) => {
        if (error && error.getCode() !== this.#zookeeper.Exception[expected]) reject(error);
        else resolve(value);
      });
    });
  }
}
