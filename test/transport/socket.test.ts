import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { endpointOf } from '../../src/core/endpoint.js';
import { connectFailed, connectTcp, leadsToItself } from '../../src/transport/socket.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listening(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined).end('hello')).listen(
    0,
    '127.0.0.1',
  );
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as { port: number }).port;
}

test('opens a connection', async () => {
  const stream = await connectTcp(endpointOf('127.0.0.1', await listening()), new AbortController().signal);
  const greeting = await new Promise((resolve) => stream.once('data', (chunk) => resolve(String(chunk))));
  expect(greeting).toBe('hello');
  stream.destroy();
});

test('a refused one is CONNECT_FAILED with address, cause and a hint', async () => {
  const port = await listening();
  await new Promise((resolve) => servers.pop()?.close(resolve));
  await expect(connectTcp(endpointOf('127.0.0.1', port), new AbortController().signal)).rejects.toMatchObject(
    {
      code: 'CONNECT_FAILED',
      endpoint: `127.0.0.1:${port}`,
      cause: { code: 'ECONNREFUSED' },
      message: expect.stringMatching(
        /^cannot connect to 127\.0\.0\.1:\d+: connect ECONNREFUSED.*is the provider running\?$/,
      ),
    },
  );
});

test('an aborted signal rejects, before and during', async () => {
  const endpoint = endpointOf('127.0.0.1', await listening());
  const reason = new Error('not any more');
  await expect(connectTcp(endpoint, AbortSignal.abort(reason))).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    cause: reason,
  });
  const abort = new AbortController();
  const connecting = connectTcp(endpoint, abort.signal);
  abort.abort(reason);
  await expect(connecting).rejects.toMatchObject({ cause: reason });
});

test.each([
  [
    { code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND h' },
    'cannot connect to h:1: getaddrinfo ENOTFOUND h; the host name does not resolve; check it and the DNS',
  ],
  [
    { code: 'ECONNREFUSED', message: '' },
    'cannot connect to h:1: ECONNREFUSED; nothing listens there; is the provider running?',
  ],
  [{ message: 'no route' }, 'cannot connect to h:1: no route; check the address and the network'],
  ['a string', 'cannot connect to h:1: a string; check the address and the network'],
  [undefined, 'cannot connect to h:1: undefined; check the address and the network'],
])('the words for %j', (cause, message) => {
  expect(connectFailed(endpointOf('h', 1), cause).message).toBe(message);
});

test('a connection that the system made from a port to that same port is told from one to a server', async () => {
  const port = await listening();
  const toServer = connect({ host: '127.0.0.1', port });
  await once(toServer, 'connect');
  expect(leadsToItself(toServer)).toBe(false);
  toServer.destroy();
  await new Promise((resolve) => servers.pop()?.close(resolve));
  const toItself = connect({ host: '127.0.0.1', port, localPort: port });
  await once(toItself, 'connect');
  expect(leadsToItself(toItself)).toBe(true);
  toItself.destroy();
});
