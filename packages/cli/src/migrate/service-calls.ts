import { argumentsAt } from './objects.js';
import type { Source } from './source.js';

/** A call that names a service. */
export interface ServiceCall {
  readonly role: 'consumes' | 'serves';
  /** The token of the function's name. */
  readonly at: number;
  /** The first token of each argument. */
  readonly args: readonly number[];
}

/**
 * The calls of a file that make a consumer, call a service once, or add one to a server. Only those that cannot be of
 * something else, where the file does not load the old package itself: its clients and servers are handed around.
 */
export function serviceCallsOf(source: Source): ServiceCall[] {
  const { code } = source;
  const calls: ServiceCall[] = [];
  for (let at = 0; at < code.tokens.length; at++) {
    const open = code.isName(at) ? parenthesisAfter(source, at) : undefined;
    if (open === undefined) continue;
    const role = roleOf(source, at);
    if (role === undefined) continue;
    const args = argumentsAt(code, open).map(({ from }) => from);
    const [first] = args;
    if (first === undefined) continue;
    const names = source.objectAt(first)?.map(({ key }) => key);
    // grpc-js has addService, and many things have invoke.
    const isKnown =
      names?.includes('interfaceName') || (role === 'serves' && source.textAt(first) !== undefined);
    const isCertain = code.text(at) !== 'invoke' && source.usesOld;
    if (isKnown || isCertain) calls.push({ role, at, args });
  }
  return calls;
}

function roleOf({ code }: Source, at: number): ServiceCall['role'] | undefined {
  const name = code.text(at);
  if (name === 'RpcConsumer') return 'consumes';
  // What a subclass passes on to `super` is named by whoever calls it.
  if (!/^\??\.$/.test(code.text(at - 1)) || code.isName(at - 2, 'super')) return undefined;
  if (name === 'addService') return 'serves';
  return name === 'createConsumer' || name === 'invoke' ? 'consumes' : undefined;
}

/** The parenthesis of a call, behind type arguments where there are some. */
function parenthesisAfter({ code }: Source, at: number): number | undefined {
  let open = at + 1;
  if (code.isPunctuator(open, '<')) {
    let depth = 0;
    for (; open < code.tokens.length; open++) {
      const text = code.text(open);
      if (text === '<') depth++;
      else if (/^>+$/.test(text)) depth -= text.length;
      else if (/^[;(){}]$/.test(text)) return undefined;
      if (depth <= 0) break;
    }
    open++;
  }
  return code.isPunctuator(open, '(') ? open : undefined;
}
