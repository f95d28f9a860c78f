import { describe, expect, it } from 'vitest';
import { defineClass } from '../../src/contract/define-class.js';
import { defineEnum } from '../../src/contract/define-enum.js';
import { t } from '../../src/contract/t.js';
import { ByteWriter } from '../../src/core/bytes.js';
import { MeshError } from '../../src/core/errors.js';
import { ClassDef } from '../../src/hessian/class-def.js';
import { CodecCache } from '../../src/hessian/compile.js';
import { createReader } from '../../src/hessian/reader.js';
import { createWriter } from '../../src/hessian/writer.js';
import { CLASS_NAME } from '../../src/values/schema.js';
import { read, write } from './typed.js';

const Color = defineEnum('com.acme.Color', ['RED', 'GREEN']);
const Item = defineClass('com.acme.Item', {
  name: t.String,
  count: t.int,
  id: t.long,
  ok: t.boolean,
  price: t.double,
  tags: t.List(t.String),
  get next() {
    return Item;
  },
});
const Shape = defineClass('com.acme.Shape', { label: t.String });
defineClass('com.acme.Circle', { r: t.double }, { extends: Shape });
const item = { name: 'a', count: 1, id: 2n, ok: true, price: 0.5, tags: ['x'], next: null };

describe.each(['sofa', 'final'] as const)(
  'what is refused before it is sent, in the grammar %s',
  (grammar) => {
    it.each<[type: unknown, value: unknown, message: string]>([
      [t.String, 5, 'expected string, got number'],
      [t.String.notNull(), null, 'expected string, got null'],
      [t.int, undefined, 'expected int, got undefined'],
      [t.int, '5', 'expected int, got string'],
      [t.int, 1.5, 'expected int, got 1.5, which is no integer'],
      [t.int, 2 ** 31, '2147483648 does not fit in int (-2147483648 to 2147483647)'],
      [t.int, Number.NaN, 'expected int, got NaN, which is no integer'],
      [t.byte, 128, '128 does not fit in byte (-128 to 127)'],
      [t.Short, -32769, '-32769 does not fit in Short (-32768 to 32767)'],
      [t.int, 1n, 'expected int, got bigint'],
      [t.long, 2n ** 63n, '9223372036854775808 does not fit in a Java long'],
      [t.long, -(2n ** 63n) - 1n, '-9223372036854775809 does not fit in a Java long'],
      [t.long, 2n ** 64n, '18446744073709551616 does not fit in a Java long'],
      [t.long, 2 ** 53, '9007199254740992 is not a safe integer: write a long as a bigint'],
      [t.long, '1', 'expected long (a bigint or a safe integer), got string'],
      [t.safeLong, 1.5, '1.5 is not a safe integer: write a long as a bigint'],
      [t.float, 1e300, '1e+300 does not fit in float'],
      [t.double, '1', 'expected double, got string'],
      [t.boolean, 1, 'expected boolean, got number'],
      [t.char, 'ab', 'expected char, got a string of 2 characters'],
      [t.char, '😀', 'expected char, got a string of 2 characters'],
      [t.Date, new Date(Number.NaN), 'expected Date, got an invalid Date'],
      [t.Date, 0, 'expected Date, got number'],
      [t.SqlDate, new Date(Number.NaN), 'expected Date, got an invalid Date'],
      [t.bytes, [1], 'expected Uint8Array, got an array'],
      [t.BigDecimal, '1.5', 'expected Decimal, got string'],
      [t.BigInteger, 1.5, 'expected bigint, got number'],
      [t.UUID, 'nope', 'expected UUID, got string'],
      [t.LocalDate, new Date(0), 'expected LocalDate, got a Date'],
      [Color, 'BLUE', '"BLUE" is no constant of com.acme.Color'],
      [Color, 5, 'expected a constant of com.acme.Color, got number'],
      [t.List(t.String), 'x', 'expected array, got string'],
      [t.List(t.String), [null, 'x', 3], '[2]: expected string, got number'],
      [t.Set(t.int), [1], 'expected Set, got an array'],
      [t.Map(t.String, t.int), { a: 1 }, 'expected Map, got an object'],
      [t.Map(t.String, t.int), new Map([['a', null]]), '["a"]: expected int, got null'],
      [t.Map(t.int, t.int), new Map([['a', 1]]), '.key["a"]: expected int, got string'],
      [t.array(t.char), ['a', 'bc'], 'expected char[], but [1] is no character'],
      [t.Optional(t.int), 'x', 'expected int, got string'],
      [Item, [], 'expected com.acme.Item, got an array'],
      [Item, 'x', 'expected com.acme.Item, got string'],
      [Item, { ...item, count: '1' }, 'count: expected int, got string'],
      [Item, { ...item, id: 2n ** 63n }, 'id: 9223372036854775808 does not fit in a Java long'],
      [
        Item,
        { ...item, next: { ...item, next: { ...item, tags: ['a', 1] } } },
        'next.next.tags[1]: expected string, got number',
      ],
      [
        Shape,
        { label: 'x', [CLASS_NAME]: 'com.acme.Square' },
        'com.acme.Square is no listed subclass of com.acme.Shape',
      ],
      [Shape, { label: 'x', [CLASS_NAME]: 'com.acme.Circle' }, 'r: expected double, got undefined'],
    ])('%#: %s', (type, value, message) => {
      let error: unknown;
      try {
        write(type, grammar, value);
      } catch (caught) {
        error = caught;
      }
      expect(MeshError.is(error) && error.code).toBe('ENCODE_FAILED');
      // The path of a key begins with a dot that belongs to no name.
      expect((error as Error).message.replace(/^key/, '.key')).toContain(message);
    });

    it('a field that is left out or undefined is null; what the class does not have is ignored', () => {
      const bytes = write(Item, grammar, {
        count: 1,
        id: 3,
        ok: false,
        price: 1,
        tags: undefined,
        other: Symbol('x'),
      });
      expect(read(Item, grammar, bytes)).toEqual({
        ...item,
        name: null,
        tags: null,
        ok: false,
        id: 3n,
        price: 1,
      });
    });

    it('values that nest deeper than 1,024 are refused, not a stack overflow', () => {
      let chain: typeof item | { next: unknown } = item;
      for (let i = 0; i < 1023; i++) chain = { ...item, tags: null, next: chain } as never;
      // Its innermost has a list: 1,025 levels.
      expect(() => write(Item, grammar, chain)).toThrow('values nest deeper than 1024');
      for (let i = 0; i < 50_000; i++) chain = { ...item, next: chain } as never;
      expect(() => write(Item, grammar, chain)).toThrow('values nest deeper than 1024');
    });

    it('the same writer goes on after a refusal', () => {
      const codec = new CodecCache(grammar).compile(Item.node);
      const writer = createWriter(grammar);
      expect(() => codec.write(writer, { ...item, tags: [1] })).toThrow('tags[0]');
      writer.reset();
      writer.out.pos = 0;
      codec.write(writer, item);
      expect(read(Item, grammar, writer.out.written())).toEqual(item);
    });

    it('more than 128 objects, some of them twice', () => {
      const items = Array.from({ length: 500 }, (_, count) => ({ ...item, count, tags: null }));
      const list = [...items, ...items];
      const back = read(t.List(Item), grammar, write(t.List(Item), grammar, list)) as { count: number }[];
      expect(back.map(({ count }) => count)).toEqual(list.map(({ count }) => count));
      expect(back.every((one, i) => one === back[i % 500])).toBe(true);
    });

    it('more than 16 classes, some of one name, each defined once', () => {
      const writer = createWriter(grammar);
      for (let round = 0; round < 2; round++) {
        for (let i = 0; i < 40; i++) writer.writeObjectBegin(new ClassDef(`com.acme.C${i % 20}`, [`f${i}`]));
      }
      const reader = createReader(grammar);
      reader.reset(writer.out.written());
      const classes = Array.from({ length: 80 }, () => reader.readClass(reader.readTag()));
      expect(reader.atEnd).toBe(true);
      expect(new Set(classes).size).toBe(40);
      expect(classes.map(({ name, fieldNames: [field] }) => `${name} ${field}`)).toEqual(
        Array.from({ length: 80 }, (_, i) => `com.acme.C${i % 20} f${i % 40}`),
      );
    });

    it('one array that is a list here and an array there is written twice: Java would cast one to the other', () => {
      const Both = defineClass('com.acme.Both', {
        list: t.List(t.String),
        array: t.array(t.String),
        again: t.array(t.String),
      });
      const words = ['a', 'b'];
      const bytes = write(Both, grammar, { list: words, array: words, again: words });
      const back = read(Both, grammar, bytes) as { list: unknown; array: unknown; again: unknown };
      expect(back).toEqual({ list: words, array: words, again: words });
      expect(back.list).not.toBe(back.array);
      expect(back.again).toBe(back.array);
    });

    it('one object for two contract classes is written as each of them', () => {
      const A = defineClass('com.acme.A', { x: t.int });
      const B = defineClass('com.acme.B', { x: t.long });
      const Two = defineClass('com.acme.Two', { a: A, b: B, c: A });
      const value = { x: 1 };
      const back = read(Two, grammar, write(Two, grammar, { a: value, b: value, c: value })) as Record<
        string,
        unknown
      >;
      expect(back).toEqual({ a: { x: 1 }, b: { x: 1n }, c: { x: 1 } });
      expect(back.c).toBe(back.a);
    });
  },
);

describe.each(['sofa', 'final'] as const)('a stream in parts, in the grammar %s', (grammar) => {
  it('goes on after a prefix that was written once, with its numbers, classes and type names', () => {
    const prefix = new ClassDef('com.acme.Prefix', ['list', 'item']);
    const writer = createWriter(grammar);
    writer.skipRefs(2);
    writer.writeObjectBegin(prefix);
    writer.endList(writer.beginList('java.util.Vector', 0));
    const opening = Buffer.from(writer.out.written());
    const state = writer.snapshot();

    const types = { Item, vector: t.List(t.Object, 'java.util.Vector') };
    const cache = new CodecCache(grammar);
    const whole = () => {
      cache.compile(Item.node).write(writer, item);
      cache.compile(types.vector.node).write(writer, [1]);
      cache.compile(Item.node).write(writer, item);
      return Buffer.from(writer.out.written());
    };
    const expected = whole();
    for (let i = 0; i < 3; i++) {
      writer.out = new ByteWriter(16);
      writer.out.writeBytes(opening);
      writer.restore(state);
      expect(whole().equals(expected)).toBe(true);
    }

    const reader = createReader(grammar);
    reader.reset(expected);
    reader.readClass(reader.readTag());
    reader.addRef(undefined);
    reader.endList(reader.beginList(reader.readTag()) < 0 || reader.marked);
    reader.addRef(undefined);
    const seen = reader.snapshot();
    const rest = () => [Item, types.vector, Item].map(({ node }) => cache.compile(node).read(reader));
    const first = rest();
    expect(first).toEqual([item, [1], item]);
    expect(first[2]).toBe(first[0]);
    reader.reset(expected);
    reader.restore(seen, opening.length);
    expect(rest()).toEqual(first);
  });
});
