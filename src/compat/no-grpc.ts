import { MeshError } from '../core/errors.js';

/** What is thrown for a name of the old gRPC classes. */
export function noGrpc(name: string): MeshError {
  return new MeshError(
    'INVALID_ARGUMENT',
    `${name} is not carried over from sofa-rpc-node: for gRPC use @grpc/grpc-js, for SOFARPC over Bolt use RpcClient and RpcServer, also with protobuf (codecType: 'protobuf')`,
  );
}
