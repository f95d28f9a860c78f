import { MeshError, RemoteError } from '../core/errors.js';
import { shortly } from '../core/reason.js';
import type { Step } from './ignore-paths.js';

/** The Java class of a decoded object, as `values/schema.ts` registers it. */
const CLASS_NAME = Symbol.for('sofa-mesh-sdk.class');

/** A value that has no parts to compare: a date, bytes, a Decimal. Alike are those of the same type and text. */
export class Scalar {
  constructor(
    readonly type: string,
    readonly text: string,
  ) {}
}

/** A node, a Scalar, or a primitive as it is. */
export type Part = unknown;

/** A member that can be found neither by a name nor by its place: an item of a Set, an entry with an object for its key. */
export interface Loose {
  readonly key: ValueNode;
  /** Undefined for an item of a Set. */
  readonly value: Part;
}

type Kind = 'object' | 'array' | 'Map' | 'Set' | 'error';

/** A value with parts. */
export class ValueNode {
  /** What to find a part by in the other graph, in ascending order. Empty for an array, whose parts have their places. */
  names: readonly string[] = [];
  /** Each part's step in a path. Empty for an array. */
  steps: readonly Step[] = [];
  parts: readonly Part[] = [];
  loose: readonly Loose[] = [];

  constructor(
    /** 0, 1, 2, .. in its graph. */
    readonly index: number,
    readonly kind: Kind,
    /** The Java class, where it is known, or the JavaScript one. */
    readonly type: string,
  ) {}

  stepAt(index: number): Step {
    return this.kind === 'array' ? index : this.steps[index];
  }
}

export interface ValueGraph {
  readonly root: Part;
  readonly nodes: readonly ValueNode[];
  /** No node has two ways to it: there are no shared references and no cycles. */
  readonly isTree: boolean;
}

/**
 * What a value is now, in a form of its own, which does not change with it: for a result that its caller may change
 * before it is compared. Takes each object once, however often and by whatever cycles it is reached.
 */
export function graphOf(value: unknown): ValueGraph {
  const nodes: ValueNode[] = [];
  const sources: object[] = [];
  const known = new Map<object, ValueNode | Scalar>();
  let isTree = true;
  const partOf = (part: unknown): Part => {
    if (typeof part !== 'object' || part === null) return part;
    let made = known.get(part);
    if (made === undefined) {
      made = scalarOf(part) ?? nodeOf(part, nodes.length);
      known.set(part, made);
      if (made instanceof ValueNode) {
        nodes.push(made);
        sources.push(part);
      }
    } else if (made instanceof ValueNode) isTree = false;
    return made;
  };
  const root = partOf(value);
  for (let i = 0; i < nodes.length; i++) fill(nodes[i], sources[i], partOf);
  return { root, nodes, isTree };
}

function scalarOf(value: object): Scalar | undefined {
  if (Array.isArray(value) || isPlain(value) || value instanceof Error) return undefined;
  if (value instanceof Date) {
    return new Scalar('Date', Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString());
  }
  if (ArrayBuffer.isView(value)) {
    // A Buffer and the Uint8Array that a copy of it may be are alike.
    const type = value instanceof Uint8Array ? 'bytes' : classOf(value);
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return new Scalar(type, bytes.toString('latin1'));
  }
  // Decimal, JavaClass, java.time: their texts are alike where Java's equals says so.
  return hasEquals(value) ? new Scalar(classOf(value), String(value)) : undefined;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function hasEquals(value: { equals?: unknown }): boolean {
  return typeof value.equals === 'function';
}

function classOf(value: object): string {
  return Object.getPrototypeOf(value)?.constructor?.name ?? '';
}

function nodeOf(value: object, index: number): ValueNode {
  if (Array.isArray(value)) return new ValueNode(index, 'array', '');
  if (value instanceof Map) return new ValueNode(index, 'Map', '');
  if (value instanceof Set) return new ValueNode(index, 'Set', '');
  if (RemoteError.is(value)) return new ValueNode(index, 'error', value.className);
  if (MeshError.is(value)) return new ValueNode(index, 'error', value.code);
  if (value instanceof Error) return new ValueNode(index, 'error', value.name);
  const className = (value as { [CLASS_NAME]?: unknown })[CLASS_NAME];
  if (typeof className === 'string') return new ValueNode(index, 'object', className);
  return new ValueNode(index, 'object', isPlain(value) ? '' : classOf(value));
}

type PartOf = (value: unknown) => Part;

function fill(node: ValueNode, value: object, partOf: PartOf): void {
  switch (node.kind) {
    case 'array':
      node.parts = Array.from(value as unknown[], partOf);
      break;
    case 'object':
      fillFields(node, value as Record<string, unknown>, partOf);
      break;
    case 'error':
      fillFields(node, errorFields(value), partOf);
      break;
    default:
      fillMembers(node, value as Map<unknown, unknown> | Set<unknown>, partOf);
  }
}

function fillFields(node: ValueNode, fields: Readonly<Record<string, unknown>>, partOf: PartOf): void {
  const names = Object.keys(fields).sort();
  node.names = names;
  node.steps = names;
  node.parts = names.map((name) => partOf(fields[name]));
}

/** Not the stacks: two providers of one service seldom have the same. And not our own words, which hold addresses. */
function errorFields(error: object): Readonly<Record<string, unknown>> {
  const { message, cause, fields } = error as { message?: unknown; cause?: unknown; fields?: unknown };
  if (RemoteError.is(error)) return { message, cause, fields };
  return MeshError.is(error) ? {} : { message, cause };
}

interface Member {
  readonly name: string;
  readonly step: Step;
  readonly part: Part;
}

function fillMembers(node: ValueNode, members: Map<unknown, unknown> | Set<unknown>, partOf: PartOf): void {
  const isSet = node.kind === 'Set';
  const found: Member[] = [];
  const loose: Loose[] = [];
  for (const [key, value] of members.entries()) {
    const of = partOf(key);
    const part = isSet ? undefined : partOf(value);
    if (of instanceof ValueNode) loose.push({ key: of, value: part });
    else found.push({ name: keyName(of), step: isSet ? null : keyStep(of), part: isSet ? of : part });
  }
  found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  node.names = found.map(({ name }) => name);
  node.steps = found.map(({ step }) => step);
  node.parts = found.map(({ part }) => part);
  node.loose = loose;
}

/** The same for two keys alone that are alike. */
function keyName(key: Part): string {
  return key instanceof Scalar ? `${key.type} ${key.text}` : `${typeof key} ${String(key)}`;
}

function keyStep(key: Part): Step {
  if (key instanceof Scalar) return key.text;
  const number = typeof key === 'bigint' ? Number(key) : key;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  return String(key);
}

/** Whether two parts are alike, of which at most one has parts of its own. -0 is 0, and NaN is NaN. */
export function isAlike(a: Part, b: Part): boolean {
  if (a === b) return true;
  if (a instanceof Scalar && b instanceof Scalar) return a.type === b.type && a.text === b.text;
  return Number.isNaN(a) && Number.isNaN(b);
}

/** What kind of value a part is. */
export function typeOf(part: Part): string {
  if (part instanceof ValueNode) return part.type === '' ? part.kind : `${part.kind} ${part.type}`;
  if (part instanceof Scalar) return part.type;
  return part === null ? 'null' : typeof part;
}

/** A part in a few words. */
export function partText(part: Part): string {
  if (part instanceof ValueNode) {
    const size = part.parts.length + part.loose.length;
    return `${typeOf(part)} of ${size} ${size === 1 ? 'part' : 'parts'}`;
  }
  if (!(part instanceof Scalar)) return shortly(part);
  if (part.type === 'bytes') return `${part.text.length} bytes`;
  return `${part.type} ${part.text.length > 100 ? `${part.text.slice(0, 100)}..` : part.text}`;
}
