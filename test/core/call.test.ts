import { expect, test } from 'vitest';
import { type Call, chain, type Interceptor, type Reply } from '../../src/core/call.js';

const call = { method: 'find' } as Call;
const reply: Reply = { value: 1, metadata: {}, path: 'direct', reason: 'test', endpoint: undefined };

test('the first interceptor is the outermost', async () => {
  const seen: string[] = [];
  const trace =
    (name: string): Interceptor =>
    (next) =>
    async (given) => {
      seen.push(`${name} in`);
      const result = await next(given);
      seen.push(`${name} out`);
      return result;
    };
  const handler = chain([trace('a'), trace('b')], async () => {
    seen.push('handler');
    return reply;
  });
  expect(await handler(call)).toBe(reply);
  expect(seen).toEqual(['a in', 'b in', 'handler', 'b out', 'a out']);
});

test('no interceptors: the handler itself', () => {
  const handler = async () => reply;
  expect(chain([], handler)).toBe(handler);
});

test('an interceptor is made once, not once a call', async () => {
  let made = 0;
  const handler = chain(
    [
      (next) => {
        made++;
        return next;
      },
    ],
    async () => reply,
  );
  await handler(call);
  await handler(call);
  expect(made).toBe(1);
});

test('an interceptor may answer without passing the call on, and may change it', async () => {
  const handler = chain([(next) => (given) => next({ ...given, method: 'other' })], async (given) => ({
    ...reply,
    value: given.method,
  }));
  expect((await handler(call)).value).toBe('other');
  const short = chain([() => async () => ({ ...reply, value: 'cached' })], async () => reply);
  expect((await short(call)).value).toBe('cached');
});
