/**
 * What a sidecar of either kind can be made to do, so that one table of scenarios runs against the dev sidecar and
 * against MOSN. Addresses are `host:port` and stay the same over restarts.
 */
export interface TestSidecar {
  readonly kind: 'dev' | 'mosn';
  /** The mesh API, over HTTP. */
  readonly api: string;
  /** Where its own app calls. */
  readonly egress: string;
  /** Where others call; what comes here goes to its own app. */
  readonly ingress: string;
  /** As SIGKILL: its sockets are gone, and all that it knew. */
  kill(): Promise<void>;
  /** Again after `kill()` or `stop()`: the same ports, nothing known. */
  start(): Promise<void>;
  /** As SIGTERM: go-away, calls in flight finish. */
  stop(): Promise<void>;
  /** As SIGSTOP: nothing is read, answered or closed. */
  hang(): void;
  /** As SIGCONT. */
  resume(): void;
  /** Torn down for good. */
  close(): Promise<void>;
}
