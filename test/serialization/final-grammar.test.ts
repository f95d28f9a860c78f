import { describe, expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { defineClass } from '../../src/contract/define-class.js';
import { defineError } from '../../src/contract/define-error.js';
import { defineService } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import { decodeAll } from '../../src/hessian/public.js';
import { settled } from '../../src/testing/fake-clock.js';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { Network, watched } from '../support/network.js';

const Point = defineClass('com.acme.Point', {
  x: t.int,
  tags: t.List(t.String),
  get next() {
    return Point;
  },
});
const Missed = defineError('com.acme.MissedException', { by: t.int });
const methods = {
  move: { args: [Point, t.int], returns: Point, throws: [Missed] },
  all: { args: [t.Map(t.String, t.long), t.array(t.int), t.Object], returns: t.List(t.Object) },
} as const;
const Final = defineService('com.acme.Final', methods, { grammar: 'final' });
const Sofa = defineService('com.acme.Sofa', methods);

const handlers = {
  move: (point: { x: number; tags: (string | null)[] | null } | null, by: number) => {
    if (by > 100) throw new Missed({ by, message: 'too far' });
    return point && { ...point, x: point.x + by };
  },
  all: (...args: unknown[]) => args.slice(0, 3),
};

describe('the grammar of a service', () => {
  test('final: values, metadata and errors go there and back', async () => {
    const pair = memoryPair();
    pair.server.add(Final, handlers as never);
    const service = pair.client.service(Final);
    expect(await service.move({ x: 1, tags: ['a', '二'], next: { x: 2, tags: [] } }, 5)).toEqual({
      x: 6,
      tags: ['a', '二'],
      next: { x: 2, tags: [], next: null },
    });
    expect(await service.all(new Map([['a', 2n ** 60n]]), [1, 2], 'any')).toEqual([
      new Map([['a', 2n ** 60n]]),
      [1, 2],
      'any',
    ]);
    const error = await service.move({ x: 1 }, 101, { metadata: { tenant: 'a' } }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Missed);
    expect(error).toMatchObject({ by: 101, message: 'too far' });
  });

  test('two services of one client and server may have different ones', async () => {
    const pair = memoryPair();
    pair.server.add(Final, handlers as never).add(Sofa, handlers as never);
    const [final, sofa] = await Promise.all([
      pair.client.service(Final).move({ x: 1 }, 1),
      pair.client.service(Sofa).move({ x: 1 }, 1),
    ]);
    expect(final).toEqual(sofa);
  });

  test('on the wire it is that grammar, and no other', async () => {
    const network = new Network();
    const peers = network.raw('a:1');
    const client = new MeshClient({
      mode: 'direct',
      app: 'test',
      registry: 'bolt://a:1',
      connect: network.connect,
    });
    watched(client.service(Final).move({ x: 1, tags: ['a'] }, 5));
    await settled();
    const { content } = peers[0].frames[0];
    const [request, point, by] = decodeAll(content, { grammar: 'final' });
    expect(request).toMatchObject({ methodName: 'move', methodArgSigs: ['com.acme.Point', 'int'] });
    expect(point).toMatchObject({ x: 1, tags: ['a'] });
    expect(by).toBe(5);
    expect(() => decodeAll(content, { grammar: 'sofa' })).toThrow(
      expect.objectContaining({ code: 'DECODE_FAILED' }),
    );
  });

  test('a caller of the other grammar gets a typed error on its own call', async () => {
    const pair = memoryPair();
    pair.server.add(Final, handlers as never);
    const mistaken = defineService('com.acme.Final', methods);
    await expect(pair.client.service(mistaken).move({ x: 1 }, 1)).rejects.toMatchObject({
      code: 'REMOTE_FAILURE',
      message: expect.stringContaining('status 18'),
    });
    expect(await pair.client.service(Final).move({ x: 1 }, 1)).toMatchObject({ x: 2 });
  });

  test('an unknown method of a service in the final grammar is reported in a form that its caller reads', async () => {
    const pair = memoryPair();
    pair.server.add(Final, handlers as never);
    const more = defineService(
      'com.acme.Final',
      { nothing: { args: [t.String], returns: t.String } },
      { grammar: 'final' },
    );
    await expect(pair.client.service(more).nothing('x')).rejects.toMatchObject({
      code: 'METHOD_NOT_FOUND',
      message: expect.stringContaining('nothing(java.lang.String)'),
    });
  });

  test('an unknown service asked for in the final grammar, too', async () => {
    const pair = memoryPair();
    await expect(pair.client.service(Final).move({ x: 1 }, 1)).rejects.toMatchObject({
      code: 'METHOD_NOT_FOUND',
    });
  });
});
