import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { defineService } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import { RemoteError } from '../../src/core/errors.js';
import { settled } from '../../src/testing/fake-clock.js';
import { memoryPair } from '../../src/testing/memory-pair.js';
import type { Connect } from '../../src/transport/socket.js';
import { Network, watched } from '../support/network.js';
import { plain } from '../support/one-peer.js';
import { later, NotFound, People, people } from '../support/people.js';
import { frameOf, response, SERVER_EXCEPTION } from '../support/raw-peer.js';

describe('a typed call', () => {
  test('values, null, void and errors of the contract', async () => {
    const pair = memoryPair();
    pair.server.add(People, people());
    const service = pair.client.service(People);
    expect(await service.add(2, 3)).toBe(5);
    expect(await service.echo(null)).toBeNull();
    expect(await service.ping()).toBeUndefined();
    const error = await service.find(404n).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(NotFound);
    expect(error).toMatchObject({
      code: 'REMOTE_FAILURE',
      className: 'com.acme.NotFoundException',
      id: 404n,
      message: 'no such person',
      service: People.id,
      method: 'find',
      endpoint: 'memory:12200',
      sent: true,
      retry: 'never',
    });
  });

  test('a long may be given as a safe integer', async () => {
    const pair = memoryPair();
    pair.server.add(People, people());
    expect(await pair.client.service(People).find(7)).toMatchObject({ id: 7n });
  });

  test('withReply gives the value and what is known of the reply', async () => {
    const pair = memoryPair();
    pair.server.add(People, people());
    expect(await pair.client.service(People).echo.withReply('x')).toEqual({
      value: 'x',
      reply: {
        value: 'x',
        metadata: {},
        path: 'direct',
        reason: 'the mode is direct',
        endpoint: { host: 'memory', port: 12200, address: 'memory:12200', attributes: {} },
      },
    });
  });

  test('bytes of a result stay as they came while other calls go on', async () => {
    const pair = memoryPair();
    pair.server.add(People, people());
    const service = pair.client.service(People);
    const first = await service.bytes(Buffer.alloc(3000, 1));
    await Promise.all(Array.from({ length: 50 }, () => service.bytes(Buffer.alloc(3000, 2))));
    expect(first?.every((byte) => byte === 1)).toBe(true);
  });

  test('a thousand calls at once, answered out of order, each get their own value', async () => {
    const pair = memoryPair();
    pair.server.add(
      People,
      people({
        echo: async (text) => {
          for (let turns = Number(text) % 7; turns > 0; turns--)
            await new Promise((resolve) => setImmediate(resolve));
          return text;
        },
      }),
    );
    const service = pair.client.service(People);
    const values = await Promise.all(Array.from({ length: 1000 }, (_, i) => service.echo(String(i))));
    expect(values).toEqual(Array.from({ length: 1000 }, (_, i) => String(i)));
    expect(pair.client.stats()).toEqual({ connections: 1, pending: 0, lateResponses: 0 });
  });

  test('overloads reach their own implementation', async () => {
    const Overloaded = defineService('com.acme.Overloaded', {
      one: { name: 'save', args: [t.String], returns: t.String },
      many: { name: 'save', args: [t.List(t.String)], returns: t.String },
    });
    const pair = memoryPair();
    pair.server.add(Overloaded, { one: (text) => `one ${text}`, many: (texts) => `many ${texts?.join()}` });
    const service = pair.client.service(Overloaded);
    expect(await service.one('a')).toBe('one a');
    expect(await service.many(['a', 'b'])).toBe('many a,b');
  });

  test('the wrong number of arguments is refused', async () => {
    const pair = memoryPair();
    const service = pair.client.service(People) as unknown as Record<
      string,
      (...args: unknown[]) => Promise<unknown>
    >;
    await expect(service.add(1)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      method: 'add',
      message: expect.stringMatching(/add takes 2 arguments.*given 1/),
    });
    await expect(service.add(1, 2, {}, {})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(service.echo()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/one argument/),
    });
  });

  test('the proxy is no promise, and cannot be changed', async () => {
    const service = memoryPair().client.service(People);
    expect(await service).toBe(service);
    expect(Object.isFrozen(service)).toBe(true);
  });
});

describe('a oneway call', () => {
  test('ends when it is written, and nothing waits for a response', async () => {
    const done = later<void>();
    const got: (string | null)[] = [];
    const pair = memoryPair();
    pair.server.add(
      People,
      people({
        note: async (text) => {
          got.push(text);
          await done.promise;
        },
      }),
    );
    expect(await pair.client.service(People).note('x')).toBeUndefined();
    expect(pair.client.stats().pending).toBe(0);
    await settled();
    expect(got).toEqual(['x']);
    done.resolve();
  });

  test('what its handler throws goes nowhere', async () => {
    const pair = memoryPair();
    pair.server.add(
      People,
      people({
        note: () => {
          throw new Error('nobody hears');
        },
      }),
    );
    const service = pair.client.service(People);
    await service.note('x');
    expect(await service.echo('after')).toBe('after');
    expect(pair.client.stats().lateResponses).toBe(0);
  });

  test('its frame is of type 2 with timeout -1, and says oneway', async () => {
    const network = new Network();
    const peers = network.raw('a:1');
    const client = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://a:1',
      connect: network.connect,
    });
    await client.service(People).note('x');
    const [frame] = await peers[0].received(1);
    expect(frame).toMatchObject({ type: 2, timeout: -1 });
    expect(Object.fromEntries(frame.header).type).toBe('oneway');
  });

  test('its argument is checked like any other', async () => {
    const pair = memoryPair();
    pair.server.add(People, people());
    await expect(pair.client.service(People).note(5 as unknown as string)).rejects.toMatchObject({
      code: 'ENCODE_FAILED',
      sent: false,
    });
  });
});

describe('a value that does not fit', () => {
  test('is refused with its path before a byte is sent, and the server hears nothing of it', async () => {
    const network = new Network();
    const peers = network.raw('a:1');
    const client = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://a:1',
      connect: network.connect,
    });
    const service = client.service(People);
    const wrong = watched(service.add(1, 'two' as unknown as number));
    const good = service.add(1, 2);
    await settled();
    expect(wrong.error).toMatchObject({
      code: 'ENCODE_FAILED',
      sent: false,
      retry: 'never',
      service: People.id,
      method: 'add',
      endpoint: 'a:1',
      message: expect.stringMatching(/^args\[1\].*expected int/),
    });
    expect(peers[0].frames).toHaveLength(1);
    peers[0].write(response(peers[0].frames[0].requestId, 3));
    expect(await good).toBe(3);
    expect(client.stats().pending).toBe(0);
  });

  test('a request over maxFrameBytes is refused here; other calls and the server notice nothing', async () => {
    const pair = memoryPair({ client: { maxFrameBytes: 100_000 } });
    pair.server.add(People, people());
    const service = pair.client.service(People);
    const [big, small] = await Promise.allSettled([
      service.bytes(Buffer.alloc(200_000)),
      service.echo('small'),
    ]);
    expect(big).toMatchObject({
      status: 'rejected',
      reason: { code: 'ENCODE_FAILED', sent: false, message: expect.stringContaining('the limit is 100000') },
    });
    expect(small).toMatchObject({ status: 'fulfilled', value: 'small' });
    expect(pair.client.stats().connections).toBe(1);
  });

  test('a getter of the argument that throws fails its call alone', async () => {
    const pair = memoryPair();
    pair.server.add(People, people());
    const service = pair.client.service(People);
    const trap = {
      get a() {
        throw new Error('a trap');
      },
    };
    await expect(service.any(trap)).rejects.toThrow('a trap');
    expect(await service.echo('x')).toBe('x');
    expect(pair.client.stats().pending).toBe(0);
  });
});

describe('a response', () => {
  async function answered(bytes: (requestId: number) => Buffer) {
    const network = new Network();
    const peers = network.raw('a:1');
    const options = { app: 'test', registry: 'bolt://a:1', connect: network.connect, ...plain };
    const client = new MeshClient(options);
    const service = client.service(People);
    const call = watched(service.add(1, 2));
    const other = service.echo('x');
    await settled();
    peers[0].write(bytes(peers[0].frames[0].requestId), response(peers[0].frames[1].requestId, 'y'));
    await settled();
    expect(await other).toBe('y');
    expect(client.stats()).toMatchObject({ connections: 1, pending: 0 });
    return call;
  }

  test('with a bad body fails its own call and no other', async () => {
    const call = await answered((requestId) =>
      frameOf(
        { proto: 1, type: 0, cmdCode: 2, requestId, codec: 1, status: 0 },
        '',
        [],
        Buffer.alloc(50, 0xff),
      ),
    );
    expect(call.error).toMatchObject({
      code: 'DECODE_FAILED',
      sent: true,
      retry: 'never',
      service: People.id,
      method: 'add',
    });
  });

  test('with a value of another type is DECODE_FAILED with the path', async () => {
    const call = await answered((requestId) => response(requestId, 'no number'));
    expect(call.error).toMatchObject({ code: 'DECODE_FAILED', message: expect.stringContaining('result') });
  });

  test('with broken headers fails its own call', async () => {
    const call = await answered((requestId) => {
      const frame = frameOf({ proto: 1, type: 0, cmdCode: 2, requestId, codec: 1, status: 0 }, '', [
        ['k', 'v'],
      ]);
      frame.writeInt32BE(-8, 20);
      return frame;
    });
    expect(call.error).toMatchObject({ code: 'PROTOCOL_VIOLATION', message: expect.stringContaining('-8') });
  });

  test.each([
    [1, 'REMOTE_FAILURE', 'never'],
    [2, 'REMOTE_FAILURE', 'never'],
    [3, 'CONNECTION_LOST', 'if-idempotent'],
    [4, 'OVERLOADED', 'safe'],
    [5, 'CONNECTION_LOST', 'if-idempotent'],
    [6, 'NO_ENDPOINT', 'safe'],
    [7, 'DEADLINE_EXCEEDED', 'if-idempotent'],
    [8, 'CONNECTION_LOST', 'if-idempotent'],
    [9, 'REMOTE_FAILURE', 'never'],
    [16, 'CONNECTION_LOST', 'if-idempotent'],
    [17, 'REMOTE_FAILURE', 'never'],
    [18, 'REMOTE_FAILURE', 'never'],
    [99, 'PROTOCOL_VIOLATION', 'never'],
  ])('with status %i and nothing else (as Python and Go answer) is %s', async (status, code, retry) => {
    const call = await answered((requestId) =>
      frameOf({ proto: 1, type: 0, cmdCode: 2, requestId, codec: 11, status }),
    );
    expect(call.error).toMatchObject({
      code,
      retry,
      sent: true,
      endpoint: 'a:1',
      message: expect.stringContaining(`Bolt status ${status}`),
    });
  });

  test('with an exception of the server below SOFARPC keeps its message', async () => {
    const network = memoryPair();
    network.server.add(People, people());
    const raw = network.client.invoke('com.acme.Nobody:1.0', 'x', []);
    await expect(raw).rejects.toMatchObject({ code: 'METHOD_NOT_FOUND' });
    const call = await answered((requestId) =>
      frameOf(
        { proto: 1, type: 0, cmdCode: 2, requestId, codec: 1, status: 18 },
        SERVER_EXCEPTION,
        [],
        Buffer.from([0x4f, 0x95, 0x61]),
      ),
    );
    expect(call.error).toMatchObject({
      code: 'REMOTE_FAILURE',
      message: expect.stringContaining('could not be read'),
    });
  });

  test('of version 2 to a request of version 1, with any ver2 and codec, is taken', async () => {
    const call = await answered((requestId) =>
      response(requestId, 3, { proto: 2, ver1: 1, ver2: 0, codec: 11 }),
    );
    expect(call.value).toBe(3);
  });
});

test('what a handler throws without a class of its own arrives as a RuntimeException with its message alone', async () => {
  const pair = memoryPair();
  pair.server.add(
    People,
    people({
      echo: () => {
        throw new TypeError('no such thing');
      },
    }),
  );
  const error = await pair.client
    .service(People)
    .echo('x')
    .catch((thrown) => thrown);
  expect(error).toBeInstanceOf(RemoteError);
  expect(error).toMatchObject({
    className: 'java.lang.RuntimeException',
    message: 'no such thing',
    remoteStack: '',
  });
});

interface Inside {
  core: { runtime: { traits: { connect: Connect } } };
}

test('two clients share nothing: one closed, the other goes on', async () => {
  const pair = memoryPair();
  pair.server.add(People, people());
  const second = new MeshClient({
    mode: 'direct',
    app: 'second',
    registry: 'bolt://memory:12200',
    connect: (endpoint, signal) =>
      (pair.client as unknown as Inside).core.runtime.traits.connect(endpoint, signal),
  });
  await Promise.all([pair.client.service(People).ping(), second.service(People).ping()]);
  expect([pair.client.stats().connections, second.stats().connections]).toEqual([1, 1]);
  await pair.client.close();
  expect(await second.service(People).echo('alive')).toBe('alive');
  await second.close();
});
