import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import type { BoltOption } from '../../src/protocol/framings.js';
import { settled } from '../../src/testing/fake-clock.js';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { Network, watched } from '../support/network.js';
import { NotFound, People, people } from '../support/people.js';
import { response } from '../support/raw-peer.js';

const VERSIONS: [BoltOption, { proto: number; ver1: number; switch: number }][] = [
  ['v1', { proto: 1, ver1: 0, switch: 0 }],
  ['v2', { proto: 2, ver1: 1, switch: 0 }],
  ['v2-crc', { proto: 2, ver1: 2, switch: 1 }],
];

describe.each(VERSIONS)('Bolt %s', (bolt, fields) => {
  test('requests are written in it', async () => {
    const network = new Network();
    const peers = network.raw('a:1');
    const client = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://a:1',
      connect: network.connect,
      bolt,
    });
    const call = client.service(People).echo('x', { metadata: { a: 'b' } });
    watched(client.service(People).note('y'));
    await settled();
    expect(peers[0].frames).toMatchObject([fields, { ...fields, type: 2 }]);
    peers[0].write(response(peers[0].frames[0].requestId, 'ok', fields));
    expect(await call).toBe('ok');
  });

  test('values, errors, metadata and large bodies go there and back', async () => {
    const pair = memoryPair({ client: { bolt } });
    pair.server.add(
      People,
      people({
        echo: (text, ctx) => {
          ctx.responseMetadata.back = ctx.metadata.there;
          return text;
        },
      }),
    );
    const service = pair.client.service(People);
    const { value, reply } = await service.echo.withReply('x', { metadata: { there: '二' } });
    expect([value, reply.metadata.back]).toEqual(['x', '二']);
    await expect(service.find(404n)).rejects.toBeInstanceOf(NotFound);
    await expect(pair.client.invoke(People.id, 'nothing', [])).rejects.toMatchObject({
      code: 'METHOD_NOT_FOUND',
    });
    const large = Buffer.alloc(300_000, 'ab');
    expect(Buffer.compare((await service.bytes(large)) as Uint8Array, large)).toBe(0);
  });
});

test('a damaged response closes its connection, and its calls are told why', async () => {
  const network = new Network();
  const peers = network.raw('a:1');
  const client = new MeshClient({
    mode: 'direct',
    app: 'test',
    registry: 'bolt://a:1',
    connect: network.connect,
    bolt: 'v2-crc',
    retry: false,
  });
  const call = watched(client.service(People).echo('x'));
  await settled();
  const bytes = response(peers[0].frames[0].requestId, 'ok', { proto: 2, ver1: 2, switch: 1 });
  bytes[bytes.length - 6] ^= 1;
  peers[0].write(bytes);
  await settled();
  expect(call.error).toMatchObject({
    code: 'PROTOCOL_VIOLATION',
    sent: true,
    endpoint: 'a:1',
    message: expect.stringContaining('CRC32'),
  });
  await client.close();
});
