import { describe, expect, test } from 'vitest';
import type { Middleware, RpcContext } from '../../../src/compat/client/middleware.js';
import type { RpcClientOptions } from '../../../src/compat/client/rpc-client.js';
import type { Call, Interceptor, Reply } from '../../../src/core/call.js';
import { MeshError } from '../../../src/core/errors.js';
import { MeshServer } from '../../../src/server/mesh-server.js';
import { People, people } from '../../support/people.js';
import { oldMeshWorld } from '../mesh-world.js';
import { type Asked, clientWorld, ECHO, echo, provider, rejected } from './client-world.js';

async function called(
  script: (asked: Asked) => void,
  options: Partial<Pick<RpcClientOptions, 'interceptors' | 'attemptInterceptors' | 'middlewares'>>,
) {
  const world = clientWorld(options);
  const served = provider(world.network, 'a:1', script);
  const consumer = world.client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1' });
  await world.passing(consumer.ready());
  return { ...world, ...served, consumer };
}

/** Keeps what it sees. */
function seeing(calls: Call[], outcomes: unknown[] = []): Interceptor {
  return (next) => async (call) => {
    calls.push(call);
    try {
      const reply = await next(call);
      outcomes.push(reply);
      return reply;
    } catch (error) {
      outcomes.push(error);
      throw error;
    }
  };
}

describe('order', () => {
  test('middlewares, those of the client first; interceptors; the attempt; and back', async () => {
    const order: string[] = [];
    const middleware =
      (name: string): Middleware =>
      async (_context, next) => {
        order.push(`${name} in`);
        await next();
        order.push(`${name} out`);
      };
    const interceptor =
      (name: string): Interceptor =>
      (next) =>
      async (call) => {
        order.push(`${name} in`);
        const reply = await next(call);
        order.push(`${name} out`);
        return reply;
      };
    const script = (asked: Asked) => {
      order.push('provider');
      echo(asked);
    };
    const world = await called(script, {
      middlewares: [middleware('koa 1')],
      interceptors: [interceptor('call 1'), interceptor('call 2')],
      attemptInterceptors: [interceptor('attempt')],
    });
    world.consumer.use(middleware('koa 2'));
    world.consumer.on('request', () => order.push('request'));
    world.consumer.on('response', () => order.push('response'));
    expect(await world.passing(world.consumer.invoke('echo', ['x']))).toBe('x');
    const way = ['koa 1', 'koa 2', 'call 1', 'call 2', 'attempt'];
    expect(order).toEqual([
      'request',
      ...way.map((name) => `${name} in`),
      'provider',
      ...way.reverse().map((name) => `${name} out`),
      'response',
    ]);
  });
});

describe('interceptors', () => {
  test('see service, method, arguments and texts of the properties; then the value and where it came from', async () => {
    const calls: Call[] = [];
    const outcomes: Reply[] = [];
    const { consumer, passing, clock } = await called(echo, { interceptors: [seeing(calls, outcomes)] });
    const requestProps = { trace: 't1', depth: 3 };
    await passing(consumer.invoke('echo', ['x', 2], { requestProps, responseTimeout: 700 }));
    const [{ service, method, args, metadata, deadline, oneway }] = calls;
    expect([service, method, args]).toEqual(['com.acme.Echo:1.0', 'echo', ['x', 2]]);
    expect([metadata, oneway]).toEqual([{ trace: 't1' }, false]);
    expect(deadline - clock.now()).toBeGreaterThan(600);
    expect(outcomes).toMatchObject([{ value: 'x', path: 'direct', endpoint: { address: 'a:1' } }]);
  });

  test('of an attempt see where it goes', async () => {
    const calls: Call[] = [];
    const { consumer, passing } = await called(echo, { attemptInterceptors: [seeing(calls)] });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect(calls.map(({ endpoint, args }) => [endpoint?.address, args])).toEqual([['a:1', ['x']]]);
  });

  test.each([
    ['interceptors', 'an exception', { appResponse: { $class: 'java.lang.Exception', $: new Error('no') } }],
    [
      'attemptInterceptors',
      'an exception',
      { appResponse: { $class: 'java.lang.Exception', $: new Error('no') } },
    ],
    ['interceptors', 'a failure', { isError: true, errorMsg: 'no' }],
    ['attemptInterceptors', 'a failure', { isError: true, errorMsg: 'no' }],
  ])(
    '(%s) see thrown what was answered as %s; the caller gets what it would without them',
    async (option, _, data) => {
      const outcomes: Error[] = [];
      const refuse = ({ answer }: Asked) => answer(data);
      const plain = await called(refuse, {});
      const before: RpcContext[] = [];
      plain.consumer.on('response', (context) => before.push(context));
      const without = await rejected(plain.passing(plain.consumer.invoke('echo', [])));
      const { consumer, passing } = await called(refuse, { [option]: [seeing([], outcomes)] });
      const contexts: RpcContext[] = [];
      consumer.on('response', (context) => contexts.push(context));
      const error = await rejected(passing(consumer.invoke('echo', [])));
      expect(error).toEqual(without);
      expect(outcomes.length).toBe(1);
      expect([outcomes[0], outcomes[0].cause]).toContain(error);
      expect(contexts[0].res).toEqual(before[0].res);
      expect(contexts[0].req.meta).toMatchObject({ resultCode: '01', resSize: expect.any(Number) });
    },
  );

  test('see what the core says of a failure, and the caller the old error', async () => {
    const outcomes: MeshError[] = [];
    const { consumer, passing } = await called(() => undefined, { interceptors: [seeing([], outcomes)] });
    const error = await rejected(passing(consumer.invoke('echo', [], { responseTimeout: 60 })));
    expect(outcomes.map(({ code }) => code)).toEqual(['DEADLINE_EXCEEDED']);
    expect(error).toMatchObject({ name: 'RpcResponseTimeoutError', resultCode: '03', timeout: 60 });
  });

  test('change arguments and properties: these go out, and the request of events stays as it was', async () => {
    const changing: Interceptor = (next) => (call) => {
      call.metadata.trace = 'changed';
      return next({ ...call, args: [...call.args, 'added'] });
    };
    const { consumer, asked, passing } = await called(({ args, answer }) => answer({ appResponse: args }), {
      interceptors: [changing],
      attemptInterceptors: [changing],
    });
    const requests: { args: unknown[]; requestProps: object; meta: object }[] = [];
    consumer.on('request', (request) => requests.push(request));
    const requestProps = { trace: 'mine', kept: 'as it was' };
    expect(await passing(consumer.invoke('echo', ['x'], { requestProps }))).toEqual(['x', 'added', 'added']);
    const sent = asked[0].seen.content.toString('latin1');
    expect(sent).toMatch(/trace.{1,3}changed/s);
    expect(sent).toMatch(/kept.{1,3}as it was/s);
    expect(sent).not.toContain('mine');
    expect(requests[0]).toMatchObject({ args: ['x'], requestProps });
    expect(requests[0].meta).toMatchObject({ resultCode: '00', reqSize: expect.any(Number) });
    expect((requests[0].meta as { id: number }).id).toBe(asked[0].id);
  });

  test('change the value, or answer by themselves', async () => {
    const changing: Interceptor = (next) => async (call) => {
      if (call.args[0] === 'cached')
        return { value: 'from a cache', metadata: {}, path: 'direct', reason: 'cache', endpoint: undefined };
      const reply = await next(call);
      return { ...reply, value: `changed ${reply.value}` };
    };
    const { consumer, asked, passing } = await called(echo, { interceptors: [changing] });
    const contexts: { res: object; req: { meta: { resSize: number } } }[] = [];
    consumer.on('response', (context) => contexts.push(context));
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('changed x');
    expect(await passing(consumer.invoke('echo', ['cached']))).toBe('from a cache');
    expect(asked.length).toBe(1);
    expect(contexts.map(({ res }) => res)).toEqual([
      { error: null, appResponse: 'changed x', responseProps: null },
      { error: null, appResponse: 'from a cache', responseProps: null },
    ]);
    expect(contexts.map(({ req }) => req.meta.resSize > 0)).toEqual([true, false]);
  });

  test.each([
    [new Error('not allowed'), { message: 'not allowed', resultCode: '01' }],
    [new MeshError('RATE_LIMITED', 'too many'), { message: 'too many', resultCode: '02' }],
    [new MeshError('NO_ENDPOINT', 'nowhere'), { name: 'RpcNoProviderError', resultCode: '04' }],
  ])(
    'throw (%s): the caller gets it, or the old error for it, and nothing is sent',
    async (failure, seen) => {
      const refusing: Interceptor = () => () => {
        throw failure;
      };
      const { consumer, asked, passing } = await called(echo, { interceptors: [refusing] });
      expect(await rejected(passing(consumer.invoke('echo', [])))).toMatchObject(seen);
      expect(asked).toEqual([]);
    },
  );

  test('that wait are ended by the timeout of the call', async () => {
    const waiting: Interceptor = () => () => new Promise(() => undefined);
    const { consumer, passing } = await called(echo, { interceptors: [waiting] });
    const error = await rejected(passing(consumer.invoke('echo', [], { responseTimeout: 50 })));
    expect(error).toMatchObject({ name: 'RpcResponseTimeoutError', timeout: 50 });
  });

  test('are made once a service: what one keeps is kept', async () => {
    let made = 0;
    const counting: Interceptor = (next) => {
      made++;
      return next;
    };
    const { consumer, passing } = await called(echo, { interceptors: [counting] });
    for (const method of ['a', 'b']) await passing(consumer.invoke(method, []));
    expect(made).toBe(1);
  });

  test('see typed calls as they are', async () => {
    const calls: Call[] = [];
    const outcomes: Reply[] = [];
    const { clock, network, client, passing, log } = clientWorld({ interceptors: [seeing(calls, outcomes)] });
    const server = new MeshServer({ app: 'people', mode: 'direct', clock, logger: log });
    server.add(People, people({}));
    network.serve('a:1', server);
    const { typed } = client.createConsumer({ contract: People, serverHost: 'a:1' });
    expect(await passing(typed.add(1, 2))).toBe(3);
    expect([calls[0].args, outcomes[0].value]).toEqual([[1, 2], 3]);
  });

  test('see calls through a sidecar', async () => {
    const calls: Call[] = [];
    const outcomes: Reply[] = [];
    const world = await oldMeshWorld({ client: { interceptors: [seeing(calls, outcomes)] } });
    expect(await world.passing(world.consumer.invoke('echo', ['x']))).toBe('x');
    expect(calls[0].args).toEqual(['x']);
    expect(outcomes).toMatchObject([{ value: 'x', path: 'mesh' }]);
  });

  test('do not see calls by a connection that a consumer gets for itself', async () => {
    const calls: Call[] = [];
    const { consumer, passing } = await called(echo, { interceptors: [seeing(calls)] });
    const { getConnection } = consumer;
    consumer.getConnection = (request) => getConnection.call(consumer, request);
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
    expect(calls).toEqual([]);
  });
});
