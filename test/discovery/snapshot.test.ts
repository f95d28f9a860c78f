import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SnapshotStore } from '../../src/discovery/snapshot.js';
import { formatSnapshot, parseSnapshot, type RememberedLists } from '../../src/discovery/snapshot-format.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';
import { endpoint } from './scripted-source.js';

const SERVICE = 'com.acme.People:1.0';
const NOON = Date.UTC(2026, 0, 1, 12);

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'sofa-mesh-snapshot-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function storeIn(dir: string, seed = 1) {
  const clock = new FakeClock(NOON);
  const warnings: string[] = [];
  const store = new SnapshotStore(dir, {
    clock,
    random: seededRandom(seed),
    warn: (message) => warnings.push(message),
  });
  return { clock, warnings, store };
}

const told = (...addresses: string[]): RememberedLists => [
  { toldAt: NOON, endpoints: addresses.map((address) => endpoint(address, { weight: '100' })) },
];

test('what one process saved, the next one loads', async () => {
  const dir = join(await folder(), 'made', 'when', 'needed');
  const first = storeIn(dir);
  const lists: RememberedLists = [
    { toldAt: NOON - 5, endpoints: [endpoint('a:1', { weight: '10', __proto__x: 'y' }), endpoint('b:2')] },
    undefined,
    { toldAt: NOON, endpoints: [] },
  ];
  first.store.of(SERVICE, ['zk', 'dns', 'bolt']).save(lists);
  await first.store.close();
  const { store, warnings } = storeIn(dir);
  expect(await store.of(SERVICE, ['zk', 'dns', 'bolt']).load()).toEqual(lists);
  expect([first.warnings, warnings]).toEqual([[], []]);
});

test('an IPv6 address comes back with its brackets', () => {
  const subject = { service: SERVICE, registries: ['zk'] };
  const text = JSON.stringify({
    ...JSON.parse(formatSnapshot(told('a:1'), subject, NOON)),
    lists: [{ toldAt: new Date(NOON), endpoints: [{ host: '::1', port: 12200, attributes: {} }] }],
  });
  expect(parseSnapshot(text, subject)[0]?.endpoints[0].address).toBe('[::1]:12200');
});

test('a file can be read by a person, and says when it was saved', async () => {
  const dir = await folder();
  const { store } = storeIn(dir);
  store.of(SERVICE, ['zookeeper://zk:2181/root']).save(told('a:1'));
  await store.close();
  const [name] = await readdir(dir);
  expect(name).toMatch(/^com\.acme\.People_1\.0-[0-9a-f]{16}\.json$/);
  expect(JSON.parse(await readFile(join(dir, name), 'utf8'))).toEqual({
    format: 'sofa-mesh-sdk snapshot 1',
    savedAt: '2026-01-01T12:00:00.000Z',
    service: SERVICE,
    registries: ['zookeeper://zk:2181/root'],
    lists: [
      {
        toldAt: '2026-01-01T12:00:00.000Z',
        endpoints: [{ host: 'a', port: 1, attributes: { weight: '100' } }],
      },
    ],
  });
});

test('nothing there is nothing to warn of', async () => {
  const { store, warnings } = storeIn(await folder());
  expect(await store.of(SERVICE, ['zk']).load()).toEqual([]);
  expect(warnings).toEqual([]);
});

test('services and registries have a file each, whatever their names', async () => {
  const dir = await folder();
  const { store } = storeIn(dir);
  const subjects: [string, string[]][] = [
    [SERVICE, ['zk']],
    [SERVICE, ['zk', 'dns']],
    ['com.acme.People_1.0', ['zk']],
    ['../../etc/passwd', ['zk']],
    [`${'x'.repeat(1_000)}1`, ['zk']],
    [`${'x'.repeat(1_000)}2`, ['zk']],
  ];
  for (const [i, [service, registries]] of subjects.entries())
    store.of(service, registries).save(told(`h${i}:1`));
  expect(store.of(...subjects[0])).toBe(store.of(...subjects[0]));
  await store.close();
  expect((await readdir(dir)).length).toBe(subjects.length);
  for (const [i, [service, registries]] of subjects.entries())
    expect((await store.of(service, registries).load())[0]?.endpoints[0].host).toBe(`h${i}`);
});

test('a torn file is ignored with one warning, wherever it was torn', async () => {
  const subject = { service: SERVICE, registries: ['zk'] };
  const whole = formatSnapshot(told('a:1', 'b:1'), subject, NOON);
  for (let length = 0; length < whole.length; length++)
    expect(() => parseSnapshot(whole.slice(0, length), subject)).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED' }),
    );

  const dir = await folder();
  const { store, warnings } = storeIn(dir);
  const snapshot = store.of(SERVICE, ['zk']);
  snapshot.save(told('a:1'));
  await store.close();
  const [name] = await readdir(dir);
  const path = join(dir, name);
  await writeFile(path, (await readFile(path)).subarray(0, 100));
  expect(await snapshot.load()).toEqual([]);
  expect(warnings).toEqual([`the snapshot ${path} is ignored: it is not JSON, or only a part of it`]);
});

test('a file that is not ours, of another version or about something else is ignored', () => {
  const subject = { service: SERVICE, registries: ['zk'] };
  const ours = JSON.parse(formatSnapshot(told('a:1'), subject, NOON));
  const [list] = ours.lists;
  const [one] = list.endpoints;
  const foreign: Record<string, unknown> = {
    'no object': 'text',
    'an array': [],
    nothing: null,
    'another version': { ...ours, format: 'sofa-mesh-sdk snapshot 2' },
    'another service': { ...ours, service: 'com.acme.Other:1.0' },
    'other registries': { ...ours, registries: ['dns'] },
    'no lists': { ...ours, lists: {} },
    'a list that is none': { ...ours, lists: [7] },
    'no date': { ...ours, lists: [{ ...list, toldAt: 'yesterday' }] },
    'an endpoint that is none': { ...ours, lists: [{ ...list, endpoints: [null] }] },
    'no host': { ...ours, lists: [{ ...list, endpoints: [{ ...one, host: 1 }] }] },
    'no port': { ...ours, lists: [{ ...list, endpoints: [{ ...one, port: '1' }] }] },
    'a weight that is no text': {
      ...ours,
      lists: [{ ...list, endpoints: [{ ...one, attributes: { weight: 1 } }] }],
    },
  };
  for (const [what, content] of Object.entries(foreign))
    expect(() => parseSnapshot(JSON.stringify(content), subject), what).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED' }),
    );
});

test('what is written is read again, whatever hosts and attributes there are', () => {
  const subject = { service: SERVICE, registries: ['zk'] };
  const attributes = fc.dictionary(fc.string(), fc.string());
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.domain(), attributes)), (hosts) => {
      const endpoints = hosts.map(([host, extra]) => endpoint(`${host}:80`, { ...extra }));
      const lists = [{ toldAt: NOON, endpoints }];
      expect(parseSnapshot(formatSnapshot(lists, subject, NOON), subject)).toEqual(lists);
    }),
  );
});

test('one write a second, of the newest lists', async () => {
  const dir = await folder();
  const { clock, store } = storeIn(dir);
  const snapshot = store.of(SERVICE, ['zk']);
  const hosts = async () => (await snapshot.load())[0]?.endpoints.map(({ host }) => host);
  snapshot.save(told('a:1'));
  // From the pause on, the file is written.
  await vi.waitUntil(() => clock.pendingTimers === 1);
  expect(await hosts()).toEqual(['a']);
  snapshot.save(told('b:1'));
  snapshot.save(told('c:1'));
  await clock.advance(999);
  expect(await hosts()).toEqual(['a']);
  await clock.advance(1);
  await vi.waitUntil(() => clock.pendingTimers === 1);
  expect(await hosts()).toEqual(['c']);
  await clock.advance(1_000);
  expect(clock.pendingTimers).toBe(0);
  snapshot.save(told('d:1'));
  await vi.waitUntil(() => clock.pendingTimers === 1);
  expect(await hosts()).toEqual(['d']);
  await store.close();
});

test('close writes what waits', async () => {
  const { clock, store } = storeIn(await folder());
  const snapshot = store.of(SERVICE, ['zk']);
  snapshot.save(told('a:1'));
  await vi.waitUntil(() => clock.pendingTimers === 1);
  snapshot.save(told('b:1'));
  await store.close();
  expect((await snapshot.load())[0]?.endpoints[0].host).toBe('b');
  expect(clock.pendingTimers).toBe(0);
});

test('a folder that cannot be written is one warning, not one for each service or save', async () => {
  const file = join(await folder(), 'a-file');
  await writeFile(file, 'no folder');
  const { store, warnings } = storeIn(file);
  for (const service of ['one:1.0', 'two:1.0']) {
    store.of(service, ['zk']).save(told('a:1'));
    store.of(service, ['zk']).save(told('b:1'));
  }
  await store.close();
  expect(warnings).toEqual([
    expect.stringMatching(/^the last known addresses cannot be saved in .*a-file: .*; make it a folder that/),
  ]);
});

test('several processes may share a folder: a reader always finds a whole file', async () => {
  const dir = await folder();
  const writers = [1, 2, 3].map((seed) => storeIn(dir, seed));
  const long = Array.from({ length: 500 }, (_, i) => `host-${i}:1`);
  const reader = storeIn(dir);
  const written = writers.map(async ({ clock, store }, i) => {
    for (let turn = 0; turn < 20; turn++) {
      store.of(SERVICE, ['zk']).save(told(`writer-${i}:${turn}`, ...long));
      await clock.advance(1_000);
    }
    await store.close();
  });
  let reads = 0;
  const read = (async () => {
    for (; reads < 50; reads++) {
      const [list] = await reader.store.of(SERVICE, ['zk']).load();
      if (list !== undefined) expect(list.endpoints.length).toBe(501);
    }
  })();
  await Promise.all([...written, read]);
  expect([reader.warnings, ...writers.map(({ warnings }) => warnings)]).toEqual([[], [], [], []]);
  expect(await readdir(dir)).toEqual([expect.stringMatching(/\.json$/)]);
});
