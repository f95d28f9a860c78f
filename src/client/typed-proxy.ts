import type { ServiceContract } from '../contract/define-service.js';
import type { Client } from '../contract/types.js';
import type { CallOptions, Reply } from '../core/call.js';
import { MeshError } from '../core/errors.js';
import type { Outbound } from './outbound.js';

/** What a call without `withReply` resolves to. @throws MeshError INVALID_ARGUMENT where an interceptor lost the reply. */
export function resultOf(reply: Reply): unknown {
  if (reply === undefined) {
    throw new MeshError(
      'INVALID_ARGUMENT',
      'an interceptor returned no reply: it must return what next(call) resolves to',
    );
  }
  return reply.value;
}

function withReply(reply: Reply): { value: unknown; reply: Reply } {
  return { value: resultOf(reply), reply };
}

/** The methods of a contract as functions: `people.find(42n)`, `people.find.withReply(42n)`. */
export function typedProxy<S extends ServiceContract>(
  contract: S,
  outbound: (key: string) => Outbound,
): Client<S> {
  const proxy: Record<string, unknown> = {};
  for (const key of Object.keys(contract.methods)) proxy[key] = methodOf(key, contract, outbound(key));
  return Object.freeze(proxy) as Client<S>;
}

function methodOf(key: string, contract: ServiceContract, outbound: Outbound) {
  const arity = contract.methods[key].args.length;
  const start = <T>(args: unknown[], select: (reply: Reply) => T): Promise<T> => {
    if (args.length === arity) return outbound.call(args, undefined, select);
    if (args.length === arity + 1) return outbound.call(args, args.pop() as CallOptions | undefined, select);
    const takes = arity === 1 ? 'one argument' : `${arity} arguments`;
    const message = `${key} takes ${takes} and, after them, options; it was given ${args.length}`;
    return Promise.reject(new MeshError('INVALID_ARGUMENT', message, { service: contract.id, method: key }));
  };
  const method = (...args: unknown[]) => start(args, resultOf);
  return Object.assign(method, { withReply: (...args: unknown[]) => start(args, withReply) });
}
