import { createServer, type Server, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseAddress } from '../../../src/compat/client/address.js';
import { RpcConnection, type RpcConnectionOptions } from '../../../src/compat/client/rpc-connection.js';
import { RpcRequest } from '../../../src/compat/client/rpc-request.js';
import { FakeClock, settled } from '../../../src/testing/fake-clock.js';
import { Network, watched } from '../../support/network.js';
import { type Asked, echo, Log, passingOn, provider, rejected, responseTo } from './client-world.js';

const address = parseAddress('a:1');
const requestOf = (args: unknown[] = ['x'], timeout = 1_000) =>
  new RpcRequest({ serverSignature: 'com.acme.Echo:1.0', methodName: 'echo', args, timeout });

/** A connection that was made alone, to a scripted provider, in simulated time. */
function connected(
  script?: (asked: Asked) => void,
  { isSwallowed = false, ...own }: Partial<RpcConnectionOptions> & { isSwallowed?: boolean } = {},
) {
  const clock = new FakeClock(1_700_000_000_000);
  const network = new Network();
  const served = script === undefined ? { asked: [], peers: [] } : provider(network, 'a:1', script);
  if (isSwallowed) network.swallow('a:1');
  const log = new Log();
  const { connect } = network;
  const connection = new RpcConnection({ logger: log, address, clock, connect, ...own });
  const events: unknown[] = [];
  connection.on('error', (error) => events.push(['error', error.name, error.message]));
  connection.on('close', () => events.push(['close']));
  onTestFinished(async () => {
    void connection.forceClose();
    await clock.advance(10_000);
  });
  const states = () => {
    const { isReady, isConnected, isOk, isClosed } = connection;
    return { isReady, isConnected, isOk, isClosed };
  };
  return { ...served, clock, network, log, connection, events, states, passing: passingOn(clock) };
}

const closedError = {
  name: 'RpcSocketCloseError',
  message: 'The socket was closed. (address: address => bolt://a:1)',
};

describe('a connection', () => {
  test('needs a logger and an address', () => {
    expect(() => new RpcConnection({ address } as never)).toThrow(
      '[RpcConnection] options.logger is required',
    );
    expect(() => new RpcConnection({ logger: new Log() } as never)).toThrow(
      '[RpcConnection] options.address is required',
    );
  });

  test('has defaults, and says what it is', () => {
    const { connection, log } = connected(echo);
    expect(connection.options).toMatchObject({ noDelay: true, maxIdleTime: 30_000, connectTimeout: 3_000 });
    expect(connection).toMatchObject({
      key: 'RpcConnection@a:1',
      url: 'bolt://a:1',
      address,
      logger: log,
      lastInvokeTime: -1,
    });
    expect(connection.protocol).toHaveProperty('encoder');
  });

  test('has states, from its making to its end', async () => {
    const { connection, states, passing, peers, events } = connected(echo);
    expect(states()).toEqual({ isReady: false, isConnected: false, isOk: false, isClosed: false });
    await passing(connection.ready());
    expect(states()).toEqual({ isReady: true, isConnected: true, isOk: true, isClosed: false });
    await passing(connection.close());
    expect(states()).toEqual({ isReady: true, isConnected: true, isOk: false, isClosed: true });
    expect(events).toEqual([['close']]);
    await settled();
    expect(peers[0].ended).toBe(true);
  });

  test('that is refused is not ready and is closed, and nobody tries again', async () => {
    const { connection, states, passing, clock, network, events } = connected();
    const error = await rejected(passing(connection.ready()));
    expect(error).toMatchObject({ message: 'connect ECONNREFUSED a:1', code: 'ECONNREFUSED' });
    await clock.advance(60_000);
    expect(states()).toEqual({ isReady: false, isConnected: false, isOk: false, isClosed: true });
    expect([events, network.attempts]).toEqual([[['close']], ['a:1']]);
  });

  test('that is not answered says so after connectTimeout', async () => {
    const own = { isSwallowed: true, connectTimeout: 120 };
    const { connection, passing, clock, events, states } = connected(undefined, own);
    const message = 'socket#bolt://a:1 connect timeout(120ms)';
    expect(await rejected(passing(connection.ready()))).toMatchObject({
      name: 'RpcSocketConnectTimeoutError',
      message,
    });
    expect(clock.now()).toBeLessThan(150);
    expect(events).toEqual([['error', 'RpcSocketConnectTimeoutError', message], ['close']]);
    expect(states().isClosed).toBe(true);
  });
});

describe('invoke', () => {
  test('resolves to error, value and properties, and fills the meta', async () => {
    const { connection, passing, clock } = connected((asked) =>
      asked.args[0] === 'bad' ? asked.answer({ isError: true, errorMsg: 'no' }) : echo(asked),
    );
    await passing(connection.ready());
    const fine = requestOf();
    expect(await passing(connection.invoke(fine))).toEqual({
      error: null,
      appResponse: 'x',
      responseProps: null,
    });
    expect(fine.meta).toMatchObject({ resultCode: '00', address, boltVersion: 1, codecType: 'hessian2' });
    expect(connection.lastInvokeTime).toBeGreaterThanOrEqual(1_700_000_000_000);
    expect(connection.lastInvokeTime).toBeLessThanOrEqual(clock.wallTime());
    const { error } = await passing(connection.invoke(requestOf(['bad'])));
    expect(error).toMatchObject({
      name: 'Error',
      message: 'com.alipay.remoting.rpc.exception.RpcServerException: Error: no',
    });
  });

  test('needs a timeout', async () => {
    const { connection } = connected(echo);
    for (const request of [undefined, { meta: {} }])
      expect((await rejected(connection.invoke(request as never))).message).toBe(
        '[RpcConnection] req.timeout is required',
      );
  });

  test('early waits for the connection, no longer than the call may take', async () => {
    const early = connected(echo);
    expect((await early.passing(early.connection.invoke(requestOf()))).appResponse).toBe('x');
    const late = connected(undefined, { isSwallowed: true });
    const request = requestOf(['x'], 80);
    const { error } = await late.passing(late.connection.invoke(request));
    expect(error).toMatchObject({ name: 'RpcResponseTimeoutError', timeout: 80, req: request });
    expect(late.clock.now()).toBeLessThan(100);
    expect(request.meta.resultCode).toBe('03');
  });

  test.each([true, '3000', 'abc'])('a timeout that is no number (%j) cannot be written', async (timeout) => {
    const { connection, passing } = connected(echo);
    for (const isEarly of [true, false]) {
      const request = requestOf(['x'], timeout as never);
      const { error } = await passing(connection.invoke(request));
      const message = '[RpcRequestCommand] req.timeout should be a number';
      expect(error, `${isEarly}`).toMatchObject({ name: 'RpcRequestEncodeError', message });
      expect([request.meta.resultCode, connection._sentReqs.size]).toEqual(['02', 0]);
    }
  });

  test('a negative timeout has passed', async () => {
    const { connection, passing } = connected(echo);
    for (const isEarly of [true, false]) {
      const request = requestOf(['x'], -1);
      const { error } = await passing(connection.invoke(request));
      expect(error, `${isEarly}`).toMatchObject({ name: 'RpcResponseTimeoutError', timeout: -1 });
      expect(request.meta.resultCode).toBe('03');
    }
  });

  test('no answer, or what cannot be written, is an error that it resolves to; the code is in the meta', async () => {
    const { connection, passing } = connected(() => undefined);
    await passing(connection.ready());
    const silent = requestOf(['x'], 60);
    const { error: late } = await passing(connection.invoke(silent));
    expect(late).toMatchObject({ name: 'RpcResponseTimeoutError', req: silent, timeout: 60 });
    expect(late).not.toHaveProperty('resultCode');
    expect(silent.meta.resultCode).toBe('03');
    const wrong = requestOf([1n]);
    const { error: unwritten } = await passing(connection.invoke(wrong));
    expect(unwritten).toMatchObject({
      name: 'RpcRequestEncodeError',
      message: 'Do not know how to serialize a BigInt',
    });
    expect([wrong.meta.resultCode, connection._sentReqs.size]).toEqual(['02', 0]);
  });

  test('keeps what is on its way in _sentReqs', async () => {
    const { connection, asked, passing, clock } = connected(() => undefined);
    await passing(connection.ready());
    const requests = [requestOf(), requestOf()];
    const calls = Promise.all(requests.map((request) => connection.invoke(request)));
    await clock.advance(1);
    expect([...connection._sentReqs.values()].map(({ req }) => req)).toEqual(requests);
    for (const one of asked) echo(one);
    await passing(calls);
    expect(connection._sentReqs.size).toBe(0);
  });

  test('frames in pieces and several in one piece', async () => {
    const pending: Buffer[] = [];
    const { connection, passing, peers } = connected((asked) => {
      const bytes = responseTo(asked, { appResponse: asked.args[0] });
      if (asked.args[0] === 'pieces') for (const byte of bytes) peers[0].write(Buffer.of(byte));
      else if (pending.push(bytes) === 3) peers[0].write(...pending);
    });
    await passing(connection.ready());
    const values = [];
    values.push((await passing(connection.invoke(requestOf(['pieces'])))).appResponse);
    const calls = [1, 2, 3].map((x) => connection.invoke(requestOf([x])));
    for (const { appResponse } of await passing(Promise.all(calls))) values.push(appResponse);
    expect(values).toEqual(['pieces', 1, 2, 3]);
  });

  test('is ended by who calls _handleResponse with its id; what is answered later is dropped', async () => {
    const { connection, asked, passing, clock } = connected(() => undefined);
    await passing(connection.ready());
    const request = requestOf();
    const call = connection.invoke(request);
    expect([...connection._sentReqs.keys()]).toEqual([request.meta.id]);
    connection._handleResponse({
      packetId: request.meta.id as number,
      packetType: 'response',
      data: { error: null, appResponse: 'injected' },
      meta: { size: 0, start: 0, rt: 0 },
    });
    expect((await passing(call)).appResponse).toBe('injected');
    await clock.advance(1);
    echo(asked[0]);
    const next = connection.invoke(requestOf(['next']));
    await clock.advance(1);
    echo(asked[1]);
    expect((await passing(next)).appResponse).toBe('next');
    expect([connection._sentReqs.size, connection.eventNames()]).toEqual([0, ['error', 'close']]);
  });

  test('after the end is a closed socket', async () => {
    const { connection, passing } = connected(echo);
    await passing(connection.ready());
    await passing(connection.close());
    expect((await passing(connection.invoke(requestOf()))).error).toMatchObject(closedError);
  });
});

describe('the end', () => {
  test('close() waits for what is on its way', async () => {
    const { connection, asked, passing, clock, states, peers } = connected(() => undefined);
    await passing(connection.ready());
    const call = connection.invoke(requestOf());
    await clock.advance(1);
    const closing = watched(connection.close());
    await clock.advance(200);
    expect([closing.state, states().isOk, peers[0].ended]).toEqual(['pending', true, false]);
    echo(asked[0]);
    expect((await passing(call)).appResponse).toBe('x');
    await clock.advance(1);
    expect([closing.state, states().isOk]).toEqual(['resolved', false]);
  });

  test('forceClose() does not', async () => {
    const { connection, passing, clock, events } = connected(() => undefined);
    await passing(connection.ready());
    const call = connection.invoke(requestOf());
    await clock.advance(1);
    await passing(connection.forceClose());
    expect((await passing(call)).error).toMatchObject({ ...closedError, resultCode: '02' });
    expect(events).toEqual([['close']]);
  });

  test("with an error: calls end with it, and it is emitted before 'close'", async () => {
    const { connection, passing, clock, events } = connected(() => undefined);
    await passing(connection.ready());
    const calls = [connection.invoke(requestOf()), connection.invoke(requestOf())];
    await clock.advance(1);
    const failure = new Error('on purpose');
    await passing(connection.forceClose(failure));
    for (const { error } of await passing(Promise.all(calls))) expect(error).toBe(failure);
    expect(events).toEqual([['error', 'Error', 'on purpose'], ['close']]);
  });

  test('comes once', async () => {
    const { connection, passing, events } = connected(echo);
    await passing(connection.ready());
    await passing(Promise.all([connection.close(), connection.close()]));
    await passing(connection.close());
    await passing(connection.forceClose());
    expect(events).toEqual([['close']]);
  });

  test('before it was connected', async () => {
    const { connection, passing, events, states } = connected(undefined, { isSwallowed: true });
    const ready = rejected(connection.ready());
    await passing(connection.forceClose());
    expect(await passing(ready)).toMatchObject(closedError);
    expect([events, states().isClosed]).toEqual([[['close']], true]);
  });

  test('before it was connected, where nobody waits for that', async () => {
    const { connection, passing, clock, events } = connected(undefined, { isSwallowed: true });
    await passing(connection.forceClose());
    await clock.advance(5_000);
    expect(events).toEqual([['close']]);
  });

  test.each(['end', 'destroy'] as const)(
    'by the server (%s): its calls fail, and it takes no more',
    async (how) => {
      const { connection, peers, passing, clock, events, states, network } = connected(() => undefined);
      await passing(connection.ready());
      const call = connection.invoke(requestOf());
      await clock.advance(1);
      const closed = connection.await('close');
      peers[0].stream[how]();
      await passing(closed);
      expect((await passing(call)).error).toMatchObject(closedError);
      expect([events, states().isOk, states().isClosed]).toEqual([[['close']], false, true]);
      await clock.advance(60_000);
      expect(network.attempts.length).toBe(1);
    },
  );

  test('by an error of the socket: it is emitted with the address, but for a reset', async () => {
    for (const [code, told] of [
      ['EIO', [['error', 'RpcSocketError', 'read EIO (address: bolt://a:1)'], ['close']]],
      ['ECONNRESET', [['close']]],
    ] as const) {
      const { connection, passing, events } = connected(echo);
      await passing(connection.ready());
      connection._socket!.destroy(Object.assign(new Error(`read ${code}`), { code }));
      await passing(connection.await('close').catch(() => connection.await('close')));
      expect(events).toEqual(told);
    }
  });

  test('an error that comes after it is only logged', async () => {
    const { connection, passing, events, log } = connected(echo);
    await passing(connection.ready());
    await passing(connection.close());
    (connection as unknown as { _handleSocketError(error: Error): void })._handleSocketError(
      new Error('late'),
    );
    expect(events).toEqual([['close']]);
    expect(log.lines.at(-1)).toEqual(['warn', expect.stringContaining('late')]);
  });
});

describe('heartbeat()', () => {
  test('sends one where nothing was sent for maxIdleTime, and none before', async () => {
    const { connection, peers, passing, clock } = connected(echo, { maxIdleTime: 1_000 });
    await passing(connection.ready());
    await passing(connection.invoke(requestOf()));
    connection.heartbeat();
    await clock.advance(900);
    connection.heartbeat();
    await settled();
    expect(peers[0].frames.length).toBe(1);
    await clock.advance(200);
    connection.heartbeat();
    connection.heartbeat();
    await settled();
    expect(peers[0].frames.slice(1)).toMatchObject([
      { proto: 1, type: 1, cmdCode: 0, codec: 1, timeout: 3_000, className: '', header: [] },
    ]);
  });
});

describe('a subclass that connects in its own way', () => {
  class Own extends RpcConnection {
    protected override _connect(): void {
      const written: unknown[] = [];
      this._socket = new PassThrough();
      this._encoder = {
        written,
        failure: undefined,
        writeRequest(id: number, req: RpcRequest, done: (error: Error | null) => void) {
          written.push([id, req.methodName]);
          done(this.failure ?? null);
        },
        writeHeartbeat: (id: number, heartbeat: unknown) => written.push([id, heartbeat]),
      };
      this._connected = true;
      this.ready(true);
    }
  }
  const owned = (own?: Partial<RpcConnectionOptions>) => {
    const clock = new FakeClock();
    const log = new Log();
    const connection = new Own({ logger: log, address, clock, ...own });
    const meta = { size: 7, start: 3, rt: 2 };
    const answer = (packetId: number, appResponse: unknown) =>
      connection._handleResponse({
        packetId,
        packetType: 'response',
        data: { error: null, appResponse },
        meta,
      });
    return { clock, log, connection, answer, passing: passingOn(clock) };
  };

  test('is written to, and _handleResponse ends the call', async () => {
    const { connection, answer, passing } = owned();
    await connection.ready();
    const request = requestOf();
    const call = connection.invoke(request);
    expect(connection._encoder.written).toEqual([[1, 'echo']]);
    expect(connection._sentReqs.get(1)?.req).toBe(request);
    answer(1, 'looped');
    expect(await passing(call)).toEqual({ error: null, appResponse: 'looped' });
    expect(request.meta).toMatchObject({ id: 1, resSize: 7, responseDecodeStart: 3, responseDecodeRT: 2 });
    expect(connection._sentReqs.size).toBe(0);
  });

  test('times out, and fails where its encoder does', async () => {
    const { connection, passing, clock } = owned();
    const late = requestOf(['x'], 40);
    const { error } = await passing(connection.invoke(late));
    expect(error).toMatchObject({ name: 'RpcResponseTimeoutError', timeout: 40, req: late });
    expect([late.meta.resultCode, clock.now() < 50]).toEqual(['03', true]);
    connection._encoder.failure = new Error('cannot');
    const wrong = requestOf();
    expect((await passing(connection.invoke(wrong))).error).toMatchObject({
      name: 'RpcRequestEncodeError',
      message: 'cannot',
    });
    expect(wrong.meta.resultCode).toBe('02');
  });

  test('an answer that nobody waits for is logged, without what is in it', () => {
    const { answer, log } = owned();
    answer(9, 'secret');
    const [[level, text]] = log.lines;
    expect(level).toBe('warn');
    expect(text).toMatch(/response 9 from bolt:\/\/a:1/);
    expect(text).not.toMatch(/secret/);
  });

  test('its socket is closed with it, and its calls end', async () => {
    const { connection, passing } = owned();
    const call = connection.invoke(requestOf());
    await passing(connection.forceClose());
    expect((await passing(call)).error).toMatchObject(closedError);
    expect(connection._socket?.destroyed).toBe(true);
  });

  test('heartbeat() writes to its encoder', async () => {
    const { connection, clock } = owned({ maxIdleTime: 10 });
    await clock.advance(11);
    connection.heartbeat();
    expect(connection._encoder.written).toEqual([[1, { timeout: 3_000 }]]);
  });
});

describe('over TCP', () => {
  /** Node keeps it where only it looks. */
  const hasNoDelay = (socket: Socket) => {
    const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'kSetNoDelay');
    return (socket as unknown as Record<symbol, boolean>)[key as symbol];
  };

  async function listening(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
    const server = createServer(onSocket);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return { server, port: (server.address() as { port: number }).port };
  }

  test('its _socket is the socket, and Nagle is off unless noDelay is false', async () => {
    const { port } = await listening((socket) => socket.on('error', () => undefined));
    for (const noDelay of [true, false]) {
      const connection = new RpcConnection({
        logger: new Log(),
        address: parseAddress(`127.0.0.1:${port}`),
        noDelay,
      });
      await connection.ready();
      expect((connection._socket as Socket).remotePort).toBe(port);
      expect(hasNoDelay(connection._socket as Socket)).toBe(noDelay);
      await connection.close();
      expect(connection._socket?.destroyed).toBe(true);
    }
  });

  test("a refused connection has the system's error", async () => {
    const { server, port } = await listening(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const connection = new RpcConnection({ logger: new Log(), address: parseAddress(`127.0.0.1:${port}`) });
    expect(await rejected(connection.ready())).toMatchObject({
      code: 'ECONNREFUSED',
      syscall: 'connect',
      port,
      message: `connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });
});
