import type protobufjs from 'protobufjs';
import { MeshError } from '../core/errors.js';

type Library = typeof protobufjs;

/** One JavaScript type for each protobuf type: 64-bit integers are bigints, enums their names, absent fields their defaults. */
export const READ: protobufjs.IConversionOptions = { longs: BigInt, enums: String, defaults: true };

/**
 * protobufjs, which is loaded when .proto files are: it is an optional peer dependency. Any version may be installed beside
 * the SDK, because apps have theirs for other purposes; so its version is judged here, by what it does.
 * @throws MeshError INVALID_ARGUMENT where it is missing, or has no bigints: those older than 8 have not.
 */
export async function protobufLibrary(
  load: () => Promise<{ default: Library }> = () => import('protobufjs'),
): Promise<Library> {
  const { default: library } = await load().catch((cause) => {
    throw unusable('could not be loaded', cause);
  });
  if (!hasBigints(library)) throw unusable('is too old: it does not read 64-bit integers as bigints');
  return library;
}

function hasBigints(library: Library): boolean {
  const type = library.parse('syntax = "proto3"; message M { int64 n = 1; }').root.lookupType('M');
  return type.toObject(type.decode(Buffer.from([0x08, 0x01])), READ).n === 1n;
}

function unusable(why: string, cause?: unknown): MeshError {
  const message = `loadProtobuf needs the package protobufjs, which ${why}: npm install protobufjs@8`;
  return new MeshError('INVALID_ARGUMENT', message, { cause });
}
