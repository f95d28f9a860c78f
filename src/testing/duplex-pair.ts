import { Duplex } from 'node:stream';

class End extends Duplex {
  other!: End;
  private release: (() => void) | undefined;

  override _read(): void {
    const release = this.release;
    this.release = undefined;
    release?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { other } = this;
    if (other.destroyed) {
      this.destroy(new Error('the other end is gone'));
      return;
    }
    // A copy: a writer may reuse its buffer as soon as it is told that the bytes have left.
    if (other.push(Buffer.from(chunk))) done();
    else other.release = done;
  }

  override _final(done: () => void): void {
    if (!this.other.destroyed) this.other.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // As a socket: the peer sees the end of the stream and closes its side, too.
    if (!this.other.destroyed) setImmediate(() => this.other.destroy());
    done(error);
  }
}

/** Two streams: what is written to one is read from the other, with backpressure, as with a socket. */
export function duplexPair(): [Duplex, Duplex] {
  const a = new End({ autoDestroy: true });
  const b = new End({ autoDestroy: true });
  a.other = b;
  b.other = a;
  return [a, b];
}
