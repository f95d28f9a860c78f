import type { ByteWriter } from '../core/bytes.js';
import { notUnderstood } from '../framing/first-bytes.js';
import type { Framing, FramingLimits, FramingSession, Message } from '../framing/framing.js';

/** A framing that cannot tell by so many bytes is not the one. */
const HEAD_BYTES = 64;
const EMPTY = Buffer.alloc(0);

/** The session of an accepted connection whose first bytes tell which of several framings it speaks. */
export class DetectingSession implements FramingSession {
  private head: Buffer = EMPTY;
  private session: FramingSession | undefined;

  constructor(
    private readonly framings: readonly Framing[],
    private readonly limits: FramingLimits,
    private readonly onDetected: (framing: Framing) => void,
  ) {}

  get pendingBytes(): number {
    return this.session?.pendingBytes ?? this.head.length;
  }

  push(chunk: Buffer, onMessage: (message: Message) => void): void {
    const session = this.session ?? this.detect(chunk);
    // What was held before is the beginning of the stream that the session gets to see.
    session?.push(this.head.length === 0 ? chunk : this.takeHead(), onMessage);
  }

  /** The session, as soon as one framing recognises the stream. @throws MeshError PROTOCOL_VIOLATION where none does. */
  private detect(chunk: Buffer): FramingSession | undefined {
    const head = this.head.length === 0 ? chunk : Buffer.concat([this.head, chunk]);
    const first = head.subarray(0, HEAD_BYTES);
    let mayBe = false;
    for (const framing of this.framings) {
      const detected = framing.detects(first);
      if (detected === true) {
        if (this.head.length > 0) this.head = head;
        this.session = framing.open('server', this.limits);
        this.onDetected(framing);
        return this.session;
      }
      mayBe ||= detected === undefined;
    }
    if (!mayBe || first.length === HEAD_BYTES) {
      const names = this.framings.map(({ name }) => name).join(', ');
      throw notUnderstood(`the stream is in none of the framings of this port (${names})`, head);
    }
    // A copy: the chunk may be part of a larger buffer.
    this.head = Buffer.from(head);
    return undefined;
  }

  private takeHead(): Buffer {
    const { head } = this;
    this.head = EMPTY;
    return head;
  }

  get understandsGoAway(): boolean {
    return this.session?.understandsGoAway ?? false;
  }

  writeHeartbeat(out: ByteWriter, requestId: number): void {
    this.session?.writeHeartbeat(out, requestId);
  }

  writeHeartbeatAck(out: ByteWriter, heartbeat: Message): void {
    this.session?.writeHeartbeatAck(out, heartbeat);
  }

  writeGoAway(out: ByteWriter): void {
    this.session?.writeGoAway(out);
  }
}
