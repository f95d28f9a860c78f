import { PROTO_V1, PROTO_V2, SWITCH_CRC, VER1_CRC } from '../bolt/frame.js';
import type { BoltVersion } from './client-connection.js';

/** The numbers that each version puts into a frame; `v2-crc` has a checksum on every frame. */
export const BOLT_VERSIONS = {
  v1: { proto: PROTO_V1, ver1: 0, switch: 0 },
  v2: { proto: PROTO_V2, ver1: 1, switch: 0 },
  'v2-crc': { proto: PROTO_V2, ver1: VER1_CRC, switch: SWITCH_CRC },
} as const satisfies Readonly<Record<string, BoltVersion>>;
