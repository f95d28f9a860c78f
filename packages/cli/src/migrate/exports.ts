import type { Code } from './code.js';
import { propertiesAt } from './objects.js';

/**
 * The first token of what a file exports by a name, or as itself where the name is empty. Both kinds of modules, and both
 * mixed: `export default` is the module where CommonJS takes it.
 */
export function exportAt(code: Code, name: string): number | undefined {
  let whole: number | undefined;
  for (let at = 0; at < code.tokens.length; at++) {
    if (code.isName(at, 'export')) {
      if (code.isName(at + 1, 'default')) whole = at + 2;
      else if (name !== '') {
        const found = named(code, at + 1, name);
        if (found !== undefined) return found;
      }
    } else if (code.isName(at, 'exports') && code.isPunctuator(at + 1, '=')) whole = at + 2;
    else if (code.isName(at, 'exports') && code.isName(at + 2, name) && code.isPunctuator(at + 3, '='))
      return at + 4;
  }
  if (whole === undefined || name === '') return whole;
  if (!code.isPunctuator(whole, '{')) return undefined;
  return propertiesAt(code, whole).find((property) => property.key === name && property.kind !== 'method')
    ?.from;
}

/** `export const name = value`, `export { local as name }`. A name that is passed on from another file is its own. */
function named(code: Code, at: number, name: string): number | undefined {
  if (/^(?:const|let|var)$/.test(code.text(at)) && code.isName(at + 1, name)) {
    // const name: string = ..
    const equals = code.isPunctuator(at + 2, ':') ? at + 4 : at + 2;
    return code.isPunctuator(equals, '=') ? equals + 1 : undefined;
  }
  if (!code.isPunctuator(at, '{')) return undefined;
  for (let local = at + 1; local < code.closing(at); local++) {
    if (code.isName(local + 1, 'as') && code.isName(local + 2, name)) return local;
    if (code.isName(local, name) && /^[,}]$/.test(code.text(local + 1))) return local;
  }
  return undefined;
}
