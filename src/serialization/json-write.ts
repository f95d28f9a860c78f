import { MeshError } from '../core/errors.js';
import { Decimal } from '../values/decimal.js';
import type { MapNode, SchemaNode } from '../values/schema.js';
import { checkDepth, INT_RANGES, shortPath } from './json-limits.js';

/**
 * A value as Jackson writes it: a long with all its digits, a Date as milliseconds, an enum as its name, byte[] as
 * base64, a BigDecimal as a number. Only what the contract declares is written: Java refuses unknown fields.
 * @throws MeshError ENCODE_FAILED with the path.
 */
export function toJson(node: SchemaNode, value: unknown, path: string, depth = 0): string {
  if (value === null || value === undefined) {
    if (!node.nullable && node.kind !== 'void') throw wrong(path, node.javaName, value);
    return 'null';
  }
  checkDepth(depth, 'ENCODE_FAILED', path);
  switch (node.kind) {
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong(path, 'boolean', value);
      return String(value);
    case 'byte':
    case 'short':
    case 'int':
      return integer(node.kind, value, path);
    case 'long':
    case 'safeLong':
    case 'bigInteger':
      return long(node.kind, value, path);
    case 'float':
    case 'double':
      if (typeof value !== 'number') throw wrong(path, node.kind, value);
      return Number.isFinite(value) ? String(value) : `"${value}"`;
    case 'bigDecimal':
      if (!Decimal.is(value)) throw wrong(path, 'Decimal', value);
      return value.toString();
    case 'char':
    case 'string':
    case 'uuid':
    case 'locale':
    case 'currency':
    case 'enum':
      if (typeof value !== 'string') throw wrong(path, 'string', value);
      if (node.kind === 'enum' && !node.open && !node.constants.includes(value))
        throw wrong(path, `a constant of ${node.javaName}`, value);
      return JSON.stringify(value);
    case 'date':
      if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw wrong(path, 'a valid Date', value);
      return String(value.getTime());
    case 'bytes':
      if (!(value instanceof Uint8Array)) throw wrong(path, 'Uint8Array', value);
      return JSON.stringify(Buffer.from(value).toString('base64'));
    case 'array':
    case 'list':
    case 'set':
      if (!Array.isArray(value) && !(value instanceof Set))
        throw wrong(path, node.kind === 'set' ? 'Set' : 'array', value);
      return `[${[...value].map((item, i) => toJson(node.element, item, `${path}[${i}]`, depth + 1)).join(',')}]`;
    case 'map':
      return mapToJson(node, value, path, depth);
    case 'optional':
      return toJson(node.element, value, path, depth);
    case 'class':
      if (typeof value !== 'object' || Array.isArray(value)) throw wrong(path, node.javaName, value);
      return `{${node
        .fields()
        .map((field) => {
          const item = (value as Record<string, unknown>)[field.name];
          return `${JSON.stringify(field.name)}:${toJson(field.node, item, `${path}.${field.name}`, depth + 1)}`;
        })
        .join(',')}}`;
    case 'any':
      return untyped(value, path, depth);
    case 'void':
      return 'null';
    default:
      throw new MeshError(
        'ENCODE_FAILED',
        `${path}: ${node.javaName} has no form in JSON that Java reads; use hessian2`,
      );
  }
}

function integer(kind: 'byte' | 'short' | 'int', value: unknown, path: string): string {
  const [min, max] = INT_RANGES[kind];
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max)
    throw wrong(path, kind, value);
  return String(value);
}

function long(kind: string, value: unknown, path: string): string {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value))
    throw wrong(path, 'bigint or safe integer', value);
  const exact = BigInt(value as bigint | number);
  if (kind !== 'bigInteger' && BigInt.asIntN(64, exact) !== exact)
    throw wrong(path, 'a 64-bit integer', value);
  return exact.toString();
}

function mapToJson(node: MapNode, value: unknown, path: string, depth: number): string {
  if (!(value instanceof Map)) throw wrong(path, 'Map', value);
  const entries = [...value].map(([key, item]) => {
    const text = toJson(node.key, key, `${path}.key`);
    return `${text.startsWith('"') ? text : `"${text}"`}:${toJson(node.value, item, `${path}[${String(key)}]`, depth + 1)}`;
  });
  return `{${entries.join(',')}}`;
}

/** Without a contract: bigints keep their digits, a Map is an object. */
function untyped(value: unknown, path: string, depth: number): string {
  checkDepth(depth, 'ENCODE_FAILED', path);
  if (typeof value === 'bigint' || Decimal.is(value)) return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  if (value instanceof Map) return untyped(Object.fromEntries(value), path, depth);
  if (Array.isArray(value) || value instanceof Set) {
    return `[${[...value].map((item, i) => untyped(item ?? null, `${path}[${i}]`, depth + 1)).join(',')}]`;
  }
  if (value instanceof Date) return String(value.getTime());
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${untyped(item, `${path}.${key}`, depth + 1)}`).join(',')}}`;
  }
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw wrong(path, 'a value with a form in JSON', value);
  return text;
}

function wrong(path: string, expected: string, value: unknown): MeshError {
  const got =
    value === null || value === undefined ? String(value) : Array.isArray(value) ? 'an array' : typeof value;
  return new MeshError('ENCODE_FAILED', `${shortPath(path)}: expected ${expected}, got ${got}`);
}
