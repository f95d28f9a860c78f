import type { Interceptor } from '../../core/call.js';
import type { Random } from '../../core/random.js';
import type { Mode } from '../../mesh/mode.js';
import type { Sidecar } from '../../mesh/sidecar.js';
import type { Announce } from '../../server/announce-mode.js';
import type { BaseOptions } from '../base.js';
import { bolt } from '../bolt/protocol.js';
import type { Logger } from '../logger.js';
import { RpcConnection, type RpcConnectionOptions } from './rpc-connection.js';
import { type ResponseConnection, RpcResponse } from './rpc-response.js';
import { RpcService, type RpcServiceOptions } from './rpc-service.js';
import type { ServerRegistry, ServerRequest } from './types.js';

export interface RpcServerOptions extends BaseOptions {
  /** Required. */
  logger: Logger;
  /** The name of this application, which registries and the sidecar are told. */
  appName?: string;
  /** Where the services are announced, such as a ZookeeperRegistry. Default: nowhere. */
  registry?: ServerRegistry;
  /** Default 12200; 0 takes a free one, which is `publishPort` then. */
  port?: number;
  /** The address that is listened on. Default: all interfaces. */
  host?: string;
  /** Default `SOFA`. */
  group?: string;
  /** The version of services that have none of their own. Default `1.0`. */
  version?: string;
  /** Default: the bolt of `sofa-mesh-sdk/compat/bolt`; sofa-bolt-node is recognised, too. */
  protocol?: unknown;
  /** The serialization that registries are told, `hessian2` or `protobuf`; requests are read in both. Default `hessian2`. */
  codecType?: string;
  /** For protobuf: a protobufjs Root. Default: the protocol's. */
  proto?: unknown;
  /** For hessian2. Default: the protocol's. */
  // biome-ignore lint/suspicious/noExplicitAny: the user's class map
  classMap?: any;
  /** The host that registries are told. Default: the machine's IPv4 address. */
  publishAddress?: string;
  serviceClass?: new (options: RpcServiceOptions) => RpcService;
  responseClass?: new (req: ServerRequest, connection: ResponseConnection) => RpcResponse;
  connectionClass?: new (options: RpcConnectionOptions) => RpcConnection;
  /** Milliseconds that registries are told calls may take. Default 3,000. */
  responseTimeout?: number;
  /** Milliseconds of silence after which a connection is closed. Default 90,000. */
  maxIdleTime?: number;
  /** Taken, and not used: there are no handlers of a process that goes down. Default 30,000. */
  killTimeout?: number;
  /** Taken, and not used. Default 5,000. */
  idleTime?: number;
  /** Made for each connection, which has it as its option `classCache`; not used otherwise. Default Map. */
  classCacheClass?: new () => object;
  /**
   * `direct`: no sidecar is looked for. `mesh`: the sidecar alone is told of the services. `auto`: as `announce` says.
   * Default: the environment's SOFA_MESH_MODE, else `auto`.
   */
  mode?: Mode;
  /**
   * Where the services are announced in mode `auto`. `auto`: at the sidecar while there is one, in the registry otherwise.
   * `both`: in the registry, and at the sidecar while there is one. `registry` or `sidecar`: there alone. Default `auto`.
   */
  announce?: Announce;
  /** The session with the sidecar, where it is shared; you close it, after the server. Default: the server makes and closes its own. */
  sidecar?: Sidecar;
  /** Calls that may run at once; more wait. Default 10,000. */
  maxConcurrency?: number;
  /** Calls that may wait; more are answered BUSY. Default 1,000. */
  maxQueue?: number;
  /** Largest frame that is accepted, in bytes. Default 16 MiB. */
  maxFrameBytes?: number;
  /**
   * Around every request, the first outermost: they see its arguments, then what was answered. What one throws, or returns,
   * without having called on is the answer. Default: none.
   */
  interceptors?: readonly Interceptor[];
  /** Default: the machine's. */
  random?: Random;
}

export const defaults = {
  port: 12200,
  group: 'SOFA',
  version: '1.0',
  protocol: bolt,
  serviceClass: RpcService,
  responseClass: RpcResponse,
  connectionClass: RpcConnection,
  idleTime: 5_000,
  killTimeout: 30_000,
  maxIdleTime: 90_000,
  responseTimeout: 3_000,
  codecType: 'hessian2',
  classCacheClass: Map as new () => object,
};

/** Those that the core checks. */
export function limitsOf({ maxConcurrency, maxQueue, maxFrameBytes }: RpcServerOptions) {
  return { maxConcurrency, maxQueue, maxFrameBytes };
}
