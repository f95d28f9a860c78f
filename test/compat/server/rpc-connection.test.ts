import { describe, expect, onTestFinished, test } from 'vitest';
import { RpcConnection, type RpcConnectionOptions } from '../../../src/compat/server/rpc-connection.js';
import type { ServerRequest } from '../../../src/compat/server/types.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { watched } from '../../support/network.js';
import { bodyOf, frameOf, request } from '../../support/raw-peer.js';
import { HEARTBEAT, REQUEST, RESPONSE } from './golden.js';
import { keptLines, socketPair } from './serve.js';

/** A connection that no server made, in simulated time. */
function setUp(options: Partial<RpcConnectionOptions> = {}) {
  const clock = new FakeClock(1_700_000_000_000);
  const { logger, lines } = keptLines();
  const { socket, peer } = socketPair();
  const connection = new RpcConnection({ socket, logger, clock, ...options });
  onTestFinished(() => void socket.destroy());
  const requests: ServerRequest[] = [];
  const closed: number[] = [];
  connection.on('request', (req) => requests.push(req));
  connection.on('close', () => closed.push(clock.now()));
  const asked = async (bytes: Buffer = REQUEST) => {
    peer.write(bytes);
    await clock.advance(0);
    return requests[requests.length - 1];
  };
  return { clock, lines, socket, peer, connection, requests, closed, asked };
}

const answer = (appResponse: unknown) => ({ isError: false, errorMsg: null, appResponse });

test('needs a socket, a logger, and Bolt', () => {
  const { socket } = socketPair();
  const { logger } = keptLines();
  expect(() => new RpcConnection({ logger } as never)).toThrow('[RpcConnection] options.socket is required');
  expect(() => new RpcConnection({ socket } as never)).toThrow('[RpcConnection] options.logger is required');
  expect(() => new RpcConnection({ socket, logger, protocol: { name: 'dubbo' } })).toThrow(
    /protocol must be the one of sofa-mesh-sdk/,
  );
});

test('hands on what it reads as sofa-bolt-node does, and answers in the same bytes', async () => {
  const { connection, requests, asked, peer, clock } = setUp();
  const sent: Buffer[] = [];
  peer.stream.on('data', (chunk) => sent.push(chunk));
  const req = await asked();
  expect(requests).toEqual([
    {
      packetId: 1,
      packetType: 'request',
      className: 'com.alipay.sofa.rpc.core.request.SofaRequest',
      data: expect.objectContaining({
        serverSignature: 'com.acme.Greeter:1.0',
        methodName: 'hello',
        args: ['Ann'],
      }),
      options: expect.objectContaining({ protocolType: 'bolt', codecType: 'hessian2', timeout: 3_000 }),
      meta: expect.objectContaining({ size: REQUEST.length, start: clock.wallTime() }),
    },
  ]);
  const res = answer('hello Ann');
  const packet = await connection.send(req, res);
  expect(packet).toMatchObject({ packetId: 1, packetType: 'response', req, res });
  expect(packet.meta).toMatchObject({
    data: RESPONSE,
    size: RESPONSE.length,
    encodeRT: 0,
    start: clock.wallTime(),
  });
  await clock.advance(0);
  expect(Buffer.concat(sent)).toEqual(RESPONSE);
  // What is kept of an answer is not overwritten by the next one.
  await connection.send(req, answer('goodbye'));
  expect(packet.meta.data).toEqual(RESPONSE);
});

test('a heartbeat is answered and is a sign of life; nobody is told of it', async () => {
  const { connection, requests, peer, clock, asked } = setUp();
  await clock.advance(5_000);
  expect(connection.lastActiveTime).toBe(1_700_000_000_000);
  await asked(HEARTBEAT);
  expect(connection.lastActiveTime).toBe(1_700_000_005_000);
  expect(peer.frames).toMatchObject([{ cmdCode: 0, type: 0, requestId: 3 }]);
  expect(requests).toEqual([]);
});

test('what cannot be encoded rejects and leaves no bytes behind', async () => {
  const { connection, asked, peer, clock } = setUp();
  const req = await asked();
  const sends = [connection.send(req, answer(1n)), connection.send(req, answer('fine'))];
  await expect(sends[0]).rejects.toThrow('Do not know how to serialize a BigInt');
  await sends[1];
  await clock.advance(0);
  expect(peer.frames.map((frame) => bodyOf(frame).appResponse)).toEqual(['fine']);
});

test("an answer after the caller's timeout rejects", async () => {
  const { connection, asked, clock, peer } = setUp();
  const req = await asked();
  await clock.advance(3_000);
  await connection.send(req, answer('just in time'));
  await clock.advance(1);
  const failure = await connection.send(req, answer('late')).catch((error) => error);
  expect(failure).toMatchObject({
    name: 'ResponseTimeoutError',
    resultCode: '03',
    message: 'service:com.acme.Greeter:1.0#hello spends 3001(ms), and exceed the 3000(ms) limit.',
  });
  expect(peer.frames.length).toBe(1);
});

test('while the client does not read, answers wait; they leave in order, and fail where it closes', async () => {
  const { connection, peer, clock, asked } = setUp();
  const req = await asked(request({ fields: { timeout: 0 } }));
  /** Sends until an answer has to wait. */
  const block = async () => {
    peer.stream.pause();
    for (let count = 1; count < 100; count++) {
      const sending = watched(connection.send(req, answer('x'.repeat(50_000))));
      await clock.advance(0);
      if (sending.state === 'pending') return { count, sending };
    }
    throw new Error('nothing ever waits');
  };
  const { count, sending } = await block();
  const next = watched(connection.send(req, answer('next')));
  await clock.advance(10_000);
  expect([sending.state, next.state]).toEqual(['pending', 'pending']);
  peer.stream.resume();
  await peer.received(count + 1);
  await clock.advance(0);
  expect([sending.state, next.state]).toEqual(['resolved', 'resolved']);
  expect(bodyOf(peer.frames[count]).appResponse).toBe('next');

  const lost = (await block()).sending;
  peer.stream.destroy();
  await clock.advance(0);
  expect(lost).toMatchObject({ state: 'rejected', error: { code: 'CONNECTION_LOST' } });
});

describe('the end', () => {
  test('close() resolves when it is closed, however often it is called', async () => {
    const { connection, closed, clock, peer } = setUp();
    expect([connection.isClosed, connection.remoteAddress]).toEqual([false, '10.0.0.9:4321']);
    const closing = [connection.close(), connection.close()];
    await clock.advance(0);
    await Promise.all(closing);
    await connection.close();
    await peer.closed();
    expect([connection.isClosed, closed]).toEqual([true, [0]]);
  });

  test('what was written leaves first', async () => {
    const { connection, asked, clock, peer } = setUp();
    const req = await asked();
    void connection.send(req, answer('hello'));
    const closing = connection.close();
    expect(connection.isClosed).toBe(true);
    await expect(connection.send(req, answer('too late'))).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await clock.advance(0);
    await closing;
    expect(peer.frames.map((frame) => bodyOf(frame).appResponse)).toEqual(['hello']);
  });

  test('with an error it ends at once, and says so', async () => {
    const { connection, lines } = setUp();
    await connection.close(new Error('enough'));
    expect(lines).toEqual([
      'warn: [RpcConnection] error occured on socket: 10.0.0.9:4321, errName: Error, errMsg: enough',
    ]);
  });

  test('silence for maxIdleTime closes it, with a line', async () => {
    const { closed, lines, clock, asked } = setUp({ maxIdleTime: 20_000 });
    await clock.advance(15_000);
    await asked(HEARTBEAT);
    await clock.advance(19_000);
    expect(closed).toEqual([]);
    await clock.advance(2_000);
    expect(closed.length).toBe(1);
    expect(lines).toEqual(['warn: [RpcConnection] socket: 10.0.0.9:4321 is idle for 20000(ms)']);
  });

  test.each([
    ['a reset is everyday', 'ECONNRESET', 0],
    ['another error is worth a line', 'EPIPE', 1],
  ])('%s', async (_, code, count) => {
    const { socket, clock, lines, closed } = setUp();
    socket.destroy(Object.assign(new Error('it broke'), { code }));
    await clock.advance(0);
    expect(closed.length).toBe(1);
    const line =
      'warn: [RpcConnection] error occured on socket: 10.0.0.9:4321, errName: Error, errMsg: it broke';
    expect(lines).toEqual(Array(count).fill(line));
  });

  test('what is no Bolt closes it, with a line', async () => {
    const { asked, lines, closed } = setUp();
    await asked(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    expect(closed.length).toBe(1);
    expect(lines[0]).toMatch(
      /^warn: \[RpcConnection\] error occured on socket: 10.0.0.9:4321, errName: BoltDecodeError, errMsg: Bolt frame/,
    );
  });

  test('its owner is told of a listener that throws, and so is the caller, without more', async () => {
    const { connection, peer, clock } = setUp();
    const errors: unknown[] = [];
    connection.on('error', (error) => errors.push(error));
    const failure = new TypeError('/app/secret.js is missing');
    connection.on('request', () => {
      throw failure;
    });
    peer.write(REQUEST);
    await clock.advance(0);
    expect(errors).toEqual([failure]);
    expect(peer.frames).toMatchObject([
      { requestId: 1, status: 2, className: expect.stringMatching(/RpcServerException$/) },
    ]);
    const content = peer.frames[0].content.toString();
    expect(content).toContain(
      "the server failed before it had answered hello(): TypeError; its 'error' event says more",
    );
    expect(content).not.toContain('/app');
  });

  test('a request that names no method is refused, and the connection stays', async () => {
    const { asked, peer, requests } = setUp();
    await asked(request({ method: null as never, args: [], sigs: [], header: [['service', 'a.B:1.0']] }));
    expect(peer.frames).toMatchObject([{ status: 18 }]);
    expect(peer.frames[0].content.toString()).toContain('the request does not say which method it calls');
    expect(requests).toEqual([]);
  });

  test('a frame that is no request is refused, and the connection stays', async () => {
    const { asked, peer, connection } = setUp();
    await asked(frameOf({ proto: 1, type: 1, cmdCode: 1, requestId: 9, codec: 1, timeout: 3_000 }, 'a.B'));
    expect(peer.frames).toMatchObject([{ requestId: 9, status: 18 }]);
    expect(connection.isClosed).toBe(false);
  });
});
