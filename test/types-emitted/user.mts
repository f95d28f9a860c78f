import type {
  Balancer,
  Call,
  Candidate,
  Client,
  Decimal,
  HandlerContext,
  Handlers,
  InputOf,
  LocalDate,
  Sidecar,
  TypeOf,
} from 'sofa-mesh-sdk';
import {
  defineClass,
  defineError,
  defineService,
  java,
  loadProtobuf,
  type MeshClient,
  type MeshServer,
  RemoteError,
  t,
} from 'sofa-mesh-sdk';
import { Employee, NotFound, People, Person, type pageOf, type Tree } from './contract.mjs';

/** True where two types are the same, false where one is any. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type IsAny<T> = 0 extends 1 & T ? true : false;
function yes<_ extends true>(): void {}
function no<_ extends false>(): void {}

type PersonRead = TypeOf<typeof Person>;
type EmployeeRead = TypeOf<typeof Employee>;
yes<Same<PersonRead, Person>>();
yes<Same<NonNullable<PersonRead['manager']>['reports'][0]['id'], bigint>>();
yes<Same<EmployeeRead['salary'], Decimal>>();
yes<Same<EmployeeRead['since'], LocalDate | null>>();
yes<Same<EmployeeRead['tags'], Set<string | null> | null>>();
yes<Same<EmployeeRead['rooms'], (number[] | null)[] | null>>();
yes<Same<EmployeeRead['manager'], Person | null>>();
no<IsAny<EmployeeRead>>();
no<IsAny<InputOf<typeof Employee>>>();
type Leaves = NonNullable<NonNullable<TypeOf<typeof Tree>['left']>['all']>;
yes<Same<Leaves, Map<string, TypeOf<typeof Tree>[] | null>>>();
yes<Same<NonNullable<TypeOf<typeof Tree>['left']>['value'], Decimal>>();
yes<Same<TypeOf<ReturnType<typeof pageOf<typeof Person>>>['items'], (Person | null)[]>>();

export const input: InputOf<typeof Person> = {
  id: 1,
  name: 'x',
  reports: [{ id: 2n, name: 'y', reports: [] }],
};
const blue = { ...input, color: 'BLUE' } as const;
// @ts-expect-error two levels down, there is no such colour
Person.of({ ...input, reports: [{ id: 2n, name: 'y', reports: [], manager: blue }] });
// @ts-expect-error a salary is a Decimal
Employee.of({ ...input, salary: 3 });

// What a type is made of is there at run time, and not for users.
// @ts-expect-error
void Person.node;
// @ts-expect-error
void t.List(t.int).node;
// @ts-expect-error
void NotFound.node;
// @ts-expect-error
void People.methods.find.args;
yes<Same<typeof People.methods.find.timeoutMs, number | undefined>>();
// Nevertheless a list is no class, a class that is never null is no base, a class is no error, an error is no field.
// @ts-expect-error
defineClass('com.acme.Wrong', {}, { extends: t.List(t.int) });
// @ts-expect-error
defineClass('com.acme.Wrong', {}, { extends: Person.notNull() });
// @ts-expect-error
defineClass('com.acme.Wrong', {}, { extends: NotFound });
// @ts-expect-error
defineError('com.acme.WrongException', {}, { extends: Person });
// @ts-expect-error
defineService('com.acme.Wrong', { find: { args: [t.int], returns: t.void, throws: [Person] } });
// @ts-expect-error
defineService('com.acme.Wrong', { find: { args: [NotFound], returns: t.void } });

// Whatever is made with the package can be exported: each type that appears in its declaration has a name.
export const mine = java.list([java.int(1), java.as('java.lang.Number', java.long(2n))]);
export const weigh = (candidate: Candidate) => ({ weight: candidate.weight, lease: candidate.lease() });
export const protobuf = () => loadProtobuf('people.proto');
export const isSame = (a: Decimal, b: unknown) => a.equals(b) && a.toJSON() === String(b);
export const told = (sidecar: Sidecar) => sidecar.status().subscribed;
export const firstReady: Balancer = (candidates, { clock }) => ({
  pick: (call) => candidates[0]?.leaseFor(call, clock.now()),
  targets: () => candidates,
});
// What is the library's own is not there.
// @ts-expect-error
void ((candidate: Candidate) => candidate.lease()?.connection);
// @ts-expect-error
void ((call: Call) => call.plan);
// @ts-expect-error
void ((sidecar: Sidecar) => sidecar.report);
// @ts-expect-error
void ((mesh: MeshClient) => mesh.policy.ruleOf);

type PeopleClient = Client<typeof People>;
no<IsAny<PeopleClient>>();
no<IsAny<PeopleClient['find']>>();
yes<Same<ReturnType<PeopleClient['find']>, Promise<Person | null>>>();
yes<Same<ReturnType<PeopleClient['save']>, Promise<void>>>();
yes<Same<ReturnType<PeopleClient['any']>, Promise<unknown>>>();
type Colors = Map<'RED' | 'GREEN', bigint | null> | null;
yes<Same<ReturnType<PeopleClient['colors']>, Promise<Colors>>>();
yes<Same<Parameters<PeopleClient['find']>[0], bigint | number>>();

export async function use(mesh: MeshClient): Promise<string> {
  const people = mesh.service(People);
  yes<Same<typeof people, PeopleClient>>();
  const person = await people.find(42n, { timeoutMs: 500 });
  const { value, reply } = await people.find.withReply(42);
  yes<Same<typeof value, Person | null>>();
  // @ts-expect-error an id is not text
  people.find('42');
  // @ts-expect-error it may be null
  person.name;
  try {
    await people.save({ ...input, salary: null as unknown as Decimal });
  } catch (error) {
    if (NotFound.is(error)) yes<Same<typeof error.id, bigint>>();
    if (error instanceof NotFound) yes<Same<typeof error.fields.code, string | null>>();
    if (RemoteError.is(error)) no<IsAny<typeof error.retry>>();
  }
  return `${person?.manager?.reports[0]?.name} ${reply.path}`;
}

export class Implementation implements Pick<Handlers<typeof People>, 'find' | 'save'> {
  async find(id: bigint, ctx: HandlerContext): Promise<Person | null> {
    if (ctx.remainingMs() === 0) throw new NotFound({ id, message: 'no such person' });
    return null;
  }
  async save(employee: TypeOf<typeof Employee> | null): Promise<void> {
    void employee?.salary.compare;
  }
}

export function serve(server: MeshServer): void {
  const rest = new Implementation() as Implementation & Handlers<typeof People>;
  server.add(People, {
    ...rest,
    async find(id, ctx) {
      yes<Same<typeof id, bigint>>();
      yes<Same<typeof ctx, HandlerContext>>();
      return { id: 1, name: 'x', reports: [] };
    },
  });
  // @ts-expect-error there is no implementation of find
  server.add(People, { save: rest.save });
}
