// Scripted peers on raw TCP: a provider (Peer) and a caller (RawClient). What they say is written by sofa-bolt-node.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { freePort } from './ports.mjs';

/** @typedef {import('./frames.mjs').Frames} Frames
 * @typedef {import('./frames.mjs').Packet} Packet
 * @typedef {Buffer | Buffer[] | null | undefined | void} Said
 * @typedef {(packet: Packet, connection: Connection) => Said | Promise<Said>} Script What to say to a frame; nothing: silence.
 * @typedef {object} OwnOptions
 * @property {number} [port]
 * @property {(connection: Connection) => void} [onConnect]
 * @property {boolean} [heartbeats] The script gets them too. By default they are answered and not recorded: the new side
 *   asks more often.
 * @typedef {import('./frames.mjs').FrameOptions & OwnOptions} PeerOptions
 */

/** One connection of a peer or a raw client: `packets` as sofa-bolt-node reads them, `frames` as normalised bytes. */
export class Connection {
  /** @type {Packet[]} */
  packets = [];
  /** @type {import('./frames.mjs').SeenFrame[]} */
  frames = [];
  isOpen = true;
  /** Resolves when it is closed, by either side. @type {Promise<void>} */
  closed;
  /** @type {Buffer} */
  #rest = Buffer.alloc(0);

  /** @param {import('node:net').Socket} socket @param {Frames} frames @param {(packet: Packet) => void} heard
   * @param {import('./frames.mjs').FrameOptions} [options] @param {Map<number, { req: any }>} [sent] */
  constructor(socket, frames, heard, options, sent) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        this.isOpen = false;
        resolve();
      }),
    );
    socket.on('data', (chunk) => {
      const split = frames.split(Buffer.concat([this.#rest, chunk]));
      this.#rest = split.rest;
      for (const bytes of split.frames) {
        this.frames.push(frames.normal(bytes));
        const packet = frames.read(bytes, options, sent);
        this.packets.push(packet);
        heard(packet);
      }
    });
  }

  /** @param {Said} said */
  send(said) {
    if (said && this.isOpen) for (const bytes of [said].flat()) this.socket.write(bytes);
  }

  /** Closes in good order. */
  end() {
    this.socket.end();
  }

  destroy() {
    this.socket.destroy();
  }

  /** Closes as a process that dies does: the other side reads ECONNRESET. */
  reset() {
    this.socket.resetAndDestroy();
  }
}

export class Peer {
  /** Every connection so far. @type {Connection[]} */
  connections = [];
  /** Every frame that came, of all connections, in order. @type {import('./frames.mjs').SeenFrame[]} */
  frames = [];
  /** Every request that came. @type {Packet[]} */
  requests = [];

  /** @param {import('node:net').Server} server @param {number} port */
  constructor(server, port) {
    this.server = server;
    this.port = port;
  }

  /** Without a script it never answers. @param {Frames} frames @param {Script} [script] @param {PeerOptions} [options] */
  static async start(frames, script = () => undefined, options = {}) {
    const port = options.port ?? (await freePort());
    const server = createServer();
    const peer = new Peer(server, port);
    server.on('connection', (socket) => {
      const connection = new Connection(socket, frames, heard, options);
      peer.connections.push(connection);
      options.onConnect?.(connection);
      /** @param {Packet} packet */
      async function heard(packet) {
        if (packet.packetType === 'heartbeat' && !options.heartbeats)
          return connection.send(frames.heartbeatAck(packet));
        peer.frames.push(/** @type {any} */ (connection.frames.at(-1)));
        if (packet.packetType === 'request') peer.requests.push(packet);
        connection.send(await script(packet, connection));
      }
    });
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return peer;
  }

  /** `127.0.0.1:port` */
  get host() {
    return `127.0.0.1:${this.port}`;
  }

  /** Connections that are open now. */
  get open() {
    return this.connections.filter(({ isOpen }) => isOpen).length;
  }

  /** Ends every connection, as a process that dies does where `how` is 'reset'. @param {'end' | 'destroy' | 'reset'} [how] */
  drop(how = 'destroy') {
    for (const connection of this.connections) connection[how]();
  }

  /** Listens no longer, and has no connection. */
  async close() {
    this.drop();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }
}

export class RawClient extends Connection {
  /** @type {((packet: Packet) => void)[]} */
  #waiting = [];
  #taken = 0;
  #next = 1;

  /** @param {import('node:net').Socket} socket @param {Frames} frames @param {import('./frames.mjs').FrameOptions} [options] */
  constructor(socket, frames, options) {
    /** @type {Map<number, { req: any }>} */
    const sent = new Map();
    super(socket, frames, (packet) => this.#waiting.shift()?.(packet), options, sent);
    this.sent = sent;
    this.codec = frames;
    this.options = options;
  }

  /** @param {Frames} frames @param {number} port @param {import('./frames.mjs').FrameOptions} [options] */
  static async connect(frames, port, options) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket, frames, options);
  }

  /** The next frame that comes, or came since the last call. @returns {Promise<Packet>} */
  next() {
    const at = this.#taken++;
    if (at < this.packets.length) return Promise.resolve(this.packets[at]);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Sends a request and gives what comes next. @param {any} request @param {import('./frames.mjs').FrameOptions} [options] */
  call(request, options) {
    const id = this.#next++;
    const full = { timeout: 3000, args: [], requestProps: {}, ...request };
    this.sent.set(id, { req: full });
    this.send(this.codec.request(id, full, { ...this.options, ...options }));
    return this.next();
  }
}
