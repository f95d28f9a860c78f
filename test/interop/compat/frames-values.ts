import { Long } from './frames-old.js';
import type { Dice } from './frames-random.js';

/* Values without a class map: all that users may hand over, at the borders of every form. */

const EDGES = [0, 1, 8, 15, 16, 47, 48, 127, 128, 255, 256, 2047, 2048, 32767, 32768, 65535, 262143, 262144];
const BIG = [
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 52,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 60,
  2 ** 63,
  1e21,
  1e300,
];

export function number(dice: Dice): number {
  const sign = dice.chance(0.4) ? -1 : 1;
  switch (dice.int(0, 8)) {
    case 0:
      return sign * dice.int(0, 60);
    case 1:
      return sign * (dice.pick(EDGES) + dice.int(-1, 1));
    case 2:
      return sign * (dice.pick(BIG) + dice.int(-1, 1));
    case 3:
      return sign * dice.next() * 10 ** dice.int(-8, 20);
    case 4:
      return (sign * dice.int(0, 4_000_000)) / 1000;
    case 5:
      return sign * dice.int(0, 2 ** 31);
    case 6:
      return (sign * dice.int(0, 4000)) / 2;
    case 7:
      return dice.pick([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324, 0.1]);
    default:
      return sign * dice.int(0, Number.MAX_SAFE_INTEGER);
  }
}

const ALPHABETS = [
  'abcXYZ 019_-.$',
  'äöüßéñ¿',
  '中文字符測試',
  'a中é',
  '😀🀄a',
  '\ud800x',
  '\0\u007f\u0080\u07ff\u0800\uffff',
];
const LENGTHS = [0, 1, 2, 3, 5, 10, 23, 24, 25, 31, 32, 33, 60, 255, 256, 257];
const LONG_LENGTHS = [1022, 1023, 1024, 1025, 4093, 32767, 32768, 32769, 65536, 70000];

export function text(dice: Dice): string {
  const length = dice.chance(0.03) ? dice.pick(LONG_LENGTHS) : dice.pick(LENGTHS);
  const alphabet = dice.pick(ALPHABETS);
  let value = '';
  while (value.length < length) value += alphabet[dice.int(0, alphabet.length - 1)];
  return value;
}

export function bytes(dice: Dice): Buffer {
  const length = dice.chance(0.1) ? dice.pick([...LONG_LENGTHS, 4092, 4094, 8186, 8187]) : dice.pick(LENGTHS);
  return Buffer.alloc(length, dice.int(0, 255));
}

export function date(dice: Dice): Date {
  return dice.pick([
    new Date(0),
    new Date(dice.int(-30_000_000, 30_000_000) * 60_000),
    new Date(dice.int(-1e12, 4e12)),
    new Date(8.64e15),
    new Date(-8.64e15),
    new Date(Number.NaN),
  ]);
}

/** What the long package gives, and what only looks like it. */
export function long(dice: Dice): unknown {
  const high = dice.pick([0, -1, 1, dice.int(-(2 ** 31), 2 ** 31 - 1)]);
  const low = dice.int(-(2 ** 31), 2 ** 31 - 1);
  return dice.chance(0.7) ? Long.fromBits(low, high, dice.chance(0.2)) : { high, low };
}

export function digits(dice: Dice): string {
  const sign = dice.chance(0.4) ? '-' : '';
  let value = '';
  for (let i = dice.int(1, 20); i > 0; i--) value += dice.int(0, 9);
  return sign + value;
}

const SCALARS = [
  'boolean',
  'java.lang.Boolean',
  'bool',
  'double',
  'java.lang.Double',
  'float',
  'java.lang.Float',
  'java.lang.Long',
  'long',
  'short',
  'java.lang.Short',
  'int',
  'java.lang.Integer',
  'byte',
  'java.lang.Byte',
  'java.lang.String',
  'String',
  'string',
  'char',
  'char[]',
  'java.lang.Character',
  'java.util.Date',
];

/** A wrapped scalar, mostly with a value that fits. */
export function scalar(dice: Dice): unknown {
  const type = dice.pick(SCALARS);
  if (dice.chance(0.1)) return { $class: type, $: dice.pick([null, undefined]) };
  if (dice.chance(0.03))
    return { $class: type, $: dice.pick(['x', 5, true, {}, [1], 1.5, '12', 7n, Symbol('s')]) };
  return { $class: type, $: scalarValue(dice, type) };
}

export function scalarValue(dice: Dice, type: string): unknown {
  if (/bool/i.test(type)) return dice.pick([true, false]);
  if (/double|float/i.test(type)) return number(dice);
  if (/long/i.test(type)) return dice.pick([number(dice), digits(dice), long(dice)]);
  if (/int|short|byte/i.test(type))
    return dice.pick([dice.int(-300_000, 300_000), dice.int(-20, 50), dice.int(-(2 ** 31), 2 ** 31 - 1)]);
  if (/Date/.test(type)) return dice.pick([date(dice), dice.int(-1e9, 1e12), dice.int(0, 1e6) * 60_000]);
  return text(dice);
}

const NAMES = [
  'a',
  'b',
  'name',
  'id',
  'value',
  'zeta',
  'äö',
  'with space',
  'x1',
  'this$0',
  '10',
  '9',
  'type',
];
const CLASSES = [
  'com.test.Loose',
  'com.test.Other',
  'com.alibaba.fastjson.JSONObject',
  'java.lang.Object',
  'java.util.Locale',
  'java.util.Map',
  'java.util.HashMap',
  'java.util.TreeMap',
  'java.math.BigDecimal',
  'java.lang.Class',
  'a.b.Cé',
];
const LISTS = [
  'java.util.ArrayList',
  'java.util.List',
  'java.util.HashSet',
  '[int',
  '[java.lang.String',
  '[[long',
  '[com.test.Loose',
  'com.test.Loose',
];

/** Makes values that may hold one another. */
export class LooseValues {
  private readonly made: unknown[] = [];

  constructor(
    private readonly dice: Dice,
    private readonly lists: readonly string[] = LISTS,
  ) {}

  any(depth: number): unknown {
    const { dice } = this;
    if (depth <= 0 || dice.chance(0.45)) return this.leaf();
    if (dice.chance(0.15) && this.made.length > 0) return dice.pick(this.made);
    return this.composite(depth - 1);
  }

  private leaf(): unknown {
    const { dice } = this;
    switch (dice.int(0, 12)) {
      case 0:
        return dice.pick([null, undefined]);
      case 1:
        return dice.chance(0.5);
      case 2:
      case 3:
      case 4:
        return number(dice);
      case 5:
      case 6:
        return text(dice);
      case 7:
        return date(dice);
      case 8:
        return bytes(dice);
      case 9:
        return long(dice);
      case 10:
        return dice.pick([
          /x/,
          () => 1,
          new Set([1, 2]),
          new Map(),
          {},
          [],
          new Error('lost'),
          new (class Odd {
            own = 1;
          })(),
        ]);
      case 11:
        return dice.chance(0.05) ? dice.pick([5n, Symbol('s')]) : scalar(dice);
      default:
        return scalar(dice);
    }
  }

  private composite(depth: number): unknown {
    const { dice } = this;
    switch (dice.int(0, 6)) {
      case 0:
        return this.keep([] as unknown[], (list) => {
          for (let i = dice.int(0, 9); i > 0; i--) list.push(this.any(depth));
        });
      case 1:
        return this.keep(new Map<unknown, unknown>(), (map) => {
          for (let i = dice.int(0, 4); i > 0; i--)
            map.set(dice.chance(0.8) ? text(dice) : this.any(0), this.any(depth));
        });
      case 2:
      case 3: {
        const value: Record<string, unknown> = { $class: dice.pick(CLASSES), $: undefined };
        this.made.push(value);
        value.$ = dice.chance(0.9) ? this.fields(depth) : this.any(depth);
        // A class of its own, for what is compiled is known by the class. With its class repeated: Hessian 4 writes
        // 'undefined' for that of a map that no class map names.
        if (dice.chance(0.1))
          Object.assign(value, { $class: 'com.test.LooseMap', isMap: true, type: 'com.test.LooseMap' });
        if (dice.chance(0.03)) delete value.$;
        return value;
      }
      case 4: {
        const items: unknown[] = [];
        const value = {
          $class: dice.pick(this.lists),
          $: dice.chance(0.95) ? items : dice.pick([null, 'x', {}, 5]),
        };
        this.made.push(value);
        for (let i = dice.int(0, 9); i > 0; i--) items.push(this.any(depth));
        return value;
      }
      default:
        return this.keep({}, (map) => Object.assign(map, this.fields(depth)));
    }
  }

  fields(depth: number): Record<string, unknown> {
    const { dice } = this;
    const fields: Record<string, unknown> = {};
    for (let i = dice.int(0, 5); i > 0; i--) fields[dice.pick(NAMES)] = this.any(depth);
    return fields;
  }

  private keep<T>(value: T, fill: (value: T) => void): T {
    this.made.push(value);
    fill(value);
    return value;
  }
}
