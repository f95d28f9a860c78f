import { named } from '../named.js';
import { noGrpc } from '../no-grpc.js';
import { RpcConnection } from './rpc-connection.js';
import { RpcResponse } from './rpc-response.js';
import { RpcServer } from './rpc-server.js';
import { RpcService } from './rpc-service.js';

export type {
  RpcConnection as RpcServerConnection,
  RpcConnectionOptions as RpcServerConnectionOptions,
} from './rpc-connection.js';
export type { ResponseConnection, RpcResponse, RpcResponseMeta } from './rpc-response.js';
export type { RpcServer } from './rpc-server.js';
export type { RpcServerOptions } from './rpc-server-options.js';
export type { ApiMeta, RpcService, RpcServiceOptions } from './rpc-service.js';
export type {
  Registered,
  RequestContent,
  ResponseMeta,
  ResponsePacket,
  ServerContext,
  ServerRegistry,
  ServerRequest,
} from './types.js';

/** What sofa-rpc-node exports as `server`. */
export const server = {
  ...named({ RpcServer, RpcService, RpcResponse, RpcConnection }),
  /** @throws MeshError INVALID_ARGUMENT: gRPC is not carried over. */
  get GRpcServer(): never {
    throw noGrpc('server.GRpcServer');
  },
};
// What copies or lists the exports must not fail for a class that it does not use.
Object.defineProperty(server, 'GRpcServer', { enumerable: false });
