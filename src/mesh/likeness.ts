import type { IgnoreState } from './ignore-paths.js';
import { type Loose, type Part, Scalar, typeOf, type ValueGraph, ValueNode } from './value-graph.js';

/** Members that are alike this many levels deep are told apart no further: they are matched in their order. */
const MAX_ROUNDS = 16;

/** Undefined for the one that the other side has not. */
export type Match = readonly [a: Loose | undefined, b: Loose | undefined];

/** A node where a walk meets it: what is masked below it is part of what it is. */
interface Place {
  readonly node: ValueNode;
  readonly state: IgnoreState;
  /** What it is by itself, with its primitive parts. */
  own: string;
  /** Its parts that are nodes, by their places' numbers. */
  readonly ordered: number[];
  readonly loose: (readonly [key: number, value: number | undefined, label: number | 'node'])[];
}

/**
 * Finds which members without a name belong together in two graphs. Places that look alike have the same colour: first by
 * what they are themselves, then, round by round, by the colours of their parts, too (colour refinement, as of Weisfeiler
 * and Leman). So an object that refers to its own owner, as the children of a Java parent do, has one as well, and a
 * round costs as much as the graphs are large.
 */
export class Likeness {
  private readonly places: Place[] = [];
  private readonly numbers: [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  private readonly primitives = new Map<unknown, number>();
  private readonly scalars = new Map<string, number>();
  /** By round: the colour of each place. The last tells most apart. */
  private readonly rounds: number[][] = [];

  constructor(
    private readonly a: ValueGraph,
    private readonly b: ValueGraph,
    start: IgnoreState,
  ) {
    for (const graph of [a, b]) {
      const first = this.places.length;
      if (graph.root instanceof ValueNode) this.numberOf(graph, graph.root, start);
      for (let i = first; i < this.places.length; i++) this.look(graph, this.places[i]);
    }
    this.rounds.push(colours(this.places.map(({ node }) => typeOf(node))));
    this.rounds.push(colours(this.places.map(({ own }) => own)));
    this.refine();
  }

  /** Pairs of members that belong together, and those that have no other. `state` is the members' own. */
  match(a: ValueNode, b: ValueNode, state: IgnoreState): Match[] {
    const matches: Match[] = [];
    let left = a.loose;
    let right = b.loose;
    // From all that is known of them down to their class alone: of one that has changed, the parts can be compared.
    for (let round = this.rounds.length - 1; round >= 0; round--) {
      // Keys may be alike where Java tells them apart by identity: then their values say which is which.
      for (const look of a.kind === 'Map' ? [this.entryColour, this.keyColour] : [this.keyColour]) {
        if (left.length === 0 || right.length === 0) break;
        const free = new Map<string | number, Loose[]>();
        for (const member of [...right].reverse()) {
          const colour = look(this.b, member, state, round);
          const alike = free.get(colour);
          if (alike === undefined) free.set(colour, [member]);
          else alike.push(member);
        }
        const alone: Loose[] = [];
        const taken = new Set<Loose>();
        for (const member of left) {
          const other = free.get(look(this.a, member, state, round))?.pop();
          if (other === undefined) alone.push(member);
          else {
            taken.add(other);
            matches.push([member, other]);
          }
        }
        left = alone;
        right = right.filter((member) => !taken.has(member));
      }
    }
    for (const member of left) matches.push([member, undefined]);
    for (const member of right) matches.push([undefined, member]);
    return matches;
  }

  private readonly keyColour = (graph: ValueGraph, { key }: Loose, state: IgnoreState, round: number) =>
    this.rounds[round][this.numberOf(graph, key, state)];

  private readonly entryColour = (graph: ValueGraph, member: Loose, state: IgnoreState, round: number) => {
    const { value } = member;
    const colour =
      value instanceof ValueNode
        ? this.rounds[round][this.numberOf(graph, value, state)]
        : `=${this.labelOf(value)}`;
    return `${this.keyColour(graph, member, state, round)}:${colour}`;
  };

  private numberOf(graph: ValueGraph, node: ValueNode, state: IgnoreState): number {
    const numbers = this.numbers[graph === this.a ? 0 : 1];
    const key = state.id * graph.nodes.length + node.index;
    let number = numbers.get(key);
    if (number === undefined) {
      number = this.places.length;
      numbers.set(key, number);
      this.places.push({ node, state, own: '', ordered: [], loose: [] });
    }
    return number;
  }

  private look(graph: ValueGraph, place: Place): void {
    const { node, state } = place;
    const own: (string | number)[] = [this.labelOf(typeOf(node))];
    node.parts.forEach((part, i) => {
      const below = state.after(node.stepAt(i));
      if (below.isIgnored) return;
      if (node.kind !== 'array') own.push(this.labelOf(node.names[i]));
      if (part instanceof ValueNode) {
        own.push('node');
        place.ordered.push(this.numberOf(graph, part, below));
      } else own.push(this.labelOf(part));
    });
    const below = state.after(null);
    if (!below.isIgnored) {
      for (const { key, value } of node.loose) {
        const number = value instanceof ValueNode ? this.numberOf(graph, value, below) : undefined;
        const label = value instanceof ValueNode ? 'node' : this.labelOf(value);
        place.loose.push([this.numberOf(graph, key, below), number, label]);
      }
    }
    place.own = own.join();
  }

  /** A number for what has no parts. */
  private labelOf(part: Part): number {
    if (!(part instanceof Scalar)) return numberIn(this.primitives, part);
    return -1 - numberIn(this.scalars, `${part.type} ${part.text}`);
  }

  private refine(): void {
    let known = count(this.rounds[1]);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const last = this.rounds[this.rounds.length - 1];
      const next = colours(this.places.map((place, i) => signature(place, last[i], last)));
      const now = count(next);
      if (now === known) return;
      known = now;
      this.rounds.push(next);
    }
  }
}

/** A place's colour and those of its parts; of the loose ones in an order that is theirs. */
function signature({ ordered, loose }: Place, own: number, colour: readonly number[]): string {
  let text = String(own);
  for (const part of ordered) text += `,${colour[part]}`;
  if (loose.length === 0) return text;
  const members = loose.map(
    ([key, value, label]) => `${colour[key]}:${value === undefined ? `=${label}` : colour[value]}`,
  );
  return `${text};${members.sort().join()}`;
}

function colours(signatures: readonly string[]): number[] {
  const known = new Map<string, number>();
  return signatures.map((signature) => numberIn(known, signature));
}

/** 0, 1, 2, ..: the number of a key, and the next one for a key that is new. */
function numberIn<K>(known: Map<K, number>, key: K): number {
  let number = known.get(key);
  if (number === undefined) {
    number = known.size;
    known.set(key, number);
  }
  return number;
}

function count(colours: readonly number[]): number {
  return colours.reduce((most, colour) => Math.max(most, colour + 1), 0);
}
