import { channel } from 'node:diagnostics_channel';
import type { AttemptTrace, CallTrace, RefusalReason, ServerCallTrace } from './operations.js';

/**
 * The operations that have a beginning and an end, on `tracing:sofa-mesh-sdk:<name>:start`, `:end`, `:asyncStart`,
 * `:asyncEnd` and `:error`. docs/diagnostics.md says which is published when.
 */
export interface TracingMessages {
  /** A call that a client makes: all its attempts, on both ways. */
  'client.call': CallTrace;
  /** One attempt of a call, on one connection. */
  'client.attempt': AttemptTrace;
  /** A call that a server runs. */
  'server.call': ServerCallTrace;
}

/**
 * What happens in a moment, on `sofa-mesh-sdk:<name>`: told to whoever listens (telemetry, tests, an APM agent) through
 * node:diagnostics_channel. Publishing costs one property read while nobody listens.
 */
export interface EventMessages {
  'connection.opened': { side: 'client' | 'server'; remote: string };
  'connection.closed': { side: 'client' | 'server'; remote: string; reason: string };
  /** A response that no call waits for: its call timed out, was cancelled, or was answered before. */
  'response.late': { remote: string; requestId: number };
  /** The other side sent go-away: no new calls on that connection. */
  'connection.draining': { remote: string };
  /** A request that is not run, and so is no `server.call`. */
  'server.refused': {
    reason: RefusalReason;
    remote: string;
    /** As the request has it; undefined where it does not say, or was refused before that was read. */
    service: string | undefined;
    method: string | undefined;
    /** What was found wrong with a request that is not run because of what it says. */
    error: Error | undefined;
  };
  /** A registry did not answer, or an announcement could not be made; told again on every further try. Last known addresses stay in use. */
  'registry.failed': {
    registry: string;
    service: string;
    operation: 'watch' | 'publish';
    reason: string;
    /** Tries in a row that failed. */
    failures: number;
    retryInMs: number;
  };
  /** A registry that had failed answers again. */
  'registry.recovered': { registry: string; service: string; operation: 'watch' | 'publish' };
  /** The list of a service's endpoints is another one now. */
  'endpoints.changed': {
    service: string;
    endpoints: number;
    added: readonly string[];
    removed: readonly string[];
  };
  /** An endpoint gets no calls for a while: it failed too often. */
  'endpoint.ejected': { service: string; endpoint: string; reason: string; forMs: number };
  /** An ejected endpoint answered its probe and gets calls again. */
  'endpoint.returned': { service: string; endpoint: string };
  /** Calls of one method to one endpoint are refused for a while. */
  'circuit.opened': { service: string; method: string; endpoint: string; reason: string };
  'circuit.closed': { service: string; method: string; endpoint: string };
  /** An attempt failed and the call is tried again. */
  'call.retried': {
    service: string;
    method: string;
    endpoint: string | undefined;
    code: string;
    attempt: number;
  };
  /** A call that was provably not executed, or may be executed again, goes the other way. */
  'call.rerouted': { service: string; method: string; to: 'mesh' | 'direct'; code: string };
  /** A service's calls go another way from now on; shares in percent of them that go through the sidecar. */
  'mesh.switched': { service: string; from: number; to: number; reason: string };
  /** The sidecar, or one service through it, is not used for a while. `service` is undefined for the sidecar itself. */
  'mesh.degraded': { service: string | undefined; reason: string };
  /** It is used again, for all calls that the policy sends there. */
  'mesh.recovered': { service: string | undefined; reason: string };
  /** The guard of a service took it off the sidecar, until it is told otherwise. */
  'mesh.rolled-back': { service: string; reason: string };
  /** A compared call was answered differently by the two ways. */
  'mesh.difference': { service: string; method: string; paths: readonly string[] };
  /** Another migration policy is in force. */
  'policy.changed': { source: string };
  /** An edit of the policy was refused; the old one stays in force. */
  'policy.rejected': { source: string; reason: string };
}

const channels = {
  'connection.opened': channel('sofa-mesh-sdk:connection.opened'),
  'connection.closed': channel('sofa-mesh-sdk:connection.closed'),
  'response.late': channel('sofa-mesh-sdk:response.late'),
  'connection.draining': channel('sofa-mesh-sdk:connection.draining'),
  'server.refused': channel('sofa-mesh-sdk:server.refused'),
  'registry.failed': channel('sofa-mesh-sdk:registry.failed'),
  'registry.recovered': channel('sofa-mesh-sdk:registry.recovered'),
  'endpoints.changed': channel('sofa-mesh-sdk:endpoints.changed'),
  'endpoint.ejected': channel('sofa-mesh-sdk:endpoint.ejected'),
  'endpoint.returned': channel('sofa-mesh-sdk:endpoint.returned'),
  'circuit.opened': channel('sofa-mesh-sdk:circuit.opened'),
  'circuit.closed': channel('sofa-mesh-sdk:circuit.closed'),
  'call.retried': channel('sofa-mesh-sdk:call.retried'),
  'call.rerouted': channel('sofa-mesh-sdk:call.rerouted'),
  'mesh.switched': channel('sofa-mesh-sdk:mesh.switched'),
  'mesh.degraded': channel('sofa-mesh-sdk:mesh.degraded'),
  'mesh.recovered': channel('sofa-mesh-sdk:mesh.recovered'),
  'mesh.rolled-back': channel('sofa-mesh-sdk:mesh.rolled-back'),
  'mesh.difference': channel('sofa-mesh-sdk:mesh.difference'),
  'policy.changed': channel('sofa-mesh-sdk:policy.changed'),
  'policy.rejected': channel('sofa-mesh-sdk:policy.rejected'),
};

/** Publishes to `sofa-mesh-sdk:<name>`. */
export function publish<K extends keyof EventMessages>(name: K, message: EventMessages[K]): void {
  const target = channels[name];
  if (target.hasSubscribers) target.publish(message);
}

/** Publishes `server.refused`. No object is made while nobody listens: a server that is flooded refuses most of what comes. */
export function publishRefused(
  reason: RefusalReason,
  remote: string,
  service: string | undefined,
  method?: string,
  error?: Error,
): void {
  const target = channels['server.refused'];
  if (target.hasSubscribers) target.publish({ reason, remote, service, method, error });
}
