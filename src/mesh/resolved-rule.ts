import type { CompareRule, GuardRule, ServiceRule } from './policy-document.js';

/** A guard with its defaults filled in. */
export interface ResolvedGuard extends Readonly<GuardRule> {
  readonly minCalls: number;
  readonly windowMs: number;
}

/** A comparison with its defaults filled in. No `methods`: every idempotent method. */
export interface ResolvedCompare extends Readonly<CompareRule> {
  readonly ignore: readonly string[];
  readonly values: boolean;
}

/** The rule of one service with every default filled in. */
export interface ResolvedRule {
  readonly mesh: number;
  readonly fallback: 'direct' | 'none';
  readonly guard: ResolvedGuard | undefined;
  readonly compare: ResolvedCompare | undefined;
}

export function resolveRule(rule: ServiceRule): ResolvedRule {
  return Object.freeze({
    mesh: rule.mesh ?? 100,
    fallback: rule.fallback ?? 'direct',
    guard: rule.guard && resolveGuard(rule.guard),
    compare: rule.compare && resolveCompare(rule.compare),
  });
}

function resolveGuard({ errorRatio, p99Ms, minCalls = 200, windowMs = 10_000 }: GuardRule): ResolvedGuard {
  return Object.freeze({ errorRatio, p99Ms, minCalls, windowMs });
}

function resolveCompare({ percent, methods, ignore = [], values = false }: CompareRule): ResolvedCompare {
  return Object.freeze({ percent, methods, ignore, values });
}
