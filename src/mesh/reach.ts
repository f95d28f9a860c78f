import type { Duplex } from 'node:stream';
import type { Endpoint } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { reasonOf } from '../core/reason.js';
import type { Connect } from '../transport/socket.js';

const WHY: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'there is no such socket',
  EACCES: 'this process may not use that socket',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the host name does not resolve',
};

/**
 * Opens a stream to a part of the sidecar; one that comes after the signal was aborted is freed.
 * @param what the part, for the message: `the egress`.
 * @throws MeshError CONNECT_FAILED.
 */
export async function reach(
  connect: Connect,
  what: string,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<Duplex> {
  let stream: Duplex;
  try {
    stream = await connect(endpoint, signal);
  } catch (error) {
    // The cause says it without the advice of connectTcp, which takes every address for a provider's.
    const cause = MeshError.is(error) && error.cause !== undefined ? error.cause : error;
    const code = String((cause as { code?: unknown } | undefined)?.code);
    const hint = Object.hasOwn(WHY, code) ? `: ${WHY[code]}` : '';
    throw new MeshError(
      'CONNECT_FAILED',
      `cannot reach ${what} at ${endpoint.address}: ${reasonOf(cause) || code}${hint}`,
      { endpoint: endpoint.address, cause },
    );
  }
  if (!signal.aborted) return stream;
  stream.destroy();
  throw signal.reason;
}
