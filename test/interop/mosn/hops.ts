// The four ways from a caller to a provider. Whatever the way, each side does only what an application of its kind does: the
// one without a sidecar finds or announces itself in ZooKeeper, the one with a sidecar tells its mesh API and no more.
import { MeshClient, type MeshServerOptions, Sidecar } from 'sofa-mesh-sdk';
import { until } from '../../support/sidecar-world.js';
import type { TestSidecar } from '../../support/test-sidecar.js';
import {
  Context,
  Faults,
  Graphs,
  Greet,
  GreetBlue,
  GreetSecond,
  Json,
  Notes,
  Orders,
  People,
  Slow,
} from '../java/contracts.js';
import { type Jvm, type Relay, startRelay } from '../java/harness.js';
import { type NodeProvider, startNodeProvider } from '../java/node-services.js';
import { Values } from '../java/values.js';
import { freePort } from '../zookeeper/ports.js';
import { ZkAdmin } from '../zookeeper/zk-admin.js';
import { Mosn } from './mosn.js';

/** Which sides of a call have a sidecar. */
export const HOPS = {
  direct: { atCaller: false, atProvider: false },
  'client sidecar': { atCaller: true, atProvider: false },
  'server sidecar': { atCaller: false, atProvider: true },
  'both sidecars': { atCaller: true, atProvider: true },
} as const;

export type HopName = keyof typeof HOPS;
export type BoltVersion = 'v1' | 'v2';

/** Java calls this port of the API's host, whatever a sidecar tells it: each sidecar needs a host of its own. */
export const JAVA_EGRESS_PORT = 12_220;

/** The first three numbers of addresses that no other test run has. */
export function loopbackNetwork(n: number): string {
  return `127.${20 + (process.pid % 200)}.${n}`;
}

/** What a provider of either language announces. */
export const SERVICES = [
  Context,
  Faults,
  Graphs,
  Greet,
  GreetBlue,
  GreetSecond,
  Json,
  Notes,
  Orders,
  People,
  Slow,
  Values,
];
let networks = 0;

/** One way: its sidecars, and an application's place in ZooKeeper that no other way shares. */
export class Hop {
  readonly #root: string;
  readonly #hosts: { readonly caller: string; readonly provider: string };
  #atCaller: TestSidecar | undefined;
  #atProvider: TestSidecar | undefined;
  /** Where a provider listens for its sidecar: Java's announcements name no port. */
  #port = 0;
  readonly #closing: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly name: HopName,
    readonly bolt: BoltVersion,
    readonly zookeeper: string,
  ) {
    networks += 1;
    const network = loopbackNetwork(networks);
    this.#hosts = { caller: `${network}.1`, provider: `${network}.2` };
    this.#root = `/hop-${networks}`;
  }

  static async start(name: HopName, bolt: BoltVersion, zookeeper: string): Promise<Hop> {
    const hop = new Hop(name, bolt, zookeeper);
    hop.#port = await freePort();
    const { atCaller, atProvider } = HOPS[name];
    const sidecar = (host: string) =>
      Mosn.start({
        host,
        egressPort: JAVA_EGRESS_PORT,
        appPort: hop.#port,
        bolt: bolt === 'v1' ? 'bolt' : 'boltv2',
        registry: hop.registry,
        subscribeWaitMs: 1_000,
      });
    const { caller, provider } = hop.#hosts;
    [hop.#atCaller, hop.#atProvider] = await Promise.all([
      atCaller ? sidecar(caller) : undefined,
      atProvider ? sidecar(provider) : undefined,
    ]);
    return hop;
  }

  /** How a call went, as a reply says. */
  get path(): 'mesh' | 'direct' {
    return this.#atCaller === undefined ? 'direct' : 'mesh';
  }

  /** The place in ZooKeeper of everybody on this way. */
  get registry(): string {
    return `zookeeper://${this.zookeeper}${this.#root}`;
  }

  /** Where the caller's calls go first. */
  get next(): string {
    if (this.#atCaller !== undefined) return this.#atCaller.egress;
    return this.#atProvider?.ingress ?? `${this.#hosts.provider}:${this.#port}`;
  }

  /** A Node.js client at the caller's end. Each call is one attempt: another one would hide what the way did to the first. */
  client(): MeshClient {
    const { bolt } = this;
    const usual = { app: 'node-consumer', bolt, timeoutMs: 10_000, retry: false } as const;
    const sidecar = this.#session('node-consumer', this.#atCaller);
    const client =
      sidecar === undefined
        ? new MeshClient({ ...usual, mode: 'direct', registry: this.registry })
        : new MeshClient({ ...usual, mode: 'mesh', sidecar });
    this.#closing.push(() => client.close());
    return client;
  }

  /** The address from which a Java caller (Caller.java) comes to the caller's end. */
  get javaAddress(): string {
    const registry = this.#atCaller === undefined ? this.registry : `mesh://${this.#atCaller.api}`;
    return this.bolt === 'v1' ? registry : `${registry}?bolt=v2`;
  }

  /** Every service of com.lab, provided by Node.js at the other end. */
  async provideByNode(): Promise<void> {
    const sidecar = this.#session('node-provider', this.#atProvider);
    const where = { host: this.#hosts.provider, port: this.#port };
    await this.#provide(
      sidecar === undefined ? { ...where, registry: this.registry } : { ...where, mode: 'mesh', sidecar },
    );
    await this.#announced();
  }

  /** The same where every byte is kept that comes to the provider, which somebody else announces. */
  async provideTapped(): Promise<Relay> {
    const tap = { publishHost: this.#hosts.provider, publishPort: this.#port };
    const { address } = await this.#provide(
      this.#atProvider === undefined ? { ...tap, registry: this.registry } : {},
    );
    const relay = await startRelay(address, `${this.#hosts.provider}:${this.#port}`);
    this.#closing.push(() => relay.close());
    if (this.#atProvider !== undefined) {
      const { api } = this.#atProvider;
      const post = (path: string, body: unknown) =>
        fetch(`http://${api}${path}`, { method: 'POST', body: JSON.stringify(body) });
      await post('/configs/application', { appName: 'node-provider' });
      for (const { id } of SERVICES) await post('/services/publish', { serviceName: id, port: this.#port });
    }
    await this.#announced();
    return relay;
  }

  async #provide(options: Partial<MeshServerOptions>): Promise<NodeProvider> {
    const provider = await startNodeProvider(options);
    this.#closing.push(() => provider.server.stop({ quietMs: 0, timeoutMs: 0 }));
    return provider;
  }

  /** Every service of com.lab, provided by Java at the other end. */
  async provideByJava(jvm: Jvm): Promise<void> {
    const name = this.registry;
    const registry = this.#atProvider === undefined ? this.registry : `mesh://${this.#atProvider.api}`;
    await jvm.value({ cmd: 'start', name, host: this.#hosts.provider, port: this.#port, registry });
    this.#closing.push(() => jvm.value({ cmd: 'stop', name }));
    await this.#announced();
  }

  async close(): Promise<void> {
    for (const close of this.#closing.reverse()) await close();
    await Promise.all([this.#atCaller?.close(), this.#atProvider?.close()]);
  }

  #session(app: string, at: TestSidecar | undefined): Sidecar | undefined {
    if (at === undefined) return undefined;
    const sidecar = new Sidecar({ app, api: at.api, egress: at.egress, bolt: this.bolt });
    this.#closing.push(() => sidecar.close());
    return sidecar;
  }

  /** Java, and a sidecar's API, announce in the background. */
  async #announced(): Promise<void> {
    const admin = await ZkAdmin.connect(this.zookeeper);
    const interfaces = `${this.#root}/sofa-rpc`;
    await until(async () => {
      const names = await admin.children(interfaces);
      const providers = await Promise.all(
        names.map((name) => admin.children(`${interfaces}/${name}/providers`)),
      );
      return providers.flat().length === SERVICES.length;
    });
    await admin.close();
  }
}
