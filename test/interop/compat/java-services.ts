// The services of ../java as users of the old library write them: async functions, wrappers and a class map.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  as,
  bit,
  CLASS_MAP,
  page,
  pair,
  pattern,
  personOf,
  rex,
  text,
  tom,
  VALUES,
  zoo,
} from './java-values.js';
import type { RpcServer } from './mixed-library.js';

// biome-ignore lint/suspicious/noExplicitAny: what the old value mapping makes of a Java object
type Decoded = any;

/** Java's own text of a person. */
function personText(p: Decoded): string {
  return [
    ...[p.id, p.name, p.age, Number.isInteger(p.height) ? p.height.toFixed(1) : p.height, p.active],
    ...[p.born?.getTime() ?? '-', p.color?.name ?? '-', p.tags?.join(',') ?? '-'],
    ...[p.scores === null ? '-' : mapText(p.scores), p.manager?.name ?? '-'],
  ].join('|');
}

function mapText(map: Record<string, unknown>): string {
  return `{${Object.keys(map)
    .sort()
    .map((key) => `${key}=${map[key]}`)
    .join(', ')}}`;
}

function digest(value: string): string {
  const utf16 = Buffer.from(value, 'utf16le').swap16();
  return `${value.length}:${createHash('sha256').update(utf16).digest('hex')}`;
}

/** Classes are left out by the old value mapping: a field tells. */
function animalText(animal: Decoded): string {
  if ('weeks' in animal) return `Puppy ${animal.name} ${animal.legs} ${animal.breed} ${animal.weeks}`;
  if ('breed' in animal) return `Dog ${animal.name} ${animal.legs} ${animal.breed}`;
  return `Cat ${animal.name} ${animal.legs} ${animal.indoor} likes ${animal.friend ? animalText(animal.friend) : 'nobody'}`;
}

const COLORS = ['RED', 'GREEN', 'BLUE'];
const person = (value: Decoded) => as('com.lab.Person', value);
const people = { generic: [{ type: 'com.lab.Person' }] };

function peopleService() {
  let mark = '';
  return {
    async ping() {
      return 'pong';
    },
    async describe(p: Decoded) {
      return p === null ? 'nobody' : personText(p);
    },
    async find(id: number | string) {
      if (id === 404) throw new Error('no person 404');
      return id === 0 ? null : { ...personOf('full'), id };
    },
    async promote(p: Decoded, boss: Decoded) {
      return person({
        ...{ id: BigInt(p.id) + 1n === 0n ? 0 : String(BigInt(p.id) + 1n), name: p.name.toUpperCase() },
        ...{ age: p.age + 1, height: p.height * 2, active: !p.active, born: new Date(p.born.getTime() + 1) },
        color: { name: COLORS[(COLORS.indexOf(p.color.name) + 1) % 3] },
        ...{ tags: [...p.tags, 'promoted'], scores: { ...p.scores, rank: 1 }, manager: boss },
      });
    },
    async older(list: Decoded[], years: number) {
      return list.map(({ name, age }) => ({ name, age: age + years }));
    },
    async touch(value: string) {
      mark = value;
    },
    async touched() {
      return mark;
    },
    async save(what: Decoded, force?: boolean) {
      if (typeof what === 'string') return `name ${what}`;
      if (Array.isArray(what)) return `list of ${what.length}`;
      return `person ${what.name}${force === undefined ? '' : force ? ' by force' : ' gently'}`;
    },
    async join(words: string[]) {
      return `${words.length}:${words.join('+')}`;
    },
    async many(...[a, b, c, d, e, f, g, h, i, j]: Decoded[]) {
      return `${a} ${b} ${c} ${d} ${e} ${f.name} [${g.join(', ')}] ${mapText(h)} ${i.toString('hex')} ${j.getTime()}`;
    },
    async same(a: Decoded, b: Decoded) {
      return a === b;
    },
    async samePair({ left, right }: Decoded) {
      return left === right;
    },
    async twins() {
      return pair(true);
    },
    async widen(a: number, b: number) {
      return as('double', a + b);
    },
    async digest(value: string) {
      return digest(value);
    },
    async text(kind: string) {
      return text(kind);
    },
    async digestBytes(bytes: Buffer) {
      return `${bytes.length}:${createHash('sha256').update(bytes).digest('hex')}`;
    },
    async bytes(length: number) {
      return pattern(length);
    },
    async crowd(size: number) {
      const boss = { ...personOf('full'), id: 0 };
      const crowd = Array.from({ length: size }, (_, id) =>
        id === 0 ? boss : { ...personOf('full'), id, manager: boss },
      );
      return as('java.util.List', crowd, people);
    },
    async idSum(list: Decoded[]) {
      return as(
        'long',
        list.reduce((sum, { id }) => sum + id, 0),
      );
    },
  };
}

function nodeOf(name: string): Decoded {
  return { name, next: null, parent: null, children: [] };
}

const graphService = {
  async animalText(animal: Decoded) {
    return animalText(animal);
  },
  async roster() {
    return [rex(), bit(), tom()];
  },
  async zoo() {
    return zoo();
  },
  async zooText({ star, animals, byName }: Decoded) {
    const tell = (animal: Decoded) => `${animalText(animal)}${animal === star ? ' (star)' : ''}`;
    const named = Object.keys(byName).map((name) => `${name} is ${tell(byName[name])}`);
    return [`star ${animalText(star)}`, ...animals.map(tell), ...named].join('; ');
  },
  async ring(size: number) {
    const nodes = Array.from({ length: size }, (_, i) => nodeOf(`n${i}`));
    nodes.forEach((at, i) => {
      at.next = nodes[(i + 1) % size];
    });
    return as('com.lab.Node', nodes[0]);
  },
  async ringSize(start: Decoded) {
    let size = 1;
    for (let at = start.next; at !== start; at = at.next) size += 1;
    return size;
  },
  async chain(length: number) {
    let head = null;
    for (let i = length - 1; i >= 0; i -= 1) head = { ...nodeOf(`c${i}`), next: head };
    return as('com.lab.Node', head);
  },
  async chainSize(start: Decoded) {
    let size = 0;
    for (let at = start; at !== null; at = at.next) size += 1;
    return size;
  },
  async treeSize(root: Decoded): Promise<number> {
    const sizes = await Promise.all(root.children.map((child: Decoded) => graphService.treeSize(child)));
    return sizes.reduce((sum, size) => sum + size, 1);
  },
  async people(total: number) {
    return as('com.lab.Page', { ...page(), total }, people);
  },
  async mood(name: string) {
    return as('com.lab.Mood', { name }, { isEnum: true });
  },
};

const faultService = {
  async illegal(message: string) {
    throw new Error(message);
  },
  async checked(id: number | string) {
    throw Object.assign(new Error(`no thing ${id} 找不到😀`), { name: 'NotFound', id, code: 'E_NOT_FOUND' });
  },
  async nullMessage() {
    throw new Error();
  },
  async error() {
    return (null as unknown as { missing(): string }).missing();
  },
  async voidFault() {
    throw new RangeError('void');
  },
  async unwritable() {
    return as('com.lab.Bomb', {
      get fuse() {
        throw new Error('the bomb cannot be written');
      },
    });
  },
  async fine(value: string) {
    return `fine ${value}`;
  },
  /** The library answers that there is no such method: it is not an async function. */
  laden() {
    return 'not async';
  },
};

export const greeter = (who: string) => ({
  async greet(name: string) {
    return `${who} greets ${name}`;
  },
});

function slowService() {
  return {
    async after(ms: number, value: string) {
      await sleep(ms);
      return `${value} after ${ms}`;
    },
    async overtake(n: number) {
      if (n % 4 < 2) await sleep(n % 4 === 0 ? 8 : 3);
      return n + 1;
    },
  };
}

function noteService() {
  const notes: string[] = [];
  return {
    async note(value: string) {
      notes.push(value);
    },
    async failingNote(value: string) {
      notes.push(value);
      throw new Error('nobody hears this');
    },
    async notes() {
      return notes;
    },
    async count() {
      return notes.length;
    },
  };
}

const orderService = {
  async summarize(order: Decoded) {
    if (order.fail) throw new Error(`order ${order.id} 失败`);
    const price = Number.isInteger(order.price) ? order.price.toFixed(1) : order.price;
    const names = order.items.map(({ name }: Decoded) => ` ${name}`).join('');
    const level = ['LOW', 'HIGH'][order.level];
    const text = `${order.id} ${order.title} ${level}${names} ${mapText(order.counts)} ${price}`;
    const total = order.items.reduce((sum: bigint, { amount }: Decoded) => sum + BigInt(amount), 0n);
    return { text, total: String(total), level, blob: Buffer.from(order.blob).reverse() };
  },
};

/** A check keeps what it was given, by type and kind. */
function valueService(given: Map<string, unknown>) {
  return Object.fromEntries(
    Object.entries(VALUES).flatMap(([name, kinds]) => [
      [
        `make${name}`,
        async (kind: string) => {
          if (!Object.hasOwn(kinds, kind)) throw new Error(`no value ${name}/${kind}`);
          return kinds[kind];
        },
      ],
      [
        `check${name}`,
        async (kind: string, value: unknown) => {
          given.set(`${name}/${kind}`, value);
          return 'ok';
        },
      ],
    ]),
  );
}

/** What apiMeta says of the methods that answer plain objects. */
const peopleMeta = {
  methods: [
    { name: 'find', returnType: 'com.lab.Person' },
    { name: 'older', returnType: 'java.util.List', ...people },
    { name: 'describe', returnType: 'java.lang.String' },
  ],
  classMaps: CLASS_MAP,
};

/** What `addService` is told of a service, and its methods. */
export type Services = readonly (readonly [Parameters<RpcServer['addService']>[0], object])[];

/** Every service with what `addService` is told of it. `given`: filled with the arguments of the checks. */
export function javaServices(given: Map<string, unknown>): Services {
  const of = (name: string, more = {}) => ({ interfaceName: `com.lab.${name}`, ...more });
  return [
    [of('ValueService'), valueService(given)],
    [of('PeopleService', { apiMeta: peopleMeta }), peopleService()],
    [of('GraphService'), graphService],
    [of('FaultService'), faultService],
    [of('SlowService'), slowService()],
    [of('NoteService'), noteService()],
    [of('OrderService'), orderService],
    [of('GreetService'), greeter('plain')],
    [of('GreetService', { uniqueId: 'blue' }), greeter('blue')],
    [of('GreetService', { version: '2.0' }), greeter('second')],
  ];
}
