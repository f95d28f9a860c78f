import type { Duplex } from 'node:stream';
import type { FramingSession, Message } from '../framing/framing.js';
import type { DevGate } from './dev-gate.js';

/** Messages over one stream of a dev sidecar. While the sidecar stands still nothing is read, written or closed. */
export class DevConnection {
  private readonly held: (() => void)[] = [];
  private isWaiting = false;
  closed = false;

  constructor(
    private readonly stream: Duplex,
    private readonly session: FramingSession,
    private readonly gate: DevGate,
    private readonly onMessage: (message: Message) => void,
    private readonly onClosed: () => void,
  ) {
    stream.on('data', (chunk: Buffer) => this.read(chunk));
    stream.on('error', () => {});
    // Who ends its side has closed it, as for MOSN; nothing more is written to it.
    stream.on('end', () => {
      stream.end();
      this.over();
    });
    stream.on('close', () => this.over());
    if (gate.isHung) this.hang();
  }

  /** Stops reading. */
  hang(): void {
    this.stream.pause();
    this.waitForResume();
  }

  private waitForResume(): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.gate.onResume(() => {
      this.isWaiting = false;
      for (const act of this.held.splice(0)) act();
      this.stream.resume();
    });
  }

  write(bytes: Uint8Array): void {
    this.do(() => {
      if (!this.closed && !this.stream.destroyed) this.stream.write(bytes);
    });
  }

  /** Closes when what was written has left. */
  end(): void {
    this.do(() => this.stream.end());
  }

  destroy(): void {
    this.do(() => this.stream.destroy());
  }

  private do(act: () => void): void {
    if (!this.gate.isHung) act();
    else {
      this.held.push(act);
      this.waitForResume();
    }
  }

  private read(chunk: Buffer): void {
    if (this.closed) return;
    try {
      this.session.push(chunk, this.onMessage);
    } catch {
      // Bytes of another protocol: there is no way back into step, and nobody to tell.
      this.destroy();
    }
  }

  private over(): void {
    if (this.closed) return;
    this.closed = true;
    this.onClosed();
  }
}
