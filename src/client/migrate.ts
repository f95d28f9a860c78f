import type { Call, Handler, PathChoice, Reply } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import { type ErrorCode, MeshError } from '../core/errors.js';
import { publish } from '../core/events.js';
import type { TimerWheel } from '../core/timer-wheel.js';
import type { ServiceMigration } from '../mesh/service-migration.js';
import { AttemptHistory } from '../resilience/attempt-history.js';
import { withinDeadline } from '../resilience/deadline.js';

/** The two ways to a service. */
export interface Ways {
  readonly mesh: Handler;
  /** With its retries. */
  readonly direct: Handler;
  /** One attempt: for a comparison, which must not use up what calls have for their retries. */
  readonly directOnce: Handler;
}

export interface MigrateEnv {
  readonly clock: Clock;
  /** For what every call asks for. */
  readonly turnClock: { now(): number };
  readonly wheel: TimerWheel;
  readonly readyTimeoutMs: number;
}

/** The caller's own limits, and refusals that the other way would only meet again. */
const NOT_OF_THE_PATH: ReadonlySet<ErrorCode> = new Set([
  'DEADLINE_EXCEEDED',
  'CIRCUIT_OPEN',
  'RATE_LIMITED',
]);

/**
 * Sends each call the way that the service's migration chooses. A call that was provably not executed there goes the other
 * way at once, and so does one that was sent and not answered where its method is idempotent; once a call, and not charged
 * to the retry budget. For the call chain, innermost. Nothing below knows of the two ways.
 */
export function migrate(migration: ServiceMigration, ways: Ways, env: MigrateEnv): Handler {
  return new Migrating(migration, ways, env).handle;
}

class Migrating {
  constructor(
    private readonly migration: ServiceMigration,
    private readonly ways: Ways,
    private readonly env: MigrateEnv,
  ) {}

  readonly handle: Handler = (call) => {
    const choice = this.migration.choose();
    return choice === undefined ? this.handleWhenDecided(call) : this.send(call, choice);
  };

  /** Where there is a direct way, the wait leaves it half of the call's time. */
  private async handleWhenDecided(call: Call): Promise<Reply> {
    const { clock, wheel, readyTimeoutMs } = this.env;
    const { migration } = this;
    const now = clock.now();
    const until = now + Math.min(readyTimeoutMs, (call.deadline - now) / 2);
    const bound = { wheel, waitingFor: 'the sidecar was looked for' };
    try {
      await withinDeadline(migration.decided(), { ...call, deadline: until }, bound, nothing);
    } catch (error) {
      if (!MeshError.is(error) || error.code !== 'DEADLINE_EXCEEDED') throw error;
    }
    return this.send(call, migration.choose() ?? migration.chooseUndecided());
  }

  private send(call: Call, choice: PathChoice): Promise<Reply> {
    (call as Open).via = choice;
    const { migration, ways } = this;
    if (choice.path === 'mesh') {
      migration.calls.mesh++;
      return this.follow(call, choice, ways.mesh(call));
    }
    migration.calls.direct++;
    const reply = ways.direct(call);
    return migration.followsDirect ? this.follow(call, choice, reply) : reply;
  }

  /** What is to be done when the call ends: learn from it, compare it, send it the other way. */
  private follow(call: Call, choice: PathChoice, reply: Promise<Reply>): Promise<Reply> {
    const { migration } = this;
    const path = choice.path as 'mesh' | 'direct';
    const startedAt = migration.guard === undefined ? 0 : this.env.turnClock.now();
    const { comparison } = migration;
    if (comparison?.wants(call.method, call.idempotent) && this.canShadow(path)) {
      const mine = reply.then(answer, failure);
      comparison.compare(call.method, mine, () => this.shadow(call, path).then(answer, failure));
    }
    return reply.then(
      (value) => {
        if (path === 'mesh') migration.succeeded();
        if (startedAt !== 0) this.record(path, undefined, startedAt);
        return value;
      },
      (error) => {
        if (path === 'mesh') migration.failedInMesh(error);
        if (startedAt !== 0) this.record(path, error, startedAt);
        return this.goTheOtherWay(call, path, error);
      },
    );
  }

  private record(path: 'mesh' | 'direct', error: unknown, startedAt: number): void {
    const now = this.env.turnClock.now();
    this.migration.record(path, error, now - startedAt, now);
  }

  /** @throws the error where the call may not go the other way, or what became of it there. */
  private goTheOtherWay(call: Call, from: 'mesh' | 'direct', error: unknown): Promise<Reply> {
    const { migration, ways, env } = this;
    const may = from === 'mesh' ? migration.mayGoDirect : migration.mayGoMesh;
    if (!may || !MeshError.is(error) || !mayGoOn(error, call, from) || env.clock.now() >= call.deadline)
      return Promise.reject(error);
    const to = from === 'mesh' ? 'direct' : 'mesh';
    migration.calls[from]--;
    migration.calls.fallback++;
    const { service, method } = call;
    publish('call.rerouted', { service, method, to, code: error.code });
    const failed = from === 'mesh' ? 'the sidecar did not take it' : 'no provider took it directly';
    const via = { path: 'fallback', reason: `${failed}: ${error.code}: ${error.message}` } as const;
    return ways[to]({ ...call, via, endpoint: undefined }).then(undefined, (second) => {
      const history = new AttemptHistory();
      history.add(error);
      history.add(second);
      throw history.conclude(second, `the first went ${WORDS[from]}: ${error.code}: ${error.message}`);
    });
  }

  private canShadow(path: 'mesh' | 'direct'): boolean {
    return path === 'mesh' ? this.migration.hasDirect : this.migration.isMeshUsable;
  }

  /** The same call on the other way, with its own time, which nobody waits for. */
  private shadow(call: Call, path: 'mesh' | 'direct'): Promise<Reply> {
    const other = path === 'mesh' ? 'direct' : 'mesh';
    const via = { path: other, reason: 'a comparison' } as const;
    const copy = { ...call, via, endpoint: undefined, signal: undefined, metadata: { ...call.metadata } };
    return other === 'direct' ? this.ways.directOnce(copy) : this.ways.mesh(copy);
  }
}

interface Open {
  via: PathChoice;
}

const WORDS = { mesh: 'through the sidecar', direct: 'directly' };

/** Whether the other way may take the call: it was not executed on this one, or may be executed again. */
function mayGoOn(error: MeshError, call: Call, from: 'mesh' | 'direct'): boolean {
  if (NOT_OF_THE_PATH.has(error.code) || (call.oneway && error.sent)) return false;
  // All providers are busy: the sidecar knows the same ones.
  if (from === 'direct' && error.code === 'OVERLOADED') return false;
  return error.retry === 'safe' || (error.retry === 'if-idempotent' && call.idempotent);
}

const nothing = () => undefined;
const answer = ({ value }: Reply) => ({ value });
const failure = (error: unknown) => ({ error });
