import type { Clock } from '../core/clock.js';
import { type PathFigures, PathWindow } from './path-window.js';
import type { ResolvedGuard } from './resolved-rule.js';

/** Fewer calls on the direct path say nothing of what is normal. */
const MIN_DIRECT_CALLS = 20;

/** What each path did in the guard's window. */
export interface GuardSnapshot {
  readonly mesh: PathFigures;
  readonly direct: PathFigures;
}

/** Watches both paths of one service, and says when the one through the sidecar is worse than its rule allows. */
export class Guard {
  private readonly mesh: PathWindow;
  private readonly direct: PathWindow;

  /** It has seen nothing: make another one where the service's calls go through the sidecar again. */
  constructor(
    private readonly rule: ResolvedGuard,
    clock: Clock,
  ) {
    this.mesh = new PathWindow(rule.windowMs, clock.now());
    this.direct = new PathWindow(rule.windowMs, clock.now());
  }

  /** A call ended that took `elapsedMs`. `now` is the clock's. */
  record(path: 'mesh' | 'direct', isError: boolean, elapsedMs: number, now: number): void {
    if (path === 'mesh') this.mesh.record(isError, elapsedMs, now);
    else this.direct.record(isError, elapsedMs, now);
  }

  /** Why the service must go back to the direct path, in words; undefined where it need not. Costs less than a microsecond. */
  verdict(now: number): string | undefined {
    const { minCalls } = this.rule;
    const mesh = this.mesh.figures(now);
    if (mesh.calls < minCalls) return undefined;
    const direct = this.direct.figures(now);
    return this.tooManyErrors(mesh, direct) ?? this.tooSlow(mesh, direct);
  }

  snapshot(now: number): GuardSnapshot {
    return { mesh: this.mesh.figures(now), direct: this.direct.figures(now) };
  }

  private tooManyErrors(mesh: PathFigures, direct: PathFigures): string | undefined {
    const { errorRatio: bound, windowMs } = this.rule;
    if (bound === undefined) return undefined;
    const isKnown = direct.calls >= MIN_DIRECT_CALLS;
    if (mesh.errorRatio - (isKnown ? direct.errorRatio : 0) <= bound) return undefined;
    const beside = isKnown ? `more than the direct path's ${failed(direct)} and ` : 'more than ';
    return `within ${windowMs} ms ${failed(mesh)} failed through the sidecar, ${beside}the allowed ${percent(bound)}`;
  }

  private tooSlow(mesh: PathFigures, direct: PathFigures): string | undefined {
    const { p99Ms: bound, windowMs } = this.rule;
    if (bound === undefined || mesh.p99Ms <= bound) return undefined;
    const isKnown = direct.calls >= MIN_DIRECT_CALLS;
    if (isKnown && mesh.p99Ms <= direct.p99Ms) return undefined;
    const beside = isKnown ? `, and than the direct path's ${slow(direct)}` : '';
    return `within ${windowMs} ms the p99 through the sidecar was ${slow(mesh)}, more than the allowed ${bound} ms${beside}`;
  }
}

function failed({ calls, errors, errorRatio }: PathFigures): string {
  return `${errors} of ${calls} calls (${percent(errorRatio)})`;
}

function slow({ calls, p99Ms }: PathFigures): string {
  return `${p99Ms < 10 ? p99Ms.toFixed(1) : Math.round(p99Ms)} ms in ${calls} calls`;
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))} %`;
}
