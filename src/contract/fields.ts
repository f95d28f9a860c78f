import type { FieldNode } from '../values/schema.js';
import { checkIdentifier, invalid } from './names.js';
import { javaNodeOf } from './node-type.js';

const MAX_FIELDS = 1024;

/** What has fields, own and inherited. */
interface WithFields {
  fields(): readonly FieldNode[];
}

/**
 * The fields of a definition, and after them those of its base. A field of the base that is hidden has the type of the
 * one that hides it: Java finds both by their name alone, and sets the subclass's. What is there is checked now; a getter is read on first
 * use, because it may name a class that does not exist yet.
 */
export function fieldsOf(
  definition: object,
  parent: WithFields | undefined,
  what: string,
): () => readonly FieldNode[] {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) {
    throw invalid(`${what}: expected an object of fields, such as { id: t.long }.`);
  }
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(definition));
  for (const [name, { get, value }] of descriptors) {
    checkIdentifier(name, what);
    if (get === undefined) javaNodeOf(value, `${what}: ${name}`);
  }
  let fields: readonly FieldNode[] | undefined;
  return () => {
    if (fields !== undefined) return fields;
    const own = descriptors.map(([name, { get, value }]): FieldNode => {
      const type: unknown = get === undefined ? value : get.call(definition);
      return { name, node: javaNodeOf(type, `${what}: ${name}`) };
    });
    const hidden = new Map(own.map((field) => [field.name, field]));
    const inherited = parent?.fields().map((field) => hidden.get(field.name) ?? field) ?? [];
    const all = [...own, ...inherited];
    if (all.length > MAX_FIELDS) {
      throw invalid(
        `${what}: ${all.length} fields, inherited ones included; at most ${MAX_FIELDS} are allowed.`,
      );
    }
    fields = Object.freeze(all);
    return fields;
  };
}
