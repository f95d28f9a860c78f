// Moving live traffic onto real MOSN and off again by edits of the policy file; what guards it; what is restarted meanwhile.
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshClient, type MeshClientOptions, type PolicyDocument, Sidecar } from 'sofa-mesh-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../zookeeper/ports.js';
import { ZooKeeper } from '../zookeeper/zookeeper.js';
import { account, callerOf, Ledger, LedgerProvider, policyOf, Traffic } from './ledger.js';
import { Mosn } from './mosn.js';

let folder: string;
const toClose: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
});

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const logger = { warn: () => undefined };

async function ledger(options: Partial<Parameters<typeof LedgerProvider.start>[0]> = {}) {
  const provider = await LedgerProvider.start({ name: 'ledger', port: 0, serviceMs: 2, ...options });
  toClose.push(() => provider.stop());
  return provider;
}

async function mosnTo(provider: LedgerProvider): Promise<Mosn> {
  const started = await Mosn.start({ providers: { [Ledger.id]: [provider.address] } });
  toClose.push(() => started.close());
  return started;
}

function clientAt(mosn: Mosn, options: Partial<MeshClientOptions>): MeshClient {
  const sidecar = new Sidecar({ app: 'lab', api: mosn.api, egress: mosn.egress, logger });
  const client = new MeshClient({ app: 'lab', sidecar, logger, timeoutMs: 5_000, ...options });
  toClose.push(async () => {
    await client.close();
    await sidecar.close();
  });
  return client;
}

/** As an operator's tools do it: another file takes the place of the old one. */
async function edit(path: string, document: PolicyDocument): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(document, undefined, 2));
  await rename(`${path}.new`, path);
}

test('1 -> 25 -> 100 -> 0 % by file edit under load: shares as asked, no call fails, none is executed twice', async () => {
  const provider = await ledger();
  const mosn = await mosnTo(provider);
  const policy = join(folder, 'rollout.json');
  await edit(policy, policyOf({ mesh: 1 }));
  const client = clientAt(mosn, { registry: `bolt://${provider.address}`, policy });
  const traffic = new Traffic(callerOf(client.service(Ledger)));
  const seen: string[] = [];
  for (const asked of [1, 25, 100, 0]) {
    await edit(policy, policyOf({ mesh: asked }));
    const edited = performance.now();
    while (client.status().services[0]?.asked !== asked) await sleep(10);
    const tookMs = performance.now() - edited;
    const from = performance.now();
    while (traffic.since(from).length < 3_000) await sleep(50);
    const share = traffic.meshShare(from);
    seen.push(`${share.toFixed(1)} % for ${asked} % (${tookMs.toFixed(0)} ms after the edit)`);
    // Calls that began before the edit end after it; 3,000 calls are 0.8 points of standard deviation at 25 %.
    expect(Math.abs(share - asked)).toBeLessThan(4);
  }
  await traffic.stop();
  const { calls, twice, lost } = await account(traffic, provider);
  console.log(`measured: rollout: ${seen.join(', ')}; ${calls} calls, ${traffic.failures.length} failed`);
  expect(traffic.failures.map(({ error }) => String(error))).toEqual([]);
  expect({ twice, lost }).toEqual({ twice: [], lost: [] });
}, 120_000);

test('errors on the sidecar path alone roll the service back, with the reason, until it is told otherwise', async () => {
  const [good, bad] = await Promise.all([ledger(), ledger({ name: 'bad', failEvery: 20 })]);
  const mosn = await mosnTo(bad);
  const guard = { errorRatio: 0.02, minCalls: 200, windowMs: 10_000 };
  const client = clientAt(mosn, {
    registry: `bolt://${good.address}`,
    policy: policyOf({ mesh: 25, guard }),
  });
  const reasons: string[] = [];
  client.on('rolledBack', ({ reason }) => reasons.push(reason));
  const traffic = new Traffic(callerOf(client.service(Ledger)));
  while (reasons.length === 0) await sleep(20);
  await sleep(500);
  const from = performance.now();
  await sleep(1_000);
  expect(traffic.meshShare(from)).toBe(0);
  await traffic.stop();
  console.log(
    `measured: 5 % errors injected: ${reasons.join()}; after ${traffic.ended.length} calls at most`,
  );
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatch(/failed through the sidecar/);
  expect(client.status().services[0]).toMatchObject({ share: 0, rolledBack: reasons[0] });
}, 60_000);

describe('the comparison', () => {
  const compare = { percent: 100, methods: ['read'] };

  test('one planted difference in 500 compared reads is found', async () => {
    const [good, odd] = await Promise.all([ledger(), ledger({ name: 'odd', oddKey: 'read-250' })]);
    const client = clientAt(await mosnTo(odd), {
      registry: `bolt://${good.address}`,
      policy: policyOf({ mesh: 100, compare }),
    });
    const told: unknown[] = [];
    client.on('difference', (event) => told.push(event));
    const { read } = client.service(Ledger);
    for (let i = 0; i < 500; i += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, j) => read(`read-${i + j}`)));
      while ((client.status().services[0].comparison?.compared ?? 0) < i + 10) await sleep(2);
    }
    const { comparison } = client.status().services[0];
    expect(comparison).toMatchObject({ compared: 500, different: 1, unanswered: 0 });
    expect(told).toEqual([{ service: Ledger.id, method: 'read', paths: ['$'] }]);
  }, 60_000);

  test('over 10,000 equal reads none is reported', async () => {
    const provider = await ledger({ serviceMs: 0 });
    const client = clientAt(await mosnTo(provider), {
      registry: `bolt://${provider.address}`,
      policy: policyOf({ mesh: 50, compare }),
    });
    const { read } = client.service(Ledger);
    const compared = () => client.status().services[0]?.comparison?.compared ?? 0;
    for (let i = 0; compared() < 10_000; i += 8) {
      await Promise.all(Array.from({ length: 8 }, (_, j) => read(`read-${i + j}`)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(client.status().services[0].comparison).toMatchObject({
      different: 0,
      unanswered: 0,
      samples: [],
    });
  }, 120_000);
});

describe('rolling restarts under load', () => {
  let zookeeper: ZooKeeper;
  beforeAll(async () => {
    zookeeper = await ZooKeeper.start();
  });
  afterAll(() => zookeeper?.stop());

  test.each(['mesh', 'auto', 'direct'] as const)(
    'in mode %s: the providers one after the other, then the sidecar: no call fails',
    async (mode) => {
      const registry = `zookeeper://${zookeeper.address}`;
      const start = (name: string) => LedgerProvider.start({ name, port: 0, serviceMs: 2, registry });
      const old = await Promise.all([start('one'), start('two')]);
      const all = [...old];
      toClose.push(() => Promise.all(all.map((provider) => provider.stop())));
      const mosn = await Mosn.start({ registry, egressPort: await freePort() });
      toClose.push(() => mosn.close());
      const client = clientAt(mosn, { registry, mode });
      const traffic = new Traffic(callerOf(client.service(Ledger)), { perSecond: 500 });
      await traffic.goes(mode === 'direct' ? 'direct' : 'mesh');
      const stopped: ReadonlyMap<string, number>[] = [];
      for (const [i, provider] of old.entries()) {
        all.push(await start(`next ${i}`));
        await sleep(1_000);
        stopped.push(await provider.executions());
        await provider.stop();
      }
      if (mode !== 'direct') {
        for (let round = 0; round < 2; round++) {
          await mosn.stop();
          await mosn.start();
          await traffic.goes('mesh');
        }
      }
      await sleep(500);
      await traffic.stop();
      const { calls, twice } = await account(
        traffic,
        ...all.slice(2),
        ...stopped.map((executed) => ({ executions: async () => executed })),
      );
      console.log(
        `measured: rolling restart in mode ${mode}: ${calls} calls, ${traffic.failures.length} failed`,
      );
      expect(traffic.failures.map(({ error, path }) => `${path}: ${String(error)}`)).toEqual([]);
      expect(twice).toEqual([]);
    },
    120_000,
  );
});
