const SLOTS = 512;
/** Longer texts are rarely repeated, and what a peer can make us keep stays bounded: 512 texts of 96 bytes. */
const LONGEST = 96;

interface Entry {
  readonly bytes: Buffer;
  readonly text: string;
}

/**
 * Texts that come again and again, such as header keys, service ids and method names, by their bytes: a repeated one is
 * compared, not decoded. A slot is overwritten by the next text that falls into it.
 */
export class Interner {
  private readonly slots: (Entry | undefined)[] = new Array(SLOTS).fill(undefined);

  /** The UTF-8 text of `length` bytes at `start`. */
  text(buf: Buffer, start: number, length: number): string {
    if (length > LONGEST || length === 0) return buf.toString('utf8', start, start + length);
    const end = start + length;
    const slot =
      (length * 31 + buf[start] * 7 + buf[end - 1] * 131 + buf[start + (length >> 1)] * 17) & (SLOTS - 1);
    const known = this.slots[slot];
    if (known !== undefined && same(known.bytes, buf, start, length)) return known.text;
    const text = buf.toString('utf8', start, end);
    this.slots[slot] = { bytes: Buffer.from(buf.subarray(start, end)), text };
    return text;
  }
}

function same(bytes: Buffer, buf: Buffer, start: number, length: number): boolean {
  if (bytes.length !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[i] !== buf[start + i]) return false;
  return true;
}
