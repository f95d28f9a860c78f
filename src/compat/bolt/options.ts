import type { ClassMap } from '../values/class-map.js';

export type CodecName = 'hessian2' | 'protobuf';

export type HessianVersion = '3.0' | '4.0';

/** How a frame is written. */
export interface FrameOptions {
  readonly protocolType: 'bolt' | 'bolt2';
  /** The version byte of `bolt2`. */
  readonly boltVersion: number;
  /** Whether a `bolt2` frame ends in a checksum. */
  readonly crcEnable: boolean;
  readonly codecType: CodecName;
  /** For protobuf: a Root of protobufjs, or anything that looks up services as it does. */
  readonly proto?: unknown;
  readonly classMap?: ClassMap;
  readonly hessianVersion: HessianVersion;
}

/** A request as users hand it over. */
export interface RequestData {
  serverSignature: string;
  methodName: string;
  args: unknown[];
  /** Milliseconds, for the frame. */
  timeout: number;
  targetAppName?: string;
  requestProps?: unknown;
  /** Goes before the one of the options. */
  codecType?: string;
  oneway?: boolean;
  /** Goes before the one of the options. */
  classMap?: ClassMap;
}

/** A response as users hand it over. */
export interface ResponseData {
  /** By default whether there is an errorMsg. */
  isError?: boolean;
  errorMsg?: string | null;
  appResponse?: unknown;
  responseProps?: unknown;
  /** Goes before the one of the options. */
  classMap?: ClassMap;
  /** Bolt's status. By default 2 for an error, else 0. */
  status?: number;
}

/** What a response is an answer to. */
export interface Asked {
  readonly serverSignature: string;
  readonly methodName: string;
}

/** What a frame is read with. */
export interface ReadContext {
  readonly proto?: unknown;
  readonly classMap?: ClassMap;
  readonly hessianVersion: HessianVersion;
  /** The request that a response of protobuf answers: only it says which type the answer has. */
  readonly asked?: (id: number) => Asked | undefined;
  /** Accepted, as the predecessor accepts it: nothing depends on it. */
  readonly parseRequestPropsWithHeader?: boolean;
  /** Accepted: class definitions are known by all of their bytes, so that the cache is never wrong. */
  readonly disableDecodeCache?: boolean;
}

/** The options of a packet, with which it is answered. */
export interface PacketOptions {
  protocolType: 'bolt' | 'bolt2';
  boltVersion?: number;
  crcEnable?: boolean;
  codecType: CodecName;
  timeout?: number;
  proto?: unknown;
  classMap?: ClassMap;
}

/** A frame as users see it. */
export interface Packet {
  packetId: number;
  packetType: 'request' | 'response' | 'heartbeat' | 'heartbeat_ack';
  /** Of a response `{ error, appResponse, responseProps }`, of a request its service, method, arguments and props. */
  // biome-ignore lint/suspicious/noExplicitAny: users read the fields of both
  data?: any;
  className?: string;
  options: PacketOptions;
  /** Bytes, when it was read (milliseconds since 1970) and how long that took. */
  meta: { size: number; start: number; rt: number } | null;
}
