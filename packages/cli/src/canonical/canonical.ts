import { createHash } from 'node:crypto';
import { encodeFault } from '../../../../src/hessian/faults.js';
import { isThrowable, isThrowableField } from '../../../../src/hessian/untyped-throwable.js';
import {
  arrayClassName,
  isTagged,
  type JavaList,
  type JavaMap,
  type JavaObject,
  type JavaTagged,
} from '../../../../src/values/java.js';
import { enumClass, enumConstant, listClass, mapClass } from './canonical-classes.js';
import { doubleBits, doubleText, floatBits, floatText } from './canonical-double.js';
import { frameOfObject, isJdkClass, type JdkText, jdkText, takesId } from './canonical-jdk.js';
import { inJavaOrder } from './canonical-order.js';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

export interface CanonicalOptions {
  /** Show objects as Java's generic calls do: `GenericObject` with a type instead of the class. Default false. */
  generic?: boolean;
}

/** Strings and byte arrays over this length are shown by their hash. */
const LONGEST_SHOWN = 4096;
const GENERIC = 'com.alipay.hessian.generic.model.Generic';

/**
 * The canonical JSON of a value in its lossless form: what Java holds after reading it. Objects are numbered in the
 * order of their appearance; `{ ref }` points back. Where the bytes do not tell (a float field of a class is a double),
 * it shows what a reader without the class has.
 */
export function canonical(value: unknown, options: CanonicalOptions = {}): Json {
  return new Canonical(options.generic === true).show(value, '');
}

class Canonical {
  private readonly ids = new Map<object, number>();

  constructor(private readonly generic: boolean) {}

  /** `component` is the array's component type on the wire where the value is an item of one: it narrows numbers. */
  show(value: unknown, component: string): Json {
    if (value === null) return null;
    if (typeof value === 'boolean') return { c: 'java.lang.Boolean', v: value };
    if (typeof value === 'string') return this.showString(value, component);
    if (typeof value !== 'object' || !isTagged(value)) {
      throw encodeFault(`canonical JSON is made of the lossless form; got a ${typeof value}`);
    }
    return this.showTagged(value, component);
  }

  private showTagged(value: JavaTagged, component: string): Json {
    switch (value.$java) {
      case 'int':
      case 'long':
      case 'double':
        return showNumber(value.value, NARROWED[component] ?? NUMBER_CLASSES[value.$java]);
      case 'boolean':
        return { c: 'java.lang.Boolean', v: value.value };
      case 'char':
        return this.showString(value.value, component);
      case 'bytes':
        return showBytes(value.value);
      case 'typed':
        return this.show(value.value, component);
      default:
        return this.showNumbered(value);
    }
  }

  /** What takes an id, and refers back where it was shown before. */
  private showNumbered(
    value: Exclude<JavaTagged, { value: unknown }> | Extract<JavaTagged, { $java: 'date' }>,
  ): Json {
    const known = this.ids.get(value);
    if (known !== undefined) return { ref: known };
    switch (value.$java) {
      case 'date':
        this.number(value);
        return { c: 'java.util.Date', v: value.value.toString() };
      case 'list':
        return this.showList(value);
      case 'map':
        return this.showMap(value);
      default:
        return this.showObject(value);
    }
  }

  private number(value: object): number {
    const id = this.ids.size;
    this.ids.set(value, id);
    return id;
  }

  private showString(value: string, component: string): Json {
    if (component === '[char') return { c: '[C', id: this.number({}), e: [...units(value)].map(showChar) };
    if (CHAR_COMPONENTS.has(component)) return showChar(value);
    if (value.length <= LONGEST_SHOWN) return { c: 'java.lang.String', v: value };
    const hash = createHash('sha256').update(Buffer.from(value, 'utf16le').swap16()).digest('hex');
    return { c: 'java.lang.String', len: value.length, sha256utf16be: hash, head: value.slice(0, 16) };
  }

  private showList(list: JavaList): Json {
    const id = this.number(list);
    const { type } = list;
    if (type === null || !type.startsWith('[')) {
      const c = listClass(type);
      const items = inJavaOrder(c, list.items, (item) => item);
      return { c, id, e: items.map((item) => this.show(item, '')) };
    }
    const component = type.slice(1);
    if (!this.generic || !isUserClass(component)) {
      return { c: arrayClassName(type), id, e: this.showItems(list, component) };
    }
    const objects = { c: '[Ljava.lang.Object;', id: this.number({}), e: this.showItems(list, component) };
    return {
      c: `${GENERIC}Array`,
      id,
      f: { type: this.show(type, ''), componentType: this.show(component, ''), objects },
    };
  }

  private showItems({ items }: JavaList, component: string): Json[] {
    return items.map((item) => this.show(item, component));
  }

  private showMap(map: JavaMap): Json {
    const id = this.number(map);
    const c = mapClass(map.type);
    const entries = inJavaOrder(c, map.entries, ([key]) => key);
    return { c, id, kv: entries.map(([key, value]) => [this.show(key, ''), this.show(value, '')]) };
  }

  private showObject(object: JavaObject): Json {
    const { class: name, fields } = object;
    const special = SPECIAL.get(name);
    if (special !== undefined) return special(object, this);
    const text = jdkText(object);
    if (text !== undefined) return this.showText(object, text);
    if (this.generic)
      return { c: `${GENERIC}Object`, id: this.number(object), type: name, f: this.showFields(fields) };
    const constant = enumConstant(fields);
    if (constant !== undefined) return { c: enumClass(name), enum: constant };
    if (isThrowable(fields.map(([field]) => field))) return this.showThrowable(object);
    const id = this.number(object);
    return isJdkClass(name) ? { c: name, v: '?' } : { c: name, id, f: this.showFields(fields) };
  }

  private showText(object: JavaObject, { c, v }: JdkText): Json {
    if (this.generic && c === 'java.lang.Class') {
      return { c: `${GENERIC}Class`, id: this.number(object), f: { clazzName: this.show(v, '') } };
    }
    if (takesId(c)) this.number(object);
    return { c, v };
  }

  /** A field that occurs again is the base class's, whose name the wire does not tell: `super#label`. */
  private showFields(fields: JavaObject['fields']): JsonObject {
    const shown: JsonObject = {};
    for (const [field, value] of fields) {
      let name = field;
      while (Object.hasOwn(shown, name)) name = `super#${name}`;
      setOwn(shown, name, this.show(value, ''));
    }
    return shown;
  }

  private showThrowable(object: JavaObject): Json {
    const id = this.number(object);
    const field = (wanted: string) => object.fields.find(([name]) => name === wanted)?.[1] ?? null;
    const cause = field('cause');
    const message = field('detailMessage');
    const frames = items(field('stackTrace'));
    const top = frames.length > 0 && isObject(frames[0]) ? frameOfObject(frames[0]) : null;
    return {
      c: object.class,
      id,
      message: typeof message === 'string' ? message : null,
      // Java's getCause() gives null for a Throwable that is its own cause.
      cause: cause === object ? null : this.show(cause, ''),
      stack: frames.length,
      top,
      suppressed: items(field('suppressedExceptions')).length,
      f: this.showFields(object.fields.filter(([name]) => !isThrowableField(name))),
    };
  }

  showOptional(object: JavaObject): Json {
    this.number(object);
    const value = object.fields.find(([name]) => name === 'value')?.[1] ?? null;
    return { c: object.class, v: this.show(value, '') };
  }

  /** EnumSet as Hessian 4 writes it. */
  showEnumSet(object: JavaObject): Json {
    const id = this.number(object);
    const elements = items(object.fields.find(([name]) => name === 'elements')?.[1]);
    return { c: 'java.util.RegularEnumSet', id, e: elements.map((element) => this.show(element, '')) };
  }
}

const number = (c: string) => (object: JavaObject) => {
  const value = object.fields.find(([name]) => name === '_value')?.[1];
  return isNumber(value) ? showNumber(value.value, c) : null;
};

/** Classes on the wire that are shown in a form of their own. */
const SPECIAL: ReadonlyMap<string, (object: JavaObject, canonical: Canonical) => Json> = new Map([
  ['java.util.Optional', (object: JavaObject, canonical: Canonical) => canonical.showOptional(object)],
  [
    'java.util.EnumSet$SerializationProxy',
    (object: JavaObject, canonical: Canonical) => canonical.showEnumSet(object),
  ],
  ['com.caucho.hessian.io.ByteHandle', number('java.lang.Byte')],
  ['com.caucho.hessian.io.ShortHandle', number('java.lang.Short')],
  ['com.caucho.hessian.io.FloatHandle', number('java.lang.Float')],
]);

const NUMBER_CLASSES = {
  int: 'java.lang.Integer',
  long: 'java.lang.Long',
  double: 'java.lang.Double',
} as const;

/** An array's items are of its component type, whatever number the wire shows (vectors, array/short). */
const NARROWED: Readonly<Record<string, string>> = {
  byte: 'java.lang.Byte',
  short: 'java.lang.Short',
  int: 'java.lang.Integer',
  long: 'java.lang.Long',
  float: 'java.lang.Float',
  double: 'java.lang.Double',
  'java.lang.Byte': 'java.lang.Byte',
  'java.lang.Short': 'java.lang.Short',
  'java.lang.Integer': 'java.lang.Integer',
  'java.lang.Long': 'java.lang.Long',
  'java.lang.Float': 'java.lang.Float',
  'java.lang.Double': 'java.lang.Double',
};

const CHAR_COMPONENTS: ReadonlySet<string> = new Set(['char', 'java.lang.Character']);

function showNumber(value: number | bigint, c: string): Json {
  switch (c) {
    case 'java.lang.Long':
      return { c, v: value.toString() };
    case 'java.lang.Double':
      return { c, v: doubleText(Number(value)), bits: doubleBits(Number(value)) };
    case 'java.lang.Float': {
      const float = Math.fround(Number(value));
      return { c, v: floatText(float), bits: floatBits(float) };
    }
    default:
      return { c, v: Number(value) };
  }
}

function showChar(value: string): Json {
  return { c: 'java.lang.Character', v: value };
}

/** UTF-16 units, each as a string: a char of Java, lone surrogates too. */
function* units(text: string): Iterable<string> {
  for (let i = 0; i < text.length; i++) yield text[i];
}

function showBytes(value: Uint8Array): Json {
  if (value.length <= LONGEST_SHOWN) return { c: '[B', v: Buffer.from(value).toString('hex') };
  return { c: '[B', len: value.length, sha256: createHash('sha256').update(value).digest('hex') };
}

function items(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null && isTagged(value) && value.$java === 'list'
    ? value.items
    : [];
}

function isObject(value: unknown): value is JavaObject {
  return typeof value === 'object' && value !== null && isTagged(value) && value.$java === 'object';
}

function isNumber(value: unknown): value is Extract<JavaTagged, { $java: 'int' | 'double' }> {
  return (
    typeof value === 'object' &&
    value !== null &&
    isTagged(value) &&
    (value.$java === 'int' || value.$java === 'double')
  );
}

/** Whether a generic reader has no class for it: of an array, the innermost component. */
function isUserClass(component: string): boolean {
  return /\./.test(component) && !/^\[*java\./.test(component);
}

function setOwn(target: JsonObject, name: string, value: Json): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
