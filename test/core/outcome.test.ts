import { expect, test } from 'vitest';
import { type ErrorCode, MeshError, RemoteError } from '../../src/core/errors.js';
import { type Outcome, outcomeOf } from '../../src/core/outcome.js';

test.each<[ErrorCode, Outcome]>([
  ['CONNECTION_LOST', 'failed'],
  ['CONNECT_FAILED', 'failed'],
  ['PROTOCOL_VIOLATION', 'failed'],
  ['OVERLOADED', 'failed'],
  ['SHUTTING_DOWN', 'failed'],
  ['NO_ENDPOINT', 'failed'],
  ['REMOTE_FAILURE', 'answered'],
  ['METHOD_NOT_FOUND', 'answered'],
  ['DECODE_FAILED', 'answered'],
  ['CANCELLED', 'unknown'],
  ['INVALID_ARGUMENT', 'unknown'],
  ['ENCODE_FAILED', 'unknown'],
  ['CIRCUIT_OPEN', 'unknown'],
  ['RATE_LIMITED', 'unknown'],
])('an attempt that ended with %s has %s, as far as its endpoint is concerned', (code, outcome) => {
  expect(outcomeOf(new MeshError(code, 'x'))).toBe(outcome);
});

test('silence until the deadline is a failure of the endpoint only where the request had left', () => {
  expect(outcomeOf(new MeshError('DEADLINE_EXCEEDED', 'x', { sent: true }))).toBe('failed');
  expect(outcomeOf(new MeshError('DEADLINE_EXCEEDED', 'x', { sent: false }))).toBe('unknown');
});

test('what the method threw is an answer; what is no error of ours says nothing', () => {
  expect(outcomeOf(new RemoteError({ className: 'java.lang.IllegalStateException' }))).toBe('answered');
  expect(outcomeOf(new TypeError('x'))).toBe('unknown');
  expect(outcomeOf('x')).toBe('unknown');
});
