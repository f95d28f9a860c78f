import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Interceptor } from '../../src/core/call.js';
import type { AttemptTrace, CallTrace } from '../../src/core/operations.js';
import { settled } from '../../src/testing/fake-clock.js';
import { watched } from '../support/network.js';
import { later } from '../support/people.js';
import { channelsOf, FAILS, payloads, stepsOf, stillPair, TRACED, traced } from '../support/traced.js';

/** How many payloads were made. */
const made = vi.hoisted(() => ({ count: 0 }));
vi.mock('../../src/core/tracing.js', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/core/tracing.js')>();
  const counted = <A extends unknown[], T extends object>(Class: new (...args: A) => T) =>
    new Proxy(Class, {
      construct(target, args, newTarget) {
        made.count++;
        return Reflect.construct(target, args, newTarget);
      },
    });
  return {
    ...original,
    TracedCall: counted(original.TracedCall),
    TracedAttempt: counted(original.TracedAttempt),
    TracedServerCall: counted(original.TracedServerCall),
  };
});

const BOTH = ['client.call', 'client.attempt'] as const;

describe('interceptors', () => {
  test('of calls are inside of the call, those of attempts are outside of the attempt', async () => {
    const steps: string[] = [];
    const note =
      (name: string): Interceptor =>
      (next) =>
      async (call) => {
        steps.push(name);
        const reply = await next(call);
        steps.push(`${name} done`);
        return reply;
      };
    for (const name of BOTH) {
      const listeners = {
        start: () => void steps.push(`${name} start`),
        asyncEnd: () => void steps.push(`${name} over`),
      };
      channelsOf(name).subscribe(listeners as never);
      onTestFinished(() => void channelsOf(name).unsubscribe(listeners as never));
    }
    const { service } = stillPair(
      {},
      { client: { interceptors: [note('call')], attemptInterceptors: [note('attempt')] } },
    );
    await service.ping();
    expect(steps).toEqual([
      'client.call start',
      'call',
      'attempt',
      'client.attempt start',
      'client.attempt over',
      'attempt done',
      'call done',
      'client.call over',
    ]);
  });

  test.each<[string, Interceptor, object]>([
    [
      'throws at once',
      () => () => {
        throw new Error('broken');
      },
      { message: 'broken' },
    ],
    [
      'loses the reply',
      (next) => (call) => next(call).then(() => undefined as never),
      { code: 'INVALID_ARGUMENT' },
    ],
    ['never goes on', () => () => new Promise(() => undefined), { code: 'DEADLINE_EXCEEDED' }],
  ])('one that %s ends the call, and that is told', async (_, interceptor, error) => {
    const told = traced('client.call');
    const { clock, service } = stillPair({}, { client: { interceptors: [interceptor] } });
    const call = watched(service.echo('x'));
    while (call.state === 'pending') await clock.advance(100);
    expect(call.error).toMatchObject(error);
    const [trace] = payloads(told, 'client.call');
    expect(trace.error).toBe(call.error);
    expect(stepsOf(told, trace)).toEqual(FAILS);
  });
});

describe('a subscriber of start', () => {
  test('adds metadata to the call, which interceptors and the provider see, or to one attempt', async () => {
    const onCall = {
      start: ({ metadata }: CallTrace) => {
        metadata.traceparent = 'call';
      },
    };
    const onAttempt = {
      start: ({ metadata, attempt }: AttemptTrace) => {
        metadata.attempt = String(attempt);
      },
    };
    channelsOf('client.call').subscribe(onCall as never);
    channelsOf('client.attempt').subscribe(onAttempt as never);
    onTestFinished(() => {
      channelsOf('client.call').unsubscribe(onCall as never);
      channelsOf('client.attempt').unsubscribe(onAttempt as never);
    });
    const intercepted: unknown[] = [];
    const served: unknown[] = [];
    const look: Interceptor = (next) => (call) => {
      intercepted.push({ ...call.metadata });
      return next(call);
    };
    const { service } = stillPair(
      {
        echo: (text, { metadata }) => {
          served.push({ ...metadata });
          return text;
        },
      },
      { client: { interceptors: [look] } },
    );
    const own = { tenant: 'a' };
    await service.echo('hi', { metadata: own });
    expect(intercepted).toEqual([{ tenant: 'a', traceparent: 'call' }]);
    expect(served).toMatchObject([{ tenant: 'a', traceparent: 'call', attempt: '1' }]);
    expect(own).toEqual({ tenant: 'a' });
  });

  test('may bind a store: what is inside of the call sees it, the caller does not', async () => {
    const current = new AsyncLocalStorage<string>();
    for (const name of BOTH) {
      channelsOf(name).start.bindStore(current, () => `${name} in ${current.getStore()}`);
      onTestFinished(() => void channelsOf(name).start.unbindStore(current));
    }
    const seen: (string | undefined)[] = [];
    const look: Interceptor = (next) => async (call) => {
      seen.push(current.getStore());
      const reply = await next(call);
      seen.push(current.getStore());
      return reply;
    };
    const over = { asyncEnd: () => void seen.push(`over: ${current.getStore()}`) };
    channelsOf('client.attempt').subscribe(over as never);
    onTestFinished(() => void channelsOf('client.attempt').unsubscribe(over as never));
    const { service } = stillPair({}, { client: { interceptors: [look] } });
    await current.run('the caller', async () => {
      await service.ping();
      seen.push(current.getStore());
    });
    expect(seen).toEqual([
      'client.call in the caller',
      'over: client.attempt in client.call in the caller',
      'client.call in the caller',
      'the caller',
    ]);
  });

  test('that throws fails no call: Node tells the process', async () => {
    const broken = () => {
      throw new Error('a broken subscriber');
    };
    const steps = { start: broken, end: broken, asyncStart: broken, asyncEnd: broken, error: broken };
    for (const name of TRACED) channelsOf(name).subscribe(steps as never);
    onTestFinished(() => {
      for (const name of TRACED) channelsOf(name).unsubscribe(steps as never);
    });
    const uncaught = uncaughtInstead();
    const { service } = stillPair();
    expect(await service.echo('hi')).toBe('hi');
    await expect(service.find(404n)).rejects.toThrow('no such person');
    await settled();
    // Three operations of four steps, then three of five.
    expect(uncaught.map(({ message }) => message)).toEqual(Array(27).fill('a broken subscriber'));
  });
});

/** What would end the process, until the test ends. */
function uncaughtInstead(): Error[] {
  const uncaught: Error[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const keep = (error: Error) => void uncaught.push(error);
  process.on('uncaughtException', keep);
  onTestFinished(() => {
    process.off('uncaughtException', keep);
    for (const listener of before) process.on('uncaughtException', listener);
  });
  return uncaught;
}

describe('while nobody listens', () => {
  test('no payload is made, and there is one for each operation as soon as somebody does', async () => {
    const { service } = stillPair();
    made.count = 0;
    await service.echo('hi');
    await service.note('hi');
    await expect(service.find(404n)).rejects.toThrow();
    expect(made.count).toBe(0);
    const listen = { asyncEnd: () => undefined };
    for (const name of TRACED) channelsOf(name).subscribe(listen as never);
    await service.echo('hi');
    expect(made.count).toBe(3);
    for (const name of TRACED) channelsOf(name).unsubscribe(listen as never);
    await service.echo('hi');
    expect(made.count).toBe(3);
  });

  test('at its start, a call stays untold', async () => {
    const { service } = stillPair({ echo: () => answer.promise });
    const answer = later<string>();
    const call = service.echo('hi');
    await settled();
    const told = traced(...TRACED);
    answer.resolve('hi');
    await call;
    expect(told).toEqual([]);
  });
});
