import type { Handler, PathChoice } from '../core/call.js';
import { MeshError } from '../core/errors.js';
import { type Attempt, sendOn } from './client-exchange.js';
import type { Peer } from './peer.js';
import type { ClientRuntime } from './runtime.js';
import { UnmeasuredLease } from './unmeasured-lease.js';

const ON_ONE_PEER: PathChoice = Object.freeze({ path: 'direct', reason: 'the caller chose the connection' });

/** Makes calls on one peer, for callers that choose connections by themselves. Never throws. */
export function callsOn(peer: Peer, runtime: ClientRuntime): Handler {
  const send = sendOn(runtime);
  return (call) => {
    const attempt = call as Attempt & { via: PathChoice };
    attempt.via = ON_ONE_PEER;
    const connection = peer.connection() ?? peer.lastResort();
    if (connection === undefined) {
      const message = 'the connection is closed; ask for another one';
      return Promise.reject(new MeshError('CONNECT_FAILED', message));
    }
    attempt.lease = new UnmeasuredLease(connection);
    attempt.endpoint = connection.endpoint;
    return send(attempt);
  };
}
