import { isWrapper, type TypeInfo } from '../../../src/compat/values/class-map.js';
import type { Dice } from './frames-random.js';
import { bytes, date, digits, LooseValues, long, number, scalarValue, text } from './frames-values.js';

/* Class maps, and values that mostly fit them. */

type Info = { -readonly [key in keyof TypeInfo]: TypeInfo[key] };
export type RandomClassMap = Record<string, Record<string, Info>>;

const JDK = [
  'boolean',
  'java.lang.Boolean',
  'bool',
  'int',
  'java.lang.Integer',
  'short',
  'java.lang.Short',
  'byte',
  'java.lang.Byte',
  'long',
  'java.lang.Long',
  'double',
  'java.lang.Double',
  'float',
  'java.lang.Float',
  'char',
  'java.lang.Character',
  'java.lang.String',
  'java.lang.String',
  'java.lang.String',
  'java.util.Date',
  'java.lang.Class',
  'java.util.Currency',
  'java.math.BigDecimal',
  'java.util.Locale',
  'java.util.concurrent.atomic.AtomicLong',
  'java.lang.StackTraceElement',
  'java.lang.Exception',
  'java.lang.Object',
  'java.lang.Object',
];
const LISTS = ['java.util.List', 'java.util.Set', 'java.util.Collection', 'java.util.ArrayList'];
/** An array that a wrapper names by its brackets is compiled under the name of one that a class map declares. */
const LOOSE_LISTS = ['java.util.ArrayList', 'java.util.LinkedList', '[com.test.Loose', 'com.test.Loose'];
const MAPS = ['java.util.Map', 'java.util.HashMap'];
const CLASSES = ['com.test.A', 'com.test.B', 'com.test.C', 'com.test.D'];
const FIELDS = ['id', 'name', 'value', 'items', 'table', 'self', 'time', 'other', 'äö', 'x1'];

/** A type that may be a field's: `depth` is how deep its type arguments may go. */
export function randomType(dice: Dice, depth: number): Info {
  switch (dice.int(0, 10)) {
    case 0:
      return {
        type: dice.pick(LISTS),
        generic: dice.chance(0.8) && depth > 0 ? [randomType(dice, depth - 1)] : undefined,
      };
    case 1:
      return {
        type: dice.pick(MAPS),
        generic: dice.chance(0.8) && depth > 0 ? [key(dice), randomType(dice, depth - 1)] : undefined,
      };
    case 2:
      return {
        ...(dice.chance(0.5) ? { type: dice.pick(JDK) } : { type: dice.pick(CLASSES) }),
        isArray: true,
        arrayDepth: dice.pick([undefined, 1, 2, 3]),
      };
    case 3:
      return { type: dice.pick(['com.test.Color', 'com.test.Size']), isEnum: true };
    case 4:
      return { type: dice.pick(['com.test.Bag', 'com.test.Sack']), isMap: true };
    case 5:
      return dice.pick([{ type: 'com.test.Abstract', abstractClass: true }, { type: 'com.test.Unknown' }]);
    case 6:
    case 7:
      return { type: dice.pick(CLASSES) };
    default:
      return { type: dice.pick(JDK) };
  }
}

function key(dice: Dice): Info {
  return {
    type: dice.pick([
      'java.lang.String',
      'java.lang.String',
      'java.lang.Integer',
      'long',
      'java.lang.Boolean',
      'java.lang.Object',
    ]),
  };
}

export function randomClassMap(dice: Dice): RandomClassMap {
  const classMap: RandomClassMap = {};
  for (const name of [...CLASSES, 'com.test.Abstract']) {
    const fields: Record<string, Info> = {};
    for (let i = dice.int(0, 6); i >= 0; i--) {
      const field = randomType(dice, 2);
      if (dice.chance(0.05)) field.isStatic = true;
      if (dice.chance(0.05)) field.isTransient = true;
      if (dice.chance(0.08) && /String|Object|List/.test(field.type ?? '') && !field.isArray)
        field.defaultValue = dice.pick<unknown>(
          field.type === 'java.util.List' ? [[], ['x']] : ['none', '', 'ä'],
        );
      fields[dice.pick(FIELDS)] = field;
    }
    classMap[name] = fields;
  }
  classMap['com.test.Generic'] = {
    plain: { type: 'java.lang.Object', typeAliasIndex: 0 },
    list: {
      type: 'java.util.List',
      generic: [{ type: 'java.lang.Object', typeVar: true, typeAliasIndex: 0 }],
    },
    map: {
      type: 'java.util.Map',
      generic: [{ type: 'java.lang.String' }, { type: 'java.lang.Object', typeVar: true, typeAliasIndex: 1 }],
    },
  };
  return classMap;
}

/** Makes values for types; some do not fit. */
export class TypedValues {
  private readonly loose: LooseValues;
  private readonly made = new Map<string, unknown[]>();
  /** Type arguments that wrappers say. */
  readonly said: Info[] = [];

  constructor(
    private readonly dice: Dice,
    private readonly classMap: RandomClassMap,
    /** Whether map wrappers repeat their class as their type, see the test. */
    private readonly isFinal: boolean,
  ) {
    this.loose = new LooseValues(dice, LOOSE_LISTS);
  }

  /** A value for a type, as it may stand in a field. */
  of(info: Info, depth: number): unknown {
    const { dice } = this;
    if (dice.chance(0.08)) return dice.pick([null, undefined]);
    if (dice.chance(0.004)) return this.loose.any(1);
    const type = info.type ?? '';
    const known = this.made.get(JSON.stringify(info));
    if (known !== undefined && dice.chance(0.15)) return dice.pick(known);
    if (info.isArray) return this.array(info, depth);
    if (info.isEnum) return this.constant();
    if (info.isMap) return this.bag(info, depth);
    if ((type.startsWith('java.util.') && info.generic !== undefined) || [...LISTS, ...MAPS].includes(type))
      return this.collection(info, depth);
    if (type.startsWith('com.test.')) return this.object(info, depth);
    return dice.chance(0.1) ? this.wrapped(type, this.jdk(type, depth)) : this.jdk(type, depth);
  }

  wrapper(info: Info, depth: number): Record<string, unknown> {
    const isAbstract = info.type === 'com.test.Abstract';
    const of = isAbstract ? { ...info, type: this.dice.pick(CLASSES), abstractClass: undefined } : info;
    return this.wrapped(of.type ?? '', this.inner(of, depth), of);
  }

  private wrapped(type: string, value: unknown, info: Info = {}): Record<string, unknown> {
    const { isArray, arrayDepth, isMap, isEnum, generic } = info;
    const wrapper: Record<string, unknown> = { $class: type, $: value };
    for (const argument of generic ?? []) this.said.push(argument as Info);
    for (const [name, flag] of Object.entries({ isArray, arrayDepth, isMap, isEnum, generic }))
      if (flag !== undefined) wrapper[name] = flag;
    if (this.isFinal && (isMap || MAPS.includes(type))) wrapper.type = type;
    return wrapper;
  }

  /** Not null, and not in a wrapper itself. */
  private inner(info: Info, depth: number): unknown {
    for (;;) {
      const value = this.of(info, depth);
      if (value === null || value === undefined) continue;
      return isWrapper(value) ? value.$ : value;
    }
  }

  private keep<T>(info: Info, value: T): T {
    const id = JSON.stringify(info);
    const known = this.made.get(id);
    if (known === undefined) this.made.set(id, [value]);
    else known.push(value);
    return value;
  }

  private array(info: Info, depth: number): unknown {
    const { dice } = this;
    const arrayDepth = info.arrayDepth || 1;
    if (arrayDepth === 1 && /^(byte|java.lang.Byte)$/.test(info.type ?? '')) return bytes(dice);
    const item =
      arrayDepth > 1
        ? { ...info, arrayDepth: arrayDepth - 1 }
        : { ...info, isArray: undefined, arrayDepth: undefined };
    const items = this.keep(info, [] as unknown[]);
    for (let i = depth > 0 ? dice.int(0, 9) : 0; i > 0; i--) items.push(this.of(item, depth - 1));
    return items;
  }

  private constant(): unknown {
    const { dice } = this;
    const name = dice.pick(['RED', 'GREEN', 'S']);
    return dice.pick<unknown>([name, { name }, { $name: name, value: 5 }]);
  }

  private bag(info: Info, depth: number): unknown {
    const { dice } = this;
    const value = () => this.maybeWrapped(depth - 1);
    const names = [...new Set(Array.from({ length: dice.int(0, 3) }, () => dice.pick(FIELDS)))];
    const entries = names.map((name) => [name, value()] as const);
    return this.keep(info, dice.chance(0.5) ? new Map(entries) : Object.fromEntries(entries));
  }

  private maybeWrapped(depth: number): unknown {
    const { dice } = this;
    if (dice.chance(0.4)) return this.wrapper(randomType(dice, 0), Math.max(0, depth));
    return this.loose.any(Math.max(0, depth));
  }

  private collection(info: Info, depth: number): unknown {
    const { dice } = this;
    const isList = LISTS.includes(info.type ?? '');
    const count = depth > 0 ? dice.int(0, 9) : 0;
    if (isList) {
      const items = this.keep(info, [] as unknown[]);
      const item = info.generic?.[0] as Info | undefined;
      for (let i = 0; i < count; i++) {
        if (item === undefined) items.push(this.loose.any(depth - 1));
        else items.push(dice.chance(0.1) ? this.wrapper(item, depth - 1) : this.of(item, depth - 1));
      }
      if (info.type === 'java.util.Set' && dice.chance(0.5)) return new Set(items);
      return dice.chance(0.1) ? this.wrapped(info.type ?? '', items, info) : items;
    }
    const [keyType, valueType] = (info.generic ?? []) as Info[];
    const value = () => (valueType ? this.of(valueType, depth - 1) : this.maybeWrapped(depth - 1));
    if (dice.chance(0.5)) {
      const map = this.keep(info, new Map<unknown, unknown>());
      for (let i = Math.min(count, 4); i > 0; i--)
        map.set(keyType ? this.of(keyType, 0) : text(dice), value());
      return map;
    }
    const map = this.keep(info, {} as Record<string, unknown>);
    for (let i = Math.min(count, 4); i > 0; i--)
      map[dice.pick([...FIELDS.slice(0, 6), '1', '-5', 'true'])] = value();
    return map;
  }

  private object(info: Info, depth: number): unknown {
    const { dice } = this;
    if (info.type === 'com.test.Abstract') return this.wrapper(info, depth);
    const name = info.type ?? '';
    const value: Record<string, unknown> = {};
    this.keep(info, value);
    const fields = this.classMap[name] ?? {};
    for (const field of Object.keys(fields)) {
      if (depth <= 0 && dice.chance(0.8)) continue;
      if (dice.chance(0.9)) value[field] = this.of(this.argument(info, fields[field]), depth - 1);
    }
    if (dice.chance(0.1)) value.extra = 1;
    if (name === 'com.test.Unknown') Object.assign(value, this.loose.fields(1));
    if (dice.chance(0.2)) return this.wrapped(name, value, { generic: info.generic });
    return value;
  }

  private argument(owner: Info, field: Info): Info {
    if (field.typeAliasIndex === undefined || !owner.generic) return field;
    return owner.generic[field.typeAliasIndex] as Info;
  }

  private jdk(type: string, depth: number): unknown {
    const { dice } = this;
    switch (type) {
      case 'java.lang.Class':
        return dice.pick<unknown>([
          'java.lang.String',
          '[java.lang.String',
          '[Ljava.lang.String;',
          { name: 'int' },
        ]);
      case 'java.util.Currency':
        return dice.pick<unknown>(['CNY', { currencyCode: 'USD' }]);
      case 'java.math.BigDecimal':
        return dice.pick<unknown>(['1.50', 12.25, { value: '9' }, {}, 0, digits(dice)]);
      case 'java.util.Locale':
        return dice.pick<unknown>(['zh_CN', { value: 'en' }]);
      case 'java.util.concurrent.atomic.AtomicLong':
        return dice.pick<unknown>([number(dice), { value: 5 }, {}, digits(dice)]);
      case 'java.lang.StackTraceElement':
        return {
          declaringClass: 'A',
          methodName: text(dice),
          fileName: dice.pick([null, 'A.java']),
          lineNumber: dice.int(-2, 9999),
        };
      case 'java.lang.Exception':
        return dice.pick<unknown>([withoutStack(new TypeError('wrong')), { detailMessage: 'as fields' }]);
      case 'java.lang.Object':
        return this.maybeWrapped(Math.min(1, depth));
      case 'java.lang.String':
        return dice.chance(0.1) ? dice.int(0, 99) : text(dice);
      case 'java.util.Date':
        return dice.pick<unknown>([date(dice), '2020-01-02T03:04:05Z', dice.int(0, 2 ** 40)]);
      case 'long':
      case 'java.lang.Long':
        return dice.pick([number(dice), digits(dice), long(dice)]);
      default: {
        const value = scalarValue(dice, type);
        return /int|short|byte/i.test(type) && dice.chance(0.1) ? String(value) : value;
      }
    }
  }
}

/** Ours sends none. */
export function withoutStack<T extends Error>(error: T): T {
  error.stack = '';
  return error;
}

/** All types that a class map names, each alone. */
export function declaredTypes(classMap: RandomClassMap, said: readonly Info[]): Info[] {
  const all: Info[] = [];
  const add = ({ defaultValue: _, ...info }: Info) => {
    all.push(info);
    for (const argument of info.generic ?? []) add(argument as Info);
  };
  for (const info of said) add(info);
  for (const fields of Object.values(classMap)) for (const field of Object.values(fields)) add(field);
  return all;
}
