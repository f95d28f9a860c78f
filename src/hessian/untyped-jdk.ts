import { MeshError } from '../core/errors.js';
import { decodeFault, encodeFault } from './faults.js';
import { type FieldType, type Form, madeOf } from './jdk-type.js';
import { JDK_TYPES } from './jdk-types.js';
import { HandleCodec } from './typed-handle.js';
import type { HessianWriter } from './writer.js';

/** How the objects of a class are read. */
export interface JdkReading extends Pick<Form<unknown>, 'def' | 'types'> {
  make(...parts: readonly unknown[]): unknown;
}

const READINGS: ReadonlyMap<string, JdkReading> = new Map(
  JDK_TYPES.map(({ form: { def, types, make }, plain }) => [def.name, { def, types, make: plain ?? make }]),
);

/** How objects of this class on the wire are read, where they have a plain value of their own. */
export function jdkReading(className: string): JdkReading | undefined {
  return READINGS.get(className);
}

/**
 * The plain value of an object, from its fields in their plain form, which are not needed afterwards. Fields that do not
 * fit are DECODE_FAILED.
 */
export function jdkValue(
  { def, types, make }: JdkReading,
  names: readonly string[],
  values: unknown[],
): unknown {
  const parts = inOrder(def.fieldNames, names, values);
  for (let i = 0; i < types.length; i++) parts[i] = fieldValue(def.fieldNames[i], types[i], parts[i]);
  try {
    return madeOf(make, parts);
  } catch (error) {
    if (MeshError.is(error) && error.code === 'INVALID_ARGUMENT')
      throw decodeFault(`${def.name}: ${error.message}`);
    throw error;
  }
}

/** The values of the fields `wanted`, undefined for those that the peer left out. Mostly they are what it sent. */
function inOrder(wanted: readonly string[], names: readonly string[], values: unknown[]): unknown[] {
  let i = 0;
  while (i < wanted.length && wanted[i] === names[i]) i++;
  if (i === wanted.length && i === names.length) return values;
  return wanted.map((name) => {
    const at = names.indexOf(name);
    return at < 0 ? undefined : values[at];
  });
}

/** A field that the peer left out is 0 in Java where it is a number. */
function fieldValue(name: string, type: FieldType, got: unknown): unknown {
  if (typeof type !== 'string') {
    if (!type.is(got)) throw wrong(name, `a ${type.expected}`, got);
    return got;
  }
  switch (type) {
    case 'int':
    case 'double':
      if (got === undefined) return 0;
      if (typeof got !== 'number') throw wrong(name, 'a number', got);
      if (type === 'int' && (got | 0) !== got) throw wrong(name, 'int', got);
      return got;
    case 'text':
      if (typeof got !== 'string') throw wrong(name, 'string', got);
      return got;
    case 'long':
      if (typeof got === 'bigint') return got;
      if (got === undefined) return 0n;
      if (typeof got === 'number' && Number.isInteger(got)) return BigInt(got);
      throw wrong(name, 'long', got);
    case 'ints':
    case 'list':
      if (!Array.isArray(got)) throw wrong(name, 'an array', got);
      return got;
    case 'date':
    case 'any':
      return got ?? null;
  }
}

function wrong(name: string, expected: string, got: unknown): Error {
  return decodeFault(`field ${name}: expected ${expected}, got ${got === null ? 'null' : typeof got}`);
}

/**
 * The types that are known by their value, and what writes them. An offset is its own handle in the final grammar, too:
 * each of the two may stand for the other.
 */
const WRITTEN = JDK_TYPES.filter(({ kind }) => kind !== undefined).map((type) => ({
  is: type.is,
  codec: new HandleCodec(type, 'sofa', false),
}));

/** Writes a Decimal, java.time value, JavaClass or a bigint beyond 64 bits as the object that Java writes for it. */
export function writeJdk(w: HessianWriter, value: unknown): void {
  for (const { is, codec } of WRITTEN) {
    if (is(value)) {
      codec.write(w, value);
      return;
    }
  }
  const name = (value as object).constructor?.name || 'object';
  throw encodeFault(
    `an instance of ${name} has no Java form: pass a plain object, or say its class with java.object`,
  );
}
