// The world of one scenario. A scenario is plain JavaScript that is run twice, in two processes: once against
// sofa-rpc-node (`old`), once against sofa-mesh-sdk/compat (`new`). What it returns must be the same.
//
//   /** @type {import('../world/world.mjs').Scenario[]} */
//   export default [
//     {
//       id: 'server/answers-null',                       // '<group>/<name>'; the file is scenarios/<group>-*.mjs
//       title: 'a method that returns undefined answers null',
//       async run(w) {
//         const server = await w.server({}, { 'com.test.Echo': { async nothing() {} } });   // started, closed at the end
//         const consumer = w.client().createConsumer({ interfaceName: 'com.test.Echo', serverHost: w.hostOf(server) });
//         return consumer.invoke('nothing', []);
//       },
//     },
//   ];
//
// Try one while writing it: `node test/interop/compat/run.mjs old server/answers` (an id or the start of one; `new` needs
// a build). All of them, the old one against itself: `COMPARE=old,old npm run test:interop -- compat`, and with `FRESH=1`
// before it, where the second process is new for each. Every scenario must be the same both ways before it counts. The
// old library keeps much for the whole process, class maps by class name for one: give a class a name of its own.
//
// What there is:
//
// - w.lib, w.bolt        { client, server, registry, test } and sofa-bolt-node (or compat/bolt). w.other, w.otherBolt: those
//                        of the other side, for mixed pairs. w.importLib(), w.importBolt(): the same as an ESM namespace.
// - w.client(options, lib), w.server(options, services, lib)  with w.logger; closed at the end. w.hostOf(server).
// - w.logger, w.logs     records [level, text] in order; w.console: what went to console.*
// - w.events(emitter, names)   an array that grows: [name, ..arguments], in plain form
// - w.peer(script, options)    a scripted provider on raw TCP (peer.mjs); w.rawClient(port): a scripted caller
// - w.echo               a script of a peer: answers with the first argument, or with null
// - services.mjs         a service to host: echo, all, fail, sleep ..
// - w.registry(list)     a registry in memory (fakes.mjs): push(list), .subscribed, .unsubscribed; w.loggedAt(level)
// - w.frames             frames.mjs: bytes by sofa-bolt-node, in BOTH processes; frames.split, frames.normal
// - w.port()             a free port of 127.0.0.1; w.deadPort(): the same, said to be closed;
//                        w.blackhole(): one where connecting hangs
// - w.fromOld(name)      a package that sofa-rpc-node brings along: protobufjs, long ..
// - w.caught(x)          what a promise or function threw, in plain form; { value } where it did not
// - w.until(fn, what)    waits until fn() is truthy; w.sleep(ms); w.after(fn): cleanup, last one first
// - w.meta(meta)         a request's meta without what depends on time: <rt> for numbers > 0 ..
// - w.zk()               `host:port/root` of the real ZooKeeper, fresh (scenario must say `needs: 'zookeeper'`); zookeeper.mjs:
//                        w.zkTree(address), w.zkAdmin(address), w.zkLink(address).cut()
// - w.plain(value)       what the result goes through anyway (plain.mjs); ports are named <P1>, <P2> .. in the order in which
//                        they were opened or asked for, pids, addresses and times are masked (mask.mjs).
//
// Every server listens on 127.0.0.1, whatever it asked for (run.mjs).
import { format } from 'node:util';
import { blackhole } from './blackhole.mjs';
import { FakeRegistry } from './fakes.mjs';
import { Frames } from './frames.mjs';
import { bundledWithOld, libraryOf } from './libraries.mjs';
import { Mask } from './mask.mjs';
import { Peer, RawClient } from './peer.mjs';
import { plain } from './plain.mjs';
import { freePort } from './ports.mjs';
import { ZkLink } from './zookeeper.mjs';

/**
 * A difference that is allowed (load.mjs).
 * @typedef {keyof typeof import('./load.mjs').DIFFERENCES} Difference
 *
 * @typedef {object} Scenario
 * @property {string} id `<group>/<name>`
 * @property {string} title What holds, in one line.
 * @property {'zookeeper'} [needs] Skipped on machines without.
 * @property {boolean} [spoils] It leaves its process unusable: the next scenario gets another one.
 * @property {Difference} [differs] The results must differ, as `expectNew` asserts.
 * @property {string} [why] Why they do, in one line.
 * @property {(now: any, before: any) => void} [expectNew] Throws unless the new result (and the old one) are as told.
 * @property {(w: World) => unknown} run
 *
 * @typedef {'old' | 'new'} Side
 */

/** The longest wait for something that must come. */
const LIMIT_MS = 5_000;
const LEVELS = /** @type {const} */ (['debug', 'info', 'warn', 'error']);

export class World {
  /** @type {[string, string][]} */
  logs = [];
  /** @type {[string, string][]} */
  console = [];
  /** Uncaught exceptions and unhandled rejections. @type {unknown[]} */
  uncaught = [];
  mask = new Mask();
  frames = new Frames();
  /** @type {(() => unknown)[]} */
  #cleanups = [];
  /** @type {Map<string, ZkLink>} */
  #links = new Map();

  /** @param {Side} side @param {Side} otherSide @param {string} [zookeeper] */
  constructor(side, otherSide, zookeeper) {
    this.side = side;
    this.otherSide = otherSide;
    this.zookeeper = zookeeper;
    const { lib, bolt } = libraryOf(side);
    this.lib = lib;
    this.bolt = bolt;
    /** @type {Record<typeof LEVELS[number], (...args: any[]) => void>} */
    this.logger = /** @type {any} */ ({});
    for (const level of LEVELS)
      this.logger[level] = (...args) => this.logs.push([level, this.mask.text(textOf(args))]);
  }

  get other() {
    return libraryOf(this.otherSide).lib;
  }

  get otherBolt() {
    return libraryOf(this.otherSide).bolt;
  }

  /** @param {string} name @returns {any} */
  fromOld(name) {
    return bundledWithOld(name);
  }

  importLib() {
    return libraryOf(this.side).importLib();
  }

  importBolt() {
    return libraryOf(this.side).importBolt();
  }

  /** An RpcClient, closed at the end.
   * @param {any} [options] @param {any} [lib] */
  client(options = {}, lib = this.lib) {
    const client = new lib.client.RpcClient({ logger: this.logger, ...options });
    this.after(() => client.close());
    return client;
  }

  /** An RpcServer that has started, closed at the end. `services`: delegates by interface name, or [info, delegate] pairs.
   * @param {any} [options] @param {Record<string, any> | [any, any][]} [services] @param {any} [lib] */
  async server(options = {}, services = {}, lib = this.lib) {
    const server = new lib.server.RpcServer({
      logger: this.logger,
      port: 0,
      publishAddress: '127.0.0.1',
      ...options,
    });
    for (const [info, delegate] of Array.isArray(services) ? services : Object.entries(services))
      server.addService(info, delegate);
    await server.start();
    this.after(() => server.close());
    return server;
  }

  /** `127.0.0.1:port`. @param {{ publishPort: number } | { port: number }} server */
  hostOf(server) {
    return `127.0.0.1:${'publishPort' in server ? server.publishPort : server.port}`;
  }

  /** Records what an emitter emits from now on. @param {any} emitter @param {string[]} names @returns {unknown[][]} */
  events(emitter, names) {
    /** @type {unknown[][]} */
    const seen = [];
    for (const name of names)
      emitter.on(name, (/** @type {unknown[]} */ ...args) =>
        seen.push([name, ...args.map((x) => this.plain(x))]),
      );
    return seen;
  }

  /** A registry in memory. Without a list it says nothing. @param {unknown[]} [list] */
  registry(list) {
    return new FakeRegistry(this, list);
  }

  /** What was logged so. @param {string} level */
  loggedAt(level) {
    return this.logs.filter(([at]) => at === level).map(([, text]) => text);
  }

  /** A script: the first argument is the answer. @param {import('./frames.mjs').Packet} request */
  echo = (request) =>
    request.packetType === 'request'
      ? this.frames.response(request, { appResponse: request.data.args[0] ?? null })
      : undefined;

  /** @param {import('./peer.mjs').Script} [script] @param {import('./peer.mjs').PeerOptions} [options] */
  async peer(script, options) {
    const peer = await Peer.start(this.frames, script, options);
    this.mask.port(peer.port);
    this.after(() => peer.close());
    return peer;
  }

  /** @param {number | { publishPort: number }} port @param {{ proto?: any, classMap?: any }} [options] */
  async rawClient(port, options) {
    const number = typeof port === 'number' ? port : port.publishPort;
    const client = await RawClient.connect(this.frames, number, options);
    this.after(() => client.destroy());
    return client;
  }

  async port() {
    const port = await freePort();
    this.mask.port(port);
    return port;
  }

  /** A port that refuses. */
  deadPort() {
    return this.port();
  }

  /** A port where a connection is neither accepted nor refused. */
  async blackhole() {
    const port = await this.port();
    this.after(await blackhole(port));
    return port;
  }

  /** What was thrown, in plain form. @param {unknown} work A promise, or a function. @returns {Promise<unknown>} */
  async caught(work) {
    try {
      return { value: this.plain(await (typeof work === 'function' ? work() : work)) };
    } catch (error) {
      return this.plain(error);
    }
  }

  /** @param {number} ms @returns {Promise<void>} */
  sleep(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Waits until it is true. @template T @param {() => T | Promise<T>} isSo @param {string} [what] @param {number} [limitMs] */
  async until(isSo, what = String(isSo), limitMs = LIMIT_MS) {
    const end = performance.now() + limitMs;
    for (;;) {
      const value = await isSo();
      if (value) return value;
      if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
      await this.sleep(5);
    }
  }

  /** @param {() => unknown} cleanup */
  after(cleanup) {
    this.#cleanups.push(cleanup);
  }

  /** A request's or response's meta: times become '<time>', durations '<rt>'. @param {any} meta */
  meta(meta) {
    /** @type {Record<string, unknown>} */
    const result = {};
    for (const [name, value] of Object.entries(meta)) {
      if (/RT$|^rt$/.test(name)) result[name] = typeof value === 'number' ? '<rt>' : value;
      else if (/Start$|^start$/.test(name)) result[name] = value > 0 ? '<time>' : value;
      else if (name === 'id') result[name] = typeof value === 'number' ? '<id>' : value;
      else result[name] = value;
    }
    return this.plain(result);
  }

  /** A fresh `host:port/root` of the real ZooKeeper, by a way of its own that can be cut (zkLink). */
  async zk() {
    if (this.zookeeper === undefined) throw new Error(`say needs: 'zookeeper'`);
    const link = await ZkLink.open(this.zookeeper);
    this.mask.port(link.port);
    this.#links.set(link.address, link);
    this.after(() => link.close());
    return link.address;
  }

  /** @param {string} address What zk() gave. */
  zkLink(address) {
    return /** @type {ZkLink} */ (this.#links.get(address));
  }

  /** A plain client below the root of that address. @param {string} address */
  zkAdmin(address) {
    return this.zkLink(address).admin();
  }

  /** The registry's content: `{ '<interface>/providers': [url ..], '<interface>/consumers': [url ..] }`, decoded, sorted,
   * masked. @param {string} address */
  async zkTree(address) {
    return this.plain(await this.zkLink(address).tree());
  }

  /** @param {unknown} value */
  plain(value) {
    return plain(value, this.mask);
  }

  /** Runs the cleanups, last one first. One that fails or hangs is told on standard error. */
  async end() {
    for (const cleanup of this.#cleanups.reverse()) {
      const late = this.sleep(2_000).then(() => 'hangs');
      const done = (async () => cleanup())().then(
        () => undefined,
        (error) => error,
      );
      const wrong = await Promise.race([done, late]);
      if (wrong !== undefined) process.stderr.write(`cleanup: ${format(wrong)}\n`);
    }
  }
}

/** A log line as its reader sees it. @param {unknown[]} args */
function textOf(args) {
  return format(...args.map((arg) => (arg instanceof Error ? `${arg.name}: ${arg.message}` : arg)));
}
