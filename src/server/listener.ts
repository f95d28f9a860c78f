import { type AddressInfo, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { endpointOf } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';

/** Where something listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What node:net and node:http have in common. */
interface Listener {
  listen(options: ListenOptions, listening: () => void): unknown;
  on(event: 'error', failed: (error: Error) => void): unknown;
  once(event: 'error', failed: (error: Error) => void): unknown;
  removeListener(event: 'error', failed: (error: Error) => void): unknown;
  address(): AddressInfo | string | null;
}

/**
 * Listens, and resolves to the address that was taken. `warn` is told of what goes wrong later.
 * @throws MeshError CONNECT_FAILED.
 */
export async function listen(
  listener: Listener,
  host: string | undefined,
  port: number,
  warn: (text: string) => void,
): Promise<Address> {
  try {
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen({ host, port }, () => {
        listener.removeListener('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw listenFailed(host, port, error);
  }
  listener.on('error', (error) => warn(`cannot accept a connection: ${error.message}`));
  const bound = listener.address() as AddressInfo;
  return { host: bound.address, port: bound.port };
}

function listenFailed(host: string | undefined, port: number, cause: unknown): MeshError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const where = host === undefined ? `port ${port}` : endpointOf(host, port).address;
  const hint =
    code === 'EADDRINUSE'
      ? 'another process listens there; stop it, or choose another port (0 takes a free one)'
      : code === 'EACCES'
        ? 'ports below 1024 need a privilege; choose a higher one'
        : 'check host and port';
  return new MeshError('CONNECT_FAILED', `cannot listen on ${where}: ${message}; ${hint}`, { cause });
}

/**
 * Makes what a server listens with, such as `(accept) => tls.createServer(options, accept)`. `accept` is called with the
 * stream of each connection; a stream that tells `remoteAddress` and `remotePort`, as sockets do, is known by them.
 */
export type CreateListener = (accept: (stream: Duplex) => void) => Server;

/** TCP, with Nagle's delay off. */
export const tcpListener: CreateListener = (accept) => createServer({ noDelay: true }, accept);

/** Who connected, for messages. */
export function remoteOf(stream: Duplex): string {
  const { remoteAddress = 'unknown', remotePort = 0 } = stream as Partial<Socket>;
  return endpointOf(remoteAddress, remotePort).address;
}
