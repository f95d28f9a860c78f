export { type BalancerName, balancerOf } from './balancing/balancers.js';
export type { Candidate } from './balancing/candidate.js';
export { type ConsistentHashOptions, consistentHash } from './balancing/consistent-hash.js';
export type { Lease } from './balancing/lease.js';
export { localPreference } from './balancing/local-preference.js';
export type { OutlierOptions } from './balancing/outlier.js';
export type { Balancer, BalancerEnv, Picker } from './balancing/picker.js';
export type { RoutingFunction } from './balancing/routed.js';
export type { Weight } from './balancing/weight.js';
export { type ClientStats, MeshClient } from './client/mesh-client.js';
export type {
  ClientServiceOptions,
  InvokeOptions,
  MeshClientOptions,
  RoutingOptions,
} from './client/options.js';
export type { ComparisonStats, DifferenceSample } from './comparison/comparison.js';
export type { DifferenceKind, DifferentValues } from './comparison/difference.js';
export { defineClass } from './contract/define-class.js';
export { defineEnum } from './contract/define-enum.js';
export { defineError } from './contract/define-error.js';
export {
  defineService,
  type MethodContract,
  type ProtobufSerialization,
  type ServiceContract,
  type ServiceOptions,
} from './contract/define-service.js';
export { t } from './contract/t.js';
// More than a user writes: whoever publishes a contract needs a name for every type in its declarations.
export type {
  AllErrorFields,
  AllFields,
  AnyClass,
  AnyErrorClass,
  AnyService,
  AnyType,
  ClassBase,
  ClassOf,
  ClassType,
  Client,
  ClientMethod,
  EnumType,
  ErrorClass,
  ErrorInit,
  ErrorOf,
  Handlers,
  InputOf,
  ListType,
  MapType,
  MergeFields,
  MethodSpec,
  MethodSpecs,
  NeverNull,
  NotNull,
  Nullable,
  OptionalType,
  ReadArgs,
  ReadFields,
  SetType,
  ShapeFields,
  TypeOf,
  WriteArgs,
  WriteFields,
  WriteOf,
  WriteShape,
  WriteValue,
} from './contract/types.js';
export type { ByteWriter } from './core/bytes.js';
export type {
  Call,
  CallOptions,
  Handler,
  HandlerContext,
  Interceptor,
  Metadata,
  PathChoice,
  Reply,
} from './core/call.js';
export type { Clock, Timer } from './core/clock.js';
export { currentContext } from './core/context.js';
export { type Endpoint, endpointOf, parseEndpoint } from './core/endpoint.js';
export {
  type CallPath,
  type ErrorCode,
  type ErrorContext,
  MeshError,
  RemoteError,
  type RemoteFailure,
  type RetryAdvice,
} from './core/errors.js';
export type { EventMessages, TracingMessages } from './core/events.js';
export type { Logger } from './core/logger.js';
export {
  type AttemptTrace,
  type CallTrace,
  DIAGNOSTICS_VERSION,
  type RefusalReason,
  type ServerCallTrace,
  type TracedOperation,
} from './core/operations.js';
export type { Random } from './core/random.js';
export type {
  RegistryEnv,
  RegistryFactories,
  RegistryFactory,
  RegistryOption,
} from './discovery/registries.js';
export type { Publisher, Resolver } from './discovery/resolver.js';
export type {
  ClientFraming,
  ClientFramingEnv,
  FramedRequest,
  Framing,
  FramingLimits,
  FramingSession,
  Message,
  MessageKind,
  MethodFraming,
  Refusal,
  ReplyAddress,
  ServerFraming,
  ServerFramingEnv,
  ServiceFraming,
  Side,
} from './framing/framing.js';
export { replyTo } from './framing/reply.js';
export type { GuardSnapshot } from './mesh/guard.js';
export type { ApplicationConfig } from './mesh/mesh-api-bodies.js';
export type { MigrationEvents, MigrationListener } from './mesh/migration-events.js';
export type { MigrationPolicy } from './mesh/migration-policy.js';
export type { MigrationStatus, PathCounts, ServiceStatus } from './mesh/migration-status.js';
export type { Mode } from './mesh/mode.js';
export type { PathFigures } from './mesh/path-window.js';
export type { CompareRule, GuardRule, PolicyDocument, ServiceRule } from './mesh/policy-document.js';
export { Sidecar } from './mesh/sidecar.js';
export type { SidecarOptions } from './mesh/sidecar-options.js';
export type {
  PublishedStatus,
  SidecarState,
  SidecarStatus,
  SubscribedStatus,
} from './mesh/sidecar-status.js';
export type { BoltOption } from './protocol/framings.js';
export type { CircuitBreakerOptions } from './resilience/circuit-options.js';
export type { RetryChoice, RetryOptions } from './resilience/retry-options.js';
export { loadProtobuf, type ProtobufRoot, protobufOf } from './serialization/protobuf.js';
export type { Announce } from './server/announce-mode.js';
export type { ServerHealth, Whereabouts } from './server/health.js';
export type { CreateListener } from './server/listener.js';
export { MeshServer, type StartedAt } from './server/mesh-server.js';
export type { MeshServerOptions, StopOptions } from './server/options.js';
export type { HeartbeatOptions } from './transport/client-connection.js';
export { type Connect, connectTcp } from './transport/socket.js';
export { Decimal } from './values/decimal.js';
export {
  type JavaBoolean,
  type JavaBytes,
  type JavaChar,
  type JavaDate,
  type JavaDouble,
  type JavaInt,
  type JavaList,
  type JavaLong,
  type JavaMap,
  type JavaObject,
  type JavaTyped,
  java,
} from './values/java.js';
export { JavaClass } from './values/java-class.js';
export * from './values/java-time.js';
export * from './values/java-time-amounts.js';
export * from './values/java-time-fields.js';
export * from './values/java-time-zoned.js';
export { CLASS_NAME } from './values/schema.js';
export type { Value } from './values/value.js';
