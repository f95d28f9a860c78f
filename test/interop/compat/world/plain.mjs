// A value as JSON that keeps what JSON would lose, so that two processes can compare.
import { EventEmitter } from 'node:events';

/** What an assertion says beside its message is of no interest. */
const OF_ASSERTIONS = new Set(['generatedMessage', 'actual', 'expected', 'operator', 'diff']);

/** What was made here: plain already, wherever it is put. @type {WeakSet<object>} */
const made = new WeakSet();

/**
 * Tags: `{ $: 'undefined' }`, `{ $: 'bigint', value }`, `{ $: 'Map', entries }`, `{ $: 'Error', name, message, .. }`, an
 * instance of a class `{ $: <class>, ..fields }` without fields that start with `_`, an emitter `{ $: <class> }` alone.
 * @param {unknown} value @param {import('./mask.mjs').Mask} mask @param {object[]} [above] @returns {any}
 */
export function plain(value, mask, above = []) {
  const result = anyOf(value, mask, above);
  if (typeof result === 'object' && result !== null) made.add(result);
  return result;
}

/** @param {unknown} value @param {import('./mask.mjs').Mask} mask @param {object[]} above @returns {any} */
function anyOf(value, mask, above) {
  switch (typeof value) {
    case 'undefined':
      return { $: 'undefined' };
    case 'function':
      return { $: 'function' };
    case 'symbol':
      return { $: 'symbol', name: value.description };
    case 'bigint':
      return { $: 'bigint', value: String(value) };
    case 'string':
      return mask.text(value);
    case 'number':
      return numberOf(value, mask);
    case 'boolean':
      return value;
  }
  const object = /** @type {any} */ (value);
  if (object === null) return null;
  if (made.has(object)) return object;
  const depth = above.indexOf(object);
  return depth >= 0
    ? { $: 'circular', up: above.length - depth }
    : objectOf(object, mask, [...above, object]);
}

/** @param {number} value @param {import('./mask.mjs').Mask} mask */
function numberOf(value, mask) {
  if (Object.is(value, -0)) return { $: 'number', value: '-0' };
  if (!Number.isFinite(value)) return { $: 'number', value: String(value) };
  return mask.number(value);
}

/** @param {any} object @param {import('./mask.mjs').Mask} mask @param {object[]} above @returns {any} */
function objectOf(object, mask, above) {
  const inside = (/** @type {unknown} */ value) => plain(value, mask, above);
  if (Array.isArray(object)) return Array.from(object, inside);
  if (Buffer.isBuffer(object)) return { $: 'Buffer', hex: object.toString('hex') };
  if (object instanceof Uint8Array) return { $: 'Uint8Array', hex: Buffer.from(object).toString('hex') };
  if (object instanceof Date) return { $: 'Date', value: dateOf(object, mask) };
  if (object instanceof RegExp) return { $: 'RegExp', value: String(object) };
  if (object instanceof Map)
    return { $: 'Map', entries: Array.from(object, ([key, item]) => [inside(key), inside(item)]) };
  if (object instanceof Set) return { $: 'Set', values: Array.from(object, inside) };
  if (object instanceof Promise) return { $: 'Promise' };
  if (object instanceof Error) return errorOf(object, mask, inside);
  const name = classOf(object);
  if (object instanceof EventEmitter) return { $: name };
  /** @type {Record<string, unknown>} */
  const result = name === 'Object' ? {} : { $: name };
  // A wrapper of the user's is `{ $class, $ }`: its `$` must not be taken for a tag.
  for (const key of Object.keys(object))
    if (name === 'Object' || !key.startsWith('_'))
      result[key === '$' ? '$$' : mask.text(key)] = inside(object[key]);
  return result;
}

/** @param {Date} date @param {import('./mask.mjs').Mask} mask */
function dateOf(date, mask) {
  const time = date.getTime();
  return Number.isNaN(time) ? 'invalid' : typeof mask.number(time) === 'string' ? '<time>' : time;
}

/** @param {any} object */
function classOf(object) {
  const prototype = Object.getPrototypeOf(object);
  if (prototype === null) return 'null prototype';
  return prototype.constructor?.name ?? 'nameless';
}

/** @param {any} error @param {import('./mask.mjs').Mask} mask @param {(value: unknown) => any} inside */
function errorOf(error, mask, inside) {
  /** @type {Record<string, unknown>} */
  const result = { $: 'Error', name: error.name, message: mask.text(String(error.message)) };
  for (const key of Object.keys(error)) {
    if (key === 'name' || key === 'message' || key === 'stack' || key.startsWith('_')) continue;
    if (error.name === 'AssertionError' && OF_ASSERTIONS.has(key)) continue;
    // The request that failed: as much as tells which.
    result[key] =
      key === 'req' ? { $: classOf(error.req), methodName: error.req.methodName } : inside(error[key]);
  }
  return result;
}
