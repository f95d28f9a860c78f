import { MeshError } from '../core/errors.js';
import { shown } from '../values/value.js';

const IDENTIFIER = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

/** Refuses what cannot be a Java identifier: a field, a constant, a method. */
export function checkIdentifier(name: unknown, what: string): asserts name is string {
  if (typeof name === 'string' && IDENTIFIER.test(name)) return;
  throw invalid(`${what}: ${shown(name)} is not a Java name. Use letters, digits, _ and $.`);
}

/** Refuses what cannot be `Class.getName()` of a class or interface. */
export function checkClassName(name: unknown, what: string): asserts name is string {
  if (typeof name === 'string' && name.split('.').every((part) => IDENTIFIER.test(part))) return;
  throw invalid(
    `${what}: ${shown(name)} is not a Java class name. Write it as Class.getName() does: com.acme.Person, com.acme.Outer$Inner.`,
  );
}

/** What is at fault in a contract, as the error to throw. */
export function invalid(message: string): MeshError {
  return new MeshError('INVALID_ARGUMENT', message);
}
