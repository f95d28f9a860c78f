import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { MeshClient } from '../../src/client/mesh-client.js';
import { People } from '../support/people.js';

test('a connection does not keep the async stores of the call that it was opened for', async () => {
  const store = new AsyncLocalStorage<string>();
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const client = new MeshClient({
    app: 'test',
    mode: 'direct',
    registry: `bolt://127.0.0.1:${port}`,
    retry: false,
  });
  let onClosed = (_message: unknown) => {};
  const seen = new Promise<unknown>((resolve) => {
    onClosed = () => resolve(store.getStore());
  });
  subscribe('sofa-mesh-sdk:connection.closed', onClosed);
  try {
    // The registry, the connection and the request are all this call's doing.
    const call = store.run('of one call', () => client.service(People).add(1, 2));
    const [accepted] = (await once(listener, 'connection')) as [Socket];
    await once(accepted, 'data');
    accepted.destroy();
    await expect(call).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await seen).toBeUndefined();
  } finally {
    unsubscribe('sofa-mesh-sdk:connection.closed', onClosed);
    await client.close();
    listener.close();
  }
});
