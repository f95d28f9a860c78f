import { MeshError } from '../core/errors.js';
import { PROTO_V1, PROTO_V2, SWITCH_CRC, VER1_CRC } from './frame.js';

/** The Bolt version that requests are written in: `v1`, `v2`, or `v2-crc`, which adds a checksum to every frame. */
export type BoltVersionName = 'v1' | 'v2' | 'v2-crc';

/** The numbers that a version puts into a frame. */
export interface BoltVersion {
  readonly proto: number;
  readonly ver1: number;
  readonly switch: number;
}

const VERSIONS: Readonly<Record<BoltVersionName, BoltVersion>> = {
  v1: { proto: PROTO_V1, ver1: 0, switch: 0 },
  v2: { proto: PROTO_V2, ver1: 1, switch: 0 },
  'v2-crc': { proto: PROTO_V2, ver1: VER1_CRC, switch: SWITCH_CRC },
};

/** @throws MeshError INVALID_ARGUMENT for an unknown name. */
export function versionOf(name: BoltVersionName): BoltVersion {
  if (Object.hasOwn(VERSIONS, name)) return VERSIONS[name];
  throw new MeshError('INVALID_ARGUMENT', `bolt is ${String(name)}, it must be v1, v2 or v2-crc`);
}
