import { type IgnorePaths, type IgnoreState, type Step, stepText } from './ignore-paths.js';
import { Likeness } from './likeness.js';
import { graphOf, isAlike, type Part, partText, typeOf, type ValueGraph, ValueNode } from './value-graph.js';

/** `missing`: `a` has it and `b` has not. `extra`: `b` has it and `a` has not. `type`: another class or kind of value. */
export type DifferenceKind = 'value' | 'type' | 'missing' | 'extra';

/** One place where two values differ. */
export interface Difference {
  /** `$.items[3].name`. `[*]` is an item of a set or an entry with an object for its key: these have no place. */
  readonly path: string;
  readonly kind: DifferenceKind;
  /** What is there, in a few words; undefined where nothing is. */
  readonly a: string | undefined;
  readonly b: string | undefined;
}

/** A path of a hostile peer's making may be as long as its message: longer ones are cut. */
const MAX_PATH_CHARS = 1_000;

/**
 * Where two decoded values differ, the shallowest places first, up to `limit`. Alike are values that no caller can tell
 * apart: by content, whatever the order of Sets and Maps, the sharing of references, -0 and 0; NaN is like NaN.
 * Exceptions by class, message, cause and own fields, not by their stacks.
 */
export function differences(a: unknown, b: unknown, ignore: IgnorePaths, limit: number): Difference[] {
  return differencesOf(graphOf(a), graphOf(b), ignore, limit);
}

/** The same for values that were taken before. */
export function differencesOf(
  a: ValueGraph,
  b: ValueGraph,
  ignore: IgnorePaths,
  limit: number,
): Difference[] {
  return new Walk(a, b, ignore.start, limit).run();
}

interface Path {
  readonly parent: Path | undefined;
  readonly step: Step;
}

interface Pair {
  readonly a: ValueNode;
  readonly b: ValueNode;
  readonly state: IgnoreState;
  readonly path: Path | undefined;
}

/** What stands for a part that is not there. */
const NOTHING = Symbol('nothing');

/**
 * Walks both graphs side by side. Two nodes that were found, or assumed, to be alike are one class from then on, as in
 * Hopcroft and Karp's test of two automata for equivalence: a pair within one class is not looked at again, so there are
 * fewer pairs than nodes, whatever the cycles and shared references.
 */
class Walk {
  private readonly found: Difference[] = [];
  private readonly pairs: Pair[] = [];
  private readonly classes = new Map<number, number>();
  private likeness: Likeness | undefined;
  private readonly mayMeetAgain: boolean;

  constructor(
    private readonly a: ValueGraph,
    private readonly b: ValueGraph,
    private readonly start: IgnoreState,
    private readonly limit: number,
  ) {
    // A tree's nodes are met once each, whatever the other is.
    this.mayMeetAgain = !a.isTree && !b.isTree;
  }

  run(): Difference[] {
    this.compare(this.a.root, this.b.root, this.start, undefined, undefined);
    for (let i = 0; i < this.pairs.length && !this.isFull; i++) this.visit(this.pairs[i]);
    return this.found;
  }

  private get isFull(): boolean {
    return this.found.length >= this.limit;
  }

  /** `step` leads here from `parent`; undefined at the root. */
  private compare(
    a: Part,
    b: Part,
    state: IgnoreState,
    parent: Path | undefined,
    step: Step | undefined,
  ): void {
    if (a instanceof ValueNode && b instanceof ValueNode && a.kind === b.kind && a.type === b.type) {
      if (this.mayMeetAgain && !this.join(a, b, state)) return;
      this.pairs.push({ a, b, state, path: step === undefined ? undefined : { parent, step } });
    } else if (!isAlike(a, b)) this.report(a, b, parent, step);
  }

  private visit(pair: Pair): void {
    const { a, b } = pair;
    if (a.kind === 'array') this.compareItems(pair);
    else {
      this.compareNamed(pair);
      if (a.loose.length > 0 || b.loose.length > 0) this.compareLoose(pair);
    }
  }

  private compareItems({ a, b, state, path }: Pair): void {
    const length = Math.max(a.parts.length, b.parts.length);
    for (let i = 0; i < length; i++) {
      const left = i < a.parts.length ? a.parts[i] : NOTHING;
      this.compareAt(left, i < b.parts.length ? b.parts[i] : NOTHING, state, path, i);
    }
  }

  /** Both have their names in order. */
  private compareNamed({ a, b, state, path }: Pair): void {
    for (let i = 0, j = 0; i < a.names.length || j < b.names.length; ) {
      const isOfA = j === b.names.length || (i < a.names.length && a.names[i] <= b.names[j]);
      const isOfB = i === a.names.length || (j < b.names.length && b.names[j] <= a.names[i]);
      const step = isOfA ? a.steps[i] : b.steps[j];
      const left = isOfA ? a.parts[i++] : NOTHING;
      this.compareAt(left, isOfB ? b.parts[j++] : NOTHING, state, path, step);
    }
  }

  private compareLoose({ a, b, state, path }: Pair): void {
    const below = state.after(null);
    if (below.isIgnored) return;
    this.likeness ??= new Likeness(this.a, this.b, this.start);
    for (const [left, right] of this.likeness.match(a, b, below)) {
      if (left === undefined || right === undefined) {
        this.report(
          left === undefined ? NOTHING : left.key,
          right === undefined ? NOTHING : right.key,
          path,
          null,
        );
      } else {
        this.compare(left.key, right.key, below, path, null);
        this.compare(left.value, right.value, below, path, null);
      }
    }
  }

  private compareAt(a: Part, b: Part, state: IgnoreState, path: Path | undefined, step: Step): void {
    const below = state.after(step);
    if (!below.isIgnored) this.compare(a, b, below, path, step);
  }

  /** False where both are in one class already. */
  private join(a: ValueNode, b: ValueNode, state: IgnoreState): boolean {
    const first = state.id * (this.a.nodes.length + this.b.nodes.length);
    const left = this.classOf(first + a.index);
    const right = this.classOf(first + this.a.nodes.length + b.index);
    if (left === right) return false;
    this.classes.set(left, right);
    return true;
  }

  private classOf(node: number): number {
    const { classes } = this;
    let at = node;
    for (let up = classes.get(at); up !== undefined; up = classes.get(at)) {
      const above = classes.get(up);
      // Halves the way for the next time.
      if (above !== undefined) classes.set(at, above);
      at = up;
    }
    return at;
  }

  private report(a: Part, b: Part, parent: Path | undefined, step: Step | undefined): void {
    if (this.isFull) return;
    this.found.push({
      path: textOf(parent, step),
      kind: kindOf(a, b),
      a: a === NOTHING ? undefined : partText(a),
      b: b === NOTHING ? undefined : partText(b),
    });
  }
}

function kindOf(a: Part, b: Part): DifferenceKind {
  if (b === NOTHING) return 'missing';
  if (a === NOTHING) return 'extra';
  return a === null || b === null || typeOf(a) === typeOf(b) ? 'value' : 'type';
}

function textOf(parent: Path | undefined, step: Step | undefined): string {
  const steps: string[] = step === undefined ? [] : [stepText(step)];
  for (let at = parent; at !== undefined; at = at.parent) steps.push(stepText(at.step));
  const text = `$${steps.reverse().join('')}`;
  return text.length > MAX_PATH_CHARS ? `${text.slice(0, MAX_PATH_CHARS)}..` : text;
}
