const INITIAL_SIZE = 1024;

/**
 * A growing buffer that the codecs write into. `buf` changes when it grows, so a caller reserves first and reads
 * `buf` afterwards. Bytes before `pos` are written; what follows is free.
 */
export class ByteWriter {
  buf: Buffer;
  /** The same bytes as `buf`: for words and doubles, which it writes in one step. */
  view: DataView;
  pos = 0;

  constructor(size: number = INITIAL_SIZE) {
    this.buf = Buffer.allocUnsafeSlow(size);
    this.view = viewOf(this.buf);
  }

  /** Makes room for `bytes` more and returns `pos`. Does not move it. */
  reserve(bytes: number): number {
    const needed = this.pos + bytes;
    if (needed > this.buf.length) this.grow(needed);
    return this.pos;
  }

  private grow(needed: number): void {
    let size = this.buf.length;
    while (size < needed) size *= 2;
    const bigger = Buffer.allocUnsafeSlow(size);
    this.buf.copy(bigger, 0, 0, this.pos);
    this.buf = bigger;
    this.view = viewOf(bigger);
  }

  /** Appends a copy of `bytes`. */
  writeBytes(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.buf.set(bytes, at);
    this.pos = at + bytes.length;
  }

  /** The written bytes, as a view: valid until the next write. */
  written(): Buffer {
    return this.buf.subarray(0, this.pos);
  }
}

function viewOf(buf: Buffer): DataView {
  return new DataView(buf.buffer, buf.byteOffset, buf.length);
}
