import type { FramingSession, Message } from './framing.js';

/** How a proxy ends a call by itself. */
export interface RelayStatuses {
  readonly noProvider: number;
  readonly busy: number;
  readonly timeout: number;
  /** The connection to the provider was lost with the call on it. */
  readonly upstreamLost: number;
}

/** What a proxy does with the messages of a framing: passes them on as they are, and answers for itself. */
export interface Relay {
  readonly statuses: RelayStatuses;
  open(): FramingSession;
  /** @throws MeshError PROTOCOL_VIOLATION for a request that cannot be read. */
  serviceIdOf(request: Message): string | undefined;
  /** The message's bytes, to pass on. */
  copy(message: Message): Buffer;
  setRequestId(bytes: Buffer, requestId: number): void;
  /** Whether the proxy reads what follows this message from the wrong byte on. */
  putsOutOfStep(message: Message): boolean;
  /** The proxy's own answer to a request. */
  answer(requestId: number, status: number): Buffer;
  heartbeatAck(requestId: number): Buffer;
  goAway(): Buffer;
}
