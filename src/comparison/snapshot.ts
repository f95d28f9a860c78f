import { MeshError, RemoteError } from '../core/errors.js';
import { CLASS_NAME } from '../values/schema.js';
import type { IgnoreState, Step } from './ignore-paths.js';

/** Levels below the answer itself that are taken. */
export const MAX_DEPTH = 64;
/** Values that are taken of one answer, whatever their kind; what a path masks does not count. */
export const MAX_VALUES = 10_000;

/** A value without parts: a primitive, a date, bytes, a Decimal. Alike are those of the same type and text. */
export interface Leaf {
  readonly type: string;
  readonly text: string;
}

/** A value with parts. */
export class Branch {
  readonly text = undefined;
  /** By what finds them in the other answer: an index, a field's name, a key without parts. */
  readonly parts = new Map<string, { readonly step: Step; readonly value: Taken }>();
  /** Members of a Set and entries of a Map that nothing names: they, or their keys, have parts. */
  readonly loose: { readonly key: Branch; readonly value: Taken }[] = [];
  /** A bound was met: parts that were not taken may be there or not. */
  isCut = false;
  private known: string | undefined;

  constructor(
    readonly type: string,
    /** The number of its parts, taken or not. */
    readonly size: number,
  ) {}

  /** Its type and those of its parts that have none of their own. Kept, for it may be a member of many. */
  get look(): string {
    this.known ??= lookOf(this);
    return this.known;
  }
}

function lookOf({ type, parts }: Branch): string {
  const texts = [];
  for (const [name, { value }] of parts)
    if (value.text !== undefined) texts.push(`${name} ${value.type} ${value.text}`);
  return JSON.stringify([type, ...texts.sort()]);
}

export type Taken = Leaf | Branch;

/**
 * What a value is now, in a form of its own, which does not change with it: for a result that its caller may change
 * before it is compared. Level by level and without what is masked, up to {@link MAX_DEPTH} and {@link MAX_VALUES}.
 */
export function snapshot(value: unknown, mask: IgnoreState): Taken {
  return new Snapshot().of(value, mask);
}

class Snapshot {
  /** What was taken, by its mask: so cycles end, and what is shared is taken once. */
  private readonly known = new Map<IgnoreState, Map<unknown, Branch>>();
  private readonly toFill: { branch: Branch; of: object; mask: IgnoreState; depth: number }[] = [];
  private left = MAX_VALUES;

  of(value: unknown, mask: IgnoreState): Taken {
    const root = this.take(value, mask, 0);
    // It grows on the way.
    for (const { branch, of, mask, depth } of this.toFill) this.fill(branch, of, mask, depth);
    return root;
  }

  private take(value: unknown, mask: IgnoreState, depth: number): Taken {
    this.left--;
    const leaf = leafOf(value);
    if (leaf !== undefined) return leaf;
    const known = this.known.get(mask) ?? new Map<unknown, Branch>();
    this.known.set(mask, known);
    let branch = known.get(value);
    if (branch === undefined) {
      branch = new Branch(typeOf(value as object), sizeOf(value as object));
      known.set(value, branch);
      this.toFill.push({ branch, of: value as object, mask, depth });
    }
    return branch;
  }

  private fill(branch: Branch, of: object, mask: IgnoreState, depth: number): void {
    const isSet = of instanceof Set;
    for (const [key, part] of entriesOf(of)) {
      const name = leafOf(key);
      const step = isSet || name === undefined ? null : stepOf(name);
      const below = mask.after(step);
      if (below.isIgnored) continue;
      branch.isCut = depth === MAX_DEPTH || this.left <= 0;
      if (branch.isCut) return;
      const value = this.take(isSet && name === undefined ? undefined : part, below, depth + 1);
      if (name !== undefined) branch.parts.set(`${name.type} ${name.text}`, { step, value });
      else branch.loose.push({ key: this.take(key, below, depth + 1) as Branch, value });
    }
  }
}

function sizeOf(value: object): number {
  if (Array.isArray(value)) return value.length;
  return value instanceof Map || value instanceof Set ? value.size : Object.keys(fieldsOf(value)).length;
}

function entriesOf(value: object): Iterable<[unknown, unknown]> {
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return value.entries();
  const fields = fieldsOf(value);
  return Object.keys(fields)
    .sort()
    .map((name) => [name, fields[name]]);
}

/** Of an exception not the stack: two providers seldom have the same. And none of our own words, which hold addresses. */
function fieldsOf(value: object): Readonly<Record<string, unknown>> {
  if (!(value instanceof Error)) return value as Readonly<Record<string, unknown>>;
  const { message, cause, fields } = value as Error & { fields?: unknown };
  if (RemoteError.is(value)) return { message, cause, fields };
  return MeshError.is(value) ? {} : { message, cause };
}

function typeOf(value: object): string {
  if (Array.isArray(value)) return 'array';
  if (value instanceof Map) return 'Map';
  if (value instanceof Set) return 'Set';
  if (RemoteError.is(value)) return `error ${value.className}`;
  if (MeshError.is(value)) return `error ${value.code}`;
  if (value instanceof Error) return `error ${value.name}`;
  const className = (value as { [CLASS_NAME]?: unknown })[CLASS_NAME];
  if (typeof className === 'string') return `object ${className}`;
  return isPlain(value) ? 'object' : `object ${classOf(value)}`;
}

function stepOf({ type, text }: Leaf): Step {
  const number = type === 'number' || type === 'bigint' ? Number(text) : -1;
  return Number.isSafeInteger(number) && number >= 0 ? number : text;
}

function leafOf(value: unknown): Leaf | undefined {
  if (typeof value !== 'object' || value === null) {
    return { type: value === null ? 'null' : typeof value, text: String(value) };
  }
  if (Array.isArray(value) || isPlain(value) || value instanceof Error) return undefined;
  if (value instanceof Date) {
    return { type: 'Date', text: Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString() };
  }
  if (ArrayBuffer.isView(value)) {
    // A Buffer and the Uint8Array that a copy of it may be are alike.
    const type = value instanceof Uint8Array ? 'bytes' : classOf(value);
    return { type, text: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1') };
  }
  // Decimal, JavaClass, java.time: their texts are alike where Java's equals says so.
  const { equals } = value as { equals?: unknown };
  return typeof equals === 'function' ? { type: classOf(value), text: String(value) } : undefined;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function classOf(value: object): string {
  return Object.getPrototypeOf(value)?.constructor?.name ?? '';
}
