import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { zookeeperConnect } from '../../../src/discovery/zookeeper/adapter.js';
import type { ZkConnection, ZkConnectOptions } from '../../../src/discovery/zookeeper/connection.js';

const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** A server of one's own making: what it answers to each frame, or nothing. */
async function serve(answer: (frame: Buffer, n: number) => Buffer | undefined): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    let n = 0;
    let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const end = 4 + rest.readInt32BE(0);
        const reply = answer(rest.subarray(4, end), n++);
        rest = rest.subarray(end);
        if (reply !== undefined) socket.write(reply);
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

function frame(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([int(body.length), body]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const SESSION = Buffer.from('0102030405060708', 'hex');

/** The answer to a connect request: protocol, timeout (0 where the session has expired), session, password. */
function accepted(timeoutMs: number): Buffer {
  return frame(int(0), int(timeoutMs), SESSION, int(16), Buffer.alloc(16, 7), Buffer.from([0]));
}

/** The answer to a request: its xid, a zxid, an error code. */
function refused(request: Buffer, code: number): Buffer {
  return frame(request.subarray(0, 4), Buffer.alloc(8), int(code));
}

function optionsOf(port: number, options: Partial<ZkConnectOptions> = {}): ZkConnectOptions {
  return {
    server: { host: '127.0.0.1', port },
    sessionTimeoutMs: 10_000,
    key: undefined,
    digest: undefined,
    signal: new AbortController().signal,
    onChange: () => undefined,
    ...options,
  };
}

const connect = zookeeperConnect();

test('a missing package is an error that says how to install it', async () => {
  const without = zookeeperConnect(() => Promise.reject(new Error('Cannot find package')));
  await expect(without(optionsOf(1))).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringContaining('npm install node-zookeeper-client'),
    cause: { message: 'Cannot find package' },
  });
});

test('a refused connection is told with its reason', async () => {
  const port = await serve(() => undefined);
  servers.splice(0)[0]?.close();
  await expect(connect(optionsOf(port))).rejects.toThrow(`connect ECONNREFUSED 127.0.0.1:${port}`);
});

test('an IPv6 address is what is connected to', async () => {
  await expect(connect(optionsOf(1, { server: { host: '::1', port: 1 } }))).rejects.toThrow('::1:1');
});

test('a server that closes instead of answering is told of', async () => {
  const port = await serve(() => {
    sockets[0]?.destroy();
    return undefined;
  });
  await expect(connect(optionsOf(port))).rejects.toThrow('the connection was closed');
});

test('a server that says nothing is left when the signal says so', async () => {
  const limit = new AbortController();
  const port = await serve(() => {
    limit.abort(new Error('too late'));
    return undefined;
  });
  await expect(connect(optionsOf(port, { signal: limit.signal }))).rejects.toThrow('too late');
  await new Promise((resolve) => sockets[0]?.once('close', resolve));
  const never = new AbortController();
  never.abort(new Error('not even begun'));
  await expect(connect(optionsOf(port, { signal: never.signal }))).rejects.toThrow('not even begun');
  expect(sockets.length).toBe(1);
});

test('a session is begun, and taken up again with its key', async () => {
  const requests: Buffer[] = [];
  const port = await serve((request) => {
    requests.push(request);
    return accepted(10_000);
  });
  const first = (await connect(optionsOf(port))) as ZkConnection;
  expect(first.key).toEqual({ id: SESSION, password: Buffer.alloc(16, 7) });
  first.drop(new Error('enough'));
  expect(await first.lost).toEqual(new Error('enough'));
  const second = (await connect(optionsOf(port, { key: first.key }))) as ZkConnection;
  second.drop(new Error('enough'));
  // Protocol, last change seen (none: a server whose data were wiped would refuse it), timeout, session.
  expect(requests.map((request) => request.subarray(4, 24).toString('hex'))).toEqual([
    `0000000000000000${'00002710'}0000000000000000`,
    `0000000000000000${'00002710'}0102030405060708`,
  ]);
});

test('a session that the server no longer knows has expired', async () => {
  const port = await serve(() => accepted(0));
  expect(await connect(optionsOf(port))).toBe('expired');
});

test('an operation is refused with the reason of the server', async () => {
  const port = await serve((request, n) => (n === 0 ? accepted(10_000) : refused(request, -102)));
  const connection = (await connect(optionsOf(port))) as ZkConnection;
  for (const operation of [
    connection.children('/a'),
    connection.exists('/a', true),
    connection.exists('/a', false),
    connection.create('/a', Buffer.alloc(0), 'persistent'),
    connection.remove('/a'),
  ]) {
    await expect(operation).rejects.toThrow('NO_AUTH');
  }
  await expect(connection.remove('not a path')).rejects.toThrow(/must start with/);
  connection.drop(new Error('enough'));
});

test('an error code that the package does not know ends the connection, not the process', async () => {
  const SESSION_MOVED = -118;
  const port = await serve((request, n) => (n === 0 ? accepted(10_000) : refused(request, SESSION_MOVED)));
  const connection = (await connect(optionsOf(port))) as ZkConnection;
  connection.exists('/a', false);
  expect((await connection.lost).message).toContain('Unknown code: -118');
});

test('a connection that is lost answers nothing any more', async () => {
  const port = await serve((_, n) => {
    if (n === 0) return accepted(10_000);
    sockets[0]?.destroy();
    return undefined;
  });
  const connection = (await connect(optionsOf(port))) as ZkConnection;
  let answered = false;
  const operation = connection.exists('/a', false).finally(() => {
    answered = true;
  });
  operation.catch(() => undefined);
  expect((await connection.lost).message).toBe('the connection was closed');
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toBe(false);
});

test('a user is made known before anything else', async () => {
  const requests: Buffer[] = [];
  const port = await serve((request, n) => {
    requests.push(request);
    if (n === 0) return accepted(10_000);
    return refused(request, n === 1 ? 0 : -101);
  });
  const connection = (await connect(optionsOf(port, { digest: 'mesh:secret' }))) as ZkConnection;
  expect(await connection.exists('/a', false)).toBeUndefined();
  expect(requests[1]?.toString('latin1')).toContain('digest\0\0\0\x0bmesh:secret');
  expect(await connection.create('/a/b', Buffer.alloc(0), 'ephemeral')).toBe('no-parent');
  // For Java's CREATOR_ALL_ACL: whoever is authenticated.
  expect(requests[3]?.toString('latin1')).toContain('\0\0\0\x04auth');
  connection.drop(new Error('enough'));
});

test('nodes may be for everybody although a user is named', async () => {
  const requests: Buffer[] = [];
  const port = await serve((request, n) => {
    requests.push(request);
    return n === 0 ? accepted(10_000) : refused(request, n === 1 ? 0 : -110);
  });
  const options = optionsOf(port, { digest: 'mesh:secret', nodesForAll: true });
  const connection = (await connect(options)) as ZkConnection;
  expect(await connection.create('/a', Buffer.alloc(0), 'persistent')).toBe('exists');
  expect(requests[2]?.toString('latin1')).toContain('\0\0\0\x06anyone');
  connection.drop(new Error('enough'));
});
