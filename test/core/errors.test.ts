import { describe, expect, test, vi } from 'vitest';
import { addContext, type ErrorCode, MeshError, RemoteError } from '../../src/core/errors.js';

/** The module again, as a second copy of the package has it. */
async function otherCopy(): Promise<typeof import('../../src/core/errors.js')> {
  vi.resetModules();
  return import('../../src/core/errors.js');
}

describe('MeshError', () => {
  test('is an Error with a code, a cause and what is known of the call', () => {
    const cause = new Error('low');
    const error = new MeshError('CONNECT_FAILED', 'cannot connect', {
      service: 's:1.0',
      method: 'm',
      endpoint: 'h:1',
      path: 'direct',
      cause,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'MeshError',
      code: 'CONNECT_FAILED',
      message: 'cannot connect',
      service: 's:1.0',
      method: 'm',
      endpoint: 'h:1',
      path: 'direct',
      sent: false,
      retry: 'safe',
    });
    expect(error.cause).toBe(cause);
    expect('cause' in new MeshError('CANCELLED', 'x')).toBe(false);
  });

  test.each<[ErrorCode, string]>([
    ['NO_ENDPOINT', 'safe'],
    ['CONNECT_FAILED', 'safe'],
    ['OVERLOADED', 'safe'],
    ['CONNECTION_LOST', 'if-idempotent'],
    ['DEADLINE_EXCEEDED', 'if-idempotent'],
    ['REMOTE_FAILURE', 'never'],
    ['ENCODE_FAILED', 'never'],
    ['CANCELLED', 'never'],
  ])('%s is retried %s unless it says otherwise', (code, retry) => {
    expect(new MeshError(code, 'x').retry).toBe(retry);
    expect(new MeshError(code, 'x', { retry: 'safe' }).retry).toBe('safe');
  });

  test('is recognised across two copies of the package, where instanceof is not', async () => {
    const other = await otherCopy();
    const theirs = new other.MeshError('CANCELLED', 'x');
    expect(theirs).not.toBeInstanceOf(MeshError);
    expect(MeshError.is(theirs)).toBe(true);
    const remote = new RemoteError({ className: 'java.lang.Error' });
    expect(other.MeshError.is(remote)).toBe(true);
    expect(other.RemoteError.is(remote)).toBe(true);
    expect(RemoteError.is(theirs)).toBe(false);
  });

  test.each([undefined, null, 'CANCELLED', new Error('x'), { code: 'CANCELLED', message: 'x' }])(
    '%s is none',
    (value) => {
      expect(MeshError.is(value)).toBe(false);
    },
  );

  test('the brand is not seen in the properties', () => {
    const error = new MeshError('CANCELLED', 'x');
    expect(Object.getOwnPropertySymbols(structuredClone(error))).toEqual([]);
    expect(Reflect.ownKeys({ ...error }).filter((key) => typeof key === 'symbol')).toEqual([]);
  });
});

test('a RemoteError was sent, is not retried, and has what Java threw', () => {
  const error = new RemoteError({
    className: 'java.io.IOException',
    message: null,
    fields: { a: 1 },
    remoteStack: 'at X',
  });
  expect(error).toMatchObject({
    name: 'RemoteError',
    code: 'REMOTE_FAILURE',
    message: '',
    className: 'java.io.IOException',
    fields: { a: 1 },
    remoteStack: 'at X',
    sent: true,
    retry: 'never',
  });
  expect(error).toBeInstanceOf(MeshError);
});

describe('addContext', () => {
  test('fills in what was open and keeps what an inner layer said', () => {
    const error = new MeshError('CONNECTION_LOST', 'x', { endpoint: 'inner:1' });
    expect(
      addContext(error, { endpoint: 'outer:1', service: 's:1.0', method: 'm', path: 'direct', sent: true }),
    ).toBe(error);
    expect(error).toMatchObject({
      endpoint: 'inner:1',
      service: 's:1.0',
      method: 'm',
      path: 'direct',
      sent: true,
      retry: 'if-idempotent',
    });
  });

  test('leaves anything else alone', () => {
    const error = new TypeError('x');
    expect(addContext(error, { service: 's:1.0' })).toBe(error);
    expect('service' in error).toBe(false);
  });
});
