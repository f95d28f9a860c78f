import { AssertionError } from 'node:assert';
import { describe, expect, test } from 'vitest';
import { RpcServerTest, request, type TestableServer } from '../../src/compat/request-test.js';

/** What the fake consumer was asked, and what it answers. */
interface Fake extends TestableServer {
  readonly log: unknown[];
}

function fakeServer(answer: (args: unknown[]) => unknown, start: () => Promise<void> = async () => {}): Fake {
  const log: unknown[] = [];
  return {
    log,
    url: 'bolt://127.0.0.1:1',
    options: { version: '1.0', codecType: 'hessian2' },
    services: new Map([['a.B:2.0:blue', { interfaceName: 'a.B', version: '2.0' }]]),
    start: async () => {
      log.push('start');
      await start();
    },
    testClient: {
      ready: async () => {
        log.push('client ready');
      },
      createConsumer: (options) => {
        log.push(options);
        return {
          ready: async () => {
            log.push('consumer ready');
          },
          invoke: async (method, args, callOptions) => {
            log.push([method, args, callOptions]);
            return answer(args);
          },
        };
      },
    },
  };
}

const echo = () => fakeServer(([first]) => first);
const failing = (error: Error) =>
  fakeServer(() => {
    throw error;
  });
const ask = (server: TestableServer, ...args: unknown[]) =>
  request(server).service('a.B').invoke('m').send(args);
/** The message of what a test failed with; undefined where it went as expected. */
const failureOf = (run: RpcServerTest) =>
  run.then(
    () => undefined,
    (error: Error) => error.message,
  );

describe('the call', () => {
  test('starts the server, waits for the client, and goes to the server by its url', async () => {
    const server = echo();
    const result = await ask(server, 'hi');
    expect(result).toMatchObject({ data: 'hi', responseError: null });
    expect(result.consumer).toBeDefined();
    expect(server.log).toEqual([
      'start',
      'client ready',
      { interfaceName: 'a.B', version: '1.0', serverHost: 'bolt://127.0.0.1:1' },
      'consumer ready',
      ['m', ['hi'], { responseTimeout: 3_000, codecType: 'hessian2' }],
    ]);
  });

  test.each([
    ['a.B:2.0:blue', { interfaceName: 'a.B', version: '2.0' }],
    ['a.C:2.0', { interfaceName: 'a.C:2.0', version: '1.0' }],
    ['a.B', { interfaceName: 'a.B', version: '1.0' }],
  ])('service %s', async (name, named) => {
    const server = echo();
    await request(server).service(name).invoke('m');
    expect(server.log[2]).toMatchObject(named);
  });

  test.each<[string, (run: RpcServerTest) => RpcServerTest, unknown[]]>([
    ['none', (run) => run.invoke('m'), []],
    ['with the method', (run) => run.invoke('m', [1, 2]), [1, 2]],
    ['sent', (run) => run.invoke('m').send([1]), [1]],
    ['one that is no array', (run) => run.invoke('m').send('x'), ['x']],
    ['sent before', (run) => run.send([7]).invoke('m'), [7]],
    ['falsy', (run) => run.invoke('m').send(0), []],
  ])('arguments: %s', async (_, make, args) => {
    const server = echo();
    await make(request(server).service('a.B'));
    expect(server.log[4]).toMatchObject({ 1: args });
  });

  test('timeout, 0 too', async () => {
    const server = echo();
    await ask(server).timeout(0);
    expect(server.log[4]).toMatchObject({ 2: { responseTimeout: 0 } });
  });

  test('is made once, however often it is awaited, and not before', async () => {
    const server = echo();
    const run = ask(server, 1);
    expect(server.log).toEqual([]);
    expect(await run).toBe(await run);
    expect(server.log.filter(Array.isArray)).toHaveLength(1);
  });

  test('a server that does not start fails it', async () => {
    const server = fakeServer(
      () => 1,
      async () => {
        throw new Error('taken');
      },
    );
    await expect(ask(server)).rejects.toThrow('taken');
  });

  test('without a test client there is nothing to test', () => {
    expect(() => request({} as TestableServer)).toThrow(AssertionError);
    expect(() => request(undefined as unknown as TestableServer)).toThrow(AssertionError);
    expect(request(echo())).toBeInstanceOf(RpcServerTest);
  });
});

describe('expect', () => {
  test.each<[unknown, unknown, string | undefined]>([
    ['a', 'a', undefined],
    ['a', 'b', "expected 'a' to equal 'b'"],
    [1, '1', "expected 1 to equal '1'"],
    ['abc', /b/, undefined],
    ['abc', /x/, "expected 'abc' to match /x/"],
    [undefined, undefined, undefined],
    [{ a: 1 }, { a: 1 }, undefined],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, undefined],
    [{ a: 1 }, { a: '1' }, "expected { a: 1 } to equal { a: '1' }"],
    [{ a: 1, b: 2 }, { a: 1 }, 'expected { a: 1, b: 2 } to equal { a: 1 }'],
    [{ a: 'xyz' }, { a: /y/ }, undefined],
    [{ a: 'xyz' }, { a: /q/ }, "expected { a: 'xyz' } to equal { a: /q/ }"],
    [{ a: { b: 1 } }, { a: { b: '1' } }, undefined],
    [{ a: { b: 1 } }, { a: { b: 2 } }, 'expected { a: { b: 1 } } to equal { a: { b: 2 } }'],
    [[1, 2], [1, 2], undefined],
    [[1], [1, 2], 'expected [ 1 ] to equal [ 1, 2 ]'],
    [null, { a: 1 }, 'expected null to equal { a: 1 }'],
    [null, null, 'expected null to equal null'],
    ['x', null, "expected 'x' to equal null"],
    ['x', () => undefined, undefined],
    ['x', (data: unknown) => new Error(`not ${data}`), 'not x'],
  ])('of %o: %o', async (data, expected, failure) => {
    expect(await failureOf(ask(echo(), data).expect(expected))).toBe(failure);
  });

  test('a failure has the data', async () => {
    await expect(ask(echo(), { a: 1 }).expect(1)).rejects.toMatchObject({ data: { a: 1 } });
  });

  test('a failed call is a failure, whatever was expected', async () => {
    expect(await failureOf(ask(failing(new Error('down'))).expect(1))).toBe('down');
  });
});

describe('type', () => {
  class Made {}
  test.each<[unknown, string | typeof Made, string | undefined]>([
    ['a', 'string', undefined],
    [1, 'string', 'expected 1 to be a string'],
    ['a', 'number', "expected 'a' to be a number"],
    ['a', 'object', "expected 'a' to be an object"],
    [null, 'object', undefined],
    [[1], 'array', undefined],
    [{}, 'array', 'expected {} to be an array'],
    ['{"a":1}', 'json', undefined],
    ['{', 'json', "expected '{' to be a json"],
    [new Made(), Made, undefined],
    ['x', Made, "expected 'x' to be an instance of Made"],
    ['x', class {}, "expected 'x' to be an instance of supplied constructor"],
  ])('of %o: %o', async (data, expected, failure) => {
    expect(await failureOf(ask(echo(), data).type(expected))).toBe(failure);
  });

  test('json is compared as what it says', async () => {
    const result = await ask(echo(), '{"a":1}').type('json').expect({ a: 1 });
    expect(result.data).toBe('{"a":1}');
  });
});

describe('error', () => {
  const down = Object.assign(new Error('down'), { code: 7 });
  test.each<[string, (run: RpcServerTest) => RpcServerTest, string | undefined]>([
    ['any', (run) => run.error(), undefined],
    ['message', (run) => run.error('down'), undefined],
    ['another message', (run) => run.error('up'), 'expected down to equal up at error.message'],
    ['message by pattern', (run) => run.error(/^do/), undefined],
    ['another pattern', (run) => run.error(/^up/), 'expected down to match /^up/ at error.message'],
    ['field', (run) => run.error('code', 7), undefined],
    ['another value', (run) => run.error('code', 8), 'expected 7 to equal 8 at error.code'],
    ['several', (run) => run.error('code', 7).error('x'), 'expected down to equal x at error.message'],
    ['with data expected', (run) => run.error().expect(1), 'expected null to equal 1'],
  ])('%s', async (_, make, failure) => {
    expect(await failureOf(make(ask(failing(down))))).toBe(failure);
  });

  test('gives the error of the call', async () => {
    expect(await ask(failing(down)).error()).toMatchObject({ responseError: down, data: null });
  });

  test('that does not come is a failure', async () => {
    expect(await failureOf(ask(echo(), 1).error())).toBe('expected exist error, but got undefined');
    expect(await failureOf(ask(echo(), 1).error('down'))).toBe('expected exist error, but got undefined');
  });

  test('catch', async () => {
    expect(await ask(failing(down)).catch((error) => error)).toBe(down);
  });
});

describe('callbacks', () => {
  type Given = readonly unknown[];
  const given = (make: (done: (...args: Given) => void) => unknown) =>
    new Promise<Given>((resolve) => {
      make((...args) => resolve(args.slice(0, 3)));
    });
  const down = new Error('down');

  test.each<[string, (done: (...args: Given) => void) => unknown, Given]>([
    ['end', (done) => ask(echo(), 1).end(done), [undefined, null, 1]],
    ['end of a failed call', (done) => ask(failing(down)).end(done), [down, down, null]],
    ['expect', (done) => ask(echo(), 1).expect(1, done), [undefined, null, 1]],
    ['expect by a check', (done) => ask(echo(), 1).expect(() => null, done), [undefined, null, 1]],
    ['type', (done) => ask(echo(), 1).type('number', done), [undefined, null, 1]],
    ['error', (done) => ask(failing(down)).error(done), [undefined, down, null]],
    ['error with a message', (done) => ask(failing(down)).error('down', done), [undefined, down, null]],
    [
      'error with a field',
      (done) => ask(failing(down)).error('message', /down/, done),
      [undefined, down, null],
    ],
  ])('%s', async (_, make, args) => {
    expect(await given(make)).toEqual(args);
  });

  test('one that throws is told what it threw', async () => {
    const calls: Given[] = [];
    const thrown = new Error('in the callback');
    await ask(echo(), 1).end((...args) => {
      calls.push(args.slice(0, 3));
      if (calls.length === 1) throw thrown;
    });
    expect(calls).toEqual([
      [undefined, null, 1],
      [thrown, thrown, null],
    ]);
  });
});
