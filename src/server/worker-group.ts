import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../core/clock.js';
import { Deferred } from '../core/deferred.js';
import { pause } from '../core/pause.js';
import type { Random } from '../core/random.js';
import { reasonOf } from '../core/reason.js';
import { heardStates, type LeaderState, tellState } from './worker-lines.js';

/** A name on this machine that one process at a time holds, from when it takes it to its end, however that comes. */
export interface LocalName {
  /** Takes the name; `onStream` is handed whoever connects to it. Undefined where another process holds it. */
  hold(onStream: (stream: Duplex) => void): Promise<{ close(): void } | undefined>;
  /** Connects to who holds it; undefined where nobody does. */
  connect(): Promise<Duplex | undefined>;
}

export interface WorkerGroupEnv {
  readonly name: LocalName;
  readonly clock: Clock;
  readonly random: Random;
  readonly warn: (text: string) => void;
  /** Who leads, or what the leader says, is another one now. */
  readonly onChange: () => void;
}

/** The leader says how it is this often, however little there is to say. */
const BEAT_MS = 1_000;
/** A leader that says nothing for so long stands still: its announcements may be gone with it. */
const SILENCE_MS = 5_000;
/** Between two looks for who leads now. */
const LOOK_MS = 20;

/**
 * The processes that share a port, and one of them that leads: it announces for all. The system ends its hold of the name
 * with the process, so that another one leads at once, whether it was stopped or killed. While the leader stands still, the
 * others announce as well: to be listed twice does no harm, to be listed nowhere does.
 */
export class WorkerGroup {
  /** What the leader, another process, said last. */
  leader: LeaderState | undefined;
  private hold: { close(): void } | undefined;
  /** It leads without holding the name: there are no names on this machine, or the leader stands still. */
  private isStandIn = false;
  private state: LeaderState | undefined;
  private readonly members = new Set<Duplex>();
  /** To the leader; to a former one until it is known who leads now. */
  private stream: Duplex | undefined;
  private timer: Timer | undefined;
  private readonly decided = new Deferred();
  private readonly closing = new AbortController();

  constructor(private readonly env: WorkerGroupEnv) {}

  /** Whether this process announces. */
  get isLeading(): boolean {
    return this.hold !== undefined || this.isStandIn;
  }

  /** Resolves when it is known who leads. Never rejects. */
  join(): Promise<void> {
    void this.run();
    return this.decided.promise;
  }

  /** What the others are to know, now and when they come. */
  tell(state: Omit<LeaderState, 'isLeaving'>): void {
    this.state = { ...state, isLeaving: false };
    for (const member of this.members) tellState(member, this.state);
  }

  /**
   * Lets another process lead. Resolves to whether there is one: when it has announced everything, at the latest after
   * `limitMs`. To false where there is none; the name is held on then, so that whoever comes now waits for `close()`.
   */
  async handOver(limitMs: number): Promise<boolean> {
    const { clock, name } = this.env;
    if (this.hold === undefined) return this.leader !== undefined;
    // Nothing that is said of these announcements is true for long.
    const { state } = this;
    this.state = undefined;
    if (this.members.size === 0) return false;
    this.hold.close();
    this.hold = undefined;
    for (const member of this.members) if (state) tellState(member, { ...state, isLeaving: true });
    const limit = new AbortController();
    const timer = clock.schedule(() => limit.abort(), limitMs);
    try {
      for (;;) {
        const stream = await name.connect();
        if (stream !== undefined && (await hasAnnounced(stream, limit.signal))) return true;
        if (stream === undefined && this.members.size === 0 && (await this.holdAgain())) return false;
        if (!(await pause(clock, LOOK_MS, limit.signal))) return true;
      }
    } catch {
      return this.members.size > 0;
    } finally {
      timer.cancel();
    }
  }

  /** The others have gone, too. False where one has come that holds the name now. */
  private async holdAgain(): Promise<boolean> {
    this.hold = await this.env.name.hold((stream) => this.onMember(stream));
    return this.hold !== undefined;
  }

  close(): void {
    this.closing.abort();
    this.timer?.cancel();
    this.hold?.close();
    this.stream?.destroy();
    for (const member of this.members) member.destroy();
    this.decided.resolve();
  }

  private get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  /** Never rejects. Ends when this process leads, or the group was closed. */
  private async run(): Promise<void> {
    const { name, clock, random, warn } = this.env;
    this.listen();
    try {
      while (!this.isClosed) {
        const hold = await name.hold((stream) => this.onMember(stream));
        if (hold !== undefined) {
          this.lead(hold);
          return;
        }
        const stream = await name.connect();
        if (stream !== undefined && (await this.follow(stream))) continue;
        // Whoever holds the name and says nothing is no worker, or has just begun to be one.
        await pause(clock, LOOK_MS * (0.5 + random()), this.closing.signal, { isIdle: true });
      }
    } catch (error) {
      warn(
        `the processes that share this port cannot agree on which of them announces it: ${reasonOf(error)}; each does so by itself`,
      );
      this.isStandIn = true;
      this.changed();
    }
  }

  private lead(hold: { close(): void }): void {
    if (this.isClosed) {
      hold.close();
      return;
    }
    this.timer?.cancel();
    this.hold = hold;
    this.isStandIn = false;
    this.leader = undefined;
    this.changed();
    this.stream?.destroy();
    this.stream = undefined;
    this.beat();
  }

  private beat(): void {
    this.timer = this.env.clock.schedule(() => this.beat(), BEAT_MS).unref();
    for (const member of this.members) if (this.state) tellState(member, this.state);
  }

  private onMember(stream: Duplex): void {
    this.members.add(stream);
    stream.once('close', () => this.members.delete(stream));
    stream.resume();
    if (this.state) tellState(stream, this.state);
  }

  /** Resolves when the leader is gone, or is about to; to whether it has said anything. */
  private async follow(stream: Duplex): Promise<boolean> {
    this.stream?.destroy();
    this.stream = stream;
    let hasSpoken = false;
    await heardStates(stream, (state) => {
      hasSpoken = true;
      if (this.isClosed || state.isLeaving) return false;
      this.leader = state;
      this.isStandIn = false;
      this.listen();
      this.changed();
      return true;
    });
    return hasSpoken;
  }

  /** From now on silence counts, and so does a name that is held by who is no worker. */
  private listen(): void {
    this.timer?.cancel();
    const onSilence = () => {
      this.isStandIn = true;
      this.changed();
    };
    this.timer = this.env.clock.schedule(onSilence, SILENCE_MS).unref();
  }

  private changed(): void {
    if (this.isClosed) return;
    this.decided.resolve();
    this.env.onChange();
  }
}

/** Waits for who leads now to have announced everything. False where it ends before, or the signal is aborted. */
async function hasAnnounced(stream: Duplex, signal: AbortSignal): Promise<boolean> {
  const end = () => stream.destroy();
  signal.addEventListener('abort', end, { once: true });
  let isDone = false;
  await heardStates(stream, ({ isLeaving, missing }) => {
    isDone = !isLeaving && missing.length === 0;
    return !isDone;
  });
  signal.removeEventListener('abort', end);
  end();
  return isDone;
}
