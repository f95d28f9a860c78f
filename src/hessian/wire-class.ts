import { BytePattern } from '../core/byte-pattern.js';
import { decodeFault } from './faults.js';

/** A class definition as it was read. The same bytes give the same object, so that a codec can keep what it worked out. */
export class WireClass {
  /** What the codec `plannedBy` worked out for this definition. A memo of one, owned by the codec. */
  plannedBy: object | undefined = undefined;
  plan: unknown = undefined;
  readonly pattern: BytePattern;

  constructor(
    readonly name: string,
    readonly fieldNames: readonly string[],
    /** The definition's bytes after its tag. */
    bytes: Buffer,
  ) {
    this.pattern = new BytePattern(bytes);
  }
}

const SLOTS = 256;
/** A longer definition is not kept: what a peer can make us hold stays bounded (256 slots of 4 KiB). */
const LONGEST_KEPT = 4096;

/**
 * Class definitions seen before, by their bytes: a repeated definition is compared, not parsed. Bounded: a slot is
 * overwritten by the next definition that falls into it. May be shared by readers of one grammar.
 */
export class WireClassCache {
  private readonly slots: (WireClass | undefined)[] = new Array(SLOTS).fill(undefined);

  /** The known definition that begins at `at`, if its bytes are the same. `view` is of the memory that `buf` is a part of. */
  find(buf: Buffer, view: DataView, at: number, end: number): WireClass | undefined {
    const known = this.slots[slotOf(buf, at, end)];
    if (known === undefined || at + known.pattern.length > end) return undefined;
    return known.pattern.matches(view, buf.byteOffset + at) ? known : undefined;
  }

  keep(known: WireClass): void {
    const { bytes } = known.pattern;
    if (bytes.length <= LONGEST_KEPT) this.slots[slotOf(bytes, 0, bytes.length)] = known;
  }
}

/** The first two bytes hold the length of the name, whose last letters tell classes of one package apart. */
function slotOf(buf: Uint8Array, at: number, end: number): number {
  const first = buf[at];
  const nameEnd =
    first >= 0x80
      ? at + (first >= 0xc0 ? 2 + buf[at + 1] + ((first - 0xc8) << 8) : first - 0x8f)
      : at + 1 + first;
  if (nameEnd >= end || nameEnd < at + 4) return first;
  return (
    (first * 7 + buf[nameEnd - 1] * 31 + buf[nameEnd - 2] * 5 + buf[nameEnd - 3] * 3 + buf[nameEnd]) &
    (SLOTS - 1)
  );
}

export const MAX_FIELDS = 1024;

/** Refuses a number of fields that no class has. */
export function checkFieldCount(className: string, count: number): void {
  if (count < 0 || count > MAX_FIELDS) {
    throw decodeFault(`class ${className} is defined with ${count} fields; the limit is ${MAX_FIELDS}`);
  }
}
