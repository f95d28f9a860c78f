import { named } from '../named.js';
import { noGrpc } from '../no-grpc.js';
import { DynamicConfig } from './dynamic-config.js';
import { RpcClient } from './rpc-client.js';
import { RpcConnection } from './rpc-connection.js';
import { RpcConnectionMgr } from './rpc-connection-mgr.js';
import { RpcConsumer } from './rpc-consumer.js';
import { RpcRequest } from './rpc-request.js';

/** What sofa-rpc-node exports as `client`. */
export const client = {
  ...named(
    { RpcClient, RpcRequest, RpcConsumer, RpcConnection, RpcConnectionMgr },
    { RpcConnectionMgr: 'ConnectionManager' },
  ),
  DynamicConfig,
  /** @throws MeshError INVALID_ARGUMENT: gRPC is not carried over. */
  get GRpcClient(): never {
    throw noGrpc('client.GRpcClient');
  },
  /** @throws MeshError INVALID_ARGUMENT: gRPC is not carried over. */
  get GRpcConnection(): never {
    throw noGrpc('client.GRpcConnection');
  },
};
// What copies or lists the exports must not fail for classes that it does not use.
for (const name of ['GRpcClient', 'GRpcConnection'])
  Object.defineProperty(client, name, { enumerable: false });
