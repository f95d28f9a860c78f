import { expect, test } from 'vitest';
import type { Call } from '../../src/core/call.js';
import { type ErrorCode, MeshError, type RetryAdvice } from '../../src/core/errors.js';
import { mayFallBack } from '../../src/mesh/fallback.js';

const call = (over: Partial<Call> = {}) => ({ idempotent: false, oneway: false, ...over }) as Call;
const failed = (code: ErrorCode, retry: RetryAdvice, sent = false) =>
  new MeshError(code, 'why', { retry, sent });

test('what was not executed goes the other way, and what may run twice where it was perhaps', () => {
  expect(mayFallBack(failed('CONNECT_FAILED', 'safe'), call(), 'mesh')).toBe(true);
  expect(mayFallBack(failed('CONNECTION_LOST', 'if-idempotent', true), call(), 'mesh')).toBe(false);
  const idempotent = call({ idempotent: true });
  expect(mayFallBack(failed('CONNECTION_LOST', 'if-idempotent', true), idempotent, 'mesh')).toBe(true);
  expect(mayFallBack(failed('REMOTE_FAILURE', 'never', true), idempotent, 'mesh')).toBe(false);
});

test.each(['DEADLINE_EXCEEDED', 'CIRCUIT_OPEN', 'RATE_LIMITED'] as const)(
  '%s is a limit of the caller, whatever its advice',
  (code) => {
    expect(mayFallBack(failed(code, 'safe'), call({ idempotent: true }), 'mesh')).toBe(false);
  },
);

test('providers that are busy are so for the sidecar, too, but not the other way round', () => {
  expect(mayFallBack(failed('OVERLOADED', 'safe'), call(), 'direct')).toBe(false);
  expect(mayFallBack(failed('OVERLOADED', 'safe'), call(), 'mesh')).toBe(true);
});

test('a oneway call that was sent is not sent again', () => {
  const oneway = call({ oneway: true, idempotent: true });
  expect(mayFallBack(failed('CONNECTION_LOST', 'safe', true), oneway, 'mesh')).toBe(false);
  expect(mayFallBack(failed('CONNECTION_LOST', 'safe'), oneway, 'mesh')).toBe(true);
});

test('what is no error of this library goes nowhere', () => {
  expect(mayFallBack(new Error('safe'), call(), 'mesh')).toBe(false);
});
