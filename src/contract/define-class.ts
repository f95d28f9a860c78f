import { CLASS_NAME, type ClassNode } from '../values/schema.js';
import { shown } from '../values/value.js';
import { fieldsOf } from './fields.js';
import { checkClassName, invalid } from './names.js';
import { NodeType } from './node-type.js';
import type { AllFields, AnyClass, ClassType } from './types.js';

/**
 * A Java class whose values are plain objects. The result is used as a type, by the class itself through a getter:
 * `get manager() { return Person; }`. Fields have Java's names; those of `extends` are inherited. A field that the base
 * declares too hides the base's: the subclass's is read, and both are written with the one value.
 *
 * A generic Java class is a function: `const pageOf = <T extends AnyType>(item: T) => defineClass('com.acme.Page', ..)`.
 * @throws MeshError INVALID_ARGUMENT for a bad name or a field that is not a type. What a getter returns is checked when
 * the class is first encoded or decoded.
 */
export function defineClass<F extends object, B extends AnyClass = never>(
  javaName: string,
  fields: F,
  options: { readonly extends?: B } = {},
): ClassType<AllFields<F, B>> {
  checkClassName(javaName, 'defineClass');
  const what = `defineClass('${javaName}')`;
  const parent = options.extends?.node;
  if ('extends' in options && parent?.kind !== 'class') {
    throw invalid(`${what}: extends must be a class made by defineClass, got ${shown(options.extends)}.`);
  }
  const node: ClassNode = {
    kind: 'class',
    javaName,
    nullable: true,
    fields: fieldsOf(fields, parent, what),
    parent,
    subclasses: new Map(),
    open: false,
  };
  for (let base = parent; base !== undefined; base = base.parent) {
    // Read-only for everyone else; its maker may be another copy of this package, so it is not kept here.
    (base.subclasses as Map<string, ClassNode>).set(javaName, node);
  }
  return new Class(node) as unknown as ClassType<AllFields<F, B>>;
}

class Class extends NodeType<ClassNode> {
  #open: Class | undefined;

  get javaName(): string {
    return this.node.javaName;
  }

  readonly of = (value: object): object => {
    if (typeof value !== 'object' || value === null) {
      throw invalid(
        `${this.javaName}.of: expected an object with the fields of the class, got ${shown(value)}.`,
      );
    }
    const { [CLASS_NAME]: _, ...copy } = value as { [CLASS_NAME]?: string };
    // A class without a parent cannot stand for another one, so its values stay as they are.
    return this.node.parent === undefined ? copy : Object.assign(copy, { [CLASS_NAME]: this.javaName });
  };

  is(value: unknown): boolean {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const { javaName, parent, subclasses } = this.node;
    const className = (value as { [CLASS_NAME]?: unknown })[CLASS_NAME];
    if (typeof className === 'string') return className === javaName || subclasses.has(className);
    return parent === undefined && this.#fits(value);
  }

  #fits(value: object): boolean {
    const fields = this.node.fields();
    const keys = Object.keys(value);
    return (
      keys.every((key) => fields.some(({ name }) => name === key)) &&
      fields.every(({ name, node }) => node.nullable || Object.hasOwn(value, name))
    );
  }

  // One object for all, so that a codec that is kept for a node is found again.
  open(): Class {
    this.#open ??= new Class({ ...this.node, open: true });
    return this.#open;
  }
}
