import { ClassDef } from '../../hessian/class-def.js';
import { Shapes } from '../../hessian/shapes.js';
import {
  asInfo,
  type ClassInfo,
  type ClassMap,
  isPlain,
  isWrapper,
  keyOf,
  type TypeInfo,
  typeOf,
  unwrap,
} from './class-map.js';
import { type FieldPlan, fieldPlan } from './fields.js';
import { jdkWrite, scalarWrite } from './jdk-write.js';
import { writeLoose } from './loose-write.js';
import { listWrite, mapClassWrite, mapWrite } from './typed-collections.js';
import { isNone, iterable, type Types, type Write } from './types.js';

type Fields = Record<string, unknown>;

/** Above this many types of one class map, which wrappers may name freely, what was worked out is forgotten. */
const MAX_TYPES = 10_000;
/** Arrays of these, one deep, are byte arrays. */
const BYTES = new Set(['byte', 'java.lang.Byte']);

/** Knows how the types of one class map are written in one version of Hessian: each is worked out once. */
class Compiler implements Types {
  private readonly plain = new Map<string, Write>();
  private readonly others = new Map<string, Write>();
  private readonly shapes = new Shapes();

  constructor(
    readonly classMap: ClassMap | undefined,
    readonly sofa: boolean,
  ) {}

  /** How a type is written, which may be a wrapper's. */
  of(info: TypeInfo): Write {
    const plain = isPlain(info);
    const known = plain ? this.plain : this.others;
    const key = plain ? typeOf(info) : keyOf(info);
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= MAX_TYPES) known.clear();
    const write = this.compile(info);
    known.set(key, write);
    return write;
  }

  /** The same, worked out when it is first used: types may hold themselves. */
  later(argument: TypeInfo | string): Write {
    const info = asInfo(argument);
    const scalar = isPlain(info) ? scalarWrite(typeOf(info)) : undefined;
    if (scalar !== undefined) return scalar;
    let write: Write | undefined;
    return (w, value, app) => {
      write ??= this.of(info);
      write(w, value, app);
    };
  }

  within(classMap: ClassMap | undefined): Types {
    return typesOf(classMap, this.sofa);
  }

  private compile(info: TypeInfo): Write {
    const write = this.choose(typeOf(info), info);
    const { defaultValue } = info;
    // A default of a type, and not of a field, is of Hessian 4 alone.
    if (this.sofa || !defaultValue) return write;
    const text = JSON.stringify(defaultValue);
    return (w, value, app) => write(w, value ?? JSON.parse(text), app);
  }

  private choose(type: string, info: TypeInfo): Write {
    if (info.isArray) return this.array(type, info);
    const jdk = jdkWrite(type, this) ?? listWrite(type, info, this) ?? mapWrite(type, info, this);
    if (jdk !== undefined) return jdk;
    if (info.isMap) return mapClassWrite(type, info, this);
    const fields = this.classMap?.[type];
    const isClass = fields && !info.abstractClass && !info.$abstractClass;
    if (info.isEnum && (this.sofa || !isClass)) return this.enumeration(type);
    return isClass ? this.object(type, info, fields) : this.undescribed(type);
  }

  private array(type: string, info: TypeInfo): Write {
    const depth = info.arrayDepth || 1;
    if (depth === 1 && BYTES.has(type)) {
      return (w, value) => (isNone(value) ? w.writeNull() : w.bytes(value));
    }
    const { isMap, isEnum, isArray, generic, abstractClass } = info;
    const item = { type, isMap, isEnum, generic, abstractClass };
    const writeItem = this.later(depth > 1 ? { ...item, isArray, arrayDepth: depth - 1 } : item);
    const itemName = type === 'java.util.Locale' ? 'com.caucho.hessian.io.LocaleHandle' : type;
    const name = '['.repeat(depth) + itemName;
    const { sofa } = this;
    return (w, value, app) => {
      if (isNone(value)) {
        w.writeNull();
        return;
      }
      if (w.checkRef(value)) return;
      const items = value as readonly unknown[];
      const marked = w.beginList(name, items.length);
      for (const one of iterable(items)) writeItem(w, sofa ? one : unwrap(one), app);
      w.endList(marked);
    };
  }

  private object(type: string, info: TypeInfo, classInfo: ClassInfo): Write {
    const names = Object.keys(classInfo).filter((name) => {
      const { isStatic, isTransient } = classInfo[name];
      return !isStatic && !isTransient;
    });
    const def = new ClassDef(type, names);
    const { get } = this.shapes.of(type, names);
    let plans: readonly FieldPlan[] | undefined;
    return (w, value, app) => {
      if (isNone(value)) {
        w.writeNull();
        return;
      }
      if (isWrapper(value)) {
        this.of(value)(w, value.$, app);
        return;
      }
      if (w.checkRef(value)) return;
      plans ??= names.map((name) => fieldPlan(classInfo[name], info, this));
      w.beginObject(def);
      for (let i = 0; i < names.length; i++) {
        const { write, otherwise } = plans[i];
        const field = get(value as Fields, names, i);
        write(w, otherwise === undefined || isSet(value, names[i]) ? field : otherwise(), app);
      }
    };
  }

  private enumeration(type: string): Write {
    const def = new ClassDef(type, ['name']);
    const { sofa, classMap } = this;
    return (w, value) => {
      const constant = sofa ? unwrap(value) : value;
      if (isNone(constant)) {
        w.writeNull();
        return;
      }
      w.register(constant);
      const { $name, name } = constant as { $name?: unknown; name?: unknown };
      const text = $name || name || constant;
      if (sofa) checkConstant(isWrapper(value) ? value.$class : type, text, classMap);
      w.beginObject(def);
      w.string(text);
    };
  }

  /** A class that the class map does not have, or that is abstract: written as its values are. */
  private undescribed(type: string): Write {
    return (w, value, app) => {
      if (isNone(value)) w.writeNull();
      else if (isWrapper(value)) this.of(value)(w, value.$, app);
      else writeLoose(w, { $class: type, $: value });
    };
  }
}

/** An enum in a class map is one of the `enums` kind, which can be asked for its constants. */
interface EnumClass {
  getBy?: (field: string, value: unknown) => unknown;
}

function checkConstant(type: string, name: unknown, classMap: ClassMap | undefined): void {
  const known = classMap?.[type] as EnumClass | undefined;
  if (known === undefined) return;
  if (typeof known.getBy !== 'function') throw new TypeError('clazz.getBy is not a function');
  if (!known.getBy('$name', name)) throw new Error(`enum: ${type} have no name: ["${name}"]`);
}

function isSet(object: unknown, name: string): boolean {
  return Object.hasOwn(object as object, name) && (object as Fields)[name] !== undefined;
}

/** What was worked out for a class map, as long as there is one. */
interface Known {
  sofa?: Compiler;
  final?: Compiler;
}

const known = new WeakMap<ClassMap, Known>();
const withoutMap: Known = {};

/** How the types of a class map are written. Wrappers may name others, which are written as their values are. */
export function typesOf(classMap: ClassMap | undefined, sofa: boolean): Types {
  let of = classMap === undefined ? withoutMap : known.get(classMap);
  if (of === undefined) {
    of = {};
    known.set(classMap as ClassMap, of);
  }
  const grammar = sofa ? 'sofa' : 'final';
  of[grammar] ??= new Compiler(classMap, sofa);
  return of[grammar];
}
