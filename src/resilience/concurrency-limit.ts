import type { Call, Interceptor, Reply } from '../core/call.js';
import { MeshError } from '../core/errors.js';
import { checkOption } from './check-option.js';

/**
 * Refuses calls at once while `maxConcurrency` others are in flight. For the call chain, outermost: a call counts once,
 * however often it is tried. All that go through one interceptor share its limit.
 * @throws MeshError INVALID_ARGUMENT where the limit is not a positive integer.
 */
export function concurrencyLimit(maxConcurrency: number): Interceptor {
  checkOption(
    'maxConcurrency',
    maxConcurrency,
    Number.isSafeInteger(maxConcurrency) && maxConcurrency >= 1,
    'a positive integer',
  );
  let inFlight = 0;
  const onReply = (reply: Reply): Reply => {
    inFlight--;
    return reply;
  };
  const onError = (error: unknown): never => {
    inFlight--;
    throw error;
  };
  return (next) => (call) => {
    if (inFlight >= maxConcurrency) return Promise.reject(refusal(call, maxConcurrency));
    inFlight++;
    try {
      return next(call).then(onReply, onError);
    } catch (error) {
      return onError(error);
    }
  };
}

function refusal({ service, method }: Call, limit: number): MeshError {
  return new MeshError(
    'RATE_LIMITED',
    `${service} ${method} was not sent: ${limit} calls of this client are in flight, its maxConcurrency; call less at once, or raise it`,
    { service, method },
  );
}
