import { expect, onTestFinished, test } from 'vitest';
import type { Endpoint } from '../../src/core/endpoint.js';
import type { Resolver } from '../../src/discovery/resolver.js';
import { heard } from '../support/events.js';
import { endpoint, ScriptedSource } from './scripted-source.js';
import { settled, watched } from './watched.js';

const service = 'com.acme.People:1.0';

test('a registry that fails is asked again with backoff, an event each time and ever more rarely a warning, and what is known stays', async () => {
  const events = heard('registry.failed', 'registry.recovered');
  const zk = new ScriptedSource('zk');
  const { clock, call, told, warnings } = watched([zk], { random: () => 1 });
  call();
  await settled();
  zk.tell('a:1');
  await settled();
  const delays = [200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000, 5_000];
  for (const ms of delays) {
    zk.fail('connection refused');
    await clock.advance(ms - 1);
    expect(zk.isWatched).toBe(false);
    await clock.advance(1);
    expect(zk.isWatched).toBe(true);
  }
  zk.tell('a:1');
  await settled();
  expect(told()).toEqual([['a:1']]);
  const failed = delays.map((retryInMs, i) => [
    'registry.failed',
    { registry: 'zk', service, operation: 'watch', reason: 'connection refused', failures: i + 1, retryInMs },
  ]);
  expect(events).toEqual([
    ...failed,
    ['registry.recovered', { registry: 'zk', service, operation: 'watch' }],
  ]);
  // The 1st, 2nd, 4th and 8th.
  expect(warnings.length).toBe(4);
  expect(warnings[1]).toBe(
    'the registry zk cannot tell the endpoints of com.acme.People:1.0: connection refused; what is known of it stays in use. It is tried again in 400 ms (failure 2)',
  );
});

test('half of each delay is chance', async () => {
  const zk = new ScriptedSource('zk');
  const { clock, call } = watched([zk], { random: () => 0 });
  call();
  await settled();
  zk.fail('down');
  await clock.advance(100);
  expect(zk.isWatched).toBe(true);
});

test('failures count anew after a list that held, not after one that did not', async () => {
  const events = heard('registry.failed');
  const zk = new ScriptedSource('zk');
  const { clock, call } = watched([zk], { random: () => 1 });
  call();
  await settled();
  for (let turn = 0; turn < 3; turn++) {
    zk.tell('a:1');
    await settled();
    zk.fail('down again');
    await clock.advance(10_000);
  }
  zk.tell('a:1');
  await clock.advance(10_000);
  zk.fail('down once more');
  await settled();
  expect(events.map(([, { failures, retryInMs }]) => [failures, retryInMs])).toEqual([
    [1, 200],
    [2, 400],
    [3, 800],
    [1, 200],
  ]);
});

test('an iterable that ends after a list said its last word; one that ends without has failed', async () => {
  const [final, empty] = [new ScriptedSource('final'), new ScriptedSource('empty')];
  const { clock, call, told, warnings } = watched([final, empty]);
  call();
  await settled();
  final.tell('a:1');
  await settled();
  final.end();
  empty.end();
  await settled();
  expect(warnings).toEqual([
    expect.stringContaining(
      'registry empty cannot tell the endpoints of com.acme.People:1.0: it ended without',
    ),
  ]);
  await clock.advance(1_000);
  expect([final.watches, empty.watches, told()]).toEqual([1, 2, [['a:1']]]);
});

test('each try has its own signal, aborted when the try is over', async () => {
  const zk = new ScriptedSource('zk');
  const { clock, call } = watched([zk]);
  call();
  await settled();
  const first = zk.signal;
  zk.tellAnything('nonsense');
  await clock.advance(200);
  expect([first?.aborted, zk.signal?.aborted]).toEqual([true, false]);
});

test('what a resolver does with its list later changes nothing', async () => {
  const [zk, other] = [new ScriptedSource('zk'), new ScriptedSource('other')];
  const { call, told } = watched([zk, other]);
  call();
  await settled();
  const own = [endpoint('a:1')];
  zk.tellAnything(own);
  await settled();
  own.push(endpoint('b:1'));
  other.tell('c:1');
  await settled();
  expect(told()).toEqual([['a:1'], ['a:1', 'c:1']]);
});

type Lists = AsyncIterable<readonly Endpoint[]>;

/** A resolver written in JavaScript, by somebody in a hurry. */
function careless(watch: (signal: AbortSignal) => unknown): Resolver {
  return { watch: (_service, signal) => watch(signal) as Lists };
}

const never = () => new Promise<never>(() => undefined);

const misdeeds: Record<string, [resolver: Resolver, reason: string]> = {
  'throws at once': [
    careless(() => {
      throw new Error('not now');
    }),
    'not now',
  ],
  'is async, but no generator': [careless(() => Promise.reject(null)), 'write it as async *watch(..)'],
  'rejects with an object without a prototype': [
    careless(async function* () {
      yield await Promise.reject(Object.create(null));
    }),
    '[Object: null prototype] {}',
  ],
  'returns nothing': [careless(() => undefined), 'undefined'],
  'returns a list': [careless(() => [[endpoint('a:1')]]), 'is not a function'],
  'yields undefined': [
    careless(async function* () {
      yield undefined;
    }),
    'it told undefined instead of a list',
  ],
  'yields addresses': [
    careless(async function* () {
      yield ['a:1'];
    }),
    "its list holds 'a:1', which is no endpoint; make them with endpointOf(host, port, attributes)",
  ],
  'yields a hole': [
    careless(async function* () {
      yield [endpoint('a:1'), undefined];
    }),
    'its list holds undefined, which is no endpoint',
  ],
  'yields nonsense and does not end': [
    careless(() => ({
      [Symbol.asyncIterator]: () => ({ next: async () => ({ value: 1 }), return: never }),
    })),
    'it told 1 instead of a list',
  ],
  'ends badly': [
    careless(() => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ value: 'x'.repeat(1_000) }),
        return: () => {
          throw new Error('no end');
        },
      }),
    })),
    `it told '${'x'.repeat(100)}'... 900 more characters instead of a list`,
  ],
  'answers with no result': [
    careless(() => ({ [Symbol.asyncIterator]: () => ({ next: async () => undefined }) })),
    'undefined',
  ],
};

test.each(Object.entries(misdeeds))(
  'a resolver that %s has failed, and is asked again',
  async (_, [resolver, reason]) => {
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', onUnhandled);
    onTestFinished(() => {
      process.off('unhandledRejection', onUnhandled);
    });
    const failures = heard('registry.failed');
    const { clock, watch, call } = watched([{ name: 'careless', resolver }], { random: () => 1 });
    const first = call();
    await settled();
    expect(failures.map(([, message]) => message.reason)).toEqual([expect.stringContaining(reason)]);
    expect(first.current).toMatch(/^NO_ENDPOINT: .* careless: /);
    await clock.advance(200);
    expect(failures.length).toBe(2);
    watch.close();
    await clock.advance(100_000);
    expect([failures.length, clock.pendingTimers, unhandled]).toEqual([2, 0, []]);
  },
);

test('a resolver that goes on after it was told to stop is not heard', async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', onUnhandled);
  onTestFinished(() => {
    process.off('unhandledRejection', onUnhandled);
  });
  const [late, broken, deaf] = [
    new ScriptedSource('late'),
    new ScriptedSource('broken'),
    new ScriptedSource('deaf'),
  ];
  const { clock, watch, call, told, warnings } = watched([late, broken, deaf]);
  call();
  await settled();
  watch.close();
  late.tell('a:1');
  broken.fail('aborted');
  await clock.advance(1_000_000);
  expect([told(), warnings, unhandled, clock.pendingTimers]).toEqual([[], [], [], 0]);
  expect([late.watches, broken.watches, deaf.watches]).toEqual([1, 1, 1]);
});
