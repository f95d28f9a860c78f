import { inspect } from 'node:util';
import { type Step, stepText } from './ignore-paths.js';
import { Branch, MAX_VALUES, type Taken } from './snapshot.js';

/** `missing`: the other path lacks it. `extra`: it alone has it. `type`: another class or kind of value. */
export type DifferenceKind = 'value' | 'type' | 'missing' | 'extra';

/** What is there, in a few words; undefined where nothing is. */
export interface DifferentValues {
  /** `$.items[3].name`. `[*]` is a member of a Set, or an entry with an object for its key: these have no place. */
  readonly path: string;
  readonly kind: DifferenceKind;
  /** What the caller got. */
  readonly mine: string | undefined;
  /** What the other path answered. */
  readonly other: string | undefined;
}

/** A path of a hostile peer's making may be as long as its message: longer ones are cut. */
const MAX_PATH_CHARS = 1_000;
const MAX_VALUE_CHARS = 100;

/**
 * Where two snapshots differ, `a` being mine, the shallowest places first, up to `limit`. -0 is like 0, and NaN like NaN. What the bounds
 * of a snapshot left out is taken to be alike, but for the length of a list and the size of a Map or Set.
 */
export function differences(a: Taken, b: Taken, limit: number): DifferentValues[] {
  return new Walk(limit).run(a, b);
}

interface Path {
  readonly parent: Path | undefined;
  readonly step: Step;
}

class Walk {
  private readonly found: DifferentValues[] = [];
  private readonly pairs: { readonly a: Branch; readonly b: Branch; readonly path: Path | undefined }[] = [];
  /** Those of the pairs: met again, by whatever cycle, they are alike if nothing else differs. */
  private readonly met = new Map<Branch, Set<Branch>>();

  constructor(private readonly limit: number) {}

  run(a: Taken, b: Taken): DifferentValues[] {
    this.compare(a, b, undefined);
    for (let i = 0; i < this.pairs.length && this.found.length < this.limit; i++) {
      const pair = this.pairs[i];
      this.visit(pair.a, pair.b, pair.path);
    }
    return this.found;
  }

  private visit(a: Branch, b: Branch, parent: Path | undefined): void {
    const isCut = a.isCut || b.isCut;
    if (isCut && a.size !== b.size && HAS_MEMBERS.has(a.type)) this.report(a, b, parent);
    for (const [name, { step, value }] of a.parts) {
      const other = b.parts.get(name);
      if (other !== undefined || !b.isCut) this.compare(value, other?.value, { parent, step });
    }
    for (const [name, { step, value }] of b.parts) {
      if (!a.parts.has(name) && !a.isCut) this.compare(undefined, value, { parent, step });
    }
    if (isCut || [...a.loose, ...b.loose].some(({ key }) => key.isCut)) return;
    for (const [mine, other] of matched(a.loose, b.loose)) {
      this.compare(mine?.key, other?.key, { parent, step: null });
      if (mine && other) this.compare(mine.value, other.value, { parent, step: null });
    }
  }

  /** Undefined for what is not there. */
  private compare(a: Taken | undefined, b: Taken | undefined, path: Path | undefined): void {
    if (a instanceof Branch && b instanceof Branch && a.type === b.type) {
      const met = this.met.get(a) ?? new Set();
      this.met.set(a, met);
      if (met.has(b) || this.pairs.length === MAX_VALUES) return;
      met.add(b);
      this.pairs.push({ a, b, path });
    } else if (a?.type !== b?.type || a?.text !== b?.text) this.report(a, b, path);
  }

  private report(a: Taken | undefined, b: Taken | undefined, path: Path | undefined): void {
    if (this.found.length === this.limit) return;
    this.found.push({ path: textOf(path), kind: kindOf(a, b), mine: a && shown(a), other: b && shown(b) });
  }
}

const HAS_MEMBERS: ReadonlySet<string> = new Set(['array', 'Map', 'Set']);

/**
 * Which members without a name belong together: those of one type whose numbers, texts and other parts without parts are the
 * same. What looks alike, and what is left over, is matched in the order in which it came.
 */
function matched(a: Branch['loose'], b: Branch['loose']) {
  const matches: [mine: Loose | undefined, other: Loose | undefined][] = [];
  const others = new Map<string, Loose[]>();
  for (const member of b) {
    const alike = others.get(member.key.look);
    if (alike === undefined) others.set(member.key.look, [member]);
    else alike.push(member);
  }
  const alone: Loose[] = [];
  for (const member of a) {
    const other = others.get(member.key.look)?.shift();
    if (other === undefined) alone.push(member);
    else matches.push([member, other]);
  }
  const rest = [...others.values()].flat();
  for (let i = 0; i < Math.max(alone.length, rest.length); i++) matches.push([alone[i], rest[i]]);
  return matches;
}

type Loose = Branch['loose'][number];

function kindOf(a: Taken | undefined, b: Taken | undefined): DifferenceKind {
  if (b === undefined) return 'missing';
  if (a === undefined) return 'extra';
  return a.type === b.type || a.type === 'null' || b.type === 'null' ? 'value' : 'type';
}

/** What is there, in a few words. */
export function shown(value: Taken): string {
  if (value instanceof Branch) return `${value.type} of ${value.size} ${value.size === 1 ? 'part' : 'parts'}`;
  const { type, text } = value;
  if (type === 'string') return inspect(text, { maxStringLength: MAX_VALUE_CHARS, breakLength: Infinity });
  if (type === 'bytes') return `${text.length} bytes`;
  const short = text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS)}..` : text;
  if (type === 'bigint') return `${short}n`;
  return /^(number|boolean|null|undefined)$/.test(type) ? short : `${type} ${short}`;
}

function textOf(path: Path | undefined): string {
  let steps = '';
  for (let at = path; at !== undefined; at = at.parent) steps = stepText(at.step) + steps;
  return steps.length > MAX_PATH_CHARS ? `$${steps.slice(0, MAX_PATH_CHARS)}..` : `$${steps}`;
}
