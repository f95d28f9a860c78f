import { createServer, connect as netConnect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { defineService } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { later, People, people } from '../support/people.js';
import { RawPeer, request } from '../support/raw-peer.js';

const Greeter = defineService(
  'com.acme.Greeter',
  { greet: { args: [t.String], returns: t.String } },
  { version: '2.0', uniqueId: 'loud' },
);

const open: { stop?(): Promise<void>; close?(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await (one.stop ? one.stop() : one.close?.());
});

function serverOf(options: Partial<MeshServerOptions> = {}): MeshServer {
  const server = new MeshServer({
    app: 'test',
    mode: 'direct',
    host: '127.0.0.1',
    port: 0,
    logger: { warn: () => undefined },
    ...options,
  });
  open.push(server);
  return server;
}

function clientOf(...ports: number[]): MeshClient {
  const client = new MeshClient({
    mode: 'direct',
    app: 'test',
    registry: ports.map((port) => `bolt://127.0.0.1:${port}`),
  });
  open.push(client);
  return client;
}

async function socketTo(port: number): Promise<RawPeer> {
  const socket: Socket = netConnect(port, '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  open.push({ close: () => socket.destroy() });
  return new RawPeer(socket);
}

describe('start', () => {
  test('several services on one port, told apart by their ids; port 0 takes a free one', async () => {
    const server = serverOf()
      .add(People, people())
      .add(Greeter, { greet: (name) => `HELLO ${name}` });
    const { host, port } = await server.start();
    expect(host).toBe('127.0.0.1');
    expect(port).toBeGreaterThan(0);
    const client = clientOf(port);
    expect(await client.service(People).echo('x')).toBe('x');
    expect(await client.service(Greeter).greet('you')).toBe('HELLO you');
    expect(await client.invoke('com.acme.Greeter:2.0:loud', 'greet', ['me'])).toBe('HELLO me');
    await expect(client.invoke('com.acme.Greeter:2.0', 'greet', ['me'])).rejects.toMatchObject({
      code: 'METHOD_NOT_FOUND',
    });
  });

  test('add after start', async () => {
    const server = serverOf().add(People, people());
    const client = clientOf((await server.start()).port);
    await expect(client.service(Greeter).greet('you')).rejects.toMatchObject({ code: 'METHOD_NOT_FOUND' });
    server.add(Greeter, { greet: () => 'late, but here' });
    expect(await client.service(Greeter).greet('you')).toBe('late, but here');
  });

  test('a taken port fails loudly, with what to do; the server may not be half started', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    open.push({ close: () => blocker.close() });
    const { port } = blocker.address() as { port: number };
    const server = serverOf({ port });
    await expect(server.start()).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringMatching(
        new RegExp(`cannot listen on 127.0.0.1:${port}: .*EADDRINUSE.*another process listens there`),
      ),
    });
    await new Promise((resolve) => blocker.close(resolve));
    expect(await server.start()).toMatchObject({ port });
  });

  test('a host that is not of this machine fails loudly', async () => {
    await expect(serverOf({ host: '192.0.2.1' }).start()).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining('192.0.2.1:0'),
    });
  });

  test('all interfaces by default, IPv6 where there is one', async () => {
    const server = serverOf({ host: undefined }).add(People, people());
    const { port } = await server.start();
    expect(await clientOf(port).service(People).echo('by IPv4')).toBe('by IPv4');
  });

  test('over IPv6', async () => {
    const server = serverOf({ host: '::1' }).add(People, people());
    const started = await server.start().catch((error) => error);
    if (started instanceof Error) {
      expect(started.message).toContain('[::1]');
      return;
    }
    const client = new MeshClient({ mode: 'direct', app: 'test', registry: `bolt://[::1]:${started.port}` });
    open.push(client);
    const { value, reply } = await client.service(People).echo.withReply('by IPv6');
    expect([value, reply.endpoint?.address]).toEqual(['by IPv6', `[::1]:${started.port}`]);
  });

  test('may be called once', async () => {
    const server = serverOf();
    await server.start();
    await expect(server.start()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('started before'),
    });
  });

  test('add refuses a method without a function, and the same service twice', () => {
    const server = serverOf();
    const { echo: _without, ...rest } = people();
    expect(() => server.add(People, rest as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('"echo"') }),
    );
    server.add(People, people());
    expect(() => server.add(People, people())).toThrow(/was added before/);
  });

  test('an implementation may be an instance of a class', async () => {
    class Loud {
      private readonly word = 'HELLO';
      async greet(name: string | null): Promise<string> {
        return `${this.word} ${name}`;
      }
    }
    const { port } = await serverOf().add(Greeter, new Loud()).start();
    expect(await clientOf(port).service(Greeter).greet('you')).toBe('HELLO you');
  });
});

describe('over real sockets', () => {
  test('a request that comes a byte at a time is served', async () => {
    const { port } = await serverOf().add(People, people()).start();
    const peer = await socketTo(port);
    for (const byte of request()) peer.write(Buffer.from([byte]));
    await peer.received(1);
    expect(peer.frames[0].status).toBe(0);
  });

  test('a megabyte there and back', async () => {
    const { port } = await serverOf().add(People, people()).start();
    const bytes = Buffer.alloc(1_000_000, 'abcdefg');
    const back = await clientOf(port).service(People).bytes(bytes);
    expect(Buffer.compare(bytes, back as Uint8Array)).toBe(0);
  });

  test('a client that goes in mid-call aborts the signal of its handler, and nothing else', async () => {
    const aborted = later<unknown>();
    const running = later<void>();
    const server = serverOf().add(
      People,
      people({
        slow: (_text, ctx) => {
          ctx.signal.addEventListener('abort', () => aborted.resolve(ctx.signal.reason));
          running.resolve();
          return new Promise(() => undefined);
        },
      }),
    );
    const { port } = await server.start();
    const peer = await socketTo(port);
    peer.write(request({ method: 'slow' }));
    await running.promise;
    (peer.stream as Socket).resetAndDestroy();
    expect(await aborted.promise).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await clientOf(port).service(People).echo('fine')).toBe('fine');
    await server.stop({ timeoutMs: 1 });
  });

  test('a server that is killed in mid-call fails its calls at once: sent, and named', async () => {
    const { port } = await serverOf().add(People, people()).start();
    void port;
    const sockets: Socket[] = [];
    const mute = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => socket.resetAndDestroy());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    open.push({ close: () => mute.close() });
    const address = `127.0.0.1:${(mute.address() as { port: number }).port}`;
    const client = new MeshClient({ mode: 'direct', app: 'test', registry: `bolt://${address}` });
    open.push(client);
    await expect(client.service(People).echo('x')).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      sent: true,
      retry: 'if-idempotent',
      endpoint: address,
      message: expect.stringMatching(/ECONNRESET|closed it/),
    });
  });

  test('refused and unknown hosts are errors that name address and cause', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    await expect(clientOf(port).service(People).echo('x')).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      endpoint: `127.0.0.1:${port}`,
      message: expect.stringMatching(/ECONNREFUSED.*is the provider running/),
    });
    const nowhere = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://no-such-host.invalid:1',
      connectTimeoutMs: 20_000,
    });
    open.push(nowhere);
    await expect(nowhere.service(People).echo('x', { timeoutMs: 20_000 })).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringMatching(/no-such-host\.invalid:1: .*(ENOTFOUND|EAI_AGAIN).*does not resolve/),
    });
  });
});

describe('stop', () => {
  test('frees the port: a new server may listen there at once', async () => {
    const first = serverOf().add(People, people());
    const { port } = await first.start();
    await clientOf(port).service(People).ping();
    await first.stop();
    const second = serverOf({ port }).add(People, people({ echo: () => 'second' }));
    await second.start();
    expect(await clientOf(port).service(People).echo('x')).toBe('second');
  });

  test('a client follows from a server that stops to one that is there, and no call is lost', async () => {
    const first = serverOf().add(People, people({ echo: async () => 'first' }));
    const second = serverOf().add(People, people({ echo: async () => 'second' }));
    const client = clientOf((await first.start()).port, (await second.start()).port);
    const service = client.service(People);
    const answers: string[] = [];
    let stopped = false;
    const caller = async () => {
      for (let i = 0; i < 200 || !stopped; i++) answers.push((await service.echo('x')) ?? '');
      answers.push((await service.echo('x')) ?? '');
    };
    const callers = Array.from({ length: 16 }, caller);
    while (!answers.includes('first')) await new Promise((resolve) => setImmediate(resolve));
    await first.stop();
    stopped = true;
    await Promise.all(callers);
    expect(answers.slice(-16)).toEqual(Array(16).fill('second'));
  });

  test('what was answered arrives, even where the client reads late and goes on sending', async () => {
    let served = 0;
    const server = serverOf().add(
      People,
      people({
        bytes: () => {
          served++;
          return Buffer.alloc(50_000, 7);
        },
      }),
    );
    const socket = netConnect((await server.start()).port, '127.0.0.1');
    open.push({ close: () => socket.destroy() });
    await new Promise((resolve) => socket.once('connect', resolve));
    const peer = new RawPeer(socket);
    socket.pause();
    for (let i = 0; i < 30; i++)
      socket.write(
        request({ method: 'bytes', sigs: ['[B'], args: [Buffer.alloc(1)], fields: { requestId: i + 1 } }),
      );
    while (served < 30) await new Promise((resolve) => setImmediate(resolve));
    await server.stop();
    for (let i = 0; i < 20; i++) {
      socket.write(request({ fields: { requestId: 100 + i } }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.resume();
    await peer.closed();
    expect(peer.frames.map((frame) => frame.requestId)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });

  test('calls that run are answered, however many, before the socket closes', async () => {
    const gate = later<void>();
    let running = 0;
    const server = serverOf().add(
      People,
      people({
        bytes: async () => {
          running++;
          await gate.promise;
          return Buffer.alloc(50_000, 7);
        },
      }),
    );
    const client = clientOf((await server.start()).port);
    const calls = Array.from({ length: 100 }, () => client.service(People).bytes(Buffer.alloc(1)));
    while (running < 100) await new Promise((resolve) => setImmediate(resolve));
    const stopping = server.stop();
    gate.resolve();
    const results = await Promise.all(calls);
    expect(results.every((bytes) => bytes?.length === 50_000 && bytes.every((byte) => byte === 7))).toBe(
      true,
    );
    await stopping;
  });
});
