import { Comparison } from '../comparison/comparison.js';
import type { Call, PathChoice } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import type { Endpoint } from '../core/endpoint.js';
import { type CallPath, MeshError } from '../core/errors.js';
import { publish } from '../core/events.js';
import { outcomeOf } from '../core/outcome.js';
import type { Random } from '../core/random.js';
import { mayFallBack } from './fallback.js';
import { Guard } from './guard.js';
import { countsAgainstPath } from './guarded-error.js';
import type { MigrationEmitter } from './migration-events.js';
import type { MigrationPolicy, Told } from './migration-policy.js';
import type { PathCounts, ServiceStatus } from './migration-status.js';
import type { Mode } from './mode.js';
import { PathHealth } from './path-health.js';
import type { ResolvedRule } from './resolved-rule.js';
import type { Sidecar } from './sidecar.js';
import { type CallPaths, type SidecarPath, StartedCall } from './started-call.js';
import type { Subscription } from './subscriptions.js';

export interface ServiceMigrationEnv {
  readonly service: string;
  readonly sidecar: Sidecar;
  readonly policy: MigrationPolicy;
  /** The client's, where the policy says none. */
  readonly mode: Mode;
  /** Whether a registry is named for it. Without one, the sidecar is the only way. */
  readonly hasDirect: boolean;
  readonly clock: Clock;
  /** For what every call asks for. */
  readonly turnClock: { now(): number };
  readonly random: Random;
  readonly events: MigrationEmitter;
}

/** Which way the calls of one service go right now, and what was learnt of both ways. */
export class ServiceMigration implements CallPaths, SidecarPath {
  /** A call that was not executed on one way may go the other, where that is there. */
  private mayChange = false;
  /** A call that no provider executed directly may go to the sidecar. */
  private mayGoMesh = false;
  /** Set while the policy has a guard for the service, and it has not rolled back. */
  private guard: Guard | undefined;
  /** Set while the policy compares the service's calls. */
  private comparison: Comparison | undefined;
  private readonly calls: PathCounts = { mesh: 0, direct: 0, fallback: 0 };
  private readonly failed: PathCounts = { mesh: 0, direct: 0, fallback: 0 };
  private readonly health: PathHealth;
  private subscription: Subscription | undefined;
  private rule: ResolvedRule;
  private rolledBackFor: string | undefined;
  /** The same for every call, where that is so; else chance decides between the next two. */
  private always: StartedCall | undefined;
  private byMesh = NOT_CHOSEN;
  private byDirect = NOT_CHOSEN;
  /** 0 to 1, as the policy says. */
  private share = 0;
  /** Percent that were to go through the sidecar when that was told last; undefined before the first decision. */
  private target: number | undefined;
  /** Calls through the sidecar since the guard was asked last. */
  private unjudged = 0;
  private isUndecided = true;
  private isClosed = false;
  private deciding: Promise<void> | undefined;

  constructor(private readonly env: ServiceMigrationEnv) {
    const { clock, random, events, service, policy } = env;
    let wasDegraded = false;
    this.health = new PathHealth({
      clock,
      random,
      autoRecover: true,
      onChange: (state, reason) => {
        if (state === 'degraded' && !wasDegraded) events.degraded(service, reason);
        if (state === 'healthy' && wasDegraded) events.recovered(service, reason);
        if (state !== 'recovering') wasDegraded = state === 'degraded';
        this.update();
      },
    });
    this.rule = policy.ruleOf(service);
    this.watchOver();
    this.update();
  }

  get mode(): Mode {
    return this.env.policy.mode ?? this.env.mode;
  }

  get mayGoDirect(): boolean {
    return this.mayChange;
  }

  get endpoint(): Endpoint | undefined {
    return this.subscription?.endpoint;
  }

  /** The way that a call would take now; undefined while it is not known yet whether there is a sidecar. */
  choose(): PathChoice | undefined {
    return this.next()?.choice;
  }

  private next(): StartedCall | undefined {
    if (this.always !== undefined) return this.always;
    if (this.isUndecided) return undefined;
    const { random, sidecar } = this.env;
    const isMesh = (this.share === 1 || random() < this.share) && sidecar.admits() && this.health.admits();
    return isMesh ? this.byMesh : this.byDirect;
  }

  begin(call: Call): StartedCall | undefined {
    const started = this.next();
    return started === undefined ? undefined : this.start(started, call);
  }

  beginUndecided(call: Call): StartedCall {
    const why = 'it was not known in time whether there is a sidecar';
    const { hasDirect } = this.env;
    return this.start(hasDirect ? direct(why) : mesh(`${why}, and no registry is named`), call);
  }

  private start(started: StartedCall, call: Call): StartedCall {
    if (started.path === 'mesh') this.calls.mesh++;
    else this.calls.direct++;
    const { guard, comparison } = this;
    return guard === undefined && comparison === undefined ? started : this.watch(started, call);
  }

  private watch({ path, choice }: StartedCall, { method, idempotent }: Call): StartedCall {
    const { guard, comparison } = this;
    const startedAt = guard === undefined ? -1 : this.env.turnClock.now();
    const isCompared =
      comparison?.wants(method, idempotent) && (path === 'mesh' ? this.env.hasDirect : this.isMeshUsable);
    return new StartedCall(path, choice, true, startedAt, isCompared ? comparison : undefined);
  }

  ended({ path, startedAt }: StartedCall, call: Call, failure?: Failure): PathChoice | undefined {
    if (path === 'mesh') {
      if (failure === undefined) this.health.succeeded();
      else this.failedInMesh(failure.error);
    }
    if (startedAt >= 0) this.record(path, failure, startedAt);
    return failure && this.fallBack(path, call, failure.error);
  }

  /** Undefined where the call has to fail: with the other way closed, without time, or where it may not run twice. */
  private fallBack(from: 'mesh' | 'direct', call: Call, error: unknown): PathChoice | undefined {
    const may = from === 'mesh' ? this.mayChange : this.mayGoMesh;
    if (!may || !mayFallBack(error, call, from) || this.env.clock.now() >= call.deadline) return undefined;
    this.calls[from]--;
    this.calls.fallback++;
    const { service, method } = call;
    const { code, message } = error;
    publish('call.rerouted', { service, method, to: from === 'mesh' ? 'direct' : 'mesh', code });
    const failed = from === 'mesh' ? 'the sidecar did not take it' : 'no provider took it directly';
    return { path: 'fallback', reason: `${failed}: ${code}: ${message}` };
  }

  /** A caller got an error of a call that took this way last. */
  callFailed(path: CallPath): void {
    this.failed[path]++;
  }

  decided(): Promise<void> {
    this.deciding ??= this.decide();
    return this.deciding;
  }

  private async decide(): Promise<void> {
    const { sidecar, service } = this.env;
    this.subscription ??= sidecar.subscribe(service);
    await sidecar.decided();
    if (sidecar.state === 'ready') await this.subscription.ready();
    this.isUndecided = false;
    this.update();
  }

  /** To be called when the policy changed. */
  policyChanged(told: Told): void {
    const { policy, service } = this.env;
    const rule = policy.ruleOf(service);
    if (told(service)) this.rolledBackFor = undefined;
    if (rule !== this.rule || told(service)) {
      this.rule = rule;
      this.watchOver();
    }
    // What was direct until now may have to look for a sidecar; calls go on directly in the meantime.
    if (this.mode !== 'direct' && this.always !== undefined && this.isUndecided) void this.decided();
    this.update();
  }

  /** To be called when the sidecar's state changed. */
  update(): void {
    const choices = this.choices();
    const isAuto = this.mode === 'auto' && this.env.hasDirect && !this.isClosed;
    this.mayChange = isAuto && this.rule.fallback === 'direct';
    this.mayGoMesh = this.mayChange && choices.share > 0 && this.isMeshUsable;
    this.byMesh = mesh(choices.reason);
    this.byDirect = direct(choices.reason, this.mayGoMesh);
    this.always = choices.always && (choices.always === 'mesh' ? this.byMesh : this.byDirect);
    this.share = choices.share;
    this.tell(choices.share * 100, choices.reason);
  }

  /** True where a call through the sidecar, sent now, would get there. */
  private get isMeshUsable(): boolean {
    return this.endpoint !== undefined && this.env.sidecar.share === 1 && this.health.share === 1;
  }

  private choices(): { always?: 'mesh' | 'direct'; share: number; reason: string } {
    const { sidecar, hasDirect } = this.env;
    const never = (reason: string) => ({ always: 'direct' as const, share: 0, reason });
    const only = (reason: string) => ({ always: 'mesh' as const, share: 1, reason });
    if (this.mode === 'direct') return never('the mode is direct');
    if (this.mode === 'mesh') return only('the mode is mesh');
    if (!hasDirect) return only('no registry is named: the sidecar is the only way');
    if (this.isUndecided) {
      const reason = 'it is not known yet whether there is a sidecar';
      return this.target === undefined ? { share: 0, reason } : never(reason);
    }
    if (sidecar.state !== 'ready') return never(lastOf(sidecar.reasons));
    if (sidecar.share === 0) return never(sidecar.healthReason);
    if (this.endpoint === undefined) return never('the sidecar has not taken the subscription yet');
    if (this.rolledBackFor !== undefined) return never(`rolled back: ${this.rolledBackFor}`);
    if (this.health.share === 0) return never(this.health.reason);
    const share = this.rule.mesh / 100;
    const said = `the policy sends ${this.rule.mesh} % through the sidecar`;
    if (share === 0) return never(said);
    if (sidecar.share < 1) return { share, reason: `the sidecar comes back: ${sidecar.healthReason}` };
    if (this.health.share < 1) return { share, reason: `it is tried again: ${this.health.reason}` };
    if (share < 1) return { share, reason: said };
    return only('a sidecar is there');
  }

  /** Tells of a switch, once for each other share that calls are to have; the steps of a ramp are none. */
  private tell(target: number, reason: string): void {
    if (this.isUndecided && this.always === undefined) return;
    const from = this.target;
    this.target = target;
    if (from === undefined || from === target) return;
    this.env.events.switched({ service: this.env.service, from, to: target, reason });
  }

  private watchOver(): void {
    const { service, clock, random, events } = this.env;
    const { guard, compare } = this.rule;
    this.guard =
      guard === undefined || this.rolledBackFor !== undefined ? undefined : new Guard(guard, clock);
    this.comparison =
      compare === undefined || compare.percent === 0
        ? undefined
        : new Comparison(compare, {
            clock,
            random,
            onDifference: (difference) => events.difference({ service, ...difference }),
          });
  }

  /** A call through the sidecar failed, whatever becomes of it then. */
  private failedInMesh(error: unknown): void {
    const { sidecar, service } = this.env;
    if (!MeshError.is(error) || !error.sent || outcomeOf(error) !== 'failed') {
      if (outcomeOf(error) === 'answered') this.health.succeeded();
      return;
    }
    if (error.code === 'NO_ENDPOINT') sidecar.report({ kind: 'no-processor', service });
    // What died with the sidecar says nothing of one service.
    if (sidecar.share === 0) return;
    this.health.failed(`${error.code}: ${error.message}`);
  }

  /** For the guard: how a call ended on the way that was chosen for it. */
  private record(path: 'mesh' | 'direct', failure: Failure | undefined, startedAt: number): void {
    const { guard } = this;
    if (guard === undefined) return;
    const isError = failure !== undefined && countsAgainstPath(failure.error);
    if (failure !== undefined && !isError && outcomeOf(failure.error) !== 'answered') return;
    const now = this.env.turnClock.now();
    guard.record(path, isError, now - startedAt, now);
    if (path === 'direct' || (!isError && ++this.unjudged < JUDGED_EVERY)) return;
    this.unjudged = 0;
    const verdict = guard.verdict(now);
    if (verdict !== undefined) this.rollBack(verdict);
  }

  private rollBack(reason: string): void {
    this.rolledBackFor = reason;
    this.guard = undefined;
    this.env.events.rolledBack({ service: this.env.service, reason });
    this.update();
  }

  status(): ServiceStatus {
    const { service, sidecar } = this.env;
    const { always, rule, share } = this;
    const ramp = sidecar.share * this.health.share;
    const effective = always === undefined ? share * ramp : always.path === 'mesh' ? 1 : 0;
    return {
      service,
      path: effective === 0 ? 'direct' : effective === 1 ? 'mesh' : 'both',
      asked: rule.mesh,
      share: Math.round(effective * 10_000) / 100,
      reason: this.byDirect.choice.reason,
      fallback: rule.fallback,
      calls: { ...this.calls },
      failed: { ...this.failed },
      rolledBack: this.rolledBackFor,
      guard: this.guard?.snapshot(this.env.clock.now()),
      comparison: this.comparison?.stats(),
    };
  }

  close(): void {
    this.isClosed = true;
    this.health.close();
    this.subscription?.release();
    this.update();
  }
}

/** A slow path shows after some calls, an error at once. */
const JUDGED_EVERY = 16;
const NOT_CHOSEN = direct('');

interface Failure {
  readonly error: unknown;
}

function direct(reason: string, isFollowed = false): StartedCall {
  return new StartedCall('direct', Object.freeze({ path: 'direct', reason }), isFollowed);
}

/** Always followed: the health of the way is learnt from it. */
function mesh(reason: string): StartedCall {
  return new StartedCall('mesh', Object.freeze({ path: 'mesh', reason }), true);
}

/** What was decided comes last. */
function lastOf(reasons: readonly string[]): string {
  return reasons[reasons.length - 1] ?? 'no sidecar is known';
}
