import { describe, expect, it } from 'vitest';
import { defineClass } from '../../src/contract/define-class.js';
import { defineEnum } from '../../src/contract/define-enum.js';
import { t } from '../../src/contract/t.js';
import { ClassDef } from '../../src/hessian/class-def.js';
import { CodecCache } from '../../src/hessian/compile.js';
import type { Grammar } from '../../src/hessian/grammar.js';
import { createReader } from '../../src/hessian/reader.js';
import { writeAny } from '../../src/hessian/untyped-write.js';
import { createWriter, type HessianWriter } from '../../src/hessian/writer.js';
import { java } from '../../src/values/java.js';
import { CLASS_NAME } from '../../src/values/schema.js';
import { read, write } from './typed.js';

/** Bytes that a peer with classes of its own would write. */
function peer(grammar: Grammar, build: (w: HessianWriter) => void): Buffer {
  const writer = createWriter(grammar);
  build(writer);
  return Buffer.from(writer.out.written());
}

const Address = defineClass('com.acme.Address', { city: t.String, zip: t.int });
const Person = defineClass('com.acme.Person', {
  name: t.String.notNull(),
  age: t.int,
  id: t.long,
  active: t.boolean,
  initial: t.char,
  home: Address,
  work: Address,
});
const Shape = defineClass('com.acme.Shape', { label: t.String });
const Circle = defineClass('com.acme.Circle', { r: t.double }, { extends: Shape });
const Ring = defineClass('com.acme.Ring', { inner: t.double }, { extends: Circle });
const Color = defineEnum('com.acme.Color', ['RED', 'GREEN']);

const person = new ClassDef('com.acme.Person', ['name', 'age']);

describe.each(['sofa', 'final'] as const)('what a peer may write, in the grammar %s', (grammar) => {
  it('fields in any order; those it does not have get their default; those we do not have are skipped', () => {
    const bytes = peer(grammar, (w) => {
      w.skipRefs(1);
      w.writeObjectBegin(new ClassDef('com.acme.Person', ['extra', 'work', 'age', 'name', 'more']));
      writeAny(w, [
        1,
        new Map([['k', ['v']]]),
        java.object('com.other.Thing', { a: 1n, b: new Date(0) }),
        1.5,
        null,
      ]);
      writeAny(w, java.object('com.acme.Address', { zip: 5, city: 'x' }));
      w.writeInt(3);
      w.writeString('Bo');
      w.writeBytes(new Uint8Array(70_000));
    });
    expect(read(Person, grammar, bytes)).toEqual({
      work: { zip: 5, city: 'x' },
      age: 3,
      name: 'Bo',
      id: 0n,
      active: false,
      initial: '\0',
      home: null,
    });
  });

  it('a missing field that must not be null is refused', () => {
    const bytes = peer(grammar, (w) => w.writeObjectBegin(new ClassDef('com.acme.Person', [])));
    expect(() => read(Person, grammar, bytes)).toThrow(
      "$.name: expected string, the peer's class has no such field",
    );
  });

  it('an object inside a skipped field that a later field refers to', () => {
    const shared = java.object('com.acme.Address', { city: 'Bonn', zip: 1 });
    const deep = [0, [shared, new Map([['c', java.object('com.acme.Color', { name: 'RED' })]])]];
    const bytes = peer(grammar, (w) => {
      w.skipRefs(1);
      w.writeObjectBegin(new ClassDef('com.acme.Person', ['unknown', 'home', 'name', 'work']));
      writeAny(w, deep);
      writeAny(w, shared);
      w.writeString('Al');
      writeAny(w, shared);
    });
    const value = read(Person, grammar, bytes) as { home: object; work: object; name: string };
    expect(value.home).toEqual({ city: 'Bonn', zip: 1 });
    expect(value.work).toBe(value.home);
    expect(value.name).toBe('Al');
  });

  it('what was defined and numbered inside a skipped value stays so after it was read for a reference', () => {
    const inner = java.object('com.acme.Address', { city: 'in', zip: 1 });
    const outer = java.list([inner, java.list(['x'], 'java.util.Vector')], 'java.util.LinkedList');
    const Holder = defineClass('com.acme.Holder', {
      list: t.List(t.Object),
      own: Address,
      last: t.List(t.String),
    });
    const bytes = peer(grammar, (w) => {
      w.skipRefs(1);
      w.writeObjectBegin(new ClassDef('com.acme.Holder', ['unknown', 'own', 'list', 'last']));
      writeAny(w, outer);
      writeAny(w, inner);
      writeAny(w, outer);
      writeAny(w, java.list(['y'], 'java.util.Vector'));
    });
    const value = read(Holder, grammar, bytes) as { list: unknown[]; own: object; last: unknown };
    expect(value.own).toEqual({ city: 'in', zip: 1 });
    expect(value.list).toEqual([{ city: 'in', zip: 1, [CLASS_NAME]: 'com.acme.Address' }, ['x']]);
    expect(value.last).toEqual(['y']);
  });

  it('what comes after a skipped value was read for a reference has the numbers it was written with', () => {
    const inner = java.object('com.acme.Address', { city: 'in', zip: 1 });
    const outer = java.list([inner, java.map([['k', inner]], 'java.util.TreeMap')], 'java.util.LinkedList');
    const person = java.object('com.acme.Short', { name: 'p' });
    const set = () => java.list(['y'], 'java.util.HashSet');
    const Short = defineClass('com.acme.Short', { name: t.String });
    const Holder = defineClass('com.acme.Holder', {
      own: Address,
      all: t.Object,
      first: t.Object,
      second: t.Object,
      p1: Short,
      p2: Short,
      p3: Short,
    });
    const bytes = peer(grammar, (w) => {
      w.skipRefs(1);
      w.writeObjectBegin(
        new ClassDef('com.acme.Holder', ['unknown', 'own', 'all', 'first', 'second', 'p1', 'p2', 'p3']),
      );
      const other = java.object('com.acme.Short', { name: 'other' });
      for (const value of [outer, inner, outer, set(), set(), person, other, person]) writeAny(w, value);
    });
    const value = read(Holder, grammar, bytes) as { p1: object; p3: object };
    expect(value).toEqual({
      own: { city: 'in', zip: 1 },
      all: expect.any(Array),
      first: new Set(['y']),
      second: new Set(['y']),
      p1: { name: 'p' },
      p2: { name: 'other' },
      p3: { name: 'p' },
    });
    expect(value.p3).toBe(value.p1);
  });

  it('one collection as a set here and a list there', () => {
    const Both = defineClass('com.acme.Both', {
      a: t.Set(t.int),
      b: t.List(t.int),
      c: t.List(t.int),
      d: t.Set(t.int),
    });
    const [set, list] = [java.list([1, 2], 'java.util.HashSet'), java.list([3])];
    const bytes = peer(grammar, (w) => {
      w.skipRefs(1);
      w.writeObjectBegin(new ClassDef('com.acme.Both', ['a', 'b', 'c', 'd']));
      for (const value of [set, set, list, list]) writeAny(w, value);
    });
    expect(read(Both, grammar, bytes)).toEqual({ a: new Set([1, 2]), b: [1, 2], c: [3], d: new Set([3]) });
  });

  it('two definitions of one class with different fields', () => {
    const bytes = peer(grammar, (w) => {
      const marked = w.beginList(null, 3);
      w.skipRefs(1);
      for (const [names, age] of [
        [['name', 'age'], 1],
        [['age', 'name'], 2],
        [['name', 'age'], 3],
      ] as const) {
        w.skipRefs(1);
        w.writeObjectBegin(new ClassDef('com.acme.Person', names));
        for (const name of names) name === 'age' ? w.writeInt(age) : w.writeString('n');
      }
      w.endList(marked);
    });
    const list = read(t.List(Person), grammar, bytes) as { age: number; name: string }[];
    expect(list.map(({ age, name }) => [age, name])).toEqual([
      [1, 'n'],
      [2, 'n'],
      [3, 'n'],
    ]);
  });

  it('one definition that is read by two contracts in turn', () => {
    const Page = <T extends typeof Address | typeof t.String>(item: T) =>
      defineClass('com.acme.Page', { items: t.List(item as typeof Address) });
    const cache = new CodecCache(grammar);
    const reader = createReader(grammar);
    const addresses = write(Page(Address), grammar, { items: [{ city: 'a', zip: 1 }] });
    const strings = write(Page(t.String), grammar, { items: ['s'] });
    const codecs = [cache.compile(Page(Address).node), cache.compile(Page(t.String).node)];
    for (let i = 0; i < 3; i++) {
      reader.reset(addresses);
      expect(codecs[0].read(reader)).toEqual({ items: [{ city: 'a', zip: 1 }] });
      reader.reset(strings);
      expect(codecs[1].read(reader)).toEqual({ items: ['s'] });
    }
  });

  it('a subclass, listed, with its name; also deeper; also through a reference', () => {
    const list = t.List(Shape);
    const ring = Ring.of({ label: 'r', r: 2, inner: 1 });
    const values = [ring, { label: 'plain' }, ring];
    const back = read(list, grammar, write(list, grammar, values)) as { [CLASS_NAME]?: string }[];
    expect(back[0]).toEqual({ label: 'r', r: 2, inner: 1, [CLASS_NAME]: 'com.acme.Ring' });
    expect(back[1]).toEqual({ label: 'plain' });
    expect(back[2]).toBe(back[0]);
    expect(read(Circle, grammar, write(Circle, grammar, { r: 1, label: null }))).toEqual({
      r: 1,
      label: null,
      [CLASS_NAME]: 'com.acme.Circle',
    });
  });

  it('a subclass that is defined only after the first value was read', () => {
    const Late = defineClass('com.acme.Late', { a: t.int });
    const cache = new CodecCache(grammar);
    const codec = cache.compile(Late.node);
    const bytes = peer(grammar, (w) => {
      w.writeObjectBegin(new ClassDef('com.acme.Later', ['a', 'b']));
      w.writeInt(1);
      w.writeInt(2);
    });
    const reader = createReader(grammar);
    reader.reset(bytes);
    const open = cache.compile(Late.open().node);
    expect(open.read(reader)).toEqual({ a: 1, b: 2, [CLASS_NAME]: 'com.acme.Later' });
    reader.reset(bytes);
    expect(() => codec.read(reader)).toThrow(
      /com.acme.Later is no listed subclass of com.acme.Late.*defineClass/,
    );
    defineClass('com.acme.Later', { b: t.long }, { extends: Late });
    reader.reset(bytes);
    expect(open.read(reader)).toEqual({ a: 1, b: 2n, [CLASS_NAME]: 'com.acme.Later' });
    reader.reset(bytes);
    expect(codec.read(reader)).toEqual({ a: 1, b: 2n, [CLASS_NAME]: 'com.acme.Later' });
  });

  it('an unlisted subclass is kept where the class is open, and written again as it was', () => {
    const bytes = peer(grammar, (w) => {
      w.skipRefs(1);
      w.writeObjectBegin(new ClassDef('com.acme.Square', ['side', 'label', '__proto__']));
      w.writeLong(3n);
      w.writeString('sq');
      w.writeInt(7);
    });
    const square = read(Shape.open(), grammar, bytes) as Record<string | symbol, unknown>;
    expect(square[CLASS_NAME]).toBe('com.acme.Square');
    expect([square.side, square.label, Object.getPrototypeOf(square)]).toEqual([3n, 'sq', Object.prototype]);
    expect(Object.hasOwn(square, '__proto__')).toBe(true);
    expect(write(Shape.open(), grammar, square).toString('hex')).toBe(bytes.toString('hex'));
    expect(() => read(Shape, grammar, bytes)).toThrow(
      '$: com.acme.Square is no listed subclass of com.acme.Shape',
    );
  });

  it('a field named __proto__ or constructor is an own property', () => {
    const Odd = defineClass(
      'com.acme.Odd',
      JSON.parse('{"__proto__": null}') && {
        ['__proto__']: t.int,
        constructor: t.String,
      },
    );
    const value = read(Odd, grammar, write(Odd, grammar, JSON.parse('{"__proto__": 5, "constructor": "c"}')));
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.entries(value as object).sort()).toEqual([
      ['__proto__', 5],
      ['constructor', 'c'],
    ]);
    expect(() => write(Odd, grammar, {})).toThrow('__proto__: expected int, got undefined');
    const bytes = peer(grammar, (w) =>
      writeAny(
        w,
        new Map<string, unknown>([
          ['__proto__', 9],
          ['constructor', 'm'],
        ]),
      ),
    );
    const fromMap = read(Odd, grammar, bytes);
    expect(Object.getPrototypeOf(fromMap)).toBe(Object.prototype);
    expect(Object.entries(fromMap as object)).toHaveLength(2);
  });

  it('a map for an object, with its missing fields', () => {
    const bytes = peer(grammar, (w) =>
      writeAny(
        w,
        new Map<string, unknown>([
          ['name', 'Bo'],
          ['what', [1]],
          ['age', 4],
        ]),
      ),
    );
    expect(read(Person, grammar, bytes)).toMatchObject({ name: 'Bo', age: 4, id: 0n, home: null });
  });

  it('a list without a length, typed or not', () => {
    const bytes = peer(grammar, (w) => {
      w.beginOpenList('java.util.Vector');
      w.writeInt(1);
      w.writeInt(2);
      w.endMap();
    });
    expect(read(t.List(t.int), grammar, bytes)).toEqual([1, 2]);
    expect(read(t.Set(t.int), grammar, bytes)).toEqual(new Set([1, 2]));
  });

  it('an enum constant as a bare name, or with a class of its own', () => {
    expect(
      read(
        Color,
        grammar,
        peer(grammar, (w) => w.writeString('RED')),
      ),
    ).toBe('RED');
    const bytes = peer(grammar, (w) => writeAny(w, java.object('com.acme.Color$1', { name: 'GREEN' })));
    expect(read(Color, grammar, bytes)).toBe('GREEN');
  });

  it('an unknown constant, where the enum is open', () => {
    const bytes = peer(grammar, (w) => writeAny(w, java.object('com.acme.Color', { name: 'BLUE' })));
    expect(read(Color.open(), grammar, bytes)).toBe('BLUE');
    expect(write(Color.open(), grammar, 'BLUE').toString('hex')).toBe(bytes.toString('hex'));
    expect(() => read(Color, grammar, bytes)).toThrow('$: "BLUE" is no constant of com.acme.Color');
  });

  it('one enum constant by reference from an untyped value to a typed one and back', () => {
    const Both = defineClass('com.acme.Both', { a: t.Object, b: Color, c: t.Object });
    const constant = java.object('com.acme.Color', { name: 'RED' });
    const bytes = peer(grammar, (w) => {
      w.skipRefs(1);
      w.writeObjectBegin(new ClassDef('com.acme.Both', ['a', 'b', 'c']));
      for (let i = 0; i < 3; i++) writeAny(w, constant);
    });
    expect(read(Both, grammar, bytes)).toMatchObject({ b: 'RED' });
  });

  it('a reference to something of another type is refused', () => {
    const pair = (value: unknown) =>
      peer(grammar, (w) => {
        w.skipRefs(1);
        w.writeObjectBegin(new ClassDef('com.acme.Person', ['home', 'work']));
        const known = java.object('com.acme.Address', { city: 'c', zip: 1 });
        writeAny(w, value === undefined ? known : value);
        writeAny(w, value === undefined ? known : value);
      });
    const Two = defineClass('com.acme.Person', { home: t.Object, work: Address });
    expect(read(Two, grammar, pair(undefined))).toMatchObject({ work: { city: 'c' } });
    expect(() => read(Two, grammar, pair(java.object('com.acme.Other', { city: 'c' })))).toThrow(
      '$.work: expected com.acme.Address, got a reference to a com.acme.Other',
    );
    expect(() => read(Two, grammar, pair([1]))).toThrow(
      '$.work: expected com.acme.Address, got a reference to an array',
    );
    const Lists = defineClass('com.acme.Person', { home: t.Object, work: t.Map(t.String, t.String) });
    expect(() => read(Lists, grammar, pair([1]))).toThrow(
      '$.work: expected Map, got a reference to an array',
    );
  });

  it('numbers of another kind, where they fit', () => {
    const int = peer(grammar, (w) => w.writeInt(7));
    expect(read(t.long, grammar, int)).toBe(7n);
    expect(read(t.safeLong, grammar, int)).toBe(7);
    expect(read(t.float, grammar, int)).toBe(7);
    const long = peer(grammar, (w) => w.writeLong(2n ** 40n));
    expect(read(t.double, grammar, long)).toBe(2 ** 40);
    expect(() => read(t.int, grammar, long)).toThrow('$: 1099511627776 does not fit in int');
    expect(() =>
      read(
        t.safeLong,
        grammar,
        peer(grammar, (w) => w.writeLong(2n ** 53n)),
      ),
    ).toThrow(/past 2\^53/);
    const Class = defineClass('com.acme.N', { a: t.safeLong });
    const bytes = write(defineClass('com.acme.N', { a: t.long }), grammar, { a: -(2n ** 53n) });
    expect(() => read(Class, grammar, bytes)).toThrow('$.a: the long -9007199254740992 is past 2^53');
    expect(() =>
      read(
        t.int,
        grammar,
        peer(grammar, (w) => w.writeDouble(1.5)),
      ),
    ).toThrow('$: expected int, got 1.5');
    expect(() =>
      read(
        t.byte,
        grammar,
        peer(grammar, (w) => w.writeInt(128)),
      ),
    ).toThrow('128 does not fit in byte');
    expect(() =>
      read(
        t.long,
        grammar,
        peer(grammar, (w) => w.writeDouble(2 ** 60)),
      ),
    ).toThrow('$: expected long');
  });

  it('null is refused where it is not allowed, with the path', () => {
    const bytes = peer(grammar, (w) => {
      w.writeObjectBegin(person);
      w.writeNull();
      w.writeInt(1);
    });
    expect(() => read(Person, grammar, bytes)).toThrow('$.name: expected string, got null');
    const list = write(t.List(t.Int), grammar, [1, null]);
    expect(() => read(t.List(t.int), grammar, list)).toThrow('$[1]: expected int, got null');
    expect(() =>
      read(t.Map(t.String, t.int), grammar, write(t.Map(t.String, t.Int), grammar, new Map([['k', null]]))),
    ).toThrow('$["k"]: expected int, got null');
  });

  it('a kind that is not the declared one is refused, with the path', () => {
    const strings = write(t.List(t.String), grammar, ['a', 'b']);
    for (const type of [
      t.int,
      t.long,
      t.double,
      t.boolean,
      t.String,
      t.Date,
      t.bytes,
      t.UUID,
      t.BigDecimal,
      Color,
      Person,
    ]) {
      expect(() => read(type, grammar, strings)).toThrow(/^\$: expected .*, got list$/);
    }
    expect(() => read(t.List(t.int), grammar, strings)).toThrow('$[0]: expected int, got string');
    expect(() => read(t.List(t.String), grammar, write(t.String, grammar, 'x'))).toThrow(
      '$: expected array, got string',
    );
    expect(() => read(t.Map(t.int, t.int), grammar, strings)).toThrow('$: expected Map, got list');
    expect(() => read(t.BigDecimal, grammar, write(Address, grammar, { city: 'x', zip: 1 }))).toThrow(
      '$: expected Decimal, got a com.acme.Address',
    );
    expect(() =>
      read(
        t.LocalDate,
        grammar,
        write(
          defineClass('com.caucho.hessian.io.java8.LocalDateHandle', {
            year: t.int,
            month: t.int,
            day: t.int,
          }),
          grammar,
          { year: 2023, month: 2, day: 29 },
        ),
      ),
    ).toThrow(/\$: LocalDate: day/);
  });
});

it('a boxed Float of Hessian 4 is read into every number', () => {
  const bytes = write(t.Float, 'final', 3);
  expect(read(t.Float, 'final', bytes)).toBe(3);
  expect(read(t.int, 'final', bytes)).toBe(3);
  expect(read(t.long, 'final', bytes)).toBe(3n);
  expect(() => read(t.int, 'final', write(Address, 'final', { city: '', zip: 1 }))).toThrow(
    'got a com.acme.Address',
  );
});
