import { expect, onTestFinished, test, vi } from 'vitest';
import { Registries, type RegistryFactories, type RegistryOption } from '../../src/discovery/registries.js';
import type { Publisher, Resolver } from '../../src/discovery/resolver.js';
import { FakeClock } from '../../src/testing/fake-clock.js';
import { seededRandom } from '../../src/testing/seeded-random.js';

function registries(factories?: RegistryFactories) {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const made = new Registries({
    clock,
    random: seededRandom(1),
    app: 'test',
    warn: (message) => warnings.push(message),
    factories,
  });
  onTestFinished(() => made.close());
  return { made, clock, warnings };
}

const open = (option: RegistryOption<Resolver | Publisher>) => registries().made.open(option);
const names = (option: RegistryOption<Resolver | Publisher>) => open(option).map(({ name }) => name);

/** The first list of a resolver. */
async function first(resolver: Resolver | undefined): Promise<string[]> {
  const lists = resolver?.watch('any:1.0', new AbortController().signal)[Symbol.asyncIterator]();
  return (await lists?.next())?.value.map(({ address }: { address: string }) => address);
}

class FileRegistry implements Resolver, Publisher {
  async *watch() {}
  async publish() {
    return async () => undefined;
  }
  close = vi.fn(async () => undefined);
}

test('static addresses that follow each other are one registry, in one text or in several', async () => {
  const [only, ...others] = open(['bolt://a:1', 'b:2, BOLT://c:3', 'd']);
  expect([only.name, others, only.publisher]).toEqual(['bolt://a:1,b:2, BOLT://c:3,d', [], undefined]);
  expect(await first(only.resolver)).toEqual(['a:1', 'b:2', 'c:3', 'd:12200']);
  expect(names(['a:1', 'dns://people', 'b:1', 'c:1'])).toEqual(['a:1', 'dns://people', 'b:1,c:1']);
});

test('a scheme opens what it names', () => {
  const option = ['zookeeper://a:2181,b:2181/root', 'dns://people.example:1', 'DNS+SRV://_bolt._tcp.example'];
  const opened = open(option);
  expect(opened.map(({ name }) => name)).toEqual(option);
  expect(opened.map(({ resolver, publisher }) => [resolver !== undefined, publisher !== undefined])).toEqual([
    [true, true],
    [true, false],
    [true, false],
  ]);
});

test('a URL is opened once, and shared', () => {
  const { made } = registries();
  const [one] = made.open('dns://people');
  const [, two] = made.open(['a:1', ' dns://people ']);
  const [other] = made.open('dns://people:1');
  expect(two).toBe(one);
  expect(other).not.toBe(one);
});

test('an object of the user is taken for what it can do, and named by its class', () => {
  const { watch, publish } = new FileRegistry();
  const registry = new FileRegistry();
  expect(open(registry)).toEqual([{ name: 'FileRegistry', resolver: registry, publisher: registry }]);
  const tells = { watch };
  const announces = { publish };
  expect(open([tells, announces, Object.assign(Object.create(null), tells)])).toEqual([
    { name: 'a registry of your own', resolver: tells, publisher: undefined },
    { name: 'a registry of your own', resolver: undefined, publisher: announces },
    { name: 'a registry of your own', resolver: expect.anything(), publisher: undefined },
  ]);
  expect(names(['a:1', registry, 'b:1'])).toEqual(['a:1', 'FileRegistry', 'b:1']);
});

test.each<[string, unknown, string]>([
  [
    'a scheme that is not known',
    'nacos://a:1',
    'the scheme nacos; there are bolt, dns, dns+srv, zookeeper, or pass an object',
  ],
  ['a bad address', 'bolt://a:99999', 'is not of the form'],
  ['a bad DNS URL', 'dns://', 'must be of the form'],
  ['a bad ZooKeeper URL', 'zookeeper://', 'zookeeper'],
  ['a bad one among others', ['a:1', 'dns://a:b'], 'dns://a:b cannot be used'],
  ['an empty list', [], 'the list of addresses is empty'],
  ['an empty text', '', 'is not of the form'],
  ['an object that is no registry', {}, 'neither watch nor publish'],
  ['a number', 42, 'neither watch nor publish'],
  ['null', null, 'neither watch nor publish'],
])('%s is refused when it is opened', (_, option, reason) => {
  expect(() => open(option as string)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(reason) }),
  );
});

test('no name and no message holds a password', () => {
  const secrets = [
    'zookeeper://a:2181/root?auth=digest:ada:hidden',
    'dns://ada:hidden@people',
    'nacos://ada:hid@den?hidden@a:1?key=hidden',
    'nacos://a:1?password=hidden',
  ];
  for (const url of secrets) {
    let seen: string;
    try {
      seen = names(url).join();
    } catch (error) {
      seen = (error as Error).message;
    }
    expect(seen).toMatch(/zookeeper:|dns:|nacos:/);
    expect(seen).not.toMatch(/hidden|ada|hid@/);
  }
});

test('close closes what was opened by URL, not what the user made, and never rejects', async () => {
  const { made, warnings } = registries();
  const own = new FileRegistry();
  const [, dns] = made.open([own, 'dns://people', 'zookeeper://127.0.0.1:1']);
  const closed = vi.spyOn(dns.resolver as Resolver & { close(): Promise<void> }, 'close');
  closed.mockRejectedValueOnce(new Error('still asking'));
  await made.close();
  await made.close();
  expect(closed).toHaveBeenCalledTimes(1);
  expect(own.close).not.toHaveBeenCalled();
  expect(warnings).toEqual(['the registry dns://people could not be closed: still asking']);
});

test('a scheme of the user`s own opens what its factory makes of the URL, once for each URL', async () => {
  const made = new FileRegistry();
  const asked: unknown[] = [];
  const {
    made: registry,
    clock,
    warnings,
  } = registries({
    etcd: (url, env) => {
      asked.push(url, env.app, env.clock);
      env.warn('a record cannot be read');
      return made;
    },
  });
  const url = 'ETCD://ada:hidden@10.0.0.1:2379/path?x=y';
  const [opened] = registry.open(url);
  expect(opened).toMatchObject({ name: 'ETCD://10.0.0.1:2379/path', resolver: made, publisher: made });
  expect(registry.open(['a:1', ` ${url}`])[1]).toBe(opened);
  expect(asked).toEqual([url, 'test', clock]);
  expect(warnings).toEqual(['registry ETCD://10.0.0.1:2379/path: a record cannot be read']);
  await registry.close();
  expect(made.close).toHaveBeenCalledTimes(1);
});

test('a scheme of the user`s own may tell only, or announce only, and need no close', async () => {
  const { watch, publish } = new FileRegistry();
  const { made } = registries({ 'tells+': () => ({ watch }), announces: () => ({ publish }) });
  const opened = made.open(['tells+://a', 'announces://a']);
  expect(opened.map(({ resolver, publisher }) => [resolver !== undefined, publisher !== undefined])).toEqual([
    [true, false],
    [false, true],
  ]);
  await made.close();
});

test('a scheme that is not known is refused with those that are, and with the option that adds it', () => {
  const { made } = registries({ etcd: () => new FileRegistry() });
  expect(() => made.open('consul://a:1')).toThrow(
    /the scheme consul; there are bolt, dns, dns\+srv, zookeeper, etcd, or pass an object .* registries .*\{ consul: /,
  );
});

test('what a factory throws is thrown, and what is no registry is refused', () => {
  const { made } = registries({
    wrong: () => {
      throw new Error('no path');
    },
    empty: () => ({}) as Resolver,
  });
  expect(() => made.open('wrong://a')).toThrow('no path');
  expect(() => made.open('empty://a')).toThrow('neither watch nor publish');
});

test.each<[string, unknown, string]>([
  ['zookeeper', () => new FileRegistry(), 'is built in and cannot be replaced'],
  ['dns+srv', () => new FileRegistry(), 'is built in'],
  ['bolt', () => new FileRegistry(), 'is built in'],
  ['Etcd', () => new FileRegistry(), 'lower-case letters'],
  ['e/tcd', () => new FileRegistry(), 'lower-case letters'],
  ['etcd', new FileRegistry(), 'must be a function'],
])('registries: %s is refused', (scheme, factory, reason) => {
  expect(() => registries({ [scheme]: factory } as RegistryFactories)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(reason) }),
  );
});
