import {
  type ClassOf,
  type ClassType,
  defineClass,
  defineEnum,
  defineError,
  defineService,
  t,
} from 'sofa-mesh-sdk';

export const Color = defineEnum('com.acme.Color', ['RED', 'GREEN']);

export const Address = defineClass('com.acme.Address', { city: t.String.notNull(), zip: t.Int });

/** Contains itself, so its shape is written down. */
export interface Person {
  id: bigint;
  name: string;
  color: 'RED' | 'GREEN' | null;
  home: { city: string; zip: number | null } | null;
  manager: Person | null;
  reports: Person[];
}
export const Person: ClassOf<Person> = defineClass('com.acme.Person', {
  id: t.long,
  name: t.String.notNull(),
  color: Color,
  home: Address,
  get manager() {
    return Person;
  },
  get reports() {
    return t.List(Person.notNull()).notNull();
  },
});

/** Contains itself too, and has a name instead. */
const treeFields = {
  value: t.BigDecimal.notNull(),
  get left() {
    return Tree;
  },
  get all() {
    return t.Map(t.String.notNull(), t.List(Tree.notNull()));
  },
};
export interface TreeClass extends ClassType<typeof treeFields> {}
export const Tree: TreeClass = defineClass('com.acme.Tree', treeFields);

export const Employee = defineClass(
  'com.acme.Employee',
  {
    salary: t.BigDecimal.notNull(),
    since: t.LocalDate,
    tags: t.Set(t.String),
    rooms: t.array(t.array(t.int)),
  },
  { extends: Person },
);
export const pageOf = <T extends Parameters<typeof t.List>[0]>(item: T) =>
  defineClass('com.acme.Page', { items: t.List(item).notNull(), total: t.long });

export const Failure = defineError('com.acme.BizException', { code: t.String });
export const NotFound = defineError('com.acme.NotFoundException', { id: t.long }, { extends: Failure });

export const People = defineService(
  'com.acme.PersonService',
  {
    find: { args: [t.long], returns: Person, throws: [NotFound], idempotent: true },
    save: { args: [Employee], returns: t.void },
    saveAll: { name: 'save', args: [t.List(Employee)], returns: t.void },
    page: { args: [t.int], returns: pageOf(Person), timeoutMs: 500 },
    colors: { args: [], returns: t.Map(Color.notNull(), t.Optional(t.Long)) },
    any: { args: [t.Object], returns: t.Object },
  },
  { version: '1.0' },
);
