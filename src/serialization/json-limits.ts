import { MeshError } from '../core/errors.js';

/** Integer ranges of Java's types; a long is checked as a bigint. */
export const INT_RANGES: Readonly<Record<'byte' | 'short' | 'int', readonly [number, number]>> = {
  byte: [-0x80, 0x7f],
  short: [-0x8000, 0x7fff],
  int: [-0x8000_0000, 0x7fff_ffff],
};

/** As Hessian's. */
const MAX_DEPTH = 1_024;
const MAX_PATH = 300;

/** Refuses nesting that would overflow the stack: an attack when read, mostly a cycle when written. */
export function checkDepth(depth: number, code: 'ENCODE_FAILED' | 'DECODE_FAILED', path: string): void {
  if (depth > MAX_DEPTH) throw new MeshError(code, `${shortPath(path)}: nested deeper than ${MAX_DEPTH}`);
}

/** A path for a message: of a long one, which an attacker may make, the middle is left out. */
export function shortPath(path: string): string {
  return path.length <= MAX_PATH ? path : `${path.slice(0, MAX_PATH / 2)}...${path.slice(-MAX_PATH / 2)}`;
}
