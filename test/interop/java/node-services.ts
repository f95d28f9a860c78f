// The same services as Java's, implemented in TypeScript: what a real Java caller talks to. They answer what their own
// side computes or builds, never what they were given.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Handlers, MeshError, MeshServer, type MeshServerOptions, type TypeOf } from 'sofa-mesh-sdk';
import { expect } from 'vitest';
import {
  type Animal,
  Cat,
  Context,
  Dog,
  Faults,
  Graphs,
  Greet,
  GreetBlue,
  GreetSecond,
  IllegalArgument,
  Json,
  type Node,
  Notes,
  NotFound,
  Orders,
  People,
  type Person,
  Puppy,
  Quota,
  Rejected,
  Slow,
  type SummaryMessage,
} from './contracts.js';
import { bit, pattern, person, ROWS, rex, text, tom, Values, zoo } from './values.js';

type PersonValue = TypeOf<typeof Person>;
type NodeValue = TypeOf<typeof Node>;

/** Java's Map.toString() of a TreeMap. */
export function sortedMap(map: ReadonlyMap<string | null, number | null>): string {
  return `{${[...map]
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(', ')}}`;
}

/** People.text of the Java side, in our words. */
export function personText(p: PersonValue): string {
  return [
    p.id,
    String(p.name),
    p.age,
    Number.isInteger(p.height) ? p.height.toFixed(1) : p.height,
    p.active,
    p.born?.getTime() ?? '-',
    p.color ?? '-',
    p.tags?.join(',') ?? '-',
    p.scores === null ? '-' : sortedMap(p.scores),
    p.manager?.name ?? '-',
  ].join('|');
}

export function digestOf(value: string): string {
  const utf16 = Buffer.from(value, 'utf16le').swap16();
  return `${value.length}:${createHash('sha256').update(utf16).digest('hex')}`;
}

/** The value of each kind, compared with what was given: "ok" or the difference. */
const values = Object.fromEntries(
  Object.entries(ROWS).flatMap(([name, { kinds }]) => [
    [`make${name}`, (kind: string) => kinds[kind]()],
    [
      `check${name}`,
      (kind: string, value: unknown) => {
        try {
          expect(value).toEqual(kinds[kind]());
          return 'ok';
        } catch (error) {
          return (error as Error).message.slice(0, 2_000);
        }
      },
    ],
  ]),
) as Handlers<typeof Values>;

function people(): Handlers<typeof People> {
  let mark = '';
  return {
    ping: () => 'pong',
    describe: (p) => (p === null ? 'nobody' : personText(p)),
    find(id) {
      if (id === 404n) throw new NotFound({ id, kind: 'person', message: 'no person 404' });
      return id === 0n ? null : { ...person('full'), id };
    },
    promote: (p, boss) => ({
      id: p.id + 1n,
      name: p.name!.toUpperCase(),
      age: p.age + 1,
      height: p.height * 2,
      active: !p.active,
      born: new Date(p.born!.getTime() + 1),
      color: ({ RED: 'GREEN', GREEN: 'BLUE', BLUE: 'RED' } as const)[p.color!],
      tags: [...p.tags!, 'promoted'],
      scores: new Map([...p.scores!, ['rank', 1]]),
      manager: boss,
    }),
    older: (list, years) =>
      list.map(({ name, age }) => ({ id: 0, name, age: age + years, height: 0, active: false })),
    byColor(list) {
      const groups = new Map<PersonValue['color'], PersonValue[]>();
      for (const one of list) groups.set(one.color, [...(groups.get(one.color) ?? []), one]);
      return groups;
    },
    touch(value) {
      mark = value ?? '';
    },
    touched: () => mark,
    save: (p) => `person ${p.name}`,
    saveForced: (p, force) => `person ${p.name}${force ? ' by force' : ' gently'}`,
    saveAll: (list) => `list of ${list.length}`,
    saveName: (name) => `name ${name}`,
    whichNothing: () => 'nothing',
    whichInt: (value) => `int ${value}`,
    whichInteger: (value) => `Integer ${value}`,
    whichLong: (value) => `long ${value}`,
    whichLongBox: (value) => `Long ${value}`,
    whichString: (value) => `String ${value}`,
    whichArray: (value) => `int[] ${value.length}`,
    whichList: (value) => `List ${value.length}`,
    whichObject: (value) => `Object ${value}`,
    join: (words) => `${words.length}:${words.join('+')}`,
    many: (a, b, c, d, e, f, g, h, i, j) =>
      `${a} ${b} ${c} ${d} ${e} ${f.name} [${g.join(', ')}] ${sortedMap(h)} ${Buffer.from(i).toString('hex')} ${j.getTime()}`,
    same: (a, b) => a === b,
    samePair: ({ left, right }) => left === right,
    twins() {
      const left = person('full');
      return { left, right: left };
    },
    widen: (a, b) => Number(a) + b,
    digest: digestOf,
    digestBytes: (bytes) => `${bytes.length}:${createHash('sha256').update(bytes).digest('hex')}`,
    text,
    bytes: pattern,
    crowd(size) {
      const boss = { ...person('full'), id: 0n };
      return Array.from({ length: size }, (_, i) =>
        i === 0 ? boss : { ...person('full'), id: i, manager: boss },
      );
    },
    idSum: (list) => list.reduce((sum, { id }) => sum + id, 0n),
  };
}

export function animalText(animal: TypeOf<typeof Animal>): string {
  if (Puppy.is(animal)) return `Puppy ${animal.name} ${animal.legs} ${animal.breed} ${animal.weeks}`;
  if (Dog.is(animal)) return `Dog ${animal.name} ${animal.legs} ${animal.breed}`;
  if (Cat.is(animal)) {
    return `Cat ${animal.name} ${animal.legs} ${animal.indoor} likes ${animal.friend === null ? 'nobody' : animalText(animal.friend)}`;
  }
  return `not one of ours: ${animal.name}`;
}

export function zooText({ star, animals, byName }: TypeOf<typeof import('./contracts.js').Zoo>): string {
  const tell = (animal: TypeOf<typeof Animal>) => `${animalText(animal)}${animal === star ? ' (star)' : ''}`;
  return [
    `star ${animalText(star!)}`,
    ...animals!.map((animal) => tell(animal!)),
    ...[...byName!].map(([name, animal]) => `${name} is ${tell(animal!)}`),
  ].join('; ');
}

function node(name: string): NodeValue {
  return { name, next: null, parent: null, children: [] };
}

export function ring(size: number): NodeValue {
  const nodes = Array.from({ length: size }, (_, i) => node(`n${i}`));
  nodes.forEach((at, i) => {
    at.next = nodes[(i + 1) % size];
  });
  return nodes[0];
}

export function ringSize(start: NodeValue): number {
  let size = 1;
  for (let at = start.next; at !== start; at = at.next) {
    if (at?.name !== `n${size}`) throw new Error(`not a ring at ${size}`);
    size += 1;
  }
  return size;
}

export function tree(width: number, depth: number): NodeValue {
  const root = node(`d${depth}`);
  if (depth > 0) {
    root.children = Array.from({ length: width }, () => ({ ...tree(width, depth - 1), parent: root }));
    for (const child of root.children) for (const inner of child!.children!) inner!.parent = child;
  }
  return root;
}

export function treeSize(root: NodeValue): number {
  let size = 1;
  for (const child of root.children!) {
    if (child!.parent !== root) throw new Error(`the parent of ${child!.name} is another object`);
    size += treeSize(child!);
  }
  return size;
}

export function chain(length: number): NodeValue {
  let head: NodeValue | null = null;
  for (let i = length - 1; i >= 0; i -= 1) head = { ...node(`c${i}`), next: head };
  return head!;
}

export function chainSize(start: NodeValue | null): number {
  let size = 0;
  for (let at = start; at !== null; at = at.next) size += 1;
  return size;
}

const graphs: Handlers<typeof Graphs> = {
  animalText,
  roster: () => [rex(), bit(), tom()],
  zoo,
  zooText,
  ring,
  ringSize,
  tree,
  treeSize,
  chain,
  chainSize,
  people(total) {
    const first = person('full');
    return { total, items: [first, person('bare')], first, last: false };
  },
  peopleText: ({ total, items, first, last }) =>
    [
      `${total} ${last}${first === items![0] ? ' same' : ' other'}`,
      ...items!.map((p) => personText(p!)),
    ].join('; '),
  words: (total) => ({ total, items: ['one', '二'], first: 'one', last: false }),
  wordsText: ({ total, items, first, last }) => `${total} [${items!.join(', ')}] ${first} ${last}`,
  nested() {
    const first = { total: 2, items: [1n, 9007199254740993n], first: 1n, last: false };
    return { total: 1, items: [first], first, last: false };
  },
  nestedText({ total, items }) {
    const sum = items!.flatMap((page) => page!.items!).reduce((a: bigint, b) => a + b!, 0n);
    return `${total} pages, sum ${sum}`;
  },
  unlisted: () => null,
  mood: (kind) => kind as 'HAPPY',
  moodText: (mood) => (mood === null ? 'none' : `com.lab.Mood.${mood} ${['HAPPY', 'SAD'].indexOf(mood)}`),
};

const faults: Handlers<typeof Faults> = {
  checked(id) {
    throw new NotFound({ id, kind: 'thing', message: `no thing ${id} 找不到😀` });
  },
  unchecked(who) {
    const details = new Map([
      ['reason', '策略'],
      ['rule', 'r-7'],
    ]);
    throw new Rejected({ code: 42, details, who: person('full'), message: `rejected ${who}` });
  },
  quota(limit) {
    throw new Quota({ code: 7, limit, message: `over ${limit}` });
  },
  illegal(message) {
    throw new Error(message!);
  },
  nullMessage() {
    throw undefined;
  },
  caused() {
    const cause = new NotFound({ id: 5n, kind: 'cause', message: 'inner' });
    throw new IllegalArgument({ message: 'outer', cause });
  },
  unlisted() {
    throw new MeshError('NO_ENDPOINT', 'a failure of a call inside the handler');
  },
  error() {
    return (null as unknown as { missing: () => string }).missing();
  },
  laden: () => 42 as unknown as string,
  unwritable: () => () => 'a function has no Java form',
  voidFault() {
    throw new NotFound({ id: 1n, kind: 'void', message: 'void' });
  },
  fine: (value) => `fine ${value}`,
};

interface Gate {
  waiting: number;
  open(): void;
  readonly opened: Promise<void>;
}

/** Gates that calls wait at until a test opens them. */
export class Gates {
  readonly #gates = new Map<string, Gate>();
  /** Asked again at each arrival. */
  readonly #watchers = new Set<() => void>();
  /** Signals of the calls that waited, by gate. */
  readonly signals = new Map<string, AbortSignal>();

  of(name: string): Gate {
    let gate = this.#gates.get(name);
    if (gate === undefined) {
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      gate = { waiting: 0, open, opened };
      this.#gates.set(name, gate);
    }
    return gate;
  }

  async pass(name: string, signal: AbortSignal): Promise<string> {
    const gate = this.of(name);
    this.signals.set(name, signal);
    gate.waiting += 1;
    for (const watcher of this.#watchers) watcher();
    await gate.opened;
    gate.waiting -= 1;
    return `through ${name}`;
  }

  /** Resolves once a call waits at the gate. */
  reached(name: string): Promise<void> {
    return new Promise((resolve) => {
      const watcher = () => {
        if (this.of(name).waiting === 0) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
      watcher();
    });
  }
}

function slow(gates: Gates): Handlers<typeof Slow> {
  return {
    async after(ms, value) {
      await sleep(ms);
      return `${value} after ${ms}`;
    },
    async overtake(n) {
      if (n % 4 < 2) await sleep(n % 4 === 0 ? 8 : 3);
      return n + 1;
    },
    gate: (name, ctx) => gates.pass(name, ctx.signal),
    open: (name) => gates.of(name).open(),
    waiting: (name) => gates.of(name).waiting,
  };
}

function notes(): Handlers<typeof Notes> {
  const kept: string[] = [];
  return {
    note(value) {
      kept.push(value);
    },
    failingNote(value) {
      kept.push(value);
      throw new Error('nobody hears this');
    },
    notes: () => kept,
    count: () => kept.length,
  };
}

const context: Handlers<typeof Context> = {
  header: (key, ctx) => ctx.metadata[key] ?? null,
  headers: (ctx) => new Map(Object.entries(ctx.metadata)),
  props: (ctx) => new Map(Object.entries(ctx.metadata)),
  baggage(key, ctx) {
    const value = ctx.metadata[`rpc_req_baggage.${key}`] ?? null;
    ctx.responseMetadata['rpc_resp_baggage.answer'] = `for ${value}`;
    return value;
  },
};

const json: Handlers<typeof Json> = {
  describe: personText,
  find: (id) => ({ ...person('full'), id }),
  join: (a, b, c) => `${a} ${b} [${c.join(', ')}]`,
  count(words) {
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return counts;
  },
  none: () => 'no arguments',
  fail(message) {
    throw new NotFound({ id: 9n, kind: 'json', message });
  },
  crowd: (size) => Array.from({ length: size }, (_, i) => ({ ...person('bare'), id: i })),
};

export function summaryOf(order: {
  id: bigint;
  title: string;
  items: { name: string; amount: bigint }[];
  level: 'LOW' | 'HIGH';
  counts: Record<string, number>;
  price: number;
  blob: Uint8Array;
}): SummaryMessage {
  const counts = sortedMap(new Map(Object.entries(order.counts)));
  const price = Number.isInteger(order.price) ? order.price.toFixed(1) : order.price;
  const names = order.items.map(({ name }) => ` ${name}`).join('');
  return {
    text: `${order.id} ${order.title} ${order.level}${names} ${counts} ${price}`,
    total: order.items.reduce((sum, { amount }) => sum + amount, 0n),
    level: order.level,
    blob: Buffer.from(order.blob).reverse(),
  };
}

const orders: Handlers<typeof Orders> = {
  summarize(order) {
    if (order.fail === true) throw new Error(`order ${order.id} 失败`);
    return summaryOf(order as Required<typeof order>);
  },
};

export interface NodeProvider {
  readonly server: MeshServer;
  readonly address: string;
  readonly gates: Gates;
}

/** Every service on one port, of 127.0.0.1 and announced nowhere where the options do not say otherwise. */
export async function startNodeProvider(options: Partial<MeshServerOptions> = {}): Promise<NodeProvider> {
  const gates = new Gates();
  const greeter = (who: string) => ({ greet: (name: string | null) => `${who} greets ${name}` });
  const usual = { app: 'node-provider', mode: 'direct', host: '127.0.0.1', port: 0 } as const;
  const server = new MeshServer({ ...usual, logger: { warn() {} }, ...options })
    .add(Values, values)
    .add(People, people())
    .add(Graphs, graphs)
    .add(Faults, faults)
    .add(Slow, slow(gates))
    .add(Notes, notes())
    .add(Greet, greeter('plain'))
    .add(GreetBlue, greeter('blue'))
    .add(GreetSecond, greeter('second'))
    .add(Context, context)
    .add(Json, json)
    .add(Orders, orders);
  const { port } = await server.start();
  return { server, address: `${options.host ?? usual.host}:${port}`, gates };
}
