import { expect, test } from 'vitest';
import { MeshError } from '../../src/core/errors.js';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { People, people } from '../support/people.js';

test('a call that an interceptor of the server has no room for is answered BUSY: unexecuted, safe to repeat', async () => {
  let executed = 0;
  const refuse = () => async () => {
    throw new MeshError('OVERLOADED', 'too many calls');
  };
  await using pair = memoryPair({ server: { interceptors: [refuse] } });
  pair.server.add(People, people({ echo: (text) => `${text}${executed++}` }));
  await expect(pair.client.service(People).echo('x')).rejects.toMatchObject({
    code: 'OVERLOADED',
    retry: 'safe',
    message: expect.stringContaining('Bolt status 4'),
  });
  expect(executed).toBe(0);
});

test('an overloaded service that a handler called is no refusal of the handler: it ran', async () => {
  await using pair = memoryPair();
  pair.server.add(
    People,
    people({
      echo: () => {
        throw new MeshError('OVERLOADED', 'the other service is busy', { service: 'com.acme.Other:1.0' });
      },
    }),
  );
  await expect(pair.client.service(People).echo('x')).rejects.toMatchObject({
    code: 'REMOTE_FAILURE',
    className: 'java.lang.RuntimeException',
  });
});
