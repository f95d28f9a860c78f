import { expect, test } from 'vitest';
import { parseAddress } from '../../../src/compat/client/address.js';
import { coreOf, withCore } from '../../../src/compat/client/core-of.js';
import { RpcConnection } from '../../../src/compat/client/rpc-connection.js';
import { clientWorld, provider } from './client-world.js';

test("a manager's core is its connections', through a class that copies its options, and no property by a name", async () => {
  const { client, network, passing } = clientWorld();
  provider(network, 'a:1', () => undefined);
  const { connectionManager: manager } = client;
  class Mine extends RpcConnection {
    constructor(options: ConstructorParameters<typeof RpcConnection>[0]) {
      super({ ...options, own: true });
    }
  }
  const connection = await passing(manager.createAndGet(parseAddress('a:1'), {}, Mine));
  expect(connection).toBeInstanceOf(Mine);
  expect(coreOf(connection!.options)).toBe(coreOf(manager));
  expect([...Object.keys(manager), ...Object.keys(connection!.options)]).not.toContain('core');
});

test('the other build of this package finds it; a manager that is not ours has none', () => {
  const core = coreOf(clientWorld().client.connectionManager)!;
  const holder = withCore({}, core);
  expect((holder as Record<symbol, unknown>)[Symbol.for('sofa-mesh-sdk.compat.core')]).toBe(core);
  expect(coreOf({ get: () => null, createAndGet: () => null })).toBe(undefined);
});
