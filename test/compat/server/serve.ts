import type { Socket } from 'node:net';
import { format } from 'node:util';
import { onTestFinished } from 'vitest';
import type { Logger } from '../../../src/compat/logger.js';
import { RpcServer } from '../../../src/compat/server/rpc-server.js';
import type { RpcServerOptions } from '../../../src/compat/server/rpc-server-options.js';
import type { ServerRequest } from '../../../src/compat/server/types.js';
import { duplexPair } from '../../../src/testing/duplex-pair.js';
import { FakeClock } from '../../../src/testing/fake-clock.js';
import { RawPeer } from '../../support/raw-peer.js';

/** A logger that keeps its lines, as `level: text`. */
export function keptLines() {
  const lines: string[] = [];
  const at =
    (level: string) =>
    (message: unknown, ...args: unknown[]) =>
      void lines.push(`${level}: ${message instanceof Error ? message.message : format(message, ...args)}`);
  const logger: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { logger, lines };
}

/** Two ends of a connection: the first as the socket that a server accepts. */
export function socketPair(remotePort = 4321): { socket: Socket; peer: RawPeer } {
  const [near, far] = duplexPair();
  // As a socket that was not told otherwise.
  far.on('end', () => far.end());
  const socket = Object.assign(near, { remoteAddress: '10.0.0.9', remotePort }) as unknown as Socket;
  return { socket, peer: new RawPeer(far) };
}

/** Whose hands are in here: what a subclass may call. */
export type Opened<T> = T & {
  _handleSocket(socket: Socket): void;
};

export const GREETER = {
  hello: async (name: string) => `hello ${name}`,
  fail: async () => {
    throw new Error('no such person');
  },
  sync: () => 'not async',
};

/** A server in memory and in simulated time, that serves {@link GREETER}. */
export function memoryServer(options: Partial<RpcServerOptions> = {}, Class: typeof RpcServer = RpcServer) {
  const clock = new FakeClock(1_700_000_000_000);
  const { logger, lines } = keptLines();
  const server = new Class({ logger, clock, publishAddress: '10.0.0.1', mode: 'direct', ...options });
  server.addService('com.acme.Greeter', GREETER);
  const events: unknown[][] = [];
  for (const name of ['connection', 'request', 'response', 'error', 'close'])
    server.on(name, (...args) => void events.push([name, ...args]));
  let port = 4321;
  const connect = () => {
    const { socket, peer } = socketPair(port++);
    (server as unknown as Opened<RpcServer>)._handleSocket(socket);
    return peer;
  };
  onTestFinished(async () => {
    void server.close();
    await clock.advance(40_000);
  });
  return { server, clock, lines, events, connect, errors: () => of(events, 'error') };
}

/** The messages of the events of that name. */
function of(events: unknown[][], name: string): string[] {
  return events.filter(([event]) => event === name).map(([, error]) => (error as Error).message);
}

/** A request as a connection hands it on. */
export function requestOf(
  methodName: string,
  args: unknown[] = [],
  { timeout = 3_000, start = 0 } = {},
): ServerRequest {
  return {
    packetId: 1,
    packetType: 'request',
    data: { serverSignature: 'com.acme.Greeter:1.0', methodName, args },
    className: 'com.alipay.sofa.rpc.core.request.SofaRequest',
    options: { protocolType: 'bolt', codecType: 'hessian2', timeout },
    meta: { size: 100, start, rt: 0 },
  };
}
