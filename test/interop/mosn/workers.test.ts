// The workers of node:cluster behind real MOSN: real processes, which tell its mesh API where they are, and calls through it.
import { setTimeout as sleep } from 'node:timers/promises';
import { Sidecar } from 'sofa-mesh-sdk';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { World } from '../../support/sidecar-world.js';
import { Application, apart, Callers, type WorkerSettings } from '../zookeeper/application.js';
import { Listed } from '../zookeeper/listed.js';
import { ZooKeeper } from '../zookeeper/zookeeper.js';
import { Mosn, type MosnOptions } from './mosn.js';

const SERVICE = 'com.lab.FleetService:1.0';
let zookeeper: ZooKeeper;

beforeAll(async () => {
  zookeeper = await ZooKeeper.start();
});

afterAll(() => zookeeper?.stop());

/** Where the sidecar passes the service's calls on to, asked all the time. */
class Published {
  /** Every answer that was another one than the last: `host:port`, or none. */
  readonly seen: (string | undefined)[] = [];
  private isOver = false;
  private readonly looking: Promise<void>;

  constructor(private readonly world: World) {
    this.looking = this.look();
    onTestFinished(() => this.stop());
  }

  private async look(): Promise<void> {
    while (!this.isOver) {
      const { body } = await this.world.get(`/services/${SERVICE}`);
      const at = (body as { published?: string | null }).published ?? undefined;
      if (this.seen.length === 0 || this.seen.at(-1) !== at) this.seen.push(at);
      await sleep(2);
    }
  }

  async until(at: string | undefined): Promise<void> {
    while (this.seen.length === 0 || this.seen.at(-1) !== at) await sleep(5);
  }

  private async stop(): Promise<void> {
    this.isOver = true;
    await this.looking;
  }
}

async function sidecarOf(options: MosnOptions): Promise<World> {
  const world = new World(await Mosn.start(options));
  onTestFinished(() => world.close());
  return world;
}

/** Callers that know nothing but the sidecar. */
async function callersAt({ sidecar: { api, egress } }: World, count: number): Promise<Callers> {
  const sidecar = new Sidecar({ app: 'caller', api, egress });
  onTestFinished(() => sidecar.close());
  return Callers.start(count, () => ({ mode: 'mesh', sidecar }));
}

const kinds: Record<string, (root: string) => { settings: WorkerSettings; options: MosnOptions }> = {
  'MeshServer, mode mesh': () => ({ settings: { mode: 'mesh' }, options: {} }),
  'MeshServer, mode auto': (root) => {
    const registry = `zookeeper://${zookeeper.address}/${root}`;
    return { settings: { mode: 'auto', registry }, options: { registry } };
  },
  "compat's RpcServer, mode auto": (root) => ({
    settings: { face: 'compat', mode: 'auto', registry: `${zookeeper.address}/${root}/sofa-rpc` },
    options: { registry: `zookeeper://${zookeeper.address}/${root}` },
  }),
};

test.each(Object.entries(kinds))(
  '%s: published while one of the workers lives, whichever goes and however, and no call to one that lives fails',
  async (name, of) => {
    const root = name.replace(/\W/g, '');
    const { settings, options } = of(root);
    const looking = await Listed.at(zookeeper.address, root);
    const world = await sidecarOf(options);
    const { api, egress } = world.sidecar;
    const published = new Published(world);
    await published.until(undefined);
    const started = await Application.start(2, settings, { SOFA_MESH_API: api, SOFA_MESH_EGRESS: egress });
    const { pids, port } = started;
    const all = await callersAt(world, 4);
    const held: string[] = [];
    const went: string[] = [];

    /** Who goes, and how; another one has come before. */
    async function goes(how: 'stop' | 'kill', who: 'leader' | 'server'): Promise<void> {
      await started.fork();
      const leader = await started.leader();
      const pid = who === 'leader' ? (leader ?? pids[0]) : all.all[0].who;
      await started[how](pid);
      const knownAt = performance.now();
      await all.make(50);
      const failed = apart(all.failed(), how === 'kill' ? pid : 0, knownAt);
      expect(failed.others, `calls to workers that live, when ${who} went by ${how}`).toEqual([]);
      held.push(...failed.held.map(({ message }) => message));
      went.push(`${how} ${who === 'leader' && leader === undefined ? 'oldest' : who}`);
    }

    for (const how of ['stop', 'kill'] as const) {
      await goes(how, 'leader');
      await goes(how, 'server');
    }
    // Fewer and fewer, with none that comes: in good order, by a kill, and the last one.
    await started.stop((await started.leader()) ?? pids[0]);
    await all.make(50);
    expect(all.failed(), 'calls while the last one but one stops').toEqual([]);
    expect(pids).toHaveLength(1);
    await all.stop();
    await started.stop(pids[0]);
    await published.until(undefined);
    await looking.until(0);
    console.log(
      `measured: ${name}, ${went.join(', ')}, all but one: ${all.calls} calls through MOSN, none of a live worker failed, ${held.length} that a killed one held; published, in order: ${published.seen.join(', ')}; addresses in ZooKeeper, in order: ${looking.addresses.join(', ')}`,
    );
    expect(published.seen).toEqual([undefined, `127.0.0.1:${port}`, undefined]);
    // The sidecar's own, where it tells ZooKeeper.
    expect(looking.addresses).toEqual(options.registry === undefined ? [0] : [0, 1, 0]);
  },
);
