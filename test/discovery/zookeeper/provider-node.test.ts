import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endpointOf } from '../../../src/core/endpoint.js';
import {
  type ProviderNode,
  type ProviderSelf,
  providerNodeName,
  readProviderNode,
} from '../../../src/discovery/zookeeper/provider-node.js';
import { partsOf } from '../../../src/discovery/zookeeper/service.js';

const service = partsOf('com.acme.Hello:1.0');
const by: ProviderSelf = { app: 'shop', pid: 42, id: 'rpc-cfg-7', startTime: 1_700_000_000_000 };

function read(url: string): ProviderNode | string {
  return readProviderNode(encodeURIComponent(url));
}

/** What Java reads (ProviderHelper and URLDecoder of SOFARPC 5.14.3), with its faults: it throws where Java does. */
function readAsJava(name: string): {
  protocol: string;
  host: string;
  port: number;
  attributes: Map<string, string>;
} {
  const url = decodeURIComponent(name.replaceAll('+', ' '));
  const [protocol, rest] = url.split('://') as [string, string];
  const end = rest.search(rest.includes('/') ? '/' : /\?/);
  const [host, port] = rest.slice(0, end).split(':') as [string, string];
  const attributes = new Map<string, string>();
  for (const pair of rest.slice(rest.indexOf('?') + 1).split('&')) {
    const [key, value] = pair.split('=') as [string, string | undefined];
    if (value === undefined) throw new Error('ArrayIndexOutOfBoundsException');
    attributes.set(key, value);
  }
  return { protocol, host, port: Number(port), attributes };
}

test('a provider is announced with all that Java writes', () => {
  const name = providerNodeName(service, endpointOf('10.0.0.1', 12_200), by);
  expect(decodeURIComponent(name)).toBe(
    'bolt://10.0.0.1:12200?version=1.0&accepts=100000&appName=shop&weight=100&timeout=0&serialization=hessian2&delay=-1&dynamic=true&startTime=1700000000000&language=nodejs&pid=42&id=rpc-cfg-7&rpcVer=51302&interface=com.acme.Hello&uniqueId=&protocol=bolt',
  );
});

test("the service's own version and uniqueId are announced, whatever the attributes say", () => {
  const self = endpointOf('10.0.0.1', 12_200, {
    version: '9',
    uniqueId: 'x',
    protocol: 'tri',
    interface: 'y',
  });
  const node = readProviderNode(
    providerNodeName(partsOf('com.acme.Hello:2.0:blue:1'), self, by),
  ) as ProviderNode;
  expect(node).toMatchObject({ scheme: 'bolt', uniqueId: 'blue:1', version: '2.0' });
  expect(node.endpoint.attributes).toMatchObject({ interface: 'com.acme.Hello', protocol: 'bolt' });
});

test('attributes take the place of the defaults', () => {
  const attributes = {
    weight: '7',
    startTime: '5',
    serialization: 'protobuf',
    timeout: '900',
    warmupTime: '100',
  };
  const node = readProviderNode(
    providerNodeName(service, endpointOf('h', 1, attributes), by),
  ) as ProviderNode;
  expect(node.endpoint.attributes).toMatchObject(attributes);
});

test('an IPv6 address survives', () => {
  const node = readProviderNode(providerNodeName(service, endpointOf('fe80::1', 12_200), by)) as ProviderNode;
  expect(node.endpoint).toMatchObject({ host: 'fe80::1', port: 12_200, address: '[fe80::1]:12200' });
});

test('any attributes survive, and are no poison to Java, which reads a well-formed node', () => {
  const own = new Set(['version', 'language', 'pid', 'id', 'rpcVer', 'interface', 'uniqueId', 'protocol']);
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom(...'&=%?/#+: ;@é你😀'), fc.string({ unit: 'binary' })),
  });
  const attributes = fc.dictionary(
    text.filter((key) => !own.has(key)),
    text,
    { maxKeys: 6 },
  );
  fc.assert(
    fc.property(attributes, (attributes) => {
      const name = providerNodeName(service, endpointOf('10.0.0.1', 12_200, attributes), by);
      expect(name).not.toContain('/');
      const node = readProviderNode(name) as ProviderNode;
      for (const [key, value] of Object.entries(attributes))
        expect(node.endpoint.attributes[key]).toBe(value);
      const java = readAsJava(name);
      expect(java).toMatchObject({ protocol: 'bolt', host: '10.0.0.1', port: 12_200 });
      expect(java.attributes.get('uniqueId')).toBe('');
    }),
  );
});

test('half a surrogate pair, which has no encoding, does not stop an announcement', () => {
  const name = providerNodeName(service, endpointOf('h', 1, { note: 'a\ud800b' }), by);
  expect((readProviderNode(name) as ProviderNode).endpoint.attributes.note).toBe('a\ufffdb');
});

test("Java's node: plus is a space in its encoding, what is not an escape is left as it is", () => {
  const url =
    'bolt%3A%2F%2F10.0.0.1%3A12200%3Fversion%3D1.0%26appName%3Dmy+shop%26uniqueId%3Dblue%26note%3D50%25%2B%26weight%3D200%26language%3Djava';
  expect(readProviderNode(url)).toEqual({
    scheme: 'bolt',
    endpoint: endpointOf('10.0.0.1', 12_200, {
      version: '1.0',
      appName: 'my shop',
      uniqueId: 'blue',
      note: '50%+',
      weight: '200',
      language: 'java',
    }),
    uniqueId: 'blue',
    version: undefined,
  });
});

test("Java's constant version says nothing, one that it was given as a parameter does", () => {
  expect(read('bolt://h:1?version=1.0&uniqueId=&language=java')).toMatchObject({ version: undefined });
  expect(read('bolt://h:1?version=1.0&uniqueId=&version=2.0&language=java')).toMatchObject({
    version: '2.0',
  });
});

test('an empty version says nothing', () => {
  expect(read('bolt://h:1?version=&uniqueId=')).toMatchObject({ version: undefined });
});

test("sofa-rpc-node's node states its version", () => {
  expect(
    read('bolt://h:1?startTime=1&uniqueId=&protocol=&version=1.0&group=SOFA&language=nodejs'),
  ).toMatchObject({
    version: '1.0',
    uniqueId: '',
    endpoint: { attributes: { protocol: '', group: 'SOFA' } },
  });
});

test.each([
  ['h', 'bolt', 'h:80'],
  ['h:12200', 'bolt', 'h:12200'],
  ['h:12200/context', 'bolt', 'h:12200'],
  ['bolt://h:12200/context?a=b://c/d', 'bolt', 'h:12200'],
  ['BOLT://h?x=', 'bolt', 'h:80'],
  ['tri://h:50051?uniqueId=', 'tri', 'h:50051'],
  ['bolt://[::1]:12200?uniqueId=', 'bolt', '[::1]:12200'],
])('%s', (url, scheme, address) => {
  expect(read(url)).toMatchObject({ scheme, uniqueId: '', version: undefined, endpoint: { address } });
});

test('an attribute may have any name', () => {
  const { attributes } = (read('bolt://h:1?__proto__=a&constructor=b&=c&a=b=c') as ProviderNode).endpoint;
  expect(Object.entries(attributes)).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['', 'c'],
    ['a', 'b=c'],
  ]);
});

test.each([
  ['bolt%3A%2F%2Fh%3A1%3Fa%3D%zz', /encoding is broken/],
  ['%c3%28', /encoding is broken/],
  [encodeURIComponent('bolt://h:1?uniqueId=&flag'), /"flag" has no value/],
  [encodeURIComponent('bolt://h:1?'), /"" has no value/],
  [encodeURIComponent('bolt://h:1?a=b&'), /"" has no value/],
  [encodeURIComponent('bolt://h:port?uniqueId='), /"h:port" is not host:port/],
  [encodeURIComponent('bolt://h:0'), /"h:0" is not host:port/],
  [encodeURIComponent('bolt://h:65536'), /"h:65536" is not host:port/],
  [encodeURIComponent('bolt://fe80::1:12200?uniqueId='), /is not host:port/],
  [encodeURIComponent('bolt://?uniqueId='), /"" is not host:port/],
  [encodeURIComponent('bolt:///h:1'), /"" is not host:port/],
  ['lock 0000000001', /is not host:port/],
  ['', /"" is not host:port/],
])('%s is no provider', (name, reason) => {
  expect(readProviderNode(name)).toMatch(reason);
});

test('no name whatever throws', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.oneof(fc.constantFrom(...'bolt:/?&=%+[]12'), fc.string({ unit: 'binary' })) }),
      (name) => {
        readProviderNode(name);
      },
    ),
  );
});
