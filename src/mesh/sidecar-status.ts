/** `unknown`: nobody has looked yet. `absent`: there is none so far. `ready`: it answers. `lost`: it was there, and is not. */
export type SidecarState = 'unknown' | 'absent' | 'ready' | 'lost';

/** A service that is announced at the sidecar, or is to be. */
export interface PublishedStatus {
  /** `interface:version[:uniqueId]` */
  readonly service: string;
  /** The port that the sidecar forwards its calls to. */
  readonly port: number;
  /** Whether the sidecar that is there now has taken it. */
  readonly announced: boolean;
  /** Why not, in words; undefined where it is, or was not tried yet. */
  readonly failure: string | undefined;
}

/** A service that the sidecar is asked for. */
export interface SubscribedStatus {
  /** `interface:version[:uniqueId]` */
  readonly service: string;
  /** `host:port` where its calls go; undefined while it is not subscribed at a sidecar that is ready. */
  readonly endpoint: string | undefined;
  /** How many have subscribed and not released it. */
  readonly users: number;
  /** Why the last try failed, in words; undefined where it did not. */
  readonly failure: string | undefined;
}

/** What is known of the sidecar, as plain data. */
export interface SidecarStatus {
  readonly state: SidecarState;
  /** Milliseconds since 1970, when that state began. */
  readonly since: number;
  /** 0 to 1: the part of the calls that its health allows. */
  readonly share: number;
  /** Why that share, in words. */
  readonly healthReason: string;
  /** Address of the mesh API, `host:port` or `unix:/path`. */
  readonly api: string;
  /** Address for calls, as far as it is known. */
  readonly egress: string;
  /** What was looked at, what it said, what was decided. */
  readonly reasons: readonly string[];
  readonly published: readonly PublishedStatus[];
  readonly subscribed: readonly SubscribedStatus[];
}
