import { expect, onTestFinished, test } from 'vitest';
import { AddressGroup } from '../../../src/compat/client/address-group.js';
import { hasOwnConnections } from '../../../src/compat/client/own-connections.js';
import { RpcConnection } from '../../../src/compat/client/rpc-connection.js';
import { RpcConnectionMgr } from '../../../src/compat/client/rpc-connection-mgr.js';
import type { RpcConsumerOptions } from '../../../src/compat/client/rpc-consumer-options.js';
import { clientWorld, ECHO, Log } from './client-world.js';

function optionsOf(own: Partial<RpcConsumerOptions> = {}): RpcConsumerOptions {
  const { connectionManager } = clientWorld().client;
  return { interfaceName: ECHO, logger: new Log(), connectionManager, ...own };
}

/** Replaces a method until the test is over. */
function mocked<T extends object>(target: T, name: keyof T): T {
  const own = Object.getOwnPropertyDescriptor(target, name);
  onTestFinished(() => {
    if (own === undefined) delete target[name];
    else Object.defineProperty(target, name, own);
  });
  Object.defineProperty(target, name, { value: () => null, configurable: true, writable: true });
  return target;
}

test('our own classes, as they are, have no say', () => {
  expect(hasOwnConnections(optionsOf())).toBe(false);
  expect(hasOwnConnections(optionsOf({ connectionClass: RpcConnection }))).toBe(false);
});

test.each<[string, () => boolean]>([
  [
    'a connection class',
    () => hasOwnConnections(optionsOf({ connectionClass: class extends RpcConnection {} })),
  ],
  [
    'createAndGet of the manager, on the object',
    () => {
      const options = optionsOf();
      mocked(options.connectionManager, 'createAndGet');
      return hasOwnConnections(options);
    },
  ],
  [
    'createAndGet of all managers',
    () => {
      mocked(RpcConnectionMgr.prototype, 'createAndGet');
      return hasOwnConnections(optionsOf());
    },
  ],
  [
    'getConnection of an address group',
    () => {
      const group = mocked(Object.create(AddressGroup.prototype) as AddressGroup, 'getConnection');
      return hasOwnConnections(optionsOf(), group);
    },
  ],
  [
    'invoke of all connections',
    () => {
      mocked(RpcConnection.prototype, 'invoke');
      return hasOwnConnections(optionsOf());
    },
  ],
])('%s of the user has', (_, asked) => {
  expect(asked()).toBe(true);
});
