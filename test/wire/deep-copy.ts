/**
 * A copy of a value by its own enumerable properties alone: no prototypes, no symbols, nothing hidden. What occurs
 * twice in the value occurs twice in the copy; `memo` may be shared by several values.
 */
export function deepCopy(value: unknown, memo: Map<object, unknown> = new Map()): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  const known = memo.get(value);
  if (known !== undefined) return known;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : Object.create(null);
  memo.set(value, copy);
  for (const [key, item] of Object.entries(value))
    (copy as Record<string, unknown>)[key] = deepCopy(item, memo);
  return copy;
}
