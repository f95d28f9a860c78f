import { MeshError } from '../core/errors.js';

/**
 * JSON.parse that loses nothing: a number that a double may not hold as it was written comes as {@link numberText}
 * finds it. Such a number travels through JSON.parse as a string that begins with this mark; a string that begins with
 * a NUL of its own gets the other.
 */
const NUMBER_MARK = '\u0000n';
const STRING_MARK = '\u0000s';
/** Numbers of 16 characters or more, and those with a fraction or an exponent: a BigDecimal 1.10 is not 1.1. */
const INEXACT = /-?\d[\d.eE+-]{15,}|-?\d+[.eE][\d.eE+-]+/g;

/** @throws MeshError DECODE_FAILED. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(marked(text));
  } catch (error) {
    throw new MeshError('DECODE_FAILED', `the content is no JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function marked(text: string): string {
  const parts: string[] = [];
  let pos = 0;
  for (;;) {
    const quote = text.indexOf('"', pos);
    const between = quote < 0 ? text.slice(pos) : text.slice(pos, quote);
    parts.push(between.replace(INEXACT, '"\\u0000n$&"'));
    if (quote < 0) return parts.join('');
    pos = endOfString(text, quote);
    const string = text.slice(quote, pos);
    parts.push(string.startsWith('"\\u0000') ? `"\\u0000s${string.slice(1)}` : string);
  }
}

/** Where the string that begins at `quote` is over. */
function endOfString(text: string, quote: number): number {
  for (let next = text.indexOf('"', quote + 1); next >= 0; next = text.indexOf('"', next + 1)) {
    let escapes = 0;
    while (text[next - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return next + 1;
  }
  return text.length;
}

/** A number as it was written; undefined for any other value. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.startsWith(NUMBER_MARK)
    ? value.slice(NUMBER_MARK.length)
    : undefined;
}

/** A string; undefined for any other value. */
export function stringText(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.startsWith(NUMBER_MARK)) return undefined;
  return value.startsWith(STRING_MARK) ? value.slice(STRING_MARK.length) : value;
}
