import { describe, expect, test } from 'vitest';
import { writeRequest } from '../../../src/compat/bolt/frames.js';
import { BOLT_V1 } from '../../../src/compat/bolt/wire-settings.js';
import type { RpcServerOptions } from '../../../src/compat/server/rpc-server-options.js';
import { ByteWriter } from '../../../src/core/bytes.js';
import type { Call, Interceptor, Reply } from '../../../src/core/call.js';
import { currentContext } from '../../../src/core/context.js';
import { MeshError } from '../../../src/core/errors.js';
import { decodeAll } from '../../../src/hessian/public.js';
import { settled } from '../../../src/testing/fake-clock.js';
import { bodyOf, type Seen } from '../../support/raw-peer.js';
import { memoryServer } from './serve.js';

const SERVED = 'com.acme.Greeter:1.0';

/** The frame of a request, as the old client writes it. */
function asking(methodName: string, requestProps?: object, serverSignature = SERVED): Buffer {
  const out = new ByteWriter();
  const options = { ...BOLT_V1, codecType: 'hessian2', hessianVersion: '3.0' } as const;
  const asked = { serverSignature, methodName, args: ['Ann'], timeout: 3_000, requestProps };
  writeRequest(out, 1, asked, options);
  return Buffer.from(out.written());
}

/** A server with these interceptors, and what it answers. */
function intercepted(interceptors: readonly Interceptor[], options: Partial<RpcServerOptions> = {}) {
  const world = memoryServer({ interceptors, ...options });
  const peer = world.connect();
  const ask = async (...parts: Parameters<typeof asking>): Promise<Seen> => {
    const before = peer.frames.length;
    peer.write(asking(...parts));
    await settled();
    expect(peer.frames.length - before).toBe(1);
    return peer.frames[before];
  };
  return { ...world, peer, ask };
}

const answerOf = (frame: Seen) => bodyOf(frame).appResponse;
const messageOf = ({ content }: Seen) => (decodeAll(content)[0] as Error).message;

const seeing =
  (calls: Call[], outcomes: unknown[] = []): Interceptor =>
  (next) =>
  async (call) => {
    calls.push(call);
    try {
      const reply = await next(call);
      outcomes.push(reply.value);
      return reply;
    } catch (error) {
      outcomes.push(error);
      throw error;
    }
  };

describe('interceptors of a server', () => {
  test('are around the request, the first outermost', async () => {
    const order: string[] = [];
    const named =
      (name: string): Interceptor =>
      (next) =>
      async (call) => {
        order.push(`${name} in`);
        const reply = await next(call);
        order.push(`${name} out`);
        return reply;
      };
    const { server, ask } = intercepted([named('a'), named('b')]);
    server.on('request', () => order.push('request'));
    server.on('response', () => order.push('response'));
    expect(answerOf(await ask('hello'))).toBe('hello Ann');
    expect(order).toEqual(['a in', 'b in', 'request', 'response', 'b out', 'a out']);
  });

  test('see service, method, arguments, properties and headers; then the value that was answered', async () => {
    const calls: Call[] = [];
    const values: unknown[] = [];
    const { ask, clock } = intercepted([seeing(calls, values)]);
    await ask('hello', { trace: 't1', depth: 3 });
    const [{ service, method, args, metadata, deadline }] = calls;
    expect([service, method, args]).toEqual([SERVED, 'hello', ['Ann']]);
    expect(metadata).toMatchObject({ trace: 't1', service: SERVED });
    // Numbers are text there, as on a MeshServer.
    expect(metadata.depth).toBe('3');
    expect(deadline).toBeGreaterThan(clock.now());
    expect(values).toEqual(['hello Ann']);
  });

  test.each([
    ['fail', 'no such person'],
    ['missing', `Can not find method: ${SERVED}#missing()`],
  ])('see the error that was answered, %s, thrown; it is the answer still', async (method, message) => {
    const errors: Error[] = [];
    const without = await intercepted([]).ask(method);
    const { ask, errors: emitted } = intercepted([seeing([], errors)]);
    const answer = await ask(method);
    expect(errors.map((error) => error.message)).toEqual([message]);
    expect(answer.content).toEqual(without.content);
    expect(emitted()).toEqual([]);
  });

  test('change the arguments', async () => {
    const { ask } = intercepted([(next) => (call) => next({ ...call, args: ['Bob'] })]);
    expect(answerOf(await ask('hello'))).toBe('hello Bob');
  });

  test('come too late to change what was answered, and to fail: that is an error event', async () => {
    const { ask, errors } = intercepted([
      (next) => async (call) => {
        await next(call);
        throw new Error('too late');
      },
      (next) => async (call) => ({ ...(await next(call)), value: 'another' }),
    ]);
    expect(answerOf(await ask('hello'))).toBe('hello Ann');
    expect(errors()).toEqual(['too late']);
  });

  test.each([
    [
      'throws',
      (): never => {
        throw new Error('not allowed');
      },
      'not allowed',
    ],
    [
      'returns nothing',
      async () => undefined as never,
      'an interceptor of the server returned no reply: it must return what next(call) resolves to',
    ],
  ] as const)(
    'one that %s without having called on is answered like a method that threw',
    async (_, handler, message) => {
      const world = intercepted([() => handler]);
      const answer = await world.ask('hello');
      expect([answer.status, messageOf(answer)]).toEqual([2, `Error: ${message}`]);
      expect(world.errors()).toEqual([message]);
      expect(world.events.map(([name]) => name)).not.toContain('request');
    },
  );

  test('answer by themselves', async () => {
    const reply: Reply = { value: 'kept', metadata: {}, path: 'direct', reason: '', endpoint: undefined };
    const { ask, errors } = intercepted([() => async () => reply]);
    expect(answerOf(await ask('hello'))).toBe('kept');
    expect(errors()).toEqual([]);
  });

  test('refuse as BUSY', async () => {
    const { ask, errors } = intercepted([() => () => Promise.reject(new MeshError('OVERLOADED', 'enough'))]);
    // What the dispatcher says where there is no room: callers take it for unexecuted.
    expect((await ask('hello')).status).toBe(4);
    expect(errors()).toEqual([]);
  });

  test('an answer that cannot be written is an error event, and the caller is told that there is one', async () => {
    const reply: Reply = { value: 1n, metadata: {}, path: 'direct', reason: '', endpoint: undefined };
    const { ask, errors } = intercepted([() => async () => reply]);
    expect(messageOf(await ask('hello'))).toMatch(/the server failed before it had answered hello\(\)/);
    expect(errors()).toEqual(['Do not know how to serialize a BigInt']);
  });

  test.each([new Error('no context'), 'no context'])(
    'a service that fails does so as without them (%s)',
    async (failure) => {
      const outcomes: unknown[] = [];
      const { server, ask, events } = intercepted([seeing([], outcomes)]);
      server.createContext = () => {
        throw failure;
      };
      expect(messageOf(await ask('hello'))).toMatch(/the server failed before it had answered hello\(\)/);
      const emitted = events.filter(([name]) => name === 'error').map(([, error]) => error);
      expect([outcomes, emitted]).toEqual([[failure], [failure]]);
    },
  );

  test('what they throw need not be an error', async () => {
    const refusing: Interceptor = () => () => {
      throw 'not allowed';
    };
    expect(messageOf(await intercepted([refusing]).ask('hello'))).toBe('Error: not allowed');
  });

  test('may wait; the method still knows for whom it runs', async () => {
    const contexts: unknown[] = [];
    const { server, ask } = intercepted([
      (next) => async (call) => {
        await Promise.resolve();
        return next(call);
      },
    ]);
    server.on('request', () => contexts.push(currentContext()?.method));
    expect(answerOf(await ask('hello'))).toBe('hello Ann');
    expect(contexts).toEqual(['hello']);
  });

  test('see requests of other services, too', async () => {
    const calls: Call[] = [];
    const { peer } = intercepted([seeing(calls)]);
    peer.write(asking('m', {}, 'com.acme.Other:1.0'));
    await settled();
    expect(calls.map(({ service }) => service)).toEqual(['com.acme.Other:1.0']);
  });
});
