// What becomes of a contract that a package publishes: its emitted declarations, and what their user sees.
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from '../../scripts/project.mjs';
import { programOf, projectOptions } from '../house/program.js';

const folder = join(root, 'test/types');
const options = {
  ...projectOptions(),
  noEmit: false,
  declaration: true,
  emitDeclarationOnly: true,
  outDir: undefined,
};
const imports = (names: Record<string, string>) =>
  Object.entries(names)
    .map(([from, what]) => `import { ${what} } from '../../src/contract/${from}.js';\n`)
    .join('');

const CONTRACT = `${imports({ 'define-class': 'defineClass', t: 't', types: 'type AllFields, type ClassOf, type ClassType' })}
/** A shape that is written down. */
export interface Person { id: bigint; name: string; manager: Person | null; reports: Person[]; team: Team | null }
export interface Team { lead: Person | null; byName: Map<string, Person | null> | null }
export const Person: ClassOf<Person> = defineClass('com.acme.Person', {
  id: t.long,
  name: t.String.notNull(),
  get manager() { return Person; },
  get reports() { return t.List(Person.notNull()).notNull(); },
  get team() { return Team; },
});
export const Team: ClassOf<Team> = defineClass('com.acme.Team', {
  lead: Person,
  get byName() { return t.Map(t.String.notNull(), Person); },
});
/** Not recursive itself: inferred, with a recursive class inside. */
export const Boss = defineClass('com.acme.Boss', { bonus: t.BigDecimal }, { extends: Person });

/** A class that has a name. */
const shapeFields = {
  id: t.long,
  get parts() { return t.List(Circle.notNull()).notNull(); },
  get outer() { return Shape.open(); },
};
export interface ShapeClass extends ClassType<typeof shapeFields> {}
export const Shape: ShapeClass = defineClass('com.acme.Shape', shapeFields);
const circleFields = { radius: t.double, get inner() { return Circle; } };
export interface CircleClass extends ClassType<AllFields<typeof circleFields, ShapeClass>> {}
export const Circle: CircleClass = defineClass('com.acme.Circle', circleFields, { extends: Shape });

/** Neither: what the emitted file loses. */
export const Inferred = defineClass('com.acme.Inferred', {
  id: t.long,
  get next() { return Inferred; },
});
`;

const USER = `${imports({ types: 'type InputOf, type TypeOf' })}
import { expectTypeOf } from 'vitest';
import { Boss, Circle, Inferred, Person, Shape, Team } from './virtual-contract.js';

type Read = TypeOf<typeof Person>;
expectTypeOf<Read>().toEqualTypeOf<Person>();
expectTypeOf<NonNullable<NonNullable<Read['manager']>['reports'][0]['team']>['lead']>().toEqualTypeOf<Person | null>();
expectTypeOf<NonNullable<TypeOf<typeof Team>['byName']>>().toEqualTypeOf<Map<string, Person | null>>();
expectTypeOf<TypeOf<typeof Boss>['reports']>().toEqualTypeOf<Person[]>();
expectTypeOf<TypeOf<typeof Boss>['bonus']>().not.toBeAny();
expectTypeOf<{ id: number; name: string; reports: [] }>().toExtend<InputOf<typeof Person>>();
Person.of({ id: 1, name: 'x', reports: [{ id: 2n, name: 'y', reports: [], team: { lead: undefined } }] });
Boss.of({ id: 1, name: 'x', reports: [] });
// @ts-expect-error two levels down, a number is not a name
Person.of({ id: 1, name: 'x', reports: [{ id: 2n, name: 3, reports: [] }] });
// @ts-expect-error a boss needs a name too
Boss.of({ id: 1, reports: [] });

type ShapeRead = TypeOf<typeof Shape>;
type Part = NonNullable<NonNullable<ShapeRead['outer']>['outer']>['parts'][0];
expectTypeOf<Part>().toEqualTypeOf<TypeOf<typeof Circle>>();
expectTypeOf<NonNullable<Part['inner']>['parts'][0]['radius']>().toEqualTypeOf<number>();
expectTypeOf<NonNullable<Part['inner']>['id']>().toEqualTypeOf<bigint>();
Shape.of({ id: 1, parts: [{ id: 2, radius: 1, parts: [] }] });
// @ts-expect-error two levels down, a radius is missing
Shape.of({ id: 1, parts: [{ id: 2, radius: 1, parts: [{ id: 3, parts: [] }] }] });

// Why they are named: without it, what a class says of itself is lost.
expectTypeOf<TypeOf<typeof Inferred>['id']>().toEqualTypeOf<bigint>();
expectTypeOf<NonNullable<TypeOf<typeof Inferred>['next']>['next']>().toBeAny();
`;

function errorsOf(program: ts.Program, source: ts.SourceFile | undefined): string[] {
  return program
    .getSemanticDiagnostics(source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

test('a published contract keeps the types of the classes that have a name', { timeout: 60_000 }, () => {
  const contract = join(folder, 'virtual-contract.ts');
  const program = programOf([], new Map([[contract, CONTRACT]]), options);
  expect(errorsOf(program, program.getSourceFile(contract))).toEqual([]);
  let declarations = '';
  const { diagnostics } = program.emit(program.getSourceFile(contract), (_, text) => {
    declarations = text;
  });
  expect(diagnostics.map(({ messageText }) => messageText)).toEqual([]);
  expect(declarations).toContain('export declare const Person: ClassOf<Person>;');

  const user = join(folder, 'virtual-user.ts');
  const files = new Map([
    [join(folder, 'virtual-contract.d.ts'), declarations],
    [user, USER],
  ]);
  const userProgram = programOf([], files, options);
  expect(errorsOf(userProgram, userProgram.getSourceFile(user))).toEqual([]);
});
