// compat behind real MOSN 1.3.0 with the reference agent: an app that changed nothing but its import delegates to the
// sidecar that is there, loses nothing when it dies, and does without where it is told to.
import { setTimeout as sleep } from 'node:timers/promises';
import { defineService, Sidecar, t } from 'sofa-mesh-sdk';
import { client, registry as registries } from 'sofa-mesh-sdk/compat';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildMosn, Mosn, type MosnOptions } from '../mosn/mosn.js';
import { freePort } from '../zookeeper/ports.js';
import { SofaRpcNodePeer } from '../zookeeper/sofa-rpc-node-peer.js';
import { ZkAdmin } from '../zookeeper/zk-admin.js';
import { ZooKeeper } from '../zookeeper/zookeeper.js';
import { lacks, libraryOf, loopbackServer, type RpcServerOptions } from './mixed-library.js';
import { Consumer, Provider } from './mixed-members.js';
import { countingService, MeshTraffic } from './mosn-traffic.js';

const FLEET = 'com.lab.FleetService';
const SEEN = { timeout: 15_000, interval: 100 };

const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: console.error };
const toClose: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of toClose.splice(0).reverse()) await close();
});

async function mosn(options: MosnOptions = {}): Promise<Mosn> {
  const started = await Mosn.start({ subscribeWaitMs: 1_000, ...options });
  toClose.push(() => started.close());
  return started;
}

/** A session with a sidecar, as an app at the usual addresses finds it by itself. */
function sessionWith({ api, egress }: Mosn): Sidecar {
  const session = new Sidecar({ app: 'lab', api, egress, logger });
  toClose.push(() => session.close());
  return session;
}

type ClientOptions = ConstructorParameters<typeof client.RpcClient>[0];

function clientWith(options: Partial<ClientOptions>) {
  const made = new client.RpcClient({ logger, ...options });
  toClose.push(() => made.close());
  return made;
}

async function serverWith(options: Partial<RpcServerOptions>, interfaceName: string, delegate: object) {
  const server = loopbackServer('new', await libraryOf('new'), { logger, ...options });
  server.addService(interfaceName, delegate);
  await server.start();
  toClose.push(() => server.close());
  await server.publish();
  return { server, address: `127.0.0.1:${server.publishPort}` };
}

describe.skipIf(lacks('compat behind MOSN, found by ZooKeeper', 'java', 'mvn', 'go'))(
  'found by ZooKeeper',
  () => {
    let zookeeper: ZooKeeper;
    let admin: ZkAdmin;
    let roots = 0;

    beforeAll(async () => {
      [zookeeper] = await Promise.all([ZooKeeper.start(), SofaRpcNodePeer.install(), buildMosn()]);
      admin = await ZkAdmin.connect(zookeeper.address);
    });

    afterAll(async () => {
      await admin?.close();
      await zookeeper?.stop();
    });

    /** A place in ZooKeeper as the agent is told of it, and as sofa-rpc-node and compat are. */
    function place() {
      const root = `/mosn-${++roots}`;
      const address = `${zookeeper.address}${root}/sofa-rpc`;
      return { forAgent: `zookeeper://${zookeeper.address}${root}`, address, root };
    }

    async function registryAt(address: string) {
      const registry = new registries.ZookeeperRegistry({ logger, address });
      toClose.push(() => registry.close());
      await registry.ready();
      return registry;
    }

    /** `host:port` of each provider of the fleet in ZooKeeper. */
    async function published(root: string): Promise<string[]> {
      const nodes = await admin.children(`${root}/sofa-rpc/${FLEET}/providers`);
      return nodes.map((node) => new URL(decodeURIComponent(node)).host).sort();
    }

    /** What a sidecar was told of an app's services. */
    async function told({ api }: Mosn): Promise<string[]> {
      const reply = await fetch(`http://${api}/services`);
      const { services } = (await reply.json()) as {
        services: { serviceName: string; published: string | null }[];
      };
      return services.filter((service) => service.published !== null).map(({ serviceName }) => serviceName);
    }

    /** A provider of the fleet in this process, which names itself. */
    function fleet(name: string) {
      const seen: string[] = [];
      const delegate = {
        async who(key: string) {
          seen.push(key);
          return name;
        },
      };
      return { seen, delegate };
    }

    /** A call with the address that it went to. */
    function whoBy(consumer: ReturnType<ReturnType<typeof clientWith>['createConsumer']>) {
      let address: string | undefined;
      consumer.on('response', ({ req }) => {
        address = req.meta.address?.host;
      });
      return async (key = '') => [await consumer.invoke('who', [key]), address];
    }

    test('client and server find their sidecars and go through them; old clients and servers are left as they were', async () => {
      const { forAgent, address, root } = place();
      const [near, far] = await Promise.all([mosn({ registry: forAgent }), mosn({ registry: forAgent })]);
      const { seen, delegate } = fleet('new-server');
      const registry = await registryAt(address);
      await serverWith({ registry, sidecar: sessionWith(far) }, FLEET, delegate);
      // Announced by its sidecar alone: nobody goes past it.
      expect(await told(far)).toEqual([`${FLEET}:1.0`]);
      expect(await published(root)).toEqual([far.ingress]);

      const consumer = clientWith({ registry, sidecar: sessionWith(near) }).createConsumer({
        interfaceName: FLEET,
      });
      const who = whoBy(consumer);
      expect(await who('through both')).toEqual(['new-server', near.egress]);
      expect(seen).toEqual(['through both']);

      // An old client knows of no sidecar, and calls what it finds.
      const oldClient = await Consumer.start('old', 'old-client', address);
      toClose.push(() => oldClient.stop());
      expect(await oldClient.who()).toBe('new-server');

      // An old server is found by the sidecar, and called by it.
      const oldServer = await Provider.start('old', 'old-server', address);
      toClose.push(() => oldServer.stop());
      expect(await published(root)).toEqual([far.ingress, `127.0.0.1:${oldServer.port}`].sort());
      const heard = async (call: () => Promise<unknown>) => {
        const names = new Set<unknown>();
        for (let i = 0; i < 10; i++) names.add(await call());
        return [...names].sort();
      };
      await expect
        .poll(() => heard(async () => (await who())[0]), SEEN)
        .toEqual(['new-server', 'old-server']);
      await expect.poll(() => heard(() => oldClient.who()), SEEN).toEqual(['new-server', 'old-server']);
      expect((await who())[1]).toBe(near.egress);
      expect(Object.keys(await oldServer.executed()).length).toBeGreaterThan(0);
    });

    describe('without it, where that is wanted', () => {
      let sidecar: Mosn;
      let where: ReturnType<typeof place>;

      async function start(serverOptions: Partial<RpcServerOptions> = {}) {
        where = place();
        sidecar = await mosn({ registry: where.forAgent });
        const registry = await registryAt(where.address);
        const options = { registry, sidecar: sessionWith(sidecar), ...serverOptions };
        return { registry, ...(await serverWith(options, FLEET, fleet('server').delegate)) };
      }

      const consumerWith = (options: Partial<ClientOptions>, more = {}) =>
        whoBy(
          clientWith({ sidecar: sessionWith(sidecar), ...options }).createConsumer({
            interfaceName: FLEET,
            ...more,
          }),
        );

      test("by mode 'direct' of a server: ZooKeeper is told of its own address, the sidecar of nothing", async () => {
        const { address, registry } = await start({ mode: 'direct' });
        expect(await published(where.root)).toEqual([address]);
        expect(await told(sidecar)).toEqual([]);
        expect(await consumerWith({ registry })()).toEqual(['server', sidecar.egress]);
      });

      test("by mode 'direct' of a client, of one consumer, or of the environment", async () => {
        const { address, registry } = await start({ mode: 'direct' });
        expect(await consumerWith({ registry, mode: 'direct' })()).toEqual(['server', address]);
        expect(await consumerWith({ registry }, { mode: 'direct' })()).toEqual(['server', address]);
        expect(await consumerWith({ registry })()).toEqual(['server', sidecar.egress]);
        vi.stubEnv('SOFA_MESH_MODE', 'direct');
        expect(await consumerWith({ registry })()).toEqual(['server', address]);
      });

      test('by the environment of a server', async () => {
        vi.stubEnv('SOFA_MESH_MODE', 'direct');
        const { address } = await start();
        expect(await published(where.root)).toEqual([address]);
        expect(await told(sidecar)).toEqual([]);
      });

      test('by serverHost: an address that was named is called', async () => {
        const { address } = await start();
        expect(await consumerWith({}, { serverHost: address })()).toEqual(['server', address]);
      });

      test('by the policy, service by service', async () => {
        const { address, registry } = await start({ mode: 'direct' });
        const share = (mesh: number, service = `${FLEET}:1.0`) => ({ services: { [service]: { mesh } } });
        expect(await consumerWith({ registry, policy: share(0) })()).toEqual(['server', address]);
        expect(await consumerWith({ registry, policy: share(0, 'com.lab.Another:1.0') })()).toEqual([
          'server',
          sidecar.egress,
        ]);
      });
    });
  },
);

describe.skipIf(lacks('compat behind MOSN', 'go'))('at a sidecar that comes and goes', () => {
  beforeAll(() => buildMosn());

  describe('kill -9 of the sidecar', () => {
    const Ledger = defineService('com.lab.LedgerService', {
      read: { args: [t.String], returns: t.String, idempotent: true },
      write: { args: [t.String], returns: t.String },
    });

    async function ledger(more = {}) {
      const { executed, delegate } = countingService();
      const { address } = await serverWith({ mode: 'direct' }, Ledger.interfaceName, delegate);
      const sidecar = await mosn({
        egressPort: await freePort(),
        providers: { [Ledger.id]: [address] },
      });
      const consumer = clientWith({ sidecar: sessionWith(sidecar) }).createConsumer({
        interfaceName: Ledger.interfaceName,
        serverHost: address,
        mode: 'auto',
        responseTimeout: 5_000,
        ...more,
      });
      await consumer.ready();
      return { executed, address, sidecar, traffic: new MeshTraffic(consumer) };
    }

    async function killed(rounds: number, { sidecar, traffic, address }: Awaited<ReturnType<typeof ledger>>) {
      const left: number[] = [];
      await traffic.goes(sidecar.egress);
      for (let round = 0; round < rounds; round++) {
        await sidecar.kill();
        left.push(await traffic.goes(address));
        await sidecar.start();
        await traffic.goes(sidecar.egress);
      }
      await traffic.stop();
      const failed = traffic.ended.filter(({ error }) => error !== undefined);
      const ms = left.map((one) => one.toFixed(0)).join(', ');
      console.log(
        `measured: ${rounds} kills: ${traffic.ended.length} calls, ${failed.length} failed; direct after ${ms} ms`,
      );
      expect(Math.max(...left)).toBeLessThan(6_000);
      return failed;
    }

    test('reads go on directly and none fails, where the contract says that they are; nothing is executed twice', async () => {
      const world = await ledger({ contract: Ledger });
      const failed = await killed(3, world);
      expect(failed.filter(({ isWrite }) => !isWrite)).toEqual([]);
      settles(world, failed, ({ isWrite }) => isWrite);
    }, 60_000);

    test('without a contract only what the sidecar took with it fails; nothing is executed twice', async () => {
      const world = await ledger();
      settles(world, await killed(2, world), () => true);
    }, 60_000);

    /** A call fails only as one that was sent and not answered, and none ran twice unless it may. */
    function settles(
      { executed, traffic }: Awaited<ReturnType<typeof ledger>>,
      failed: MeshTraffic['ended'],
      mustRunOnce: (call: MeshTraffic['ended'][number]) => boolean,
    ) {
      for (const { error } of failed) expect(error?.name).toBe('RpcSocketCloseError');
      const once = traffic.ended.filter(mustRunOnce);
      expect(once.filter(({ key }) => (executed.get(key) ?? 0) > 1)).toEqual([]);
      const answered = once.filter(({ error }) => error === undefined);
      expect(answered.filter(({ key }) => executed.get(key) !== 1)).toEqual([]);
      expect(answered.length).toBeGreaterThan(100);
    }
  });

  test('a client that was there before its sidecar moves onto it, and off again when it is stopped', async () => {
    const { executed, delegate } = countingService();
    const { address } = await serverWith({ mode: 'direct' }, 'com.lab.LedgerService', delegate);
    const sidecar = await mosn({ providers: { 'com.lab.LedgerService:1.0': [address] } });
    await sidecar.stop();
    const consumer = clientWith({ sidecar: sessionWith(sidecar) }).createConsumer({
      interfaceName: 'com.lab.LedgerService',
      serverHost: address,
      mode: 'auto',
    });
    await consumer.ready();
    const traffic = new MeshTraffic(consumer, 200);
    await traffic.goes(address);
    await sidecar.start();
    await traffic.goes(sidecar.egress);
    await sidecar.stop();
    await traffic.goes(address);
    await sleep(200);
    await traffic.stop();
    expect(traffic.ended.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(Math.max(...executed.values())).toBe(1);
  }, 60_000);
});
