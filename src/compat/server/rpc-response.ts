import type { Socket } from 'node:net';
import { systemClock } from '../../core/clock.js';
import type { ResponseData } from '../bolt/frames.js';
import type { ResponsePacket, ServerRequest } from './types.js';

/** What a response needs of its connection; an RpcConnection is one. */
export interface ResponseConnection {
  readonly socket: Socket;
  /** `ip:port` of the client. */
  readonly remoteAddress: string;
  readonly isClosed: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: a connection's options
  readonly options?: any;
  send(req: ServerRequest, res: ResponseData): Promise<ResponsePacket>;
}

/** How a request was answered, for logs and traces. */
export interface RpcResponseMeta {
  /** When the request was handed to the server, in milliseconds since 1970. */
  start: number;
  /** Milliseconds that the method took. */
  rt: number;
  /** The response's frame; null until it was sent. */
  data: Buffer | null;
  /** Milliseconds that encoding the response took. */
  responseEncodeRT: number;
  serviceName: string;
  interfaceName: string | undefined;
  method: string;
  /** `ip:port` of the client. */
  remoteIp: string;
  /** Bytes of the request. */
  reqSize: number;
  /** Bytes of the response. */
  resSize: number;
  /** 00: answered; 01: the method threw; 02: the framework failed; 03: too late; 04: there is no such method. */
  resultCode: string;
}

/** The way back to who sent a request. */
export class RpcResponse {
  readonly req: ServerRequest;
  readonly connection: ResponseConnection;
  readonly meta: RpcResponseMeta;

  constructor(req: ServerRequest, connection: ResponseConnection) {
    this.req = req;
    this.connection = connection;
    const { data, meta } = req;
    this.meta = {
      start: (connection.options?.clock ?? systemClock).wallTime(),
      rt: 0,
      data: null,
      responseEncodeRT: 0,
      serviceName: data.serverSignature,
      interfaceName: data.interfaceName,
      method: data.methodName,
      remoteIp: connection.remoteAddress,
      reqSize: meta?.size || 0,
      resSize: 0,
      resultCode: '00',
    };
  }

  get socket(): Socket {
    return this.connection.socket;
  }

  get remoteAddress(): string {
    return this.connection.remoteAddress;
  }

  get isClosed(): boolean {
    return this.connection.isClosed;
  }

  /** Answers. Resolves when the response was written; rejects where it cannot be encoded, or is too late for its caller. */
  async send(res: ResponseData): Promise<void> {
    const packet = await this.connection.send(this.req, res);
    const { data, size, encodeRT } = packet.meta;
    this.meta.data = data;
    this.meta.resSize = size;
    this.meta.responseEncodeRT = encodeRT;
  }
}
