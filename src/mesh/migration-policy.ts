import { publish } from '../core/events.js';
import type { Mode } from './mode.js';
import { ANY_SERVICE, checkPolicy, type PolicyDocument, type ServiceRule } from './policy-document.js';
import { type ResolvedRule, resolveRule } from './resolved-rule.js';

/** What came of a policy. Asked by service, because `*` stands for services that it does not name. */
export type Told = (service: string) => boolean;

/**
 * The migration policy that is in force: which share of each service's calls goes through the sidecar, and what watches
 * over it. Whoever says something replaces what was said before, in code or by file; calls in flight finish where they
 * began.
 */
export class MigrationPolicy {
  private current: PolicyDocument;
  private from: string;
  private rules: Rules;
  private readonly listeners = new Set<(told: Told) => void>();

  /** @throws MeshError INVALID_ARGUMENT, naming every broken place. */
  constructor(initial?: PolicyDocument) {
    this.from = initial === undefined ? 'the defaults' : 'code';
    this.current = checkPolicy(initial ?? {}, this.from);
    this.rules = new Rules(this.current, []);
  }

  /** What is in force, as it was said: without defaults, frozen. */
  get document(): PolicyDocument {
    return this.current;
  }

  /** Who said it: `the defaults`, `code`, `the file ..`. */
  get source(): string {
    return this.from;
  }

  /** The mode that the policy asks for; undefined where it leaves that to the client's option. @internal */
  get mode(): Mode | undefined {
    return this.current.mode;
  }

  /**
   * Replaces the whole policy. A service that had been rolled back and that the document names, itself or by `*`, gets the
   * share it says again.
   * @throws MeshError INVALID_ARGUMENT, naming every broken place; the policy stays as it was.
   */
  set(document: PolicyDocument): void {
    const checked = checkPolicy(document, 'code');
    this.adopt(checked, 'code', Object.keys(checked.services ?? {}));
  }

  /**
   * Replaces the rule of one service, or of `*`, and leaves the rest. A rollback of it ends.
   * @throws MeshError INVALID_ARGUMENT, naming every broken place; the policy stays as it was.
   */
  setService(service: string, rule: ServiceRule): void {
    const services = { ...this.current.services, [service]: rule };
    this.adopt(checkPolicy({ ...this.current, services }, 'code'), 'code', [service]);
  }

  /**
   * Replaces the whole policy by what something that is watched says: a file, a configuration centre. Unlike
   * {@link MigrationPolicy.set} it says every rule each time, so that a rollback only ends where the rule is another one.
   * @param source for messages and status: `the file ..`
   * @throws MeshError INVALID_ARGUMENT, naming every broken place; the policy stays as it was.
   */
  load(document: PolicyDocument, source: string): void {
    this.adopt(checkPolicy(document, source), source, []);
  }

  /** The rule for a service: its own, or that of `*`, or the defaults. The same object for as long as it says the same. @internal */
  ruleOf(service: string): ResolvedRule {
    return this.rules.of(service);
  }

  /**
   * Calls `listener` after each change. `told(service)` says whether that service was told its rule: by code that names
   * it, itself or by `*`, or because its rule is another one now. Returns what ends it.
   * @internal
   */
  onChange(listener: (told: Told) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private adopt(document: PolicyDocument, source: string, named: readonly string[]): void {
    const before = this.rules;
    const after = new Rules(document, before.all());
    this.current = document;
    this.from = source;
    this.rules = after;
    publish('policy.changed', { source });
    const told: Told = (service) =>
      named.includes(after.keyOf(service)) || after.of(service) !== before.of(service);
    for (const listener of [...this.listeners]) listener(told);
  }
}

/** Every rule of a document, resolved once, since each call asks for one. Rules that say the same are one object. */
class Rules {
  private readonly own = new Map<string, ResolvedRule>();
  private readonly rest: ResolvedRule;

  /** @param known whose objects are used again. */
  constructor({ services = {} }: PolicyDocument, known: readonly ResolvedRule[]) {
    const byContent = new Map(known.map((rule) => [JSON.stringify(rule), rule]));
    const resolve = (rule: ServiceRule): ResolvedRule => {
      const resolved = resolveRule(rule);
      const content = JSON.stringify(resolved);
      const same = byContent.get(content) ?? resolved;
      byContent.set(content, same);
      return same;
    };
    for (const [service, rule] of Object.entries(services)) this.own.set(service, resolve(rule));
    this.rest = this.own.get(ANY_SERVICE) ?? resolve({});
  }

  all(): readonly ResolvedRule[] {
    return [...this.own.values(), this.rest];
  }

  of(service: string): ResolvedRule {
    return this.own.get(service) ?? this.rest;
  }

  /** The key in the document that a service's rule is under, if it has one. */
  keyOf(service: string): string {
    return this.own.has(service) ? service : ANY_SERVICE;
  }
}
