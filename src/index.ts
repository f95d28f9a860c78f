export { type BalancerName, balancerOf } from './balancing/balancers.js';
export type { Candidate, ConnectionSource, Judge } from './balancing/candidate.js';
export { type ConsistentHashOptions, consistentHash } from './balancing/consistent-hash.js';
export type { Lease } from './balancing/lease.js';
export { localPreference } from './balancing/local-preference.js';
export type { OutlierOptions } from './balancing/outlier.js';
export type { Balancer, BalancerEnv, Picker } from './balancing/picker.js';
export type { RoutingFunction } from './balancing/routed.js';
export type { BoltOption } from './client/bolt-option.js';
export { type ClientStats, MeshClient } from './client/mesh-client.js';
export type {
  ClientServiceOptions,
  InvokeOptions,
  MeshClientOptions,
  RoutingOptions,
} from './client/options.js';
export { defineClass } from './contract/define-class.js';
export { defineEnum } from './contract/define-enum.js';
export { defineError } from './contract/define-error.js';
export {
  defineService,
  type MethodContract,
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
  AnyType,
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
  ReadFields,
  SetType,
  TypeOf,
  WriteFields,
  WriteShape,
} from './contract/types.js';
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
export { type CallPath, type ErrorCode, MeshError, RemoteError, type RetryAdvice } from './core/errors.js';
export type { EventMessages } from './core/events.js';
export type { Outcome } from './core/outcome.js';
export type { Random } from './core/random.js';
export type {
  RegistryEnv,
  RegistryFactories,
  RegistryFactory,
  RegistryOption,
} from './discovery/registries.js';
export type { Publisher, Resolver } from './discovery/resolver.js';
export type { ComparisonStats, DifferenceSample, DifferentValues } from './mesh/comparison.js';
export type { DifferenceKind } from './mesh/difference.js';
export type { GuardSnapshot } from './mesh/guard.js';
export type { ApplicationConfig } from './mesh/mesh-api-bodies.js';
export type { MigrationEvents, MigrationListener } from './mesh/migration-events.js';
export { MigrationPolicy, type Told } from './mesh/migration-policy.js';
export type { MigrationStatus, PathCounts, ServiceStatus } from './mesh/migration-status.js';
export type { Mode } from './mesh/mode.js';
export type { PathFigures } from './mesh/path-window.js';
export type { CompareRule, GuardRule, PolicyDocument, ServiceRule } from './mesh/policy-document.js';
export type { ResolvedCompare, ResolvedGuard, ResolvedRule } from './mesh/resolved-rule.js';
export { Sidecar, type SidecarReport } from './mesh/sidecar.js';
export type { SidecarOptions } from './mesh/sidecar-options.js';
export type {
  PublishedStatus,
  SidecarState,
  SidecarStatus,
  SubscribedStatus,
} from './mesh/sidecar-status.js';
export type { Subscription } from './mesh/subscriptions.js';
export type { CircuitBreakerOptions } from './resilience/circuit-options.js';
export type { RetryChoice, RetryOptions } from './resilience/retry-options.js';
export { loadProtobuf, type ProtobufRoot, protobufOf } from './serialization/protobuf.js';
export type { Announce } from './server/announce-mode.js';
export type { ServerHealth, Whereabouts } from './server/health.js';
export { MeshServer, type StartedAt } from './server/mesh-server.js';
export type { MeshServerOptions, StopOptions } from './server/options.js';
export type { HeartbeatOptions } from './transport/client-connection.js';
export { type Connect, connectTcp } from './transport/socket.js';
export { Decimal } from './values/decimal.js';
export { java } from './values/java.js';
export { JavaClass } from './values/java-class.js';
export { Instant, LocalDate, LocalDateTime, LocalTime } from './values/java-time.js';
export { Duration, Period } from './values/java-time-amounts.js';
export { MonthDay, Year, YearMonth } from './values/java-time-fields.js';
export { OffsetDateTime, OffsetTime, ZonedDateTime, ZoneOffset } from './values/java-time-zoned.js';
export { CLASS_NAME } from './values/schema.js';
