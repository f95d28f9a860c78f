import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { request as testRequest } from '../../../src/compat/request-test.js';
import { server as exported } from '../../../src/compat/server/index.js';
import { localIp } from '../../../src/compat/server/local-ip.js';
import { RpcServer } from '../../../src/compat/server/rpc-server.js';
import type { RpcServerOptions } from '../../../src/compat/server/rpc-server-options.js';
import { RawPeer } from '../../support/raw-peer.js';
import { HEARTBEAT, REQUEST, REQUEST_V2, RESPONSE, RESPONSE_V2 } from './golden.js';
import { GREETER, keptLines } from './serve.js';

/** A server on loopback, in real time. */
async function started(options: Partial<RpcServerOptions> = {}, Class: typeof RpcServer = RpcServer) {
  const { logger, lines } = keptLines();
  const server = new Class({ logger, host: '127.0.0.1', port: 0, mode: 'direct', ...options });
  server.addService('com.acme.Greeter', GREETER);
  onTestFinished(() => server.close());
  await server.start();
  return { server, lines };
}

async function peerAt(port: number, host = '127.0.0.1') {
  const socket = connect(port, host);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return new RawPeer(socket);
}

test('answers over TCP with the bytes that sofa-bolt-node writes, coalesced', async () => {
  const { server, lines } = await started();
  expect(lines).toEqual([`info: [RpcServer] server start on ${server.publishPort}`]);
  expect(server.url).toContain(`:${server.publishPort}?`);
  const peer = await peerAt(server.publishPort);
  const chunks: Buffer[] = [];
  peer.stream.on('data', (chunk) => chunks.push(chunk));
  peer.write(REQUEST, REQUEST_V2, HEARTBEAT);
  await peer.received(3);
  expect(peer.frames.map(({ requestId }) => requestId).sort()).toEqual([1, 2, 3]);
  expect(Buffer.concat(chunks).includes(RESPONSE)).toBe(true);
  expect(Buffer.concat(chunks).includes(RESPONSE_V2)).toBe(true);
  const closing = server.close();
  await peer.closed();
  await closing;
  await expect(peerAt(server.publishPort)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('start() once, ready for all, and one event', async () => {
  const { logger } = keptLines();
  const server = new RpcServer({ logger, host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  let listening = 0;
  server.on('listening', () => listening++);
  await Promise.all([server.start(), server.start(), server.ready()]);
  expect([listening, server.isReady]).toEqual([1, true]);
});

test('all interfaces are listened on, unless a host is named', async () => {
  const { server } = await started({ host: undefined });
  const opened = server as unknown as { _servers: Server[] };
  expect((opened._servers[0].address() as AddressInfo).address).toMatch(/^(::|0\.0\.0\.0)$/);
  const { server: local } = await started();
  expect((local as unknown as typeof opened)._servers[0].address()).toMatchObject({ address: '127.0.0.1' });
});

test('a port that is taken fails the start, with the error of the system', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { logger } = keptLines();
  const server = new RpcServer({ logger, host: '127.0.0.1', port });
  const errors: unknown[] = [];
  server.on('error', (error) => errors.push(error));
  await expect(server.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect(errors).toMatchObject([{ code: 'EADDRINUSE' }]);
  await server.close();
});

test('a subclass may listen on several ports, and in its own way', async () => {
  const made: number[] = [];
  class Many extends RpcServer {
    override get listenPorts(): number[] {
      return [0, 0];
    }
    protected override _startServer(port: number): Server {
      made.push(port);
      return super._startServer(port);
    }
  }
  const { server } = await started({}, Many);
  const ports = (server as unknown as { _servers: Server[] })._servers.map(
    (one) => (one.address() as AddressInfo).port,
  );
  expect([made, new Set(ports).size]).toEqual([[0, 0], 2]);
  expect(ports).toContain(server.publishPort);
  for (const port of ports) {
    const peer = await peerAt(port);
    peer.write(REQUEST);
    await peer.received(1);
  }
});

test('a close that comes before it listens waits for that', async () => {
  const { logger } = keptLines();
  const server = new RpcServer({ logger, host: '127.0.0.1', port: 0 });
  const starting = server.start();
  await server.close();
  await starting;
  await expect(peerAt(server.publishPort)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('is tested through its own client', async () => {
  const { server } = await started({ publishAddress: '127.0.0.1', host: undefined });
  const call = () => testRequest(server).service('com.acme.Greeter');
  const { data } = await call().invoke('hello').send(['Ann']);
  expect(data).toBe('hello Ann');
  await call()
    .invoke('fail')
    .error(/no such person/);
});

describe('the exports', () => {
  test('are those of sofa-rpc-node', () => {
    expect(Object.keys(exported)).toEqual(['RpcServer', 'RpcService', 'RpcResponse', 'RpcConnection']);
    expect(Object.values(exported).map(({ name }) => name)).toEqual(Object.keys(exported));
    expect(exported.RpcServer).toBe(RpcServer);
    expect(() => exported.GRpcServer).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('server.GRpcServer'),
      }),
    );
  });
});

describe('the address of this machine', () => {
  const at = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4') => ({ address, family }) as never;

  test.each([
    [
      'is that of the first Ethernet interface',
      { docker0: [at('172.17.0.1')], eth1: [at('::1', 'IPv6'), at('10.0.0.5')], eth0: [at('10.0.0.4')] },
      '10.0.0.4',
    ],
    [
      'else of any that leads out',
      { lo: [at('127.0.0.1')], wlan0: [at('fe80::1', 'IPv6'), at('192.168.0.7')] },
      '192.168.0.7',
    ],
    ['else the loopback', { lo: [at('127.0.0.1')] }, '127.0.0.1'],
  ])('%s', (_, interfaces, expected) => {
    const name = process.platform === 'darwin' ? 'en' : 'eth';
    const named = Object.entries(interfaces).map(([key, value]) => [key.replace('eth', name), value]);
    expect(localIp(Object.fromEntries(named))).toBe(expected);
  });
});
