// @ts-nocheck The libraries that are compared have no types.
// RpcService, made and called as frameworks do that extend it.

/** A service, and what `invoke` gives a response to send. */
function serviceOf(w, options, delegate) {
  const service = new w.lib.server.RpcService({
    logger: w.logger,
    interfaceName: 'com.test.Unit',
    version: '1.0',
    group: 'SOFA',
    delegate,
    ...options,
  });
  return service;
}

const request = (methodName, args = [], options = {}) => ({
  data: { methodName, args, serverSignature: 'com.test.Unit:1.0' },
  options: { codecType: 'hessian2', timeout: 3000, ...options },
  meta: { size: 0 },
});

/** A response that keeps what is sent. */
function fakeResponse({ isClosed = false, start = Date.now() } = {}) {
  const sent = [];
  return {
    sent,
    meta: { start, rt: 0, resultCode: '00' },
    isClosed,
    remoteAddress: '1.2.3.4:5',
    async send(data) {
      sent.push(data);
    },
  };
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'service/requires-interface',
    title: 'a service needs an interface, and nothing else',
    async run(w) {
      const { RpcService } = w.lib.server;
      const { id, version, uniqueId, group, customMeta, isReady, returnTypes } = new RpcService({
        interfaceName: 'a.B',
      });
      return [
        await w.caught(() => new RpcService()),
        await w.caught(() => new RpcService({})),
        { id, version, uniqueId, group, customMeta, isReady, returnTypes },
      ];
    },
  },
  {
    id: 'service/fields',
    title: 'what a service keeps of its options',
    run(w) {
      const delegate = {};
      const registry = {};
      const app = {};
      const classMaps = { 'a.B': {} };
      const apiMeta = { methods: [{ name: 'hi', returnType: 'java.lang.String' }], classMaps };
      const service = serviceOf(
        w,
        { appName: 'shop', uniqueId: 'u', registry, app, apiMeta, customMeta: { a: 1 } },
        delegate,
      );
      const { id, interfaceName, version, uniqueId, group, appName, customMeta, publishUrl } = service;
      return {
        id,
        interfaceName,
        version,
        uniqueId,
        group,
        appName,
        customMeta,
        publishUrl,
        same: [
          service.delegate === delegate,
          service.registry === registry,
          service.app === app,
          service.apiMeta === apiMeta,
          service.classMaps === classMaps,
          service.logger === w.logger,
        ],
      };
    },
  },
  {
    id: 'service/return-types',
    title: 'the return types of the methods that apiMeta tells of',
    run: (w) => {
      const generic = [{ type: 'java.lang.String' }];
      const methods = [
        { name: 'one', returnType: 'int' },
        { name: 'two', returnType: 'java.util.List', generic, parameterTypes: ['int'] },
        { name: 'three' },
        { name: 'one', returnType: 'long' },
      ];
      return [
        serviceOf(w, { apiMeta: { methods } }).returnTypes,
        serviceOf(w, { apiMeta: {} }).returnTypes,
        serviceOf(w, { apiMeta: null }).returnTypes,
        serviceOf(w, { apiMeta: {} }).classMaps,
      ];
    },
  },
  {
    id: 'service/convert-result',
    title: 'what a method returns is wrapped as its return type, unless it is a Java value already',
    run(w) {
      const service = serviceOf(w, {
        apiMeta: {
          methods: [
            { name: 'number', returnType: 'java.lang.Long' },
            { name: 'list', returnType: 'java.util.List', generic: [{ type: 'a.B' }] },
            { name: 'untyped' },
          ],
        },
      });
      const convert = (method, result, codecType = 'hessian2') =>
        service.convertResult(request(method, [], { codecType }), result);
      return [
        convert('number', 5),
        convert('number', 0),
        convert('number', null),
        convert('number', undefined),
        convert('number', false),
        convert('number', { $class: 'a.C', $: 1 }),
        convert('number', new Error('an error')),
        convert('number', 5, 'protobuf'),
        convert('number', new Error('an error'), 'protobuf'),
        convert('list', [1]),
        convert('untyped', 'x'),
        convert('unknown', { a: 1 }),
        convert('unknown', new TypeError('wrong')),
      ];
    },
  },
  {
    id: 'service/normalize-registration',
    title: 'normalizeReg adds interface, version, group and customMeta to the url, and overwrites them there',
    run(w) {
      const url = 'bolt://1.2.3.4:12200?a=1&version=old&zone=x';
      return [
        serviceOf(w).normalizeReg(url),
        serviceOf(w, { customMeta: { zone: 'z', a: 2, n: 0, empty: '', flag: false } }).normalizeReg(url),
        serviceOf(w, { version: '2.0', group: 'G', uniqueId: 'u' }).normalizeReg(url),
      ];
    },
  },
  {
    id: 'service/publish-waits-for-its-url',
    title: 'publish waits until the registry lists the url, and no other',
    async run(w) {
      const order = [];
      let listener;
      const registry = {
        async register(reg) {
          order.push(['register', reg.url]);
        },
        subscribe(reg, fn) {
          order.push(['subscribe', reg.interfaceName, reg.version, reg.group]);
          listener = fn;
        },
        unSubscribe(_reg, fn) {
          order.push(['unSubscribe', fn === listener]);
        },
        async unRegister(reg) {
          order.push(['unRegister', reg.url]);
        },
      };
      const service = serviceOf(w, { registry });
      const published = service.publish('bolt://1.2.3.4:1?pid=1').then(() => order.push('published'));
      await w.until(() => listener);
      for (const list of [[], ['bolt://1.2.3.4:2?pid=1'], [service.publishUrl]]) {
        order.push(['list', list.length]);
        listener(list);
        await w.sleep(2);
      }
      await published;
      await service.unPublish();
      return order;
    },
  },
  {
    id: 'service/publish-without-registry',
    title: 'without a registry, or before it was published, there is nothing to take back',
    async run(w) {
      const calls = [];
      const registry = { unRegister: async () => calls.push('unRegister') };
      const service = serviceOf(w);
      return [
        await service.publish('bolt://1.2.3.4:1'),
        service.publishUrl,
        await service.unPublish(),
        await serviceOf(w, { registry }).unPublish(),
        calls,
      ];
    },
  },
  {
    id: 'service/invoke',
    title: 'invoke calls the method with the context, and sends the answer',
    async run(w) {
      const classMaps = { 'a.B': { x: { type: 'int' } } };
      const service = serviceOf(
        w,
        { apiMeta: { methods: [{ name: 'typed', returnType: 'a.B' }], classMaps } },
        {
          async echo(...args) {
            return [this?.name ?? null, ...args];
          },
          async typed() {
            return { x: 1 };
          },
          async nothing() {},
        },
      );
      const sent = [];
      for (const [ctx, req] of [
        [null, request('echo', [1, 'two'])],
        [{ name: 'context' }, request('echo')],
        [null, request('typed')],
        [null, request('nothing')],
        [null, request('gone')],
        [null, { ...request('gone'), method: async (x) => `injected ${x}` }],
      ]) {
        const res = fakeResponse();
        await service.invoke(ctx, req, res);
        sent.push([res.sent, res.meta.resultCode, typeof res.meta.rt]);
      }
      return sent;
    },
  },
  {
    id: 'service/invoke-failures',
    title: 'invoke sends what a method threw, with its result code, and logs it',
    async run(w) {
      const service = serviceOf(
        w,
        {},
        {
          async fail(fields) {
            throw Object.assign(new Error('failed'), fields);
          },
          async text() {
            throw 'text';
          },
        },
      );
      const outcomes = [];
      for (const [method, fields] of [
        ['fail', {}],
        ['fail', { name: 'SystemError' }],
        ['fail', { name: 'SystemError', resultCode: '08' }],
        ['fail', { resultCode: '07', ignoreLog: true }],
        ['text'],
      ]) {
        const res = fakeResponse();
        await service.invoke(null, request(method, [fields]), res);
        outcomes.push([res.sent, res.meta.resultCode]);
      }
      return { outcomes, logs: w.logs };
    },
  },
  {
    id: 'service/invoke-too-late',
    title: 'invoke sends nothing once the time is over, or the connection is closed',
    async run(w) {
      const service = serviceOf(w, {}, { echo: async (value) => value });
      const contextLogs = [];
      const logger = {
        warn: (...args) => contextLogs.push(w.mask.text(args.join(' ')).replace(/\d{3,}/, '<n>')),
      };
      const outcomes = [];
      for (const [ctx, options, response] of [
        [null, { timeout: 20 }, { start: Date.now() - 25 }],
        [{ logger }, { timeout: 20 }, { start: Date.now() - 1000 }],
        [null, { timeout: 0 }, { start: Date.now() - 1000 }],
        [null, {}, { isClosed: true }],
      ]) {
        const res = fakeResponse(response);
        await service.invoke(ctx, request('echo', ['x'], options), res);
        outcomes.push([res.sent.length, res.meta.resultCode]);
      }
      return { outcomes, logs: w.logs, contextLogs: contextLogs.length };
    },
  },
  {
    id: 'service/overridden-invoke',
    title: 'a subclass may answer by itself',
    async run(w) {
      class Cached extends w.lib.server.RpcService {
        async invoke(ctx, req, res) {
          if (req.data.methodName !== 'cached') return super.invoke(ctx, req, res);
          await res.send({ isError: false, errorMsg: null, appResponse: 'from the cache' });
        }
        convertResult(req, result) {
          return typeof result === 'number'
            ? { $class: 'java.lang.Long', $: result }
            : super.convertResult(req, result);
        }
      }
      const server = await w.server(
        { serviceClass: Cached },
        { 'com.test.Cached': { real: async () => 'real', number: async () => 7 } },
      );
      const caller = await w.rawClient(server);
      const ask = async (methodName) => {
        const { data } = await caller.call({ serverSignature: 'com.test.Cached:1.0', methodName });
        return [data.appResponse, caller.frames.at(-1).hex.slice(-8)];
      };
      return [await ask('cached'), await ask('real'), await ask('number')];
    },
  },
];
