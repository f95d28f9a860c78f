import { MeshError } from '../core/errors.js';
import { Decimal } from '../values/decimal.js';
import type { FieldNode, SchemaNode } from '../values/schema.js';
import { checkDepth, INT_RANGES, shortPath } from './json-limits.js';
import { numberText, parseJson, stringText } from './json-text.js';

/** What Jackson writes for a double that JSON has no number for. */
const ODD_DOUBLES: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity']);

/** A value of {@link parseJson} as the contract's type. Unknown fields are left out. @throws MeshError DECODE_FAILED with the path. */
export function fromJson(node: SchemaNode, value: unknown, path: string, depth = 0): unknown {
  if (node.kind === 'void') return undefined;
  if (value === null || value === undefined) {
    if (node.nullable) return null;
    throw wrong(path, node.javaName, value);
  }
  checkDepth(depth, 'DECODE_FAILED', path);
  switch (node.kind) {
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong(path, 'boolean', value);
      return value;
    case 'byte':
    case 'short':
    case 'int':
      return intOf(node.kind, value, path);
    case 'long':
    case 'bigInteger':
      return bigintOf(node.kind, value, path);
    case 'safeLong': {
      const number = Number(bigintOf(node.kind, value, path));
      if (!Number.isSafeInteger(number)) throw wrong(path, 'a safe integer', value);
      return number;
    }
    case 'float':
    case 'double':
      return doubleOf(node.kind, value, path);
    case 'bigDecimal':
      return new Decimal(numberText(value) ?? refuse(path, 'BigDecimal', value));
    case 'char':
    case 'string':
    case 'uuid':
    case 'locale':
    case 'currency':
      return stringText(value) ?? refuse(path, 'string', value);
    case 'enum': {
      const name = stringText(value) ?? refuse(path, `a constant of ${node.javaName}`, value);
      if (!node.open && !node.constants.includes(name))
        throw wrong(path, `a constant of ${node.javaName}`, value);
      return name;
    }
    case 'date':
      if (typeof value !== 'number') throw wrong(path, 'milliseconds', value);
      return new Date(value);
    case 'bytes':
      return new Uint8Array(Buffer.from(stringText(value) ?? refuse(path, 'base64', value), 'base64'));
    case 'array':
    case 'list':
      return items(node.element, value, path, depth);
    case 'set':
      return new Set(items(node.element, value, path, depth));
    case 'map':
      return new Map(
        entriesOf(value, path).map(([key, item]) => [
          keyOf(node.key, key, path),
          fromJson(node.value, item, `${path}[${key}]`, depth + 1),
        ]),
      );
    case 'optional':
      return fromJson(node.element, value, path, depth);
    case 'class':
      return objectOf(node.fields(), value, path, depth);
    case 'any':
      return untyped(value, path, depth);
    default:
      throw new MeshError(
        'DECODE_FAILED',
        `${shortPath(path)}: ${node.javaName} has no form in JSON; use hessian2`,
      );
  }
}

function intOf(kind: 'byte' | 'short' | 'int', value: unknown, path: string): number {
  const [min, max] = INT_RANGES[kind];
  const number = Number(numberText(value) ?? Number.NaN);
  if (!Number.isInteger(number) || number < min || number > max) throw wrong(path, kind, value);
  return number;
}

function bigintOf(kind: string, value: unknown, path: string): bigint {
  const text = numberText(value) ?? '';
  if (!/^-?\d+$/.test(text)) throw wrong(path, 'an integer', value);
  const exact = BigInt(text);
  if (kind !== 'bigInteger' && BigInt.asIntN(64, exact) !== exact)
    throw wrong(path, 'a 64-bit integer', value);
  return exact;
}

function doubleOf(kind: string, value: unknown, path: string): number {
  const text = numberText(value) ?? stringText(value) ?? '';
  if (numberText(value) === undefined && !ODD_DOUBLES.has(text)) throw wrong(path, kind, value);
  return Number(text);
}

function items(element: SchemaNode, value: unknown, path: string, depth: number): unknown[] {
  if (!Array.isArray(value)) throw wrong(path, 'an array', value);
  return value.map((item, i) => fromJson(element, item, `${path}[${i}]`, depth + 1));
}

function entriesOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(path, 'an object', value);
  return Object.entries(value).map(([key, item]) => [stringText(key) ?? key, item]);
}

/** JSON has text for keys; a map's may be numbers. */
function keyOf(node: SchemaNode, key: string, path: string): unknown {
  const isNumber = /^-?\d/.test(key) && node.kind !== 'string' && node.kind !== 'enum' && node.kind !== 'any';
  return fromJson(node, isNumber ? parseJson(key) : key, `${path}.key`);
}

function objectOf(fields: readonly FieldNode[], value: unknown, path: string, depth: number): unknown {
  const given = new Map(entriesOf(value, path));
  const object: Record<string, unknown> = {};
  for (const { name, node } of fields)
    object[name] = fromJson(node, given.get(name), `${path}.${name}`, depth + 1);
  return object;
}

function untyped(value: unknown, path: string, depth: number): unknown {
  checkDepth(depth, 'DECODE_FAILED', path);
  if (typeof value === 'string') {
    const digits = numberText(value);
    if (digits === undefined) return stringText(value);
    return /^-?\d+$/.test(digits) ? BigInt(digits) : Number(digits);
  }
  if (Array.isArray(value)) return value.map((item, i) => untyped(item, `${path}[${i}]`, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    entriesOf(value, path).map(([key, item]) => [key, untyped(item, `${path}.${key}`, depth + 1)]),
  );
}

function refuse(path: string, expected: string, value: unknown): never {
  throw wrong(path, expected, value);
}

function wrong(path: string, expected: string, value: unknown): MeshError {
  const type = numberText(value) === undefined ? typeof value : 'number';
  const got =
    value === null || value === undefined ? String(value) : Array.isArray(value) ? 'an array' : type;
  return new MeshError('DECODE_FAILED', `${shortPath(path)}: expected ${expected}, got ${got}`);
}
