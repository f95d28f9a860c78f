import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { jsonFraming } from '../../examples/custom-framing/framing.js';
import { MeshClient } from '../../src/client/mesh-client.js';
import type { MeshClientOptions } from '../../src/client/options.js';
import type { HandlerContext } from '../../src/core/call.js';
import { MeshServer } from '../../src/server/mesh-server.js';
import type { MeshServerOptions } from '../../src/server/options.js';
import { duplexPair } from '../../src/testing/duplex-pair.js';
import { FakeClock, settled } from '../../src/testing/fake-clock.js';
import { connectTcp } from '../../src/transport/socket.js';
import { Network, watched } from '../support/network.js';
import { later, People, people } from '../support/people.js';
import { RawPeer, request } from '../support/raw-peer.js';

const framings = [jsonFraming];
const ended: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

interface World {
  readonly clock: FakeClock;
  readonly network: Network;
}

function world(): World {
  return { clock: new FakeClock(), network: new Network() };
}

/** A server at an address of the world. */
function serve(
  { clock, network }: World,
  address: string,
  handlers: Parameters<typeof people>[0] = {},
  options: Partial<MeshServerOptions> = {},
) {
  const server = new MeshServer({ app: 'server', mode: 'direct', clock, framings, ...options });
  server.add(People, people(handlers));
  network.serve(address, server);
  return server;
}

/** Lets time pass until the promise has settled. */
async function passing<T>({ clock }: World, promise: Promise<T>): Promise<T> {
  const seen = watched(promise);
  for (let i = 0; i < 100 && seen.state === 'pending'; i++) await clock.advance(50);
  return promise;
}

function clientOf(
  { clock, network }: World,
  registry: string | string[],
  options: Partial<MeshClientOptions> = {},
) {
  const client = new MeshClient({
    app: 'client',
    mode: 'direct',
    clock,
    connect: network.connect,
    framings,
    registry,
    ...options,
  });
  return { client, people: client.service(People) };
}

describe('a framing of the user', () => {
  test('carries typed calls: values, what is thrown, oneways, metadata in both directions', async () => {
    const here = world();
    const noted: string[] = [];
    let seen: HandlerContext | undefined;
    serve(here, 'a:1', {
      note: (text) => {
        noted.push(String(text));
      },
      echo: (text, ctx) => {
        seen = ctx;
        ctx.responseMetadata.from = 'server';
        return text;
      },
    });
    const { people } = clientOf(here, 'json://a:1');
    expect(await people.find(42n)).toEqual({ id: 42n, name: 'person 42', manager: { id: 1n, name: 'boss' } });
    const { value, reply } = await people.echo.withReply('hi', { metadata: { tenant: 'blue' } });
    expect(value).toBe('hi');
    expect(reply).toMatchObject({
      metadata: { from: 'server' },
      path: 'direct',
      endpoint: { scheme: 'json' },
    });
    expect(seen?.metadata).toMatchObject({ tenant: 'blue' });
    await people.note('one way');
    await settled();
    expect(noted).toEqual(['one way']);
    await expect(people.find(404n)).rejects.toMatchObject({
      code: 'REMOTE_FAILURE',
      message: 'no such person',
      service: People.id,
      method: 'find',
      endpoint: 'a:1',
    });
  });

  test('calls back: each side is client and server', async () => {
    const here = world();
    const back = clientOf(here, 'json://b:1');
    serve(here, 'a:1', { echo: (text) => back.people.echo(`${text}, asked back`) });
    serve(here, 'b:1', { echo: (text) => `${text} and answered` });
    expect(await clientOf(here, 'json://a:1').people.echo('hello')).toBe('hello, asked back and answered');
  });

  test('keeps deadlines: the caller fails at its own, and the method knows it', async () => {
    const here = world();
    const never = later<string>();
    let remaining = 0;
    let aborted: unknown;
    serve(here, 'a:1', {
      echo: (_text, ctx) => {
        remaining = ctx.remainingMs();
        ctx.signal.addEventListener('abort', () => {
          aborted = ctx.signal.reason;
        });
        return never.promise;
      },
    });
    const call = watched(clientOf(here, 'json://a:1').people.echo('x', { timeoutMs: 500 }));
    await settled();
    expect(remaining).toBe(500);
    await here.clock.advance(520);
    expect(call.error).toMatchObject({ code: 'DEADLINE_EXCEEDED', sent: true, endpoint: 'a:1' });
    expect(aborted).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  test('is asked by heartbeats: an answered one keeps a silent connection, unanswered ones end it', async () => {
    const here = world();
    serve(here, 'a:1');
    const first = clientOf(here, 'json://a:1');
    await first.people.ping();
    for (let second = 0; second < 60; second++) await here.clock.advance(1_000);
    expect(first.client.stats().connections).toBe(1);

    const mute = duplexPair();
    const written: Buffer[] = [];
    mute[1].on('data', (chunk: Buffer) => written.push(chunk));
    const second = clientOf(here, 'json://mute:1', { connect: async () => mute[0], retry: false });
    const call = watched(second.people.echo('x', { timeoutMs: 60_000 }));
    for (let i = 0; i < 20; i++) await here.clock.advance(1_000);
    expect(Buffer.concat(written).toString()).toContain('"kind":"heartbeat"');
    expect(call.error).toMatchObject({ code: 'CONNECTION_LOST', sent: true });
  });

  test('retries elsewhere what one endpoint was too busy for, within the same call', async () => {
    const here = world();
    const busy = later<void>();
    serve(here, 'a:1', { slow: () => busy.promise.then(() => 'a') }, { maxConcurrency: 1, maxQueue: 0 });
    const { people } = clientOf(here, ['json://a:1'], { retry: false });
    const holding = watched(people.slow('x'));
    await settled();
    await expect(people.add(1, 2)).rejects.toMatchObject({ code: 'OVERLOADED', retry: 'safe' });

    serve(here, 'b:1', { add: () => 33 });
    const both = clientOf(here, ['json://a:1', 'json://b:1'], { balancer: 'roundRobin' });
    for (let i = 0; i < 6; i++) expect(await passing(here, both.people.add(1, 2))).toBe(33);
    busy.resolve();
    await settled();
    expect(holding.value).toBe('a');
  });

  test('drains by go-away: calls in flight finish, later ones go to the other endpoint', async () => {
    const here = world();
    const answer = later<string>();
    const first = serve(here, 'a:1', { echo: () => answer.promise });
    const { client, people } = clientOf(here, ['json://a:1', 'json://b:1'], { balancer: 'roundRobin' });
    const inFlight = watched(people.echo('x', { timeoutMs: 30_000 }));
    await settled();
    serve(here, 'b:1', { echo: () => 'b' });
    here.network.refuse('a:1');
    const stopping = watched(first.stop());
    await here.clock.advance(300);
    expect(stopping.state).toBe('pending');
    expect(client.stats().pending).toBe(1);
    const later2 = watched(people.echo('y', { timeoutMs: 30_000 }));
    await here.clock.advance(5_000);
    expect(later2.value).toBe('b');
    answer.resolve('finished');
    await settled();
    expect(inFlight.value).toBe('finished');
    await here.clock.advance(300);
    expect(stopping.state).toBe('resolved');
  });

  test('and Bolt in one client: each endpoint is spoken to in its own', async () => {
    const here = world();
    serve(here, 'a:1', { echo: () => 'bolt' }, { framings: [] });
    serve(here, 'b:1', { echo: () => 'json' });
    const { people } = clientOf(here, ['bolt://a:1', 'json://b:1'], { balancer: 'roundRobin' });
    await people.ping();
    await settled();
    const answers = await Promise.all(Array.from({ length: 6 }, () => people.echo('x')));
    expect(new Set(answers)).toEqual(new Set(['bolt', 'json']));
  });

  test('an address whose scheme nobody knows is refused when the client is made', () => {
    expect(() => clientOf(world(), 'soap://a:1')).toThrow(/scheme soap; there are bolt, json, dns/);
  });

  test('an endpoint of a resolver in a framing that is not there fails the call, and says what is missing', async () => {
    const here = world();
    const endpoint = { host: 'a', port: 1, address: 'a:1', scheme: 'soap', attributes: {} };
    const registry = {
      async *watch() {
        yield [endpoint];
      },
    };
    const { people } = clientOf(here, 'json://a:1', {
      registry: registry as unknown as string,
      retry: false,
    });
    await expect(passing(here, people.ping())).rejects.toMatchObject({
      message: expect.stringContaining('speaks soap, this client bolt, json: pass its framing'),
      sent: false,
    });
    expect(here.network.attempts).toEqual([]);
  });
});

describe('one port for several framings', () => {
  test('takes both, told apart by their first bytes, however these come', async () => {
    const here = world();
    const server = serve(here, 'a:1', { echo: (text) => `served ${text}` });
    expect(await clientOf(here, 'json://a:1').people.echo('json')).toBe('served json');
    expect(await clientOf(here, 'bolt://a:1').people.echo('bolt')).toBe('served bolt');

    const [near, far] = duplexPair();
    server.accept(far);
    const peer = new RawPeer(near);
    for (const byte of request()) {
      near.write(Buffer.of(byte));
      await settled();
    }
    await settled();
    expect(peer.frames).toHaveLength(1);
  });

  test('refuses what none of them begins with, in the words of the log', async () => {
    const warnings: string[] = [];
    const here = world();
    const server = serve(here, 'a:1', {}, { logger: { warn: (text: string) => warnings.push(text) } });
    const [near, far] = duplexPair();
    server.accept(far, 'stranger:1');
    near.write('GET / HTTP/1.1\r\n\r\n');
    await settled();
    expect(far.destroyed).toBe(true);
    expect(warnings[0]).toMatch(
      /stranger:1 closed: .*none of the framings of this port \(bolt, json\).*HTTP/,
    );
  });

  test('a connection that begins and goes on no further is closed after ten seconds', async () => {
    const here = world();
    const server = serve(here, 'a:1');
    const [near, far] = duplexPair();
    server.accept(far);
    near.write(Buffer.of(0));
    await settled();
    expect(far.destroyed).toBe(false);
    for (let i = 0; i < 12; i++) await here.clock.advance(1_000);
    expect(far.destroyed).toBe(true);
  });

  test('a framing named bolt takes the place of the built-in', async () => {
    const here = world();
    const own = { ...jsonFraming, name: 'bolt' };
    serve(here, 'a:1', { echo: () => 'mine' }, { framings: [own] });
    const { people } = clientOf(here, 'bolt://a:1', { framings: [own] });
    expect(await people.echo('x')).toBe('mine');
  });
});

/** A stream that is no socket: what a tunnel or a TLS library hands out. */
class Tunnel extends Duplex {
  constructor(private readonly socket: Socket) {
    super();
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('close', () => this.destroy());
    socket.on('error', (error) => this.destroy(error));
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}

describe('a duplex stream that is no TCP socket', () => {
  test.each(['bolt', 'json'])('passes on both sides: %s', async (scheme) => {
    const server = new MeshServer({
      app: 'server',
      mode: 'direct',
      host: '127.0.0.1',
      port: 0,
      framings,
      createListener: (accept) => createServer((socket) => accept(new Tunnel(socket))),
    });
    server.add(People, people());
    const { port } = await server.start();
    const client = new MeshClient({
      app: 'client',
      mode: 'direct',
      registry: `${scheme}://127.0.0.1:${port}`,
      framings,
      connect: async (endpoint, signal) => new Tunnel((await connectTcp(endpoint, signal)) as Socket),
    });
    ended.push(
      () => client.close(),
      () => server.stop(),
    );
    const { echo, bytes } = client.service(People);
    expect(await echo('through a tunnel')).toBe('through a tunnel');
    if (scheme === 'bolt') expect(await bytes(Buffer.alloc(3_000_000, 7))).toHaveLength(3_000_000);
  });

  test('the listener of the user is closed by stop()', async () => {
    const listener = createServer();
    const server = new MeshServer({
      app: 'server',
      mode: 'direct',
      host: '127.0.0.1',
      port: 0,
      createListener: (accept) => listener.on('connection', accept),
    });
    const { port } = await server.start();
    expect((listener.address() as AddressInfo).port).toBe(port);
    await server.stop();
    const refused = await new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve));
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  });
});
