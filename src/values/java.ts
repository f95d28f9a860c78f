import { Decimal } from './decimal.js';
import { CLASS_NAME } from './schema.js';

/**
 * Java values without a contract, as plain objects tagged by `$java`. Two uses: arguments of an untyped call, where
 * they say which Java type a JS value stands for, and the lossless form of decoded bytes, which keeps Java's types.
 * A shared reference is a shared object. Nothing but these properties matters: a copy of them encodes to the same bytes.
 *
 * `as` is Java's `Class.getName()` of the declared type, where it is not the one that the value implies.
 */
export interface JavaBoolean {
  $java: 'boolean';
  value: boolean;
  as?: string;
}
/** Java's int, short and byte: one form on the wire. */
export interface JavaInt {
  $java: 'int';
  value: number;
  as?: string;
}
export interface JavaLong {
  $java: 'long';
  value: bigint;
  as?: string;
}
/** Java's double and float: one form on the wire. */
export interface JavaDouble {
  $java: 'double';
  value: number;
  as?: string;
}
/** Java's char and char[], which are strings on the wire. */
export interface JavaChar {
  $java: 'char';
  value: string;
  as?: string;
}
/** java.util.Date, in milliseconds since 1970. */
export interface JavaDate {
  $java: 'date';
  value: bigint;
  as?: string;
}
export interface JavaBytes {
  $java: 'bytes';
  value: Uint8Array;
  /** Lengths of the parts but the last, where they are not those that the encoder makes by itself. */
  parts?: number[];
  as?: string;
}
/** A list, set or array. `type` is the name on the wire: null for ArrayList, `[int` for int[]. */
export interface JavaList {
  $java: 'list';
  type: string | null;
  items: unknown[];
  /** Written without its length, up to an end mark. */
  open?: boolean;
  as?: string;
}
/** A map. `type` is null for HashMap. */
export interface JavaMap {
  $java: 'map';
  type: string | null;
  entries: [key: unknown, value: unknown][];
  as?: string;
}
/** Any other object. A field name may occur twice: a subclass may repeat one of its base. */
export interface JavaObject {
  $java: 'object';
  class: string;
  fields: [name: string, value: unknown][];
  as?: string;
}
/** Any value under another declared type. */
export interface JavaTyped {
  $java: 'typed';
  value: unknown;
  as: string;
}

/** Everything that carries `$java`. */
export type JavaTagged =
  | JavaBoolean
  | JavaInt
  | JavaLong
  | JavaDouble
  | JavaChar
  | JavaDate
  | JavaBytes
  | JavaList
  | JavaMap
  | JavaObject
  | JavaTyped;

/** The lossless form: what `decode(bytes, { lossless: true })` gives. Nested values are of this type too. */
export type JavaValue =
  | null
  | boolean
  | string
  | JavaInt
  | JavaLong
  | JavaDouble
  | JavaDate
  | JavaBytes
  | JavaList
  | JavaMap
  | JavaObject;

export function isTagged(value: object): value is JavaTagged {
  return '$java' in value && typeof value.$java === 'string';
}

const int =
  (as: string) =>
  (value: number): JavaInt => ({ $java: 'int', value, as });
const long =
  (as: string) =>
  (value: bigint | number): JavaLong => ({
    $java: 'long',
    // A number with a fraction is left as it is, for the encoder to refuse with its path.
    value: typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : (value as bigint),
    as,
  });
const double =
  (as: string) =>
  (value: number): JavaDouble => ({ $java: 'double', value, as });
const float =
  (as: string) =>
  (value: number): JavaDouble => ({ $java: 'double', value: Math.fround(value), as });
const boolean =
  (as: string) =>
  (value: boolean): JavaBoolean => ({ $java: 'boolean', value, as });
const char =
  (as: string) =>
  (value: string): JavaChar => ({ $java: 'char', value, as });

const bareInt = (value: number): JavaInt => ({ $java: 'int', value });

/** What Java writes before the items of an array whose component type is `type`. */
const WIRE_COMPONENTS: Readonly<Record<string, string>> = {
  'java.lang.String': 'string',
  String: 'string',
  'java.lang.Object': 'object',
  Object: 'object',
  'java.util.Date': 'date',
  Date: 'date',
};

const COMPONENT_TAGS: Readonly<Record<string, (value: never) => JavaTagged>> = {
  // Items of primitive arrays are bare in both grammars: without `as` no handle is made of them.
  int: bareInt,
  short: bareInt,
  long: long('long'),
  double: double('double'),
  float: (value: number): JavaDouble => ({ $java: 'double', value: Math.fround(value) }),
  'java.lang.Integer': int('java.lang.Integer'),
  'java.lang.Short': int('java.lang.Short'),
  'java.lang.Byte': int('java.lang.Byte'),
  'java.lang.Long': long('java.lang.Long'),
  'java.lang.Double': double('java.lang.Double'),
  'java.lang.Float': float('java.lang.Float'),
  'java.lang.Character': char('java.lang.Character'),
};

function arrayOf(componentType: string, items: readonly unknown[]): JavaList | JavaChar | JavaBytes {
  // byte[] is binary and char[] a string, on their own and inside other arrays.
  if (componentType === 'byte') return { $java: 'bytes', value: Uint8Array.from(items as number[]) };
  if (componentType === 'char') return { $java: 'char', value: items.join(''), as: '[C' };
  if (componentType.endsWith('[]')) {
    const inner = componentType.slice(0, -2);
    const convert = (item: unknown) => (Array.isArray(item) ? arrayOf(inner, item) : item);
    return { $java: 'list', type: `[${wireComponent(componentType)}`, items: items.map(convert) };
  }
  const tag = COMPONENT_TAGS[componentType];
  const convert = (item: unknown) =>
    tag === undefined || item === null || typeof item === 'object' ? item : tag(item as never);
  return { $java: 'list', type: `[${wireComponent(componentType)}`, items: items.map(convert) };
}

function wireComponent(componentType: string): string {
  if (componentType.endsWith('[]')) return `[${wireComponent(componentType.slice(0, -2))}`;
  return Object.hasOwn(WIRE_COMPONENTS, componentType) ? WIRE_COMPONENTS[componentType] : componentType;
}

/**
 * Makes Java values for calls without a contract: `mesh.invoke(service, 'find', [java.long(42n)])`. The lower-case
 * names are Java's primitive types, the capital ones their boxed classes: Java finds a method by exactly these.
 */
export const java = {
  boolean: boolean('boolean'),
  Boolean: boolean('java.lang.Boolean'),
  byte: int('byte'),
  Byte: int('java.lang.Byte'),
  short: int('short'),
  Short: int('java.lang.Short'),
  int: int('int'),
  Int: int('java.lang.Integer'),
  long: long('long'),
  Long: long('java.lang.Long'),
  float: float('float'),
  Float: float('java.lang.Float'),
  double: double('double'),
  Double: double('java.lang.Double'),
  char: char('char'),
  Char: char('java.lang.Character'),
  /** java.util.Date from milliseconds since 1970; beyond the range of JS Date too. */
  date: (ms: bigint | number): JavaDate => ({ $java: 'date', value: BigInt(ms) }),
  /** A collection: `java.list([1, 2], 'java.util.LinkedList')`. ArrayList where no type is given. */
  list: (items: Iterable<unknown>, type: string | null = null): JavaList => ({
    $java: 'list',
    type: type === 'java.util.ArrayList' ? null : type,
    items: [...items],
  }),
  /** A map: `java.map({ a: 1 }, 'java.util.TreeMap')`. HashMap where no type is given. */
  map: (
    entries: Iterable<readonly [unknown, unknown]> | Readonly<Record<string, unknown>>,
    type: string | null = null,
  ): JavaMap => {
    const pairs =
      Symbol.iterator in entries ? [...(entries as Iterable<[unknown, unknown]>)] : Object.entries(entries);
    return {
      $java: 'map',
      type: type === 'java.util.HashMap' ? null : type,
      entries: pairs.map(([key, value]) => [key, value]),
    };
  },
  /** An object of a class: `java.object('com.acme.Person', { id: java.long(1) })`. */
  object: (
    className: string,
    fields: Readonly<Record<string, unknown>> | readonly (readonly [string, unknown])[],
  ): JavaObject => {
    const pairs = Array.isArray(fields) ? fields : Object.entries(fields);
    return { $java: 'object', class: className, fields: pairs.map(([name, value]) => [name, value]) };
  },
  /** An array by the type of its items as Java source says it: `java.array('int', [1])`, `java.array('long[]', [[1]])`. */
  array: (componentType: string, items: readonly unknown[]): JavaList | JavaChar | JavaBytes =>
    arrayOf(componentType, items),
  /** A constant of an enum. */
  enum: (className: string, constant: string): JavaObject => ({
    $java: 'object',
    class: className,
    fields: [['name', constant]],
  }),
  /** `value` for a parameter declared as `type`, by `Class.getName()`: `java.as('java.util.Collection', [1])`. */
  as: (type: string, value: unknown): JavaTyped => ({ $java: 'typed', as: type, value }),
} as const;

const PRIMITIVE_LETTERS: Readonly<Record<string, string>> = {
  boolean: 'Z',
  byte: 'B',
  char: 'C',
  short: 'S',
  int: 'I',
  long: 'J',
  float: 'F',
  double: 'D',
};
const COMPONENT_CLASSES: Readonly<Record<string, string>> = {
  string: 'java.lang.String',
  object: 'java.lang.Object',
  date: 'java.util.Date',
};

/** `Class.getName()` of an array whose type name on the wire is `wireType`: `[int` is `[I`, `[string` is `[Ljava.lang.String;`. */
export function arrayClassName(wireType: string): string {
  const component = wireType.slice(1);
  if (component.startsWith('[')) return `[${arrayClassName(component)}`;
  if (Object.hasOwn(PRIMITIVE_LETTERS, component)) return `[${PRIMITIVE_LETTERS[component]}`;
  return `[L${Object.hasOwn(COMPONENT_CLASSES, component) ? COMPONENT_CLASSES[component] : component};`;
}

const TAG_TYPES = {
  boolean: 'boolean',
  int: 'java.lang.Integer',
  long: 'java.lang.Long',
  double: 'java.lang.Double',
  char: 'char',
  date: 'java.util.Date',
  bytes: '[B',
} as const;

/**
 * The name that methodArgSigs carries for an argument of an untyped call. A plain JS value stands for the parameter
 * type it fits most often: number -> int or double, bigint -> long, boolean -> boolean, array -> List, plain object and
 * Map -> Map, null -> Object. Anything else: say it with `java.*`.
 */
export function javaTypeOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'java.lang.String';
    case 'boolean':
      return 'boolean';
    case 'number':
      return (value | 0) === value && !Object.is(value, -0) ? 'int' : 'double';
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? 'long' : 'java.math.BigInteger';
    case 'object':
      return value === null ? 'java.lang.Object' : typeOfObject(value);
    default:
      return 'java.lang.Object';
  }
}

function typeOfObject(value: object): string {
  if (isTagged(value)) return value.as ?? typeOfTagged(value);
  if (Array.isArray(value)) return 'java.util.List';
  if (value instanceof Date) return 'java.util.Date';
  if (value instanceof Uint8Array) return '[B';
  if (value instanceof Set) return 'java.util.Set';
  if (value instanceof Decimal) return 'java.math.BigDecimal';
  const className = (value as { [CLASS_NAME]?: unknown })[CLASS_NAME];
  return typeof className === 'string' ? className : 'java.util.Map';
}

function typeOfTagged(value: JavaTagged): string {
  switch (value.$java) {
    case 'list':
      if (value.type === null) return 'java.util.List';
      return value.type.startsWith('[') ? arrayClassName(value.type) : value.type;
    case 'map':
      return value.type ?? 'java.util.Map';
    case 'object':
      return value.class;
    case 'typed':
      return value.as;
    default:
      return TAG_TYPES[value.$java];
  }
}
