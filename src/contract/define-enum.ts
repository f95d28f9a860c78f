import type { EnumNode } from '../values/schema.js';
import { checkClassName, checkIdentifier, invalid } from './names.js';
import { NodeType } from './node-type.js';
import type { EnumType } from './types.js';

/**
 * A Java enum. Its values are the names of its constants; the result is used as a type.
 * @throws MeshError INVALID_ARGUMENT for a bad name, no constants, or one that is there twice.
 */
export function defineEnum<const C extends readonly string[]>(
  javaName: string,
  constants: C,
): EnumType<C[number]> {
  checkClassName(javaName, 'defineEnum');
  const names: readonly string[] = [...constants];
  if (names.length === 0) throw invalid(`defineEnum('${javaName}'): it needs at least one constant.`);
  for (const name of names) checkIdentifier(name, `defineEnum('${javaName}')`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw invalid(`defineEnum('${javaName}'): ${twice} is listed twice.`);
  const node: EnumNode = {
    kind: 'enum',
    javaName,
    nullable: true,
    constants: Object.freeze(names),
    open: false,
  };
  return new Enum(node) as unknown as EnumType<C[number]>;
}

class Enum extends NodeType<EnumNode> {
  get javaName(): string {
    return this.node.javaName;
  }

  get constants(): readonly string[] {
    return this.node.constants;
  }

  is(value: unknown): boolean {
    return typeof value === 'string' && this.node.constants.includes(value);
  }

  open(): NodeType<EnumNode> {
    return new NodeType({ ...this.node, open: true });
  }
}
