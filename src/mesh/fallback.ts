import type { Call } from '../core/call.js';
import { type ErrorCode, MeshError } from '../core/errors.js';

/** The caller's own limits, and refusals that the other way would only meet again. */
const NOT_OF_THE_PATH: ReadonlySet<ErrorCode> = new Set([
  'DEADLINE_EXCEEDED',
  'CIRCUIT_OPEN',
  'RATE_LIMITED',
]);

/** Whether the other way may take the call: it was not executed on this one, or may be executed again. */
export function mayFallBack(error: unknown, call: Call, from: 'mesh' | 'direct'): error is MeshError {
  if (!MeshError.is(error) || NOT_OF_THE_PATH.has(error.code) || (call.oneway && error.sent)) return false;
  // All providers are busy: the sidecar knows the same ones.
  if (from === 'direct' && error.code === 'OVERLOADED') return false;
  return error.retry === 'safe' || (error.retry === 'if-idempotent' && call.idempotent);
}
