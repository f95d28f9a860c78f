// The contract that the type tests ask about.
import { defineClass } from '../../src/contract/define-class.js';
import { defineEnum } from '../../src/contract/define-enum.js';
import { defineError } from '../../src/contract/define-error.js';
import { defineService } from '../../src/contract/define-service.js';
import { t } from '../../src/contract/t.js';
import type { AnyType } from '../../src/contract/types.js';

export const Color = defineEnum('com.acme.Color', ['RED', 'GREEN']);

export const Person = defineClass('com.acme.Person', {
  id: t.long,
  name: t.String.notNull(),
  nick: t.String,
  color: Color,
  tags: t.List(t.String),
  get manager() {
    return Person;
  },
  get reports() {
    return t.List(Person.notNull()).notNull();
  },
  get team() {
    return Team;
  },
});

// Mutual recursion, through a list and a map.
export const Team = defineClass('com.acme.Team', {
  lead: Person,
  get byName() {
    return t.Map(t.String.notNull(), t.List(Person));
  },
  get page() {
    return pageOf(Team);
  },
});

// A subclass that hides a field, and a base that contains its subclass.
export const Shape = defineClass('com.acme.Shape', {
  id: t.long,
  get parts() {
    return t.List(Circle.notNull());
  },
});
export const Circle = defineClass(
  'com.acme.Circle',
  {
    radius: t.double,
    get inner() {
      return Circle;
    },
  },
  { extends: Shape },
);
export const Wheel = defineClass('com.acme.Wheel', { id: t.String, spokes: t.Int }, { extends: Circle });

export const pageOf = <T extends AnyType>(item: T) =>
  defineClass('com.acme.Page', { items: t.List(item).notNull(), total: t.long });

export const Failure = defineError('com.acme.BizException', { code: t.String, at: t.Date });
export const NotFound = defineError('com.acme.NotFoundException', { id: t.long }, { extends: Failure });

export const People = defineService(
  'com.acme.PersonService',
  {
    find: { args: [t.long], returns: Person, throws: [NotFound], idempotent: true },
    findAll: { args: [t.List(t.long), Color.notNull()], returns: t.List(Person.notNull()).notNull() },
    save: { args: [Person], returns: t.void },
    saveAll: { name: 'save', args: [t.List(Person)], returns: t.void },
    page: { args: [t.int, t.int], returns: pageOf(Person) },
    count: { args: [], returns: t.long },
    any: { args: [t.Object], returns: t.Object },
    tell: { args: [t.String], returns: t.void, oneway: true },
  },
  { version: '1.0' },
);
