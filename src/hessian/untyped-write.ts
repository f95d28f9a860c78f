import { RemoteError } from '../core/errors.js';
import { isTagged, type JavaTagged } from '../values/java.js';
import { CLASS_NAME } from '../values/schema.js';
import { Value } from '../values/value.js';
import { ClassDef } from './class-def.js';
import { encodeFault, within } from './faults.js';
import { javaForm } from './untyped-forms.js';
import type { HessianWriter } from './writer.js';

/** How deep values may nest: what a reader here would take. */
const MAX_DEPTH = 1024;

/**
 * Writes a value without a contract: plain JS, `java.*` values, the lossless form, or a mix. Objects that occur twice
 * are written once and referred to, so cycles are allowed.
 *
 * @throws MeshError ENCODE_FAILED with the path, for a value that has no Java form. The caller sets `out.pos` back.
 */
export function writeAny(w: HessianWriter, value: unknown): void {
  writeValue(w, value, 0);
}

function writeValue(w: HessianWriter, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      w.writeString(value);
      return;
    case 'number':
      // -0 is no int: as a double it keeps its type, if not its sign.
      if ((value | 0) === value && !Object.is(value, -0)) w.writeInt(value);
      else w.writeDouble(value);
      return;
    case 'boolean':
      w.writeBoolean(value);
      return;
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) w.writeLong(value);
      else writeTagged(w, javaForm(value), depth);
      return;
    case 'undefined':
      w.writeNull();
      return;
    case 'object':
      if (value === null) w.writeNull();
      else writeObject(w, value, depth);
      return;
    default:
      throw encodeFault(`a ${typeof value} has no Java form`);
  }
}

function writeObject(w: HessianWriter, value: object, depth: number): void {
  if (depth > MAX_DEPTH) throw encodeFault(`values nest deeper than ${MAX_DEPTH}`);
  if (Array.isArray(value)) {
    if (!w.addRef(value)) writeItems(w, null, value, depth);
  } else if (isTagged(value)) writeTagged(w, value, depth);
  else if (value instanceof Date) writeJsDate(w, value);
  else if (value instanceof Uint8Array) w.writeBytes(value);
  else if (value instanceof Map) {
    if (!w.addRef(value)) writeEntries(w, null, value, depth);
  } else if (value instanceof Set) {
    if (!w.addRef(value)) writeItems(w, 'java.util.HashSet', [...value], depth);
  } else if (value instanceof Error) {
    if (!w.addRef(value)) writeError(w, value, depth);
  } else if (value instanceof Value || !isPlain(value)) writeTagged(w, javaForm(value), depth);
  else if (!w.addRef(value)) writePlainObject(w, value, depth);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  // Of another realm, Object.prototype is another object, but its own prototype is null too.
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function writeJsDate(w: HessianWriter, value: Date): void {
  const ms = value.getTime();
  if (Number.isNaN(ms)) throw encodeFault('expected a date, got an invalid Date');
  w.writeDate(ms);
}

function writeItems(w: HessianWriter, type: string | null, items: readonly unknown[], depth: number): void {
  const marked = w.beginList(type, items.length);
  writeEach(w, items, depth);
  w.endList(marked);
}

function writeEach(w: HessianWriter, items: readonly unknown[], depth: number): void {
  let i = 0;
  try {
    for (; i < items.length; i++) writeValue(w, items[i], depth + 1);
  } catch (error) {
    throw within(error, `[${i}]`);
  }
}

function writeEntries(w: HessianWriter, type: string | null, entries: Iterable<readonly [unknown, unknown]>, depth: number): void {
  w.beginMap(type);
  let at: unknown;
  try {
    for (const [key, value] of entries) {
      at = key;
      writeValue(w, key, depth + 1);
      writeValue(w, value, depth + 1);
    }
  } catch (error) {
    throw within(error, typeof at === 'string' ? `[${JSON.stringify(at)}]` : '[key]');
  }
  w.endMap();
}

/** A plain object is a HashMap, or an object of the class that CLASS_NAME gives it. */
function writePlainObject(w: HessianWriter, value: object, depth: number): void {
  const className = (value as { [CLASS_NAME]?: unknown })[CLASS_NAME];
  if (typeof className === 'string') writeFields(w, className, Object.entries(value), depth);
  else writeEntries(w, null, Object.entries(value), depth);
}

function writeFields(w: HessianWriter, className: string, fields: readonly (readonly [string, unknown])[], depth: number): void {
  w.writeObjectBegin(
    new ClassDef(
      className,
      fields.map(([name]) => name),
    ),
  );
  let i = 0;
  try {
    for (; i < fields.length; i++) writeValue(w, fields[i][1], depth + 1);
  } catch (error) {
    throw within(error, `.${fields[i][0]}`);
  }
}

/** Without `cause` and `stackTrace` Java's own constructor fills them in: no stack or path of this process is sent. */
function writeError(w: HessianWriter, error: Error, depth: number): void {
  const remote = RemoteError.is(error) && error instanceof RemoteError ? error : undefined;
  const fields: [string, unknown][] = remote === undefined ? [] : Object.entries(remote.fields);
  fields.push(['detailMessage', error.message]);
  if (remote?.cause instanceof RemoteError) fields.push(['cause', remote.cause]);
  writeFields(w, remote?.className ?? 'java.lang.RuntimeException', fields, depth);
}

function writeTagged(w: HessianWriter, value: JavaTagged, depth: number): void {
  switch (value.$java) {
    case 'boolean':
      check(typeof value.value === 'boolean', value);
      w.writeBoolean(value.value);
      return;
    case 'int':
      writeInt(w, value.value, value.as, depth);
      return;
    case 'long':
      check(typeof value.value === 'bigint', value);
      w.writeLong(value.value);
      return;
    case 'double':
      check(typeof value.value === 'number', value);
      if (!w.sofa && isFloat(value.as)) writeHandle(w, 'Float', { $java: 'double', value: value.value }, depth);
      else w.writeDouble(value.value);
      return;
    case 'char':
      check(typeof value.value === 'string', value);
      w.writeString(value.value);
      return;
    case 'date':
      check(typeof value.value === 'bigint', value);
      w.writeDate(value.value);
      return;
    case 'bytes':
      check(value.value instanceof Uint8Array, value);
      w.writeBytes(value.value);
      return;
    case 'list':
      if (w.addRef(value)) return;
      if (value.open === true) {
        w.beginOpenList(value.type);
        writeEach(w, value.items, depth);
        w.endMap();
      } else writeItems(w, value.type, value.items, depth);
      return;
    case 'map':
      if (!w.addRef(value)) writeEntries(w, value.type, value.entries, depth);
      return;
    case 'object':
      if (!w.addRef(value)) writeFields(w, value.class, value.fields, depth);
      return;
    case 'typed':
      writeValue(w, value.value, depth);
      return;
    default:
      throw encodeFault(`unknown $java '${String((value as { $java: unknown }).$java)}'`);
  }
}

function check(fits: boolean, { $java, value }: { $java: string; value: unknown }): void {
  if (!fits) throw encodeFault(`java.${$java}: the value is a ${value === null ? 'null' : typeof value}`);
}

function isFloat(type: string | undefined): boolean {
  return type === 'float' || type === 'java.lang.Float';
}

/** Bits of Java's integer types that share one form. */
const BITS: Readonly<Record<string, number>> = { byte: 8, 'java.lang.Byte': 8, short: 16, 'java.lang.Short': 16 };

function writeInt(w: HessianWriter, value: number, type: string | undefined, depth: number): void {
  const bits = (type !== undefined && BITS[type]) || 32;
  const limit = 2 ** (bits - 1);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < -limit || value >= limit) {
    throw encodeFault(`expected ${type ?? 'int'} (a ${bits}-bit integer), got ${String(value).slice(0, 40)}`);
  }
  // The final grammar keeps a boxed byte or short in an object (vectors, smallnum/*); the sofa grammar does not.
  if (!w.sofa && bits < 32) writeHandle(w, bits === 8 ? 'Byte' : 'Short', { $java: 'int', value }, depth);
  else w.writeInt(value);
}

function writeHandle(w: HessianWriter, name: string, value: JavaTagged, depth: number): void {
  w.skipRefs(1);
  writeFields(w, `com.caucho.hessian.io.${name}Handle`, [['_value', value]], depth);
}
