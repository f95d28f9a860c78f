// @ts-nocheck The libraries that are compared have no types.
// The events of an RpcServer and what they carry, its connections, and the frames that it answers.
import { call, rawCaller, requestFrame } from './wire.mjs';

const SERVICE = 'com.test.Events';
const SIGNATURE = `${SERVICE}:1.0`;

const serve = (w, delegate, options) => w.server(options, { [SERVICE]: delegate });
const fieldsOf = (object, names) => Object.fromEntries(names.map((name) => [name, object[name]]));
const throwUnless = (isSo, what) => {
  if (!isSo) throw new Error(JSON.stringify(what));
};

/** @type {import('../world/world.mjs').Scenario[]} */
export default [
  {
    id: 'server/event-order',
    title: 'listening, connection, request, response, close: in this order, each once for what it tells of',
    async run(w) {
      const server = new w.lib.server.RpcServer({ logger: w.logger, port: await w.port() });
      const order = [];
      for (const name of ['listening', 'connection', 'request', 'response', 'close', 'error'])
        server.on(name, () => order.push(name));
      server.addService(SERVICE, {
        async hi() {
          order.push('method');
          return 'hi';
        },
      });
      await server.start();
      const caller = await w.rawClient(server);
      await caller.call({ serverSignature: SIGNATURE, methodName: 'hi' });
      await caller.call({ serverSignature: SIGNATURE, methodName: 'hi' });
      await w.until(() => order.filter((name) => name === 'response').length === 2);
      await server.close();
      return order;
    },
  },
  {
    id: 'server/request-event',
    title: 'request: the packet with its data, options and meta, and no context',
    async run(w) {
      const server = await serve(w, { hi: async () => 'hi' });
      const event = new Promise((resolve) =>
        server.once('request', ({ req, ctx, ...more }) =>
          resolve({ req: w.plain({ ...req, meta: w.meta(req.meta) }), ctx, more }),
        ),
      );
      const caller = await w.rawClient(server);
      await caller.call({
        serverSignature: SIGNATURE,
        methodName: 'hi',
        args: [1, 'two', { three: [3] }],
        targetAppName: 'app',
        requestProps: { service: SIGNATURE, rpc_trace_context: { sofaTraceId: 't1' } },
        timeout: 2500,
      });
      return event;
    },
  },
  {
    id: 'server/response-event',
    title: 'response: the request, the response with its meta and times, and no context',
    async run(w) {
      const server = await serve(w, { hi: async (value) => value });
      const event = new Promise((resolve) =>
        server.once('response', ({ req, res, ctx, ...more }) =>
          resolve({
            meta: w.plain({ ...w.meta(res.meta), data: res.meta.data }),
            isOfRequest: res.req === req,
            method: req.data.methodName,
            ctx,
            more,
            res: [res.constructor.name, res.remoteAddress, res.isClosed],
            socket: res.socket === res.connection.socket,
          }),
        ),
      );
      const caller = await w.rawClient(server);
      await caller.call({ serverSignature: SIGNATURE, methodName: 'hi', args: ['x'] });
      return event;
    },
  },
  {
    id: 'server/response-event-of-errors',
    title: 'response meta of a call that failed, of one without a method, and of one without a service',
    async run(w) {
      const server = await serve(w, {
        async fail() {
          throw new Error('failed');
        },
      });
      server.on('error', () => {});
      const metas = [];
      server.on('response', ({ res }) => metas.push(w.meta(res.meta)));
      const caller = await w.rawClient(server);
      await caller.call({ serverSignature: SIGNATURE, methodName: 'fail' });
      await caller.call({ serverSignature: SIGNATURE, methodName: 'gone' });
      await caller.call({ serverSignature: 'com.test.Gone:1.0', methodName: 'gone' });
      await w.until(() => metas.length === 3);
      const names = ['serviceName', 'interfaceName', 'method', 'resultCode', 'remoteIp', 'rt', 'start'];
      return metas.map((meta) => [fieldsOf(meta, names), meta.resSize > 0, meta.reqSize > 0]);
    },
  },
  {
    id: 'server/connection-event',
    title: 'connection: the connection, its socket and address, and when it was last used',
    async run(w) {
      const server = await serve(w, { hi: async () => 'hi' });
      const event = new Promise((resolve) => server.once('connection', resolve));
      const caller = await w.rawClient(server);
      const connection = await event;
      const before = connection.lastActiveTime;
      await w.sleep(5);
      await caller.call({ serverSignature: SIGNATURE, methodName: 'hi' });
      return {
        name: connection.constructor.name,
        address: connection.remoteAddress,
        port: connection.remoteAddress === `127.0.0.1:${caller.socket.localPort}`,
        socket: connection.socket.remotePort === caller.socket.localPort,
        isClosed: connection.isClosed,
        isReady: connection.isReady,
        isUsed: connection.lastActiveTime > before,
        logger: connection.logger === w.logger,
        protocol: typeof connection.protocol.encoder,
      };
    },
  },
  {
    id: 'server/connection-close',
    title: 'a connection that the server closes: close is emitted, and the caller sees the end',
    async run(w) {
      const server = await serve(w, {});
      const event = new Promise((resolve) => server.once('connection', resolve));
      const caller = await w.rawClient(server);
      const connection = await event;
      const events = w.events(connection, ['close', 'error']);
      const result = await connection.close();
      await caller.closed;
      return { result, events, isClosed: connection.isClosed, again: await connection.close() };
    },
  },
  {
    id: 'server/connection-request-event',
    title: 'a connection emits the requests that it reads',
    async run(w) {
      const server = await serve(w, { hi: async () => 'hi' });
      const requests = [];
      server.on('connection', (connection) =>
        connection.on('request', (req) =>
          requests.push([req.packetType, req.data.methodName, req.data.args]),
        ),
      );
      const caller = await w.rawClient(server);
      await caller.call({ serverSignature: SIGNATURE, methodName: 'hi', args: [1] });
      return requests;
    },
  },
  {
    id: 'server/caller-closes',
    title: 'a caller that closes, in good order or by a reset: the connection is closed, no warning',
    async run(w) {
      const server = await serve(w, {});
      const result = [];
      for (const how of ['end', 'destroy', 'reset']) {
        const event = new Promise((resolve) => server.once('connection', resolve));
        const caller = await w.rawClient(server);
        const connection = await event;
        const closed = connection.await('close');
        caller[how]();
        await closed;
        result.push([how, connection.isClosed]);
      }
      return { result, warnings: w.logs.filter(([level]) => level === 'warn') };
    },
  },
  {
    id: 'server/garbage',
    title: 'bytes that are no frame: the connection is closed with a warning, the server lives on',
    async run(w) {
      const server = await serve(w, { hi: async () => 'hi' });
      const events = w.events(server, ['error']);
      const bad = await rawCaller(w, server);
      bad.send(Buffer.from('GET / HTTP/1.1\r\nHost: example\r\n\r\n'));
      await new Promise((resolve) => bad.socket.once('close', resolve));
      const good = await w.rawClient(server);
      const answer = await good.call({ serverSignature: SIGNATURE, methodName: 'hi' });
      const warnings = w.logs.filter(([level]) => level === 'warn');
      return {
        events,
        answer: answer.data.appResponse,
        warnings: warnings.map(([, text]) => text.replace(/, errMsg: .*/s, '')),
        frames: bad.frames.length,
      };
    },
  },
  {
    id: 'server/heartbeat',
    title: 'a heartbeat is answered, in the version in which it came, between calls too',
    async run(w) {
      const server = await serve(w, { hi: async () => 'hi' });
      const answers = [];
      for (const options of [
        {},
        { protocolType: 'bolt2', boltVersion: 1 },
        { protocolType: 'bolt2', boltVersion: 2 },
        { protocolType: 'bolt2', boltVersion: 2, crcEnable: true },
        { codecType: 'protobuf' },
      ]) {
        const caller = await w.rawClient(server);
        caller.send(w.frames.heartbeat(77, options));
        const { packetType, packetId } = await caller.next();
        answers.push([packetType, packetId, caller.frames]);
      }
      const requests = w.events(server, ['request']);
      return { answers, requests };
    },
  },
  {
    id: 'server/heartbeat-keeps-alive',
    title: 'heartbeats keep a connection from being idle',
    async run(w) {
      const server = await serve(w, {}, { maxIdleTime: 300 });
      const caller = await w.rawClient(server);
      for (let i = 0; i < 10; i++) {
        caller.send(w.frames.heartbeat(i + 1));
        await w.sleep(60);
      }
      return { isOpen: caller.isOpen, acks: caller.packets.length };
    },
  },
  {
    id: 'server/frame-versions',
    title: 'requests of each version of Bolt are answered in that version',
    async run(w) {
      const server = await serve(w, { echo: async (value) => value });
      const answers = [];
      for (const options of [
        {},
        { protocolType: 'bolt2', boltVersion: 1 },
        { protocolType: 'bolt2', boltVersion: 2 },
        { protocolType: 'bolt2', boltVersion: 2, crcEnable: true },
      ]) {
        const caller = await w.rawClient(server);
        const packet = await caller.call(
          { serverSignature: SIGNATURE, methodName: 'echo', args: ['x'] },
          options,
        );
        answers.push([packet.options, packet.data.appResponse, caller.frames[0].hex]);
      }
      return answers;
    },
  },
  {
    id: 'server/fragments',
    title: 'frames that come byte by byte, and several in one piece',
    async run(w) {
      const server = await serve(w, { echo: async (value) => value });
      const caller = await rawCaller(w, server);
      const frameOf = (id) =>
        requestFrame({
          id,
          content: call({
            service: SIGNATURE,
            method: 'echo',
            sigs: ['int'],
            args: [(0x90 + id).toString(16)],
          }),
        });
      for (const byte of frameOf(1)) {
        caller.send(Buffer.of(byte));
        if (byte % 7 === 0) await new Promise(setImmediate);
      }
      const first = await caller.next();
      caller.send(Buffer.concat([frameOf(2), frameOf(3), frameOf(4)]));
      const others = [await caller.next(), await caller.next(), await caller.next()];
      return [first, ...others].map(({ id, content }) => [id, content.slice(-8)]).sort();
    },
  },
  {
    id: 'server/oneway',
    title: 'a oneway request runs the method',
    async run(w) {
      const calls = [];
      const server = await serve(w, {
        async tell(value) {
          calls.push(value);
        },
      });
      const caller = await w.rawClient(server);
      caller.send(
        w.frames.request(1, { serverSignature: SIGNATURE, methodName: 'tell', args: ['x'], oneway: true }),
      );
      await w.until(() => calls.length > 0);
      return calls;
    },
  },
  {
    id: 'server/error-frame-class',
    title: 'the frame of an error names the class of its content',
    differs: 'class-cast',
    why: 'Java casts the content to the class that the frame names, and failed with a ClassCastException',
    async run(w) {
      const server = await serve(w, {
        async fail() {
          throw new Error('failed');
        },
      });
      const caller = await rawCaller(w, server);
      const { className, status } = await caller.ask({
        content: call({ service: SIGNATURE, method: 'fail' }),
      });
      return { className, status };
    },
    expectNew(now, before) {
      throwUnless(now.className === 'com.alipay.remoting.rpc.exception.RpcServerException', now);
      throwUnless(before.className === 'com.alipay.sofa.rpc.core.response.SofaResponse', before);
      throwUnless(now.status === 2 && before.status === 2, now);
    },
  },
  {
    id: 'server/error-stack',
    title: 'an answer tells nothing of stacks and files',
    differs: 'stack',
    why: 'what is inside a server is no business of its callers',
    async run(w) {
      const server = await serve(w, {
        async fail() {
          throw new Error('failed');
        },
        async back() {
          return new Error('returned');
        },
      });
      const caller = await rawCaller(w, server);
      const ask = async (method) => {
        const { content } = await caller.ask({ content: call({ service: SIGNATURE, method }) });
        return Buffer.from(content, 'hex').toString('latin1').includes('.js');
      };
      return [await ask('fail'), await ask('back')];
    },
    expectNew(now, before) {
      throwUnless(!now[0] && !now[1], now);
      throwUnless(before[0] && before[1], before);
    },
  },
  {
    id: 'server/test-client',
    title: 'testClient is an RpcClient, made once, and closed with the server',
    async run(w) {
      const server = await serve(w, { hi: async (name) => `hi ${name}` });
      const { testClient } = server;
      const answer = await testClient.invoke({
        interfaceName: SERVICE,
        methodName: 'hi',
        args: ['x'],
        serverHost: w.hostOf(server),
      });
      const consumer = testClient.createConsumer({ interfaceName: SERVICE, serverHost: w.hostOf(server) });
      await consumer.ready();
      const before = testClient.consumerMap.size;
      await server.close();
      return {
        isOfLib: testClient instanceof w.lib.client.RpcClient,
        isSame: server.testClient === testClient,
        answer,
        logger: testClient.options.logger === w.logger,
        codecType: testClient.options.connectionOpts.codecType,
        consumers: [before, testClient.consumerMap.size],
      };
    },
  },
  {
    id: 'server/custom-events',
    title: 'listeners once, off and several, as of any emitter',
    async run(w) {
      const server = await serve(w, { hi: async () => 'hi' });
      const order = [];
      const removed = () => order.push('removed');
      server.on('request', () => order.push('first'));
      server.once('request', () => order.push('once'));
      server.on('request', removed);
      server.prependListener('request', () => order.push('before'));
      server.removeListener('request', removed);
      const caller = await w.rawClient(server);
      await caller.call({ serverSignature: SIGNATURE, methodName: 'hi' });
      await caller.call({ serverSignature: SIGNATURE, methodName: 'hi' });
      return { order, count: server.listenerCount('request') };
    },
  },
  {
    id: 'server/two-servers',
    title: 'two servers of one process have their own services and connections',
    async run(w) {
      const [one, two] = [
        await serve(w, { name: async () => 'one' }),
        await serve(w, { name: async () => 'two' }),
      ];
      const client = w.client();
      const ask = (server) =>
        client.createConsumer({ interfaceName: SERVICE, serverHost: w.hostOf(server) }).invoke('name', []);
      const answers = [await ask(one), await ask(two)];
      await one.close();
      return [...answers, await ask(two)];
    },
  },
];
