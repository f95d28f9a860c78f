import { isTagged } from '../../../../src/values/java.js';

/*
 * The order in which Java holds what it read: a HashMap or HashSet by the hash codes of its keys, a TreeMap or TreeSet by
 * their natural order. Only for keys whose hash code or order is defined by their value; among others the wire's order
 * is kept (an enum's hash code is its address).
 */

const HASHED: ReadonlySet<string> = new Set(['java.util.HashMap', 'java.util.HashSet']);
const SORTED: ReadonlySet<string> = new Set([
  'java.util.TreeMap',
  'java.util.TreeSet',
  'java.util.concurrent.ConcurrentSkipListMap',
  'java.util.concurrent.ConcurrentSkipListSet',
]);

/** `entries` in the order of a collection of class `className`; `keyOf` gives an entry's key in the lossless form. */
export function inJavaOrder<T>(
  className: string,
  entries: readonly T[],
  keyOf: (entry: T) => unknown,
): readonly T[] {
  if (HASHED.has(className)) return byHash(entries, keyOf);
  return SORTED.has(className) ? byValue(entries, keyOf) : entries;
}

function byHash<T>(entries: readonly T[], keyOf: (entry: T) => unknown): readonly T[] {
  // The table doubles when it is three quarters full, and a bucket keeps the order of insertion.
  let buckets = 16;
  while (entries.length > buckets * 0.75) buckets *= 2;
  const placed: { entry: T; bucket: number }[] = [];
  for (const entry of entries) {
    const hash = hashCode(keyOf(entry));
    if (hash === undefined) return entries;
    placed.push({ entry, bucket: (hash ^ (hash >>> 16)) & (buckets - 1) });
  }
  return placed.sort((a, b) => a.bucket - b.bucket).map(({ entry }) => entry);
}

/** Object.hashCode() where it follows from the value. */
function hashCode(value: unknown): number | undefined {
  if (value === null) return 0;
  if (typeof value === 'string') return stringHash(value);
  if (typeof value === 'boolean') return value ? 1231 : 1237;
  if (typeof value !== 'object' || !isTagged(value)) return undefined;
  switch (value.$java) {
    case 'int':
      return value.value;
    case 'long':
    case 'date':
      return longHash(value.value);
    case 'double':
      return longHash(bitsOf(value.value));
    default:
      return undefined;
  }
}

function stringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

function longHash(value: bigint): number {
  return Number(BigInt.asIntN(32, value ^ BigInt.asIntN(64, BigInt.asUintN(64, value) >> 32n)));
}

function bitsOf(value: number): bigint {
  if (Number.isNaN(value)) return 0x7ff8000000000000n;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigInt64(0);
}

type Comparable = string | number | bigint;

function byValue<T>(entries: readonly T[], keyOf: (entry: T) => unknown): readonly T[] {
  const keyed: { entry: T; key: Comparable }[] = [];
  let kind: string | undefined;
  for (const entry of entries) {
    const value = keyOf(entry);
    const key = comparable(value);
    const itsKind = typeof value === 'string' ? 'string' : (value as { $java?: string } | null)?.$java;
    // Keys of two classes cannot be compared, in Java either.
    if (key === undefined || (kind !== undefined && kind !== itsKind)) return entries;
    kind = itsKind;
    keyed.push({ entry, key });
  }
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ entry }) => entry);
}

function comparable(value: unknown): Comparable | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || !isTagged(value)) return undefined;
  switch (value.$java) {
    case 'int':
    case 'double':
    case 'long':
    case 'date':
      return value.value;
    default:
      return undefined;
  }
}
