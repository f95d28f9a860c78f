import type { Code, Token } from './code.js';
import { keysAround } from './objects.js';

/** Where a module is named. */
export interface Specifier {
  readonly text: string;
  /** The offset of its first character, behind the quote. */
  readonly offset: number;
  /** Its token; -1 in a comment. */
  readonly at: number;
  /**
   * `module`: in code that loads it, mocks it or takes types of it. `declaration`: a `declare module`. `bundled`: in a list
   * of what a bundler leaves out or puts in the place of something. `name`: nothing that is known to load it.
   */
  readonly use: 'module' | 'declaration' | 'bundled' | 'name';
}

const MOCKERS = new Set(['jest', 'vi', 'vitest']);
const MOCKS = new Set([
  ...['mock', 'doMock', 'unmock', 'doUnmock', 'dontMock', 'setMock', 'unstable_mockModule'],
  ...['requireActual', 'requireMock', 'importActual', 'importMock'],
  ...['createMockFromModule', 'genMockFromModule'],
]);
/** Keys whose lists name packages that a bundler leaves alone, or does not: webpack, Rollup, esbuild, Vite. */
const LEFT_OUT = new Set(['external', 'externals', 'noExternal']);

/**
 * Every string of a file that could be the name of a module, and those of types in comments.
 * @param isOld Whether a text is worth looking for what is around it: that costs more the longer the file is.
 */
export function specifiersOf(code: Code, isOld: (text: string) => boolean): Specifier[] {
  const found: Specifier[] = [];
  for (let at = 0; at < code.tokens.length; at++) {
    const text = code.stringAt(at);
    if (text === undefined) continue;
    found.push({ text, offset: (code.tokens[at] as Token).start + 1, at, use: useOf(code, at, isOld(text)) });
  }
  for (const { text, start } of code.comments) found.push(...inComment(text, start));
  return found.sort((a, b) => a.offset - b.offset);
}

function useOf(code: Code, at: number, isOld: boolean): Specifier['use'] {
  if (code.isName(at - 1, 'from') || code.isName(at - 1, 'import')) return 'module';
  if (code.isName(at - 1, 'module') && code.isName(at - 2, 'declare')) return 'declaration';
  if (code.isPunctuator(at - 1, '(')) return isLoaded(code, at - 2) ? 'module' : 'name';
  return isOld && isBundled(code, at) ? 'bundled' : 'name';
}

/** Whether the function that is called, by the last token of its name, loads what it is given or mocks it. */
function isLoaded(code: Code, at: number): boolean {
  let name = at;
  // jest.requireActual<typeof import('m')>('m')
  if (/^>+$/.test(code.text(name))) name = beforeTypeArguments(code, name);
  if (code.isName(name, 'require') || code.isName(name, 'import')) return true;
  if (!code.isPunctuator(name - 1, '.')) return false;
  const owner = code.text(name - 2);
  return (
    (owner === 'require' && code.isName(name, 'resolve')) ||
    (MOCKERS.has(owner) && MOCKS.has(code.text(name)))
  );
}

function beforeTypeArguments(code: Code, close: number): number {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    const text = code.text(at);
    if (/^>+$/.test(text)) depth += text.length;
    else if (text === '<' && --depth <= 0) return at - 1;
    const partner = code.partner[at] as number;
    if (partner >= 0 && partner < at) at = partner;
  }
  return -1;
}

/** An element of `external: [..]`, or the value of a property below `alias`. */
function isBundled(code: Code, at: number): boolean {
  const isValue = code.isPunctuator(at - 1, ':') && !code.isPunctuator(at - 3, '?');
  const isElement = /^[[,]$/.test(code.text(at - 1)) && /^[\],]$/.test(code.text(at + 1));
  if (!isValue && !isElement) return false;
  const keys = keysAround(code, at);
  if (isElement) return LEFT_OUT.has(keys.at(-1) ?? '');
  // alias: { name: 'module' }, and alias: [{ find: 'name', replacement: 'module' }]
  return keys.at(-1) === 'alias' && !code.isName(at - 2, 'find');
}

/** Types that a comment takes from a module: `import('m').T`, and a reference to the types of a package. */
function inComment(text: string, start: number): Specifier[] {
  const found: Specifier[] = [];
  if (text.startsWith('/**')) {
    for (const match of text.matchAll(/\bimport\(\s*(['"])([^'"\r\n]+)\1\s*\)/g)) {
      const offset = start + match.index + match[0].indexOf(match[1] as string) + 1;
      found.push({ text: match[2] as string, offset, at: -1, use: 'module' });
    }
  }
  const reference = /^\/\/\/\s*<reference\s+types\s*=\s*(['"])(.+?)\1/.exec(text);
  if (reference !== null) {
    const offset = start + text.indexOf(reference[1] as string) + 1;
    found.push({ text: reference[2] as string, offset, at: -1, use: 'declaration' });
  }
  return found;
}
