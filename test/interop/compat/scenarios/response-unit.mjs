// @ts-nocheck The libraries that are compared have no types.
// RpcResponse and the server's RpcConnection, made and used as frameworks do.
import { PassThrough } from 'node:stream';
import { call, rawCaller } from './wire.mjs';

const request = {
  packetId: 1,
  data: {
    serverSignature: 'com.test.Unit:1.0',
    interfaceName: 'com.test.Unit',
    methodName: 'hi',
    args: [],
  },
  options: { codecType: 'hessian2', protocolType: 'bolt', timeout: 3000 },
  meta: { size: 123, start: 1, rt: 0 },
};

/** A raw caller and the connection on which a server sees it. The service takes its time. */
async function connected(w) {
  const slow = async () => {
    await w.sleep(40);
    return 'slow';
  };
  const server = await w.server({}, { 'com.test.Direct': { slow } });
  const event = new Promise((resolve) => server.once('connection', resolve));
  const caller = await rawCaller(w, server);
  return { server, caller, connection: await event };
}

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'response/meta',
    title: 'a response starts with the meta of its request, and looks through to the connection',
    run(w) {
      const connection = { socket: {}, remoteAddress: '1.2.3.4:5', isClosed: false };
      const response = new w.lib.server.RpcResponse(request, connection);
      const withoutMeta = new w.lib.server.RpcResponse({ ...request, meta: null }, connection);
      const result = {
        meta: w.meta(response.meta),
        keys: Object.keys(response.meta),
        same: [
          response.req === request,
          response.connection === connection,
          response.socket === connection.socket,
        ],
        remoteAddress: response.remoteAddress,
        isClosed: response.isClosed,
        reqSize: withoutMeta.meta.reqSize,
      };
      connection.isClosed = true;
      return { ...result, isClosedNow: response.isClosed };
    },
  },
  {
    id: 'response/send',
    title: 'send hands request and answer to the connection, and takes over the size and time of the packet',
    async run(w) {
      const sent = [];
      const connection = {
        remoteAddress: '1.2.3.4:5',
        async send(req, res) {
          sent.push([req === request, res]);
          return { meta: { data: Buffer.of(1, 2), size: 2, encodeRT: 7 } };
        },
      };
      const response = new w.lib.server.RpcResponse(request, connection);
      const result = await response.send({ isError: false, errorMsg: null, appResponse: 'x' });
      const { data, resSize, responseEncodeRT, resultCode } = response.meta;
      return { result, sent, data, resSize, responseEncodeRT, resultCode };
    },
  },
  {
    id: 'response/send-fails',
    title: 'send fails with what the connection fails with, and leaves the meta',
    async run(w) {
      const connection = {
        async send() {
          throw new Error('cannot');
        },
      };
      const response = new w.lib.server.RpcResponse(request, connection);
      const failure = await w.caught(response.send({}));
      return { failure, resSize: response.meta.resSize, data: response.meta.data };
    },
  },
  {
    id: 'response/sent-by-a-listener',
    title: 'a response may be sent by who listens to requests of a connection',
    async run(w) {
      const slow = async () => {
        await w.sleep(40);
        return 'service';
      };
      const server = await w.server({}, { 'com.test.Own': { slow } });
      const metas = [];
      server.on('connection', (connection) => {
        connection.on('request', async (req) => {
          const response = new w.lib.server.RpcResponse(req, connection);
          await response.send({ isError: false, errorMsg: null, appResponse: 'listener' });
          metas.push([response.meta.resSize, response.meta.method]);
        });
      });
      const caller = await w.rawClient(server);
      const first = await caller.call({ serverSignature: 'com.test.Own:1.0', methodName: 'slow' });
      const second = await caller.next();
      return [first.data.appResponse, second.data.appResponse, metas];
    },
  },
  {
    id: 'response/connection-requires',
    title: 'a connection needs a socket and a logger',
    async run(w) {
      const { RpcConnection } = w.lib.server;
      return [
        await w.caught(() => new RpcConnection({ logger: w.logger })),
        await w.caught(() => new RpcConnection({ socket: new PassThrough() })),
      ];
    },
  },
  {
    id: 'response/connection-send',
    title: 'connection.send writes an answer, and resolves with its packet',
    async run(w) {
      const { caller, connection } = await connected(w);
      const requested = new Promise((resolve) => connection.once('request', resolve));
      const reply = caller.ask({ content: call({ service: 'com.test.Direct:1.0', method: 'slow' }) });
      const req = await requested;
      const packet = await connection.send(req, {
        isError: false,
        errorMsg: null,
        appResponse: { direct: true },
      });
      const { content, status } = await reply;
      return {
        packet: [packet.packetId, packet.packetType, packet.meta.size, typeof packet.meta.encodeRT],
        data: packet.meta.data.toString('hex').endsWith(content),
        content,
        status,
      };
    },
  },
  {
    id: 'response/connection-send-fails',
    title: 'connection.send rejects with what cannot be written, and nothing is sent',
    async run(w) {
      const { caller, connection } = await connected(w);
      const requested = new Promise((resolve) => connection.once('request', resolve));
      const reply = caller.ask({ content: call({ service: 'com.test.Direct:1.0', method: 'slow' }) });
      const req = await requested;
      const failure = await w.caught(connection.send(req, { isError: false, appResponse: 1n }));
      const { status, content } = await reply;
      return { failure, status, content: content.slice(-14), frames: caller.frames.length };
    },
  },
  {
    id: 'response/answer-forms',
    title: 'answers that are sent with isError, errorMsg or status alone',
    async run(w) {
      const forms = [
        { appResponse: 'x' },
        { isError: false, errorMsg: 'ignored', appResponse: 'x' },
        { errorMsg: 'a message alone' },
        { isError: true },
        { isError: true, errorMsg: 'a message', appResponse: new TypeError('an error') },
        { isError: false, errorMsg: null, appResponse: 'x', responseProps: { a: '1', b: '2' } },
        { status: 4 },
        { status: 7 },
        { status: 9, errorMsg: 'by status' },
        { isError: true, errorMsg: 'x', status: 0 },
      ];
      class Forms extends w.lib.server.RpcService {
        async invoke(_ctx, req, res) {
          await res.send({ ...forms[req.data.args[0]] });
        }
      }
      const server = await w.server({ serviceClass: Forms }, { 'com.test.Forms': {} });
      const caller = await w.rawClient(server);
      const answers = [];
      for (const index of forms.keys()) {
        const packet = await caller.call({
          serverSignature: 'com.test.Forms:1.0',
          methodName: 'm',
          args: [index],
        });
        answers.push(packet.data);
      }
      return answers;
    },
  },
  {
    id: 'response/surplus-arguments',
    title: 'arguments beyond the signatures of a request are not read',
    async run(w) {
      const server = await w.server({}, { 'com.test.More': { count: async (...args) => args.length } });
      const caller = await rawCaller(w, server);
      const service = 'com.test.More:1.0';
      const { content } = await caller.ask({
        content: call({ service, method: 'count', sigs: ['int'], args: ['91', '92'] }),
      });
      return content.slice(-8);
    },
  },
];
