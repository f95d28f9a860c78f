import { MeshError } from '../../core/errors.js';
import type { ResultCode, RpcRequest } from './rpc-request.js';

/** An error of the old interface: known by its name and its result code. */
export interface RpcError extends Error {
  resultCode?: ResultCode;
  /** Of a timeout: the request. */
  req?: RpcRequest;
  /** Of a timeout: milliseconds. */
  timeout?: number;
}

/** An error of that name. `cause`: what the core said, which tells more. */
export function rpcError(name: string, message: string, resultCode?: ResultCode, cause?: unknown): RpcError {
  const error: RpcError = new Error(message, cause === undefined ? undefined : { cause });
  error.name = name;
  if (resultCode !== undefined) error.resultCode = resultCode;
  return error;
}

/** What is known of a call that failed. */
export interface FailedCall {
  readonly request: RpcRequest;
  /** The address it was sent to, as text. */
  readonly url: string;
  /** Milliseconds since it was made. */
  readonly rt: number;
}

/**
 * The old error for a failure that no other side answered; undefined where the call found nobody to go to, which is the
 * caller's to name. The result code is noted in the request's meta, or is the error's own.
 */
export function oldErrorOf(failure: unknown, { request, url, rt }: FailedCall): RpcError | undefined {
  if (!MeshError.is(failure)) return failure as RpcError;
  switch (failure.code) {
    case 'DEADLINE_EXCEEDED': {
      const message = `no response in ${rt}ms, address:${url}`;
      const error = rpcError('RpcResponseTimeoutError', message, undefined, failure);
      error.req = request;
      error.timeout = request.timeout;
      request.meta.resultCode = '03';
      return error;
    }
    case 'ENCODE_FAILED': {
      const error = (failure.cause instanceof Error ? failure.cause : failure) as RpcError;
      error.name = 'RpcRequestEncodeError';
      request.meta.resultCode = '02';
      return error;
    }
    case 'CIRCUIT_OPEN': {
      const message = `this request is block by circuit breaker, ${failure.message}, url: ${url}`;
      request.meta.resultCode = '02';
      return rpcError('RpcCircuitBreakerError', message, undefined, failure);
    }
    case 'DECODE_FAILED':
      return rpcError('BoltDecodeError', `${failure.message} (address: ${url})`, '02', failure);
    case 'NO_ENDPOINT':
    case 'CONNECT_FAILED':
      return undefined;
    case 'SHUTTING_DOWN':
      return failure.sent ? socketClosed(url, failure) : undefined;
    case 'CONNECTION_LOST':
    case 'PROTOCOL_VIOLATION':
      return socketClosed(url, failure);
    default:
      return rpcError(failure.name, failure.message, '02', failure);
  }
}

/** The connection was lost while the call was on its way. */
export function socketClosed(url: string, cause?: unknown): RpcError {
  return rpcError('RpcSocketCloseError', `The socket was closed. (address: address => ${url})`, '02', cause);
}
