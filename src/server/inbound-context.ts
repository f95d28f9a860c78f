import { readHeaders } from '../bolt/headers.js';
import type { HandlerContext, Metadata } from '../core/call.js';
import type { Clock, Timer } from '../core/clock.js';
import { MeshError } from '../core/errors.js';

/** The bytes of a request's header, read when somebody asks for metadata. */
export interface HeaderBytes {
  readonly buf: Buffer;
  readonly start: number;
  readonly end: number;
}

/** What a handler is told of its call. Metadata and signal are made when they are first asked for: most handlers never do. */
export class InboundContext implements HandlerContext {
  private sentBack: Metadata | undefined;
  private read: Metadata | undefined;
  private aborter: AbortController | undefined;
  private timer: Timer | undefined;
  private aborted: MeshError | undefined;

  constructor(
    readonly service: string,
    readonly method: string,
    readonly deadline: number,
    readonly remoteAddress: string | undefined,
    private readonly clock: Clock,
    private readonly header: HeaderBytes,
    private readonly props: readonly string[] | undefined,
  ) {}

  get metadata(): Metadata {
    this.read ??= readMetadata(this.header, this.props);
    return this.read;
  }

  get responseMetadata(): Metadata {
    this.sentBack ??= Object.create(null) as Metadata;
    return this.sentBack;
  }

  /** What the handler wants sent back; undefined where it did not ask. */
  get sendBack(): Metadata | undefined {
    return this.sentBack;
  }

  get signal(): AbortSignal {
    if (this.aborter === undefined) {
      this.aborter = new AbortController();
      if (this.aborted !== undefined) this.aborter.abort(this.aborted);
      else this.abortAtDeadline();
    }
    return this.aborter.signal;
  }

  private abortAtDeadline(): void {
    if (this.deadline === Number.POSITIVE_INFINITY) return;
    this.timer = this.clock.schedule(() => {
      this.abort(new MeshError('DEADLINE_EXCEEDED', `the caller of ${this.method} gave up at its deadline`));
    }, this.remainingMs());
    this.timer.unref();
  }

  remainingMs(): number {
    return Math.max(0, this.deadline - this.clock.now());
  }

  /** The caller is gone, or the server gives up. */
  abort(reason: MeshError): void {
    this.aborted ??= reason;
    this.timer?.cancel();
    this.aborter?.abort(reason);
  }

  /** The call has ended: nothing is left to abort. */
  end(): void {
    this.timer?.cancel();
  }
}

/** The header's pairs, and what the body has beside them. */
function readMetadata(header: HeaderBytes, props: readonly string[] | undefined): Metadata {
  const metadata: Metadata = Object.create(null);
  if (props !== undefined) for (let i = 0; i < props.length; i += 2) metadata[props[i]] = props[i + 1];
  for (const [key, value] of readHeaders(header.buf, header.start, header.end)) {
    if (key !== null && value !== null) metadata[key] = value;
  }
  return metadata;
}
