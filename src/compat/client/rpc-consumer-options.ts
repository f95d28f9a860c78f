import type { ServiceContract } from '../../contract/define-service.js';
import type { Mode } from '../../mesh/mode.js';
import type { Logger } from '../logger.js';
import type { CompatRegistry } from '../registry/registry.js';
import type { AddressGroupOptions } from './address-group.js';
import type { Middleware } from './middleware.js';
import type { RpcConnectionClass, RpcConnectionMgr } from './rpc-connection-mgr.js';

export interface RpcConsumerOptions
  extends Partial<Omit<AddressGroupOptions, 'key' | 'logger' | 'connectionManager' | 'connectionClass'>> {
  /** Required: the Java interface. */
  interfaceName: string;
  /** Required. */
  logger: Logger;
  /** Required; a client passes its own. */
  connectionManager: RpcConnectionMgr;
  /** Default `1.0`; null for a service without. */
  version?: string | null;
  /** Tells apart several implementations of one interface and version. Default: none. */
  uniqueId?: string;
  /** Default `SOFA`. */
  group?: string;
  /** `host:port`, several with commas; their query may name a `serialization`. Its calls go there, past any sidecar, unless `mode` is given, too. */
  serverHost?: string;
  /** Where the providers are found. One of `serverHost`, `registry` and `allowMock` is required. */
  registry?: CompatRegistry | null;
  /** Neither is needed: for tests. */
  allowMock?: boolean;
  targetAppName?: string;
  /** Milliseconds of a call. Default 3,000. */
  responseTimeout?: number;
  middlewares?: Middleware[];
  connectionClass?: RpcConnectionClass;
  /** Failed calls resolve to null. Default false. */
  errorAsNull?: boolean;
  /** New: `direct` keeps the calls of this service from any sidecar. Otherwise they go as the client's mode says, with `serverHost` too. */
  mode?: Mode;
  /** New: what is known of the service; makes {@link RpcConsumer.typed} work, and tells which methods are idempotent. */
  contract?: ServiceContract;
  // biome-ignore lint/suspicious/noExplicitAny: subclasses have options of their own
  [key: string]: any;
}

/** What one call may say. */
export interface RpcInvokeOptions {
  /** Milliseconds. Default: the consumer's. */
  responseTimeout?: number;
  // biome-ignore lint/suspicious/noExplicitAny: props are the user's
  requestProps?: Record<string, any>;
  /** `hessian2` or `protobuf`. Default: what the address asks for, else hessian2. */
  codecType?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a context of the user's
  ctx?: any;
  // biome-ignore lint/suspicious/noExplicitAny: a `createRequest` of the user's may know more
  [key: string]: any;
}
