import { asInfo, isWrapper, type TypeInfo, unwrap } from './class-map.js';
import { anything } from './jdk-write.js';
import { writeLoose } from './loose-write.js';
import { isNone, iterable, type Types, type Write } from './types.js';
import { wrongType } from './value-scalars.js';

const loose: Write = (w, value) => writeLoose(w, value);

/** The types that are written as lists, and the type name that each gets: an ArrayList has none. */
const LISTS = new Map([
  ['java.util.List', 'java.util.List'],
  ['java.util.Set', 'java.util.Set'],
  ['java.util.Collection', 'java.util.Collection'],
  ['java.util.ArrayList', ''],
]);

export function listWrite(type: string, { generic }: TypeInfo, types: Types): Write | undefined {
  const name = LISTS.get(type);
  if (name === undefined) return undefined;
  const item = generic?.length === 1 ? itemWrite(name, generic[0], types) : loose;
  const sized = type === 'java.util.Set';
  return (w, value, app) => {
    const plain = unwrap(value);
    if (isNone(plain)) {
      w.writeNull();
      return;
    }
    if (w.checkRef(plain)) return;
    const items = plain as readonly unknown[] & { readonly size?: number };
    const marked = w.beginList(name, (sized && items.size) || items.length);
    for (const one of iterable(items)) item(w, one, app);
    w.endList(marked);
  };
}

/** Items of a known type. In an ArrayList it is the type that takes the wrapper off. */
function itemWrite(list: string, generic: TypeInfo | string, types: Types): Write {
  const write = types.later(generic);
  if (list === '') return write;
  return (w, value, app) => {
    if (isWrapper(value)) types.of(value)(w, value.$, app);
    else write(w, value, app);
  };
}

/** Keys of a plain object are texts: these types are what a text is made into. */
const KEY_TYPES = new Map<string | undefined, (key: string) => unknown>([
  ['java.lang.Boolean', Boolean],
  ['boolean', Boolean],
  ['java.lang.Integer', Number],
  ['int', Number],
  ['java.lang.Short', Number],
  ['short', Number],
  ['java.lang.Double', Number],
  ['double', Number],
  ['java.lang.Float', Number],
  ['float', Number],
]);

/** How the keys and values of a map are written. */
interface EntryWrites {
  readonly key: Write;
  /** Of a plain object's key. */
  readonly textKey: Write;
  readonly value: Write;
}

function entryWrites(generic: TypeInfo['generic'], types: Types): EntryWrites {
  if (generic?.length !== 2) return { key: strictKey, textKey: strictKey, value: anything(types) };
  const key = types.later(generic[0]);
  const convert = KEY_TYPES.get(asInfo(generic[0]).type);
  const textKey: Write = convert === undefined ? key : (w, text, app) => key(w, convert(text as string), app);
  return { key, textKey, value: types.later(generic[1]) };
}

const strictKey: Write = (w, key) => w.string(key);

export function mapWrite(type: string, info: TypeInfo, types: Types): Write | undefined {
  if (type !== 'java.util.Map' && type !== 'java.util.HashMap') return undefined;
  return mapOf('', info, types);
}

/** A class of the application that is a map: in Hessian 4 it is written as an object is, with its keys for fields. */
export function mapClassWrite(type: string, info: TypeInfo, types: Types): Write {
  return types.sofa ? mapOf(type, info, types) : mapObject(type, info, types);
}

function mapOf(name: string, info: TypeInfo, types: Types): Write {
  const writes = entryWrites(info.generic, types);
  const { sofa } = types;
  return (w, value, app) => {
    const map = sofa ? unwrap(value) : value;
    if (isNone(map)) {
      w.writeNull();
      return;
    }
    if (w.checkRef(map)) return;
    w.beginMap(name);
    if (map instanceof Map) {
      for (const [key, entry] of map) {
        writes.key(w, key, app);
        writes.value(w, entry, app);
      }
    } else {
      // What is inherited, too: a map may be made of a class's instance.
      for (const key in map) {
        writes.textKey(w, key, app);
        writes.value(w, (map as Record<string, unknown>)[key], app);
      }
    }
    w.endMap();
  };
}

function mapObject(type: string, info: TypeInfo, types: Types): Write {
  const { value: writeValue } = entryWrites(info.generic, types);
  return (w, value, app) => {
    if (isNone(value)) {
      w.writeNull();
      return;
    }
    if (w.checkRef(value)) return;
    const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
    for (const [key] of entries) if (typeof key !== 'string') throw wrongType('writeString', 'string', key);
    w.beginLooseObject(
      type,
      entries.map(([key]) => key as string),
    );
    for (const [, entry] of entries) writeValue(w, entry, app);
  };
}
