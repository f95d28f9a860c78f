import { AsyncLocalStorage } from 'node:async_hooks';
import type { HandlerContext } from './call.js';

const KEY = Symbol.for('sofa-mesh-sdk.context');

/**
 * The one thing two copies of this package share: who is being served right now. Without it a client of the CommonJS
 * build would not inherit the deadline that a server of the ESM build was given.
 */
function storage(): AsyncLocalStorage<HandlerContext> {
  const shared = globalThis as { [KEY]?: AsyncLocalStorage<HandlerContext> };
  shared[KEY] ??= new AsyncLocalStorage();
  return shared[KEY];
}

const contexts = storage();

/** The context of the call that is being served here; undefined outside of a handler. */
export function currentContext(): HandlerContext | undefined {
  return contexts.getStore();
}

/** Runs `work` so that everything it awaits sees `context`. */
export function runInContext<A, T>(context: HandlerContext, work: (argument: A) => T, argument: A): T {
  return contexts.run(context, work, argument);
}
