import { beforeAll, describe, expect, test, vi } from 'vitest';
import { MeshError, RemoteError } from '../../src/core/errors.js';
import { memoryPair } from '../../src/testing/memory-pair.js';

/** A contract made by a second copy of the package, as the CommonJS build is beside the ESM one. */
async function otherCopy() {
  vi.resetModules();
  const [{ defineError }, { defineService }, { t }, { MeshError: Other }] = await Promise.all([
    import('../../src/contract/define-error.js'),
    import('../../src/contract/define-service.js'),
    import('../../src/contract/t.js'),
    import('../../src/core/errors.js'),
  ]);
  const Lost = defineError('com.acme.LostException', { id: t.long });
  const Service = defineService('com.acme.Copied', {
    find: { args: [t.long], returns: t.String, throws: [Lost] },
  });
  return { Lost, Service, Other };
}

let copy: Awaited<ReturnType<typeof otherCopy>>;
beforeAll(async () => {
  copy = await otherCopy();
  expect(copy.Other).not.toBe(MeshError);
});

describe('a contract of another copy of the package', () => {
  test('serves, and is called', async () => {
    const pair = memoryPair();
    pair.server.add(copy.Service, { find: (id) => `found ${id}` });
    expect(await pair.client.service(copy.Service).find(7n)).toBe('found 7');
  });

  test('its errors are thrown with their class and fields, and arrive as themselves', async () => {
    const pair = memoryPair();
    pair.server.add(copy.Service, {
      find: (id) => {
        throw new copy.Lost({ id, message: 'nowhere' });
      },
    });
    const error = await pair.client
      .service(copy.Service)
      .find(7n)
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(copy.Lost);
    expect(copy.Lost.is(error)).toBe(true);
    expect(MeshError.is(error)).toBe(true);
    expect(RemoteError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: 'REMOTE_FAILURE',
      className: 'com.acme.LostException',
      id: 7n,
      message: 'nowhere',
      sent: true,
      service: 'com.acme.Copied:1.0',
      method: 'find',
    });
  });

  test('other failures keep their code', async () => {
    const pair = memoryPair();
    await expect(pair.client.service(copy.Service).find(7n)).rejects.toMatchObject({
      code: 'METHOD_NOT_FOUND',
    });
    await expect(pair.client.service(copy.Service).find('x' as never)).rejects.toMatchObject({
      code: 'ENCODE_FAILED',
      message: expect.stringMatching(/^args\[0\]/),
    });
  });
});
