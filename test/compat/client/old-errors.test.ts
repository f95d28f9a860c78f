import { describe, expect, test } from 'vitest';
import { oldErrorOf, rpcError, socketClosed } from '../../../src/compat/client/old-errors.js';
import { RpcRequest } from '../../../src/compat/client/rpc-request.js';
import { type ErrorCode, MeshError } from '../../../src/core/errors.js';

const requested = () =>
  new RpcRequest({ serverSignature: 'com.acme.Echo:1.0', methodName: 'echo', args: [], timeout: 50 });

/** The old error, and the result code that its caller sees in the end. */
function told(failure: unknown) {
  const request = requested();
  const error = oldErrorOf(failure, { request, url: 'bolt://a:1', rt: 51 });
  const code = request.meta.resultCode === '00' ? error?.resultCode : request.meta.resultCode;
  return { request, error, code };
}

const codes: [ErrorCode, string, string | RegExp, string][] = [
  ['DEADLINE_EXCEEDED', 'RpcResponseTimeoutError', 'no response in 51ms, address:bolt://a:1', '03'],
  [
    'CIRCUIT_OPEN',
    'RpcCircuitBreakerError',
    'this request is block by circuit breaker, why, url: bolt://a:1',
    '02',
  ],
  ['ENCODE_FAILED', 'RpcRequestEncodeError', 'why', '02'],
  ['DECODE_FAILED', 'BoltDecodeError', 'why (address: bolt://a:1)', '02'],
  ['CONNECTION_LOST', 'RpcSocketCloseError', 'The socket was closed. (address: address => bolt://a:1)', '02'],
  [
    'PROTOCOL_VIOLATION',
    'RpcSocketCloseError',
    'The socket was closed. (address: address => bolt://a:1)',
    '02',
  ],
  ['RATE_LIMITED', 'MeshError', 'why', '02'],
];

describe('what the core says, in the old words', () => {
  test.each(codes)('%s is %s', (code, name, message, resultCode) => {
    const failure = new MeshError(code, 'why');
    const { error, code: seen } = told(failure);
    expect(error).toMatchObject({ name, message });
    expect(error).toBeInstanceOf(Error);
    expect(seen).toBe(resultCode);
    if (error !== failure) expect(error?.cause).toBe(failure);
  });

  test('a timeout has its request and milliseconds', () => {
    const { error, request } = told(new MeshError('DEADLINE_EXCEEDED', 'late'));
    expect(error).toMatchObject({ timeout: 50 });
    expect(error?.req).toBe(request);
  });

  test("what the codec threw is the error itself, renamed, as its user's code may know it", () => {
    const cause = Object.assign(new TypeError('Do not know how to serialize a BigInt'), { at: 'args[0]' });
    const { error } = told(new MeshError('ENCODE_FAILED', cause.message, { cause }));
    expect(error).toBe(cause);
    expect(error?.name).toBe('RpcRequestEncodeError');
  });

  test.each<[ErrorCode, boolean]>([
    ['NO_ENDPOINT', false],
    ['CONNECT_FAILED', false],
    ['SHUTTING_DOWN', false],
  ])('%s found nobody: that is the caller’s to say', (code, sent) => {
    expect(told(new MeshError(code, 'why', { sent })).error).toBe(undefined);
  });

  test('a client that closes during the call is a lost connection', () => {
    const { error } = told(new MeshError('SHUTTING_DOWN', 'why', { sent: true }));
    expect(error?.name).toBe('RpcSocketCloseError');
  });

  test('what is no error of the core is left alone', () => {
    const failure = new Error('a balancer of the user’s');
    expect(told(failure).error).toBe(failure);
  });
});

test('an error has a code and a cause only where it has one', () => {
  expect(Object.keys(rpcError('A', 'b'))).toEqual(['name']);
  expect(Object.hasOwn(rpcError('A', 'b'), 'cause')).toBe(false);
  expect(rpcError('A', 'b', '02', 'c')).toMatchObject({
    name: 'A',
    message: 'b',
    resultCode: '02',
    cause: 'c',
  });
  expect(socketClosed('bolt://a:1')).toMatchObject({ name: 'RpcSocketCloseError', resultCode: '02' });
});
