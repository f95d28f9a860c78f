// What the reference agent does beside the scenarios that the dev sidecar plays, too: stopping under load, sockets, flags.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshClient, Sidecar } from 'sofa-mesh-sdk';
import { describe, expect, test } from 'vitest';
import { Guarded } from '../../support/guarded.js';
import { People } from '../../support/people.js';
import { frameOf } from '../../support/raw-peer.js';
import { answer, brief, call, provided, SERVICE, until } from '../../support/sidecar-world.js';
import { freePort } from '../zookeeper/ports.js';
import { agent, client, closing, loadOf, server } from './agents.js';
import { buildMosn, Mosn } from './mosn.js';

describe.each([
  ['bolt', 'v1'],
  ['boltv2', 'v2'],
] as const)('under load, with %s', (bolt, version) => {
  test("SIGTERM of the caller's agents, one after the other, fails no call", async () => {
    const { port } = await server('one');
    const providers = { [SERVICE]: [`127.0.0.1:${port}`] };
    const worlds = await Promise.all([1, 2, 3, 4].map(() => agent({ providers, bolt })));
    for (const world of worlds) await world.subscribe();
    const service = client(worlds.map(({ sidecar }) => sidecar.egress).join(), version);
    const load = loadOf(service);
    await load.hearsFrom('one');
    for (const { sidecar } of worlds.slice(1)) {
      await sidecar.stop();
      await load.hearsFrom('one');
    }
    await load.stop();
    expect(load.failures.map(({ message }) => message)).toEqual([]);
  });

  test('a go-away of a provider: what runs is answered, and what comes next goes elsewhere', async () => {
    const proto = version === 'v1' ? 1 : 2;
    const world = await agent({ bolt });
    const provider = await world.provider(() => undefined);
    await world.publish(provider.port);
    const caller = await world.caller(world.sidecar.ingress);
    const next = (requestId: number) => caller.write(call(requestId, { fields: { proto, ver1: 1 } }));
    next(1);
    const [first, frame] = await world.firstRequest(provider);
    const goAway = { proto, ver1: 1, type: 1, cmdCode: 100, requestId: 0, codec: 1, timeout: 0 };
    first.write(frameOf(goAway));
    // Nothing tells when it has been read.
    await sleep(200);
    provider.behaviour = answer();
    next(2);
    expect(brief((await caller.received(1))[0])).toEqual({ ...provided(2), proto });
    expect(provider.peers).toHaveLength(2);
    first.write(world.answered(frame));
    expect(brief((await caller.received(2))[1])).toEqual({ ...provided(1), proto });
  });
});

test('a listener for both versions answers each in its own', async () => {
  const { port } = await server('one');
  const world = await agent({ bolt: 'Auto', providers: { [SERVICE]: [`127.0.0.1:${port}`] } });
  await world.subscribe();
  for (const version of ['v1', 'v2'] as const)
    expect(await client(world.sidecar.egress, version).echo('')).toBe('one');
});

test('on Unix sockets, also over the socket files of one that was killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sidecar-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const { port } = await server('one');
  const mosn = await Mosn.start({ sockets: folder, providers: { [SERVICE]: [`127.0.0.1:${port}`] } });
  closing.push(() => mosn.close());
  await mosn.kill();
  await mosn.start();
  const sidecar = new Sidecar({ app: 'caller', api: mosn.api, egress: mosn.egress });
  const client = new MeshClient({ app: 'caller', mode: 'mesh', sidecar });
  closing.push(
    () => client.close(),
    () => sidecar.close(),
  );
  expect(await client.service(People).echo('')).toBe('one');
});

test("MOSN's own admin API says that it runs", async () => {
  const world = await agent({ adminPort: await freePort() });
  const { admin } = world.sidecar as Mosn;
  expect(await (await fetch(`http://${admin}/api/v1/states`)).text()).toContain('pid=');
});

test("MOSN's log is a file where one is asked for, and nothing is said otherwise", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sidecar-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'mosn.log');
  const world = await agent({ log });
  const quiet = await agent();
  for (const { sidecar } of [world, quiet]) await sidecar.stop();
  expect(readFileSync(log, 'utf8')).toContain('listener');
  expect((quiet.sidecar as Mosn).process?.said).toBe('');
});

test('the zone is told to subscribers', async () => {
  const world = await agent({ zone: 'GZ00A', providers: { [SERVICE]: ['127.0.0.1:1'] } });
  expect(JSON.stringify(await world.subscribe())).toContain('&zone=GZ00A&');
});

test('calls that outlast the drain are cut, and it says how many', async () => {
  const world = await agent({ drainMs: 200 });
  const provider = await world.provider(() => undefined);
  await world.publish(provider.port);
  const caller = await world.caller(world.sidecar.ingress);
  caller.write(call(1));
  await until(() => provider.requests.length === 1);
  await world.sidecar.stop();
  const { process } = world.sidecar as Mosn;
  expect(process?.said).toBe('sidecar: calls that still ran 200ms after the go-away were cut: 1\n');
});

test.each([
  [
    'an address that is taken',
    () => [`-api=${taken}`],
    /^sidecar: --api [\d.:]+: another process listens there\n$/,
  ],
  [
    'a registry of another kind',
    () => ['-registry=nacos://127.0.0.1:8848'],
    /^sidecar: --registry \S+: it must be memory or zookeeper:\/\/host:port\n$/,
  ],
  ['an unknown protocol', () => ['-bolt=v3'], /^sidecar: --bolt v3: it must be bolt, boltv2 or Auto\n$/],
  ['a word that is no flag', () => ['api'], /^sidecar: "api" is no flag; -help lists them\n$/],
])('%s: one clear line', async (_name, flags, said) => {
  const world = await agent();
  taken = world.sidecar.api;
  const free = ['-api=127.0.0.1:0', '-egress=127.0.0.1:0', '-ingress=127.0.0.1:0'];
  const process = new Guarded('agent', await buildMosn(), [...free, ...flags()]);
  await process.ended;
  expect(process.said).toMatch(said);
});
let taken = '';
