import type { Clock } from '../core/clock.js';
import type { Logger } from '../core/logger.js';
import type { Random } from '../core/random.js';
import type { Connect } from '../transport/socket.js';
import type { ApplicationConfig } from './mesh-api-bodies.js';

/** Options of a `Sidecar`. */
export interface SidecarOptions {
  /** Name of this application, for the sidecar and the registry behind it. */
  app: string;
  /**
   * Where the mesh API is: `host:port`, or `unix:/path`. Default: what SOFA_MESH_API says, else 127.0.0.1 with the port
   * of MOSN_REGISTRY_PORT, else 127.0.0.1:13330.
   */
  api?: string;
  /**
   * Where the sidecar takes this application's calls: `host:port`, or `unix:/path`. Default: what SOFA_MESH_EGRESS says,
   * else the API's host with the port of MOSN_EGRESS_PORT, else with 12220.
   */
  egress?: string;
  /** What else the sidecar is told of the application. Secrets appear in no message. */
  application?: Omit<ApplicationConfig, 'appName'>;
  /** Bolt version of the heartbeats to the egress; a listener answers one version. Default `v1`. */
  bolt?: 'v1' | 'v2';
  /** Opens streams to the sidecar. Default: TCP, or a Unix socket. */
  connect?: Connect;
  /** Time and timers. Default: the machine's. */
  clock?: Clock;
  /** Chance, for the jitter of retries and the ramp. Default: Math.random. */
  random?: Random;
  /** Told of what goes wrong. Default: console. */
  logger?: Logger;
  /** Where variables are read. Default: process.env. */
  env?: Readonly<Record<string, string | undefined>>;
}
