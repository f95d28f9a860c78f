import { RemoteError } from '../core/errors.js';
import { isTagged, type JavaList, type JavaTagged } from '../values/java.js';
import { CLASS_NAME } from '../values/schema.js';
import { Value } from '../values/value.js';
import { ClassDef } from './class-def.js';
import { encodeFault, within } from './faults.js';
import { writeJdk } from './untyped-jdk.js';
import type { HessianWriter } from './writer.js';

/**
 * Writes a value without a contract: plain JS, `java.*` values, the lossless form, or a mix. Objects that occur twice
 * are written once and referred to, so cycles are allowed.
 *
 * @throws MeshError ENCODE_FAILED with the path, for a value that has no Java form. The caller sets `out.pos` back.
 */
export function writeAny(w: HessianWriter, value: unknown): void {
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
      else writeJdk(w, value);
      return;
    case 'undefined':
      w.writeNull();
      return;
    case 'object':
      if (value === null) w.writeNull();
      else writeObject(w, value);
      return;
    default:
      throw encodeFault(`a ${typeof value} has no Java form`);
  }
}

function writeObject(w: HessianWriter, value: object): void {
  w.enter();
  if (Array.isArray(value)) {
    if (!w.addRef(value)) writeItems(w, null, value);
  } else if (isTagged(value)) writeTagged(w, value);
  else if (value instanceof Date) writeJsDate(w, value);
  else if (value instanceof Uint8Array) w.writeBytes(value);
  else if (value instanceof Map) {
    if (!w.addRef(value)) writeEntries(w, null, value);
  } else if (value instanceof Set) {
    if (!w.addRef(value)) writeItems(w, 'java.util.HashSet', [...value]);
  } else if (value instanceof Error) {
    if (!w.addRef(value)) writeError(w, value);
  } else if (value instanceof Value || !isPlain(value)) writeJdk(w, value);
  else if (!w.addRef(value)) writePlainObject(w, value);
  w.leave();
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

function writeItems(w: HessianWriter, type: string | null, items: readonly unknown[]): void {
  const marked = w.beginList(type, items.length);
  writeEach(w, items);
  w.endList(marked);
}

function writeEach(w: HessianWriter, items: readonly unknown[]): void {
  let i = 0;
  try {
    for (; i < items.length; i++) writeAny(w, items[i]);
  } catch (error) {
    throw within(error, `[${i}]`);
  }
}

function writeEntries(
  w: HessianWriter,
  type: string | null,
  entries: Iterable<readonly [unknown, unknown]>,
): void {
  w.beginMap(type);
  let at: unknown;
  try {
    for (const [key, value] of entries) {
      at = key;
      writeAny(w, key);
      writeAny(w, value);
    }
  } catch (error) {
    throw within(error, typeof at === 'string' ? `[${JSON.stringify(at)}]` : '[key]');
  }
  w.endMap();
}

/** A plain object is a HashMap, or an object of the class that CLASS_NAME gives it. */
function writePlainObject(w: HessianWriter, value: object): void {
  const className = (value as { [CLASS_NAME]?: unknown })[CLASS_NAME];
  if (typeof className === 'string') writeFields(w, className, Object.entries(value));
  else writeEntries(w, null, Object.entries(value));
}

function writeFields(
  w: HessianWriter,
  className: string,
  fields: readonly (readonly [string, unknown])[],
): void {
  w.writeObjectBegin(definitionOf(w, className, fields));
  let i = 0;
  try {
    for (; i < fields.length; i++) writeAny(w, fields[i][1]);
  } catch (error) {
    throw within(error, `.${fields[i][0]}`);
  }
}

const MAX_DEFINITIONS = 256;

function definitionOf(
  w: HessianWriter,
  className: string,
  fields: readonly (readonly [string, unknown])[],
): ClassDef {
  const known = w.untypedDefs.get(className);
  if (known !== undefined && hasFields(known, fields)) return known;
  const made = new ClassDef(
    className,
    fields.map(([name]) => name),
  );
  // Class names may come from a peer: what is remembered of them stays bounded.
  if (w.untypedDefs.size >= MAX_DEFINITIONS) w.untypedDefs.clear();
  w.untypedDefs.set(className, made);
  return made;
}

function hasFields({ fieldNames }: ClassDef, fields: readonly (readonly [string, unknown])[]): boolean {
  if (fieldNames.length !== fields.length) return false;
  for (let i = 0; i < fields.length; i++) if (fieldNames[i] !== fields[i][0]) return false;
  return true;
}

const NO_STACK: JavaList = { $java: 'list', type: '[java.lang.StackTraceElement', items: [] };

/**
 * An exception: what Java sent as it was, an error of this process by its message alone. A Throwable without a cause
 * holds itself; the stack is empty, because no path of this process is sent, and Java would fill in where it decoded.
 */
function writeError(w: HessianWriter, error: Error): void {
  const remote = error instanceof RemoteError ? error : undefined;
  writeFields(w, remote?.className ?? 'java.lang.RuntimeException', [
    ...Object.entries(remote?.fields ?? {}),
    ['detailMessage', error.message],
    ['cause', remote?.cause instanceof RemoteError ? remote.cause : error],
    ['stackTrace', { ...NO_STACK }],
  ]);
}

function writeTagged(w: HessianWriter, value: JavaTagged): void {
  switch (value.$java) {
    case 'boolean':
      check(typeof value.value === 'boolean', value);
      w.writeBoolean(value.value);
      return;
    case 'int':
      writeInt(w, value.value, value.as);
      return;
    case 'long':
      check(typeof value.value === 'bigint', value);
      w.writeLong(value.value);
      return;
    case 'double':
      check(typeof value.value === 'number', value);
      if (!w.sofa && isFloat(value.as)) writeHandle(w, 'Float', { $java: 'double', value: value.value });
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
      if (value.parts === undefined) w.writeBytes(value.value);
      else writeParts(w, value.value, value.parts);
      return;
    case 'list':
      if (w.addRef(value)) return;
      if (value.open === true) {
        w.beginOpenList(value.type);
        writeEach(w, value.items);
        w.endMap();
      } else writeItems(w, value.type, value.items);
      return;
    case 'map':
      if (!w.addRef(value)) writeEntries(w, value.type, value.entries);
      return;
    case 'object':
      if (!w.addRef(value)) writeFields(w, value.class, value.fields);
      return;
    case 'typed':
      writeAny(w, value.value);
      return;
    default:
      throw encodeFault(`unknown $java '${String((value as { $java: unknown }).$java)}'`);
  }
}

/** Writes a byte array cut as another encoder cut it. */
function writeParts(w: HessianWriter, value: Uint8Array, parts: readonly number[]): void {
  let from = 0;
  for (const length of parts) {
    putPart(w, w.sofa ? 0x62 : 0x41, value.subarray(from, from + length));
    from += length;
  }
  const last = value.subarray(from);
  // Short forms belong to the writer, which would cut a part that is longer than its own.
  if (last.length > 0x3ff) putPart(w, 0x42, last);
  else w.writeBytes(last);
}

function putPart({ out }: HessianWriter, tag: number, part: Uint8Array): void {
  if (part.length > 0xffff) throw encodeFault(`a part of ${part.length} bytes is too long for a byte array`);
  const at = out.reserve(3 + part.length);
  out.buf[at] = tag;
  out.buf.writeUInt16BE(part.length, at + 1);
  out.buf.set(part, at + 3);
  out.pos = at + 3 + part.length;
}

function check(fits: boolean, { $java, value }: { $java: string; value: unknown }): void {
  if (!fits) throw encodeFault(`java.${$java}: the value is a ${value === null ? 'null' : typeof value}`);
}

function isFloat(type: string | undefined): boolean {
  return type === 'float' || type === 'java.lang.Float';
}

/** Bits of Java's integer types that share one form. */
const BITS: Readonly<Record<string, number>> = {
  byte: 8,
  'java.lang.Byte': 8,
  short: 16,
  'java.lang.Short': 16,
};

function writeInt(w: HessianWriter, value: number, type: string | undefined): void {
  const bits = (type !== undefined && BITS[type]) || 32;
  const limit = 2 ** (bits - 1);
  if (typeof value !== 'number' || !Number.isInteger(value) || value < -limit || value >= limit) {
    throw encodeFault(`expected ${type ?? 'int'} (a ${bits}-bit integer), got ${String(value).slice(0, 40)}`);
  }
  // The final grammar keeps a boxed byte or short in an object (vectors, smallnum/*); the sofa grammar does not.
  if (!w.sofa && bits < 32) writeHandle(w, bits === 8 ? 'Byte' : 'Short', { $java: 'int', value });
  else w.writeInt(value);
}

function writeHandle(w: HessianWriter, name: string, value: JavaTagged): void {
  w.skipRefs(1);
  writeFields(w, `com.caucho.hessian.io.${name}Handle`, [['_value', value]]);
}
