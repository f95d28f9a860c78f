// Real MOSN as a sidecar: the reference agent of ../sidecar in a process of its own, which never outlives the test run.
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSidecar } from '../../../scripts/sidecar-build.mjs';
import { Guarded } from '../../support/guarded.js';
import type { TestSidecar } from '../../support/test-sidecar.js';
import { freePort } from '../zookeeper/ports.js';

const START_LIMIT_MS = 10_000;
const MAX_TRIES = 3;
/** More than an agent takes by itself: a second of quiet, and 15 s for calls that run. */
const STOP_LIMIT_MS = 20_000;

const NEVER = new Int32Array(new SharedArrayBuffer(4));

let building: Promise<string> | undefined;

/** The agent's program, built once; `Mosn.start()` does that, too. */
export function buildMosn(): Promise<string> {
  building ??= buildSidecar();
  return building;
}

export interface MosnOptions {
  /** Where it listens and where its app is. Default 127.0.0.1; another of 127.0.0.0/8 has all ports to itself. */
  readonly host?: string;
  /** Java clients want 13330, as their egress is always 12220 of the API's host. Default: a free one. */
  readonly apiPort?: number;
  /** Default: a free one. */
  readonly egressPort?: number;
  /** Default: a free one. */
  readonly ingressPort?: number;
  /** A folder for Unix sockets, `api.sock` and `egress.sock`, in place of the two ports. Default: none. */
  readonly sockets?: string;
  /** MOSN's own admin API. Default: none. */
  readonly adminPort?: number;
  /** Where an app that publishes no port is assumed. Default 12199. */
  readonly appPort?: number;
  /** `memory`, or `zookeeper://host:port`. Default `memory`. */
  readonly registry?: string;
  /** The host that ZooKeeper is told of its ingress. Default: `host`. */
  readonly announce?: string;
  /** What is spoken on its listeners, in MOSN's words. Default `bolt`. */
  readonly bolt?: 'bolt' | 'boltv2' | 'Auto';
  /** Told to subscribers. */
  readonly zone?: string;
  /** How long a subscription waits for a first provider. Default 3,000. */
  readonly subscribeWaitMs?: number;
  /** How long its ingress serves on after services were withdrawn from ZooKeeper. Default 1,000. */
  readonly quietMs?: number;
  /** How long calls may run on after the go-away. Default 15,000. */
  readonly drainMs?: number;
  /** Providers besides those of the registry: `host:port` of each service. */
  readonly providers?: Readonly<Record<string, readonly string[]>>;
  /** Calls of one service under way; more are answered BUSY. Default: no limit. */
  readonly maxRequests?: number;
  /** A file for MOSN's log. Default: none. */
  readonly log?: string;
}

export class Mosn implements TestSidecar {
  readonly kind = 'mosn';
  readonly api: string;
  readonly egress: string;
  readonly ingress: string;
  /** `host:port` of MOSN's own admin API, where there is one. */
  readonly admin: string | undefined;
  readonly #args: readonly string[];
  #process: Guarded | undefined;
  #pid = '';

  private constructor(
    host: string,
    ports: readonly [number, number, number],
    private readonly options: MosnOptions,
  ) {
    const [api, egress, ingress] = ports.map((port) => `${host}:${port}`) as [string, string, string];
    const { sockets } = options;
    this.api = sockets === undefined ? api : `unix:${sockets}/api.sock`;
    this.egress = sockets === undefined ? egress : `unix:${sockets}/egress.sock`;
    this.ingress = ingress;
    this.admin = options.adminPort === undefined ? undefined : `${host}:${options.adminPort}`;
    this.#args = this.#flags(host);
  }

  /** One that serves. */
  static async start(options: MosnOptions = {}): Promise<Mosn> {
    const { host = '127.0.0.1', apiPort, egressPort, ingressPort } = options;
    for (let tries = 1; ; tries++) {
      const ports = [apiPort ?? (await freePort()), egressPort ?? (await freePort())] as const;
      const mosn = new Mosn(host, [...ports, ingressPort ?? (await freePort())], options);
      try {
        await mosn.start();
        return mosn;
      } catch (error) {
        // A port that was free when it was looked for may be taken by the time it is used.
        if (tries === MAX_TRIES || !String(error).includes('another process listens there')) throw error;
      }
    }
  }

  /** The process that runs now, or ran last. */
  get process(): Guarded | undefined {
    return this.#process;
  }

  async start(): Promise<void> {
    const started = new Guarded(`MOSN ${this.api}`, await buildMosn(), this.#args);
    this.#process = started;
    const said = once(createInterface({ input: started.stdout }), 'line').then(([line]) => {
      this.#pid = JSON.parse(line).ready.pid;
    });
    const late = sleep(START_LIMIT_MS, 'did not say that it is ready', { ref: false });
    const failure = await Promise.race([said, started.ended.then(() => started.end), late]);
    if (failure !== undefined) throw new Error(`MOSN ${this.api}: ${failure} ${started.said}`);
  }

  async kill(): Promise<void> {
    await this.#process?.stop('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#process?.stop('SIGTERM', STOP_LIMIT_MS);
  }

  hang(): void {
    this.#process?.signal('SIGSTOP');
    // On a busy machine the threads run on until each of them has had its turn.
    for (let tries = 0; tries < 1_000 && !standsStill(this.#pid); tries++) Atomics.wait(NEVER, 0, 0, 1);
  }

  resume(): void {
    this.#process?.signal('SIGCONT');
  }

  async close(): Promise<void> {
    await this.kill();
  }

  #flags(host: string): string[] {
    const { appPort, registry, announce, bolt, zone, subscribeWaitMs, quietMs, drainMs, maxRequests, log } =
      this.options;
    const flags = [`-api=${this.api}`, `-egress=${this.egress}`, `-ingress=${this.ingress}`, '-ready-line'];
    const add = (name: string, value: string | number | undefined) => {
      if (value !== undefined) flags.push(`-${name}=${value}`);
    };
    const addMs = (name: string, ms: number | undefined) =>
      add(name, ms === undefined ? undefined : `${ms}ms`);
    add('app', `${host}:${appPort ?? 12_199}`);
    add('admin', this.admin);
    add('registry', registry);
    add('announce', announce);
    add('bolt', bolt);
    add('zone', zone);
    add('max-requests', maxRequests);
    add('log', log);
    addMs('subscribe-wait', subscribeWaitMs);
    addMs('quiet', quietMs);
    addMs('drain', drainMs);
    for (const [service, addresses] of Object.entries(this.options.providers ?? {}))
      add('provider', `${service}=${addresses.join(',')}`);
    return flags;
  }
}

/** True, too, where the system does not tell (outside Linux). */
function standsStill(pid: string): boolean {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return true;
  return readdirSync(tasks).every((task) => /\) [Tt] /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8')));
}
