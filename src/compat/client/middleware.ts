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
