import { describe, expect, onTestFinished, test } from 'vitest';
import { MeshClient } from '../../../src/client/mesh-client.js';
import { DynamicConfig } from '../../../src/compat/client/dynamic-config.js';
import type { RpcContext } from '../../../src/compat/client/middleware.js';
import type { CreateConsumerOptions } from '../../../src/compat/client/rpc-client.js';
import { encode } from '../../../src/hessian/public.js';
import { MeshServer } from '../../../src/server/mesh-server.js';
import { java } from '../../../src/values/java.js';
import { People, people } from '../../support/people.js';
import { frameOf, RESPONSE, response, SERVER_EXCEPTION, type Seen } from '../../support/raw-peer.js';
import { type Asked, clientWorld, ECHO, echo, MemoryRegistry, provider, rejected } from './client-world.js';

/** The fixed part of a request has 22 bytes, and each text of the header its length before it. */
function bytesOf({ className, header, content }: Seen): number {
  const texts = header.flat().map((text) => 4 + (text?.length ?? 0));
  return texts.reduce((sum, length) => sum + length, 22 + className.length + content.length);
}

/** A consumer of one scripted provider, and the contexts of its responses. */
async function called(
  script: (asked: Asked) => void,
  own: Partial<CreateConsumerOptions> = {},
  options: Parameters<typeof clientWorld>[0] = {},
) {
  const world = clientWorld(options);
  const served = provider(world.network, 'a:1', script);
  const consumer = world.client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1', ...own });
  const contexts: RpcContext[] = [];
  consumer.on('response', (context) => contexts.push(context));
  await world.passing(consumer.ready());
  return { ...world, ...served, consumer, contexts };
}

describe('a call', () => {
  test('takes arguments there and the value back', async () => {
    const { consumer, asked, passing } = await called(({ args, answer }) => answer({ appResponse: args }));
    const args = ['x', 1, 2.5, true, null, { a: [1] }, new Date(5)];
    expect(await passing(consumer.invoke('echo', args))).toEqual(args);
    expect(asked.map(({ service, method }) => [service, method])).toEqual([['com.acme.Echo:1.0', 'echo']]);
  });

  test('is a frame of Bolt v1 with Hessian, its timeout and the service header', async () => {
    const { consumer, asked, passing } = await called(echo, { responseTimeout: 500 });
    await passing(consumer.invoke('echo', []));
    await passing(consumer.invoke('echo', [], { responseTimeout: 700 }));
    expect(asked[0].seen).toMatchObject({ proto: 1, type: 1, cmdCode: 1, codec: 1, timeout: 500 });
    expect(asked[0].seen.header).toEqual([['service', 'com.acme.Echo:1.0']]);
    expect(asked[1].seen.timeout).toBe(700);
  });

  test('carries the target application and the properties', async () => {
    const { consumer, asked, passing } = await called(echo, { targetAppName: 'app' });
    await passing(consumer.invoke('echo', [], { requestProps: { trace: 't' } }));
    const text = asked[0].seen.content.toString('latin1');
    expect(text).toContain('app');
    expect(text).toMatch(/trace.*t/);
  });

  test('several at once go over one connection, and each gets its own answer', async () => {
    const waiting: Asked[] = [];
    const { consumer, peers, passing } = await called((asked) => {
      waiting.push(asked);
      if (waiting.length === 20) for (const one of waiting.reverse()) echo(one);
    });
    const numbers = Array.from({ length: 20 }, (_, i) => i);
    expect(await passing(Promise.all(numbers.map((x) => consumer.invoke('echo', [x]))))).toEqual(numbers);
    expect(peers.length).toBe(1);
  });

  test('that the connection is lost to before is made on the next one', async () => {
    const { consumer, peers, passing, clock, client } = await called(echo);
    await passing(consumer.invoke('echo', ['x']));
    const before = client.connectionManager.get(consumer.parseUrl('a:1'));
    peers[0].stream.destroy();
    await clock.advance(1);
    expect(before).toMatchObject({ isClosed: true, isOk: false });
    expect(client.connectionManager.get(consumer.parseUrl('a:1'))).toBe(null);
    expect(await passing(consumer.invoke('echo', ['y']))).toBe('y');
    expect(peers.length).toBe(2);
    // Closing the old one again does nothing to it.
    await passing(before!.close());
    await clock.advance(1_000);
    expect(peers.length).toBe(2);
  });

  test('finds a provider that was down and is up again, within seconds', async () => {
    const { client, network, clock, passing } = clientWorld();
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    await passing(consumer.ready());
    expect((await rejected(passing(consumer.invoke('echo', ['x'])))).name).toBe('RpcNoProviderError');
    provider(network, 'a:1', echo);
    await clock.advance(5_000);
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
  });

  test('that is made while another one is served may take longer than that one', async () => {
    const held: Asked[] = [];
    const { consumer, network, clock, passing } = await called((asked) => held.push(asked));
    let inside: Promise<unknown> | undefined;
    const server = new MeshServer({ app: 'front', mode: 'direct', clock });
    const onwards = async (text: string | null) => {
      inside = consumer.invoke('echo', [text], { responseTimeout: 5_000 });
      await inside;
      return text;
    };
    server.add(People, people({ echo: onwards }));
    network.serve('front:1', server);
    const registry = 'bolt://front:1';
    const caller = new MeshClient({
      app: 'caller',
      mode: 'direct',
      registry,
      connect: network.connect,
      clock,
    });
    onTestFinished(() => void caller.close({ timeoutMs: 0 }));
    const late = await rejected(passing(caller.service(People).echo('x', { timeoutMs: 500 })));
    expect(late).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await clock.advance(1_000);
    echo(held[0]);
    expect(await passing(inside as Promise<unknown>)).toBe('x');
  });
});

describe('meta', () => {
  test('of a call that succeeds', async () => {
    const { consumer, contexts, asked, passing } = await called(echo);
    await passing(consumer.invoke('echo', ['x'], { responseTimeout: 123, ctx: { a: 1 } }));
    const [{ req, res, path, body }] = contexts;
    expect({ res, path, body }).toEqual({
      res: { error: null, appResponse: 'x', responseProps: null },
      path: '/rpc/com.acme.Echo:1.0/echo',
      body: 'x',
    });
    expect(req).toMatchObject({
      serverSignature: 'com.acme.Echo:1.0',
      methodName: 'echo',
      args: ['x'],
      group: 'SOFA',
      timeout: 123,
      ctx: { a: 1 },
      requestProps: { service: 'com.acme.Echo:1.0' },
      targetAppName: undefined,
      codecType: undefined,
    });
    expect(req.meta).toEqual({
      id: asked[0].id,
      resultCode: '00',
      connectionGroup: 'com.acme.Echo:1.0@SOFA',
      codecType: 'hessian2',
      boltVersion: 1,
      sofaVersion: undefined,
      crcEnable: false,
      start: expect.any(Number),
      timeout: 123,
      address: expect.objectContaining({ host: 'a:1', href: 'bolt://a:1' }),
      requestEncodeStart: expect.any(Number),
      requestEncodeRT: expect.any(Number),
      reqSize: bytesOf(asked[0].seen),
      responseDecodeStart: expect.any(Number),
      responseDecodeRT: expect.any(Number),
      resSize: expect.any(Number),
      rt: expect.any(Number),
      error: null,
    });
    expect(Object.keys(req.meta)).toContain('sofaVersion');
    expect(req.meta.requestEncodeStart).toBeGreaterThanOrEqual(req.meta.start);
    expect(req.meta.responseDecodeStart).toBeGreaterThanOrEqual(req.meta.requestEncodeStart);
    expect(req.meta.resSize).toBeGreaterThan(50);
  });

  test('the address is the one that the call went to', async () => {
    const { client, network, passing } = clientWorld();
    const hosts = ['a:1', 'b:1'];
    for (const host of hosts) provider(network, host, ({ answer }) => answer({ appResponse: host }));
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1?x=1,b:1' });
    const seen: string[] = [];
    consumer.on('response', ({ req, res }) => seen.push(`${req.meta.address.host} ${res.appResponse}`));
    await passing(consumer.ready());
    await passing(Promise.all([1, 2, 3, 4].map(() => consumer.invoke('echo', []))));
    expect(new Set(seen)).toEqual(new Set(hosts.map((host) => `${host} ${host}`)));
  });
});

describe('a failure', () => {
  /** The error of a call, what is in the meta, and that both agree. */
  async function failure(
    world: Awaited<ReturnType<typeof called>>,
    args: unknown[] = [],
    options = {},
  ): Promise<{ error: Error & Record<string, unknown>; meta: RpcContext['req']['meta'] }> {
    const error = await rejected(world.passing(world.consumer.invoke('echo', args, options)));
    const { meta } = world.contexts.at(-1)!.req;
    expect(meta.error).toBe(error);
    expect(error.resultCode).toBe(meta.resultCode);
    return { error, meta };
  }

  test('of the server: 01, with the class of what it sent', async () => {
    const world = await called(({ answer }) => answer({ isError: true, errorMsg: 'no such person' }));
    const { error, meta } = await failure(world);
    expect(error).toMatchObject({
      name: 'Error',
      message: 'com.alipay.remoting.rpc.exception.RpcServerException: Error: no such person',
      resultCode: '01',
    });
    expect(meta).toMatchObject({
      address: { host: 'a:1' },
      rt: expect.any(Number),
      reqSize: expect.any(Number),
    });
    expect(meta.resSize).toBeGreaterThan(0);
    expect(world.contexts[0].res).toEqual({ error });
  });

  test('told by a response that is fine for Bolt, as Java tells what a filter refuses: 01', async () => {
    const world = await called(({ id, peer }) => {
      const fields = {
        isError: true,
        errorMsg: 'RPC-010060005: refused',
        appResponse: null,
        responseProps: null,
      };
      const frame = { proto: 1, type: 0, cmdCode: 2, requestId: id, codec: 1, status: 0 };
      peer.write(frameOf(frame, RESPONSE, [], encode(java.object(RESPONSE, fields))));
    });
    const { error } = await failure(world);
    expect(error).toMatchObject({ name: 'Error', message: 'RPC-010060005: refused', resultCode: '01' });
    expect(world.contexts[0].res).toEqual({ error, appResponse: null, responseProps: null });
  });

  test('no answer in time: 03, with the request and its timeout', async () => {
    const world = await called(() => undefined);
    const start = world.clock.now();
    const { error, meta } = await failure(world, [], { responseTimeout: 60 });
    expect(world.clock.now() - start).toBeLessThan(80);
    expect(error).toMatchObject({ name: 'RpcResponseTimeoutError', resultCode: '03', timeout: 60 });
    expect(error.message).toMatch(/^no response in \d+ms, address:bolt:\/\/a:1$/);
    expect(error.req).toBe(world.contexts[0].req);
    expect(meta).toMatchObject({ resultCode: '03', address: { host: 'a:1' } });
    expect(meta.rt).not.toBe(null);
  });

  test.each([true, '3000', 'abc', {}])(
    'a timeout that is no number (%j) cannot be written: 02',
    async (given) => {
      const world = await called(echo);
      const { error } = await failure(world, [], { responseTimeout: given });
      expect(error).toMatchObject({
        name: 'RpcRequestEncodeError',
        code: 'ERR_ASSERTION',
        message: '[RpcRequestCommand] req.timeout should be a number',
        resultCode: '02',
      });
      expect([world.asked.length, world.errors]).toEqual([0, []]);
    },
  );

  test('a negative timeout has passed, however quick the provider is: 03', async () => {
    const world = await called(echo);
    const { error, meta } = await failure(world, [], { responseTimeout: -1 });
    expect(error).toMatchObject({ name: 'RpcResponseTimeoutError', resultCode: '03', timeout: -1 });
    expect(error.message).toMatch(/^no response in \d+ms, address:bolt:\/\/a:1$/);
    expect(error.req).toBe(world.contexts[0].req);
    expect([meta.address?.host, world.asked.length]).toEqual(['a:1', 0]);
  });

  test.each([true, '3000', -1])(
    'that nobody is there is said before the timeout (%j) is looked at',
    async (timeout) => {
      const world = clientWorld();
      const registry = new MemoryRegistry([]);
      const consumer = world.client.createConsumer({ interfaceName: ECHO, registry });
      await world.passing(consumer.ready());
      const error = await rejected(
        world.passing(consumer.invoke('echo', [], { responseTimeout: timeout as number })),
      );
      expect(error).toMatchObject({ name: 'RpcNoProviderError', resultCode: '04' });
    },
  );

  test('an answer that comes too late is dropped, and the connection goes on', async () => {
    const late: Asked[] = [];
    const world = await called((asked) => (asked.args[0] === 'slow' ? late.push(asked) : echo(asked)));
    await failure(world, ['slow'], { responseTimeout: 50 });
    echo(late[0]);
    expect(await world.passing(world.consumer.invoke('echo', ['next']))).toBe('next');
    expect([world.peers.length, world.errors]).toEqual([1, []]);
  });

  test.each(['end', 'destroy'] as const)('the connection is lost (%s): 02', async (how) => {
    const world = await called(({ peer }) => peer.stream[how]());
    const { error } = await failure(world);
    expect(error).toMatchObject({
      name: 'RpcSocketCloseError',
      message: 'The socket was closed. (address: address => bolt://a:1)',
      resultCode: '02',
    });
    // Nothing is sent twice.
    expect(world.asked.length).toBe(1);
    expect(world.errors).toEqual([]);
  });

  test('bytes that are no frame: 02', async () => {
    const world = await called(({ peer }) => peer.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const { error } = await failure(world);
    expect(error).toMatchObject({ name: 'RpcSocketCloseError', resultCode: '02' });
  });

  test('a body that cannot be read: 02, and the next call goes on', async () => {
    let isBroken = true;
    const world = await called((asked) => {
      if (!isBroken) echo(asked);
      else {
        const frame = response(asked.id, 'x');
        frame.fill(0xff, frame.length - 4);
        asked.peer.write(frame);
      }
    });
    const { error } = await failure(world);
    expect(error.name).toBe('BoltDecodeError');
    expect(error.resultCode).toBe('02');
    isBroken = false;
    expect(await world.passing(world.consumer.invoke('echo', ['x']))).toBe('x');
  });

  test('what cannot be written: 02, in the words of the codec; nothing is sent', async () => {
    const world = await called(echo);
    const { error, meta } = await failure(world, [1n]);
    expect(error).toMatchObject({
      name: 'RpcRequestEncodeError',
      message: 'Do not know how to serialize a BigInt',
      resultCode: '02',
    });
    expect(meta.reqSize).toBe(0);
    expect(world.asked).toEqual([]);
    expect(await world.passing(world.consumer.invoke('echo', ['x']))).toBe('x');
  });

  test('nobody is there: 04', async () => {
    const { client, passing } = clientWorld();
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1', group: 'G' });
    const codes: string[] = [];
    consumer.on('response', ({ req }) => codes.push(req.meta.resultCode));
    const error = await rejected(passing(consumer.invoke('echo', [])));
    expect(error).toMatchObject({
      name: 'RpcNoProviderError',
      message: 'No provider of com.acme.Echo:1.0@G:echo() found!',
      resultCode: '04',
    });
    expect(error.cause.message).toMatch(/cannot connect to a:1/);
    expect(codes).toEqual(['04']);
  });

  test('connecting takes too long: the error is emitted, and the call finds nobody', async () => {
    const { client, network, errors, clock, passing } = clientWorld({
      connectionOpts: { connectTimeout: 200 },
    });
    network.swallow('a:1');
    const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
    await passing(consumer.ready());
    expect(clock.now()).toBeLessThan(250);
    expect(errors).toMatchObject([
      { name: 'RpcSocketConnectTimeoutError', message: 'socket#bolt://a:1 connect timeout(200ms)' },
    ]);
    expect((await rejected(passing(consumer.invoke('echo', [])))).name).toBe('RpcNoProviderError');
  });

  test('of a socket is emitted with its address, but for resets', async () => {
    const { errors, consumer, client, passing } = await called(echo);
    const socket = () => client.connectionManager.get(consumer.parseUrl('a:1'))!._socket!;
    socket().destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
    expect(await passing(consumer.invoke('echo', [1]))).toBe(1);
    expect(errors).toEqual([]);
    await passing(consumer.getConnection({ meta: {}, args: [] } as never));
    socket().destroy(Object.assign(new Error('read EIO'), { code: 'EIO' }));
    expect(await passing(consumer.invoke('echo', [2]))).toBe(2);
    expect(errors).toMatchObject([
      { name: 'RpcSocketError', message: 'read EIO (address: bolt://a:1)', code: 'EIO' },
    ]);
  });

  test('of most calls to an address: it gets none for a while', async () => {
    const { circuitBreaker } = DynamicConfig.instance;
    const before = { ...circuitBreaker };
    onTestFinished(() => void Object.assign(circuitBreaker, before));
    circuitBreaker.requestVolumeThreshold = 5;
    let isSilent = true;
    const world = await called((asked) => (isSilent ? undefined : echo(asked)));
    for (let i = 0; i < 5; i++) await failure(world, [], { responseTimeout: 10 });
    const { error, meta } = await failure(world);
    expect(error).toMatchObject({ name: 'RpcCircuitBreakerError', resultCode: '02' });
    expect(error.message).toMatch(/^this request is block by circuit breaker, .*, url: bolt:\/\/a:1$/);
    expect(meta.resultCode).toBe('02');
    const asked = world.asked.length;
    isSilent = false;
    await world.clock.advance(5_100);
    expect(await world.passing(world.consumer.invoke('echo', ['x']))).toBe('x');
    expect(world.asked.length).toBe(asked + 1);
  });

  test('of most calls to an address, where DynamicConfig wants no circuits', async () => {
    const { circuitBreaker } = DynamicConfig.instance;
    const before = { ...circuitBreaker };
    onTestFinished(() => void Object.assign(circuitBreaker, before));
    Object.assign(circuitBreaker, { requestVolumeThreshold: 2, forceClosed: true });
    const world = await called(() => undefined);
    for (let i = 0; i < 6; i++)
      expect((await failure(world, [], { responseTimeout: 10 })).error.name).toBe('RpcResponseTimeoutError');
  });

  test('what methods throw opens no circuit', async () => {
    const world = await called(({ answer }) => answer({ isError: true, errorMsg: 'no' }));
    for (let i = 0; i < 40; i++) await failure(world);
    expect(world.asked.length).toBe(40);
  });
});

describe('errorAsNull', () => {
  test('makes every failure null, for who calls; events still tell it', async () => {
    const { consumer, contexts, passing } = await called(
      ({ method, answer, peer }) => {
        if (method === 'fails') answer({ isError: true, errorMsg: 'no' });
        if (method === 'ends') peer.stream.destroy();
      },
      { errorAsNull: true },
    );
    for (const method of ['fails', 'silent', 'ends'])
      expect(await passing(consumer.invoke(method, [], { responseTimeout: 30 }))).toBe(null);
    expect(await passing(consumer.invoke('encode', [1n]))).toBe(null);
    expect(contexts.map(({ req }) => req.meta.error?.name)).toEqual([
      'Error',
      'RpcResponseTimeoutError',
      'RpcSocketCloseError',
      'RpcRequestEncodeError',
    ]);
  });

  test.each([1, 'true', {}])('counts where it is true, not where it is %j', async (errorAsNull) => {
    const { consumer, passing } = await called(({ answer }) => answer({ isError: true, errorMsg: 'no' }), {
      errorAsNull: errorAsNull as never,
    });
    expect((await rejected(passing(consumer.invoke('fails', [])))).message).toMatch(/no$/);
  });

  test('does not hide that the consumer is not ready', async () => {
    const { client, passing } = clientWorld({ errorAsNull: true });
    const registry = { ready: () => Promise.reject(new Error('down')), subscribe() {}, unSubscribe() {} };
    const consumer = client.createConsumer({ interfaceName: ECHO, registry: registry as never });
    consumer.ready().catch(() => undefined);
    expect((await rejected(passing(consumer.invoke('echo', [])))).message).toMatch(/ready error: down/);
  });
});

describe('a bare status', () => {
  test.each([1, 2, 3, 4, 6, 7, 8])(
    '%s is an error, and what it means to the core is not for the caller',
    async (status) => {
      const { consumer, contexts, asked, passing } = await called(({ id, peer }) => {
        const frame = { proto: 1, type: 0, cmdCode: 2, requestId: id, codec: 1, status };
        peer.write(frameOf(frame, SERVER_EXCEPTION));
      });
      const error = await rejected(passing(consumer.invoke('echo', [])));
      expect(error).toMatchObject({
        name: 'Error',
        message: 'Server exception when invoke with callback.Please check the server log!',
        resultCode: '01',
      });
      expect(contexts[0].req.meta.resultCode).toBe('01');
      expect(asked.length).toBe(1);
    },
  );

  test('of a provider that is busy, stops or does not know the service: no other one is tried', async () => {
    for (const status of [4, 6, 8]) {
      const { client, network, passing } = clientWorld();
      const served = ['a:1', 'b:1'].map((host) =>
        provider(network, host, ({ id, peer }) => {
          const frame = { proto: 1, type: 0, cmdCode: 2, requestId: id, codec: 1, status };
          peer.write(frameOf(frame, SERVER_EXCEPTION));
        }),
      );
      const consumer = client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1,b:1' });
      await rejected(passing(consumer.invoke('echo', [])));
      expect(served.flatMap(({ asked }) => asked).length).toBe(1);
    }
  });
});
