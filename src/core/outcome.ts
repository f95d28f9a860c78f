import { MeshError } from './errors.js';

/**
 * What an attempt said about the endpoint it went to: it `answered` (an exception is an answer, too), it `failed` (no
 * answer, busy, stopping), or nothing was learnt of it (`unknown`: cancelled, refused before it was sent).
 */
export type Outcome = 'answered' | 'failed' | 'unknown';

/**
 * The outcome of an attempt that ended with `error`. As Java's fault tolerance does, only what concerns the endpoint
 * itself counts: silence, a lost connection, busy. What a method throws, or a body that cannot be read, does not.
 */
export function outcomeOf(error: unknown): Outcome {
  if (!MeshError.is(error)) return 'unknown';
  switch (error.code) {
    case 'CONNECTION_LOST':
    case 'CONNECT_FAILED':
    case 'PROTOCOL_VIOLATION':
    case 'OVERLOADED':
    case 'SHUTTING_DOWN':
    case 'NO_ENDPOINT':
      return 'failed';
    case 'DEADLINE_EXCEEDED':
      // A deadline that had passed before the request left says nothing of where it would have gone.
      return error.sent ? 'failed' : 'unknown';
    case 'REMOTE_FAILURE':
    case 'METHOD_NOT_FOUND':
    case 'DECODE_FAILED':
      return 'answered';
    default:
      return 'unknown';
  }
}
