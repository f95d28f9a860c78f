import { describe, expect, test, vi } from 'vitest';
import type { ResponseData } from '../../../src/compat/bolt/frames.js';
import { RpcResponse } from '../../../src/compat/server/rpc-response.js';
import { RpcService, type RpcServiceOptions } from '../../../src/compat/server/rpc-service.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { watched } from '../../support/network.js';
import { GREETER, keptLines, requestOf } from './serve.js';

/** A service and the answer it gives; `gone`: its caller's connection has closed. */
function setUp(options: Partial<RpcServiceOptions> = {}) {
  const clock = new FakeClock(1_700_000_000_000);
  const { logger, lines } = keptLines();
  const service = new RpcService({
    interfaceName: 'com.acme.Greeter',
    version: '1.0',
    group: 'SOFA',
    delegate: GREETER,
    logger,
    clock,
    ...options,
  });
  const sent: ResponseData[] = [];
  const call = async (
    req = requestOf('hello', ['Ann']),
    { ctx = null as object | null, gone = false } = {},
  ) => {
    const res = new RpcResponse(req, {
      socket: {} as never,
      remoteAddress: '10.0.0.9:4321',
      isClosed: gone,
      options: { clock },
      send: async (_req, data) => {
        sent.push(data);
        const meta = {
          data: Buffer.alloc(7),
          size: 7,
          start: 0,
          encodeRT: 2,
          codecType: '',
          protocolType: '',
        };
        return { packetId: 1, packetType: 'response', req, res: data, meta };
      },
    });
    await service.invoke(ctx as never, req, res);
    return res;
  };
  return { service, clock, lines, sent, call };
}

test('an id has the uniqueId where there is one', () => {
  expect(setUp().service.id).toBe('com.acme.Greeter:1.0');
  expect(setUp({ uniqueId: 'blue' }).service.id).toBe('com.acme.Greeter:1.0:blue');
  expect(() => new RpcService({} as never)).toThrow('[RpcService] options.interfaceName is required');
});

test('answers with what the method returns, and notes how', async () => {
  const { sent, call } = setUp({ apiMeta: { classMaps: { 'a.B': {} } } });
  const res = await call();
  expect(sent).toEqual([
    { isError: false, errorMsg: null, appResponse: 'hello Ann', classMap: { 'a.B': {} } },
  ]);
  expect(res.meta).toMatchObject({
    resultCode: '00',
    serviceName: 'com.acme.Greeter:1.0',
    method: 'hello',
    remoteIp: '10.0.0.9:4321',
    reqSize: 100,
    resSize: 7,
    responseEncodeRT: 2,
    data: Buffer.alloc(7),
  });
});

test('the context is `this`, and req.method goes before the delegate', async () => {
  const ctx = { name: 'Bob' };
  const own = {
    async hello(this: typeof ctx) {
      return this.name;
    },
  };
  const { sent, call } = setUp({ delegate: own });
  await call(undefined, { ctx });
  await call({ ...requestOf('hello'), method: async () => 'injected' });
  expect(sent.map(({ appResponse }) => appResponse)).toEqual(['Bob', 'injected']);
});

test.each(['sync', 'nothing', 'constructor'])('%s is no method: it is no async function', async (name) => {
  const { sent, call, lines } = setUp();
  const res = await call(requestOf(name));
  const errorMsg = `Can not find method: com.acme.Greeter:1.0#${name}()`;
  expect(sent).toEqual([{ isError: true, errorMsg, appResponse: null, classMap: undefined }]);
  expect(res.meta.resultCode).toBe('04');
  expect(lines).toEqual([]);
});

describe('what a method throws', () => {
  const thrown = async (error: object, ctx: object | null = null) => {
    const delegate = {
      async hello() {
        throw error;
      },
    };
    const { sent, call, lines } = setUp({ delegate });
    const { meta } = await call(undefined, { ctx });
    return { answer: sent[0], code: meta.resultCode, lines };
  };

  test('is answered, and logged', async () => {
    const { answer, code, lines } = await thrown(new Error('no such person'));
    expect(answer).toMatchObject({ isError: true, errorMsg: 'no such person' });
    expect(answer.appResponse).toEqual({ $class: 'java.lang.Exception', $: new Error('no such person') });
    expect([code, lines]).toEqual(['01', ['error: no such person']]);
  });

  test('may say its code, that the framework has failed, and that it is not worth a line', async () => {
    const error = (more: object) => Object.assign(new Error('x'), more);
    expect((await thrown(error({ name: 'SystemError' }))).code).toBe('02');
    expect((await thrown(error({ name: 'SystemError', resultCode: '09' }))).code).toBe('09');
    expect((await thrown(error({ resultCode: '07' }))).code).toBe('07');
    expect((await thrown(error({ ignoreLog: true }))).lines).toEqual([]);
  });

  test("is logged by the context's logger, where it has one", async () => {
    const { logger, lines: own } = keptLines();
    const { lines } = await thrown(new Error('x'), { logger });
    expect([own, lines]).toEqual([['error: x'], []]);
  });
});

test('nothing is answered once the timeout has passed', async () => {
  const { clock, sent, call, lines } = setUp({
    delegate: { hello: async (ms: number) => clock.advance(ms) },
  });
  const late = await call(requestOf('hello', [50], { timeout: 50 }));
  expect(late.meta).toMatchObject({ rt: 50, resultCode: '03' });
  expect(sent).toEqual([]);
  const line =
    'warn: [RpcService] service: com.acme.Greeter:1.0#hello() process timeout, rt: 50, timeout: 50';
  expect(lines).toEqual([line]);
  expect((await call(requestOf('hello', [49], { timeout: 50 }))).meta).toMatchObject({
    rt: 49,
    resultCode: '00',
  });
  await call(requestOf('hello', [5_000], { timeout: 0 }));
  expect(sent.length).toBe(2);
});

test('nothing is answered to whom nobody reaches', async () => {
  const { sent, call, lines } = setUp();
  await call(undefined, { gone: true });
  expect(sent).toEqual([]);
  expect(lines).toEqual([
    'warn: [RpcService] client maybe closed before sending response, remote address: 10.0.0.9:4321',
  ]);
});

describe('the Java type of a result', () => {
  const { service } = setUp({
    apiMeta: { methods: [{ name: 'hello', returnType: 'java.util.List', generic: [{ type: 'int' }] }] },
  });
  const typed = { $class: 'java.util.List', $: [1], generic: [{ type: 'int' }] };
  const own = { $class: 'java.util.Set', $: [1] };

  test.each([
    ['is what apiMeta says', 'hello', [1], typed],
    ['is its own where it has one', 'hello', own, own],
    ['is not known of another method', 'other', [1], [1]],
    ['is not looked for in what every object has', 'constructor', [1], [1]],
    ['is not that of nothing', 'hello', null, null],
  ])('%s', (_, method, result, expected) => {
    expect(service.convertResult(requestOf(method), result)).toEqual(expected);
  });

  test('is no matter for protobuf', () => {
    const req = requestOf('hello');
    req.options.codecType = 'protobuf';
    expect(service.convertResult(req, [1])).toEqual([1]);
    expect(service.convertResult(req, new Error('x'))).toBeInstanceOf(Error);
  });
});

describe('announcing', () => {
  const URL_OF_SERVER = "bolt://10.0.0.1:12200?pid=1&appName=it's me";

  function announced(options: Partial<RpcServiceOptions> = {}) {
    const listeners: ((addresses: string[]) => void)[] = [];
    const registry = {
      register: vi.fn(async () => undefined),
      unRegister: vi.fn(async () => undefined),
      subscribe: vi.fn((_: object, listener: (addresses: string[]) => void) => void listeners.push(listener)),
      unSubscribe: vi.fn(),
    };
    return { ...setUp({ registry, ...options }), registry, show: (list: string[]) => listeners[0](list) };
  }

  test('tells where, which service, and what customMeta adds', () => {
    const customMeta = { zone: 'a', version: '9', nothing: undefined };
    const { service } = setUp({ customMeta });
    expect(service.normalizeReg('bolt://10.0.0.1:12200?pid=1&group=x')).toEqual({
      interfaceName: 'com.acme.Greeter',
      version: '1.0',
      group: 'SOFA',
      zone: 'a',
      url: 'bolt://10.0.0.1:12200?pid=1&group=SOFA&interface=com.acme.Greeter&version=1.0&zone=a',
    });
    expect(setUp({ customMeta: 'x' as never }).service.customMeta).toEqual({});
  });

  test('is done when the registry shows it, also under a name that is written in more ways than one', async () => {
    const { service, registry, show } = announced();
    const publishing = watched(service.publish(URL_OF_SERVER));
    await Promise.resolve().then(() => undefined);
    const [told] = registry.register.mock.calls[0] as unknown as [{ url: string }];
    expect(told).toEqual(service.normalizeReg(URL_OF_SERVER));
    expect(service.publishUrl).toBe(told.url);
    show(['no address', 'bolt://10.0.0.2:12200?pid=1']);
    await Promise.resolve();
    expect([publishing.state, registry.unSubscribe.mock.calls.length]).toEqual(['pending', 0]);
    show([told.url]);
    await new Promise(setImmediate);
    expect(publishing.state).toBe('resolved');
    expect(registry.unSubscribe).toHaveBeenCalledWith(told, registry.subscribe.mock.calls[0][1]);
    await service.unPublish();
    expect(registry.unRegister).toHaveBeenCalledWith(told);
  });

  test('fails as the registry does', async () => {
    const { service, registry } = announced();
    registry.register.mockRejectedValue(new Error('registry is down'));
    await expect(service.publish(URL_OF_SERVER)).rejects.toThrow('registry is down');
  });

  test('is nothing without a registry, and is not taken back before it was made', async () => {
    const { service } = setUp();
    await service.publish(URL_OF_SERVER);
    expect(service.publishUrl).toBeUndefined();
    const { service: other, registry } = announced();
    await other.unPublish();
    expect(registry.unRegister).not.toHaveBeenCalled();
  });
});
