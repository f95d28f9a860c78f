import { isServedByEgg } from '../egg.js';
import type { Finding } from '../finding.js';
import { serviceCallsOf } from '../service-calls.js';
import type { Source } from '../source.js';

const METHOD =
  "a generator is no method of a service: it is answered with 'Can not find method', unless something wraps it; make it an async function";
const LISTENER = 'a generator does nothing as a listener of compat: make it a function, or an async one';

/** Methods of services and listeners that are generators. */
export function* generator(source: Source): Iterable<Finding> {
  const { code } = source;
  const found = (at: number, message: string): Finding => ({
    ...source.place(at),
    topic: 'generator',
    message,
  });
  for (const { role, args } of serviceCallsOf(source)) {
    const delegate = role === 'serves' ? args[1] : undefined;
    if (delegate === undefined) continue;
    for (const { keyAt, isGenerator } of source.objectAt(delegate) ?? [])
      if (isGenerator) yield found(keyAt, METHOD);
  }
  for (let at = 0; at < code.tokens.length; at++) {
    if (!code.isPunctuator(at, '*')) continue;
    const isFunction = code.isName(at - 1, 'function');
    // `* name(` and `*[name](` stand behind another member, or its brackets; a product has something to multiply.
    const isMember =
      /^[{},;]$/.test(code.text(at - 1)) || code.isName(at - 1, 'async') || code.isName(at - 1, 'static');
    if (isServedByEgg(source.path) && (isFunction || isMember)) yield found(at, METHOD);
    else if (isFunction && source.usesOld && isListener(source, at - 1)) yield found(at, LISTENER);
  }
}

/** .on('event', function* */
function isListener({ code }: Source, at: number): boolean {
  const isCall =
    code.isPunctuator(at - 1, ',') && code.stringAt(at - 2) !== undefined && code.isPunctuator(at - 3, '(');
  return isCall && /^(?:on|once|addListener)$/.test(code.text(at - 4));
}
