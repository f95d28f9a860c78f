import { describe, expect, it } from 'vitest';
import { defineClass } from '../../src/contract/define-class.js';
import { t } from '../../src/contract/t.js';
import type { AnyType, ClassType } from '../../src/contract/types.js';
import { CLASS_NAME, type ClassNode } from '../../src/values/schema.js';

const names = (node: ClassNode) => node.fields().map(({ name }) => name);

const Base = defineClass('com.acme.Base', { id: t.long, name: t.String.notNull(), note: t.String });
const Middle = defineClass('com.acme.Middle', { level: t.int }, { extends: Base });
const Leaf = defineClass('com.acme.Leaf', { id: t.String, tags: t.List(t.String) }, { extends: Middle });

describe('defineClass', () => {
  it('lists own fields first, then the inherited ones, and a hidden one too', () => {
    expect(names(Base.node)).toEqual(['id', 'name', 'note']);
    expect(names(Leaf.node)).toEqual(['id', 'tags', 'level', 'id', 'name', 'note']);
    expect(Leaf.node.fields()[0].node.kind).toBe('string');
    expect(Leaf.node.fields()[3]).toBe(Leaf.node.fields()[0]);
    expect(Middle.node.fields()[1].node.kind).toBe('long');
    expect(Leaf.node.fields()).toBe(Leaf.node.fields());
  });

  it('registers a class with each of its bases', () => {
    expect([...Base.node.subclasses]).toEqual([
      ['com.acme.Middle', Middle.node],
      ['com.acme.Leaf', Leaf.node],
    ]);
    expect([...Middle.node.subclasses.keys()]).toEqual(['com.acme.Leaf']);
    expect(Leaf.node.parent).toBe(Middle.node);
    expect(Base.node.parent).toBeUndefined();
  });

  it('may contain itself and classes that are defined later', () => {
    const Person = defineClass('com.acme.Person', {
      get manager() {
        return Person;
      },
      get teams() {
        return t.List(Team.notNull());
      },
    });
    const Team = defineClass('com.acme.Team', { lead: Person });
    const [manager, teams] = Person.node.fields();
    expect(manager.node).toBe(Person.node);
    expect(teams.node).toMatchObject({
      kind: 'list',
      element: { javaName: 'com.acme.Team', nullable: false },
    });
    expect(Team.node.fields()[0].node).toBe(Person.node);
  });

  it('shares fields and subclasses between the forms of a class', () => {
    const forms = [Base.notNull().node, Base.open().node, Base.open().notNull().node] as ClassNode[];
    for (const node of forms) {
      expect(node.fields()).toBe(Base.node.fields());
      expect(node.subclasses).toBe(Base.node.subclasses);
    }
    expect(Base.notNull().node.nullable).toBe(false);
    expect(Base.open().node).toMatchObject({ open: true, nullable: true });
    expect(Base.open().notNull().node).toMatchObject({ open: true, nullable: false });
    expect(Base.open()).toBe(Base.open());
    expect(Base.node.open).toBe(false);
  });

  it('is generic by a function', () => {
    const pageOf = <T extends AnyType>(item: T) =>
      defineClass('com.acme.Page', { items: t.List(item), total: t.long });
    expect(pageOf(Base).javaName).toBe('com.acme.Page');
    expect(pageOf(Base).node.fields()[0].node).toMatchObject({ element: Base.node });
    expect(pageOf(t.int).node.fields()[0].node).toMatchObject({ element: { kind: 'int' } });
  });

  it.each(['', '1Person', 'com.acme.', 'com acme', 'com/acme/Person', '[I', 'com.acme.Person;'])(
    'refuses the class name %j',
    (name) => {
      expect(() => defineClass(name, {})).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    },
  );

  it('takes the names of nested classes and of other alphabets', () => {
    expect(defineClass('com.acme.Outer$Inner', {}).javaName).toBe('com.acme.Outer$Inner');
    expect(names(defineClass('com.acme.Größe', { 名字: t.String }).node)).toEqual(['名字']);
  });

  it('refuses what is not a type at the definition, and in a getter on first use', () => {
    expect(() => defineClass('com.acme.P', { id: 'long' })).toThrow(
      "defineClass('com.acme.P'): id: expected a type",
    );
    expect(() => defineClass('com.acme.P', { 'a-b': t.int })).toThrow('"a-b" is not a Java name');
    expect(() => defineClass('com.acme.P', { nothing: t.void })).toThrow(/t\.void/);
    expect(() => defineClass('com.acme.P', [])).toThrow(/object of fields/);
    const late = defineClass('com.acme.P', {
      get other() {
        return 'long';
      },
    });
    expect(() => late.node.fields()).toThrow("defineClass('com.acme.P'): other: expected a type");
  });

  it('refuses more than 1,024 fields, inherited ones included', () => {
    const many = (count: number, prefix: string) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`${prefix}${at}`, t.int]));
    const parent = defineClass('com.acme.P', many(1000, 'p'));
    expect(defineClass('com.acme.A', many(24, 'a'), { extends: parent }).node.fields()).toHaveLength(1024);
    expect(() => defineClass('com.acme.B', many(25, 'b'), { extends: parent }).node.fields()).toThrow(
      /1025 fields/,
    );
  });

  it('refuses a base that is not a class', () => {
    // @ts-expect-error t.String is not a class
    expect(() => defineClass('com.acme.P', {}, { extends: t.String })).toThrow(/made by defineClass/);
    // A base that is defined further down arrives as undefined.
    const later = undefined as unknown as ClassType<object>;
    expect(() => defineClass('com.acme.P', {}, { extends: later })).toThrow(/made by defineClass/);
  });
});

describe('of', () => {
  it('gives a value of a subclass its class, which a spread keeps', () => {
    const value = Middle.of({ id: 1, name: 'x', level: 2 });
    expect(value).toEqual({ id: 1, name: 'x', level: 2, [CLASS_NAME]: 'com.acme.Middle' });
    expect({ ...value, level: 3 }).toMatchObject({ level: 3, [CLASS_NAME]: 'com.acme.Middle' });
  });

  it('leaves the value of a class without a base plain', () => {
    expect(Base.of({ id: 1n, name: 'x' })).toEqual({ id: 1n, name: 'x' });
    expect(Reflect.ownKeys(Base.of(Middle.of({ id: 1n, name: 'x', level: 1 })))).not.toContain(CLASS_NAME);
  });

  it('does not change what it is given', () => {
    const given = { id: 1n, name: 'x', level: 3 };
    Middle.of(given);
    expect(Reflect.ownKeys(given)).toEqual(['id', 'name', 'level']);
  });

  it('refuses what is not an object', () => {
    // @ts-expect-error null is not a value of a class
    expect(() => Base.of(null)).toThrow('com.acme.Base.of: expected an object');
  });
});

describe('is', () => {
  const middle = Middle.of({ id: 1, name: 'x', level: 2 });

  it('asks for the class or a subclass of it', () => {
    expect(Middle.is(middle)).toBe(true);
    expect(Base.is(middle)).toBe(true);
    expect(Leaf.is(middle)).toBe(false);
    expect(Base.open().is(middle)).toBe(true);
  });

  it('takes a plain object for a class without a base if its properties are the fields of the class', () => {
    expect(Base.is({ id: 1n, name: 'x' })).toBe(true);
    expect(Base.is({ id: 1n })).toBe(false);
    expect(Base.is({ id: 1n, name: 'x', level: 2 })).toBe(false);
    expect(Middle.is({ id: 1n, name: 'x', level: 2 })).toBe(false);
  });

  it.each([null, undefined, 1, 'x', [], () => 1])('is false for %s', (value) => {
    expect(Base.is(value)).toBe(false);
  });
});
