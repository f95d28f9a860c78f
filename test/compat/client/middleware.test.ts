import { describe, expect, test } from 'vitest';
import type { Middleware, RpcContext } from '../../../src/compat/client/middleware.js';
import { type Asked, clientWorld, ECHO, echo, provider, rejected } from './client-world.js';

async function called(script: (asked: Asked) => void, ...middlewares: Middleware[]) {
  const world = clientWorld();
  const served = provider(world.network, 'a:1', script);
  const consumer = world.client.createConsumer({ interfaceName: ECHO, serverHost: 'a:1', middlewares });
  await world.passing(consumer.ready());
  return { ...world, ...served, consumer };
}

const refuse = ({ answer }: Asked) => answer({ isError: true, errorMsg: 'no' });

describe('middlewares', () => {
  test('go around the call as onions do', async () => {
    const order: string[] = [];
    const named =
      (name: string): Middleware =>
      async (_context, next) => {
        order.push(`${name} in`);
        await next();
        order.push(`${name} out`);
      };
    const { consumer, passing } = await called(
      (asked) => {
        order.push('call');
        echo(asked);
      },
      named('a'),
      named('b'),
    );
    consumer.use(named('c'));
    consumer.on('request', () => order.push('request'));
    consumer.on('response', () => order.push('response'));
    await passing(consumer.invoke('echo', ['x']));
    expect(order).toEqual(['request', 'a in', 'b in', 'c in', 'call', 'c out', 'b out', 'a out', 'response']);
  });

  test('see the request, the path, and then the answer', async () => {
    const seen: unknown[] = [];
    const { consumer, passing } = await called(echo, async (context, next) => {
      const { req, res, path, body } = context;
      seen.push(path, body, res, [req.methodName, req.args, req.meta.resultCode]);
      await next();
      seen.push(context.body, context.res, req.meta.address?.host);
    });
    await passing(consumer.invoke('echo', ['x']));
    expect(seen).toEqual([
      '/rpc/com.acme.Echo:1.0/echo',
      null,
      { error: null, appResponse: null },
      ['echo', ['x'], '00'],
      'x',
      { error: null, appResponse: 'x', responseProps: null },
      'a:1',
    ]);
  });

  test('change the request and the answer', async () => {
    const { consumer, asked, passing } = await called(echo, async (context, next) => {
      context.req.methodName = 'other';
      context.req.args = [1, 2];
      await next();
      context.body = `changed ${context.body}`;
    });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('changed 1');
    expect(asked.map(({ method, args }) => [method, args])).toEqual([['other', [1, 2]]]);
  });

  test('answer themselves, without next()', async () => {
    const { consumer, asked, passing } = await called(echo, async (context) => {
      context.body = 'from a cache';
    });
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('from a cache');
    expect(asked).toEqual([]);
  });

  test('throw: the caller gets it, and the response event comes', async () => {
    const failure = new Error('not allowed');
    const { consumer, asked, passing } = await called(echo, async () => {
      throw failure;
    });
    const contexts: RpcContext[] = [];
    consumer.on('response', (context) => contexts.push(context));
    expect(await rejected(passing(consumer.invoke('echo', ['x'])))).toBe(failure);
    expect([contexts.length, asked]).toEqual([1, []]);
  });

  test("see a provider's error in the answer, and a timeout too; what failed before is thrown", async () => {
    const seen: unknown[] = [];
    const watch: Middleware = async (context, next) => {
      try {
        await next();
        seen.push(['told', context.res.error?.name]);
      } catch (error) {
        seen.push(['thrown', (error as Error).name]);
      }
    };
    const { consumer, client, passing } = await called(
      (asked) => (asked.method === 'fails' ? refuse(asked) : undefined),
      watch,
    );
    await rejected(passing(consumer.invoke('fails', [])));
    await rejected(passing(consumer.invoke('silent', [], { responseTimeout: 20 })));
    const lost = client.createConsumer({
      interfaceName: `${ECHO}2`,
      serverHost: 'b:1',
      middlewares: [watch],
    });
    expect(await passing(lost.invoke('echo', []))).toBe(null);
    expect(seen).toEqual([
      ['told', 'Error'],
      ['told', 'RpcResponseTimeoutError'],
      ['thrown', 'RpcNoProviderError'],
    ]);
  });

  test('recover from an error by another answer', async () => {
    const { consumer, passing } = await called(refuse, async (context, next) => {
      await next();
      context.res = { error: null, appResponse: 'instead' };
    });
    expect(await passing(consumer.invoke('echo', []))).toBe('instead');
  });

  test('call next() once', async () => {
    const { consumer, passing } = await called(echo, async (_context, next) => {
      await next();
      await next();
    });
    expect((await rejected(passing(consumer.invoke('echo', [])))).message).toBe(
      'next() called multiple times',
    );
  });

  test('may be lists in lists', async () => {
    const mark =
      (text: string): Middleware =>
      async (context, next) => {
        await next();
        context.body += text;
      };
    const { consumer, passing } = await called(echo, [mark('a'), [[mark('b')]]] as never);
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('xba');
  });

  test('that throw before they return a promise reject the next() of the one around them', async () => {
    const failure = new Error('at once');
    const caught: unknown[] = [];
    const { consumer, passing } = await called(
      echo,
      (context, next) =>
        next().catch((error) => {
          caught.push(error);
          context.body = 'instead';
        }),
      () => {
        throw failure;
      },
    );
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('instead');
    expect(caught).toEqual([failure]);
  });

  test('call next() once a call: calls at the same time do not count for each other', async () => {
    const { consumer, passing } = await called(echo, async (_context, next) => {
      await Promise.resolve();
      await next();
    });
    const calls = [consumer.invoke('echo', ['x']), consumer.invoke('echo', ['y'])];
    expect(await passing(Promise.all(calls))).toEqual(['x', 'y']);
  });

  test('need not be async', async () => {
    const { consumer, passing } = await called(echo, (_context, next) => next());
    expect(await passing(consumer.invoke('echo', ['x']))).toBe('x');
  });

  test('that are none make calls fail', async () => {
    const { consumer, passing } = await called(echo, 'log' as never);
    const error = await rejected(passing(consumer.invoke('echo', [])));
    expect([error.name, error.message]).toEqual(['TypeError', 'Middleware must be composed of functions!']);
  });

  test('added later count from the next call on, and the list that was passed stays as it was', async () => {
    const list: Middleware[] = [];
    const world = clientWorld();
    provider(world.network, 'a:1', echo);
    const options = { interfaceName: ECHO, serverHost: 'a:1', middlewares: list };
    const consumer = world.client.createConsumer(options);
    expect(await world.passing(consumer.invoke('echo', ['x']))).toBe('x');
    consumer.use([
      async (context, next) => {
        await next();
        context.body += '!';
      },
    ]);
    expect(await world.passing(consumer.invoke('echo', ['x']))).toBe('x!');
    consumer.use(async (context, next) => {
      await next();
      context.body += '?';
    });
    expect(await world.passing(consumer.invoke('echo', ['x']))).toBe('x?!');
    expect(list).toEqual([]);
  });
});
