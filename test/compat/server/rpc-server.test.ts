import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bolt } from '../../../src/compat/bolt/protocol.js';
import { RpcConnection } from '../../../src/compat/server/rpc-connection.js';
import { RpcResponse } from '../../../src/compat/server/rpc-response.js';
import { RpcServer } from '../../../src/compat/server/rpc-server.js';
import { RpcService } from '../../../src/compat/server/rpc-service.js';
import type { ServerContext, ServerRequest } from '../../../src/compat/server/types.js';
import { decodeAll } from '../../../src/hessian/public.js';
import { watched } from '../../support/network.js';
import { later } from '../../support/people.js';
import { bodyOf, frameOf, type RequestParts, request, type Seen } from '../../support/raw-peer.js';
import { REQUEST, REQUEST_V2, RESPONSE } from './golden.js';
import { GREETER, keptLines, memoryServer, requestOf } from './serve.js';

const greeting = (method: string, args: unknown[] = ['Ann'], fields: RequestParts['fields'] = {}) =>
  request({
    service: 'com.acme.Greeter:1.0',
    method,
    args,
    sigs: args.map(() => 'java.lang.String'),
    fields,
  });
const messageOf = (frame: Seen) => (decodeAll(frame.content)[0] as Error).message;

describe('options', () => {
  const { logger } = keptLines();

  test('have defaults', () => {
    const server = new RpcServer({ logger });
    expect(server.options).toMatchObject({
      port: 12200,
      group: 'SOFA',
      version: '1.0',
      killTimeout: 30_000,
      maxIdleTime: 90_000,
      responseTimeout: 3_000,
      codecType: 'hessian2',
      serviceClass: RpcService,
      responseClass: RpcResponse,
      connectionClass: RpcConnection,
    });
    expect([server.publishPort, server.listenPorts]).toEqual([12200, [12200]]);
    expect(server.publishAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  test.each([
    ['no logger', {}, '[RpcServer] options.logger is required'],
    ['another protocol', { logger, protocol: { encoder() {} } }, 'protocol must be the one of'],
    ['a limit that is none', { logger, maxQueue: -1 }, 'maxQueue is -1'],
    ['two ways against each other', { logger, mode: 'direct', announce: 'sidecar' }, 'leave one of them out'],
  ])('%s is refused at once', (_, options, message) => {
    expect(() => new RpcServer(options as never)).toThrow(message);
  });

  test('its URL tells a registry what it always did', () => {
    const { server, clock } = memoryServer({ appName: 'my app', codecType: 'protobuf', port: 7 });
    const wanted = `startTime=${clock.wallTime()}&pid=${process.pid}&uniqueId=&dynamic=true&appName=my%20app&timeout=3000&serialization=protobuf&weight=100&accepts=100000&language=nodejs&rpcVer=50400&protocol=`;
    expect(server.url).toBe(`bolt://10.0.0.1:7?${wanted}`);
  });
});

test('a service inherits what the server has, and replaces the one of its id', () => {
  const { server, lines } = memoryServer();
  server.addService({ interfaceName: 'a.B', version: '2.0', uniqueId: 'blue' }, GREETER);
  server.addService('a.B', GREETER);
  expect([...server.services.keys()]).toEqual(['com.acme.Greeter:1.0', 'a.B:2.0:blue', 'a.B:1.0']);
  expect(server.services.get('a.B:1.0')).toMatchObject({ group: 'SOFA', version: '1.0', delegate: GREETER });
  expect(lines).toEqual([]);
  const first = server.services.get('a.B:1.0');
  server.addService('a.B', {});
  expect(server.services.get('a.B:1.0')).not.toBe(first);
  expect(lines).toEqual(['warn: [RpcServer] service: a.B:1.0 already added, will override it']);
  const errors: unknown[] = [];
  server.on('error', (error) => errors.push(error));
  const failure = new Error('of a service');
  server.services.get('a.B:1.0')?.emit('error', failure);
  expect(errors).toEqual([failure]);
});

test('serves, and tells of it by its events', async () => {
  const { connect, clock, events } = memoryServer();
  const peer = connect();
  peer.write(REQUEST);
  await clock.advance(0);
  expect(peer.frames.map((frame) => bodyOf(frame).appResponse)).toEqual(['hello Ann']);
  const [[, connection], [, asked], [, answered]] = events as [
    [string, RpcConnection],
    [string, { req: ServerRequest; ctx: null }],
    [string, { req: ServerRequest; res: RpcResponse; ctx: null }],
  ];
  expect(events.map(([name]) => name)).toEqual(['connection', 'request', 'response']);
  expect(connection.remoteAddress).toBe('10.0.0.9:4321');
  expect(asked.req.data).toMatchObject({ interfaceName: 'com.acme.Greeter', methodName: 'hello' });
  expect(answered).toMatchObject({ req: asked.req, ctx: null });
  expect(answered.res.meta).toMatchObject({
    resultCode: '00',
    interfaceName: 'com.acme.Greeter',
    reqSize: REQUEST.length,
    resSize: RESPONSE.length,
    data: RESPONSE,
    remoteIp: '10.0.0.9:4321',
  });
});

test('answers in the version and with the checksum of the request', async () => {
  const { connect, clock } = memoryServer();
  const peer = connect();
  peer.write(REQUEST_V2);
  await clock.advance(0);
  expect(peer.frames).toMatchObject([{ proto: 2, ver1: 2, switch: 1, requestId: 2, status: 0 }]);
});

describe('the class map', () => {
  const mapOf = (type: string) => ({ 'com.acme.Person': { age: { type } } });
  const typed = { $class: 'com.acme.Person', $: { age: 7 } };

  async function answered(options: object): Promise<string> {
    const { server, connect, clock } = memoryServer(options);
    server.addService('com.acme.Greeter', { hello: async () => typed });
    const peer = connect();
    peer.write(REQUEST);
    await clock.advance(0);
    return peer.frames[0].content.toString('latin1');
  }

  test("is the server's own, else the protocol's, which may be set late", async () => {
    onTestFinished(() => bolt.setOptions({ classMap: undefined }));
    const int = await answered({ classMap: mapOf('int') });
    const text = await answered({ classMap: mapOf('java.lang.String') });
    expect(int).not.toBe(text);
    bolt.setOptions({ classMap: mapOf('java.lang.String') });
    expect(await answered({})).toBe(text);
    expect(await answered({ classMap: mapOf('int') })).toBe(int);
  });
});

describe('failures', () => {
  test.each([
    ['a method that throws', 'fail', 'no such person', '01'],
    ['a method that there is not', 'nobody', 'Can not find method: com.acme.Greeter:1.0#nobody()', '04'],
  ])('%s', async (_, method, message, code) => {
    const { connect, clock, events, errors } = memoryServer();
    const peer = connect();
    peer.write(greeting(method));
    await clock.advance(0);
    expect(peer.frames).toMatchObject([
      { status: 2, className: expect.stringMatching(/RpcServerException$/) },
    ]);
    expect(messageOf(peer.frames[0])).toContain(message);
    expect(errors()).toEqual([]);
    expect(events.at(-1)).toMatchObject(['response', { res: { meta: { resultCode: code } } }]);
  });

  test('a service that there is not', async () => {
    const { connect, clock, errors, events } = memoryServer();
    const peer = connect();
    peer.write(request({ service: 'a.B:1.0' }));
    await clock.advance(0);
    expect(messageOf(peer.frames[0])).toContain('not found service: a.B:1.0');
    expect(errors()).toEqual(['not found service: a.B:1.0']);
    expect(events.at(-1)).toMatchObject(['response', { res: { meta: { resultCode: '02' } } }]);
  });

  test('a result that cannot be encoded', async () => {
    const { server, connect, clock, errors } = memoryServer();
    server.addService('com.acme.Greeter', { hello: async () => 1n });
    const peer = connect();
    peer.write(REQUEST);
    await clock.advance(0);
    expect(peer.frames.length).toBe(1);
    expect(messageOf(peer.frames[0])).toContain('Do not know how to serialize a BigInt');
    expect(errors()).toEqual(['Do not know how to serialize a BigInt']);
  });

  test('a hook that throws before the answer: the caller is told, without details', async () => {
    class Broken extends RpcServer {
      override createContext(): null {
        throw new RangeError('/app/secret.js');
      }
    }
    const { connect, clock, errors } = memoryServer({}, Broken);
    const peer = connect();
    peer.write(REQUEST);
    await clock.advance(0);
    expect(errors()).toEqual(['/app/secret.js']);
    expect(peer.frames).toMatchObject([{ status: 2, requestId: 1 }]);
    expect(messageOf(peer.frames[0])).toMatch(
      /the server failed before it had answered hello\(\): RangeError/,
    );
  });

  test('a hook that throws when the caller has given up: there is nobody to tell', async () => {
    const gate = later<string>();
    class Broken extends RpcServer {
      protected override async _handleRequest(): Promise<void> {
        await gate.promise;
        throw new RangeError('late');
      }
    }
    const { connect, clock, errors } = memoryServer({}, Broken);
    const peer = connect();
    peer.write(greeting('hello', ['Ann'], { timeout: 100 }));
    await clock.advance(100);
    gate.resolve('');
    await clock.advance(0);
    expect([errors(), peer.frames]).toEqual([['late'], []]);
  });

  test('a listener that throws after the answer: nothing is answered twice', async () => {
    const { server, connect, clock, errors } = memoryServer();
    server.on('response', () => {
      throw new Error('a listener failed');
    });
    const peer = connect();
    peer.write(REQUEST);
    await clock.advance(0);
    expect(errors()).toEqual(['a listener failed']);
    expect(peer.frames.map((frame) => bodyOf(frame).appResponse)).toEqual(['hello Ann']);
  });

  test('a caller that has given up is not answered', async () => {
    const { server, connect, clock, lines, events } = memoryServer();
    const gate = later<string>();
    server.addService('com.acme.Greeter', { slow: async () => gate.promise });
    const peer = connect();
    peer.write(greeting('slow', [], { timeout: 100 }));
    await clock.advance(100);
    gate.resolve('too late');
    await clock.advance(0);
    expect(peer.frames).toEqual([]);
    expect(lines.at(-1)).toContain('process timeout, rt: 100, timeout: 100');
    expect(events.at(-1)).toMatchObject(['response', { res: { meta: { resultCode: '03' } } }]);
  });

  test.each([
    ['another serialization', { codec: 12 }, 18],
    ['a class that nobody knows', {}, 18],
  ])('a request in %s is refused, and the connection stays', async (_, fields, status) => {
    const { server, connect, clock } = memoryServer();
    const peer = connect();
    peer.write(
      frameOf({ proto: 1, type: 1, cmdCode: 1, requestId: 7, codec: 1, timeout: 9, ...fields }, 'a.B'),
    );
    await clock.advance(0);
    expect(peer.frames).toMatchObject([{ requestId: 7, status }]);
    server.getConnections((_error, count) => expect(count).toBe(1));
  });

  test('a refused serialization is told which ones this server reads', async () => {
    const { connect, clock } = memoryServer();
    const peer = connect();
    peer.write(frameOf({ proto: 1, type: 1, cmdCode: 1, requestId: 7, codec: 12, timeout: 9 }, 'a.B'));
    await clock.advance(0);
    const text = peer.frames[0].content.toString('latin1');
    expect(text).toContain('reads hessian2 (1) and protobuf (11), the request uses codec 12');
  });

  test('more than there is room for is answered BUSY', async () => {
    const { server, connect, clock } = memoryServer({ maxConcurrency: 1, maxQueue: 1 });
    const gate = later<string>();
    server.addService('com.acme.Greeter', { hello: async () => gate.promise });
    const peer = connect();
    for (const requestId of [1, 2, 3]) peer.write(greeting('hello', [], { requestId }));
    await clock.advance(0);
    expect(peer.frames).toMatchObject([{ requestId: 3, status: 4 }]);
    gate.resolve('at last');
    await clock.advance(0);
    expect(peer.frames.slice(1)).toMatchObject([
      { requestId: 1, status: 0 },
      { requestId: 2, status: 0 },
    ]);
  });
});

describe('what a subclass may change', () => {
  test('the context, which is `this`, reaches the events, and is found in the local storage', async () => {
    const localStorage = new AsyncLocalStorage<unknown>();
    class Traced extends RpcServer {
      override createContext(req: ServerRequest, res: RpcResponse): ServerContext {
        return { trace: `${req.data.methodName} for ${res.remoteAddress}` };
      }
    }
    const { server, connect, clock, events } = memoryServer({ localStorage }, Traced);
    const seen: unknown[] = [];
    server.addService('com.acme.Greeter', {
      async hello(this: unknown) {
        await Promise.resolve();
        seen.push(this, localStorage.getStore());
      },
    });
    connect().write(REQUEST);
    await clock.advance(0);
    const ctx = { trace: 'hello for 10.0.0.9:4321' };
    expect(seen).toEqual([ctx, ctx]);
    expect(events.filter(([name]) => name !== 'connection')).toMatchObject([
      ['request', { ctx }],
      ['response', { ctx }],
    ]);
  });

  test('the handling of a request, whoever emits it', async () => {
    const handled: unknown[] = [];
    class Own extends RpcServer {
      protected override async _handleRequest(req: ServerRequest, connection: RpcConnection): Promise<void> {
        handled.push(req.data.methodName);
        if (req.data.methodName === 'refused') throw new Error('refused');
        await super._handleRequest(req, connection);
      }
    }
    const { connect, clock, events, errors } = memoryServer({}, Own);
    const peer = connect();
    peer.write(REQUEST);
    await clock.advance(0);
    const [[, connection]] = events as [[string, RpcConnection]];
    connection.emit('request', requestOf('hello', ['Bob'], { start: clock.wallTime() }));
    connection.emit('request', requestOf('refused'));
    await clock.advance(0);
    expect(handled).toEqual(['hello', 'hello', 'refused']);
    expect(peer.frames.map((frame) => bodyOf(frame).appResponse)).toEqual(['hello Ann', 'hello Bob']);
    expect(errors()).toEqual(['refused']);
  });

  test('the classes', async () => {
    const made: unknown[] = [];
    class Service extends RpcService {
      override async invoke(ctx: ServerContext | null, req: ServerRequest, res: RpcResponse): Promise<void> {
        made.push(this.constructor);
        await super.invoke(ctx, { ...req, method: async () => 'replaced' }, res);
      }
    }
    class Response extends RpcResponse {
      override async send(res: object): Promise<void> {
        made.push(Response);
        await super.send(res);
      }
    }
    class Connection extends RpcConnection {
      override _handleRequest(req: ServerRequest): void {
        made.push(Connection);
        super._handleRequest(req);
      }
    }
    const classes = { serviceClass: Service, responseClass: Response, connectionClass: Connection };
    const { connect, clock } = memoryServer(classes);
    const peer = connect();
    peer.write(REQUEST);
    await clock.advance(0);
    expect(made).toEqual([Connection, Service, Response]);
    expect(bodyOf(peer.frames[0]).appResponse).toBe('replaced');
  });

  test('a connection class that passes on only what it knows', async () => {
    class Alone extends RpcConnection {
      constructor({ socket, logger, clock }: ConstructorParameters<typeof RpcConnection>[0]) {
        super({ socket, logger, clock });
      }
    }
    const { connect, clock } = memoryServer({ connectionClass: Alone });
    const peer = connect();
    peer.write(REQUEST);
    await clock.advance(0);
    expect(bodyOf(peer.frames[0]).appResponse).toBe('hello Ann');
  });
});

describe('close()', () => {
  test('does not wait for running calls, and ends the connections, once', async () => {
    const { server, connect, clock, events } = memoryServer();
    const gate = later<string>();
    server.addService('com.acme.Greeter', { hello: async () => gate.promise });
    const peer = connect();
    peer.write(greeting('hello', [], { timeout: 60_000 }));
    await clock.advance(0);
    const closings = [watched(server.close()), watched(server.close())];
    await clock.advance(1_000);
    await peer.closed();
    expect(closings.map(({ state }) => state)).toEqual(['resolved', 'resolved']);
    gate.resolve('too late');
    await clock.advance(1_000);
    expect(peer.frames).toEqual([]);
    await server.close();
    expect(events.filter(([name]) => name === 'close').length).toBe(1);
    server.getConnections((_, count) => expect(count).toBe(0));
  });

  test('makes no test client, and closes the one that was made', async () => {
    const { server, clock } = memoryServer();
    const client = server.testClient;
    expect(server.testClient).toBe(client);
    let closed = 0;
    client.close = async () => void closed++;
    const closing = server.close();
    await clock.advance(1_000);
    await closing;
    expect(closed).toBe(1);
  });
});
