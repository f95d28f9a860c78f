import type { Duplex } from 'node:stream';
import { DEFAULT_MAX_FRAME_BYTES, type Frame } from '../bolt/frame.js';
import type { ByteWriter } from '../core/bytes.js';
import type { Clock } from '../core/clock.js';
import type { MeshError } from '../core/errors.js';
import { Serializers } from '../serialization/serializers.js';
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
  /** Appends the answer to a heartbeat. Default: as Java's server. */
  readonly answerHeartbeat?: (out: ByteWriter, heartbeat: Frame) => void;
  /** Told of each connection that was closed, and why. */
  readonly onClosed?: (connection: ServerConnection, reason: MeshError) => void;
}

/** What answers requests, under the faces for users: connections, the room for calls, and who answers for which service. */
export class Serving {
  readonly serializers = new Serializers();
  readonly admission: Admission;
  readonly dispatcher: Dispatcher;
  readonly connections: ServerConnections;
  readonly maxFrameBytes: number;

  constructor(options: ServingOptions) {
    const { clock, warn, idleMs, answerHeartbeat, onClosed } = options;
    const { maxConcurrency = DEFAULT_MAX_CONCURRENCY, maxQueue = DEFAULT_MAX_QUEUE } = options;
    this.maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES;
    this.admission = new Admission(maxConcurrency, maxQueue, () => clock.now());
    this.dispatcher = new Dispatcher(clock, this.serializers, this.admission);
    this.connections = new ServerConnections({
      clock,
      dispatcher: this.dispatcher,
      maxFrameBytes: this.maxFrameBytes,
      idleMs,
      answerHeartbeat,
      onClosed,
      warn,
    });
  }

  /** Serves what comes on the stream. */
  accept(stream: Duplex, remote: string): ServerConnection {
    return this.connections.accept(stream, remote);
  }
}
