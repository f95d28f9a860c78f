import assert from 'node:assert';
import { systemClock } from '../../core/clock.js';
import type { Address } from './address.js';

/** How a call ended: `00` well, `01` with an error of the method's, `02` of the framework's, `03` too late, `04` with nowhere to go. */
export type ResultCode = '00' | '01' | '02' | '03' | '04' | (string & {});

/** What became known of a call on its way. */
export interface RequestMeta {
  /** The id of its frame. */
  id: number | null;
  resultCode: ResultCode;
  /** The key of the address group that it was sent to. */
  connectionGroup: string | null;
  codecType: string | null;
  boltVersion: number | null;
  /** Never known with Bolt. */
  sofaVersion?: string;
  crcEnable: boolean;
  /** Milliseconds since 1970. */
  start: number;
  /** Milliseconds. */
  timeout: number;
  /** Where it was sent: the provider, or the sidecar in front of it. */
  address: Address | null;
  requestEncodeStart: number;
  requestEncodeRT: number;
  /** Bytes of its frame. */
  reqSize: number;
  responseDecodeStart: number;
  responseDecodeRT: number;
  /** Bytes of the response's frame. */
  resSize: number;
  /** Milliseconds from its start to its end. */
  rt: number | null;
  error: Error | null;
}

export interface RpcRequestOptions {
  /** Required: `interface:version[:uniqueId]`. */
  serverSignature: string;
  /** Required. */
  methodName: string;
  /** Required. */
  // biome-ignore lint/suspicious/noExplicitAny: arguments of any kind
  args: any[];
  /** Required: milliseconds. */
  timeout: number;
  targetAppName?: string;
  group?: string;
  codecType?: string;
  /** Default: `{ service: serverSignature }`. */
  // biome-ignore lint/suspicious/noExplicitAny: props are the user's
  requestProps?: Record<string, any>;
  // biome-ignore lint/suspicious/noExplicitAny: a context of the user's
  ctx?: any;
}

/** One call, as middlewares and events see it. */
export class RpcRequest {
  targetAppName: string | undefined;
  serverSignature: string;
  group: string | undefined;
  methodName: string;
  // biome-ignore lint/suspicious/noExplicitAny: arguments of any kind
  args: any[];
  timeout: number;
  codecType: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: props are the user's
  requestProps: Record<string, any>;
  // biome-ignore lint/suspicious/noExplicitAny: a context of the user's
  ctx: any;
  meta: RequestMeta;

  /** @throws AssertionError where something required is missing. */
  constructor(data: RpcRequestOptions = {} as RpcRequestOptions) {
    assert(data.serverSignature, '[RpcRequest] req.serverSignature is required');
    assert(data.methodName, '[RpcRequest] req.methodName is required');
    assert(data.args, '[RpcRequest] req.args is required');
    assert(data.timeout, '[RpcRequest] req.timeout is required');
    this.targetAppName = data.targetAppName;
    this.serverSignature = data.serverSignature;
    this.group = data.group;
    this.methodName = data.methodName;
    this.args = data.args;
    this.timeout = data.timeout;
    this.codecType = data.codecType;
    this.requestProps = data.requestProps || { service: data.serverSignature };
    this.ctx = data.ctx;
    this.meta = {
      id: null,
      resultCode: '00',
      connectionGroup: null,
      codecType: null,
      boltVersion: null,
      crcEnable: false,
      start: systemClock.wallTime(),
      timeout: data.timeout,
      address: null,
      requestEncodeStart: 0,
      requestEncodeRT: 0,
      reqSize: 0,
      responseDecodeStart: 0,
      responseDecodeRT: 0,
      resSize: 0,
      rt: null,
      error: null,
    };
  }
}
