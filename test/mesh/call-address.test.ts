import { expect, test } from 'vitest';
import { type Endpoint, endpointOf } from '../../src/core/endpoint.js';
import { callAddress } from '../../src/mesh/call-address.js';

const egress = endpointOf('127.0.0.1', 12_220);
const own = ['10.0.0.7', 'fe80::1'];

function addressOf(data: string | undefined, apiHost = '127.0.0.1', used: Endpoint = egress) {
  const known = { api: endpointOf(apiHost, 13_330), egress: used, own };
  return callAddress(data === undefined ? [] : [data, '203.0.113.1:1'], known);
}

test.each(['127.0.0.1:12999', 'localhost:12999', '[::1]:12999', '127.0.0.2:12999', '10.0.0.7:12999'])(
  'an address of this machine is the sidecar: %s',
  (address) => {
    const { endpoint, doubt } = addressOf(`${address}?_TIMEOUT=3000&p=1`);
    expect([endpoint.address, endpoint.attributes.p, doubt]).toEqual([address, '1', undefined]);
  },
);

test('so is whatever is on the host of the API', () => {
  expect(addressOf('mosn:12999', 'mosn').endpoint.address).toBe('mosn:12999');
});

test('nothing said: the egress that is known', () => {
  expect(addressOf(undefined)).toEqual({ endpoint: egress, doubt: undefined });
});

test.each([
  ['203.0.113.9:12200?p=1', '127.0.0.1', /203\.0\.113\.9:12200.*not the sidecar's/],
  ['people.example:12200', '127.0.0.1', /people\.example/],
  // A sidecar elsewhere means itself.
  ['127.0.0.1:12220', 'mosn', /127\.0\.0\.1:12220.*not the sidecar's/],
  ['10.0.0.7:12220', '10.0.0.8', /10\.0\.0\.7/],
  ['127.0.0.1', '127.0.0.1', /no address/],
  ['', '127.0.0.1', /no address/],
  ['127.0.0.1:99999', '127.0.0.1', /no address/],
  ['http://127.0.0.1:80', '127.0.0.1', /no address/],
])('%j from an API on %s is not used, and why', (data, host, why) => {
  const known = endpointOf(host, 12_220);
  const { endpoint, doubt } = addressOf(data, host, known);
  expect(endpoint).toBe(known);
  expect(doubt).toMatch(why);
});

test('a socket file that was given stays in use: the API cannot name one', () => {
  const socket = { host: '/run/mosn.sock', port: 0, address: 'unix:/run/mosn.sock', attributes: {} };
  expect(addressOf('127.0.0.1:12220', '127.0.0.1', socket)).toEqual({ endpoint: socket, doubt: undefined });
  expect(addressOf('127.0.0.1:12999', '/run/api.sock').endpoint.address).toBe('127.0.0.1:12999');
});
