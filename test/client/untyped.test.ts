import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { settled } from '../../src/testing/fake-clock.js';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { java } from '../../src/values/java.js';
import { CLASS_NAME } from '../../src/values/schema.js';
import { Network, watched } from '../support/network.js';
import { People, people } from '../support/people.js';
import { bodyOf } from '../support/raw-peer.js';

describe('invoke', () => {
  test('calls by names and Java types, and gives plain values back', async () => {
    const pair = memoryPair();
    pair.server.add(People, people());
    const found = (await pair.client.invoke(People.id, 'find', [java.long(7n)])) as Record<
      PropertyKey,
      unknown
    >;
    expect(found).toMatchObject({ id: 7n, name: 'person 7', manager: { id: 1n, name: 'boss' } });
    expect(found[CLASS_NAME]).toBe('com.acme.Person');
    expect(await pair.client.invoke(People.id, 'add', [java.int(2), java.int(3)])).toBe(5);
    expect(await pair.client.invoke(People.id, 'echo', ['hi'])).toBe('hi');
    expect(await pair.client.invoke(People.id, 'ping', [])).toBeNull();
  });

  test('options, metadata and errors are those of a typed call', async () => {
    const pair = memoryPair();
    pair.server.add(
      People,
      people({ echo: (_text, ctx) => `${ctx.metadata.tenant} ${ctx.remainingMs() <= 80}` }),
    );
    expect(
      await pair.client.invoke(People.id, 'echo', ['x'], { timeoutMs: 80, metadata: { tenant: 'a' } }),
    ).toBe('a true');
    await expect(pair.client.invoke(People.id, 'find', [java.long(404n)])).rejects.toMatchObject({
      code: 'REMOTE_FAILURE',
      className: 'com.acme.NotFoundException',
      message: 'no such person',
      fields: { id: 404n },
    });
  });

  test('oneway', async () => {
    const got: (string | null)[] = [];
    const pair = memoryPair();
    pair.server.add(
      People,
      people({
        note: (text) => {
          got.push(text);
        },
      }),
    );
    expect(await pair.client.invoke(People.id, 'note', ['x'], { oneway: true })).toBeUndefined();
    await settled();
    expect(got).toEqual(['x']);
  });

  test('the types of the arguments are the signature that Java looks for', async () => {
    const network = new Network();
    const peers = network.raw('a:1');
    const client = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://a:1',
      connect: network.connect,
    });
    watched(
      client.invoke('com.acme.S:1.0', 'm', [
        java.int(1),
        java.Int(1),
        'x',
        [1],
        new Map(),
        java.array('long', [1n]),
        java.object('com.acme.P', {}),
      ]),
    );
    await settled();
    expect((bodyOf(peers[0].frames[0]) as unknown as { methodArgSigs: string[] }).methodArgSigs).toEqual([
      'int',
      'java.lang.Integer',
      'java.lang.String',
      'java.util.List',
      'java.util.Map',
      '[J',
      'com.acme.P',
    ]);
  });

  test('what a method that is not there is told: the signatures that are', async () => {
    const pair = memoryPair();
    pair.server.add(People, people());
    await expect(pair.client.invoke(People.id, 'add', [java.long(1), java.int(2)])).rejects.toMatchObject({
      code: 'METHOD_NOT_FOUND',
      message: expect.stringMatching(/add\(long, int\).*\(int, int\)/),
    });
  });

  test.each(['com.acme.PersonService', '', ':1.0', 'com.acme.S:', 'com acme:1.0', 'com.acme.S:1.0:a:b'])(
    'the service id %j is refused',
    async (id) => {
      const pair = memoryPair();
      await expect(pair.client.invoke(id, 'find', [])).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/interface:version/),
      });
    },
  );

  test('an argument without a Java type is refused with its place', async () => {
    const pair = memoryPair();
    await expect(pair.client.invoke(People.id, 'find', ['ok', () => undefined])).rejects.toMatchObject({
      code: 'ENCODE_FAILED',
      sent: false,
      service: People.id,
      method: 'find',
      message: expect.stringContaining('args[1]'),
    });
    await expect(pair.client.invoke(People.id, 'find', [Symbol('x')])).rejects.toMatchObject({
      code: 'ENCODE_FAILED',
      message: expect.stringContaining('args[0]'),
    });
  });

  test('a value inside of an argument that has no Java form is refused with its path', async () => {
    const pair = memoryPair();
    pair.server.add(People, people());
    await expect(pair.client.invoke(People.id, 'any', [{ a: [1, () => undefined] }])).rejects.toMatchObject({
      code: 'ENCODE_FAILED',
      sent: false,
      message: expect.stringMatching(/^args\[0\].*a.*\[1\]/),
    });
    expect(await pair.client.service(People).echo('still fine')).toBe('still fine');
  });

  test('without a registry it says what is missing', async () => {
    const client = new MeshClient({ mode: 'direct', app: 'test' });
    await expect(client.invoke(People.id, 'ping', [])).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('registry'),
    });
    expect(() => client.service(People)).toThrow(/registry/);
  });
});
