// Real ZooKeeper servers on loopback, each a JVM of its own with its data in target/data.
//
// The harness of this part, file by file. Every process in it ends with the test run, however that ends, and also where
// it stands still (../../support/guarded.ts); every port is one of 127.0.0.1 that stays free while its server is down
// (ports.ts).
//
// - ZooKeeper (here): `start()` ready to serve, `stop()`, `kill()`, `restart()`, `pause()`/`resume()` (SIGSTOP), `wipe(path)`
//   (nodes, under running sessions), `wipeData()` (all data, with a restart), `connections()`, `mode()`. `new ZooKeeper(port)`
//   does not run yet. Ensemble: `Ensemble.start(3)`, its `members` are ZooKeepers.
// - ZkAdmin (zk-admin.ts): a plain client that writes, lists and deletes nodes.
// - Toxiproxy (toxiproxy.ts): `proxy(name, upstream)` gives an address; `latency(ms)`, `blackhole()`, `heal()`, `close()`.
// - Member (fleet.ts): a provider of ours in a process of its own: `start`, `takes(ms)`, `pause()`/`resume()`, `stop()`.
//   Load (fleet.ts): a steady load; `hearsFrom(..names)`, `failures`, `shareOf(name)`, `stop()`.
// - Application (application.ts): a primary of node:cluster and its workers, `fork()`, `kill(pid)`, `stop(pid)`, `leader()`;
//   Callers: clients that call them all the time. Listed (listed.ts): what ZooKeeper lists meanwhile.
// - JavaPeer (java-peer.ts): SOFARPC providers and consumers in one JVM, by name.
// - SofaRpcNodePeer (sofa-rpc-node-peer.ts): the same of sofa-rpc-node, in one process for each root.
// - measured(what, ms, promisedMs), timeOf(promise) (measured.ts): prints a time, and bounds it with 3 times slack.
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Guarded } from '../../support/guarded.js';
import { buildMaven, libraries } from '../../support/maven.js';
import { freePort } from './ports.js';
import { ZkAdmin } from './zk-admin.js';

const PROJECT = fileURLToPath(new URL('server', import.meta.url));
const DATA = fileURLToPath(new URL('target/data', import.meta.url));
const JVM = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const SETTINGS = [
  '-Dzookeeper.forceSync=no',
  '-Dzookeeper.preAllocSize=64',
  '-Dzookeeper.jmx.log4j.disable=true',
];
const START_LIMIT_MS = 30_000;
/** Sessions are looked at once in this time, so that one ends little later than its timeout. */
const TICK_MS = 500;

export interface ZooKeeperOptions {
  /** The longest session timeout that is granted, whatever a client asks for (Java: 60 s). Default 6,000. */
  readonly maxSessionTimeoutMs?: number;
}

/** What a member of an ensemble has besides its client port. */
interface Membership {
  readonly id: number;
  /** `server.N=..` of all members. */
  readonly servers: readonly string[];
}

let building: Promise<void> | undefined;

/** Of test runs that have ended. They are not given the time to tidy up. */
function removeOldData(): void {
  for (const pid of existsSync(DATA) ? readdirSync(DATA) : [])
    if (!isAlive(Number(pid))) rmSync(join(DATA, pid), { recursive: true, force: true });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** One server, alone or a member of an ensemble. Its port and its data outlive its process. */
export class ZooKeeper {
  readonly port: number;
  readonly #dir: string;
  readonly #membership: Membership | undefined;
  #process: Guarded | undefined;

  /** A server that does not run yet. */
  constructor(port: number, { maxSessionTimeoutMs = 6_000 }: ZooKeeperOptions = {}, membership?: Membership) {
    this.port = port;
    this.#membership = membership;
    this.#dir = join(DATA, String(process.pid), String(port));
    const config = [
      `dataDir=${this.#data}`,
      'clientPortAddress=127.0.0.1',
      `clientPort=${port}`,
      'maxClientCnxns=0',
      `tickTime=${TICK_MS}`,
      `minSessionTimeout=${2 * TICK_MS}`,
      `maxSessionTimeout=${maxSessionTimeoutMs}`,
      'initLimit=20',
      'syncLimit=6',
      'admin.enableServer=false',
      '4lw.commands.whitelist=srvr,cons',
      ...(membership?.servers ?? []),
    ];
    this.#makeData();
    writeFileSync(join(this.#dir, 'zoo.cfg'), config.join('\n'));
  }

  /** Fetches what a server is made of, once; `start()` does that, too. */
  static build(): Promise<void> {
    if (building === undefined) removeOldData();
    building ??= buildMaven(PROJECT);
    return building;
  }

  /** A server of its own that runs and serves. */
  static async start(options?: ZooKeeperOptions): Promise<ZooKeeper> {
    const zookeeper = new ZooKeeper(await freePort(), options);
    await zookeeper.start();
    return zookeeper;
  }

  /** `127.0.0.1:port`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Starts the process, with the data of the last one, and waits until it serves. */
  async start(): Promise<void> {
    await this.launch();
    await this.ready();
  }

  /** Starts the process without waiting: the members of an ensemble are ready together. */
  async launch(): Promise<void> {
    await ZooKeeper.build();
    const main = ['org.apache.zookeeper.server.quorum.QuorumPeerMain', join(this.#dir, 'zoo.cfg')];
    const args = [...JVM, ...SETTINGS, '-cp', libraries(PROJECT), ...main];
    this.#process = new Guarded(`ZooKeeper ${this.address}`, 'java', args);
    this.#process.stdout.resume();
  }

  /** Waits until it serves. It answers `ruok` before that; only its mode tells. */
  async ready(): Promise<void> {
    const until = performance.now() + START_LIMIT_MS;
    while (!/^Mode: /m.test(await this.ask('srvr').catch(() => ''))) {
      if (this.#process?.end !== undefined) throw new Error(this.#process.end);
      if (performance.now() > until) throw new Error(`not ready: ${this.#process?.said}`);
      await sleep(50);
    }
  }

  /** Ends the process in good order. The data stay for the next start. */
  async stop(): Promise<void> {
    await this.#process?.stop('SIGTERM');
  }

  /** Ends the process as a machine that loses power does. */
  async kill(): Promise<void> {
    await this.#process?.stop('SIGKILL');
  }

  /** The process stands still; its connections stay and nobody answers. */
  pause(): void {
    this.#process?.signal('SIGSTOP');
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  /** Ends and starts it, on the same port and data: sessions live on. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Deletes everything under a path while the server runs: sessions live on, their nodes are gone. */
  async wipe(path = '/'): Promise<void> {
    const admin = await ZkAdmin.connect(this.address);
    await admin.removeAll(path);
    await admin.close();
  }

  /** Ends it, deletes its data and starts it again: no session is known, and its numbers begin anew. */
  async wipeData(): Promise<void> {
    await this.stop();
    rmSync(this.#data, { recursive: true });
    this.#makeData();
    await this.start();
  }

  /** How many clients are connected to this server. */
  async connections(): Promise<number> {
    return [...(await this.ask('cons')).matchAll(/sid=0x/g)].length;
  }

  /** `leader` or `follower` in an ensemble, `standalone` otherwise. */
  async mode(): Promise<string> {
    return /^Mode: (\w+)/m.exec(await this.ask('srvr'))?.[1] ?? 'none';
  }

  /** Asks by one of ZooKeeper's four letter words. */
  async ask(word: string): Promise<string> {
    const socket = connect(this.port, '127.0.0.1').setEncoding('utf8').setTimeout(1_000);
    socket.once('timeout', () => socket.destroy(new Error('no answer')));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.end(word);
    await once(socket, 'close');
    return answer;
  }

  get #data(): string {
    return join(this.#dir, 'data');
  }

  #makeData(): void {
    mkdirSync(this.#data, { recursive: true });
    if (this.#membership) writeFileSync(join(this.#data, 'myid'), String(this.#membership.id));
  }
}

/** Servers that elect a leader and are one registry. */
export class Ensemble {
  private constructor(readonly members: readonly ZooKeeper[]) {}

  static async start(size = 3, options?: ZooKeeperOptions): Promise<Ensemble> {
    const servers: string[] = [];
    for (let id = 1; id <= size; id++)
      servers.push(`server.${id}=127.0.0.1:${await freePort()}:${await freePort()}`);
    const members: ZooKeeper[] = [];
    for (let id = 1; id <= size; id++)
      members.push(new ZooKeeper(await freePort(), options, { id, servers }));
    await Promise.all(members.map((member) => member.launch()));
    await Promise.all(members.map((member) => member.ready()));
    return new Ensemble(members);
  }

  /** `host:port,host:port,..` of all members. */
  get address(): string {
    return this.members.map(({ address }) => address).join(',');
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
  }
}
