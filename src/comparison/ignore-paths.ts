import { MeshError } from '../core/errors.js';

/**
 * One step into a value: to a field or the entry of a textual key by its name, to an item or the entry of a whole number
 * by that, and null to a member that has neither: an item of a set, an entry whose key is an object.
 */
export type Step = string | number | null;

/** `[*]`, `.*` is null here: any step. */
interface PatternStep {
  readonly step: Step;
  /** After `..`: anywhere below. */
  readonly isDeep: boolean;
}

const FORMS = '.name, ["any name"], [0], [*], .* or ..name';
const STEP = /(\.\.?)(?:\*|([^\s.[\]"'*]+))|(\.\.)?\[(?:\*|(\d{1,15})|("(?:[^"\\]|\\.)*")|'([^'\\]*)')\]/y;

/**
 * What is wrong with an ignore path, if anything, and at which character. `$` is the result; `.a` and `["a"]` are a field
 * or key, `[3]` an item, `[*]` and `.*` any of them, `..a` an `a` at any depth. What a path names is masked with all below.
 */
export function ignorePathFault(path: string): string | undefined {
  const parsed = parse(path);
  return typeof parsed === 'string' ? parsed : undefined;
}

function parse(path: string): PatternStep[] | string {
  if (!path.startsWith('$')) return 'character 1: a path begins with $';
  if (path === '$') return `character 2: $ alone would ignore every result; say which part, with ${FORMS}`;
  const steps: PatternStep[] = [];
  for (let at = 1; at < path.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const found = STEP.exec(path);
    const step = found === null ? undefined : stepOf(found);
    if (found === null || step === undefined) return `character ${at + 1}: expected ${FORMS}`;
    steps.push({ step, isDeep: found[1] === '..' || found[3] === '..' });
  }
  return steps;
}

function stepOf([, , name, , index, quoted, single]: RegExpExecArray): Step | undefined {
  if (quoted === undefined) return index === undefined ? (name ?? single ?? null) : Number(index);
  try {
    return JSON.parse(quoted);
  } catch {
    return undefined;
  }
}

/** A step as a path shows it, in the form that an ignore path takes. */
export function stepText(step: Step): string {
  if (step === null) return '[*]';
  if (typeof step === 'number') return `[${step}]`;
  return /^[A-Za-z_$][\w$]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** Several ignore paths: a walk through a value begins at `start` and takes its state along. */
export class IgnorePaths {
  readonly start: IgnoreState;
  /** All steps of all paths, with an end after each path. A place is an index in it. */
  private readonly steps: (PatternStep | undefined)[] = [];
  private readonly named = new Set<Step>();
  private readonly states = new Map<string, IgnoreState>();

  /** @throws MeshError INVALID_ARGUMENT, with the character, for what is no path. */
  constructor(paths: readonly string[]) {
    const places: number[] = [];
    for (const path of paths) {
      const parsed = parse(path);
      if (typeof parsed === 'string') {
        throw new MeshError('INVALID_ARGUMENT', `the ignore path ${JSON.stringify(path)}: ${parsed}`);
      }
      places.push(this.steps.length);
      this.steps.push(...parsed, undefined);
      for (const { step } of parsed) this.named.add(step);
    }
    this.start = this.at(places);
  }

  private at(places: readonly number[]): IgnoreState {
    const key = places.join();
    let state = this.states.get(key);
    if (state === undefined) {
      const isIgnored = places.some((place) => this.steps[place] === undefined);
      const nexts = new Map<Step, IgnoreState>();
      const after = (step: Step) => {
        // A step that no path names leads where every other such step does.
        const named = this.named.has(step) ? step : null;
        const next = nexts.get(named) ?? this.next(places, named);
        nexts.set(named, next);
        return next;
      };
      state = { isIgnored, after };
      this.states.set(key, state);
    }
    return state;
  }

  private next(places: readonly number[], step: Step): IgnoreState {
    const next = new Set<number>();
    for (const place of places) {
      const wanted = this.steps[place];
      if (wanted?.isDeep) next.add(place);
      if (wanted?.step === null || wanted?.step === step) next.add(place + 1);
    }
    return this.at([...next].sort((a, b) => a - b));
  }
}

/** Where in the paths a walk is. The same state is the same object. */
export interface IgnoreState {
  /** What is here is masked, and all below it. */
  readonly isIgnored: boolean;
  after(step: Step): IgnoreState;
}
