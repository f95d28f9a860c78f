import { RemoteError } from '../core/errors.js';

/** Java's stack of a hostile peer may repeat one huge frame by reference: its text stops here. */
const MAX_STACK_CHARS = 65_536;

/** A field of a Throwable that says something besides what its subclass declares. */
const THROWABLE_FIELDS: ReadonlySet<string> = new Set([
  'detailMessage',
  'cause',
  'stackTrace',
  'suppressedExceptions',
]);

/**
 * Whether a class with these fields is a Throwable. Its message is always there, of the other two at least one: some
 * peers leave the stack out, some the cause.
 */
export function isThrowable(fieldNames: readonly string[]): boolean {
  return (
    fieldNames.includes('detailMessage') &&
    (fieldNames.includes('stackTrace') || fieldNames.includes('cause'))
  );
}

export function isThrowableField(name: string): boolean {
  return THROWABLE_FIELDS.has(name);
}

/** What StackTraceElement.toString() reads. Of what a peer leaves out, null. */
export interface StackFrame {
  classLoaderName: unknown;
  moduleName: unknown;
  moduleVersion: unknown;
  declaringClass: unknown;
  methodName: unknown;
  fileName: unknown;
  lineNumber: unknown;
  format: unknown;
}

/** StackTraceElement.toString() of JDK 9 and later: `app//com.acme.Svc.run(Svc.java:42)`. */
export function frameText(frame: StackFrame): string {
  const format = typeof frame.format === 'number' ? frame.format : 0;
  let where = '';
  if ((format & 1) === 0 && isText(frame.classLoaderName)) where = `${frame.classLoaderName}/`;
  if (isText(frame.moduleName)) {
    where += frame.moduleName;
    if ((format & 2) === 0 && isText(frame.moduleVersion)) where += `@${frame.moduleVersion}`;
  }
  if (where !== '') where += '/';
  return `${where}${frame.declaringClass ?? ''}.${frame.methodName ?? ''}(${sourceText(frame)})`;
}

function sourceText({ fileName, lineNumber }: StackFrame): string {
  const line = typeof lineNumber === 'number' ? lineNumber : 0;
  if (line === -2) return 'Native Method';
  if (typeof fileName !== 'string') return 'Unknown Source';
  return line >= 0 ? `${fileName}:${line}` : fileName;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** A Java stack as text, one `at` line a frame. */
export function stackText(frames: unknown): string {
  if (!Array.isArray(frames)) return '';
  const lines: string[] = [];
  let chars = 0;
  for (const frame of frames) {
    if (typeof frame !== 'object' || frame === null) continue;
    const line = `at ${frameText(frame as StackFrame)}`;
    chars += line.length + 1;
    if (chars > MAX_STACK_CHARS) {
      lines.push('...');
      break;
    }
    lines.push(line);
  }
  return lines.join('\n');
}

/**
 * Completes an error that was made before its fields were read, so that they could refer to it: a Throwable without
 * a cause holds itself (vectors, throwable/RuntimeException).
 */
export function fillError(error: RemoteError, names: readonly string[], values: readonly unknown[]): void {
  const own: Record<string, unknown> = {};
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const value = values[i];
    if (name === 'detailMessage') error.message = typeof value === 'string' ? value : '';
    else if (name === 'cause') {
      if (value !== error && value !== null) set(error, 'cause', value, false);
    } else if (name === 'stackTrace') set(error, 'remoteStack', stackText(value), true);
    else if (!isThrowableField(name) && !Object.hasOwn(own, name)) set(own, name, value, true);
  }
  set(error, 'fields', own, true);
}

/** Also for names such as `__proto__`: always an own property. */
function set(target: object, name: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, name, { value, enumerable, configurable: true, writable: true });
}

export function newError(className: string): RemoteError {
  return new RemoteError({ className });
}
