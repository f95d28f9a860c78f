import { MeshError } from '../core/errors.js';
import { BOLT_VERSIONS } from '../transport/bolt-version.js';
import type { BoltVersion } from '../transport/client-connection.js';

/**
 * The Bolt version that requests are written in: `v1` (the default, what Java's own clients send), `v2`, or `v2-crc`,
 * which adds a checksum to every frame. A MOSN sidecar cannot carry the checksum.
 */
export type BoltOption = 'v1' | 'v2' | 'v2-crc';

/** The numbers that a version puts into a frame. @throws MeshError INVALID_ARGUMENT for an unknown one. */
export function versionOf(option: BoltOption): BoltVersion {
  if (Object.hasOwn(BOLT_VERSIONS, option)) return BOLT_VERSIONS[option];
  throw new MeshError(
    'INVALID_ARGUMENT',
    `MeshClient: bolt is ${String(option)}, it must be v1, v2 or v2-crc`,
  );
}
