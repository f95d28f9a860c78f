import { client } from './client/index.js';
import { registry } from './registry/index.js';
import { RpcServerTest, request } from './request-test.js';
import { server } from './server/index.js';

/** Tests a service of a server: `test(server).service(name).invoke(method).send(args).expect(value)`. */
const test = Object.assign((...given: Parameters<typeof request>) => request(...given), { RpcServerTest });

export { client, registry, server, test };
/** As `import rpc from 'sofa-rpc-node'` gave it. */
export default { client, server, registry, test };

export type { ComparisonStats, DifferenceSample } from '../comparison/comparison.js';
export type { DifferenceKind, DifferentValues } from '../comparison/difference.js';
// What a contract is made of, and what the mesh tells: as in sofa-mesh-sdk, so that declarations have a name for them.
export type { MethodContract, ProtobufSerialization, ServiceContract } from '../contract/define-service.js';
export type {
  AnyErrorClass,
  AnyService,
  AnyType,
  Client,
  ClientMethod,
  MethodSpec,
  MethodSpecs,
  WriteArgs,
  WriteOf,
} from '../contract/types.js';
export type { Call, CallOptions, Handler, Interceptor, Metadata, PathChoice, Reply } from '../core/call.js';
export type { Clock, Timer } from '../core/clock.js';
export type { Endpoint } from '../core/endpoint.js';
export type { CallPath } from '../core/errors.js';
export type { Logger as CoreLogger } from '../core/logger.js';
export type { Random } from '../core/random.js';
export type { Publisher } from '../discovery/resolver.js';
export type { GuardSnapshot } from '../mesh/guard.js';
export type { ApplicationConfig } from '../mesh/mesh-api-bodies.js';
export type { MigrationEvents, MigrationListener } from '../mesh/migration-events.js';
export type { MigrationPolicy, Told } from '../mesh/migration-policy.js';
export type { MigrationStatus, PathCounts, ServiceStatus } from '../mesh/migration-status.js';
export type { Mode } from '../mesh/mode.js';
export type { PathFigures } from '../mesh/path-window.js';
export type { CompareRule, GuardRule, PolicyDocument, ServiceRule } from '../mesh/policy-document.js';
export type { ResolvedCompare, ResolvedGuard, ResolvedRule } from '../mesh/resolved-rule.js';
export type { Sidecar, SidecarReport } from '../mesh/sidecar.js';
export type { SidecarOptions } from '../mesh/sidecar-options.js';
export type {
  PublishedStatus,
  SidecarState,
  SidecarStatus,
  SubscribedStatus,
} from '../mesh/sidecar-status.js';
export type { Subscription } from '../mesh/subscriptions.js';
export type { Announce } from '../server/announce-mode.js';
export type { Connect } from '../transport/socket.js';
export type { Base, BaseOptions, ReadyCallback } from './base.js';
export type { CodecName, Packet, PacketOptions, ResponseData } from './bolt/options.js';
export type { Address } from './client/address.js';
export type {
  AddressGroup,
  AddressGroupOptions,
  ConnectionSource,
  GroupRequest,
} from './client/address-group.js';
export type { MeshControl, MeshOptions } from './client/connection-core.js';
export type {
  CircuitBreakerConfig,
  ConnectionPoolConfig,
  DynamicSettings,
  FaultToleranceConfig,
  MetricConfig,
} from './client/dynamic-config.js';
export type { LoadBalancerClass, LoadBalancerName } from './client/load-balancer/create-load-balancer.js';
export type { BalancedGroup, BalancedRequest, LoadBalancer } from './client/load-balancer/load-balancer.js';
export type { Middleware, RpcContext } from './client/middleware.js';
export type { Answer } from './client/old-calls.js';
export type { RpcError } from './client/old-errors.js';
export type {
  CreateConsumerOptions,
  InvokeOptions,
  RpcClient,
  RpcClientOptions,
  RpcConnectionMgrClass,
  RpcConsumerClass,
  TypedConsumer,
} from './client/rpc-client.js';
export type {
  OwnResponse,
  RpcConnection,
  RpcConnectionOptions,
  SentRequest,
} from './client/rpc-connection.js';
export type {
  RpcConnectionClass,
  RpcConnectionMgr,
  RpcConnectionMgrOptions,
} from './client/rpc-connection-mgr.js';
export type { RpcConsumer } from './client/rpc-consumer.js';
export type { RpcConsumerOptions, RpcInvokeOptions } from './client/rpc-consumer-options.js';
export type { RequestMeta, ResultCode, RpcRequest, RpcRequestOptions } from './client/rpc-request.js';
export type { Logger } from './logger.js';
export type {
  AddressListener,
  CompatRegistry,
  RegisterConfig,
  RegistryLogger,
  SubscribeConfig,
} from './registry/registry.js';
export type { ZookeeperRegistry, ZookeeperRegistryOptions } from './registry/zookeeper.js';
export type {
  ExpectedType,
  RpcServerTest,
  TestableServer,
  TestCallback,
  TestClient,
  TestConsumer,
  TestResult,
} from './request-test.js';
export type {
  ApiMeta,
  Registered,
  RequestContent,
  ResponseConnection,
  ResponseMeta,
  ResponsePacket,
  RpcResponse,
  RpcResponseMeta,
  RpcServer,
  RpcServerConnection,
  RpcServerConnectionOptions,
  RpcServerOptions,
  RpcService,
  RpcServiceOptions,
  ServerContext,
  ServerRegistry,
  ServerRequest,
} from './server/index.js';
export type { ClassInfo, ClassMap, TypeInfo } from './values/class-map.js';
