import { PROTO_V1, PROTO_V2, SWITCH_CRC, VER1_CRC } from '../bolt/frame.js';
import { MeshError } from '../core/errors.js';
import type { BoltVersion } from '../transport/client-connection.js';

/**
 * The Bolt version that requests are written in: `v1` (the default, what Java's own clients send), `v2`, or `v2-crc`,
 * which adds a checksum to every frame. A MOSN sidecar cannot carry the checksum.
 */
export type BoltOption = 'v1' | 'v2' | 'v2-crc';

const VERSIONS: Readonly<Record<BoltOption, BoltVersion>> = {
  v1: { proto: PROTO_V1, ver1: 0, switch: 0 },
  v2: { proto: PROTO_V2, ver1: 1, switch: 0 },
  'v2-crc': { proto: PROTO_V2, ver1: VER1_CRC, switch: SWITCH_CRC },
};

/** The numbers that a version puts into a frame. @throws MeshError INVALID_ARGUMENT for an unknown one. */
export function versionOf(option: BoltOption): BoltVersion {
  if (Object.hasOwn(VERSIONS, option)) return VERSIONS[option];
  throw new MeshError(
    'INVALID_ARGUMENT',
    `MeshClient: bolt is ${String(option)}, it must be v1, v2 or v2-crc`,
  );
}
