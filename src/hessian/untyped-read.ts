import type { JavaBytes, JavaDate, JavaList, JavaMap, JavaObject } from '../values/java.js';
import { CLASS_NAME } from '../values/schema.js';
import { within } from './faults.js';
import { Kind } from './grammar.js';
import type { HessianReader } from './reader.js';
import { CHUNK, FINAL_BYTES_CHUNK } from './scalar-writer.js';
import { jdkReading, jdkValue } from './untyped-jdk.js';
import { fillError, isThrowable, newError } from './untyped-throwable.js';
import type { WireClass } from './wire-class.js';

/**
 * Reads a value without a contract. Plain: int and double -> number, long -> bigint, List and array -> array, Set ->
 * Set, Map -> Map, POJO -> plain object with CLASS_NAME, JDK classes -> their values, Throwable -> RemoteError.
 * An enum constant cannot be told from a POJO with a field `name` and stays one. Lossless: see {@link JavaValue}.
 *
 * @throws MeshError DECODE_FAILED, whatever the bytes.
 */
export function readAny(r: HessianReader, lossless = false): unknown {
  return lossless ? readLossless(r) : readPlain(r);
}

function readPlain(r: HessianReader): unknown {
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
      return r.readLong(tag);
    case Kind.double:
      return r.readDouble(tag);
    case Kind.date:
      // Beyond the range of JS Date this is an invalid Date: the lossless form has the exact value.
      return new Date(Number(r.readDate(tag)));
    case Kind.string:
      return r.readString(tag);
    case Kind.bytes:
      return r.readBytes(tag);
    case Kind.ref:
      return r.readRef(tag, readPlain) ?? null;
    case Kind.list:
      return readPlainList(r, tag);
    case Kind.map:
      return readPlainMap(r, tag);
    case Kind.object:
    case Kind.definition:
      return readPlainObject(r, tag);
    default:
      throw r.unexpected('a value', tag);
  }
}

/** Java's set classes, private ones too (`Collections$UnmodifiableSet`, `ImmutableCollections$SetN`, `RegularEnumSet`). */
const SET_CLASS = /^java\.util\..*Set(?:12|N|From\w+)?$/;

function readPlainList(r: HessianReader, tag: number): unknown {
  r.enter();
  const length = r.beginList(tag);
  const { marked, type } = r;
  if (type !== null && SET_CLASS.test(type)) {
    const set = new Set<unknown>();
    r.addRef(set);
    readItems(r, length, readPlain, (item) => set.add(item));
    r.endList(marked && length >= 0);
    r.leave();
    return set;
  }
  const items: unknown[] = [];
  r.addRef(items);
  readItems(r, length, readPlain, (item) => items.push(item));
  r.endList(marked && length >= 0);
  r.leave();
  return items;
}

/** Reads `length` items, or up to and with the end mark where it is -1. */
function readItems(
  r: HessianReader,
  length: number,
  read: (r: HessianReader) => unknown,
  add: (item: unknown) => void,
): void {
  let i = 0;
  try {
    if (length < 0) for (; !r.isEnd(); i++) add(read(r));
    else for (; i < length; i++) add(read(r));
  } catch (error) {
    throw within(error, `[${i}]`);
  }
}

function readPlainMap(r: HessianReader, tag: number): unknown {
  r.enter();
  r.beginMap(tag);
  const map = new Map<unknown, unknown>();
  r.addRef(map);
  readEntries(r, readPlain, (key, value) => map.set(key, value));
  r.leave();
  return map;
}

function readEntries(
  r: HessianReader,
  read: (r: HessianReader) => unknown,
  add: (key: unknown, value: unknown) => void,
): void {
  let i = 0;
  let key: unknown;
  let inKey = true;
  try {
    for (; !r.isEnd(); i++) {
      inKey = true;
      key = read(r);
      inKey = false;
      add(key, read(r));
    }
  } catch (error) {
    throw within(error, inKey || typeof key !== 'string' ? `[entry ${i}]` : `[${shortKey(key)}]`);
  }
}

function shortKey(key: string): string {
  return JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}..` : key);
}

function readPlainObject(r: HessianReader, tag: number): unknown {
  r.enter();
  const type = r.readClass(tag);
  const names = type.fieldNames;
  let result: unknown;
  const jdk = jdkReading(type.name);
  if (jdk !== undefined) {
    // A field that refers to the object itself, which no JDK class has, reads as null.
    const number = r.addRef(null, type);
    result = jdkValue(jdk, names, readValues(r, type));
    r.setRef(number, result);
  } else if (isThrowable(names)) {
    const error = newError(type.name);
    r.addRef(error, type);
    fillError(error, names, readValues(r, type));
    result = error;
  } else {
    result = readPojo(r, type);
  }
  r.leave();
  return result;
}

function readValues(r: HessianReader, type: WireClass): unknown[] {
  const values: unknown[] = [];
  let i = 0;
  try {
    for (; i < type.fieldNames.length; i++) values.push(readPlain(r));
  } catch (error) {
    throw within(error, `.${type.fieldNames[i]}`);
  }
  return values;
}

/** An object of any class, by the fields of its definition. */
export function readPojo(r: HessianReader, type: WireClass): object {
  const pojo: Record<string | symbol, unknown> = {};
  r.addRef(pojo, type);
  const names = type.fieldNames;
  let i = 0;
  try {
    for (; i < names.length; i++) {
      const name = names[i];
      const value = readPlain(r);
      if (name === '__proto__') {
        Object.defineProperty(pojo, name, { value, enumerable: true, configurable: true, writable: true });
      } else if (!Object.hasOwn(pojo, name)) {
        // A field that subclass and base both declare comes twice, the subclass's first: that one is kept.
        pojo[name] = value;
      }
    }
  } catch (error) {
    throw within(error, `.${names[i]}`);
  }
  pojo[CLASS_NAME] = type.name;
  return pojo;
}

function readLossless(r: HessianReader): unknown {
  const tag = r.readTag();
  switch (r.kinds[tag]) {
    case Kind.null:
      return null;
    case Kind.true:
      return true;
    case Kind.false:
      return false;
    case Kind.int:
      return { $java: 'int', value: r.readInt(tag) };
    case Kind.long:
      return { $java: 'long', value: r.readLong(tag) };
    case Kind.double:
      return { $java: 'double', value: r.readDouble(tag) };
    case Kind.date:
      return { $java: 'date', value: BigInt(r.readDate(tag)) } satisfies JavaDate;
    case Kind.string:
      return r.readString(tag);
    case Kind.bytes:
      return readLosslessBytes(r, tag);
    case Kind.ref:
      return r.readRef(tag, readLossless);
    case Kind.list:
      return readLosslessList(r, tag);
    case Kind.map:
      return readLosslessMap(r, tag);
    case Kind.object:
    case Kind.definition:
      return readLosslessObject(r, tag);
    default:
      throw r.unexpected('a value', tag);
  }
}

/**
 * Hessian 4 cuts a byte array where its output buffer happens to end: the parts are kept where the encoder would cut
 * elsewhere.
 */
function readLosslessBytes(r: HessianReader, tag: number): JavaBytes {
  const chunkTag = r.sofa ? 0x62 : 0x41;
  const standard = r.sofa ? CHUNK : FINAL_BYTES_CHUNK;
  const parts: number[] = [];
  let pos = r.pos - 1;
  for (; r.buf[pos] === chunkTag && pos + 3 <= r.end; pos += 3 + parts[parts.length - 1]) {
    parts.push((r.buf[pos + 1] << 8) | r.buf[pos + 2]);
  }
  const value = r.readBytes(tag);
  const last = value.length - parts.reduce((sum, part) => sum + part, 0);
  if (parts.every((part) => part === standard) && last <= standard && (last > 0 || parts.length === 0)) {
    return { $java: 'bytes', value };
  }
  return { $java: 'bytes', value, parts };
}

function readLosslessList(r: HessianReader, tag: number): JavaList {
  r.enter();
  const length = r.beginList(tag);
  const { marked, type } = r;
  const items: unknown[] = [];
  const list: JavaList = { $java: 'list', type, items };
  if (length < 0) list.open = true;
  r.addRef(list);
  readItems(r, length, readLossless, (item) => items.push(item));
  r.endList(marked && length >= 0);
  r.leave();
  return list;
}

function readLosslessMap(r: HessianReader, tag: number): JavaMap {
  r.enter();
  r.beginMap(tag);
  const entries: [unknown, unknown][] = [];
  const map: JavaMap = { $java: 'map', type: r.type, entries };
  r.addRef(map);
  readEntries(r, readLossless, (key, value) => entries.push([key, value]));
  r.leave();
  return map;
}

function readLosslessObject(r: HessianReader, tag: number): JavaObject {
  r.enter();
  const type = r.readClass(tag);
  const fields: [string, unknown][] = [];
  const object: JavaObject = { $java: 'object', class: type.name, fields };
  r.addRef(object, type);
  let i = 0;
  try {
    for (; i < type.fieldNames.length; i++) fields.push([type.fieldNames[i], readLossless(r)]);
  } catch (error) {
    throw within(error, `.${type.fieldNames[i]}`);
  }
  r.leave();
  return object;
}
