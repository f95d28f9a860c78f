import {
  type Client,
  defineClass,
  defineError,
  defineService,
  LocalDate,
  type MeshClient,
  MeshError,
  type TypeOf,
  t,
} from 'sofa-mesh-sdk';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function yes<_ extends true>(): void {}

const Person = defineClass('com.acme.Person', {
  id: t.long,
  born: t.LocalDate,
  get manager() {
    return Person;
  },
});
export const NotFound = defineError('com.acme.NotFoundException', { id: t.long });
const People = defineService('com.acme.PersonService', {
  find: { args: [t.long], returns: Person, throws: [NotFound] },
});

type PersonRead = TypeOf<typeof Person>;
type Born = NonNullable<NonNullable<PersonRead['manager']>['manager']>['born'];
yes<Same<Born, LocalDate | null>>();
yes<Same<ReturnType<Client<typeof People>['find']>, Promise<PersonRead | null>>>();

export async function use(mesh: MeshClient): Promise<void> {
  const person = await mesh.service(People).find(1n);
  if (LocalDate.is(person?.born)) person.born.equals(new LocalDate(2024, 2, 29));
  // @ts-expect-error an id is not text
  await mesh.service(People).find('1');
  if (MeshError.is(person)) throw new NotFound({ id: 1n });
}
