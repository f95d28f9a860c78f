import { MeshError } from '../core/errors.js';

/**
 * `direct`: straight to the providers that registries name. `mesh`: through the sidecar, which does discovery and routing.
 * `auto`: through the sidecar where there is one, for as long as it is well, and directly otherwise.
 */
export type Mode = 'auto' | 'mesh' | 'direct';

export const MODES: readonly Mode[] = ['auto', 'mesh', 'direct'];

/** The environment's say where no option says the mode. */
export const MODE_VARIABLE = 'SOFA_MESH_MODE';

/** The option, else the environment's, else `auto`. @throws MeshError INVALID_ARGUMENT for anything else. */
export function modeOf(option: Mode | undefined, env: Readonly<Record<string, string | undefined>>): Mode {
  const text = option ?? (env[MODE_VARIABLE]?.trim().toLowerCase() || 'auto');
  if (MODES.includes(text as Mode)) return text as Mode;
  const name = option === undefined ? MODE_VARIABLE : 'mode';
  throw new MeshError('INVALID_ARGUMENT', `${name} is ${String(text)}, it must be ${MODES.join(', ')}`);
}
