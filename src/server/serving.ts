import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.js';
import type { MeshError } from '../core/errors.js';
import { DEFAULT_MAX_FRAME_BYTES, type Framing } from '../framing/framing.js';
import type { ServerConnection } from '../transport/server-connection.js';
import { Admission } from './admission.js';
import { ServerConnections } from './connections.js';
import { Dispatcher } from './dispatcher.js';
import type { MeshServerOptions } from './options.js';

const DEFAULT_MAX_CONCURRENCY = 10_000;
const DEFAULT_MAX_QUEUE = 1_000;

export interface ServingOptions
  extends Pick<MeshServerOptions, 'maxConcurrency' | 'maxQueue' | 'maxFrameBytes'> {
  readonly clock: Clock;
  /** Told why a connection was refused or cut. */
  readonly warn: (text: string) => void;
  /** Milliseconds of silence after which a connection is closed. Default 90,000, as Java's server. */
  readonly idleMs?: number;
  /** What clients may speak; at least one. Of two with the same name, the last one counts. */
  readonly framings: readonly Framing[];
  /** Told of each connection that was closed, and why. */
  readonly onClosed?: (connection: ServerConnection, reason: MeshError) => void;
}

/** What answers requests, under the faces for users: connections, the room for calls, and who answers for which service. */
export class Serving {
  readonly admission: Admission;
  readonly dispatcher: Dispatcher;
  readonly connections: ServerConnections;

  constructor(options: ServingOptions) {
    const { clock, warn, idleMs, onClosed, maxFrameBytes = DEFAULT_MAX_FRAME_BYTES } = options;
    const { maxConcurrency = DEFAULT_MAX_CONCURRENCY, maxQueue = DEFAULT_MAX_QUEUE } = options;
    this.admission = new Admission(maxConcurrency, maxQueue, () => clock.now());
    const framings = new Map(options.framings.map((framing) => [framing.name, framing]));
    this.dispatcher = new Dispatcher(clock, [...framings.values()], { maxFrameBytes }, this.admission);
    this.connections = new ServerConnections({
      clock,
      dispatcher: this.dispatcher,
      maxFrameBytes,
      idleMs,
      onClosed,
      warn,
    });
  }

  /** Serves what comes on the stream. */
  accept(stream: Duplex, remote: string): ServerConnection {
    return this.connections.accept(stream, remote);
  }
}
