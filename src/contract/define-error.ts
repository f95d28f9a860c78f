import { MeshError, RemoteError } from '../core/errors.js';
import type { ErrorNode, ErrorParts, SchemaNode } from '../values/schema.js';
import { shown } from '../values/value.js';
import { fieldsOf } from './fields.js';
import { checkClassName, invalid } from './names.js';
import type { AllErrorFields, AnyErrorClass, ErrorClass } from './types.js';

/** On each error of a contract: its Java class and that class's bases. A registered symbol, so that two copies agree. */
const CLASSES = Symbol.for('sofa-mesh-sdk.errorClasses');
/** How the decoder hands parts to the constructor. A registered symbol: the base class may be of another copy. */
const PARTS = Symbol.for('sofa-mesh-sdk.errorParts');

/** What the constructor takes at run time: fields by name, message, cause; or the decoder's parts. */
type Init = { readonly [name: string]: unknown } & { readonly [PARTS]?: ErrorParts };
type Constructor = (new (
  init: Init,
) => RemoteError) & { readonly node: ErrorNode; readonly prototype: Branded };
type Branded = RemoteError & { readonly [CLASSES]?: readonly string[] };

/** What every Throwable has in Java; message and cause stand for the first two. */
const THROWABLE = ['detailMessage', 'cause', 'stackTrace', 'suppressedExceptions'];

/**
 * A Java exception, as a class: `throw new NotFound({ id, message: 'no such person' })` on the server,
 * `if (NotFound.is(error)) error.id` on the client. It is a RemoteError. `fields` holds the exception's own fields, those
 * of `extends` too; each is also a property, unless an error has one of that name (`code`, `path`).
 * @throws MeshError INVALID_ARGUMENT for a bad name or a field that is not a type; from the constructor, for a field that
 * is missing or a long that is not a safe integer.
 */
export function defineError<F extends object, B extends AnyErrorClass = never>(
  javaName: string,
  fields: F,
  options: { readonly extends?: B } = {},
): ErrorClass<AllErrorFields<F, B>> {
  checkClassName(javaName, 'defineError');
  const what = `defineError('${javaName}')`;
  const parent = options.extends?.node;
  if ('extends' in options && parent?.kind !== 'error') {
    throw invalid(`${what}: extends must be a class made by defineError, got ${shown(options.extends)}.`);
  }
  const given = THROWABLE.find((name) => Object.hasOwn(fields, name));
  if (given !== undefined)
    throw invalid(`${what}: every exception has ${given} already; list its own fields only.`);
  const Base = (options.extends ?? ContractError) as unknown as Constructor;

  class DefinedError extends Base {
    static override readonly node: ErrorNode = {
      kind: 'error',
      javaName,
      nullable: true,
      fields: fieldsOf(fields, parent, what),
      subclasses: new Map(),
      parent,
      create: (parts) => new DefinedError({ [PARTS]: parts }),
    };
    static readonly javaName = javaName;
    static is(value: unknown): boolean {
      return MeshError.is(value) && ((value as Branded)[CLASSES]?.includes(javaName) ?? false);
    }
  }
  Object.defineProperty(DefinedError, 'name', { value: simpleName(javaName) });
  Object.defineProperty(DefinedError.prototype, CLASSES, {
    value: [javaName, ...(Base.prototype[CLASSES] ?? [])],
  });
  for (const name of Object.keys(fields)) {
    // Not `toString` and its like. An error's own properties (`code`) hide these by themselves.
    if (name in Base.prototype) continue;
    Object.defineProperty(DefinedError.prototype, name, { get: fieldGetter(name) });
  }
  for (let base = parent; base !== undefined; base = base.parent) {
    // Read-only for everyone else; its maker may be another copy of this package, so it is not kept here.
    (base.subclasses as Map<string, ErrorNode>).set(javaName, DefinedError.node);
  }
  return DefinedError as unknown as ErrorClass<AllErrorFields<F, B>>;
}

/** What the errors of all contracts have in common. */
class ContractError extends RemoteError {
  constructor(init: Init) {
    const { node } = new.target as unknown as Constructor;
    const parts = init[PARTS] ?? partsOf(init, node);
    const { message, fields, remoteStack, cause } = parts;
    // A Java class with a message field of its own answers getMessage() with it.
    const text = message ?? (typeof fields.message === 'string' ? fields.message : null);
    super({ className: node.javaName, message: text, fields, remoteStack, cause });
    this.name = simpleName(node.javaName);
  }
}

function partsOf(init: Init, node: ErrorNode): ErrorParts {
  const fields: Record<string, unknown> = {};
  for (const { name, node: type } of node.fields()) {
    fields[name] = fieldValue(init[name], type, `new ${simpleName(node.javaName)}: ${name}`);
  }
  const message = typeof init.message === 'string' ? init.message : null;
  return { message, fields, remoteStack: '', cause: init.cause };
}

/** As the caller will read it: null where nothing was given, a bigint for a long. */
function fieldValue(value: unknown, node: SchemaNode, what: string): unknown {
  if (value === undefined || value === null) {
    if (node.nullable) return null;
    throw invalid(`${what} is missing, and ${node.javaName} cannot be null.`);
  }
  if (typeof value === 'number' && (node.kind === 'long' || node.kind === 'bigInteger')) {
    if (Number.isSafeInteger(value)) return BigInt(value);
    throw invalid(`${what}: ${value} is not a safe integer. Give a bigint.`);
  }
  return value;
}

function fieldGetter(name: string): (this: RemoteError) => unknown {
  return function (this: RemoteError) {
    return this.fields[name];
  };
}

function simpleName(javaName: string): string {
  return javaName.slice(Math.max(javaName.lastIndexOf('.'), javaName.lastIndexOf('$')) + 1);
}
