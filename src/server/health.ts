/** Where a server is announced. */
export interface Whereabouts {
  /** `mesh`: at the sidecar. `direct`: in the registry, or nowhere where there is none. `both`: at both. */
  readonly mode: 'mesh' | 'direct' | 'both';
  /** Why there, in words. */
  readonly reason: string;
}

/** How a server is, for probes, dashboards and tests. */
export interface ServerHealth extends Whereabouts {
  /** True until it has stopped. */
  readonly live: boolean;
  /**
   * True where calls may be sent here: it listens, every service was announced where it should be (at every registry, at
   * the sidecar), and it is not stopping. A registry or a sidecar that is lost later changes nothing: every instance would lose it at once, and all of them would be taken out
   * of service together. Nor does load: whoever gets BUSY calls elsewhere by itself, while an instance that is taken out
   * leaves its share to the others.
   */
  readonly ready: boolean;
  /** Why it is not ready; empty where it is. */
  readonly reasons: readonly string[];
  /** The services that were added; `announced`: where they should be, at least once. */
  readonly services: readonly { readonly id: string; readonly announced: boolean }[];
  /** Open connections. */
  readonly connections: number;
  /** Calls whose handler runs; at most `maxConcurrency`. */
  readonly running: number;
  /** Calls that wait for one of those to end; at most `maxQueue`. */
  readonly queued: number;
  /** Calls since the start that were refused as BUSY, or dropped where they were oneway. */
  readonly refused: number;
  /** Calls since the start that were not run because their callers had given up. */
  readonly expired: number;
}
