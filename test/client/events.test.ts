import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { People, people } from '../support/people.js';

test('who listens is told of connections that open and close, on either side, with the reason', async () => {
  const seen: [string, unknown][] = [];
  const names = ['connection.opened', 'connection.closed', 'connection.draining'];
  const listeners = names.map((name) => {
    const listen = (message: unknown) => {
      seen.push([name, message]);
    };
    subscribe(`sofa-mesh-sdk:${name}`, listen);
    return () => unsubscribe(`sofa-mesh-sdk:${name}`, listen);
  });
  const pair = memoryPair();
  pair.server.add(People, people());
  await pair.client.service(People).ping();
  await pair.close();
  for (const stop of listeners) stop();
  expect(seen).toEqual([
    ['connection.opened', { side: 'server', remote: 'an in-memory connection' }],
    ['connection.opened', { side: 'client', remote: 'memory:12200' }],
    [
      'connection.closed',
      { side: 'client', remote: 'memory:12200', reason: 'connection to memory:12200 was drained' },
    ],
    [
      'connection.closed',
      { side: 'server', remote: 'an in-memory connection', reason: expect.stringContaining('closed it') },
    ],
  ]);
});
