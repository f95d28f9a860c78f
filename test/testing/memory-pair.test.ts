import { expect, test } from 'vitest';
import { memoryPair } from '../../src/testing/memory-pair.js';
import { People, people } from '../support/people.js';

test('a client and a server talk with no socket, and both close', async () => {
  const pair = memoryPair();
  pair.server.add(People, people());
  const found = await pair.client.service(People).find(7n);
  expect(found).toEqual({ id: 7n, name: 'person 7', manager: { id: 1n, name: 'boss', manager: null } });
  expect(pair.client.stats().connections).toBe(1);
  await pair.close();
  expect(pair.client.stats().connections).toBe(0);
});

test('it is disposed by itself at the end of a block', async () => {
  let client: { stats(): { connections: number } };
  {
    await using pair = memoryPair();
    pair.server.add(People, people());
    client = pair.client;
    await pair.client.service(People).ping();
    expect(client.stats().connections).toBe(1);
  }
  expect(client.stats().connections).toBe(0);
});
