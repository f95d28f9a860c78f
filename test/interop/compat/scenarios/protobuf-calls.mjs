// @ts-nocheck The libraries that are compared have no types.
// Protobuf on Bolt: headers, messages, errors. Methods are kept by the predecessor by service and name alone, whatever the
// proto: each scenario has services of its own.
import { bundledWithOld } from '../world/libraries.mjs';
import { partsOf, rawCaller, rawProvider } from './wire.mjs';

const PROTO = (name) => `
syntax = "proto3";
package com.test.pb.${name};
service Greeter {
  rpc greet (GreetRequest) returns (GreetResponse);
  rpc all (All) returns (All);
  rpc fail (GreetRequest) returns (GreetResponse);
  rpc nothing (Empty) returns (Empty);
}
message Empty {}
message GreetRequest {
  string name = 1;
  Group group = 2;
}
message GreetResponse {
  int32 code = 1;
  string message = 2;
}
enum Group {
  A = 0;
  B = 1;
}
message All {
  string text = 1;
  int64 big = 2;
  double real = 3;
  bool flag = 4;
  bytes raw = 5;
  repeated int32 list = 6;
  map<string, int32> counts = 7;
  GreetRequest nested = 8;
  uint64 unsigned = 9;
  repeated GreetRequest nestedList = 10;
  oneof choice {
    string left = 11;
    int32 right = 12;
  }
}
`;

function protoOf(name) {
  const { root } = bundledWithOld('protobufjs').parse(PROTO(name));
  return { proto: root.resolveAll(), service: `com.test.pb.${name}.Greeter` };
}

const delegate = {
  async greet(req) {
    return { code: 200, message: `hello ${req.name}, you are in ${req.group}` };
  },
  async all(req) {
    return req;
  },
  async fail() {
    throw Object.assign(new TypeError('protobuf failure'), { code: 7 });
  },
  async nothing() {
    return {};
  },
};

/** A server and a consumer that speak protobuf. */
async function pair(w, name, { serverOptions = {}, clientOptions = {}, methods = delegate } = {}) {
  const { proto, service } = protoOf(name);
  const server = await w.server({ proto, codecType: 'protobuf', ...serverOptions }, { [service]: methods });
  server.on('error', () => {});
  const client = w.client({ connectionOpts: { proto }, ...clientOptions });
  const consumer = client.createConsumer({ interfaceName: service, serverHost: w.hostOf(server) });
  return {
    proto,
    service,
    server,
    client,
    consumer,
    ask: (method, args, options) =>
      w.caught(consumer.invoke(method, args, { codecType: 'protobuf', ...options })),
  };
}

/** A header's map as Bolt writes it. */
function headerOf(map) {
  const parts = [];
  for (const text of Object.entries(map).flat()) {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts).toString('hex');
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'protobuf/call',
    title: 'a call in protobuf: the message that comes, its toObject, and the answer',
    async run(w) {
      const seen = [];
      const { consumer, ask } = await pair(w, 'call', {
        methods: {
          ...delegate,
          async greet(req) {
            seen.push([
              w.plain(req),
              req.constructor.name,
              w.plain(req.toObject()),
              w.plain(req.toObject({ enums: String })),
            ]);
            return delegate.greet(req);
          },
        },
      });
      const first = await ask('greet', [{ name: 'Ann', group: 'B' }]);
      const second = await ask('greet', [{ name: 'Bob', group: 1 }]);
      const message = await consumer.invoke('greet', [{ name: '中😀' }], { codecType: 'protobuf' });
      return {
        seen,
        first,
        second,
        message: [
          message.constructor.name,
          message.toObject(),
          Object.keys(message),
          JSON.stringify(message),
        ],
      };
    },
  },
  {
    id: 'protobuf/values',
    title: 'fields of each type there and back, and absent ones',
    async run(w) {
      const { ask } = await pair(w, 'values');
      const all = {
        text: 'text 中',
        big: '9007199254740993',
        real: 1.5,
        flag: true,
        raw: Buffer.of(1, 2, 3),
        list: [1, -2, 3],
        counts: { a: 1, b: 2 },
        nested: { name: 'n', group: 'B' },
        unsigned: 42,
        nestedList: [{ name: 'x' }, {}],
        right: 7,
      };
      return [await ask('all', [all]), await ask('all', [{}]), await ask('all', [{ left: 'l', extra: 1 }])];
    },
  },
  {
    id: 'protobuf/wrong-arguments',
    title: 'arguments that are no message, missing ones, and fields of the wrong type',
    async run(w) {
      const { ask } = await pair(w, 'wrong');
      const outcomes = [];
      for (const args of [[{ name: 5 }], [{ group: 'C' }], [{ name: 'x' }, { name: 'surplus' }]])
        outcomes.push(await ask('greet', args));
      return outcomes;
    },
  },
  {
    id: 'protobuf/request-frame',
    title:
      'the frame of a request: its header with method, target and properties, flattened, and its content',
    async run(w) {
      const { proto, service } = protoOf('requestframe');
      const provider = await rawProvider(w, () => ({
        codec: 11,
        className: 'com.alipay.sofa.rpc.core.response.SofaResponse',
        content: '',
      }));
      const client = w.client({ connectionOpts: { proto } });
      const frames = [];
      for (const [consumerOptions, args, requestProps] of [
        [{}, [{ name: 'Ann' }], undefined],
        [
          { targetAppName: 'app' },
          [{}],
          {
            rpc_trace_context: { sofaTraceId: 't', sofaRpcId: '0', n: 5, deep: { x: 'y' } },
            flag: true,
            nil: null,
            text: '中',
          },
        ],
        [{ version: '2.0' }, [{ name: 'v2' }], {}],
      ]) {
        const consumer = client.createConsumer({
          interfaceName: service,
          serverHost: provider.host,
          ...consumerOptions,
        });
        await consumer.invoke('greet', args, { codecType: 'protobuf', requestProps });
        const { id, header, ...parts } = partsOf(provider.frames.at(-1));
        frames.push({
          ...parts,
          header: Buffer.from(header, 'hex')
            .toString('utf8')
            .replace(/[^\x20-\x7e\u4e00-\u9fff]/g, '.'),
          length: header.length,
        });
      }
      return frames;
    },
  },
  {
    id: 'protobuf/response-frame',
    title:
      'the frame of an answer: its header says whether it is an error, the content is the message or the text',
    async run(w) {
      const { proto, service } = protoOf('responseframe');
      const server = await w.server({ proto, codecType: 'protobuf' }, { [service]: delegate });
      server.on('error', () => {});
      const caller = await rawCaller(w, server);
      const ask = async (method, content = '0a03416e6e') => {
        const header = headerOf({
          service: `${service}:1.0`,
          sofa_head_method_name: method,
          sofa_head_target_app: '',
          sofa_head_target_service: `${service}:1.0`,
        });
        const { id, className, ...parts } = await caller.ask({ codec: 11, header, content });
        return {
          ...parts,
          header: Buffer.from(parts.header, 'hex')
            .toString('latin1')
            .replace(/[^\x20-\x7e]/g, '.'),
        };
      };
      return [await ask('greet'), await ask('greet', ''), await ask('nothing', ''), await ask('fail')];
    },
  },
  {
    id: 'protobuf/errors',
    title: 'errors in protobuf: of the method, of the service, and returned ones',
    async run(w) {
      const { ask, server, client, proto } = await pair(w, 'errors', {
        methods: {
          ...delegate,
          async greet() {
            return new RangeError('returned');
          },
        },
      });
      const codes = [];
      server.on('response', ({ req, res }) => codes.push([req.data.methodName, res.meta.resultCode]));
      const consumer = client.createConsumer({
        interfaceName: 'com.test.pb.errors.Greeter',
        version: '9',
        serverHost: w.hostOf(server),
      });
      const outcomes = [
        await ask('fail', [{}]),
        await ask('greet', [{}]),
        await w.caught(consumer.invoke('greet', [{}], { codecType: 'protobuf' })),
      ];
      await w.until(() => codes.length === 3);
      return { outcomes, codes, proto: typeof proto };
    },
  },
  {
    id: 'protobuf/unknown-method',
    title: 'a method that the proto does not have, and a service that it does not have',
    async run(w) {
      const { ask, client, server } = await pair(w, 'unknown');
      const consumer = client.createConsumer({
        interfaceName: 'com.test.pb.unknown.Absent',
        serverHost: w.hostOf(server),
      });
      return [
        await ask('absent', [{}]),
        await w.caught(consumer.invoke('greet', [{}], { codecType: 'protobuf' })),
        (await ask('greet', [{ name: 'after' }])).value.message,
      ];
    },
  },
  {
    id: 'protobuf/request-event',
    title: 'the request that the server emits: properties from the header, the trace as a tree',
    async run(w) {
      const { server, ask } = await pair(w, 'event');
      const event = new Promise((resolve) =>
        server.once('request', ({ req }) => {
          const { proto, ...options } = req.options;
          resolve({
            data: w.plain(req.data),
            className: req.className,
            options: w.plain(options),
            proto: typeof proto,
          });
        }),
      );
      await ask('greet', [{ name: 'x' }], {
        requestProps: { rpc_trace_context: { sofaTraceId: 't1', sofaRpcId: '0' }, own: 'value', n: 5 },
      });
      return event;
    },
  },
  {
    id: 'protobuf/both-codecs',
    title: 'one server answers hessian and protobuf, each call in its own',
    async run(w) {
      const { proto, service } = protoOf('both');
      const server = await w.server(
        { proto },
        {
          [service]: {
            async greet(req) {
              return { code: 1, message: `hello ${req.name}` };
            },
          },
        },
      );
      const consumer = w
        .client({ connectionOpts: { proto } })
        .createConsumer({ interfaceName: service, serverHost: w.hostOf(server) });
      const calls = [undefined, 'protobuf', 'hessian2', 'protobuf'].map((codecType) =>
        consumer.invoke('greet', [{ name: codecType ?? 'default' }], { codecType }),
      );
      return (await Promise.all(calls)).map((value) => [value.constructor.name, value.message]);
    },
  },
  {
    id: 'protobuf/codec-of-the-address',
    title: 'serialization=protobuf in an address makes calls there protobuf',
    async run(w) {
      const { proto, service } = protoOf('address');
      const server = await w.server(
        { proto, codecType: 'protobuf', publishAddress: '127.0.0.1' },
        { [service]: delegate },
      );
      const client = w.client({ connectionOpts: { proto } });
      const codecs = [];
      server.on('request', ({ req }) => codecs.push(req.options.codecType));
      const consumer = client.createConsumer({ interfaceName: service, serverHost: server.url });
      const meta = new Promise((resolve) =>
        consumer.once('response', ({ req }) => resolve(req.meta.codecType)),
      );
      const message = await consumer.invoke('greet', [{ name: 'x' }]);
      return { codecs, message: message.message, meta: await meta };
    },
  },
  {
    id: 'protobuf/protocol-options',
    title: 'setOptions({ proto }) of the protocol is for all clients and servers',
    async run(w) {
      const { proto, service } = protoOf('global');
      w.bolt.setOptions({ proto });
      w.after(() => w.bolt.setOptions({ proto: undefined }));
      const server = await w.server({ codecType: 'protobuf' }, { [service]: delegate });
      const consumer = w.client().createConsumer({ interfaceName: service, serverHost: w.hostOf(server) });
      const message = await consumer.invoke('greet', [{ name: 'x' }], { codecType: 'protobuf' });
      return message.message;
    },
  },
  {
    id: 'protobuf/test-helper',
    title: 'the test helper speaks the codec of its server',
    async run(w) {
      const { proto, service } = protoOf('helper');
      const server = new w.lib.server.RpcServer({
        logger: w.logger,
        port: await w.port(),
        publishAddress: '127.0.0.1',
        proto,
        codecType: 'protobuf',
      });
      server.addService(service, delegate);
      w.after(() => server.close());
      const ask = (method, args) => w.lib.test(server).service(service).invoke(method).send(args);
      const { data } = await ask('greet', [{ name: 'x', group: 'B' }]).expect({
        code: 200,
        message: /hello x/,
      });
      const failed = await ask('fail', [{}]).error(/protobuf failure/);
      return { data, error: failed.responseError };
    },
  },
  {
    id: 'protobuf/empty-content',
    title: 'an answer without content, a request without content',
    async run(w) {
      const { ask } = await pair(w, 'empty');
      return [await ask('nothing', [{}]), await ask('greet', [{}])];
    },
  },
  {
    id: 'protobuf/meta',
    title: 'the meta of a protobuf request',
    async run(w) {
      const { consumer } = await pair(w, 'meta');
      const metas = [];
      consumer.on('response', ({ req }) => {
        const { codecType, boltVersion, crcEnable, resultCode, reqSize, resSize } = req.meta;
        // The frame of an error names another class now (class-cast).
        metas.push({
          codecType,
          boltVersion,
          crcEnable,
          resultCode,
          reqSize,
          resSize: resultCode === '00' && resSize,
        });
      });
      await consumer.invoke('greet', [{ name: 'x' }], { codecType: 'protobuf' });
      await w.caught(consumer.invoke('fail', [{}], { codecType: 'protobuf' }));
      return metas;
    },
  },
];
