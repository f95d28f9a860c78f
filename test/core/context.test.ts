import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import type { HandlerContext } from '../../src/core/call.js';
import { currentContext, runInContext } from '../../src/core/context.js';

const contextOf = (method: string) => ({ method }) as HandlerContext;

test('outside of a handler there is no context', () => {
  expect(currentContext()).toBeUndefined();
});

test('everything that the work awaits sees its context, and two works do not see each other', async () => {
  const seen = async (name: string) => {
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    return `${name}:${currentContext()?.method}`;
  };
  const both = [runInContext(contextOf('a'), seen, 'first'), runInContext(contextOf('b'), seen, 'second')];
  expect(await Promise.all(both)).toEqual(['first:a', 'second:b']);
  expect(currentContext()).toBeUndefined();
});

test('a second copy of the package finds the same storage under its registered symbol', () => {
  const shared = (globalThis as Record<symbol, unknown>)[Symbol.for('sofa-mesh-sdk.context')];
  expect(shared).toBeInstanceOf(AsyncLocalStorage);
  const other = shared as AsyncLocalStorage<HandlerContext>;
  expect(other.run(contextOf('served by the other copy'), () => currentContext()?.method)).toBe(
    'served by the other copy',
  );
});
