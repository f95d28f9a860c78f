import { Interner } from '../../core/interner.js';
import { Kind } from '../../hessian/grammar.js';
import type { HessianReader } from '../../hessian/reader.js';
import { type Fields, type Shape, Shapes } from '../../hessian/shapes.js';
import type { WireClass } from '../../hessian/wire-class.js';
import { javaException } from './java-exception.js';
import { textOf } from './text-of.js';

/** Between these a long is a number in either version. */
const MAX_SAFE = 2 ** 53;
const MIN_SAFE = -(2 ** 53) + 2 ** 32;
/** The tag of a long of eight bytes, which follow that of a date. */
const LONG = 0x4c;
const MAX_SAFE_HIGH = 2 ** 21;
/** How Java names what an inner class holds of its outer one: read and left out. */
const OUTER = /^this\$\d+$/;

/**
 * Reads a value as the predecessor gives it: a long beyond 53 bits is its decimal text, maps and objects are plain
 * objects, lists, sets and arrays are arrays, exceptions are Errors, and classes are left out.
 *
 * @throws MeshError DECODE_FAILED, whatever the bytes.
 */
export function readValue(r: HessianReader): unknown {
  const tag = r.readTag();
  switch (r.kinds[tag]) {
    case Kind.null:
      return null;
    case Kind.true:
      return true;
    case Kind.false:
      return false;
    case Kind.int:
      return r.readInt(tag);
    case Kind.long:
      return readLong(r, tag);
    case Kind.double:
      return r.readDouble(tag);
    case Kind.date:
      // Eight bytes of milliseconds, or minutes; what no Date can be is an invalid one.
      return new Date(tag === 0x4b ? Number(r.readDate(tag)) : r.readLongNumber(LONG));
    case Kind.string:
      return r.readString(tag);
    case Kind.bytes:
      return r.readBytes(tag);
    case Kind.ref:
      return r.readRef(tag, readValue);
    case Kind.list:
      return readList(r, tag);
    case Kind.map:
      return readMap(r, tag);
    case Kind.object:
    case Kind.definition:
      return readObject(r, tag);
    default:
      throw r.unexpected('a value', tag);
  }
}

function readLong(r: HessianReader, tag: number): number | string {
  const number = r.readLongNumber(tag);
  if (tag !== LONG) return number;
  if (number < MAX_SAFE && number > MIN_SAFE) return number;
  if (!r.sofa) {
    if (Number.isSafeInteger(number)) return number;
  } else {
    // Hessian 3 asks the halves, and is a little off: some that are safe are text, some that are not are numbers.
    const at = r.pos - 8;
    const high = r.buf.readInt32BE(at);
    const low = r.buf.readInt32BE(at + 4);
    const unsafe =
      high > MAX_SAFE_HIGH ||
      (high === MAX_SAFE_HIGH && low > 0) ||
      high < -MAX_SAFE_HIGH ||
      (high === -MAX_SAFE_HIGH && low < 0);
    if (!unsafe) return number;
  }
  r.pos -= 8;
  return String(r.readLong(tag));
}

function readList(r: HessianReader, tag: number): unknown[] {
  r.enter();
  const length = r.beginList(tag);
  const { marked } = r;
  const items: unknown[] = [];
  r.addRef(items);
  if (length < 0) while (!r.isEnd()) items.push(readValue(r));
  else {
    for (let i = 0; i < length; i++) items.push(readValue(r));
    r.endList(marked);
  }
  r.leave();
  return items;
}

function readMap(r: HessianReader, tag: number): unknown {
  r.enter();
  r.beginMap(tag);
  const { type } = r;
  const map: Fields = {};
  const number = r.addRef(map);
  if (r.sofa) {
    while (!r.isEnd()) put(map, readKey(r), readValue(r));
  } else readEntries(r, map);
  r.leave();
  if (type === null || type === '' || !isException(r, type, map)) return map;
  const error = javaException(type, map, r.sofa);
  r.setRef(number, error);
  return error;
}

/** Keys come again and again, and a text that was a key before is a faster one. */
const keys = new Interner();

function readKey(r: HessianReader): string {
  const { buf, pos } = r;
  const length = buf[pos];
  const end = pos + 1 + length;
  // A short text: as many bytes as characters where it is ASCII.
  if (length >= 0x20 || end > r.end) return keyOf(readValue(r));
  for (let i = pos + 1; i < end; i++) if (buf[i] > 0x7f) return keyOf(readValue(r));
  r.pos = end;
  return keys.text(buf, pos + 1, length);
}

/** Hessian 4 shows the entries with their keys, too, in `$map`. */
function readEntries(r: HessianReader, map: Fields): void {
  const entries = new Map<unknown, unknown>();
  Object.defineProperty(map, '$map', { value: entries, configurable: true });
  while (!r.isEnd()) {
    const key = r.peekKind() === Kind.string ? readKey(r) : readValue(r);
    const value = readValue(r);
    entries.set(key, value);
    put(map, keyOf(key), value);
  }
}

/** An enum constant or class as a key is its name. */
function keyOf(key: unknown): string {
  if (typeof key === 'string') return key;
  const name = typeof key === 'object' && key !== null && (key as { name?: unknown }).name;
  return textOf(name || key);
}

/** Always an own property, also where every object inherits one of that name. */
function put(object: Fields, name: string, value: unknown): void {
  if (name === '__proto__' || name === '$map') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else object[name] = value;
}

function isException(r: HessianReader, className: string, fields: Fields): boolean {
  if (!r.sofa) return className.endsWith('Exception');
  return Object.hasOwn(fields, 'detailMessage') && Object.hasOwn(fields, 'stackTrace');
}

/** What is known of a class definition: which of its fields are kept, and how its objects are filled. */
interface ObjectPlan {
  readonly shape: Shape;
  readonly names: readonly string[];
  /** Whether each field belongs to the outer object. Undefined where none does. */
  readonly outer: readonly boolean[] | undefined;
  readonly isException: boolean;
}

/** Up to so many classes are known. */
const MAX_PLANS = 2000;
const PLANNED_BY = {};
const shapes = new Shapes();
/** By class name, Hessian 3 and 4 apart. A definition may be made anew, which its plan outlives. */
const plans = { sofa: new Map<string, ObjectPlan>(), final: new Map<string, ObjectPlan>() };

function planOf(r: HessianReader, type: WireClass): ObjectPlan {
  if (type.plannedBy === PLANNED_BY) return type.plan as ObjectPlan;
  const known = plans[r.grammar];
  let plan = known.get(type.name);
  if (plan === undefined || !sameNames(plan.names, type.fieldNames)) {
    plan = makePlan(type, r.sofa);
    if (known.size >= MAX_PLANS) known.clear();
    known.set(type.name, plan);
  }
  type.plannedBy = PLANNED_BY;
  type.plan = plan;
  return plan;
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

function makePlan({ name, fieldNames: names }: WireClass, sofa: boolean): ObjectPlan {
  const outer = names.map((field) => OUTER.test(field));
  const isThrowable = names.includes('detailMessage') && names.includes('stackTrace');
  return {
    shape: shapes.of(name, names),
    names,
    outer: outer.includes(true) ? outer : undefined,
    isException: sofa ? isThrowable : name.endsWith('Exception'),
  };
}

function readObject(r: HessianReader, tag: number): unknown {
  r.enter();
  const type = r.readClass(tag);
  const plan = planOf(r, type);
  const { names, outer } = plan;
  const { set } = plan.shape;
  const object: Fields = {};
  const number = r.addRef(object, type);
  for (let i = 0; i < names.length; i++) {
    const value = readValue(r);
    if (outer === undefined || !outer[i]) set(object, names, i, value);
  }
  r.leave();
  if (!plan.isException) return object;
  const error = javaException(type.name, object, r.sofa);
  r.setRef(number, error);
  return error;
}
