import protobufjs from 'protobufjs';
import { MeshError } from '../core/errors.js';

const INT_LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-0x8000_0000, 0x7fff_ffff],
  sint32: [-0x8000_0000, 0x7fff_ffff],
  sfixed32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  fixed32: [0, 0xffff_ffff],
};
const LONGS: ReadonlySet<string> = new Set(['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64']);

/**
 * Refuses a value that is not of the message's type. protobufjs would write something for it all the same: its own
 * `verify` knows no bigint and no enum names, and `fromObject` turns 'abc' into 0.
 * @throws MeshError ENCODE_FAILED with the path.
 */
export function checkMessage(type: protobufjs.Type, value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, type.fullName.slice(1), value);
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined || item === null) continue;
    const field = type.fields[key];
    if (field === undefined) {
      throw new MeshError('ENCODE_FAILED', `${path}.${key}: ${type.fullName.slice(1)} has no such field`);
    }
    checkField(field.resolve(), item, `${path}.${key}`);
  }
}

function checkField(field: protobufjs.Field, value: unknown, path: string): void {
  if (field.map) {
    if (typeof value !== 'object' || value === null) throw wrong(path, 'an object of map entries', value);
    for (const [key, item] of Object.entries(value)) checkValue(field, item, `${path}[${JSON.stringify(key)}]`);
  } else if (field.repeated) {
    if (!Array.isArray(value)) throw wrong(path, 'an array', value);
    for (let i = 0; i < value.length; i++) checkValue(field, value[i], `${path}[${i}]`);
  } else checkValue(field, value, path);
}

function checkValue(field: protobufjs.Field, value: unknown, path: string): void {
  const { resolvedType, type } = field;
  if (resolvedType instanceof protobufjs.Enum) {
    const known = typeof value === 'string' ? value in resolvedType.values : Number.isInteger(value);
    if (!known) throw wrong(path, `a constant of ${resolvedType.fullName.slice(1)}`, value);
  } else if (resolvedType !== null) checkMessage(resolvedType, value, path);
  else if (!isScalar(type, value)) throw wrong(path, type, value);
}

function isScalar(type: string, value: unknown): boolean {
  if (LONGS.has(type)) return typeof value === 'bigint' || Number.isSafeInteger(value);
  const limits = INT_LIMITS[type];
  if (limits !== undefined) return Number.isInteger(value) && (value as number) >= limits[0] && (value as number) <= limits[1];
  if (type === 'bytes') return value instanceof Uint8Array;
  if (type === 'bool') return typeof value === 'boolean';
  return typeof value === (type === 'string' ? 'string' : 'number');
}

function wrong(path: string, expected: string, value: unknown): MeshError {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value;
  return new MeshError('ENCODE_FAILED', `${path}: expected ${expected}, got ${got}`);
}
