import { MeshError, RemoteError } from '../core/errors.js';

/**
 * Whether a guard counts a failure against the way that the call took. What the caller did wrong or gave up says nothing
 * of it, nor does an exception that the contract names: that is an answer. Any other exception counts, for a sidecar may
 * lead to the wrong provider, and the direct way is measured by the same rule.
 */
export function countsAgainstPath(error: unknown): boolean {
  if (!MeshError.is(error)) return false;
  switch (error.code) {
    case 'CANCELLED':
    case 'INVALID_ARGUMENT':
    case 'ENCODE_FAILED':
    case 'RATE_LIMITED':
      return false;
    case 'REMOTE_FAILURE':
      return !RemoteError.is(error) || error.constructor === RemoteError;
    default:
      return true;
  }
}
