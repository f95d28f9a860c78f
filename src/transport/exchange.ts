import type { ByteWriter } from '../core/bytes.js';
import type { MeshError } from '../core/errors.js';
import type { WheelEntry } from '../core/timer-wheel.js';
import type { Message } from '../framing/framing.js';

/** One request and the response it waits for, as a connection sees them. */
export abstract class Exchange implements WheelEntry {
  deadline = Number.POSITIVE_INFINITY;
  wheelPrevious: WheelEntry | undefined = undefined;
  wheelNext: WheelEntry | undefined = undefined;
  /** Set by the connection that sends it. */
  requestId = 0;

  /** Nothing is answered. */
  abstract readonly oneway: boolean;

  /** Appends the request's message. What it throws refuses the call; nothing has been sent then. */
  abstract encode(out: ByteWriter, requestId: number): void;

  /** The response came. It is valid until this returns. Never throws. */
  abstract complete(response: Message): void;

  /** The connection gives the call up. `sent`: its bytes may have reached the other side. */
  abstract fail(error: MeshError, sent: boolean): void;

  abstract onDeadline(): void;
}
