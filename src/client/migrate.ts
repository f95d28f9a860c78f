import type { Call, Handler, PathChoice, Reply } from '../core/call.js';
import type { Clock } from '../core/clock.js';
import { MeshError } from '../core/errors.js';
import type { TimerWheel } from '../core/timer-wheel.js';
import type { CallPaths, StartedCall } from '../mesh/started-call.js';
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
  readonly wheel: TimerWheel;
  readonly readyTimeoutMs: number;
}

/**
 * Sends each call the way that `paths` chooses, and once the other way where that says so: at once, and not charged to the
 * retry budget. For the call chain, innermost. Nothing below knows of the two ways.
 */
export function migrate(paths: CallPaths, ways: Ways, env: MigrateEnv): Handler {
  return new Migrating(paths, ways, env).handle;
}

class Migrating {
  constructor(
    private readonly paths: CallPaths,
    private readonly ways: Ways,
    private readonly env: MigrateEnv,
  ) {}

  readonly handle: Handler = (call) => {
    const started = this.paths.begin(call);
    return started === undefined ? this.handleWhenDecided(call) : this.send(call, started);
  };

  /** Where there is a direct way, the wait leaves it half of the call's time. */
  private async handleWhenDecided(call: Call): Promise<Reply> {
    const { clock, wheel, readyTimeoutMs } = this.env;
    const now = clock.now();
    const until = now + Math.min(readyTimeoutMs, (call.deadline - now) / 2);
    const bound = { wheel, waitingFor: 'the sidecar was looked for' };
    try {
      await withinDeadline(this.paths.decided(), { ...call, deadline: until }, bound, nothing);
    } catch (error) {
      if (!MeshError.is(error) || error.code !== 'DEADLINE_EXCEEDED') throw error;
    }
    return this.send(call, this.paths.begin(call) ?? this.paths.beginUndecided(call));
  }

  private send(call: Call, started: StartedCall): Promise<Reply> {
    (call as Open).via = started.choice;
    const reply = started.path === 'mesh' ? this.ways.mesh(call) : this.ways.direct(call);
    return started.isFollowed ? this.follow(call, started, reply) : reply;
  }

  private follow(call: Call, started: StartedCall, reply: Promise<Reply>): Promise<Reply> {
    const { path, comparison } = started;
    if (comparison !== undefined) {
      const mine = reply.then(answer, failure);
      comparison.compare(call.method, mine, () => this.shadow(call, path).then(answer, failure));
    }
    return reply.then(
      (value) => {
        this.paths.ended(started, call);
        return value;
      },
      (error) => {
        const via = this.paths.ended(started, call, { error });
        if (via === undefined) throw error;
        return this.goTheOtherWay(call, path, via, error);
      },
    );
  }

  /** @throws what became of it there, with the history of both. */
  private goTheOtherWay(call: Call, from: 'mesh' | 'direct', via: PathChoice, error: MeshError) {
    const other = from === 'mesh' ? this.ways.direct : this.ways.mesh;
    return other({ ...call, via, endpoint: undefined }).then(undefined, (second) => {
      const history = new AttemptHistory();
      history.add(error);
      history.add(second);
      throw history.conclude(second, `the first went ${WORDS[from]}: ${error.code}: ${error.message}`);
    });
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

const nothing = () => undefined;
const answer = ({ value }: Reply) => ({ value });
const failure = (error: unknown) => ({ error });
