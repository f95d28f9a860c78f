import { AddressGroup } from './address-group.js';
import { RpcConnection } from './rpc-connection.js';
import { RpcConnectionMgr } from './rpc-connection-mgr.js';
import type { RpcConsumerOptions } from './rpc-consumer-options.js';

/** As they were made: what is overridden or mocked, on an object or on a class, is another function. */
const ORIGINAL = {
  createAndGet: RpcConnectionMgr.prototype.createAndGet,
  getConnection: AddressGroup.prototype.getConnection,
  invoke: RpcConnection.prototype.invoke,
};

/** Whether somebody has a say in which connections there are, or in what they do: calls must go by them then. */
export function hasOwnConnections(
  { connectionClass = RpcConnection, connectionManager }: RpcConsumerOptions,
  group: AddressGroup = AddressGroup.prototype,
): boolean {
  return (
    connectionManager.createAndGet !== ORIGINAL.createAndGet ||
    group.getConnection !== ORIGINAL.getConnection ||
    connectionClass !== RpcConnection ||
    RpcConnection.prototype.invoke !== ORIGINAL.invoke
  );
}
