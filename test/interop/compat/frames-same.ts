/**
 * Where two decoded values differ, as a path; undefined where they are the same: in values, in the order of keys, in what
 * is shared, in classes, and in what is shown of each property.
 */
export function difference(
  a: unknown,
  b: unknown,
  path = '$',
  seen: Map<object, object> = new Map(),
): string | undefined {
  if (typeof a === 'function' && typeof b === 'function') return undefined;
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null)
    return Object.is(a, b) ? undefined : `${path}: ${show(a)} / ${show(b)}`;
  const known = seen.get(a);
  if (known !== undefined) return known === b ? undefined : `${path}: is shared with something else`;
  seen.set(a, b);
  if (classOf(a) !== classOf(b)) return `${path}: ${classOf(a)} / ${classOf(b)}`;
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime()) ? undefined : `${path}: dates`;
  if (Buffer.isBuffer(a)) return a.equals(b as Buffer) ? undefined : `${path}: bytes`;
  if (a instanceof Map) return difference([...a], [...(b as typeof a)], `${path}.entries`, seen);
  const names = Object.getOwnPropertyNames(a);
  const others = Object.getOwnPropertyNames(b);
  // An error's properties are made in another order: nobody sees it.
  if (a instanceof Error) for (const list of [names, others]) list.sort();
  if (names.join('\n') !== others.join('\n')) return `${path}: properties ${names} / ${others}`;
  for (const name of names) {
    const [one, other] = [a, b].map((object) => Object.getOwnPropertyDescriptor(object, name));
    if (one?.enumerable !== other?.enumerable) return `${path}.${name}: is shown or not`;
    const found = difference(one?.value, other?.value, `${path}.${name}`, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function classOf(value: object): string {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null ? 'null' : prototype.constructor.name;
}

function show(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? classOf(value)
    : String(JSON.stringify(value) ?? value);
}
