import { BoltFraming } from '../bolt/framing.js';
import { MosnRelay } from '../bolt/relay.js';
import { versionOf } from '../bolt/version.js';
import type { Framing } from '../framing/framing.js';
import type { Relay } from '../framing/relay.js';

/**
 * The Bolt version that requests are written in: `v1` (the default, what Java's own clients send), `v2`, or `v2-crc`,
 * which adds a checksum to every frame. A MOSN sidecar cannot carry the checksum.
 */
export type BoltOption = 'v1' | 'v2' | 'v2-crc';

/** The framing of the scheme `bolt`. @throws MeshError INVALID_ARGUMENT for an unknown version. */
export function boltFraming(version: BoltOption = 'v1'): Framing {
  return new BoltFraming(versionOf(version));
}

/** What a sidecar is spoken to in by a client of that version: without a checksum, which MOSN's boltv2 does not carry (facts of the sidecar). */
export function sidecarVersion(version: BoltOption = 'v1'): 'v1' | 'v2' {
  return version === 'v1' ? 'v1' : 'v2';
}

/** How a sidecar with a listener of this version passes calls on. */
export function sidecarRelay(version: 'v1' | 'v2'): Relay {
  return new MosnRelay(version);
}
