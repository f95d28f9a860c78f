// Classes and errors. The compiler is the judge; at run time nothing is asked.
import { describe, expectTypeOf, test } from 'vitest';
import { defineClass } from '../../src/contract/define-class.js';
import { t } from '../../src/contract/t.js';
import type { ClassOf, InputOf, TypeOf } from '../../src/contract/types.js';
import type { RemoteError } from '../../src/core/errors.js';
import { Circle, type Failure, NotFound, Person, pageOf, Shape, type Team, type Wheel } from './model.js';

type PersonRead = TypeOf<typeof Person>;
type PersonWrite = InputOf<typeof Person>;

describe('a class', () => {
  test('is read as an object of its fields', () => {
    expectTypeOf<PersonRead>().not.toBeAny();
    expectTypeOf<PersonRead['id']>().toEqualTypeOf<bigint>();
    expectTypeOf<PersonRead['name']>().toEqualTypeOf<string>();
    expectTypeOf<PersonRead['nick']>().toEqualTypeOf<string | null>();
    expectTypeOf<PersonRead['color']>().toEqualTypeOf<'RED' | 'GREEN' | null>();
    expectTypeOf<PersonRead['tags']>().toEqualTypeOf<(string | null)[] | null>();
    expectTypeOf<keyof PersonRead>().toEqualTypeOf<
      'id' | 'name' | 'nick' | 'color' | 'tags' | 'manager' | 'reports' | 'team'
    >();
  });

  test('contains itself, at any depth', () => {
    expectTypeOf<PersonRead['manager']>().toEqualTypeOf<PersonRead | null>();
    expectTypeOf<PersonRead['reports']>().toEqualTypeOf<PersonRead[]>();
    type Deep = NonNullable<NonNullable<PersonRead['manager']>['reports'][0]['manager']>['id'];
    expectTypeOf<Deep>().toEqualTypeOf<bigint>();
    expectTypeOf<Deep>().not.toBeAny();
  });

  test('contains classes that contain it', () => {
    expectTypeOf<TypeOf<typeof Team>['lead']>().toEqualTypeOf<PersonRead | null>();
    type ByName = NonNullable<TypeOf<typeof Team>['byName']>;
    expectTypeOf<ByName>().toEqualTypeOf<Map<string, (PersonRead | null)[] | null>>();
    type Lead = NonNullable<NonNullable<TypeOf<typeof Team>['page']>['items'][0]>['lead'];
    expectTypeOf<Lead>().toEqualTypeOf<PersonRead | null>();
  });

  test('is written with what may be null left out', () => {
    expectTypeOf<{ id: number; name: string; reports: [] }>().toExtend<PersonWrite>();
    expectTypeOf<{
      id: bigint;
      name: string;
      reports: [];
      nick: undefined;
      team: null;
    }>().toExtend<PersonWrite>();
    expectTypeOf<{ id: bigint; reports: [] }>().not.toExtend<PersonWrite>();
    expectTypeOf<{ id: bigint; name: null; reports: [] }>().not.toExtend<PersonWrite>();
    expectTypeOf<{
      id: bigint;
      name: string;
      reports: [];
      manager: { id: bigint };
    }>().not.toExtend<PersonWrite>();
    expectTypeOf<PersonRead>().toExtend<PersonWrite>();
  });

  test('refuses wrong values in of', () => {
    const given = { id: 1n, name: 'x', reports: [] };
    Person.of({ ...given, manager: { ...given, reports: [given] } });
    // @ts-expect-error no such constant
    Person.of({ ...given, color: 'BLUE' });
    // @ts-expect-error no such field
    Person.of({ ...given, nickname: 'x' });
    // @ts-expect-error a number is not a name, two levels down
    Person.of({ ...given, manager: { ...given, reports: [{ ...given, name: 3 }] } });
  });

  test('narrows a value of unknown type', () => {
    const value: unknown = Person.of({ id: 1n, name: 'x', reports: [] });
    if (Person.is(value)) expectTypeOf(value).toEqualTypeOf<PersonRead>();
    expectTypeOf(Person.open().is).guards.toEqualTypeOf<PersonRead>();
  });

  test('names its shape as an interface', () => {
    interface Human extends PersonRead {}
    expectTypeOf<Human['id']>().toEqualTypeOf<bigint>();
    expectTypeOf<PersonRead>().toExtend<Human>();
  });

  test('refuses as a base what is not a class', () => {
    // @ts-expect-error a string is not a class
    expectTypeOf(defineClass<{ a: typeof t.int }, typeof t.String>).toBeFunction();
  });
});

describe('a subclass', () => {
  test('has the fields of its bases, its own first', () => {
    type Read = TypeOf<typeof Wheel>;
    expectTypeOf<Read['spokes']>().toEqualTypeOf<number | null>();
    expectTypeOf<Read['radius']>().toEqualTypeOf<number>();
    expectTypeOf<Read['id']>().toEqualTypeOf<string | null>();
    expectTypeOf<TypeOf<typeof Circle>['id']>().toEqualTypeOf<bigint>();
    expectTypeOf<{ radius: number }>().toExtend<InputOf<typeof Wheel>>();
    expectTypeOf<{ spokes: number }>().not.toExtend<InputOf<typeof Wheel>>();
  });

  test('is contained in its base and in itself', () => {
    type Part = NonNullable<TypeOf<typeof Shape>['parts']>[0];
    expectTypeOf<Part>().toEqualTypeOf<TypeOf<typeof Circle>>();
    expectTypeOf<Part['inner']>().toEqualTypeOf<TypeOf<typeof Circle> | null>();
  });

  test('stands for its base', () => {
    const circle = Circle.of({ id: 1, radius: 2 });
    Shape.of(circle);
    Shape.of({ id: 1n, parts: [circle] });
    const read = {} as TypeOf<typeof Shape>;
    if (Circle.is(read)) expectTypeOf(read.radius).toEqualTypeOf<number>();
  });
});

describe('a generic class', () => {
  test('carries its argument', () => {
    const Page = pageOf(Person);
    expectTypeOf<TypeOf<typeof Page>['items']>().toEqualTypeOf<(PersonRead | null)[]>();
    const Names = pageOf(t.String.notNull());
    expectTypeOf<TypeOf<typeof Names>['items']>().toEqualTypeOf<string[]>();
    expectTypeOf<{ items: number[]; total: number }>().not.toExtend<InputOf<typeof Names>>();
  });
});

describe('a class with a shape that is written down', () => {
  interface Node {
    id: bigint;
    name: string;
    note: string | null;
    next: Node | null;
    children: (Node | null)[];
    byDay: Map<string, bigint> | null;
  }
  const fields = { id: t.long, name: t.String.notNull(), note: t.String };
  const Node: ClassOf<Node> = defineClass('com.acme.Node', {
    ...fields,
    get next() {
      return Node;
    },
    get children() {
      return t.List(Node).notNull();
    },
    get byDay() {
      return t.Map(t.String.notNull(), t.long);
    },
  });

  test('is that shape, and takes what may be written for it', () => {
    expectTypeOf<TypeOf<typeof Node>>().toEqualTypeOf<Node>();
    expectTypeOf<{ id: number; name: string; children: [] }>().toExtend<InputOf<typeof Node>>();
    expectTypeOf<{ id: number; name: string; children: []; byDay: Map<string, number> }>().toExtend<
      InputOf<typeof Node>
    >();
    expectTypeOf<{ id: number; name: string; children: [undefined, null] }>().toExtend<
      InputOf<typeof Node>
    >();
    expectTypeOf<{ id: number; name: string }>().not.toExtend<InputOf<typeof Node>>();
    expectTypeOf<{ id: string; name: string; children: [] }>().not.toExtend<InputOf<typeof Node>>();
  });

  test('must be the shape that the fields have', () => {
    interface Small {
      id: bigint;
      name: string;
      note: string | null;
    }
    const good: ClassOf<Small> = defineClass('com.acme.Small', fields);
    // @ts-expect-error id is a bigint
    const wrong: ClassOf<Omit<Small, 'id'> & { id: string }> = defineClass('com.acme.Small', fields);
    // @ts-expect-error note may be null
    const nullable: ClassOf<Omit<Small, 'note'> & { note: string }> = defineClass('com.acme.Small', fields);
    // @ts-expect-error there is no field age
    const more: ClassOf<Small & { age: number }> = defineClass('com.acme.Small', fields);
    // @ts-expect-error name must be given when written, and the shape does not say so
    const less: ClassOf<Omit<Small, 'name'>> = defineClass('com.acme.Small', fields);
    void [good, wrong, nullable, more, less];
  });

  test('is a base', () => {
    const Leaf = defineClass('com.acme.Leaf', { depth: t.int }, { extends: Node });
    expectTypeOf<TypeOf<typeof Leaf>['depth']>().toEqualTypeOf<number>();
    expectTypeOf<TypeOf<typeof Leaf>['next']>().toEqualTypeOf<Node | null>();
    expectTypeOf<{ id: number; name: string; children: []; depth: number }>().toExtend<
      InputOf<typeof Leaf>
    >();
    expectTypeOf<{ id: number; name: string; depth: number }>().not.toExtend<InputOf<typeof Leaf>>();
  });

  test('is an element and can be made not null', () => {
    expectTypeOf(t.List(Node.notNull()).notNull()['~out']).toEqualTypeOf<Node[]>();
  });
});

describe('an error', () => {
  type Thrown = InstanceType<typeof NotFound>;

  test('is a RemoteError with its fields', () => {
    expectTypeOf<Thrown>().toExtend<RemoteError>();
    expectTypeOf<Thrown['id']>().toEqualTypeOf<bigint>();
    expectTypeOf<Thrown['at']>().toEqualTypeOf<Date | null>();
    expectTypeOf<Thrown>().toExtend<InstanceType<typeof Failure>>();
    expectTypeOf<InstanceType<typeof Failure>>().not.toExtend<Thrown>();
  });

  test('keeps a field that every error has in fields', () => {
    expectTypeOf<Thrown['code']>().toEqualTypeOf<RemoteError['code']>();
    expectTypeOf<Thrown['fields']['code']>().toEqualTypeOf<string | null>();
  });

  test('is made of its fields, message and cause', () => {
    void new NotFound({ id: 1, message: 'x', cause: new Error('y'), code: null });
    // @ts-expect-error id is text
    expectTypeOf(() => new NotFound({ id: '1' })).toBeFunction();
    // @ts-expect-error id is missing
    expectTypeOf(() => new NotFound({ message: 'x' })).toBeFunction();
    // @ts-expect-error no such field
    expectTypeOf(() => new NotFound({ id: 1n, name: 'x' })).toBeFunction();
  });

  test('narrows', () => {
    const error: unknown = new NotFound({ id: 1n });
    if (NotFound.is(error)) expectTypeOf(error.id).toEqualTypeOf<bigint>();
    if (error instanceof NotFound) expectTypeOf(error.id).toEqualTypeOf<bigint>();
  });
});
