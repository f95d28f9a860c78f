import { ByteWriter } from '../core/bytes.js';

const FIRST_SIZE = 16 * 1024;
const KEEP_BYTES = 4 * 1024 * 1024;
const KEEP_WRITERS = 4;

/**
 * Output buffers, lent to a connection for one burst of frames. Nearly every burst reaches the kernel at once, so one
 * buffer serves thousands of connections, and an idle connection holds none. One pool a client or server.
 */
export class OutputPool {
  private readonly free: ByteWriter[] = [];

  take(): ByteWriter {
    return this.free.pop() ?? new ByteWriter(FIRST_SIZE);
  }

  give(writer: ByteWriter): void {
    writer.pos = 0;
    if (this.free.length < KEEP_WRITERS && writer.buf.length <= KEEP_BYTES) this.free.push(writer);
  }
}
