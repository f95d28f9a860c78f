import type { Packet } from '../bolt/frames.js';
import type { Logger } from '../logger.js';
import type { CompatRegistry, RegisterConfig } from '../registry/registry.js';

/** What a request asks for. */
export interface RequestContent {
  /** The id of the service, `interface:version[:uniqueId]`. */
  serverSignature: string;
  methodName: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the caller sent
  args: any[];
  methodArgSigs?: string[];
  // biome-ignore lint/suspicious/noExplicitAny: whatever the caller sent
  requestProps?: any;
  targetAppName?: string | null;
  /** The service's interface; the server fills it in. */
  interfaceName?: string;
}

/** A request that was read, as `request` events and a service's `invoke` see it. */
export interface ServerRequest extends Packet {
  data: RequestContent;
  /** What is called instead of the delegate's method, where somebody has set it: an async function. */
  // biome-ignore lint/suspicious/noExplicitAny: a method takes what its callers send
  method?: (...args: any[]) => Promise<unknown>;
}

/** What is known of a response that was written. */
export interface ResponseMeta {
  /** The whole frame. */
  data: Buffer;
  /** Its length in bytes. */
  size: number;
  /** Milliseconds since 1970 when its encoding began. */
  start: number;
  /** Milliseconds that its encoding took. */
  encodeRT: number;
  codecType: string;
  protocolType: string;
}

/** A response that was written. */
export interface ResponsePacket {
  packetId: number;
  packetType: 'response';
  req: ServerRequest;
  // biome-ignore lint/suspicious/noExplicitAny: what was handed to send()
  res: any;
  meta: ResponseMeta;
}

/** A provider as a registry is told of it; a service's `customMeta` comes on top. */
export interface Registered extends RegisterConfig {
  version: string;
  group: string;
}

/** What a server needs of its registry; a ZookeeperRegistry is one. */
export type ServerRegistry = Pick<CompatRegistry, 'register' | 'unRegister' | 'subscribe' | 'unSubscribe'>;

/** What `createContext` makes of a request: the `this` of the method that is called. Its logger is used where it has one. */
export interface ServerContext {
  logger?: Logger;
  [key: string]: unknown;
}
