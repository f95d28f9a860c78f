import assert from 'node:assert';
import { inspect } from 'node:util';
import { Base } from './base.js';

/** What is asked of a consumer here. */
export interface TestConsumer {
  ready(): Promise<void>;
  invoke(
    method: string,
    args: unknown[],
    options: { responseTimeout: number; codecType?: string },
  ): Promise<unknown>;
}

/** What is asked of a server's `testClient`. */
export interface TestClient {
  ready(): Promise<void>;
  createConsumer(options: {
    interfaceName: string;
    version: string | undefined;
    serverHost: string;
  }): TestConsumer;
}

/** What is asked of the server under test; an RpcServer is one. */
export interface TestableServer {
  readonly testClient: TestClient;
  readonly services: ReadonlyMap<string, { readonly interfaceName: string; readonly version: string }>;
  readonly options: { readonly version?: string; readonly codecType?: string };
  /** Where it is reached, once it has started. */
  readonly url: string;
  start(): Promise<unknown>;
}

/**
 * How a call ended: `assertError` where it was not as expected, `responseError` where the call failed, else `data`.
 * A callback that throws is called once more, with what it threw as both errors.
 */
export type TestCallback = (
  assertError: unknown,
  responseError: unknown,
  data: unknown,
  consumer: TestConsumer | undefined,
) => void;

/** What awaiting a test gives. */
export interface TestResult {
  /** The error of the call, where one was expected. */
  responseError: unknown;
  data: unknown;
  consumer: TestConsumer | undefined;
}

/** A type by its name ('json', 'array', 'object', or what `typeof` says), or a class. */
export type ExpectedType = string | (abstract new (...args: never[]) => unknown);

/** Gives the error where the data is not as it should be. */
export type DataCheck = (data: unknown) => unknown;

/**
 * One call to a server of the same process and what is expected of it:
 * `await request(server).service('com.x.Greeter').invoke('hello').send(['Ann']).expect('hi Ann')`.
 * Nothing is called before it is awaited, or before a callback is given; awaited again it gives the same result.
 */
export class RpcServerTest extends Base {
  readonly client: TestClient;
  readonly server: TestableServer;
  readonly errorInfo: Record<string, unknown> = {};
  interfaceName = '';
  version: string | undefined;
  funcName = '';
  args: unknown;
  responseTimeout: number | undefined;
  consumer: TestConsumer | undefined;

  private isErrorExpected = false;
  private expectedType: { readonly type: ExpectedType } | undefined;
  private expectedData: { readonly value: unknown } | undefined;
  private result: Promise<TestResult> | undefined;

  /** @throws AssertionError where `server` has no test client. */
  constructor(server: TestableServer) {
    assert(server?.testClient, 'server.testClient is required');
    super({ initMethod: '_init' });
    this.client = server.testClient;
    this.server = server;
  }

  async _init(): Promise<void> {
    await this.server.start();
    await this.client.ready();
  }

  /** Names the service: by its id `interface:version[:uniqueId]`, or by its interface, with the server's version. */
  service(name: string): this {
    const service = name.indexOf(':') > 0 ? this.server.services.get(name) : undefined;
    this.interfaceName = service?.interfaceName ?? name;
    this.version = service === undefined ? this.server.options.version : service.version;
    return this;
  }

  /** Names the method, and gives its arguments unless {@link send} does. */
  invoke(name: string, args?: unknown): this {
    this.funcName = name;
    if (args) this.args = args;
    return this;
  }

  /** Gives the arguments. What is no array is the only argument; nothing, or what is falsy, is no argument. */
  send(args: unknown): this {
    this.args = args;
    return this;
  }

  /** How long the call may take, in milliseconds; 3,000 unless said. */
  timeout(ms: number): this {
    this.responseTimeout = ms;
    return this;
  }

  /** Makes the call. The promise is settled when the callback has been called. */
  async end(callback: TestCallback): Promise<void> {
    await this.ready();
    const consumer = this.client.createConsumer({
      interfaceName: this.interfaceName,
      version: this.version,
      serverHost: this.server.url,
    });
    this.consumer = consumer;
    await consumer.ready();
    try {
      const data = await consumer.invoke(this.funcName, this.argumentList(), {
        responseTimeout: this.responseTimeout ?? 3_000,
        codecType: this.server.options.codecType,
      });
      this.assert(null, data, (failure) => callback(failure, null, data, consumer));
    } catch (error) {
      this.assert(error, null, (failure) => callback(failure, error, null, consumer));
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: `await request(server)..` is how a test is run
  then<Result = TestResult, Failure = never>(
    resolve?: ((result: TestResult) => Result | PromiseLike<Result>) | null,
    // biome-ignore lint/suspicious/noExplicitAny: as Promise has it
    reject?: ((error: any) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    this.result ??= new Promise((settle, fail) => {
      this.end((assertError, responseError, data, consumer) => {
        if (!assertError) return settle({ responseError, data, consumer });
        (assertError as { data?: unknown }).data = data;
        fail(assertError);
      }).catch(fail);
    });
    return this.result.then(resolve, reject);
  }

  catch<Failure>(
    // biome-ignore lint/suspicious/noExplicitAny: as Promise has it
    reject?: ((error: any) => Failure | PromiseLike<Failure>) | null,
  ): Promise<TestResult | Failure> {
    return this.then(undefined, reject);
  }

  /**
   * Expects the call to fail: somehow, with a message, or with the value of any property. Regular expressions match.
   * A callback as the last argument makes the call.
   */
  error(): this;
  error(callback: TestCallback): this;
  error(message: unknown, callback?: TestCallback): this;
  error(field: string, value: unknown, callback?: TestCallback): this;
  error(...given: unknown[]): this {
    const callback = given.length > 0 && isCallback(given.at(-1)) ? (given.pop() as TestCallback) : undefined;
    this.isErrorExpected = true;
    if (given.length > 1) this.errorInfo[given[0] as string] = given[1];
    else if (given.length === 1) this.errorInfo.message = given[0];
    if (callback !== undefined) void this.end(callback);
    return this;
  }

  /** Expects data of this type. A callback makes the call. */
  type(expected: ExpectedType, callback?: TestCallback): this {
    this.expectedType = { type: expected };
    if (callback) void this.end(callback);
    return this;
  }

  /**
   * Expects this data: equal, matching a regular expression, or with exactly these properties, each equal or matching.
   * A function says itself what is wrong, by giving an error. A callback makes the call.
   */
  expect(value: unknown, callback?: TestCallback): this {
    this.expectedData = { value };
    if (callback) void this.end(callback);
    return this;
  }

  /** Tells `done` what is not as expected, or nothing. */
  assert(error: unknown, data: unknown, done: (failure?: unknown) => void): void {
    done(this.failureOf(error, data));
  }

  private argumentList(): unknown[] {
    if (!this.args) return [];
    return Array.isArray(this.args) ? this.args : [this.args];
  }

  private failureOf(error: unknown, data: unknown): unknown {
    if (this.isErrorExpected && !error) return new Error('expected exist error, but got undefined');
    if (!this.isErrorExpected && error) return error;
    for (const [field, expected] of Object.entries(this.errorInfo)) {
      const failure = fieldFailure(field, expected, (error as Record<string, unknown>)[field]);
      if (failure !== undefined) return failure;
    }
    let checked = data;
    if (this.expectedType !== undefined) {
      const { type } = this.expectedType;
      const failure = typeFailure(type, data);
      if (failure !== undefined) return failure;
      if (type === 'json') checked = JSON.parse(data as string);
    }
    return this.expectedData && (dataFailure(this.expectedData.value, checked) || undefined);
  }
}

/**
 * Tests the services of an RpcServer through the wire. The server is started, and has to be closed by the caller.
 * @throws AssertionError where `server` has no test client.
 */
export function request(server: TestableServer): RpcServerTest {
  return new RpcServerTest(server);
}

function isCallback(value: unknown): value is TestCallback {
  return typeof value === 'function';
}

function fieldFailure(field: string, expected: unknown, actual: unknown): Error | undefined {
  if (expected instanceof RegExp) {
    if (expected.test(String(actual))) return undefined;
    return new Error(`expected ${actual} to match ${expected} at error.${field}`);
  }
  if (actual === expected) return undefined;
  return new Error(`expected ${actual} to equal ${expected} at error.${field}`);
}

function typeFailure(type: ExpectedType, data: unknown): Error | undefined {
  if (typeof type !== 'string') {
    if (data instanceof type) return undefined;
    return new Error(`expected ${inspect(data)} to be an instance of ${type.name || 'supplied constructor'}`);
  }
  if (isOfType(type, data)) return undefined;
  return new Error(`expected ${inspect(data)} to be a${/^[aeiou]/.test(type) ? 'n' : ''} ${type}`);
}

function isOfType(type: string, data: unknown): boolean {
  switch (type) {
    case 'json':
      try {
        JSON.parse(data as string);
        return true;
      } catch {
        return false;
      }
    case 'array':
      return Array.isArray(data);
    default:
      return typeof data === type;
  }
}

function dataFailure(expected: unknown, data: unknown): unknown {
  if (expected instanceof RegExp) {
    if (expected.test(String(data))) return undefined;
    return new Error(`expected ${inspect(data)} to match ${inspect(expected)}`);
  }
  if (typeof expected === 'function') return (expected as DataCheck)(data);
  const isAsExpected = typeof expected === 'object' ? hasProperties(expected, data) : expected === data;
  return isAsExpected ? undefined : new Error(`expected ${inspect(data)} to equal ${inspect(expected)}`);
}

/** Whether both have the same keys, and each value is equal or matches. Nothing is like null, nor is null like anything. */
function hasProperties(expected: object | null, data: unknown): boolean {
  if (expected === null || data === null || data === undefined) return false;
  const keys = Object.keys(expected);
  if (!isLoosely(keys.sort(), Object.keys(data).sort())) return false;
  return keys.every((key) => {
    const wanted = (expected as Record<string, unknown>)[key];
    const value = (data as Record<string, unknown>)[key];
    if (wanted instanceof RegExp) return wanted.test(String(value));
    return typeof wanted === 'object' ? isLoosely(wanted, value) : wanted === value;
  });
}

/** Equality as `assert.deepEqual` has always had it: 1 equals '1'. */
function isLoosely(expected: unknown, value: unknown): boolean {
  try {
    assert.deepEqual(expected, value);
    return true;
  } catch {
    return false;
  }
}
