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
