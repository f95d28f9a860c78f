import type { SchemaNode } from '../values/schema.js';
import { shown } from '../values/value.js';
import { invalid } from './names.js';
import type { AnyType } from './types.js';

/** What every type of a contract is at run time: its schema node. */
export class NodeType<N extends SchemaNode = SchemaNode> {
  readonly node: N;
  #notNull: NodeType<N> | undefined;

  constructor(node: N) {
    this.node = node;
  }

  // One object for all, so that a codec that is kept for a node is found again.
  notNull(): NodeType<N> {
    this.#notNull ??= new NodeType({ ...this.node, nullable: false });
    return this.#notNull;
  }
}

/** A type of a contract for `node`. Its `~` properties exist for the compiler alone: here is where they are claimed. */
export function typeOf<T extends AnyType>(node: T['node']): T {
  return new NodeType(node) as unknown as T;
}

/** The node of what should be a type: an element, a field, an argument. */
export function nodeOf(type: unknown, what: string): SchemaNode {
  const node = (type as AnyType | null | undefined)?.node;
  if (typeof node?.kind !== 'string') {
    // A class that is used before its `const` is reached arrives as undefined.
    const why =
      type === undefined ? 'undefined (a class that is defined further down? Use a getter)' : shown(type);
    throw invalid(`${what}: expected a type such as t.long or a class, got ${why}.`);
  }
  if (node.kind === 'void') throw invalid(`${what}: t.void is for what a method returns.`);
  return node;
}

/** The same, inside a Java type: not a protobuf message. */
export function javaNodeOf(type: unknown, what: string): SchemaNode {
  const node = nodeOf(type, what);
  if (node.kind !== 'message') return node;
  throw invalid(
    `${what}: a protobuf message cannot be part of a Java type. Use it as the argument or the result.`,
  );
}
