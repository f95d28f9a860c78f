import { describe, expect, test } from 'vitest';
import { endpointOfAddress, parseAddress, printAddresses } from '../../../src/compat/client/address.js';
import { addressesOf } from './fake-connections.js';

describe('parseAddress', () => {
  test.each([
    ['127.0.0.1', 'bolt:', '127.0.0.1:12200', '127.0.0.1', 12200, 'bolt://127.0.0.1'],
    ['127.0.0.1:80', 'bolt:', '127.0.0.1:80', '127.0.0.1', '80', 'bolt://127.0.0.1:80'],
    ['tr://Foo.bar', 'tr:', 'foo.bar:12200', 'foo.bar', 12200, 'tr://foo.bar'],
    ['bolt://[::1]:1', 'bolt:', '[::1]:1', '::1', '1', 'bolt://[::1]:1/'],
  ])('%s', (url, protocol, host, hostname, port, href) => {
    expect(parseAddress(url)).toMatchObject({ protocol, host, hostname, port, href });
  });

  test('has the query, repeated keys as a list', () => {
    expect(parseAddress('a:1?serialization=protobuf&x=1&x=2').query).toEqual({
      serialization: 'protobuf',
      x: ['1', '2'],
    });
  });

  test('refuses what is no text', () => {
    expect(() => parseAddress(1 as never)).toThrow('parseUrl(url) url should be string');
  });
});

test('an endpoint is the address with its query as attributes', () => {
  expect(endpointOfAddress(parseAddress('bolt://[::1]:80?weight=5&x=1&x=2&__proto__=y'))).toEqual({
    host: '::1',
    port: 80,
    address: '[::1]:80',
    attributes: Object.fromEntries([
      ['weight', '5'],
      ['x', '2'],
      ['__proto__', 'y'],
    ]),
  });
  expect(endpointOfAddress(parseAddress('10.0.0.1'))).toMatchObject({
    address: '10.0.0.1:12200',
    port: 12200,
  });
});

test.each([null, 'a=1', undefined])('an address whose query is %j has no attributes', (query) => {
  expect(endpointOfAddress({ ...parseAddress('a:1'), query: query as never }).attributes).toEqual({});
});

test('of many addresses 20 are printed', () => {
  expect(printAddresses(addressesOf(2))).toBe('\n  - bolt://h0\n  - bolt://h1');
  const lines = printAddresses(addressesOf(25)).split('\n');
  expect(lines).toHaveLength(22);
  expect(lines[21]).toBe('  .. and 5 more');
});
