import { MeshError } from '../core/errors.js';

/**
 * JSON.parse, which says where the text is broken. A key that is there twice is a fault, too: one of the two would count
 * without a word.
 * @throws MeshError INVALID_ARGUMENT: `line 3, column 7: Expected ',' or '}' after property value`
 */
export function parseJson(text: string): unknown {
  const fault = faultOf(text);
  if (fault !== undefined) {
    // What V8 quotes of the text is left out.
    const [words] = fault.split(/(?: in JSON)? at position |, (?:\.\.\.)?"/);
    throw broken(text, placeOf(text, fault), words);
  }
  refuseTwice(text);
  return JSON.parse(text);
}

function faultOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** V8 names the position of all faults but two: an end that comes too early, and a character that nothing begins with. */
function placeOf(text: string, fault: string): number {
  const position = / at position (\d+)/.exec(fault)?.[1];
  if (position !== undefined) return Number(position);
  if (fault.startsWith('Unexpected end')) return text.length;
  // The text before the character has no such fault, and any longer one has.
  let good = 0;
  let bad = text.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (faultOf(text.slice(0, middle))?.startsWith('Unexpected token')) bad = middle;
    else good = middle;
  }
  return good;
}

/** For text that is JSON: so a text before a colon is a key, and what is no text opens and closes objects. */
function refuseTwice(text: string): void {
  const open: Set<string>[] = [];
  for (const { 0: token, 1: key, index } of text.matchAll(/[{}]|("[^"\\]*(?:\\.[^"\\]*)*")(?:\s*:)?/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token.endsWith(':')) {
      const keys = open[open.length - 1];
      const name: string = JSON.parse(key);
      if (keys.has(name)) throw broken(text, index, `the key ${key} is there twice`);
      keys.add(name);
    }
  }
}

function broken(text: string, at: number, what: string): MeshError {
  const lines = text.slice(0, at).split('\n');
  const column = (lines.at(-1) as string).length + 1;
  return new MeshError('INVALID_ARGUMENT', `line ${lines.length}, column ${column}: ${what}`);
}
