import type { Finding } from '../finding.js';
import { keysAround } from '../objects.js';
import type { Source } from '../source.js';

/** A `protocol` that is not Bolt: compat refuses it. One whose origin is not to be seen in the file is left to run. */
export function* protocol(source: Source): Iterable<Finding> {
  const { code } = source;
  for (let at = 0; at < code.tokens.length; at++) {
    if (!code.isName(at, 'protocol')) continue;
    const value = valueAt(source, at);
    const origin = value === undefined ? undefined : (source.originAt(value) ?? source.origins.at(value));
    if (origin === undefined || source.oldOf(origin.module) !== undefined) continue;
    if (!source.usesOld && !keysAround(code, at).includes('rpc')) continue;
    const message = `a protocol from '${origin.module}': compat takes Bolt alone, 'sofa-mesh-sdk/compat/bolt' or the real sofa-bolt-node, and refuses any other`;
    yield { ...source.place(at), topic: 'protocol', message };
  }
}

/** The value of `protocol: value`, of `protocol` alone in an object, of `options.protocol = value`. */
function valueAt({ code }: Source, at: number): number | undefined {
  if (/^[,{]$/.test(code.text(at - 1))) {
    if (code.isPunctuator(at + 1, ':')) return at + 2;
    // Alone in a pattern it is a new name, not a value.
    const isAlone = /^[,}]$/.test(code.text(at + 1));
    return isAlone && !isPattern(code.text.bind(code), code.partner, at) ? at : undefined;
  }
  return code.isPunctuator(at - 1, '.') && code.isPunctuator(at + 1, '=') ? at + 2 : undefined;
}

function isPattern(text: (at: number) => string, partner: readonly number[], at: number): boolean {
  for (let after = at + 1; after < partner.length; after++) {
    const other = partner[after] as number;
    if (other > after) after = other;
    else if (other >= 0) return /^(?:=|from)$/.test(text(after + 1));
  }
  return false;
}
