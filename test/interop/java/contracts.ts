// The Node.js side of com.lab: the same services and classes, in this library's words.
import { fileURLToPath } from 'node:url';
import { defineClass, defineEnum, defineError, defineService, loadProtobuf, t } from 'sofa-mesh-sdk';

export const Color = defineEnum('com.lab.Color', ['RED', 'GREEN', 'BLUE']);
export const Size = defineEnum('com.lab.Size', ['SMALL', 'LARGE']);
export const Shape = defineEnum('com.lab.Shape', ['ROUND', 'SQUARE']);
/** Java has a third constant. */
export const Mood = defineEnum('com.lab.Mood', ['HAPPY', 'SAD']);

export const Person = defineClass('com.lab.Person', {
  id: t.long,
  name: t.String,
  age: t.int,
  height: t.double,
  active: t.boolean,
  born: t.Date,
  color: Color,
  tags: t.List(t.String),
  scores: t.Map(t.String, t.Int),
  get manager() {
    return Person;
  },
});

export const Animal = defineClass('com.lab.Animal', { name: t.String, legs: t.int });
export const Dog = defineClass('com.lab.Dog', { breed: t.String }, { extends: Animal });
export const Puppy = defineClass('com.lab.Puppy', { weeks: t.int }, { extends: Dog });
export const Cat = defineClass('com.lab.Cat', { indoor: t.boolean, friend: Animal }, { extends: Animal });
export const Zoo = defineClass('com.lab.Zoo', {
  star: Animal,
  animals: t.List(Animal),
  byName: t.Map(t.String, Animal),
});

export const Node = defineClass('com.lab.Node', {
  name: t.String,
  get next() {
    return Node;
  },
  get parent() {
    return Node;
  },
  get children() {
    return t.List(Node);
  },
});

export const Pair = defineClass('com.lab.Pair', { left: Person, right: Person });

/** Java's Page<T>: one class for each item type, all of one Java name. */
export const PersonPage = defineClass('com.lab.Page', {
  total: t.int,
  items: t.List(Person),
  first: Person,
  last: t.boolean,
});
export const WordPage = defineClass('com.lab.Page', {
  total: t.int,
  items: t.List(t.String),
  first: t.String,
  last: t.boolean,
});
export const LongPage = defineClass('com.lab.Page', {
  total: t.int,
  items: t.List(t.Long),
  first: t.Long,
  last: t.boolean,
});
export const PagePage = defineClass('com.lab.Page', {
  total: t.int,
  items: t.List(LongPage),
  first: LongPage,
  last: t.boolean,
});

export const Primitives = defineClass('com.lab.Primitives', {
  b: t.byte,
  s: t.short,
  i: t.int,
  l: t.long,
  f: t.float,
  d: t.double,
  z: t.boolean,
  c: t.char,
});
export const Boxes = defineClass('com.lab.Boxes', {
  b: t.Byte,
  s: t.Short,
  i: t.Int,
  l: t.Long,
  f: t.Float,
  d: t.Double,
  z: t.Boolean,
  c: t.Char,
});
export const Times = defineClass('com.lab.Times', {
  localDate: t.LocalDate,
  localTime: t.LocalTime,
  localDateTime: t.LocalDateTime,
  instant: t.Instant,
  duration: t.Duration,
  period: t.Period,
  year: t.Year,
  yearMonth: t.YearMonth,
  monthDay: t.MonthDay,
  zoneOffset: t.ZoneOffset,
  offsetTime: t.OffsetTime,
  offsetDateTime: t.OffsetDateTime,
  zonedDateTime: t.ZonedDateTime,
});
export const Grid = defineClass('com.lab.Grid', {
  ints: t.array(t.int),
  longs: t.array(t.long),
  doubles: t.array(t.double),
  flags: t.array(t.boolean),
  words: t.array(t.String),
  bytes: t.bytes,
  table: t.array(t.array(t.int)),
  people: t.array(Person),
  colors: t.array(Color),
  boxed: t.array(t.Int),
});
export const Money = defineClass('com.lab.Money', {
  amount: t.BigDecimal,
  units: t.BigInteger,
  currency: t.Currency,
  locale: t.Locale,
  receipt: t.UUID,
});
export const Odd = defineClass('com.lab.Odd', {
  ['__proto__']: t.String,
  constructor: t.String,
  hasOwnProperty: t.String,
  $dollar: t.int,
  名字: t.String,
});
export const Session = defineClass('com.lab.Session', { id: t.String, open: t.boolean });

export const NotFound = defineError('com.lab.NotFoundException', { id: t.long, kind: t.String });
export const Rejected = defineError('com.lab.RejectedException', {
  code: t.int,
  details: t.Map(t.String, t.String),
  who: Person,
});
export const Quota = defineError('com.lab.QuotaException', { limit: t.long }, { extends: Rejected });
export const IllegalArgument = defineError('java.lang.IllegalArgumentException', {});

export const People = defineService('com.lab.PeopleService', {
  ping: { args: [], returns: t.String, idempotent: true },
  describe: { args: [Person], returns: t.String },
  find: { args: [t.long], returns: Person, throws: [NotFound] },
  promote: { args: [Person.notNull(), Person], returns: Person },
  older: { args: [t.List(Person.notNull()).notNull(), t.int], returns: t.List(Person) },
  byColor: { args: [t.List(Person.notNull()).notNull()], returns: t.Map(Color, t.List(Person)) },
  touch: { args: [t.String], returns: t.void },
  touched: { args: [], returns: t.String },
  save: { args: [Person.notNull()], returns: t.String },
  saveForced: { name: 'save', args: [Person.notNull(), t.boolean], returns: t.String },
  saveAll: { name: 'save', args: [t.List(Person).notNull()], returns: t.String },
  saveName: { name: 'save', args: [t.String], returns: t.String },
  whichNothing: { name: 'which', args: [], returns: t.String },
  whichInt: { name: 'which', args: [t.int], returns: t.String },
  whichInteger: { name: 'which', args: [t.Int], returns: t.String },
  whichLong: { name: 'which', args: [t.long], returns: t.String },
  whichLongBox: { name: 'which', args: [t.Long], returns: t.String },
  whichString: { name: 'which', args: [t.String], returns: t.String },
  whichArray: { name: 'which', args: [t.array(t.int).notNull()], returns: t.String },
  whichList: { name: 'which', args: [t.List(t.String).notNull()], returns: t.String },
  whichObject: { name: 'which', args: [t.Object], returns: t.String },
  join: { args: [t.array(t.String).notNull()], returns: t.String },
  many: {
    args: [
      t.int,
      t.long,
      t.double,
      t.boolean,
      t.String,
      Person.notNull(),
      t.List(t.String).notNull(),
      t.Map(t.String, t.Int).notNull(),
      t.bytes.notNull(),
      t.Date.notNull(),
    ],
    returns: t.String,
  },
  same: { args: [Person, Person], returns: t.boolean },
  samePair: { args: [Pair.notNull()], returns: t.boolean },
  twins: { args: [], returns: Pair.notNull() },
  widen: { args: [t.long, t.double], returns: t.double },
  digest: { args: [t.String.notNull()], returns: t.String },
  digestBytes: { args: [t.bytes.notNull()], returns: t.String },
  text: { args: [t.String.notNull()], returns: t.String.notNull() },
  bytes: { args: [t.int], returns: t.bytes.notNull() },
  crowd: { args: [t.int], returns: t.List(Person.notNull()).notNull() },
  idSum: { args: [t.List(Person.notNull()).notNull()], returns: t.long },
});

/** What the consumer believes and no provider has. */
export const Believed = defineService('com.lab.PeopleService', {
  absent: { args: [t.String], returns: t.String },
  vanished: { args: [t.String], returns: t.String },
});
export const Nowhere = defineService('com.lab.NowhereService', { any: { args: [], returns: t.String } });

export const Graphs = defineService('com.lab.GraphService', {
  animalText: { args: [Animal.notNull()], returns: t.String },
  roster: { args: [], returns: t.List(Animal.notNull()).notNull() },
  zoo: { args: [], returns: Zoo.notNull() },
  zooText: { args: [Zoo.notNull()], returns: t.String },
  ring: { args: [t.int], returns: Node.notNull() },
  ringSize: { args: [Node.notNull()], returns: t.int },
  tree: { args: [t.int, t.int], returns: Node.notNull() },
  treeSize: { args: [Node.notNull()], returns: t.int },
  chain: { args: [t.int], returns: Node.notNull() },
  chainSize: { args: [Node], returns: t.int },
  people: { args: [t.int], returns: PersonPage.notNull() },
  peopleText: { args: [PersonPage.notNull()], returns: t.String },
  words: { args: [t.int], returns: WordPage.notNull() },
  wordsText: { args: [WordPage.notNull()], returns: t.String },
  nested: { args: [], returns: PagePage.notNull() },
  nestedText: { args: [PagePage.notNull()], returns: t.String },
  unlisted: { args: [], returns: Animal },
  mood: { args: [t.String.notNull()], returns: Mood },
  moodText: { args: [Mood], returns: t.String },
});
/** The same methods, where what the contract does not list is kept. */
export const OpenGraphs = defineService('com.lab.GraphService', {
  unlisted: { args: [], returns: Animal.open() },
  mood: { args: [t.String], returns: Mood.open() },
});

export const Faults = defineService('com.lab.FaultService', {
  checked: { args: [t.long], returns: t.String, throws: [NotFound] },
  unchecked: { args: [t.String], returns: t.String, throws: [Rejected] },
  quota: { args: [t.long], returns: t.String, throws: [Rejected, Quota] },
  illegal: { args: [t.String], returns: t.String },
  nullMessage: { args: [], returns: t.String },
  caused: { args: [], returns: t.String, throws: [NotFound, IllegalArgument] },
  unlisted: { args: [], returns: t.String },
  error: { args: [], returns: t.String },
  laden: { args: [], returns: t.String },
  unwritable: { args: [], returns: t.Object },
  voidFault: { args: [], returns: t.void, throws: [NotFound] },
  fine: { args: [t.String], returns: t.String },
});

export const Slow = defineService('com.lab.SlowService', {
  after: { args: [t.int, t.String], returns: t.String },
  overtake: { args: [t.int], returns: t.int },
  gate: { args: [t.String.notNull()], returns: t.String },
  open: { args: [t.String.notNull()], returns: t.void },
  waiting: { args: [t.String.notNull()], returns: t.int },
});

export const Notes = defineService('com.lab.NoteService', {
  note: { args: [t.String.notNull()], returns: t.void, oneway: true },
  failingNote: { args: [t.String.notNull()], returns: t.void, oneway: true },
  notes: { args: [], returns: t.List(t.String.notNull()).notNull() },
  count: { args: [], returns: t.int },
});

const greet = { greet: { args: [t.String], returns: t.String } } as const;
export const Greet = defineService('com.lab.GreetService', greet);
export const GreetBlue = defineService('com.lab.GreetService', greet, { uniqueId: 'blue' });
export const GreetSecond = defineService('com.lab.GreetService', greet, { version: '2.0' });

export const Context = defineService('com.lab.ContextService', {
  header: { args: [t.String.notNull()], returns: t.String },
  headers: { args: [], returns: t.Map(t.String.notNull(), t.String).notNull() },
  props: { args: [], returns: t.Map(t.String.notNull(), t.String).notNull() },
  baggage: { args: [t.String.notNull()], returns: t.String },
});

export const Json = defineService(
  'com.lab.JsonService',
  {
    describe: { args: [Person.notNull()], returns: t.String },
    find: { args: [t.long], returns: Person },
    join: { args: [t.String, t.int, t.List(t.String).notNull()], returns: t.String },
    count: { args: [t.List(t.String.notNull()).notNull()], returns: t.Map(t.String, t.Int) },
    none: { args: [], returns: t.String },
    fail: { args: [t.String.notNull()], returns: t.String, throws: [NotFound] },
    crowd: { args: [t.int], returns: t.List(Person.notNull()).notNull() },
  },
  { serialization: 'json' },
);

/** Not what Java has: another number of arguments, and no such method. */
export const WrongJson = defineService(
  'com.lab.JsonService',
  { join: { args: [t.String], returns: t.String }, vanished: { args: [], returns: t.String } },
  { serialization: 'json' },
);

export interface OrderMessage {
  id: bigint;
  title: string;
  items: { name: string; amount: bigint }[];
  level: 'LOW' | 'HIGH';
  blob: Uint8Array;
  counts: Record<string, number>;
  price: number;
  fail: boolean;
}
export interface SummaryMessage {
  text: string;
  total: bigint;
  level: 'LOW' | 'HIGH';
  blob: Uint8Array;
}

const proto = fileURLToPath(new URL('src/main/proto/lab.proto', import.meta.url));
export const Orders = defineService(
  'com.lab.OrderService',
  {
    summarize: {
      args: [t.message<Partial<OrderMessage>>('lab.Order')],
      returns: t.message<SummaryMessage>('lab.Summary'),
    },
  },
  { serialization: await loadProtobuf(proto) },
);
