import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect as netConnect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { MeshServer } from '../../src/server/mesh-server.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { later, People, people } from '../support/people.js';
import { FakePublisher } from './fake-publisher.js';

const open: { stop?(options: object): Promise<void>; close?(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await (one.stop?.({ quietMs: 0 }) ?? one.close?.());
});

async function setUp(options: Partial<MeshServerOptions> = {}, own: Parameters<typeof people>[0] = {}) {
  const warnings: string[] = [];
  const server = new MeshServer({
    app: 'test',
    mode: 'direct',
    host: '127.0.0.1',
    port: 0,
    health: { port: 0 },
    logger: { warn: (text: string) => warnings.push(text) },
    ...options,
  }).add(People, people(own));
  open.push(server);
  const { health } = await server.start();
  const ask = (path: string, method = 'GET') => answerOf(health?.host ?? '', health?.port ?? 0, path, method);
  return { server, ask, health, warnings };
}

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  text: string;
}

function answerOf(host: string, port: number, path: string, method: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ host, port, path, method, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    asked.on('error', reject).end();
  });
}

describe('health()', () => {
  test('of a server that has not been started', () => {
    const server = new MeshServer({ app: 'test', mode: 'direct' }).add(People, people());
    expect(server.health()).toEqual({
      live: true,
      ready: false,
      reasons: ['the server has not been started'],
      mode: 'direct',
      reason: 'the server has not been started',
      services: [{ id: People.id, announced: false }],
      connections: 0,
      running: 0,
      queued: 0,
      refused: 0,
      expired: 0,
    });
  });

  test('without a registry a server that listens is ready', async () => {
    const { server } = await setUp();
    expect(server.health()).toMatchObject({
      live: true,
      ready: true,
      reasons: [],
      services: [{ id: People.id, announced: true }],
    });
  });

  test('load does not make it unready: whoever gets BUSY calls elsewhere', async () => {
    const { server } = await setUp({ maxConcurrency: 1, maxQueue: 0 });
    expect(server.health().ready).toBe(true);
  });
});

describe('the HTTP endpoint', () => {
  test('answers /live and /ready, on a port of its own, on the host of the server', async () => {
    const { ask, health } = await setUp();
    expect(health?.host).toBe('127.0.0.1');
    const why = { mode: 'direct', reason: 'mode is direct: there is no registry to tell' };
    for (const [path, body] of [
      ['/live', { status: 'live', reasons: [] }],
      ['/ready', { status: 'ready', reasons: [], ...why }],
      ['/ready?verbose=1', { status: 'ready', reasons: [], ...why }],
    ] as const) {
      const answer = await ask(path);
      expect(answer).toMatchObject({
        status: 200,
        headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      });
      expect(JSON.parse(answer.text)).toEqual(body);
    }
  });

  test('says why it is not ready', async () => {
    const publisher = new FakePublisher();
    publisher.down = new Error('ECONNREFUSED');
    const { ask } = await setUp({ registry: publisher });
    const answer = await ask('/ready');
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text)).toEqual({
      status: 'not ready',
      reasons: [expect.stringContaining('ECONNREFUSED')],
      mode: 'direct',
      reason: 'mode is direct: the registry is told',
    });
    expect((await ask('/live')).status).toBe(200);
  });

  test('HEAD is answered without a body', async () => {
    const { ask } = await setUp();
    const answer = await ask('/ready', 'HEAD');
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  test.each(['/', '/health', '/ready/', '/live/../etc/passwd', '/%2e%2e', '//ready'])(
    '%s is 404: there is nothing else',
    async (path) => {
      const { ask } = await setUp();
      const answer = await ask(path);
      expect(answer.status).toBe(404);
      expect(answer.text).not.toMatch(/at .*:\d+:\d+|\.ts|passwd/);
    },
  );

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is 405', async (method) => {
    const { ask } = await setUp();
    expect(await ask('/ready', method)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  test('/ready turns to 503 when the stop begins; /live stays until the end; then nobody listens', async () => {
    const gate = later<string>();
    const running = later<void>();
    const slow = () => {
      running.resolve();
      return gate.promise;
    };
    const { server, ask } = await setUp({}, { slow });
    const { duplexPair } = await import('../../src/testing/duplex-pair.js');
    const { RawPeer, request } = await import('../support/raw-peer.js');
    const [near, far] = duplexPair();
    server.accept(near);
    const peer = new RawPeer(far);
    peer.write(request({ method: 'slow', fields: { timeout: 60_000 } }));
    await running.promise;
    const stopping = server.stop();
    const ready = await ask('/ready');
    expect([ready.status, JSON.parse(ready.text).reasons]).toEqual([503, ['the server is stopping']]);
    expect((await ask('/live')).status).toBe(200);
    gate.resolve('done');
    await stopping;
    await expect(ask('/live')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await peer.closed();
  });

  test('a port that is taken fails the start, and frees the port of the server', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    open.push({ close: () => blocker.close() });
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port: own } = other.address() as { port: number };
    await new Promise((resolve) => other.close(resolve));
    const server = new MeshServer({
      app: 'test',
      mode: 'direct',
      host: '127.0.0.1',
      port: own,
      health: { port },
    });
    await expect(server.start()).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
    expect(server.health().ready).toBe(false);
    await new Promise((resolve) => blocker.close(resolve));
    open.push(server);
    expect(await server.start()).toMatchObject({ port: own, health: { port } });
  });

  test('a probe that keeps its connection open does not outlive the server', async () => {
    const { server, health } = await setUp();
    const socket = netConnect(health?.port ?? 0, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
    // Half a request: Node closes idle connections by itself.
    await new Promise<void>((resolve) => socket.write('GET /live HTTP/1.1\r\nhost: a\r\n', () => resolve()));
    await server.stop();
    await closed;
  });

  test('may have a host of its own', async () => {
    const { health } = await setUp({ host: undefined, health: { port: 0, host: '127.0.0.1' } });
    expect(health?.host).toBe('127.0.0.1');
  });
});
