import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, type Server as NetServer, createServer as netServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FrameDecoder } from '../../src/bolt/decoder.js';
import { CMD_GO_AWAY, CMD_HEARTBEAT, TYPE_REQUEST, TYPE_RESPONSE } from '../../src/bolt/frame.js';
import { frameOf } from '../support/raw-peer.js';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What listens on one real address. */
export interface Listening extends AsyncDisposable {
  /** `host:port`, or `unix:/path`. */
  readonly address: string;
  /** Connections that were made to it. */
  readonly connections: number;
  /** Those that are open now. */
  readonly open: number;
}

/** At a free port of the loopback, or at a Unix socket's path. */
export async function listening(server: NetServer, path?: string): Promise<Listening> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (path === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(path, resolve);
  });
  return {
    address: path === undefined ? `127.0.0.1:${(server.address() as AddressInfo).port}` : `unix:${path}`,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Accepts connections, reads, and does with each what the test says; by default nothing. */
export function tcp(onSocket: (socket: Socket) => void = () => undefined, path?: string): Promise<Listening> {
  const server = netServer((socket) => {
    onSocket(socket);
    socket.resume();
  });
  return listening(server, path);
}

/** An address where nothing listens. */
export async function deadAddress(): Promise<string> {
  const server = await tcp();
  await server[Symbol.asyncDispose]();
  return server.address;
}

export type Answer = (request: ApiRequest, response: ServerResponse) => void;

export const SUCCESS = '{"errorMessage":"","success":true}';

/** An HTTP server that takes down what it is asked, and answers as told. */
export class FakeApi {
  readonly requests: ApiRequest[] = [];
  readonly server = createServer((request, response) => void this.take(request, response));

  /** @param answer default: success. */
  constructor(private readonly answer: Answer = (_request, response) => void response.end(SUCCESS)) {}

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, headers, body: Buffer.concat(chunks).toString() };
    this.requests.push(seen);
    this.answer(seen, response);
  }
}

/** As {@link FakeApi}, listening. */
export async function fakeApi(
  answer?: Answer,
  path?: string,
): Promise<Listening & { requests: ApiRequest[] }> {
  const api = new FakeApi(answer);
  return Object.assign(await listening(api.server, path), { requests: api.requests });
}

/** Answers each heartbeat of one version; at anything else it closes, as a listener of MOSN does. */
export function answerHeartbeats(stream: Duplex, version: 'v1' | 'v2' = 'v1'): void {
  const decoder = new FrameDecoder({ maxFrameBytes: 1 << 20 });
  stream.on('data', (chunk: Buffer) => {
    try {
      decoder.push(chunk, ({ proto, ver1, type, cmdCode, requestId }) => {
        if (proto !== (version === 'v1' ? 1 : 2) || cmdCode !== CMD_HEARTBEAT) throw new Error('not for me');
        if (type !== TYPE_REQUEST) return;
        const answer = { proto, ver1, type: TYPE_RESPONSE, cmdCode, requestId, codec: 1, status: 0 };
        stream.write(frameOf(answer));
      });
    } catch {
      stream.destroy();
    }
  });
}

/** What a server sends that stops gracefully. */
export const GO_AWAY = frameOf({
  proto: 1,
  type: TYPE_REQUEST,
  cmdCode: CMD_GO_AWAY,
  requestId: 1,
  codec: 1,
  timeout: -1,
});
