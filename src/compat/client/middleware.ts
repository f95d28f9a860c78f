import type { Answer } from './old-calls.js';
import type { RpcRequest } from './rpc-request.js';

/** A call on its way through the middlewares. */
export interface RpcContext {
  readonly req: RpcRequest;
  res: Answer;
  /** `/rpc/<service>/<method>` */
  readonly path: string;
  /** The response's value; also to set. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the provider answers
  body: any;
  // biome-ignore lint/suspicious/noExplicitAny: middlewares keep things of their own
  [key: string]: any;
}

/** In koa's style: does its part, and the rest is done in `next()`. */
export type Middleware = (context: RpcContext, next: () => Promise<void>) => Promise<unknown> | unknown;

/**
 * One function of many, each with the rest as its `next`: koa-compose 4, whose errors users know from koa.
 * @throws TypeError where one is no function.
 */
export function compose(middlewares: readonly Middleware[]): (context: RpcContext) => Promise<void> {
  const all = middlewares.flat(Number.POSITIVE_INFINITY) as Middleware[];
  for (const middleware of all)
    if (typeof middleware !== 'function') throw new TypeError('Middleware must be composed of functions!');
  return (context) => {
    let started = -1;
    const run = (index: number): Promise<void> => {
      if (index <= started) return Promise.reject(new Error('next() called multiple times'));
      started = index;
      if (index === all.length) return Promise.resolve();
      try {
        return Promise.resolve(all[index](context, () => run(index + 1)) as Promise<void>);
      } catch (error) {
        return Promise.reject(error);
      }
    };
    return run(0);
  };
}

/** The context of one call to a service. */
export function contextOf(service: string, req: RpcRequest): RpcContext {
  return {
    req,
    res: { error: null, appResponse: null },
    get path() {
      return `/rpc/${service}/${req.methodName}`;
    },
    get body() {
      return this.res.appResponse;
    },
    set body(value) {
      this.res.appResponse = value;
    },
  };
}
