import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.js';
import { endpointOf } from '../core/endpoint.js';
import { MeshError } from '../core/errors.js';
import { pause } from '../core/pause.js';
import type { Random } from '../core/random.js';
import { listen } from '../server/listener.js';
import { duplexPair } from './duplex-pair.js';

/**
 * Below the ports that systems give to outgoing connections: a client that keeps connecting to such a port, where nobody
 * listens, may be given that very port as its own, and the sidecar could not come back.
 */
const FROM_PORT = 15_000;
const TO_PORT = 32_000;
const ATTEMPTS = 40;
const AGAIN_MS = 50;

export interface DevListenerOptions {
  readonly host: string;
  /** 0: a free one, kept from then on. */
  readonly port: number;
  /** No socket: {@link DevListener.connect} is the only way in. */
  readonly memory: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly onStream: (stream: Duplex) => void;
}

/** One address of a dev sidecar, which can be opened and closed again and again. */
export class DevListener {
  private port: number;
  private server: Server | undefined;
  private readonly streams = new Set<Duplex>();
  private isOpen = false;
  private wasOpen = false;

  constructor(private readonly options: DevListenerOptions) {
    this.port = options.port;
  }

  /** `host:port`; the port is 0 until it was opened for the first time. */
  get address(): string {
    return endpointOf(this.options.host, this.port).address;
  }

  /** @throws MeshError CONNECT_FAILED where the port is taken. */
  async open(): Promise<void> {
    if (this.isOpen) return;
    if (!this.options.memory) await this.listen();
    this.isOpen = true;
  }

  private async listen(): Promise<void> {
    const { host, clock, random } = this.options;
    for (let attempt = 1; ; attempt++) {
      const port = this.port || FROM_PORT + Math.floor(random() * (TO_PORT - FROM_PORT));
      const server = createServer({ noDelay: true }, (socket) => this.accept(socket));
      try {
        await listen(server, host, port, () => {});
      } catch (error) {
        const mayTryAgain = this.options.port === 0 || this.wasOpen;
        if (attempt === ATTEMPTS || !mayTryAgain || !isTaken(error)) throw error;
        // Another one is tried at once; a port that was ours may be in the hands of a connection that is ending.
        if (this.wasOpen) await pause(clock, AGAIN_MS, undefined);
        continue;
      }
      this.port = port;
      this.wasOpen = true;
      this.server = server;
      return;
    }
  }

  /** A connection in memory; undefined where it is refused. */
  connect(): Duplex | undefined {
    if (!this.isOpen) return undefined;
    const [near, far] = duplexPair();
    this.accept(far);
    return near;
  }

  private accept(stream: Duplex): void {
    this.streams.add(stream);
    stream.on('error', () => {});
    stream.once('close', () => this.streams.delete(stream));
    this.options.onStream(stream);
  }

  /** Takes no more connections. Those that are there stay. */
  refuse(): void {
    this.isOpen = false;
    this.server?.close();
    this.server = undefined;
  }

  /** Takes no more connections, and ends those that are there at once. */
  close(): void {
    this.refuse();
    for (const stream of this.streams) stream.destroy();
  }
}

function isTaken(error: unknown): boolean {
  return MeshError.is(error) && (error.cause as NodeJS.ErrnoException)?.code === 'EADDRINUSE';
}
