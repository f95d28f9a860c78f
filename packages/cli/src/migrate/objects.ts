import type { Code } from './code.js';

/** A property of an object literal, by the tokens that it is made of. */
export interface Property {
  readonly key: string;
  readonly keyAt: number;
  /** The first token of its value: of the parameters where it is a method, the key itself where it is shorthand. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'value' | 'shorthand' | 'method';
  /** A method with a star. */
  readonly isGenerator: boolean;
}

const MODIFIERS = new Set(['async', 'get', 'set', 'static', '*']);

/** The properties of the object literal that opens there. What is spread into it or computed is left out. */
export function propertiesAt(code: Code, open: number): Property[] {
  const end = code.closing(open);
  const properties: Property[] = [];
  for (let at = open + 1; at < end; at++) {
    let keyAt = at;
    const to = lastBefore(code, at, end);
    let isGenerator = false;
    while (keyAt < to && MODIFIERS.has(code.text(keyAt)) && !/^[:(]$/.test(code.text(keyAt + 1))) {
      isGenerator ||= code.text(keyAt) === '*';
      keyAt++;
    }
    const key = keyOf(code, keyAt);
    if (key !== undefined) {
      const next = code.text(keyAt + 1);
      if (keyAt === to) properties.push({ key, keyAt, from: keyAt, to, kind: 'shorthand', isGenerator });
      else if (next === ':')
        properties.push({
          key,
          keyAt,
          from: keyAt + 2,
          to,
          kind: 'value',
          isGenerator: isStarred(code, keyAt + 2),
        });
      else if (next === '(')
        properties.push({ key, keyAt, from: keyAt + 1, to, kind: 'method', isGenerator });
    }
    at = to + 1;
  }
  return properties;
}

/** The arguments of the call whose parenthesis opens there, each by its first and last token. */
export function argumentsAt(code: Code, open: number): { from: number; to: number }[] {
  const end = code.closing(open);
  const found: { from: number; to: number }[] = [];
  for (let from = open + 1; from < end; ) {
    const to = lastBefore(code, from, end);
    if (to >= from) found.push({ from, to });
    from = to + 2;
  }
  return found;
}

/**
 * The keys of the object literals around a token, outermost first: `['rpc', 'client']` for what is in
 * `exports.rpc = { client: { .. } }`. A call's name counts as one, and lists have none of their own.
 */
export function keysAround(code: Code, at: number): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (let before = at - 1; before >= 0; before--) {
    const partner = code.partner[before] as number;
    if (partner >= 0 && partner < before) {
      before = partner;
      continue;
    }
    if (partner <= before || ++depth > 32) continue;
    const key = /^[:=]$/.test(code.text(before - 1)) ? before - 2 : before - 1;
    const name = keyOf(code, key);
    if (name !== undefined && name !== 'return') keys.unshift(name);
  }
  return keys;
}

function isStarred(code: Code, at: number): boolean {
  const name = code.isName(at, 'async') ? at + 1 : at;
  return code.isName(name, 'function') && code.text(name + 1) === '*';
}

function keyOf(code: Code, at: number): string | undefined {
  return code.isName(at) ? code.text(at) : code.stringAt(at);
}

/** The last token before the next comma that is not within brackets, or before the end. */
function lastBefore(code: Code, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    if (code.isPunctuator(at, ',')) return at - 1;
    const partner = code.partner[at] as number;
    if (partner > at) at = partner;
  }
  return end - 1;
}
