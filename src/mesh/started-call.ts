import type { Comparison } from '../comparison/comparison.js';
import type { Call, PathChoice } from '../core/call.js';
import type { Endpoint } from '../core/endpoint.js';

/** A call that has begun on the path that was chosen for it. Where nothing is learnt of single calls, all have the same. */
export class StartedCall {
  constructor(
    readonly path: 'mesh' | 'direct',
    /** The path with its reason, for `call.via`. */
    readonly choice: PathChoice,
    /** Whether {@link CallPaths.ended} has to be told of its end. */
    readonly isFollowed: boolean,
    /** By the clock, for a guard; negative where there is none. */
    readonly startedAt = -1,
    /** Set where it is to go down the other path, too, and the answers are to be compared. */
    readonly comparison: Comparison | undefined = undefined,
  ) {}
}

/** Decides which path each call of a service takes, and learns from how it ended. Who asks does the routing, and no more. */
export interface CallPaths {
  /** Chooses and counts; undefined while it is not known yet whether there is a sidecar. */
  begin(call: Call): StartedCall | undefined;
  /** Resolves when `begin` can tell. Never rejects. */
  decided(): Promise<void>;
  /** For a call that can wait no longer for the decision. */
  beginUndecided(call: Call): StartedCall;
  /**
   * To be told of a followed call when it ended: answered, or by a failure.
   * @returns what to send it as down the other path, where that may take it now.
   */
  ended(started: StartedCall, call: Call, failure?: { readonly error: unknown }): PathChoice | undefined;
}

/** What the way through the sidecar has to know of a service. */
export interface SidecarPath {
  /** Where its calls go that go through the sidecar; undefined while none can. */
  readonly endpoint: Endpoint | undefined;
  /** A call that the sidecar did not execute may go directly. */
  readonly mayGoDirect: boolean;
  /** Looks for the sidecar, where that may matter; resolves when it is known whether there is one. Never rejects. */
  decided(): Promise<void>;
}
