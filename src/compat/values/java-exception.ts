import { textOf } from './text-of.js';

/** The text of a stack stops here: a hostile peer may repeat one huge frame by reference. */
const MAX_STACK_CHARS = 1_048_576;

type Fields = Readonly<Record<string, unknown>>;

/**
 * A Java exception: `name` is its class, `stack` Java's, `cause` the error of its cause; where it has none, which Java
 * says by a reference to itself, its own fields.
 */
export class JavaExceptionError extends Error {}

/**
 * Makes the error of a Java exception from its fields. One that adds nothing to what it wraps is left out: the error is
 * then that of its cause.
 */
export function javaException(className: string, fields: Fields, sofa: boolean): unknown {
  const { undeclaredThrowable, detailMessage, cause, reasonAndSolution } = fields;
  let name = className;
  let message: unknown;
  if (undeclaredThrowable instanceof Error) {
    if (!detailMessage) return undeclaredThrowable;
    name = undeclaredThrowable.name;
    message = `${textOf(detailMessage)}; ${undeclaredThrowable.message}`;
  } else if (!detailMessage && isObject(cause) && cause !== fields) return cause;
  else {
    message = detailMessage || className;
    if (reasonAndSolution) message = `${textOf(message)}; reasonAndSolution: ${textOf(reasonAndSolution)}`;
  }
  // Not constructed: that would take a stack of this process.
  const error: JavaExceptionError = Object.create(JavaExceptionError.prototype);
  define(error, 'stack', `${name}: ${textOf(message)}${stackOf(fields.stackTrace)}`, false);
  define(error, 'message', message, true);
  define(error, 'name', name, true);
  // As the two versions show it.
  define(error, 'cause', cause, !sofa);
  return error;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function define(target: object, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, name, { value, enumerable, configurable: true, writable: true });
}

function stackOf(frames: unknown): string {
  if (!Array.isArray(frames)) return '';
  let text = '';
  for (const frame of frames) {
    if (typeof frame !== 'object' || frame === null) continue;
    const { declaringClass, methodName, fileName, lineNumber } = frame as Fields;
    text += `\n    at ${textOf(declaringClass)}.${textOf(methodName)} (${textOf(fileName)}:${textOf(lineNumber)})`;
    if (text.length > MAX_STACK_CHARS) return `${text.slice(0, MAX_STACK_CHARS)}..`;
  }
  return text;
}
