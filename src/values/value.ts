import { MeshError } from '../core/errors.js';

/**
 * What the immutable values have in common. Two copies of this package (ESM and CommonJS) know each other's values by a
 * registered symbol on the prototype.
 */
export abstract class Value {
  /** Java's toString(). */
  abstract toString(): string;

  toJSON(): string {
    return this.toString();
  }
}

/** Gives the values of a class their mark and returns the question for it. */
export function brand<T extends Value>(
  type: { readonly prototype: T },
  name: string,
): (value: unknown) => value is T {
  // A bundler may have renamed the class; console.log should not show that.
  Object.defineProperty(type, 'name', { value: name, configurable: true });
  const mark = Symbol.for(`sofa-mesh-sdk.${name}`);
  Object.defineProperty(type.prototype, mark, { value: true });
  return (value): value is T => typeof value === 'object' && value !== null && mark in value;
}

export function invalidValue(what: string, why: string): MeshError {
  return new MeshError('INVALID_ARGUMENT', `${what}: ${why}`);
}

/** Refuses what is not an integer from `min` to `max`. */
export function checkInteger(value: unknown, min: number, max: number, what: string): void {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
  throw invalidValue(what, `expected an integer from ${min} to ${max}, got ${shown(value)}.`);
}

/** Seconds as a bigint, of a bigint or a safe integer. */
export function wholeSeconds(value: unknown, min: bigint, max: bigint, what: string): bigint {
  const seconds = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof seconds === 'bigint' && seconds >= min && seconds <= max) return seconds;
  throw invalidValue(what, `expected whole seconds from ${min} to ${max}, got ${shown(value)}.`);
}

/** The groups of `pattern` in `text`, or the refusal with an example of what is expected. */
export function match(text: unknown, pattern: RegExp, what: string, example: string): RegExpExecArray {
  const found = typeof text === 'string' ? pattern.exec(text) : null;
  if (found === null) throw invalidValue(what, `expected text such as ${example}, got ${shown(text)}.`);
  return found;
}

/** A value as a message shows it, cut where it is long. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}..` : value);
  return typeof value === 'number' || typeof value === 'bigint' || value == null
    ? String(value)
    : typeof value;
}
