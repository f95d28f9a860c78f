import { MeshError } from '../core/errors.js';
import { Decimal } from '../values/decimal.js';
import type { FieldNode, SchemaNode } from '../values/schema.js';

/** A number that a double cannot hold exactly travels through JSON.parse as this and its digits. */
const MARK = '\u0000';
/** Strings, to step over them, and numbers of 16 characters or more. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]{15,}/g;

/**
 * JSON.parse that keeps the digits of long numbers, for {@link fromJson}.
 * @throws MeshError DECODE_FAILED.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(TOKENS, (token) => (token.startsWith('"') ? token : `"\\u0000${token}"`)));
  } catch (error) {
    throw new MeshError('DECODE_FAILED', `the content is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** A parsed value as the contract's type. Unknown fields are left out. @throws MeshError DECODE_FAILED with the path. */
export function fromJson(node: SchemaNode, value: unknown, path: string): unknown {
  if (node.kind === 'void') return undefined;
  if (value === null || value === undefined) {
    if (node.nullable) return null;
    throw wrong(path, node.javaName, value);
  }
  switch (node.kind) {
    case 'boolean':
      return typed(value, 'boolean', path);
    case 'byte':
    case 'short':
    case 'int':
      if (!Number.isInteger(value)) throw wrong(path, node.kind, value);
      return value;
    case 'long':
    case 'bigInteger':
      return bigintOf(value, path);
    case 'safeLong': {
      const number = Number(bigintOf(value, path));
      if (!Number.isSafeInteger(number)) throw wrong(path, 'a safe integer', value);
      return number;
    }
    case 'float':
    case 'double':
      if (typeof value === 'number') return value;
      return Number(digitsOf(value) ?? typed(value, 'string', path));
    case 'bigDecimal':
      return new Decimal(digitsOf(value) ?? String(value));
    case 'char':
    case 'string':
    case 'uuid':
    case 'locale':
    case 'currency':
      return typed(value, 'string', path);
    case 'enum':
      if (!node.open && !node.constants.includes(value as string)) throw wrong(path, `a constant of ${node.javaName}`, value);
      return value;
    case 'date':
      if (typeof value !== 'number') throw wrong(path, 'milliseconds', value);
      return new Date(value);
    case 'bytes':
      return new Uint8Array(Buffer.from(typed(value, 'string', path) as string, 'base64'));
    case 'array':
    case 'list':
      return items(node.element, value, path);
    case 'set':
      return new Set(items(node.element, value, path));
    case 'map':
      return new Map(entriesOf(value, path).map(([key, item]) => [keyOf(node.key, key, path), fromJson(node.value, item, `${path}[${key}]`)]));
    case 'optional':
      return fromJson(node.element, value, path);
    case 'class':
      return objectOf(node.fields(), value, path);
    case 'any':
      return untyped(value);
    default:
      throw new MeshError('DECODE_FAILED', `${path}: ${node.javaName} has no form in JSON; use hessian2`);
  }
}

function digitsOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith(MARK) ? value.slice(1) : undefined;
}

function bigintOf(value: unknown, path: string): bigint {
  const digits = digitsOf(value) ?? (Number.isInteger(value) ? String(value) : '');
  if (!/^-?\d+$/.test(digits)) throw wrong(path, 'an integer', value);
  return BigInt(digits);
}

function typed(value: unknown, type: 'string' | 'boolean', path: string): unknown {
  if (typeof value !== type) throw wrong(path, type, value);
  return value;
}

function items(element: SchemaNode, value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw wrong(path, 'an array', value);
  return value.map((item, i) => fromJson(element, item, `${path}[${i}]`));
}

function entriesOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'an object', value);
  return Object.entries(value);
}

/** JSON has text for keys; a map's may be numbers. */
function keyOf(node: SchemaNode, key: string, path: string): unknown {
  const isNumber = /^-?\d/.test(key) && node.kind !== 'string' && node.kind !== 'enum' && node.kind !== 'any';
  return fromJson(node, isNumber ? parseJson(key) : key, `${path}.key`);
}

function objectOf(fields: readonly FieldNode[], value: unknown, path: string): unknown {
  const given = new Map(entriesOf(value, path));
  const object: Record<string, unknown> = {};
  for (const { name, node } of fields) object[name] = fromJson(node, given.get(name), `${path}.${name}`);
  return object;
}

function untyped(value: unknown): unknown {
  const digits = digitsOf(value);
  if (digits !== undefined) return /^-?\d+$/.test(digits) ? BigInt(digits) : Number(digits);
  if (Array.isArray(value)) return value.map(untyped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, untyped(item)]));
}

function wrong(path: string, expected: string, value: unknown): MeshError {
  const got = value === null || value === undefined ? String(value) : Array.isArray(value) ? 'an array' : typeof value;
  return new MeshError('DECODE_FAILED', `${path}: expected ${expected}, got ${got}`);
}
