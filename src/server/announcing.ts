import type { Clock } from '../core/clock.js';
import type { Random } from '../core/random.js';
import { within } from '../core/within.js';
import { Registries } from '../discovery/registries.js';
import { Sidecar } from '../mesh/sidecar.js';
import { announceModeOf } from './announce-mode.js';
import { Announcer } from './announcer.js';
import type { Address } from './listener.js';
import { meetingOf } from './local-name.js';
import type { MeshServerOptions } from './options.js';
import { type LocalName, WorkerGroup } from './worker-group.js';

/** How long what was opened, registries and the sidecar's session, may take to close. */
const CLOSE_MS = 1_000;

export interface AnnouncingEnv {
  readonly clock: Clock;
  readonly random: Random;
  readonly warn: (text: string) => void;
  /** Where the processes meet that share a port. Default: the workers of node:cluster. */
  readonly meeting?: (bound: Address) => LocalName | undefined;
}

/** Where a server announces its services, with what was opened for that. */
export class Announcing {
  readonly announcer: Announcer;
  private readonly registries: Registries;
  /** The session with the sidecar, where it is not the user's. */
  private readonly ownSidecar: Sidecar | undefined;

  /** @throws MeshError INVALID_ARGUMENT for options against each other, or a registry that nothing can be announced at. */
  constructor(
    options: MeshServerOptions,
    private readonly env: AnnouncingEnv,
  ) {
    const { clock, random, warn, meeting = meetingOf } = env;
    const { app, registry, registries, logger } = options;
    this.registries = new Registries({ clock, random, app, warn, factories: registries });
    const open = registry === undefined ? [] : this.registries.open(registry);
    const mode = announceModeOf(options, process.env);
    const needsOwn = mode.announce !== 'registry' && options.sidecar === undefined;
    this.ownSidecar = needsOwn ? new Sidecar({ app, clock, random, logger }) : undefined;
    const session = mode.announce === 'registry' ? undefined : (options.sidecar ?? this.ownSidecar);
    const groupAt = (bound: Address, onChange: () => void) => {
      const name = meeting(bound);
      return name && new WorkerGroup({ name, clock, random, warn, onChange });
    };
    this.announcer = new Announcer({
      options,
      mode,
      registries: open,
      session,
      groupAt,
      clock,
      random,
      warn,
    });
  }

  /** Closes what was opened here. Resolves when that is done, or takes too long. */
  async close(): Promise<void> {
    const closed = Promise.all([this.registries.close(), this.ownSidecar?.close()]);
    await within(this.env.clock, CLOSE_MS, closed);
  }
}
