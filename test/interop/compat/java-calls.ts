// Calls to Java's services that are not of the value table, as users of the old library write them.
import { as, personOf, rex } from './java-values.js';

export interface JavaCall {
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
  /** In protobuf, which the address says as a registry would. */
  readonly protobuf?: true;
  /** Options of its consumer. */
  readonly consumer?: { readonly uniqueId?: string; readonly version?: string };
}

const people = (method: string, ...args: unknown[]): JavaCall => ({ service: 'PeopleService', method, args });
const fault = (method: string, ...args: unknown[]): JavaCall => ({ service: 'FaultService', method, args });
const graph = (method: string, ...args: unknown[]): JavaCall => ({ service: 'GraphService', method, args });

const string = 'java.lang.String';
const listOfStrings = as('java.util.List', ['a', 'b'], { generic: [{ type: string }] });
const manyPeople = as('java.util.List', [personOf('full'), personOf('bare')], {
  generic: [{ type: 'com.lab.Person' }],
});

/** A person without the class map: every field says its class. */
const wrappedPerson = as('com.lab.Person', {
  id: as('long', 7),
  name: 'Wrapped',
  age: as('int', 5),
  height: as('double', 1.5),
  active: true,
  born: new Date(0),
  color: as('com.lab.Color', { name: 'BLUE' }),
  tags: ['t'],
  scores: { go: 9 },
});

export const CALLS: Readonly<Record<string, JavaCall>> = {
  ping: people('ping'),
  'an overload by $class: int': people('which', as('int', 5)),
  'an overload by $class: Integer': people('which', as('java.lang.Integer', 5)),
  'an overload by $class: long': people('which', as('long', 5)),
  'an overload by $class: Long': people('which', as('java.lang.Long', 5)),
  'an overload by $class: String': people('which', as(string, 'x')),
  'an overload by $class: int[]': people('which', as('int', [1, 2, 3], { isArray: true })),
  'an overload by $class: List': people('which', listOfStrings),
  'an overload by $class: Object': people('which', as('java.lang.Object', 'any')),
  'an overload by a plain number': people('which', 5),
  'an overload by a plain text': people('which', 'x'),
  'an overload that takes nothing': people('which'),
  'a plain double where there is no overload for it': people('which', 1.5),
  'save(Person)': people('save', as('com.lab.Person', personOf('bare'))),
  'save(Person, boolean)': people('save', as('com.lab.Person', personOf('bare')), true),
  'save(List)': people('save', manyPeople),
  'save(String)': people('save', 'Zoe'),
  'describe(Person)': people('describe', as('com.lab.Person', personOf('boss'))),
  'describe(a person wrapped field by field)': people('describe', wrappedPerson),
  'describe(null)': people('describe', as('com.lab.Person', null)),
  'find: an object of ten fields': people('find', as('long', '9007199254740993')),
  'find: null': people('find', as('long', 0)),
  'find: a checked exception': people('find', as('long', 404)),
  'promote: objects there and back': people(
    'promote',
    as('com.lab.Person', personOf('full')),
    as('com.lab.Person', personOf('boss')),
  ),
  'older: a generic list there and back': people('older', manyPeople, as('int', 30)),
  'byColor: enum keys': people('byColor', manyPeople),
  'join: varargs': people('join', as(string, ['a', 'b'], { isArray: true })),
  'many: ten arguments': people(
    'many',
    ...[as('int', 1), as('long', '-9007199254740993'), as('double', 1), as('boolean', true), 'é'],
    ...[as('com.lab.Person', personOf('full')), listOfStrings],
    as('java.util.Map', { k: 1 }, { generic: [{ type: string }, { type: 'java.lang.Integer' }] }),
    ...[Buffer.from('bytes'), new Date(5)],
  ),
  'same: one object as two arguments': people(
    'same',
    ...Array(2).fill(as('com.lab.Person', personOf('full'))),
  ),
  'twins: one object in two fields': people('twins'),
  'crowd: 50 objects with one boss': people('crowd', as('int', 50)),
  void: people('touch', 'x'),
  'no such method': people('vanished', 'x'),
  'a method with other arguments': people('describe', 'not a person'),
  'animalText: a subclass by $abstractClass': graph('animalText', {
    ...rex(),
    $abstractClass: 'com.lab.Animal',
  }),
  'roster: subclasses': graph('roster'),
  'zoo: subclasses in fields, lists and maps': graph('zoo'),
  'ring: an object that leads to itself': graph('ring', as('int', 3)),
  'a page, generic': graph('people', as('int', 5)),
  'peopleText: a generic class': graph(
    'peopleText',
    as(
      'com.lab.Page',
      { total: 1, items: [personOf('bare')], first: personOf('bare'), last: true },
      {
        generic: [{ type: 'com.lab.Person' }],
      },
    ),
  ),
  'mood: a constant that nobody here knows': graph('mood', 'CURIOUS'),
  'a checked exception': fault('checked', as('long', '9223372036854775807')),
  'an unchecked exception with fields of all kinds': fault('unchecked', 'me'),
  'an exception of a subclass': fault('quota', as('long', 2 ** 40)),
  'an exception of the JDK': fault('illegal', 'boom 坏'),
  'an exception without message': fault('nullMessage'),
  'an exception with a cause': fault('caused'),
  'an exception that is in no class map': fault('unlisted'),
  'an Error': fault('error'),
  'an exception with an object in it': fault('laden'),
  'an answer that Java cannot write': fault('unwritable'),
  'an exception from a void method': fault('voidFault'),
  'and on': fault('fine', 'again'),
  'no such service': { service: 'NobodyService', method: 'ping', args: [] },
  protobuf: {
    ...{ service: 'OrderService', method: 'summarize', protobuf: true },
    args: [
      {
        ...{ id: '9007199254740993', title: '订单 😀', level: 'HIGH', price: 1.5, counts: { a: 1, b: -2 } },
        ...{
          items: [
            { name: 'apple', amount: 3 },
            { name: 'pear', amount: '1099511627776' },
          ],
        },
        blob: Buffer.from('bytes'),
      },
    ],
  },
  'protobuf: the defaults': {
    ...{ service: 'OrderService', method: 'summarize', protobuf: true },
    args: [{ id: 1 }],
  },
  'protobuf: an exception': {
    ...{ service: 'OrderService', method: 'summarize', protobuf: true },
    args: [{ id: 13, fail: true }],
  },
  'a version of its own': {
    service: 'GreetService',
    method: 'greet',
    args: ['x'],
    consumer: { version: '2.0' },
  },
};
