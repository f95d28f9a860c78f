import { client } from './client/index.js';
import { registry } from './registry/index.js';
import { RpcServerTest, request } from './request-test.js';
import { server } from './server/index.js';

/** Tests a service of a server: `test(server).service(name).invoke(method).send(args).expect(value)`. */
const test = Object.assign((...given: Parameters<typeof request>) => request(...given), { RpcServerTest });

export { client, registry, server, test };
/** As `import rpc from 'sofa-rpc-node'` gave it. */
export default { client, server, registry, test };

export type { Call, Handler, Interceptor, Metadata, PathChoice, Reply } from '../core/call.js';
export type { Address } from './client/address.js';
export type { AddressGroup, AddressGroupOptions } from './client/address-group.js';
export type { MeshControl, MeshOptions } from './client/connection-core.js';
export type { LoadBalancer } from './client/load-balancer/load-balancer.js';
export type { Middleware, RpcContext } from './client/middleware.js';
export type { Answer } from './client/old-calls.js';
export type { RpcError } from './client/old-errors.js';
export type {
  CreateConsumerOptions,
  RpcClient,
  RpcClientOptions,
  TypedConsumer,
} from './client/rpc-client.js';
export type { RpcConnectionMgr } from './client/rpc-connection-mgr.js';
export type { RpcConsumer } from './client/rpc-consumer.js';
export type { RpcConsumerOptions, RpcInvokeOptions } from './client/rpc-consumer-options.js';
export type { RequestMeta, RpcRequest } from './client/rpc-request.js';
export type { Logger } from './logger.js';
export type { CompatRegistry, RegisterConfig, SubscribeConfig } from './registry/registry.js';
export type { ZookeeperRegistryOptions } from './registry/zookeeper.js';
export type {
  ApiMeta,
  RpcResponse,
  RpcServer,
  RpcServerOptions,
  RpcService,
  RpcServiceOptions,
  ServerContext,
  ServerRequest,
} from './server/index.js';
