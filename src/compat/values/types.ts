import type { ClassMap, TypeInfo } from './class-map.js';
import type { ValueWriter } from './writer.js';

/** Writes a value as a class map says. `app` is the class map for what is declared as Object. */
export type Write = (w: ValueWriter, value: unknown, app: ClassMap | undefined) => void;

/** How the types of one class map are written in one version of Hessian. */
export interface Types {
  /** Whether it is Hessian 3. */
  readonly sofa: boolean;
  /** How a type is written, which may be a wrapper's. */
  of(info: TypeInfo): Write;
  /** The same, worked out when it is first used: types may hold themselves. */
  later(info: TypeInfo | string): Write;
  /** The same version of Hessian with another class map. */
  within(classMap: ClassMap | undefined): Types;
}

export function isNone(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** In the predecessor's words. */
export function iterable<T>(value: Iterable<T>): Iterable<T> {
  if (typeof value[Symbol.iterator] !== 'function') throw new TypeError('obj is not iterable');
  return value;
}
