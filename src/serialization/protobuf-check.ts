import type protobufjs from 'protobufjs';
import { MeshError } from '../core/errors.js';

const INT_LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-0x8000_0000, 0x7fff_ffff],
  sint32: [-0x8000_0000, 0x7fff_ffff],
  sfixed32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  fixed32: [0, 0xffff_ffff],
};
const LONG_LIMITS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sint64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  fixed64: [0n, 2n ** 64n - 1n],
};
/** What protobuf's readers take by default. */
const MAX_DEPTH = 100;

/**
 * Refuses a value that is not of the message's type. protobufjs would write something for it all the same: its own
 * `verify` knows no bigint and no enum names, and `fromObject` turns 'abc' into 0.
 * @throws MeshError ENCODE_FAILED with the path.
 */
export function checkMessage(type: protobufjs.Type, value: unknown, path: string, depth = 0): void {
  if (depth > MAX_DEPTH)
    throw new MeshError('ENCODE_FAILED', `${path.slice(0, 200)}...: nested deeper than ${MAX_DEPTH}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(path, type.fullName.slice(1), value);
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined || item === null) continue;
    const field = Object.hasOwn(type.fields, key) ? type.fields[key] : undefined;
    if (field === undefined) {
      throw new MeshError('ENCODE_FAILED', `${path}.${key}: ${type.fullName.slice(1)} has no such field`);
    }
    checkField(field.resolve(), item, `${path}.${key}`, depth);
  }
}

function checkField(field: protobufjs.Field, value: unknown, path: string, depth: number): void {
  if (field.map) {
    if (typeof value !== 'object' || value === null) throw wrong(path, 'an object of map entries', value);
    for (const [key, item] of Object.entries(value))
      checkValue(field, item, `${path}[${JSON.stringify(key)}]`, depth);
  } else if (field.repeated) {
    if (!Array.isArray(value)) throw wrong(path, 'an array', value);
    for (let i = 0; i < value.length; i++) checkValue(field, value[i], `${path}[${i}]`, depth);
  } else checkValue(field, value, path, depth);
}

function checkValue(field: protobufjs.Field, value: unknown, path: string, depth: number): void {
  const { resolvedType, type } = field;
  if (resolvedType !== null && 'values' in resolvedType) {
    // An enum, whichever copy of protobufjs made it.
    const known =
      typeof value === 'string' ? Object.hasOwn(resolvedType.values, value) : Number.isInteger(value);
    if (!known) throw wrong(path, `a constant of ${resolvedType.fullName.slice(1)}`, value);
  } else if (resolvedType !== null) checkMessage(resolvedType, value, path, depth + 1);
  else if (!isScalar(type, value)) throw wrong(path, type, value);
}

function isScalar(type: string, value: unknown): boolean {
  const longLimits = LONG_LIMITS[type];
  if (longLimits !== undefined) {
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) return false;
    return (value as bigint | number) >= longLimits[0] && (value as bigint | number) <= longLimits[1];
  }
  const limits = INT_LIMITS[type];
  if (limits !== undefined)
    return Number.isInteger(value) && (value as number) >= limits[0] && (value as number) <= limits[1];
  if (type === 'bytes') return value instanceof Uint8Array;
  if (type === 'bool') return typeof value === 'boolean';
  return typeof value === (type === 'string' ? 'string' : 'number');
}

function wrong(path: string, expected: string, value: unknown): MeshError {
  const got =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'an array'
        : typeof value === 'string'
          ? JSON.stringify(value.slice(0, 40))
          : typeof value;
  return new MeshError('ENCODE_FAILED', `${path}: expected ${expected}, got ${got}`);
}
