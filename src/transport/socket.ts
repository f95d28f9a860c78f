import { connect as netConnect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';

/**
 * Opens a byte stream to an endpoint. The default is TCP; a test passes an in-memory pair.
 * Aborting `signal` must reject the promise and free what was opened.
 */
export type Connect = (endpoint: Endpoint, signal: AbortSignal) => Promise<Duplex>;

/**
 * Opens a TCP connection with Nagle's delay off, or a Unix socket where the endpoint's host is a path. Rejects with
 * CONNECT_FAILED that names the address and the cause.
 */
export const connectTcp: Connect = (endpoint, signal) =>
  new Promise((resolve, reject) => {
    const { host, port } = endpoint;
    const socket = host.startsWith('/')
      ? netConnect({ path: host })
      : netConnect({ host, port, noDelay: true });
    const abandon = (cause: unknown) => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(connectFailed(endpoint, cause));
    };
    const onAbort = () => abandon(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', abandon);
    socket.once('connect', () => {
      if (leadsToItself(socket)) {
        abandon(new Error('the connection leads to itself: nothing listens there'));
        return;
      }
      signal.removeEventListener('abort', onAbort);
      socket.removeListener('error', abandon);
      resolve(socket);
    });
    if (signal.aborted) onAbort();
  });

/**
 * Whether a connection's peer is itself: the system may give a socket that very port that it connects to, where nobody
 * listens there, and it would keep a server that comes back from its port.
 */
export function leadsToItself({ localPort, remotePort, localAddress, remoteAddress }: Socket): boolean {
  return localPort !== undefined && localPort === remotePort && localAddress === remoteAddress;
}

/** CONNECT_FAILED with the address, the cause in words and what to look at. */
export function connectFailed(endpoint: Endpoint, cause: unknown): MeshError {
  const { code, message } = (cause ?? {}) as { code?: string; message?: string };
  const hint =
    code === 'ECONNREFUSED'
      ? 'nothing listens there; is the provider running?'
      : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
        ? 'the host name does not resolve; check it and the DNS'
        : 'check the address and the network';
  const why = message || (code ?? String(cause));
  return new MeshError('CONNECT_FAILED', `cannot connect to ${endpoint.address}: ${why}; ${hint}`, {
    endpoint: endpoint.address,
    cause,
  });
}
