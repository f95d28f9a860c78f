import { MeshError } from '../core/errors.js';
import { type Mode, modeOf } from '../mesh/mode.js';

/**
 * Where a server is announced. `registry`, `sidecar`: there alone. `both`: in the registry, and at the sidecar while there
 * is one. `auto`: at the sidecar while there is one, in the registry otherwise.
 */
export type Announce = 'auto' | 'registry' | 'sidecar' | 'both';

/** What was decided before the start. */
export interface AnnounceMode {
  readonly announce: Announce;
  /** What said so. */
  readonly because: string;
}

const ALL: readonly Announce[] = ['auto', 'registry', 'sidecar', 'both'];
/** What a mode other than `auto` leaves. */
const ONLY = { direct: 'registry', mesh: 'sidecar' } as const;

/**
 * `direct` is the registry alone and `mesh` the sidecar alone, whatever `announce` says: an operator may have to set the
 * environment against the code.
 * @throws MeshError INVALID_ARGUMENT for a value that is not known, or two options that contradict each other.
 */
export function announceModeOf(
  options: { mode?: Mode; announce?: Announce },
  env: Readonly<Record<string, string | undefined>>,
): AnnounceMode {
  const { announce = 'auto' } = options;
  const mode = modeOf(options.mode, env);
  if (!ALL.includes(announce)) throw invalid(`announce is ${String(announce)}, it must be ${ALL.join(', ')}`);
  if (mode === 'auto') return { announce, because: `announce is ${announce}` };
  const only = ONLY[mode];
  if (options.mode !== undefined && announce !== 'auto' && announce !== only) {
    throw invalid(
      `mode is ${mode}, which announces at the ${only} alone, but announce is ${announce}: leave one of them out`,
    );
  }
  return { announce: only, because: `mode is ${mode}` };
}

function invalid(what: string): MeshError {
  return new MeshError('INVALID_ARGUMENT', `MeshServer: ${what}`);
}
