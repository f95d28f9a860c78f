import { expect, test } from 'vitest';
import { endpointOf } from '../../../src/core/endpoint.js';
import { providersOf } from '../../../src/discovery/zookeeper/provider-match.js';
import {
  type ProviderNode,
  providerNodeName,
  readProviderNode,
} from '../../../src/discovery/zookeeper/provider-node.js';
import { partsOf } from '../../../src/discovery/zookeeper/service.js';

function hostsOf(service: string, urls: readonly string[]): string[] {
  const nodes = urls.map((url) => readProviderNode(encodeURIComponent(url)) as ProviderNode);
  return providersOf(partsOf(service), nodes).map(({ host }) => host);
}

const JAVA = 'version=1.0&language=java';

test('a service is found by its uniqueId: all of an interface share one directory', () => {
  const urls = [
    `bolt://plain:1?${JAVA}&uniqueId=`,
    `bolt://blue:1?${JAVA}&uniqueId=blue`,
    `bolt://none:1?${JAVA}`,
    'bolt://node:1?uniqueId=&version=1.0&language=nodejs',
  ];
  expect(hostsOf('com.acme.Hello:1.0', urls)).toEqual(['plain', 'none', 'node']);
  expect(hostsOf('com.acme.Hello:1.0:blue', urls)).toEqual(['blue']);
  expect(hostsOf('com.acme.Hello:1.0:green', urls)).toEqual([]);
});

test('other protocols are left alone', () => {
  expect(
    hostsOf('com.acme.Hello:1.0', ['tri://a:1?uniqueId=', 'rest://b:1?uniqueId=', 'Bolt://c:1?uniqueId=']),
  ).toEqual(['c']);
});

test('a version that a node states is obeyed', () => {
  const urls = [
    'bolt://one:1?uniqueId=&version=1.0&language=nodejs',
    'bolt://two:1?uniqueId=&version=2.0&language=nodejs',
    `bolt://java:1?${JAVA}&uniqueId=`,
    `bolt://javatwo:1?${JAVA}&uniqueId=&version=2.0`,
  ];
  expect(hostsOf('com.acme.Hello:1.0', urls)).toEqual(['one', 'java']);
  expect(hostsOf('com.acme.Hello:2.0', urls)).toEqual(['two', 'javatwo']);
  expect(hostsOf('com.acme.Hello:3.0', urls)).toEqual(['java']);
});

test("a version that Java's nodes cannot state is looked for among them, as Java does", () => {
  const urls = [
    `bolt://java:1?${JAVA}&uniqueId=`,
    'bolt://bare:1?uniqueId=',
    'bolt://one:1?uniqueId=&version=1.0',
  ];
  expect(hostsOf('com.acme.Hello:2.0', urls)).toEqual(['java', 'bare']);
});

test('what we announce, we find, and only that version', () => {
  const by = { app: 'a', pid: 1, id: 'i', startTime: 1 };
  const names = ['1.0', '2.0'].map((version, i) =>
    providerNodeName(partsOf(`com.acme.Hello:${version}`), endpointOf(`h${i}`, 1), by),
  );
  const urls = names.map(decodeURIComponent);
  expect(hostsOf('com.acme.Hello:1.0', urls)).toEqual(['h0']);
  expect(hostsOf('com.acme.Hello:2.0', urls)).toEqual(['h1']);
});

test('of an address that is there twice the newest start counts', () => {
  const nodes = ['startTime=5&weight=1', 'startTime=11&weight=2', 'startTime=7&weight=3', 'weight=4'].map(
    (query) => readProviderNode(encodeURIComponent(`bolt://h:1?uniqueId=&${query}`)) as ProviderNode,
  );
  const endpoints = providersOf(partsOf('com.acme.Hello:1.0'), nodes);
  expect(endpoints.map(({ attributes }) => attributes.weight)).toEqual(['2']);
});

test('a service id that names no interface is refused', () => {
  expect(partsOf('com.acme.Hello')).toEqual({
    interfaceName: 'com.acme.Hello',
    version: '1.0',
    uniqueId: '',
  });
  for (const service of ['', ':1.0', '.:1.0', '..:1.0', 'a/b:1.0', 'a\0b:1.0']) {
    expect(() => partsOf(service)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  }
});
