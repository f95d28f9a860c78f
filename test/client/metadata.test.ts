import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { settled } from '../../src/testing/fake-clock.js';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { Network, watched } from '../support/network.js';
import { People, people } from '../support/people.js';
import { bodyOf } from '../support/raw-peer.js';

describe('metadata of a call', () => {
  test('travels as Bolt headers and as requestProps', async () => {
    const network = new Network();
    const peers = network.raw('a:1');
    const client = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://a:1',
      connect: network.connect,
    });
    watched(client.service(People).echo('x', { metadata: { tenant: '租户', 'rpc_req_baggage.a': '1' } }));
    await settled();
    const [frame] = peers[0].frames;
    expect(Object.fromEntries(frame.header)).toMatchObject({ tenant: '租户', 'rpc_req_baggage.a': '1' });
    const props = (bodyOf(frame) as unknown as { requestProps: Map<string, string> }).requestProps;
    expect(Object.fromEntries(props)).toEqual({ type: 'sync', tenant: '租户', 'rpc_req_baggage.a': '1' });
  });

  test('is what the handler is told, beside the headers of the call', async () => {
    const pair = memoryPair();
    let told: Record<string, string> = {};
    pair.server.add(
      People,
      people({
        ping: (ctx) => {
          told = { ...ctx.metadata };
        },
      }),
    );
    await pair.client.service(People).ping({ metadata: { tenant: 'a', empty: '' } });
    expect(told).toMatchObject({
      tenant: 'a',
      empty: '',
      service: People.id,
      sofa_head_method_name: 'ping',
      app: 'memory-client',
      type: 'sync',
    });
  });

  test('a key named as a property of every object is a key like others', async () => {
    const pair = memoryPair();
    const told: unknown[] = [];
    pair.server.add(
      People,
      people({
        ping: (ctx) => {
          told.push(
            ctx.metadata.constructor,
            Object.getOwnPropertyDescriptor(ctx.metadata, '__proto__')?.value,
            ctx.metadata.toString,
            'hasOwnProperty' in ctx.metadata,
          );
        },
      }),
    );
    await pair.client.service(People).ping({ metadata: JSON.parse('{"constructor":"a","__proto__":"b"}') });
    expect(told).toEqual(['a', 'b', undefined, false]);
    expect(({} as Record<string, unknown>).b).toBeUndefined();
  });

  test.each(['service', 'sofa_head_target_service', 'sofa_head_method_name'])(
    '%s is refused: it routes the call',
    async (key) => {
      const pair = memoryPair();
      let served = 0;
      pair.server.add(
        People,
        people({
          ping: () => {
            served++;
          },
        }),
      );
      await expect(
        pair.client.service(People).ping({ metadata: { [key]: 'elsewhere' } }),
      ).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        sent: false,
        message: expect.stringContaining(key),
      });
      expect(served).toBe(0);
    },
  );

  test.each([undefined, null, 5, true, { a: 1 }])(
    'the value %j is refused with its key: it is no text',
    async (value) => {
      const pair = memoryPair();
      pair.server.add(People, people());
      const service = pair.client.service(People);
      await expect(service.ping({ metadata: { tenant: value as unknown as string } })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        sent: false,
        message: expect.stringContaining('"tenant"'),
      });
      expect(await service.echo('still fine')).toBe('still fine');
    },
  );

  test('too much of it is refused before anything is sent', async () => {
    const pair = memoryPair();
    pair.server.add(People, people());
    const service = pair.client.service(People);
    await expect(service.ping({ metadata: { big: 'x'.repeat(33_000) } })).rejects.toMatchObject({
      code: 'ENCODE_FAILED',
      sent: false,
      service: People.id,
      method: 'ping',
      message: expect.stringMatching(/header is 33\d\d\d bytes, the limit is 32767/),
    });
    expect(await service.echo('still fine')).toBe('still fine');
  });

  test("the caller's own object is not touched, and not seen to change later", async () => {
    const metadata = { tenant: 'a' };
    const pair = memoryPair({
      client: {
        interceptors: [
          (next) => (call) => {
            call.metadata.more = 'b';
            return next(call);
          },
        ],
      },
    });
    const told: unknown[] = [];
    pair.server.add(
      People,
      people({
        ping: (ctx) => {
          told.push(ctx.metadata.tenant, ctx.metadata.more);
        },
      }),
    );
    const call = pair.client.service(People).ping({ metadata });
    metadata.tenant = 'changed';
    await call;
    expect(told).toEqual(['a', 'b']);
    expect(metadata).toEqual({ tenant: 'changed' });
  });
});

describe('metadata of a reply', () => {
  test('what the handler sends back is in the reply', async () => {
    const pair = memoryPair();
    pair.server.add(
      People,
      people({
        echo: (text, ctx) => {
          ctx.responseMetadata.served = '由我';
          return text;
        },
      }),
    );
    const { value, reply } = await pair.client.service(People).echo.withReply('x');
    expect(value).toBe('x');
    expect({ ...reply.metadata }).toEqual({ served: '由我' });
  });

  test('is empty where the handler sends nothing', async () => {
    const pair = memoryPair();
    pair.server.add(People, people());
    expect((await pair.client.service(People).echo.withReply('x')).reply.metadata).toEqual({});
  });

  test('a value that is no text fails that call alone, and says which', async () => {
    const pair = memoryPair();
    pair.server.add(
      People,
      people({
        echo: (text, ctx) => {
          ctx.responseMetadata.count = 5 as unknown as string;
          return text;
        },
      }),
    );
    await expect(pair.client.service(People).echo('x')).rejects.toMatchObject({
      code: 'REMOTE_FAILURE',
      message: expect.stringContaining('"count"'),
    });
    await pair.client.service(People).ping();
  });
});
