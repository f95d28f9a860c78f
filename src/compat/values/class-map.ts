/** What a class map, or the wrapper around a value, says of how the value is written. */
export interface TypeInfo {
  /** The Java class, or a primitive's name. */
  readonly type?: string;
  /** A wrapper's class; `type` goes first. */
  readonly $class?: string;
  /** The class that a method declares where the wrapper's is a subclass of it. */
  readonly $abstractClass?: string;
  /** A wrapper's value. */
  readonly $?: unknown;
  /** Type arguments: of a list its items', of a map its keys' and values', of a class those that `typeAliasIndex` means. */
  readonly generic?: readonly (TypeInfo | string)[];
  readonly isArray?: boolean;
  /** How many `[` an array has. Default 1. */
  readonly arrayDepth?: number;
  readonly isMap?: boolean;
  readonly isList?: boolean;
  readonly isEnum?: boolean;
  /** A static field is not written. */
  readonly isStatic?: boolean;
  /** A transient field is not written. */
  readonly isTransient?: boolean;
  /** The declared class is abstract: values say theirs, or are written without the class map. */
  readonly abstractClass?: boolean | string;
  /** Written where the field is undefined or absent. May be a getter. */
  readonly defaultValue?: unknown;
  /** The field's type is this type argument of the class. */
  readonly typeAliasIndex?: number;
  /** In `generic`: this type argument is one of the class. */
  readonly typeVar?: boolean;
}

/** The fields of a class, in the order that Java writes them. */
export type ClassInfo = Readonly<Record<string, TypeInfo>>;

/** Java classes by name. Must not change once it has been used: what was worked out for a class is kept. */
export type ClassMap = Readonly<Record<string, ClassInfo>>;

/** A value as users wrap it to say its class. */
export interface Wrapper extends TypeInfo {
  readonly $class: string;
}

/** Whether a value is wrapped. */
export function isWrapper(value: unknown): value is Wrapper {
  return typeof value === 'object' && value !== null && Boolean((value as Wrapper).$class);
}

/** The value without its wrapper. */
export function unwrap(value: unknown): unknown {
  return isWrapper(value) ? value.$ : value;
}

export function typeOf(info: TypeInfo): string {
  return String(info.type || info.$class);
}

/** Whether nothing but the class counts: most wrappers say nothing else. */
export function isPlain(info: TypeInfo): boolean {
  return (
    info.generic === undefined &&
    info.defaultValue === undefined &&
    !info.isArray &&
    !info.isMap &&
    !info.isEnum &&
    !info.abstractClass &&
    !info.$abstractClass
  );
}

/** Tells apart what is written in different ways. */
export function keyOf(info: TypeInfo): string {
  let key = typeOf(info);
  if (info.isArray) key = `${'['.repeat(info.arrayDepth || 1)}${key}`;
  if (info.isMap) key += '|map';
  if (info.isEnum) key += '|enum';
  if (info.abstractClass || info.$abstractClass) key += '|abstract';
  if (info.defaultValue !== undefined) key += `|${JSON.stringify(info.defaultValue)}`;
  if (info.generic) {
    for (const item of info.generic) key += `<${keyOf(asInfo(item))}>`;
  }
  return key;
}

/** A type argument may be a class name alone. */
export function asInfo(info: TypeInfo | string): TypeInfo {
  return typeof info === 'string' ? { type: info } : info;
}
