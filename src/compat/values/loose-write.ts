import { isLongLike } from './longs.js';
import { wrongType } from './value-scalars.js';
import type { ValueWriter } from './writer.js';

/** A value as no class map describes it. */
interface Loose {
  readonly $class?: unknown;
  readonly $?: unknown;
  readonly isMap?: unknown;
  readonly [key: string]: unknown;
}

type Write = (w: ValueWriter, value: unknown) => void;

const bool: Write = (w, value) => w.writeBoolean(Boolean(value));
const double: Write = (w, value) => w.double(value);
const long: Write = (w, value) => w.long(value);
const int: Write = (w, value) => w.int(value);
const string: Write = (w, value) => w.string(value);
const date: Write = (w, value) => w.date(value);

/** The classes whose wrapped values are written as what they are in Java. */
const SCALARS = new Map<string, Write>([
  ['boolean', bool],
  ['java.lang.Boolean', bool],
  ['bool', bool],
  ['double', double],
  ['java.lang.Double', double],
  ['float', double],
  ['java.lang.Float', double],
  ['java.lang.Long', long],
  ['long', long],
  ['short', int],
  ['java.lang.Short', int],
  ['int', int],
  ['java.lang.Integer', int],
  ['byte', int],
  ['java.lang.Byte', int],
  ['java.lang.String', string],
  ['String', string],
  ['string', string],
  ['char', string],
  ['char[]', string],
  ['java.lang.Character', string],
  ['java.util.Date', date],
]);

/**
 * Writes a value without a class map: numbers as Integer, Long or Double by their value, arrays as ArrayList, objects as
 * HashMap with sorted keys, wrapped values as their class says. NaN, functions and patterns are null.
 *
 * @throws TypeError for what has no form, such as a bigint.
 */
export function writeLoose(w: ValueWriter, value: unknown): void {
  switch (typeof value) {
    case 'string':
      w.writeString(value);
      return;
    case 'number':
      writeNumber(w, value);
      return;
    case 'boolean':
      w.writeBoolean(value);
      return;
    case 'undefined':
    case 'function':
      w.writeNull();
      return;
    case 'object':
      if (value === null || value instanceof RegExp) w.writeNull();
      else if (Array.isArray(value)) writeArray(w, value);
      else if (isLongLike(value)) w.long(value);
      else if (value instanceof Date) w.date(value);
      else if (Buffer.isBuffer(value)) w.bytes(value);
      else writeObject(w, value as Loose);
      return;
    default:
      throw wrongType('writeObject / writeMap', 'object', value);
  }
}

function writeNumber(w: ValueWriter, value: number): void {
  if ((value | 0) === value) w.writeInt(value);
  else if (Number.isNaN(value)) w.writeNull();
  else if (value % 1 === 0) w.long(value);
  else w.double(value);
}

function writeArray(w: ValueWriter, items: readonly unknown[]): void {
  if (!w.checkRef(items)) writeItems(w, '', items);
}

function writeItems(w: ValueWriter, type: string, items: readonly unknown[]): void {
  const marked = w.beginList(type, items.length);
  for (let i = 0; i < items.length; i++) writeLoose(w, items[i]);
  w.endList(marked);
}

function writeObject(w: ValueWriter, value: Loose): void {
  const { $class: type } = value;
  if (typeof type !== 'string' || !Object.hasOwn(value, '$')) {
    writeFields(w, value);
    return;
  }
  const inner = value.$;
  if (Array.isArray(inner)) {
    if (!w.checkRef(value)) writeItems(w, type === 'java.util.ArrayList' ? '' : type, inner);
    return;
  }
  const scalar = SCALARS.get(type);
  if (scalar !== undefined) {
    if (inner === null || inner === undefined) w.writeNull();
    else scalar(w, inner);
  } else if (type[0] === '[') writeNoArray(w, value);
  else if (type === 'java.lang.Object' && !isPlainObject(inner)) writeLoose(w, inner);
  else writeFields(w, value);
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}

/** An array's wrapper without an array in it. */
function writeNoArray(w: ValueWriter, value: Loose): void {
  if (w.checkRef(value)) return;
  if (value.$ !== null && value.$ !== undefined) throw new TypeError('hessian writeArray input type invalid');
  w.writeNull();
}

/** A map, or an object where the value is wrapped. */
function writeFields(w: ValueWriter, value: Loose): void {
  const { $class: type, $: inner } = value;
  if (typeof type === 'string' && (inner === null || inner === undefined)) {
    w.writeNull();
    return;
  }
  if (w.checkRef(value)) return;
  if (!type || !inner) writeEntries(w, '', value);
  else if (type === 'java.util.HashMap' || type === 'java.util.Map') writeEntries(w, '', inner);
  else if (typeof type !== 'string') throw wrongType('writeString', 'string', type);
  else if (isMapType(w, value)) writeEntries(w, type, inner);
  else if (type === 'java.util.Locale')
    writeInstance(w, 'com.caucho.hessian.io.LocaleHandle', { value: inner });
  else writeInstance(w, type, inner);
}

/** Hessian 3 is told by the wrapper, Hessian 4 knows one class. */
function isMapType(w: ValueWriter, { $class: type, isMap }: Loose): boolean {
  return w.sofa ? Boolean(isMap) : type === 'com.alibaba.fastjson.JSONObject';
}

function writeEntries(w: ValueWriter, type: string, map: unknown): void {
  w.beginLooseMap(type);
  if (map instanceof Map) {
    for (const [key, value] of map) {
      writeLoose(w, key);
      writeLoose(w, value);
    }
  } else {
    for (const key of Object.keys(map as object).sort()) {
      w.writeString(key);
      writeLoose(w, (map as Loose)[key]);
    }
  }
  w.endMap();
}

function writeInstance(w: ValueWriter, type: string, fields: unknown): void {
  const names = w.beginLooseObject(type, Object.keys(fields as object));
  for (let i = 0; i < names.length; i++) writeLoose(w, (fields as Loose)[names[i]]);
}
