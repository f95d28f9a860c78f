import { describe, expect, test } from 'vitest';
import { DEFAULT_PORT, endpointOf, parseEndpoint } from '../../src/core/endpoint.js';
import { MeshError } from '../../src/core/errors.js';

describe('parseEndpoint', () => {
  test.each([
    ['bolt://10.0.0.1:12200', '10.0.0.1', 12200, '10.0.0.1:12200'],
    ['10.0.0.1:80', '10.0.0.1', 80, '10.0.0.1:80'],
    ['people.example.com', 'people.example.com', DEFAULT_PORT, `people.example.com:${DEFAULT_PORT}`],
    ['BOLT://host:1/', 'host', 1, 'host:1'],
    ['  bolt://host:65535  ', 'host', 65535, 'host:65535'],
    ['bolt://[::1]:12200', '::1', 12200, '[::1]:12200'],
    ['[2001:db8::7]', '2001:db8::7', DEFAULT_PORT, `[2001:db8::7]:${DEFAULT_PORT}`],
    ['[::ffff:10.0.0.1]:9', '::ffff:10.0.0.1', 9, '[::ffff:10.0.0.1]:9'],
    ['bolt://[fe80::1%eth0]:12200', 'fe80::1%eth0', 12200, '[fe80::1%eth0]:12200'],
  ])('%s', (text, host, port, address) => {
    expect(parseEndpoint(text)).toEqual({ host, port, address, attributes: {} });
  });

  test('the query becomes attributes', () => {
    const { attributes } = parseEndpoint('bolt://h:1?rpcVer=50800&weight=50&name=a%20b');
    expect(attributes).toEqual({ rpcVer: '50800', weight: '50', name: 'a b' });
  });

  test.each([
    '',
    ' ',
    'bolt://',
    'bolt://:12200',
    '::1',
    '::1:12200',
    'host:',
    'host:0',
    'host:65536',
    'host:123456',
    'host:-1',
    'host:http',
    'a b:1',
    'bolt://h:1/path',
    '[::1',
    '[zz]:1',
    'bolt://h:1,h:2',
  ])('refuses %j and shows it', (text) => {
    expect(() => parseEndpoint(text)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(JSON.stringify(text)),
      }),
    );
  });

  test('refuses another scheme and says which is supported', () => {
    expect(() => parseEndpoint('http://h:80')).toThrow(/scheme http.*only bolt/);
    expect(() => parseEndpoint('http://h:80')).toThrow(MeshError);
  });
});

test('endpointOf puts brackets around an IPv6 address only', () => {
  expect(endpointOf('::1', 5).address).toBe('[::1]:5');
  expect(endpointOf('127.0.0.1', 5, { weight: '1' })).toEqual({
    host: '127.0.0.1',
    port: 5,
    address: '127.0.0.1:5',
    attributes: { weight: '1' },
  });
});
