import { expect, test } from 'vitest';
import type { Packet } from '../../../src/compat/bolt/frames.js';
import { answeredWith, answerOf } from '../../../src/compat/client/answered.js';
import { MeshError } from '../../../src/core/errors.js';

const packet = () =>
  ({ packetId: 1, packetType: 'response', data: { error: new Error('told') } }) as unknown as Packet;

test('a failure leads to the response that it was made of, and so does what the core makes of it', () => {
  const response = packet();
  const failure = answeredWith(new MeshError('REMOTE_FAILURE', 'told'), response);
  expect(failure.cause).toBe(response.data.error);
  expect(answerOf(failure)).toBe(response);
  const outer = new MeshError('REMOTE_FAILURE', 'told, and then', { cause: failure });
  expect(answerOf(new MeshError('NO_ENDPOINT', 'in the end', { cause: outer }))).toBe(response);
});

test('what nobody answered leads to none', () => {
  expect(answerOf(new MeshError('CONNECTION_LOST', 'lost', { cause: new Error('reset') }))).toBe(undefined);
  expect(answerOf(undefined)).toBe(undefined);
  expect(answerOf('text')).toBe(undefined);
});

test("an error of the user's that another call has caused is not that call's answer", () => {
  const response = packet();
  const other = answeredWith(new MeshError('REMOTE_FAILURE', 'told'), response);
  const own = new Error('the balancer asked somebody', { cause: other });
  expect(answerOf(new MeshError('NO_ENDPOINT', 'why', { cause: own }))).toBe(undefined);
});
