import { inspect } from 'node:util';

/** Adds a line to `faults` for each thing in `value` that is not as it must be; `path` is where `value` is. */
export type Check = (value: unknown, path: string, faults: string[]) => void;

/** An object of known keys. `needs`: keys that must be there; `anyOf`: at least one of these must. */
export function shape(
  fields: Readonly<Record<string, Check>>,
  { needs = [], anyOf = [] }: { needs?: readonly string[]; anyOf?: readonly string[] } = {},
): Check {
  const known = Object.keys(fields);
  return (value, path, faults) => {
    if (!isObject(value)) return fail(faults, path, `${shown(value)} is not an object`);
    for (const [key, part] of entriesOf(value)) {
      const at = below(path, key);
      if (known.includes(key)) fields[key](part, at, faults);
      else fail(faults, at, `is not known; ${hint(key, known)}`);
    }
    for (const key of needs) {
      if (value[key] === undefined) fail(faults, path, `${key} is missing`);
    }
    if (anyOf.length > 0 && anyOf.every((key) => value[key] === undefined))
      fail(faults, path, `it needs ${anyOf.join(' or ')}`);
  };
}

/** An object of keys that users choose. `keyFault` says what is wrong with a key, if anything. */
export function keyed(keyFault: (key: string) => string | undefined, check: Check): Check {
  return (value, path, faults) => {
    if (!isObject(value)) return fail(faults, path, `${shown(value)} is not an object`);
    for (const [key, part] of entriesOf(value)) {
      const at = below(path, key);
      const fault = keyFault(key);
      if (fault !== undefined) fail(faults, at, fault);
      check(part, at, faults);
    }
  };
}

/** A list of at least one element. */
export function listOf(check: Check): Check {
  return (value, path, faults) => {
    if (!Array.isArray(value)) return fail(faults, path, `${shown(value)} is not a list`);
    if (value.length === 0) fail(faults, path, 'is empty; leave it out for its default');
    value.forEach((part, index) => {
      check(part, `${path}[${index}]`, faults);
    });
  };
}

export function numberFrom(least: number, most: number): Check {
  return (value, path, faults) => {
    const range = `between ${least} and ${most}`;
    if (typeof value !== 'number') fail(faults, path, `${shown(value)} is not a number ${range}`);
    else if (!(value >= least && value <= most)) fail(faults, path, `${value} is not ${range}`);
  };
}

export function wholeNumberFrom(least: number, most: number): Check {
  const inRange = numberFrom(least, most);
  return (value, path, faults) => {
    if (typeof value === 'number' && !Number.isInteger(value))
      fail(faults, path, `${value} is not a whole number`);
    else inRange(value, path, faults);
  };
}

export function oneOf(known: readonly string[]): Check {
  return (value, path, faults) => {
    if (typeof value === 'string' && known.includes(value)) return;
    const help = typeof value === 'string' ? hint(value, known) : `known are ${known.join(', ')}`;
    fail(faults, path, `${shown(value)} is not known; ${help}`);
  };
}

/** A text. `fault` says what is wrong with it, if anything. */
export function textThat(fault: (text: string) => string | undefined): Check {
  return (value, path, faults) => {
    if (typeof value !== 'string') return fail(faults, path, `${shown(value)} is not a text`);
    const wrong = fault(value);
    if (wrong !== undefined) fail(faults, path, `${shown(value)} ${wrong}`);
  };
}

export const flag: Check = (value, path, faults) => {
  if (typeof value !== 'boolean') fail(faults, path, `${shown(value)} is neither true nor false`);
};

function fail(faults: string[], path: string, what: string): void {
  faults.push(path === '' ? what : `${path}: ${what}`);
}

/** Any realm's plain object, which a Map, an array and null are not. */
function isObject(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/** From code a key may be there with nothing in it; that is as if it were not there. */
function entriesOf(value: Record<string, unknown>): [string, unknown][] {
  return Object.entries(value).filter(([, part]) => part !== undefined);
}

function below(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}..` : value);
  return inspect(value, { depth: 0, maxArrayLength: 3, maxStringLength: 60, breakLength: Infinity });
}

/** What was meant, where one of the known words is like it; all of them otherwise. */
function hint(word: string, known: readonly string[]): string {
  const [best] = known
    .map((name) => ({ name, edits: editsBetween(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  return best.edits <= best.name.length / 2 ? `did you mean ${best.name}?` : `known are ${known.join(', ')}`;
}

/** Letters to put in, leave out or replace (Levenshtein). */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < Math.min(a.length, 100); i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(next[j] + 1, row[j + 1] + 1, row[j] + (a[i] === b[j] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}
